package mysql

import (
	"strings"
	"testing"

	"dbtriage/collectors"
)

func TestEngineOf(t *testing.T) {
	for version, want := range map[string]engine{
		"10.11.19-MariaDB-0+deb12u1-log": {true, [3]int{10, 11, 19}},
		"5.5.5-10.4.2-MariaDB":           {true, [3]int{10, 4, 2}},
		"8.0.36":                         {false, [3]int{8, 0, 36}},
		"8.0.36-28":                      {false, [3]int{8, 0, 36}},
		"nonsense":                       {},
	} {
		if got := engineOf(version); got != want {
			t.Errorf("%s: %+v, want %+v", version, got, want)
		}
	}
}

// What servers of other versions are asked, and how their answers, as the manual of MySQL 8.0 shows
// them, are taken.
func TestWordsOfMySQL8(t *testing.T) {
	s := &Server{engine: engineOf("8.0.36"), settings: map[string]string{"performance_schema": "ON"}, seen: found{sessions: map[int64]int{}, metadata: 1}}
	for what, want := range map[string]string{
		askSessions(s): "performance_schema.processlist",
		askReplica(s):  "SHOW REPLICA STATUS",
		askRowWaits(s): "performance_schema.data_lock_waits",
		askIndexes(s):  "IS_VISIBLE",
	} {
		if !strings.Contains(what, want) {
			t.Errorf("%q does not ask for %s", what, want)
		}
	}
	if old := (&Server{engine: engineOf("5.7.44")}); askReplica(old) != "SHOW SLAVE STATUS" || !strings.Contains(askRowWaits(old), "INNODB_LOCK_WAITS") {
		t.Error("5.7 is asked in the words of 8.0")
	}
	if !metadataWaits(s) || metadataWaits(&Server{engine: engineOf("10.11.4-MariaDB"), seen: found{metadata: 1}}) {
		t.Error("metadata locks are asked for where the server does not tell, or not where it does")
	}

	var r collectors.Reading
	take := func(f func(*Server, *answer), rows ...row) { f(s, &answer{rows: rows, Reading: &r}) }
	take(takeSessions,
		row{"ID": "9", "USER": "app", "HOST": "10.0.0.5:51234", "DB": "shop", "COMMAND": "Query", "TIME": "3", "STATE": "executing", "INFO": "SELECT 1"},
		row{"ID": "12", "USER": "repl", "COMMAND": "Binlog Dump GTID", "TIME": "900"})
	take(takeReplica, row{"REPLICA_IO_RUNNING": "Yes", "REPLICA_SQL_RUNNING": "No", "CHANNEL_NAME": ""})
	take(takeInnoDBMetrics, row{"NAME": "trx_rseg_history_len", "COUNT": "1234"}, row{"NAME": "lock_deadlocks", "COUNT": "2"})
	take(takeRowWaits, row{"WAITING": "9", "BLOCKING": "11", "WAITED": "2500000", "IDLE": "0", "OBJECT": "shop.carts", "INDEX_NAME": "PRIMARY", "MODE": "X,REC_NOT_GAP"})
	for name, want := range map[string]float64{
		"sessions.all": 1, "replica.connected": 1, "replica.configured": 1, "replica.io_running": 1, "replica.sql_running": 0,
		"mysql.status.Innodb_history_list_length": 1234, "mysql.status.Innodb_deadlocks": 2, "locks.waits_for_idle": 0,
	} {
		if got, ok := value(r, name, ""); !ok || got != want {
			t.Errorf("%s is %v %v, want %v", name, got, ok, want)
		}
	}
	if _, known := value(r, "replica.lag", ""); known {
		t.Error("NULL became a lag")
	}
	want := collectors.Wait{Waiting: 9, Blocking: 11, Kind: "row", Object: "shop.carts", Index: "PRIMARY", Mode: "X,REC_NOT_GAP", WaitUS: 2_500_000}
	if len(r.Waits) != 1 || r.Waits[0] != want {
		t.Errorf("%+v", r.Waits)
	}
	if v := r.Sessions[0]; v.TimeUS != 3e6 || v.Client != "10.0.0.5:51234" || v.RowsExamined != collectors.Unknown {
		t.Errorf("%+v", v)
	}
}

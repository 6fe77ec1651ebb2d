package rules

import (
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
)

func TestMonitors(t *testing.T) {
	for sql, want := range map[string]bool{
		"show /*!50002 global */ status":          true,
		"SHOW GLOBAL STATUS LIKE 'Threads%'":      true,
		"show full processlist":                   true,
		"SHOW ENGINE INNODB STATUS":               true,
		"show slave status":                       true,
		"SHOW INDEX_STATISTICS":                   true,
		"show columns from orders":                false, // asked by frameworks, of one's own tables
		"show create table orders":                false,
		"select * from information_schema.TABLES": true,
		"select * from INFORMATION_SCHEMA.innodb_trx t join performance_schema.threads p on p.thread_id = t.trx_mysql_thread_id": true,
		"select user from mysql.user":                                         true,
		"select * from sys.innodb_lock_waits":                                 true,
		"select a from shop.orders o join mysql.help_topic h on h.name = o.a": false,
		"select a from orders where b = 1":                                    false,
		"insert into shop.log select * from information_schema.processlist":   false,
		"select 1":         false,
		"select @@version": false,
		"commit":           false,
		"select showtime from shows where status = 'processlist'": false,
	} {
		d := analyzers.NewDigest()
		fingerprint, id := analyzers.Fingerprint(sql)
		class := &analyzers.Class{Fingerprint: fingerprint, ID: id, Worst: analyzers.Example{SQL: sql}}
		class.Time.Add(1000)
		d.Classes[fingerprint] = class
		if got := monitors(&advise.Statements(d, 1)[0]); got != want {
			t.Errorf("%s (%s): %v", sql, fingerprint, got)
		}
	}
}

func TestMonitoringIsNoSubject(t *testing.T) {
	s := emptySnapshot("db")
	addClass(s.Digest, "select a from shop.orders where b = ?", analyzers.Read, 100, 1000)
	addClass(s.Digest, "select * from information_schema.tables", analyzers.Read, 100, 3000)
	m := factMap{}
	own := monitoringFacts(m, advise.Statements(s.Digest, 10), &s.Digest.Statements, analyzers.PlanNotesOf(s.Digest, s.Engine), 10)
	if len(own) != 1 || own[0].Class.Fingerprint != "select a from shop.orders where b = ?" {
		t.Errorf("%d statements are left", len(own))
	}
	if m["monitoring_share"] != 0.75 || m["monitoring_statement"] != "select * from information_schema.tables" {
		t.Errorf("%v", m)
	}
}

// What the server counts of joins without an index is the monitoring's own where the log of every statement has none.
func TestJoinsUnlogged(t *testing.T) {
	build := func(engine string, ownJoins, planKnown, floor int64) any {
		s := emptySnapshot("db")
		s.Engine.Name = engine
		own := addClass(s.Digest, "select a from shop.orders where b = ?", analyzers.Read, 100, floor)
		own.PlanKnown, own.FullJoins = planKnown, ownJoins
		watch := addClass(s.Digest, "select * from information_schema.tables", analyzers.Read, 100, 3000+floor)
		watch.PlanKnown, watch.FullJoins = 100, 100
		m := factMap{}
		monitoringFacts(m, advise.Statements(s.Digest, 10), &s.Digest.Statements, analyzers.PlanNotesOf(s.Digest, s.Engine), 10)
		return m["joins_unlogged"]
	}
	for _, c := range []struct {
		name, engine           string
		joins, planKnown, base int64
		want                   bool
	}{
		{"none but the monitoring's", "mysql", 0, 100, 1000, true},
		{"some", "mysql", 1, 100, 1000, false},
		{"plans are not logged", "mysql", 0, 0, 1000, false},
		{"plans are logged of some", "percona", 0, 50, 1000, false},
		{"plans are logged where they have something to tell", "mariadb", 0, 50, 1000, true},
		{"short statements are not logged", "mysql", 0, 100, 1_000_000, false},
	} {
		if got := build(c.engine, c.joins, c.planKnown, c.base); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

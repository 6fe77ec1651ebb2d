package session

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// What pt-stalk listed at an instant is shown at that instant: sessions, and who waits for whom.
func TestListsOfACapture(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"2026_11_22_22_57_26-processlist": `TS 1795388246.384459280 2026-11-22 22:57:26
*************************** 1. row ***************************
     Id: 4
   User: root
   Host: localhost
     db: mysql
Command: Query
   Time: 0
  State: starting
   Info: SHOW FULL PROCESSLIST
TS 1795388251.384560809 2026-11-22 22:57:31
*************************** 1. row ***************************
     Id: 6
   User: shop
   Host: 10.0.0.7:4031
     db: shop
Command: Sleep
   Time: 12
  State:
   Info: NULL
*************************** 2. row ***************************
     Id: 7
   User: shop
   Host: 10.0.0.7:4032
     db: shop
Command: Query
   Time: 5
  State: statistics
   Info: SELECT qty FROM stock WHERE product_id = 7 FOR UPDATE
`,
		"2026_11_22_22_57_26-lock-waits": `TS 1795388246.386701105 2026-11-22 22:57:26
TS 1795388251.385493772 2026-11-22 22:57:31
*************************** 1. row ***************************
requesting_trx_id: 217
   waiting_thread: 7
    waiting_query: SELECT qty FROM stock WHERE product_id = 7 FOR UPDATE
  blocking_thread: 6
   blocking_query: NULL
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	inputs, err := Inputs([]string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := StartBatch(context.Background(), inputs, BatchOptions{Options: Options{Workers: 1}, Rules: loadRules(t), Lang: "en", Look: Look{Cursor: collectors.NoTime}})
	defer s.Close()
	lists := func(st *State) (sessions []collectors.Session, waits []collectors.Wait) {
		for _, r := range st.Latest {
			if r.Role != "db" {
				t.Errorf("a list of %q", r.Role)
			}
			sessions, waits = append(sessions, r.Sessions...), append(waits, r.Waits...)
		}
		return sessions, waits
	}
	st := await(t, s, "the whole", func(st *State) bool { return st.Ended && st.Progress.Total == 0 })
	sessions, waits := lists(st)
	if len(sessions) != 2 || sessions[0].Command != "Sleep" || sessions[0].TimeUS != 12e6 || sessions[1].Client != "10.0.0.7:4032" || sessions[1].SQL == "" || sessions[1].TransactionUS != collectors.Unknown {
		t.Errorf("%+v", sessions)
	}
	if len(waits) != 1 || waits[0].Waiting != 7 || waits[0].Blocking != 6 || waits[0].Object != "stock" || waits[0].Kind != "row" || waits[0].WaitUS != collectors.Unknown {
		t.Errorf("%+v", waits)
	}
	cursor := st.From + 1e6
	s.Ask(Look{Cursor: cursor})
	st = await(t, s, "the look back", func(st *State) bool { return st.Look.Cursor == cursor && st.At == cursor })
	if sessions, waits = lists(st); len(sessions) != 1 || sessions[0].SQL != "SHOW FULL PROCESSLIST" || len(waits) != 0 {
		t.Errorf("before: %+v, %+v", sessions, waits)
	}
}

// A statement that changes the schema is an event where it first comes.
func TestSchemaChangesAreEvents(t *testing.T) {
	d := analyzers.NewDigest()
	for text, at := range map[string]int64{"alter table t add column n int": 5e6, "select ?": 6e6, "create index i on t (n)": 9e6} {
		fingerprint, id := analyzers.Fingerprint(text)
		c := &analyzers.Class{Fingerprint: fingerprint, ID: id, First: at, Last: at}
		if text == "select ?" {
			c.Kind = analyzers.Read
		}
		d.Classes[fingerprint] = c
	}
	l := newEventLog()
	l.statements(d)
	l.statements(d)
	if len(l.all) != 2 || l.all[0].Kind != "ddl" || l.all[0].At != 5e6 || !strings.HasPrefix(l.all[1].Text, "create index") {
		t.Errorf("%+v", l.all)
	}
}

// A file of deployments is on the time line; a line without a time is named.
func TestReadEvents(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deploys")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("# by the pipeline\n2026-11-22T13:56:52Z app r1842\n\n2026-11-22 14:00 cache flushed by hand\n2026-11-22T16:00:00+02:00 api r7\n")
	all, err := ReadEvents(path)
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	for i, want := range []Event{{1795355812e6, "deploy", "app r1842"}, {1795356000e6, "deploy", "cache flushed by hand"}, {1795356000e6, "deploy", "api r7"}} {
		if all[i] != want {
			t.Errorf("%+v, want %+v", all[i], want)
		}
	}
	write("2026-11-22T13:56:52Z app r1842\nyesterday: api\n")
	if _, err := ReadEvents(path); err == nil || !strings.Contains(err.Error(), "line 2:") {
		t.Errorf("%v", err)
	}
}

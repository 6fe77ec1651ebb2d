package ui

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/rules"
	"dbtriage/ui/session"
)

// serversState is liveState with two database servers, of which the second is in trouble. Both have a
// session 12.
var serversState = sync.OnceValue(func() *session.State {
	st := *liveState()
	series := analyzers.NewSeriesSet()
	servers := []string{"127.0.0.1:3306", "127.0.0.1:3307"}
	snapshot := &analyzers.Snapshot{Window: st.Diagnosis.Snapshot.Window, Digest: analyzers.NewDigest(), Series: series}
	st.Latest = st.Latest[:1:1]
	st.Sources = st.Sources[:1:1]
	for i, address := range servers {
		n := i + 1
		for at := st.From; at < st.To; at += 1e6 {
			add := func(name string, v float64) {
				series.Add(address, "db", collectors.Sample{At: at, Name: "mysql.status." + name, Value: v})
			}
			add("Questions", float64(n*100)*float64(at-st.From)/1e6)
			add("Threads_running", float64(10*n))
			add("Uptime", float64(86400*n))
		}
		snapshot.AddServer(analyzers.Server{Address: address, Logs: []string{fmt.Sprint("book", n)},
			Settings: map[string]string{"version": fmt.Sprintf("10.11.%d-MariaDB", n), "innodb_buffer_pool_size": fmt.Sprint(n << 30)}})
		source := collectors.ServerSource + address
		st.Sources = append(st.Sources, session.SourceState{Name: source, Kind: "mysql", State: "ok", Found: "named", LastAt: st.To})
		st.Latest = append(st.Latest, collectors.Reading{At: st.To, Source: source, Role: "db", Host: "127.0.0.1", Sessions: []collectors.Session{
			{ID: 12, User: fmt.Sprint("user", n), Command: "Query", SQL: fmt.Sprintf("UPDATE stock%c SET a = 1", 'a'+i), TimeUS: int64(n) * 1e6, TransactionUS: 1e6},
		}})
	}
	st.Latest[2].Sessions = append(st.Latest[2].Sessions, collectors.Session{ID: 13, User: "waiter", Command: "Query", SQL: "DELETE FROM stock", TimeUS: 4e6})
	st.Latest[2].Waits = []collectors.Wait{{Waiting: 13, Blocking: 12, Kind: "row", Object: "shop.stockb", WaitUS: 4e6}}
	st.Diagnosis = session.Diagnosis{Snapshot: snapshot, Judgement: rules.Judgement{
		Verdict: rules.Verdict{Layer: rules.LayerDatabase, SeenIn: rules.LayerDatabase, Confidence: 0.5, Since: collectors.NoTime, Summary: "127.0.0.1:3307: Row locks: 2 sessions wait."},
		Findings: []rules.Finding{
			{ID: "L01@127.0.0.1:3307", Rule: "L01", Server: "127.0.0.1:3307", Subject: rules.Subject{Kind: "global"}, Severity: rules.Critical, Layer: rules.LayerDatabase, Confidence: 0.5,
				Title: "127.0.0.1:3307: Row locks: 2 sessions wait", Advice: []rules.Advice{{Kind: "app", Rung: "app", Do: "Name the blockers"}}},
			{ID: "R02@127.0.0.1:3306", Rule: "R02", Server: "127.0.0.1:3306", Subject: rules.Subject{Kind: "global"}, Severity: rules.Warning, Layer: rules.LayerDatabase, Confidence: 0.5, Standing: true,
				Title: "127.0.0.1:3306: The binary log is off"},
		},
	}}
	return &st
})

// Of several servers the MySQL screen shows one at a time: its figures, settings, sessions, waits and
// findings, and which of how many it is.
func TestOneServerAtATime(t *testing.T) {
	a := shownApp(serversState(), 120, 40, Theme{})
	press(t, a, "3")
	first := func() {
		t.Helper()
		for _, text := range []string{"127.0.0.1:3306, 1 of 2, mariadb 10.11.1", "100/s", "1 GiB", "user1", "Nobody waits", " >127.0.0.1:3306 OK", "  127.0.0.1:3307 CRIT  Row locks: 2 sessions wait", "< > server"} {
			shows(t, a, text)
		}
		hides(t, a, "user2")
		hides(t, a, "200/s")
	}
	first()
	press(t, a, ">")
	for _, text := range []string{"127.0.0.1:3307, 2 of 2, mariadb 10.11.2", "200/s", "2 GiB", "user2", "12              BLOCKS", " >127.0.0.1:3307 CRIT"} {
		shows(t, a, text)
	}
	hides(t, a, "user1")
	st := *serversState() // what is new keeps what was chosen
	a.take(&st)
	shows(t, a, "2 of 2, mariadb")
	press(t, a, "7")
	shows(t, a, "of the database servers 127.0.0.1:3307")
	press(t, a, "3", ">")
	first()
	press(t, a, "<", "z")
	shows(t, a, "server 2 of 2")
	press(t, a, "esc", "1")
	shows(t, a, "A 127.0.0.1:3307: Name the blockers")
}

// A session that is open is not taken for that of another server with the same id.
func TestOtherServerClosesSession(t *testing.T) {
	a := shownApp(serversState(), 120, 40, Theme{})
	press(t, a, "3", ">")
	for i, p := range a.panels() {
		if p.name == "SESSIONS" {
			a.focus[a.screen] = i
		}
	}
	press(t, a, "enter")
	shows(t, a, "SESSION 1")
	press(t, a, "<")
	hides(t, a, "SESSION 1")
	shows(t, a, "user1")
}

// One server is shown as it is, and the key says that there is no other.
func TestOneServerHasNoOther(t *testing.T) {
	a := shownApp(liveState(), 120, 40, Theme{})
	press(t, a, "3")
	before := strings.Join(a.Lines()[:39], "\n")
	press(t, a, ">")
	shows(t, a, "no two database servers")
	if after := strings.Join(a.Lines()[:39], "\n"); after != before {
		t.Errorf("it changes:\n%s", after)
	}
}

// A server that gives no figures is told so, beside those that do.
func TestSilentServerAmongSeveral(t *testing.T) {
	st := *serversState()
	st.Latest = append([]collectors.Reading{}, st.Latest...)
	st.Latest[2].Samples = []collectors.Sample{{At: st.To, Name: "server.answers", Value: 0}}
	st.Sources = append([]session.SourceState{}, st.Sources...)
	st.Sources[2].State, st.Sources[2].Why = "lost", "connection refused"
	a := shownApp(&st, 120, 40, Theme{})
	press(t, a, "3")
	shows(t, a, "127.0.0.1:3307 LOST")
	shows(t, a, "100/s")
	press(t, a, ">")
	shows(t, a, "The server does not say now who waits for whom.")
	hides(t, a, "user2")
}

// A plan is asked of the server whose statement it is.
func TestPlanOfServer(t *testing.T) {
	v := newView(serversState(), Options{})
	v.chooseServer("127.0.0.1:3307")
	for log, want := range map[string]string{"book1": "127.0.0.1:3306", "book2": "127.0.0.1:3307", "slow.log": "127.0.0.1:3307"} {
		if got := v.serverOf(log); got != want {
			t.Errorf("%s is of %s", log, got)
		}
	}
	asked := ""
	a := demoApp(100, 30)
	a.options.Explain = func(_ context.Context, address, _, _ string) ([]string, [][]string, error) {
		asked = "by " + address
		return nil, nil, nil
	}
	press(t, a, "4")
	if cmd := a.askPlan(); cmd != nil {
		cmd()
	}
	if asked != "by " {
		t.Errorf("one server is asked %q", asked)
	}
}

// statementsState is serversState with a statement of each server, one of both, and a finding on the second's.
func statementsState() *session.State {
	st := *serversState()
	snapshot := *st.Diagnosis.Snapshot
	snapshot.Digest = analyzers.NewDigest()
	snapshot.Servers = append([]analyzers.Server{}, snapshot.Servers...)
	for i := range snapshot.Servers {
		d := analyzers.NewDigest()
		d.Statements.First, d.Statements.Last = st.From, st.To
		for n, sql := range []string{fmt.Sprintf("select a from only%d where b = ?", i+1), "select c from shared where d = ?"} {
			c := &analyzers.Class{ID: fmt.Sprintf("%d%dC0FFEE00000000", n*(i+1), n), Fingerprint: sql, Kind: analyzers.Read, First: st.From, Last: st.To}
			c.Worst.SQL, c.Worst.Source, c.Worst.Offset = strings.Replace(sql, "?", "1", 1), fmt.Sprint("book", i+1), -1
			if n == 1 {
				c.ID = "5A4ED00000000000"
			}
			for range 10 * (i + 1) {
				c.Time.Add(1000)
			}
			c.Databases.Add("shop", analyzers.Usage{Calls: c.Time.Count, TimeUS: c.Time.Sum})
			d.Statements.Count += c.Time.Count
			d.Statements.TimeUS += c.Time.Sum
			d.Classes[sql] = c
		}
		snapshot.Servers[i].Digest = d
		snapshot.Servers[i].Tables = []collectors.Table{{Schema: "shop", Name: "shared", DataBytes: int64(i+1) << 20, IndexBytes: 0}}
		snapshot.Digest.Merge(d.Clone())
	}
	st.Diagnosis.Snapshot = &snapshot
	st.Diagnosis.Judgement.Findings = append(st.Diagnosis.Judgement.Findings[:2:2], rules.Finding{ID: "Q02", Rule: "Q02", Server: "127.0.0.1:3307", Severity: rules.Critical, Layer: rules.LayerDatabase,
		Subject: rules.Subject{Kind: "query", ID: "5A4ED00000000000"}, Title: "127.0.0.1:3307: Query 5A4ED reads too much"})
	return &st
}

// Of several servers the Queries screen lists the statements of the one that is shown, with what was found of them
// there; the verdict's list and a statement opened from it are of all.
func TestQueriesOfOneServer(t *testing.T) {
	a := shownApp(statementsState(), 120, 40, Theme{})
	press(t, a, "4")
	for _, text := range []string{"127.0.0.1:3306, 1 of 2, 20 statements, 20ms", "only1", "1 MiB", "< > server"} {
		shows(t, a, text)
	}
	hides(t, a, "only2")
	press(t, a, ">")
	for _, text := range []string{"127.0.0.1:3307, 2 of 2, 40 statements, 40ms", "only2", "shared", "2 MiB"} {
		shows(t, a, text)
	}
	hides(t, a, "only1")
	press(t, a, "g", "/", "s", "h", "a", "r", "e", "d", "enter", "enter")
	shows(t, a, "QUERY 5A4ED00000000000")
	shows(t, a, "20 times")
	shows(t, a, "reads too much")
	shows(t, a, "server 2 of 2")
	press(t, a, "<") // it is not taken for the other's
	hides(t, a, "QUERY 5A4ED")
	press(t, a, "enter")
	shows(t, a, "10 times")
	hides(t, a, "reads too much")
	press(t, a, "esc", "esc", "6")
	for i, p := range a.panels() {
		if rows, _ := a.rows(&p); len(rows) > 0 {
			for k := range rows {
				if rows[k].Key == "Q02" {
					a.focus[a.screen] = i
					a.pick(&p).Cursor = k
				}
			}
		}
	}
	press(t, a, "enter") // of the server that the finding is of
	shows(t, a, "20 times")
	all := shownApp(statementsState(), 200, 50, Theme{})
	press(t, all, "1")
	shows(t, all, "only1")
	shows(t, all, "only2")
}

// Where no log tells whose its statements are, they are listed together, and the screen says so.
func TestQueriesOfNobody(t *testing.T) {
	st := statementsState()
	snapshot := *st.Diagnosis.Snapshot
	snapshot.Servers = append([]analyzers.Server{}, snapshot.Servers...)
	for i := range snapshot.Servers {
		snapshot.Servers[i].Digest = nil
	}
	st.Diagnosis.Snapshot = &snapshot
	a := shownApp(st, 120, 40, Theme{})
	press(t, a, "4", ">")
	for _, text := range []string{"of all servers: whose they are is not known, 60 statements", "only1", "only2"} {
		shows(t, a, text)
	}
}

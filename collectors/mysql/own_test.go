package mysql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/mysql/mysqltest"
)

// ownFigures are what readings themselves move most on a server.
var ownFigures = []string{"Created_tmp_tables", "Created_tmp_disk_tables", "Questions", "Queries", "Com_select", "Com_show_status", "Com_set_option", "Select_scan", "Select_full_join",
	"Sort_scan", "Handler_read_rnd_next", "Handler_write", "Bytes_received", "Slow_queries"}

// What we ask of a server is not told as its work, and what others ask is: all of it.
func TestOwnWork(t *testing.T) {
	m := mysqltest.Start(t, "--performance-schema=ON", "--long-query-time=0")
	shop(t, m)
	db := m.Open(t, "root", "")
	db.SetMaxOpenConns(1)
	ownFigures, tmp := ownFigures, "Created_tmp_tables"
	if !m.MySQL {
		tmp = "Created_tmp_disk_tables"
		ownFigures = append(slices.Clone(ownFigures), "Handler_tmp_write", "Rows_tmp_read")
	}
	s, now := statementReader(t, m), time.Now()
	read(t, s, now)
	first := read(t, s, now.Add(time.Second))
	grown := func(now collectors.Reading, name string) float64 {
		t.Helper()
		before, ok1 := value(first, "mysql.status."+name, "")
		after, ok2 := value(now, "mysql.status."+name, "")
		if !ok1 || !ok2 || after < before {
			t.Errorf("%s goes from %v to %v", name, before, after)
		}
		return after - before
	}
	last := first
	next := func(i int) {
		t.Helper()
		r := read(t, s, now.Add(time.Duration(i)*time.Second))
		for _, name := range ownFigures {
			before, _ := value(last, "mysql.status."+name, "")
			if after, ok := value(r, "mysql.status."+name, ""); !ok || after < before {
				t.Errorf("%s ran from %v back to %v", name, before, after)
			}
		}
		if s.seen.restarted {
			t.Error("the server is said to have been restarted")
		}
		last = r
	}
	for i := range 30 { // with all probes that come once in ten seconds
		next(2 + i)
	}
	for _, name := range ownFigures {
		if n := grown(last, name); n > 0 {
			t.Errorf("%s grew by %v on an idle server", name, n)
		}
	}
	if n := grown(last, "Bytes_sent"); n > 200_000 { // the size of what SHOW GLOBAL STATUS answers is counted nowhere
		t.Logf("Bytes_sent grew by %v", n)
	}

	for range 50 {
		mysqltest.Exec(t, db, "SELECT * FROM information_schema.PROCESSLIST")
	}
	next(40)
	next(41)
	for name, want := range map[string]float64{"Questions": 50, "Com_select": 50, tmp: 50, "Slow_queries": 50} {
		if n := grown(last, name); n < want || n > want+2 { // the driver asks once for itself
			t.Errorf("%s grew by %v, want %v", name, n, want)
		}
	}
	// Our session ends, by others' hands and by FLUSH STATUS: the counts go on.
	for i := range 4 {
		mysqltest.Exec(t, db, fmt.Sprintf("KILL CONNECTION %d", s.id))
		if _, err := s.Read(context.Background(), now.Add(time.Duration(50+10*i)*time.Second)); err == nil {
			t.Error("the session outlived KILL")
		}
		next(55 + 10*i)
		next(56 + 10*i)
	}
	if n := grown(last, tmp); n > 50+4*10 {
		t.Errorf("with new sessions %s grew to %v", tmp, n)
	}
	before := grown(last, tmp)
	for i := range 5 {
		next(100 + i)
	}
	if n := grown(last, tmp) - before; n > 0 {
		t.Errorf("in a new session %s grew by %v", tmp, n)
	}
}

// A counter that the server began anew is told as it counts from then on.
func TestOwnWorkReset(t *testing.T) {
	w := ownWork{now: map[string]float64{"QUESTIONS": 40}, ended: map[string]float64{"QUESTIONS": 10}}
	for i, step := range []struct{ all, ours, want float64 }{
		{150, 40, 100}, {153, 43, 100}, {150 + 3 + 7, 43, 107},
		{161, 50, 107}, // ours are known before the server's: it is not told to have done less
		{20, 52, 20}, {25, 54, 23},
	} {
		w.now["QUESTIONS"] = step.ours
		if got, _ := w.without("Questions", step.all); got != step.want {
			t.Errorf("%d: %v of %v are of others, want %v", i, got, step.all, step.want)
		}
	}
	if got, metric := w.without("Threads_connected", 7); got != 7 || metric != "mysql.status.Threads_connected" {
		t.Errorf("%v sessions of 7", got)
	}
	w.session([]pair{{"Questions", "3"}, {"Uptime", "9"}}) // reset by another session
	if w.ended["QUESTIONS"] != 64 || w.now["QUESTIONS"] != 3 || len(w.now) != 1 {
		t.Errorf("%+v", w)
	}
}

// Neither the digests nor the slow log tell what we ask, and both tell it when others ask the same.
func TestOwnStatements(t *testing.T) {
	for _, how := range [][]string{{"--performance-schema=ON"}, {"--log-output=TABLE", "--slow-query-log=ON", "--long-query-time=0"}} {
		t.Run(how[0], func(t *testing.T) {
			m := mysqltest.Start(t, append(how, "--loose-userstat=1")...)
			shop(t, m)
			db := m.Open(t, "root", "")
			db.SetMaxOpenConns(1)
			s, now := statementReader(t, m), time.Now()
			var all []collectors.Executions
			turn := func(n int) {
				for range n {
					now = now.Add(5 * time.Second)
					all = append(all, read(t, s, now).Executions...)
				}
			}
			turn(9)
			time.Sleep((logDelay + 1) * time.Second)
			turn(4)
			for _, e := range all {
				t.Errorf("%d times %s, session %d of %v", e.Count, e.SQL, e.ThreadID, s.own.sessions)
			}
			all = nil
			for range 6 {
				mysqltest.Exec(t, db, "SHOW GLOBAL STATUS", "SHOW GLOBAL VARIABLES", "SELECT 1")
			}
			time.Sleep((logDelay + 1) * time.Second)
			turn(4)
			count := map[string]int64{}
			for _, e := range all {
				count[strings.ToLower(string(e.SQL))] += e.Count
			}
			one := count["select 1"] + count["select ?"]
			if one != 6 || count["show global status"] < 5 || count["show global variables"] < 5 || len(count) > 4 {
				t.Errorf("%v", count)
			}
		})
	}
}

// A server that is stopped is slow at first, with the samples it gave till then, and then answers nothing.
func TestOverrun(t *testing.T) {
	m := mysqltest.Start(t)
	s := New(Config{User: "root", Socket: m.Socket, Timeout: 200 * time.Millisecond})
	defer s.Close()
	now := time.Now()
	for range 5 { // this machine may be busy
		if _, err := s.Read(context.Background(), now); err == nil {
			break
		}
		now = now.Add(time.Minute)
	}
	m.Signal(t, syscall.SIGSTOP)
	defer m.Signal(t, syscall.SIGCONT)
	r, err := s.Read(context.Background(), now.Add(time.Second))
	e, ok := err.(*collectors.SourceError)
	if !ok || !e.Slow || e.Provide == "" || !strings.Contains(err.Error(), "took over 300ms; the connection was given up") {
		t.Errorf("the server is stopped: %v", err)
	}
	wantValue(t, r, "server.answers", is(0))
	wantValue(t, r, "server.refused", is(0))
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	r, err = s.Read(ctx, now.Add(10*time.Second))
	if _, ok = err.(*collectors.SourceError); !ok || !strings.Contains(err.Error(), "takes connections and does not answer") {
		t.Errorf("the server is stopped: %v", err)
	}
	wantValue(t, r, "server.answers", is(0))
}

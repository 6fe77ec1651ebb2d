package session

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/errorlog"
	"dbtriage/collectors/mysql"
	"dbtriage/collectors/mysql/mysqltest"
	"dbtriage/collectors/recorded"
	"dbtriage/rules"
)

// A log is of the server that keeps it as its book, or of the one of this machine that is set to write it.
func TestOwnersOfLogs(t *testing.T) {
	h := newHistory()
	tick := &tick{At: 1e6}
	for address, file := range map[string]string{"127.0.0.1:3306": "slow.log", "/run/b.sock": "/var/log/b.log", "10.0.0.9:3306": "/var/log/remote.log"} {
		tick.Readings = append(tick.Readings, collectors.Reading{At: 1e6, Source: "mysql " + address, Role: "db",
			Settings: map[string]string{"datadir": "/data/", "slow_query_log_file": file}})
	}
	if err := h.add(tick); err != nil {
		t.Fatal(err)
	}
	b := h.serversUntil(collectors.NoTime)
	for log, want := range map[string]string{
		"performance_schema of mysql 10.0.0.9:3306": "10.0.0.9:3306", "mysql.slow_log of mysql /run/b.sock": "/run/b.sock",
		"/data/slow.log": "127.0.0.1:3306", "/var/log/b.log": "/run/b.sock", "/var/log/remote.log": "", "/var/log/nginx/access.log": "",
	} {
		got := ""
		if i := b.ownerOf(log); i >= 0 {
			got = b.all[i].Address
		}
		if got != want {
			t.Errorf("%s is of %q", log, got)
		}
	}
	for i := range b.all {
		b.all[i].Settings = map[string]string{"slow_query_log_file": "/var/log/same.log"}
	}
	if i := b.ownerOf("/var/log/same.log"); i >= 0 {
		t.Errorf("a log that two write to is of %s", b.all[i].Address)
	}
}

// serverTick is a tick of two servers on one machine, which have sessions of the same ids.
func serverTick(at int64, books []serverStatements) *tick {
	t := &tick{At: at}
	for i, address := range []string{"127.0.0.1:3306", "127.0.0.1:3307"} {
		n := int64(i + 1)
		r := collectors.Reading{
			At: at, Source: "mysql " + address, Host: "127.0.0.1", Role: "db",
			Samples:  []collectors.Sample{{At: at, Name: "mysql.status.Questions", Value: float64(n * at / 1e6)}},
			Settings: map[string]string{"version": "10.11.6-MariaDB", "innodb_buffer_pool_size": fmt.Sprint(n)},
			Tables:   []collectors.Table{{Schema: "shop", Name: "t", Rows: n}},
			Sessions: []collectors.Session{{ID: 7, User: fmt.Sprint("user", n)}},
			Book:     "performance_schema",
		}
		e := collectors.Executions{Count: 10 * n, Since: at - 1e6}
		e.SQL, e.End, e.QueryTime = []byte("SELECT a FROM t WHERE id = ?"), at, 1000*n
		r.Executions = []collectors.Executions{e}
		parts, _ := books[i].take(&r)
		t.Parts, t.Readings, t.Sources = append(t.Parts, parts...), append(t.Readings, r), append(t.Sources, books[i].state(r.Source))
	}
	return t
}

// Two servers on one machine are told apart: their series, settings, tables and statements; in a recording too.
func TestTwoServersOfOneMachine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "two.rec")
	rec, err := startRecording(recorded.RecorderOptions{File: file}, opening{Host: "here", Interval: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	h := newHistory()
	books := make([]serverStatements, 2)
	for i := int64(1); i <= 30; i++ {
		tick := serverTick(1795387200e6+i*1e6, books)
		if err := rec.write(tick, i == 30); err != nil {
			t.Fatal(err)
		}
		if err := h.add(tick); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.to.Close(); err != nil {
		t.Fatal(err)
	}
	all := analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}
	live, err := h.snapshotOf(all)
	if err != nil {
		t.Fatal(err)
	}
	replayed, err := ReadReplay(context.Background(), file, all)
	if err != nil {
		t.Fatal(err)
	}
	read, problems := Read(context.Background(), []Input{{Path: file}}, Options{Workers: 1})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for name, s := range map[string]*analyzers.Snapshot{"live": live, "replayed": replayed, "read": read} {
		if !s.Several() || len(s.Settings) != 0 || len(s.Tables) != 0 || s.Digest.Statements.Count != 900 || s.Engine.Name != "mariadb" {
			t.Errorf("%s: all: %v, %d statements, %v", name, s.Settings, s.Digest.Statements.Count, s.Engine)
		}
		for i, one := range s.Each() {
			n := int64(i + 1)
			if one.Settings["innodb_buffer_pool_size"] != fmt.Sprint(n) || len(one.Tables) != 1 || one.Tables[0].Rows != n || one.Digest.Statements.Count != 300*n {
				t.Errorf("%s: %s: %v, %+v, %d statements", name, one.Server, one.Settings, one.Tables, one.Digest.Statements.Count)
			}
			series := one.Series.Get(analyzers.SeriesKey{Host: one.Server, Role: "db", Name: "mysql.status.Questions"})
			if rate, ok := series.Rate(all, nil); !ok || rate != float64(n) {
				t.Errorf("%s: %s: %v questions a second", name, one.Server, rate)
			}
		}
	}
	beside := filepath.Join(t.TempDir(), "access.log")
	must(t, os.WriteFile(beside, []byte(requests(0, 5)), 0o600))
	if read, _ := Read(context.Background(), []Input{{Path: file}, {Path: beside}}, Options{Workers: 1}); read.Of("127.0.0.1:3307").Digest.Web.Count != 5 {
		t.Error("a server lacks the requests of another input")
	}
}

// Two real servers, of which one has a small buffer pool and a row that is waited for.
func TestTwoRealServers(t *testing.T) {
	small := mysqltest.Start(t, "--innodb-buffer-pool-size=16M")
	large := mysqltest.Start(t, "--innodb-buffer-pool-size=64M")
	opt := LiveOptions{Host: "here", Interval: 200 * time.Millisecond, Look: Look{Cursor: collectors.NoTime}, Rules: loadRules(t), Lang: "en"}
	address := map[*mysqltest.Server]string{}
	for _, server := range []*mysqltest.Server{small, large} {
		mysqltest.Exec(t, server.Open(t, "root", ""), "CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB", "INSERT INTO shop.t VALUES (1, 1)")
		one := mysql.New(mysql.Config{User: "root", Host: "127.0.0.1", Port: server.Port, Timeout: 5 * time.Second})
		address[server] = collectors.ServerOf(one.Name())
		opt.Feeds = append(opt.Feeds, Feed{Name: one.Name(), Kind: "mysql", Read: one.Read, Close: one.Close})
	}
	holder, err := small.Open(t, "root", "shop").Begin()
	if err != nil {
		t.Fatal(err)
	}
	mysqltest.Exec(t, holder, "UPDATE t SET n = 2 WHERE id = 1")
	waiter := small.Open(t, "root", "shop")
	waited := make(chan error, 1)
	go func() {
		_, err := waiter.Exec("UPDATE t SET n = 3 WHERE id = 1")
		waited <- err
	}()
	s, err := StartLive(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	waits := func(st *State, of *mysqltest.Server) (n int) {
		for i := range st.Latest {
			if r := &st.Latest[i]; r.Server() == address[of] {
				n += len(r.Waits)
			}
		}
		return n
	}
	st := await(t, s, "both servers and the wait", func(st *State) bool {
		d := st.Diagnosis.Snapshot
		return waits(st, small) == 1 && d.Several() && d.Of(address[small]).Settings["version"] != "" && d.Of(address[large]).Settings["version"] != "" &&
			slices.ContainsFunc(st.Diagnosis.Judgement.Findings, func(f rules.Finding) bool { return f.Server == address[small] })
	})
	if waits(st, large) != 0 {
		t.Error("the other server has the wait too")
	}
	for server, pool := range map[*mysqltest.Server]string{small: "16777216", large: "67108864"} {
		if got := st.Diagnosis.Snapshot.Of(address[server]).Settings["innodb_buffer_pool_size"]; got != pool {
			t.Errorf("the pool of %s is %s, not %s", address[server], got, pool)
		}
	}
	must(t, holder.Rollback())
	must(t, <-waited)
	s.Close()
	must(t, s.Wait())
}

// What the error log of one of two servers says is found on that one; of a log that neither is set to write
// nobody knows.
func TestErrorLogOfOneServer(t *testing.T) {
	for _, c := range []struct{ path, id string }{
		{"/var/lib/b/db.err", "E01@127.0.0.1:3307"},
		{"/elsewhere/db.err", "E01"},
	} {
		h := newHistory()
		books := make([]serverStatements, 2)
		for i := int64(1); i <= 30; i++ {
			at := 1795387200e6 + i*1e6
			tick := serverTick(at, books)
			for n, dir := range []string{"/var/lib/a", "/var/lib/b"} {
				tick.Readings[n].Settings["datadir"], tick.Readings[n].Settings["log_error"] = dir, "db.err"
			}
			tick.Readings = append(tick.Readings, collectors.Reading{At: at, Source: c.path, Role: errorlog.SeriesRole,
				Samples: []collectors.Sample{{At: at, Name: "mysql.error.corrupted", Value: float64(i / 30)}}})
			if err := h.add(tick); err != nil {
				t.Fatal(err)
			}
		}
		s, err := h.snapshot(Look{Cursor: collectors.NoTime})
		if err != nil {
			t.Fatal(err)
		}
		set, err := rules.Load()
		if err != nil {
			t.Fatal(err)
		}
		d, err := Judge(s, set, "en")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range d.Judgement.Findings {
			if f.Rule == "E01" {
				got = append(got, f.ID)
			}
		}
		if !slices.Equal(got, []string{c.id}) {
			t.Errorf("%s: %v", c.path, got)
		}
	}
}

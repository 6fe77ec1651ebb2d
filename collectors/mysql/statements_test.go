package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/mysql/mysqltest"
)

func statementReader(t testing.TB, m *mysqltest.Server) *Server {
	s := New(Config{User: "root", Socket: m.Socket, Host: "127.0.0.1", Timeout: 3 * time.Second, Statements: true})
	t.Cleanup(s.Close)
	return s
}

// of returns what was executed of the statements whose text holds a piece, added up.
func of(list []collectors.Executions, piece string) (sum collectors.Executions, text string) {
	for _, e := range list {
		if strings.Contains(string(e.SQL), piece) {
			sum.Count += e.Count
			sum.QueryTime += e.QueryTime
			sum.RowsExamined += e.RowsExamined
			sum.RowsSent += e.RowsSent
			sum.RowsAffected += e.RowsAffected
			sum.FullScans += e.FullScans
			sum.Filesorts += e.Filesorts
			text = string(e.SQL)
		}
	}
	return sum, text
}

func TestDigests(t *testing.T) {
	m := mysqltest.Start(t, "--performance-schema=ON")
	shop(t, m)
	byN, byID, list := "WHERE n = ?", "WHERE id = ?", "id IN (?)"
	if m.MySQL { // keeps a sample of each, with its literals
		byN, byID, list = "WHERE n = ", "WHERE id = ", "id IN (1, 2, 3)"
	}
	db := m.Open(t, "root", "shop")
	db.SetMaxOpenConns(1)
	mysqltest.Exec(t, db, "SELECT owner FROM carts WHERE n = 2") // before anyone looked
	s, now := statementReader(t, m), time.Now()
	if r := read(t, s, now); len(r.Executions) > 0 || r.Book != collectors.PerformanceSchema || len(r.Missing) > 0 {
		t.Fatalf("the first answer tells of %d, book %q, missing %+v", len(r.Executions), r.Book, r.Missing)
	}
	for range 7 {
		mysqltest.Exec(t, db, "SELECT owner FROM carts WHERE n = 2", "SELECT `owner` FROM shop.carts WHERE owner LIKE 'a%' AND id IN (1, 2, 3) ORDER BY n LIMIT 5")
	}
	mysqltest.Exec(t, db, "UPDATE carts SET owner = 'z' WHERE id < 3", "SELECT SLEEP(0.2)")
	if r := read(t, s, now.Add(time.Second)); len(r.Executions) > 0 || r.Book != "" {
		t.Error("the digests are asked for every second")
	}
	r := read(t, s, now.Add(11*time.Second))
	if sum, text := of(r.Executions, byN); sum.Count != 7 || sum.RowsSent != 7 || text != "SELECT owner FROM carts "+byN && text != "SELECT owner FROM carts WHERE n = 2" {
		t.Errorf("%+v %q", sum, text)
	}
	if sum, text := of(r.Executions, "LIKE"); sum.Count != 7 || sum.RowsExamined < 7 || !strings.Contains(text, " FROM shop.carts WHERE ") || !strings.Contains(text, list) {
		t.Errorf("%+v %q", sum, text)
	}
	if sum, _ := of(r.Executions, "UPDATE"); sum.Count != 1 || sum.RowsAffected != 2 {
		t.Errorf("%+v", sum)
	}
	if sum, _ := of(r.Executions, "SLEEP"); sum.QueryTime < 200_000 || sum.QueryTime > 5e6 {
		t.Errorf("sleeping for 0.2 s took %d µs", sum.QueryTime)
	}
	r = read(t, s, now.Add(22*time.Second))
	if sum, _ := of(r.Executions, byN); sum.Count != 0 {
		t.Errorf("%d were told twice", sum.Count)
	}
	mysqltest.Exec(t, db, "TRUNCATE TABLE performance_schema.events_statements_summary_by_digest", "SELECT owner FROM carts WHERE n = 2")
	r = read(t, s, now.Add(33*time.Second))
	if sum, _ := of(r.Executions, byN); sum.Count != 1 {
		t.Errorf("after the counters began anew: %+v", sum)
	}
	prepared, err := db.Prepare("SELECT owner FROM carts WHERE id = ?")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		var owner string
		if err := prepared.QueryRow(i%3 + 1).Scan(&owner); err != nil {
			t.Fatal(err)
		}
	}
	r = read(t, s, now.Add(44*time.Second))
	if sum, _ := of(r.Executions, byID); sum.Count < 200 && (len(r.Missing) != 1 || !strings.Contains(r.Missing[0].Why, "prepared")) {
		t.Errorf("%d of 200 were counted, and nothing is said of it: %+v", sum.Count, r.Missing)
	}
	read(t, s, now.Add(45*time.Second))
	s.uptime += 60 // as if it had run for longer: a restart is told by the seconds that the server is up
	m.Down(t)
	m.Up(t)
	if _, err := s.Read(context.Background(), now.Add(46*time.Second)); err == nil {
		t.Error("the connection outlived the server")
	}
	read(t, s, now.Add(time.Minute)) // of what ran before, nothing is known
	mysqltest.Exec(t, m.Open(t, "root", "shop"), "SELECT owner FROM carts WHERE n = 2", "SELECT owner FROM carts WHERE n = 3")
	r = read(t, s, now.Add(2*time.Minute))
	if sum, _ := of(r.Executions, byN); sum.Count != 2 {
		t.Errorf("after a restart: %+v", sum)
	}
}

// MySQL counts how long the statements of a digest took; MariaDB does not.
func TestStatementTimes(t *testing.T) {
	m := mysqltest.Start(t, "--performance-schema=ON")
	shop(t, m)
	db := m.Open(t, "root", "shop")
	db.SetMaxOpenConns(1)
	s, now := statementReader(t, m), time.Now()
	read(t, s, now)
	next := func(short, long int) (got collectors.Executions) {
		t.Helper()
		for range short {
			mysqltest.Exec(t, db, "SELECT SLEEP(0.002)")
		}
		for range long {
			mysqltest.Exec(t, db, "SELECT SLEEP(0.3)")
		}
		now = now.Add(11 * time.Second)
		for _, e := range read(t, s, now).Executions {
			if strings.Contains(string(e.SQL), "SLEEP") {
				got = e
			}
		}
		if got.Count != int64(short+long) {
			t.Errorf("%d of %d", got.Count, short+long)
		}
		return got
	}
	for i, e := range []collectors.Executions{next(40, 2), next(60, 3)} { // the first time all of it is new
		if !m.MySQL {
			if e.Times != nil {
				t.Errorf("%+v", e.Times)
			}
			continue
		}
		var n, long int64
		for _, c := range e.Times {
			if n += c.Count; c.US > 250_000 {
				long += c.Count
			} else if c.US < 1_900 {
				t.Errorf("%+v", c)
			}
		}
		if n != e.Count || long < int64(2+i) || long > e.Count/2 { // this machine may be busy
			t.Errorf("%d, %d of them long: %+v", n, long, e.Times)
		}
	}
	mysqltest.Exec(t, db, "SELECT owner FROM carts")
	if e := next(0, 1); m.MySQL && (len(e.Times) != 1 || e.Times[0].Count != 1) {
		t.Errorf("%+v", e.Times)
	}
}

func TestDigestsOff(t *testing.T) {
	m := mysqltest.Start(t, "--performance-schema=ON", "--performance-schema-consumer-statements-digest=OFF")
	r := read(t, statementReader(t, m), time.Now())
	i := slices.IndexFunc(r.Missing, func(m collectors.Missing) bool { return strings.Contains(m.Provide, "statements_digest") })
	if i < 0 {
		t.Errorf("nothing is said of the consumer: %+v", r.Missing)
	}
	m = mysqltest.Start(t, "--performance-schema=OFF")
	shop(t, m)
	s, now := statementReader(t, m), time.Now()
	read(t, s, now)
	mysqltest.Exec(t, m.Open(t, "root", "shop"), "SELECT owner FROM carts")
	r = read(t, s, now.Add(11*time.Second)) // a rate takes two answers
	if len(r.Missing) != 1 || !strings.Contains(r.Missing[0].Provide, "slow_query_log") {
		t.Errorf("missing %+v", r.Missing)
	}
	if _, told := value(r, "table.rows_read", "shop.carts"); told {
		t.Error("rows are told that nobody counts")
	}
}

// Whatever is written to the table while it is read is told once: by several sessions, long and short.
func TestSlowLogTable(t *testing.T) {
	m := mysqltest.Start(t, "--log-output=TABLE", "--slow-query-log=ON", "--long-query-time=0")
	shop(t, m)
	s, now := statementReader(t, m), time.Now()
	if r := read(t, s, now); len(r.Executions) > 0 || r.Book != collectors.SlowLogTable {
		t.Fatalf("%d of what was logged before, book %q", len(r.Executions), r.Book)
	}
	var wg sync.WaitGroup
	const sessions, each = 4, 500 // for longer than logDelay, so that several turns read them
	for i := range sessions {
		db := m.Open(t, "root", "shop")
		wg.Go(func() { run(t, db, i, each) })
	}
	done := make(chan bool)
	go func() { wg.Wait(); close(done) }()
	var all []collectors.Executions
	turn := func() {
		now = now.Add(11 * time.Second)
		all = append(all, read(t, s, now).Executions...)
	}
	for running := true; running; turn() {
		select {
		case <-done:
			running = false
		case <-time.After(20 * time.Millisecond):
		}
	}
	for deadline := time.Now().Add(30 * time.Second); len(all) < sessions*each && time.Now().Before(deadline); turn() { // this machine may be busy
		time.Sleep(time.Second)
	}
	time.Sleep((logDelay + 1) * time.Second)
	turn()
	for i := range sessions {
		for n := range each {
			if sum, _ := of(all, fmt.Sprintf("/* %d.%d */", i, n)); sum.Count != 1 {
				t.Fatalf("statement %d of session %d was told %d times", n, i, sum.Count)
			}
		}
	}
	long := slices.IndexFunc(all, func(e collectors.Executions) bool { return strings.Contains(string(e.SQL), "SLEEP(0.") })
	if e := all[long]; e.QueryTime < 100_000 || e.QueryTime > 20e6 || string(e.User) != "root" || string(e.Host) != "localhost" || string(e.Schema) != "shop" || e.ThreadID <= 0 {
		t.Errorf("%+v", e)
	}
	if e := all[len(all)-1]; e.End < time.Now().Add(-10*time.Minute).UnixMicro() || e.End > time.Now().Add(time.Second).UnixMicro() {
		t.Errorf("the last one ended at %v", time.UnixMicro(e.End))
	}
}

func run(t testing.TB, db *sql.DB, session, n int) {
	for i := range n {
		what := "1"
		if i%20 == 19 {
			what = "SLEEP(0.15)"
		}
		var v float64
		if err := db.QueryRow(fmt.Sprintf("SELECT %s /* %d.%d */", what, session, i)).Scan(&v); err != nil {
			t.Error(err)
			return
		}
	}
}

func TestTableUse(t *testing.T) {
	for _, how := range []string{"--loose-userstat=1", "--performance-schema=ON"} {
		t.Run(how, func(t *testing.T) {
			m := mysqltest.Start(t, how)
			shop(t, m)
			db := m.Open(t, "root", "shop")
			db.SetMaxOpenConns(1)
			s, now := reader(t, m, "root"), time.Now()
			if _, told := value(read(t, s, now), "table.rows_read", "shop.carts"); told {
				t.Error("a rate is told of one answer")
			}
			for range 20 {
				mysqltest.Exec(t, db, "SELECT owner FROM carts", "UPDATE carts SET owner = CONCAT(owner, 'x') WHERE id = 1")
			}
			db.Close() // userstat is added up when a session ends
			time.Sleep(300 * time.Millisecond)
			r := read(t, s, now.Add(11*time.Second))
			got, _ := value(r, "table.rows_read", "shop.carts")
			changed, ok := value(r, "table.rows_changed", "shop.carts")
			if !ok || got < 2*changed || changed <= 0 {
				t.Errorf("read %v, changed %v %v", got, changed, ok)
			}
			if _, timed := value(r, "table.io_wait", "shop.carts"); timed != (m.MySQL || strings.Contains(how, "schema")) {
				t.Errorf("waits are told: %v", timed)
			}
			r = read(t, s, now.Add(22*time.Second))
			if got, ok := value(r, "table.rows_read", "shop.carts"); !ok || got != 0 {
				t.Errorf("nobody read it since: %v %v", got, ok)
			}
			r = read(t, s, now.Add(33*time.Second))
			if _, ok := value(r, "table.rows_read", "shop.carts"); ok {
				t.Error("zeros are told again and again")
			}
		})
	}
}

func TestPlainDigest(t *testing.T) {
	for from, want := range map[string]string{
		"SELECT * FROM `t` WHERE `a` IN (...) AND `b` LIKE ? ORDER BY `a` LIMIT ? ":                    "SELECT * FROM t WHERE a IN (?) AND b LIKE ? ORDER BY a LIMIT ?",
		"INSERT INTO `t` ( `a` , `b` ) VALUES (...) /* , ... */ ":                                      "INSERT INTO t (a, b) VALUES (?)",
		"SELECT COUNT ( * ) , SUM ( `x` . `n` ) FROM `shop` . `order` `x` JOIN `t` `y` USING ( `id` )": "SELECT COUNT (*), SUM (x.n) FROM shop.`order` x JOIN t y USING (id)",
		"SELECT `a``b` , `two words` , `Upper` FROM `t`":                                               "SELECT `a``b`, `two words`, `Upper` FROM t",
		"SELECT @@ `session` . `tx_isolation`":                                                         "SELECT @@session.tx_isolation",
		"UPDATE `t` SET `a` = `a` + ? WHERE ID = ? AND `unterminated":                                  "UPDATE t SET a = a + ? WHERE id = ? AND `unterminated",
		"SELECT DISTINCTROW `c` FROM `sbtest1` WHERE `id` BETWEEN ? AND ? ORDER BY `c`":                "SELECT DISTINCTROW c FROM sbtest1 WHERE id BETWEEN ? AND ? ORDER BY c",
		"": "",
	} {
		want = strings.NewReplacer("COUNT (", "COUNT(", "SUM (", "SUM(").Replace(want)
		if got := plainDigest(from, strings.Contains(from, "ID")); got != want {
			t.Errorf("%s\n got %s\nwant %s", from, got, want)
		}
	}
}

// MySQL 8 keeps a statement of each digest as it was run; older servers and MariaDB do not.
func TestDigestsByEngine(t *testing.T) {
	for version, sample := range map[string]bool{"8.0.36": true, "8.4.2": true, "5.7.44-log": false, "10.11.6-MariaDB": false, "11.4.2-MariaDB": false} {
		s := &Server{engine: engineOf(version)}
		if q := askDigests(s); strings.Contains(q, "TEXT") || strings.Contains(q, "WHERE") {
			t.Errorf("%s: the first question is %s", version, q)
		}
		s.books.digests = map[digestKey]counted{}
		if q := askDigests(s); strings.Contains(q, "QUERY_SAMPLE_TEXT") != sample || !strings.Contains(q, "DIGEST_TEXT") || !strings.Contains(q, "LAST_SEEN >= ") {
			t.Errorf("%s: %s", version, q)
		}
		s.books.loggedTo = 1_795_423_158_996_691
		if q := askSlowLog(s); strings.Contains(q, "rows_affected") != s.engine.mariaDB || !strings.Contains(q, ">= 1795423158996691 ") {
			t.Errorf("%s: %s", version, q)
		}
	}
	s := &Server{engine: engineOf("8.0.36")}
	digest := row{"DIGEST_TEXT": "SELECT `a` FROM `t` WHERE `id` = ?", "QUERY_SAMPLE_TEXT": "SELECT a FROM t WHERE id = 7"}
	if got := s.textOf(digest); got != "SELECT a FROM t WHERE id = 7" {
		t.Error(got)
	}
	digest["QUERY_SAMPLE_TEXT"] += strings.Repeat(" ", sampleSize) // it may have been cut
	if got := s.textOf(digest); got != "SELECT a FROM t WHERE id = ?" {
		t.Error(got)
	}
	if c := countedIn(row{"COUNT_STAR": "3", "SUM_TIMER_WAIT": "18446744073709551615", "SUM_LOCK_TIME": "2000000"}, s.engine); c.lock != 2 || c.time != 18446744073709 || c.sent != 0 {
		t.Errorf("%+v", c)
	}
}

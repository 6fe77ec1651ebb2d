package analyzers

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dbtriage/collectors"
	"dbtriage/collectors/logs"
	"dbtriage/collectors/mysql"
)

// A logged statement is what a record says of it.
type logged struct {
	thread                         int64
	schema, sql                    string
	admin                          bool
	us, lock                       int64
	sent, examined, affected, rate int64
}

// A session is one connection and the marked statements that it sent, as the log should have them.
type session struct {
	conn   *sql.Conn
	thread int64
	schema string
	kinds  []sending
	want   []logged
	mySQL  bool
}

// A freshLog is the slow log of a server that lived through the test.
type freshLog struct {
	data  []byte
	table []logged // what the server's own table says
	mySQL bool
	sent  []logged // marked statements
}

var (
	freshOnce sync.Once
	fresh     *freshLog
)

// freshSlowLog makes a slow log once for all tests of the package.
func freshSlowLog(t *testing.T) *freshLog {
	t.Helper()
	freshOnce.Do(func() { fresh = makeFreshLog(t) })
	if fresh == nil {
		t.Skip("no fresh log: the test that makes it was skipped or failed")
	}
	return fresh
}

var verbosities = []string{"", "microtime", "query_plan", "innodb", "explain", "engine", "warnings",
	"query_plan,explain", "innodb,warnings", "query_plan,innodb,explain", "explain,warnings", "full"}

func makeFreshLog(t *testing.T) *freshLog {
	m := startMariaDB(t)
	f := &freshLog{mySQL: m.MySQL}
	marks := 0
	for life := range 2 {
		if life == 1 {
			m.stop(t)
			m.Up(t)
		}
		admin := m.open(t, false, "multiStatements=true")
		if life == 0 {
			must(t, admin, "DELIMITER", `CREATE DATABASE alpha; CREATE DATABASE `+"`be ta`"+`;
				CREATE TABLE alpha.t (id INT PRIMARY KEY AUTO_INCREMENT, v MEDIUMTEXT, KEY (v(20)));
				CREATE TABLE alpha.u (id INT PRIMARY KEY, n INT); CREATE TABLE alpha.b (v BLOB);
				CREATE TABLE `+"`be ta`"+`.t LIKE alpha.t; CREATE TABLE `+"`be ta`"+`.u LIKE alpha.u; CREATE TABLE `+"`be ta`"+`.b LIKE alpha.b`)
			for _, schema := range []string{"alpha", "`be ta`"} {
				must(t, admin, "procedure", "CREATE PROCEDURE "+schema+".p(x TEXT) BEGIN INSERT INTO t (v) VALUES (x); SELECT COUNT(*) FROM t; END")
			}
		}
		sessions := []*session{
			newSession(t, m.open(t, false, "multiStatements=true"), "alpha", "", slices.Concat(plainStatements, backslashStatements)),
			newSession(t, m.open(t, true, "multiStatements=true"), "be ta", "", slices.Concat(backslashStatements, binaryStatements, plainStatements)),
			newSession(t, m.open(t, true, "multiStatements=true"), "alpha", "sql_mode='NO_BACKSLASH_ESCAPES'", standardStatements),
			newSession(t, m.open(t, false, "multiStatements=true"), "be ta", "NAMES gbk", multibyteStatements),
		}
		for i, verbosity := range verbosities {
			if i%2 != life {
				continue
			}
			if verbosity == "microtime" && life == 0 {
				verbosity = ""
			}
			tellMore := func(s *session) {
				s.exec(t, "SET log_slow_verbosity = '"+strings.ReplaceAll(verbosity, "microtime", "")+"'")
			}
			if m.MySQL { // which knows more and less
				tellMore = func(s *session) { s.exec(t, fmt.Sprintf("SET GLOBAL log_slow_extra = %v", i%4 > 1)) }
			}
			for _, s := range sessions {
				s.mySQL = m.MySQL
			}
			talk(t, sessions, tellMore, &marks)
			if i == 4 {
				must(t, admin, "flush", "FLUSH SLOW LOGS")
			}
		}
		if life == 0 {
			sessions[0].send(t, sending{text: "INSERT INTO t (v) VALUES ('{m}')" + strings.Repeat(", ('it''s # 5 \\' \n# User; /* -- ')", 60_000) + ", ('" + forged + "')"}, &marks)
		}
		atOnce(t, m, &marks, f)
		byOtherMeans(t, m)
		for _, s := range sessions {
			f.sent = append(f.sent, s.want...)
			s.conn.Close()
		}
		must(t, admin, "end", "SET GLOBAL slow_query_log = OFF")
		if life == 1 {
			f.table = readTable(t, admin, m.MySQL)
		}
	}
	m.stop(t)
	data, err := os.ReadFile(m.log)
	if err != nil {
		t.Fatal(err)
	}
	f.data = data
	return f
}

func must(t *testing.T, db *sql.DB, what, text string) {
	t.Helper()
	if _, err := db.Exec(text); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func newSession(t *testing.T, db *sql.DB, schema, set string, kinds []sending) *session {
	t.Helper()
	s := &session{schema: schema, kinds: kinds}
	var err error
	if s.conn, err = db.Conn(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.exec(t, "USE `"+schema+"`")
	if set != "" {
		s.exec(t, "SET "+set)
	}
	if err := s.conn.QueryRowContext(context.Background(), "SELECT CONNECTION_ID()").Scan(&s.thread); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *session) exec(t testing.TB, text string) {
	t.Helper()
	if _, err := s.conn.ExecContext(context.Background(), text); err != nil {
		t.Errorf("%s: %v", text, err)
	}
}

// send has the server run a statement and remembers what the log should say. That the server finds
// fault with some is part of the test.
func (s *session) send(t testing.TB, k sending, marks *int) {
	*marks++
	mark := fmt.Sprintf("m%dm", *marks)
	_, err := s.conn.ExecContext(context.Background(), strings.ReplaceAll(k.text, "{m}", mark))
	if s.mySQL && (strings.HasPrefix(k.text, "PREPARE ") || mysql.Numbered(err, 1064)) {
		return // it logs "PREPARE s FROM ...", and nothing of what it does not understand
	}
	want := k.want
	if want == nil {
		want = []string{k.text}
	}
	for _, text := range want {
		text = strings.TrimLeft(strings.TrimRight(text, "; \t\r\n"), " \t\r\n")
		s.want = append(s.want, logged{thread: s.thread, schema: s.schema, sql: strings.ReplaceAll(text, "{m}", mark)})
	}
}

// talk has all sessions send their statements in turns, so that their records interleave.
func talk(t *testing.T, sessions []*session, tellMore func(*session), marks *int) {
	for _, s := range sessions {
		tellMore(s)
	}
	for i := 0; ; i++ {
		more := false
		for _, s := range sessions {
			if i < len(s.kinds) {
				more = true
				s.send(t, s.kinds[i], marks)
			}
		}
		if !more {
			return
		}
	}
}

// atOnce has several sessions write at the same time.
func atOnce(t *testing.T, m *mariaDB, marks *int, f *freshLog) {
	var wg sync.WaitGroup
	sessions := make([]*session, 6)
	for i := range sessions {
		sessions[i] = newSession(t, m.open(t, i%2 == 0, "multiStatements=true"), []string{"alpha", "be ta"}[i%2], "", nil)
		own := *marks + 1000*(i+1)
		wg.Go(func() {
			for j := range 100 {
				sessions[i].send(t, plainStatements[(j*7+i)%10], &own)
			}
		})
	}
	wg.Wait()
	*marks += 1000 * (len(sessions) + 1)
	for _, s := range sessions {
		f.sent = append(f.sent, s.want...)
		s.conn.Close()
	}
}

// byOtherMeans sends what is no plain text: prepared statements, administrator commands, and what
// the server's own client makes of a script.
func byOtherMeans(t *testing.T, m *mariaDB) {
	s := newSession(t, m.open(t, true, ""), "alpha", "", nil)
	defer s.conn.Close()
	for _, arg := range []any{7, nil, "it's", `back\slash'`, forged, []byte("\x00\xff\x5c'")} {
		if _, err := s.conn.ExecContext(context.Background(), "SELECT ?, 'prepared' FROM t WHERE id = ? OR v = ? LIMIT 1", 5, 6, arg); err != nil {
			t.Error(err)
		}
	}
	if err := s.conn.PingContext(context.Background()); err != nil {
		t.Error(err)
	}
	for program, script := range map[string]string{
		"mariadb":       "USE alpha\nSELECT 1;\nUSE `be ta`\nSELECT 2 \\G\nDELIMITER //\nSELECT 3; //\nUSE alpha//\nstatus\n",
		"mariadb-admin": "",
	} {
		args := []string{"--no-defaults", "-uroot", "-S", m.Socket}
		if script == "" {
			args = append(args, "ping", "status", "processlist", "flush-tables")
			if !m.MySQL { // 9 has no such command
				args = append(args, "refresh")
			}
		}
		cmd := exec.Command(program, args...)
		cmd.Stdin = strings.NewReader(script)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", program, err, out)
		}
	}
}

// readTable reads mysql.slow_log.
func readTable(t *testing.T, db *sql.DB, mySQL bool) (all []logged) {
	affected := "rows_affected"
	if mySQL {
		affected = "-1" // it does not tell
	}
	rows, err := db.Query(`SELECT thread_id, db, sql_text, FLOOR(TIME_TO_SEC(query_time)) * 1000000 + MICROSECOND(query_time),
		FLOOR(TIME_TO_SEC(lock_time)) * 1000000 + MICROSECOND(lock_time),
		rows_sent, rows_examined, ` + affected + ` FROM mysql.slow_log`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var l logged
		if err := rows.Scan(&l.thread, &l.schema, &l.sql, &l.us, &l.lock, &l.sent, &l.examined, &l.affected); err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return all
}

// readLogged reads every record of a slow log in order, in pieces of the given size.
func readLogged(t testing.TB, data []byte, chunk, workers int) ([]logged, logs.Result) {
	t.Helper()
	type open struct {
		logged
		inherits bool
	}
	parts := logs.Parts[*[]open]{
		New: func(int) *[]open { return &[]open{} },
		Sink: func(p *[]open) logs.Sink {
			return logs.Sink{Statement: func(s *collectors.Statement) {
				*p = append(*p, open{logged{s.ThreadID, string(s.Schema), string(s.SQL), s.Admin, s.QueryTime, s.LockTime,
					s.RowsSent, s.RowsExamined, s.RowsAffected, s.RateLimit}, s.SchemaInherited})
			}}
		},
		Append: func(total, part *[]open, schema string) {
			for _, l := range *part {
				if l.inherits {
					l.schema, l.inherits = schema, false
				}
				*total = append(*total, l)
			}
		},
	}
	got, res, err := logs.Scan(context.Background(), bytes.NewReader(data), logs.SlowLog(), logs.ScanOptions{Workers: workers, Chunk: chunk}, parts)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]logged, len(*got))
	for i, l := range *got {
		all[i] = l.logged
	}
	return all, res
}

var marker = regexp.MustCompile(`m\d+m`)

// Every marked statement of a real server's log is found once, in the order of its session, with
// exact text, schema and thread; and the log holds what the server's own table says, no more.
func TestFreshLog(t *testing.T) {
	f := freshSlowLog(t)
	got, res := readLogged(t, f.data, 0, 2)
	if res.Skipped > 0 {
		t.Errorf("skipped %v", res.Skips)
	}
	t.Logf("%d bytes, %d events, %d of them marked, warnings: %q", len(f.data), len(got), len(f.sent), res.Warnings)
	var marked []logged
	for _, l := range got {
		if marker.MatchString(l.sql) {
			marked = append(marked, logged{thread: l.thread, schema: l.schema, sql: l.sql})
		}
	}
	compareThreads(t, "sent", f.sent, marked, func(want, got logged) bool { return want == got })
	compareThreads(t, "table", f.table, got, sameInTable)
	for _, chunk := range []int{1 << 20, 100_000, 3001, 997} {
		if again, _ := readLogged(t, f.data, chunk, 2); !slices.Equal(got, again) {
			t.Errorf("pieces of %d bytes differ:\n%s", chunk, firstDifference(got, again))
		}
	}
}

// The classes of the log add up to its records, each counted under its own fingerprint.
func TestFreshLogClasses(t *testing.T) {
	f := freshSlowLog(t)
	all, _ := readLogged(t, f.data, 0, 1)
	compareClasses(t, f.data, all)
	var us, tableUS int64
	for _, l := range all {
		us += l.us
	}
	for _, row := range f.table {
		tableUS += row.us
	}
	if us != tableUS {
		t.Errorf("%d µs in the log, %d in the table", us, tableUS)
	}
}

// compareClasses holds the classes of a log to its records, each under its own fingerprint.
func compareClasses(t *testing.T, data []byte, all []logged) {
	t.Helper()
	type sum struct{ calls, us int64 }
	want := map[string]sum{}
	for _, l := range all {
		_, id := Fingerprint(l.sql)
		w := want[id]
		want[id] = sum{w.calls + 1, w.us + l.us}
	}
	got := map[string]sum{}
	for _, c := range scanFile(t, data, 2).Classes {
		g := got[c.ID]
		got[c.ID] = sum{g.calls + c.Time.Count, g.us + c.Time.Sum}
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(sum{})); diff != "" {
		t.Errorf("classes (-want +got):\n%s", diff)
	}
}

// sameInTable compares a row of the table with a record. The table holds the text in UTF-8, which
// loses what is none, and administrator commands with their semicolon.
func sameInTable(row, l logged) bool {
	row.sql = strings.TrimRight(row.sql, "; \t\r\n")
	row.admin, row.rate = l.admin, l.rate
	if row.schema == "" && l.affected < 0 { // MySQL logs what a session without a schema does as if it had the last one
		row.schema = l.schema
	}
	if j := strings.IndexFunc(l.sql, func(r rune) bool { return r > 0x7e || r == 0 }); j >= 0 {
		if len(row.sql) < j {
			return false
		}
		row.sql, l.sql = row.sql[:j], l.sql[:j]
	}
	return row == l
}

func firstDifference(want, got []logged) string {
	for i := range max(len(want), len(got)) {
		if a, b := at(want, i), at(got, i); a != b {
			return fmt.Sprintf("record %d (-want +got):\n%s", i, cmp.Diff(a, b, cmp.AllowUnexported(logged{})))
		}
	}
	return "none"
}

// compareThreads compares records thread by thread: sessions write in any order.
func compareThreads(t *testing.T, what string, want, got []logged, same func(want, got logged) bool) {
	t.Helper()
	threads := func(all []logged) map[int64][]logged {
		m := map[int64][]logged{}
		for _, l := range all {
			m[l.thread] = append(m[l.thread], l)
		}
		return m
	}
	w, g := threads(want), threads(got)
	if len(want) != len(got) {
		t.Errorf("%s: %d records, want %d", what, len(got), len(want))
	}
	if len(want) < 1000 {
		t.Errorf("%s: only %d records to compare", what, len(want))
	}
	for thread := range g {
		if _, ok := w[thread]; !ok {
			w[thread] = nil
		}
	}
	shown := 0
	for thread := range w {
		for i := range max(len(w[thread]), len(g[thread])) {
			a, b := at(w[thread], i), at(g[thread], i)
			if !same(a, b) {
				if shown++; shown < 10 {
					t.Errorf("%s: thread %d record %d (-want +got):\n%s", what, thread, i, cmp.Diff(a, b, cmp.AllowUnexported(logged{})))
				}
				break
			}
		}
	}
}

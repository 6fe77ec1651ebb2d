package scratch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/mysql"
	"dbtriage/collectors/mysql/mysqltest"
)

const schema = "dbtriage_test"

func config(m *mysqltest.Server, user string) mysql.Config {
	return mysql.Config{User: user, Socket: m.Socket, Host: "127.0.0.1"}
}

func options() Options {
	return Options{Schema: schema, Rows: 10_000, Statement: 20 * time.Second} // this machine may be busy
}

func open(t testing.TB, m *mysqltest.Server, opt Options) *Scratch {
	t.Helper()
	s, err := Open(context.Background(), config(m, "root"), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func fill(t testing.TB, s *Scratch, tables ...Wanted) []Copied {
	t.Helper()
	got, err := s.Copy(context.Background(), tables, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func number(t testing.TB, db *sql.DB, ask string, args ...any) (n int64) {
	t.Helper()
	if err := db.QueryRow(ask, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", ask, err)
	}
	return n
}

func exists(t testing.TB, db *sql.DB, name string) bool {
	t.Helper()
	return number(t, db, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?", name) == 1
}

// refused wants a refusal that says both of these.
func refused(t testing.TB, err error, why, provide string) {
	t.Helper()
	var no *Refusal
	if !errors.As(err, &no) || !strings.Contains(no.Why, why) || !strings.Contains(no.Provide, provide) {
		t.Errorf("%v: %+v\nwant %q, %q", err, no, why, provide)
	}
}

// The copy of a table has its rows, whatever it is called and made of, and neither triggers nor foreign keys.
func TestCopy(t *testing.T) {
	m, db := shared(t)
	odd := "sh`op'\"ü%"
	q := mysql.Quote(odd)
	mysqltest.Exec(t, db, "SET SESSION sql_mode = ''", "CREATE DATABASE "+q+" CHARACTER SET utf8mb4", "CREATE DATABASE other",
		"CREATE TABLE other.log (n INT)",
		"CREATE TABLE "+q+".`p``a'rent` (id INT PRIMARY KEY)",
		"INSERT INTO "+q+".`p``a'rent` VALUES (1), (2)",
		"CREATE TABLE "+q+".`wei\"rd, col` (`a, b``c` BIGINT UNSIGNED, k VARCHAR(20) CHARACTER SET latin1, parent INT, twice BIGINT AS (parent * 2) STORED, "+
			"half INT AS (parent DIV 2) VIRTUAL, hidden INT INVISIBLE DEFAULT 7, doc JSON, words TEXT, z DATE DEFAULT '0000-00-00', b BINARY(3), FULLTEXT(words), "+
			"PRIMARY KEY (`a, b``c`, k), FOREIGN KEY (parent) REFERENCES `p``a'rent` (id))",
		"CREATE TRIGGER "+q+".tr AFTER INSERT ON "+q+".`wei\"rd, col` FOR EACH ROW INSERT INTO other.log VALUES (1)",
		"INSERT INTO "+q+".`wei\"rd, col` (`a, b``c`, k, parent, hidden, doc, b) SELECT 18446744073709551615 - seq DIV 3, CONCAT('é', seq), 1 + seq % 2, seq, '{\"a\": \"ü\"}', UNHEX('00FF27') FROM "+mysqltest.Numbers(1, 7000),
		"CREATE TABLE "+q+".parts (id INT PRIMARY KEY, v INT) PARTITION BY HASH (id) PARTITIONS 4", "INSERT INTO "+q+".parts SELECT seq, seq FROM "+mysqltest.Numbers(1, 6000),
		"CREATE TABLE "+q+".kinds (k ENUM('b','a'), n INT, PRIMARY KEY (k, n))", "INSERT INTO "+q+".kinds SELECT IF(seq % 2, 'a', 'b'), seq FROM "+mysqltest.Numbers(1, 6000),
		"CREATE VIEW "+q+".view AS SELECT 1", "CREATE TABLE "+q+".merged (id INT PRIMARY KEY) ENGINE=MERGE UNION=()",
	)
	weird := "wei\"rd, col"
	opt := options()
	opt.Schema = "scr`atch'ü"
	s := open(t, m, opt)
	got := fill(t, s, Wanted{Schema: odd, Name: "p`a'rent"}, Wanted{Schema: odd, Name: weird}, Wanted{Schema: odd, Name: "parts"}, Wanted{Schema: odd, Name: "kinds"},
		Wanted{Schema: odd, Name: "view"}, Wanted{Schema: odd, Name: "merged"})
	for i, want := range []int64{2, 7000, 6000, 6000} {
		if c := got[i]; c.Rows != want || c.Of != want || c.Way != Whole || c.Refused != "" || !c.InnoDB {
			t.Errorf("%+v", c)
		}
	}
	if !strings.Contains(got[4].Refused, "view") || !strings.Contains(got[5].Refused, "engine") {
		t.Errorf("%+v", got[4:])
	}
	in := mysql.Quote(opt.Schema) + "." + mysql.Quote(weird)
	if n := number(t, db, "SELECT COUNT(*) FROM "+in+" AS a JOIN "+q+"."+mysql.Quote(weird)+" AS b USING (`a, b``c`, k) WHERE a.twice = b.twice AND a.half = b.half AND a.hidden = b.hidden AND a.doc = b.doc AND a.b = b.b AND a.z = b.z"); n != 7000 {
		t.Errorf("%d rows of 7000 are the same", n)
	}
	for _, ask := range []string{"SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?", "SELECT COUNT(*) FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ?"} {
		if n := number(t, db, ask, opt.Schema); n != 0 {
			t.Errorf("%s: %d", ask, n)
		}
	}
	if n := number(t, db, "SELECT COUNT(*) FROM other.log"); n != 7000 {
		t.Errorf("a trigger ran %d times", n-7000)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// By way of this program, as from another server, the rows are the same; the table is made from the dictionary.
	from := config(m, "root")
	opt.From = &from
	s = open(t, m, opt)
	got = fill(t, s, Wanted{Schema: odd, Name: weird}, Wanted{Schema: odd, Name: "parts"}, Wanted{Schema: odd, Name: "kinds"})
	for i, want := range []int64{7000, 6000, 6000} {
		if c := got[i]; c.Rows != want || c.Of != want || c.Way != Whole || c.Refused != "" {
			t.Errorf("%+v", c)
		}
	}
	same := "SELECT COUNT(*) FROM " + in + " AS a JOIN " + q + "." + mysql.Quote(weird) + " AS b USING (`a, b``c`, k) WHERE a.twice = b.twice AND a.half = b.half AND a.hidden = b.hidden AND a.doc = b.doc AND a.b = b.b AND a.z = b.z AND a.parent = b.parent"
	if n := number(t, db, same); n != 7000 {
		t.Errorf("%d rows of 7000 are the same", n)
	}
	if n := number(t, db, "SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", opt.Schema, weird); n != 3 {
		t.Errorf("%d columns are in its indexes, of 3: the primary key, and that of parent", n)
	}
}

// The server that the tests below share.
func shared(t *testing.T) (*mysqltest.Server, *sql.DB) {
	m := mysqltest.Start(t, "--general-log=1", "--general-log-file=general.log")
	db := m.Open(t, "root", "")
	db.SetMaxOpenConns(1)
	return m, db
}

func tables(t *testing.T, db *sql.DB) {
	mysqltest.Exec(t, db, "CREATE DATABASE shop",
		"CREATE TABLE shop.orders (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, customer INT NOT NULL, state VARCHAR(10), note VARCHAR(60))",
		"INSERT INTO shop.orders (customer, state, note) SELECT 1 + seq % 500, IF(seq % 100, 'done', 'open'), REPEAT('x', 60) FROM "+mysqltest.Numbers(1, 30000),
		"CREATE TABLE shop.lines (order_id INT UNSIGNED NOT NULL, n INT NOT NULL, item INT, PRIMARY KEY (order_id, n))",
		"INSERT INTO shop.lines SELECT 1 + seq DIV 2, seq % 2, seq FROM "+mysqltest.Numbers(0, 59999),
		"CREATE TABLE shop.words (w VARCHAR(20) PRIMARY KEY, n INT) COLLATE latin1_swedish_ci",
		"INSERT INTO shop.words SELECT CONCAT('w', LPAD(seq, 6, '0')), seq FROM "+mysqltest.Numbers(1, 12000),
		"CREATE TABLE shop.heap (a INT, b VARCHAR(5))", "INSERT INTO shop.heap SELECT seq, 'b' FROM "+mysqltest.Numbers(1, 12000),
		"ANALYZE TABLE shop.orders, shop.lines, shop.words, shop.heap")
}

// Of what is too large a sample is taken: from all over a numbered table, the partners of the rows that were
// taken, and the first ones of what can be sampled in no other way.
func TestSample(t *testing.T) {
	m, db := shared(t)
	tables(t, db)
	s := open(t, m, options())
	got := fill(t, s, Wanted{Schema: "shop", Name: "orders"}, Wanted{Schema: "shop", Name: "lines", Column: "order_id", Partner: "orders", PartnerColumn: "id"},
		Wanted{Schema: "shop", Name: "words"}, Wanted{Schema: "shop", Name: "heap"}, Wanted{Schema: "shop", Name: "nope"})
	for i, want := range []Way{Strided, Partners, First, First} {
		c := got[i]
		if c.Way != want || c.Refused != "" || c.Rows != number(t, db, "SELECT COUNT(*) FROM "+schema+"."+c.Name) || c.Rows > 10_000 || c.Rows < 9_000 || c.Of < 11_000 {
			t.Errorf("%+v", c)
		}
	}
	if got[4].Refused == "" {
		t.Errorf("%+v", got[4])
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	opt, from := options(), config(m, "root")
	opt.From = &from
	s = open(t, m, opt)
	again := fill(t, s, Wanted{Schema: "shop", Name: "orders"}, Wanted{Schema: "shop", Name: "lines", Column: "order_id", Partner: "orders", PartnerColumn: "id"},
		Wanted{Schema: "shop", Name: "words"}, Wanted{Schema: "shop", Name: "heap"})
	for i, c := range again {
		if c != got[i] {
			t.Errorf("by way of this program %+v, within the server %+v", c, got[i])
		}
	}
	if span := number(t, db, "SELECT MAX(id) - MIN(id) FROM "+schema+".orders"); span < 29_000 {
		t.Errorf("the sample spans %d of 30000 ids", span)
	}
	if lost := number(t, db, "SELECT COUNT(*) FROM "+schema+".lines l LEFT JOIN "+schema+".orders o ON o.id = l.order_id WHERE o.id IS NULL"); lost != 0 {
		t.Errorf("%d rows without the row that they belong to", lost)
	}
}

// A key may begin below zero, end at the greatest number there is, and have holes.
func TestStrides(t *testing.T) {
	m, db := shared(t)
	mysqltest.Exec(t, db, "CREATE DATABASE shop", "CREATE TABLE shop.low (id INT, n INT, PRIMARY KEY (id, n))", "INSERT INTO shop.low SELECT CAST(seq AS SIGNED) - 15000, 1 FROM "+mysqltest.Numbers(1, 20000),
		"CREATE TABLE shop.high (id BIGINT UNSIGNED PRIMARY KEY)", "INSERT INTO shop.high SELECT 18446744073709551615 - seq FROM "+mysqltest.Numbers(0, 14999),
		"CREATE TABLE shop.holes (id BIGINT PRIMARY KEY)", "INSERT INTO shop.holes SELECT seq FROM "+mysqltest.Numbers(1, 12000), "INSERT INTO shop.holes SELECT 1000000000 + seq FROM "+mysqltest.Numbers(1, 12000),
		"ANALYZE TABLE shop.low, shop.high, shop.holes")
	s := open(t, m, options())
	got := fill(t, s, Wanted{Schema: "shop", Name: "low"}, Wanted{Schema: "shop", Name: "high"}, Wanted{Schema: "shop", Name: "holes"})
	for i, least := range []int64{9_900, 9_900, 5_000} {
		if c := got[i]; c.Way != Strided || c.Rows < least || c.Rows > 10_000 || c.Refused != "" {
			t.Errorf("%+v", c)
		}
	}
	if n := number(t, db, "SELECT COUNT(*) FROM "+schema+".high WHERE id = 18446744073709551615 - 14999"); n != 1 {
		t.Error("the sample does not begin where the key does")
	}
	refused(t, s.room(context.Background(), 1<<60), "MB free", "--rows")
}

// Every statement that changes something names the scratch schema as what it changes: the server's own log says so.
func TestOnlyScratchIsWritten(t *testing.T) {
	m, db := shared(t)
	tables(t, db)
	mysqltest.Exec(t, db, "SET GLOBAL general_log = 0")
	if err := os.Truncate(filepath.Join(m.Dir, "data", "general.log"), 0); err != nil {
		t.Fatal(err)
	}
	mysqltest.Exec(t, db, "SET GLOBAL general_log = 1")
	s := open(t, m, options())
	fill(t, s, Wanted{Schema: "shop", Name: "orders"}, Wanted{Schema: "shop", Name: "lines", Column: "order_id", Partner: "orders", PartnerColumn: "id"}, Wanted{Schema: "shop", Name: "words"})
	ctx := context.Background()
	x := collectors.Index{Name: "ix`state", Columns: []collectors.IndexColumn{{Name: "state", Prefix: 4}, {Name: "id", Desc: true}}}
	if _, err := s.AddIndex(ctx, "orders", x); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"SELECT * FROM orders WHERE state = 'open'", "DELETE FROM orders", "UPDATE shop.orders SET state = ''", "SELECT 1; DROP TABLE shop.orders",
		"SELECT * FROM orders INTO OUTFILE '" + m.Dir + "/out'"} {
		_, err := s.Measure(ctx, statement)
		if reads := strings.HasSuffix(statement, "'open'"); reads != (err == nil) && !strings.Contains(statement, "OUTFILE") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	if err := s.DropIndex(ctx, "orders", x.Name); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	mysqltest.Exec(t, db, "SET GLOBAL general_log = 0")
	if exists(t, db, schema) || number(t, db, "SELECT COUNT(*) FROM shop.orders") != 30_000 || number(t, db, "SELECT COUNT(*) FROM shop.orders WHERE state = 'open'") != 300 {
		t.Error("the schema is still there, or the source was changed")
	}
	log, err := os.ReadFile(filepath.Join(m.Dir, "data", "general.log"))
	if err != nil {
		t.Fatal(err)
	}
	// What the read-only session was asked to do stands in the log too, and was refused: those statements are
	// the test's own, behind ANALYZE FORMAT=JSON.
	writing := regexp.MustCompile(`Query\t((?:CREATE|DROP|INSERT|REPLACE|ALTER|UPDATE|DELETE|TRUNCATE|RENAME|LOAD|GRANT|ANALYZE TABLE|OPTIMIZE|FLUSH|KILL|CALL|SET GLOBAL)\b.*)`)
	named := regexp.MustCompile("^(CREATE DATABASE|DROP DATABASE|CREATE TABLE|DROP TABLE|INSERT INTO|ALTER TABLE|ANALYZE TABLE) `" + schema + "`(\\.| |$)")
	n := 0
	for _, found := range writing.FindAllStringSubmatch(string(log), -1) {
		if text := found[1]; text != "SET GLOBAL general_log = 0" && text != "SET GLOBAL general_log = 1" {
			if n++; !named.MatchString(text) {
				t.Errorf("not in the scratch schema: %s", text)
			}
		}
	}
	if n < 200 {
		t.Errorf("only %d statements that write were found in the log", n)
	}
}

// Nothing but write runs a statement on the session that may write, apart from session settings.
func TestOneFunctionWrites(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, line := range strings.Split(string(text), "\n") {
			if strings.Contains(line, "writer.Exec") || strings.Contains(line, "writer.Prepare") || strings.Contains(line, "writer.BeginTx") || strings.Contains(line, "writer.Raw") {
				found = append(found, name)
			}
		}
	}
	if !slices.Equal(found, []string{"write.go"}) {
		t.Errorf("statements on the writing session are run in %q", found)
	}
}

// What is composed is refused until the schema is known to be ours, and for schemas of the server always.
func TestTarget(t *testing.T) {
	for _, c := range []struct {
		s     Scratch
		v     verb
		table string
		want  string
	}{
		{Scratch{opt: Options{Schema: "x"}}, createSchema, "", "CREATE DATABASE `x`"},
		{Scratch{opt: Options{Schema: "x"}}, dropSchema, "", ""},
		{Scratch{opt: Options{Schema: "x"}}, insertInto, "t", ""},
		{Scratch{opt: Options{Schema: "x"}, ours: true}, insertInto, "t", "INSERT INTO `x`.`t`"},
		{Scratch{opt: Options{Schema: "x`y"}, ours: true}, alterTable, "a`.`b", "ALTER TABLE `x``y`.`a``.``b`"},
		{Scratch{opt: Options{Schema: "x"}, ours: true}, insertInto, "", ""},
		{Scratch{opt: Options{Schema: "x"}, ours: true}, dropSchema, "t", ""},
		{Scratch{opt: Options{Schema: "MySQL"}, ours: true}, dropSchema, "", ""},
		{Scratch{ours: true}, dropSchema, "", ""},
	} {
		got, err := c.s.target(c.v, c.table)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s %s: %q, %v; want %q", c.v, c.table, got, err, c.want)
		}
	}
}

// A schema that others made is left as it is.
func TestForeign(t *testing.T) {
	m, db := shared(t)
	ctx := context.Background()
	mysqltest.Exec(t, db, "CREATE DATABASE mine", "CREATE TABLE mine.t (a INT)", "INSERT INTO mine.t VALUES (1)", "CREATE DATABASE bare")
	for _, name := range []string{"mine", "bare", "mysql", "INFORMATION_SCHEMA"} {
		opt := options()
		opt.Schema = name
		_, err := Open(ctx, config(m, "root"), opt)
		refused(t, err, "", "name a schema that does not exist")
	}
	if number(t, db, "SELECT a FROM mine.t") != 1 || !exists(t, db, "bare") {
		t.Error("it was touched")
	}
	// One that an earlier run left behind is dropped and made anew, unless somebody put something into it.
	s := open(t, m, options())
	_, err := Open(ctx, config(m, "root"), options())
	refused(t, err, "another dbtriage is using", "wait")
	s.ours = false // as if it had died
	if err := s.Close(); err != nil || !exists(t, db, schema) {
		t.Fatal(err)
	}
	mysqltest.Exec(t, db, "CREATE TABLE "+schema+".own (a INT)")
	_, err = Open(ctx, config(m, "root"), options())
	refused(t, err, "it holds own", "")
	mysqltest.Exec(t, db, "DROP TABLE "+schema+".own")
	s = open(t, m, options())
	if len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "left") {
		t.Errorf("%q", s.Notes)
	}
	mysqltest.Exec(t, db, "CREATE TABLE "+schema+".own (a INT)")
	refused(t, s.Close(), "it holds own", "DROP DATABASE `"+schema+"`")
	if !exists(t, db, schema) {
		t.Error("a schema with somebody's table was dropped")
	}
}

// Whatever ends the work, the schema goes.
func TestGone(t *testing.T) {
	m, db := shared(t)
	tables(t, db)
	ctx, cancel := context.WithCancel(context.Background())
	s, err := Open(ctx, config(m, "root"), options())
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Copy(ctx, []Wanted{{Schema: "shop", Name: "words"}, {Schema: "shop", Name: "orders"}}, func(table string) {
		if table == "shop.orders" {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || !exists(t, db, schema) {
		t.Errorf("%v", err)
	}
	if err := s.Close(); err != nil || exists(t, db, schema) {
		t.Errorf("after it was ended: %v", err)
	}
	s = open(t, m, options())
	fill(t, s, Wanted{Schema: "shop", Name: "words"})
	var id int64
	if err := s.writer.QueryRowContext(context.Background(), "SELECT CONNECTION_ID()").Scan(&id); err != nil {
		t.Fatal(err)
	}
	mysqltest.Exec(t, db, fmt.Sprintf("KILL %d", id))
	if _, err := s.AddIndex(context.Background(), "words", collectors.Index{Name: "i", Columns: []collectors.IndexColumn{{Name: "n"}}}); err == nil {
		t.Error("the session was not lost")
	}
	if err := s.Close(); err != nil || exists(t, db, schema) {
		t.Errorf("after its session was lost: %v", err)
	}
}

// Servers that are not to be written to, and users that may not, are told what would help.
func TestRefusals(t *testing.T) {
	m := mysqltest.Start(t, "--log-bin", "--server-id=1")
	db := m.Open(t, "root", "")
	mysqltest.Exec(t, db, "CREATE DATABASE shop", "CREATE TABLE shop.t (a INT PRIMARY KEY)", "INSERT INTO shop.t SELECT seq FROM "+mysqltest.Numbers(1, 2000), "CREATE USER low@localhost, `o'dd`@`%`")
	ctx := context.Background()
	_, err := Open(ctx, config(m, "low"), options())
	right, change, reset := "BINLOG ADMIN", "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_USER='x'", "RESET SLAVE ALL"
	if m.MySQL {
		right, change, reset = "SESSION_VARIABLES_ADMIN", "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_USER='x'", "RESET REPLICA ALL"
	}
	refused(t, err, "binary log is on", "GRANT "+right+" ON *.* TO 'low'@'localhost'; or, where replicas may have it, --allow-binlog")
	mysqltest.Exec(t, db, "GRANT "+right+" ON *.* TO low@localhost, `o'dd`@`%`")
	_, err = Open(ctx, config(m, "o'dd"), options())
	refused(t, err, "create database", `GRANT SELECT, INSERT, CREATE, DROP, ALTER, INDEX ON `+"`dbtriage\\_test`"+`.* TO 'o''dd'@'%';`)
	mysqltest.Exec(t, db, "GRANT SELECT, INSERT, CREATE, DROP, ALTER, INDEX ON `dbtriage\\_test`.* TO low@localhost", "GRANT REFERENCES ON *.* TO low@localhost")
	s, err := Open(ctx, config(m, "low"), options())
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Copy(ctx, []Wanted{{Schema: "shop", Name: "t"}}, func(string) {})
	refused(t, err, "SELECT command denied", "GRANT SELECT ON `shop`.* TO 'low'@'localhost';")
	mysqltest.Exec(t, db, "GRANT SELECT ON shop.* TO low@localhost")
	if err := s.Close(); err != nil || exists(t, db, schema) {
		t.Errorf("%v", err)
	}
	// With what was granted it works, and nothing of it is in the binary log.
	if s, err = Open(ctx, config(m, "low"), options()); err != nil {
		t.Fatal(err)
	}
	if got := fill(t, s, Wanted{Schema: "shop", Name: "t"}); got[0].Rows != 2000 || got[0].Way != Whole {
		t.Errorf("%+v", got)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	logs, err := filepath.Glob(filepath.Join(m.Dir, "data", "*-bin.0*"))
	if err != nil || len(logs) == 0 {
		t.Fatal("no binary log", err)
	}
	for _, name := range logs {
		text, err := os.ReadFile(name)
		if err != nil || strings.Contains(string(text), "CREATE DATABASE `"+schema) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Where replicas may have it, it goes to the binary log, unless that would lock what is read.
	opt := options()
	opt.AllowBinlog = true
	mysqltest.Exec(t, db, "CREATE USER some@localhost", "GRANT SELECT, INSERT, CREATE, DROP, ALTER, INDEX ON *.* TO some@localhost", "SET GLOBAL binlog_format = MIXED")
	if s, err = Open(ctx, config(m, "some"), opt); err != nil {
		t.Fatal(err)
	}
	if got := fill(t, s, Wanted{Schema: "shop", Name: "t"}); got[0].Rows != 2000 || !slices.ContainsFunc(s.Notes, func(n string) bool { return strings.Contains(n, "--allow-binlog") }) {
		t.Errorf("%+v, %q", got, s.Notes)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	mysqltest.Exec(t, db, "SET GLOBAL binlog_format = STATEMENT")
	_, err = Open(ctx, config(m, "some"), opt)
	refused(t, err, "binlog_format is STATEMENT", "GRANT "+right)
	mysqltest.Exec(t, db, change)
	_, err = Open(ctx, config(m, "root"), options())
	refused(t, err, "is a replica", "")
	mysqltest.Exec(t, db, reset, "SET GLOBAL read_only = 1")
	_, err = Open(ctx, config(m, "root"), options())
	refused(t, err, "read_only", "may be written to")
	if exists(t, db, schema) {
		t.Error("something was made")
	}
}

// A statement is counted in the character set and under the sql_mode that its client may have had, and one that
// takes too long is given up.
func TestMeasure(t *testing.T) {
	m, db := shared(t)
	mysqltest.Exec(t, db, "CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40) CHARACTER SET utf8mb4, KEY (name))",
		"INSERT INTO shop.t (name) SELECT IF(seq % 1000, CONCAT('n', seq), 'é') FROM "+mysqltest.Numbers(1, 9000), `INSERT INTO shop.t (name) VALUES ('c:\\dir')`)
	opt := options()
	opt.Statement = 2 * time.Second
	s := open(t, m, opt)
	fill(t, s, Wanted{Schema: "shop", Name: "t"})
	ctx := context.Background()
	for _, c := range []struct {
		statement string
		least     int64
		most      int64
		key       string
	}{
		{"SELECT id FROM t WHERE id > 0 AND id + 0 > 0", 9_000, 9_100, ""},
		{"SELECT * FROM t WHERE name = 'é'", 9, 11, "name"},
		{"SELECT * FROM t WHERE name = '\xe9'", 9, 11, "name"},
		{`SELECT * FROM t WHERE name = 'c:\\dir'`, 1, 3, "name"},
		{`SELECT * FROM t WHERE name IN ('c:\', 'n1')`, 1, 4, "name"}, // one text to a client with NO_BACKSLASH_ESCAPES
	} {
		got, err := s.Measure(ctx, c.statement)
		if err != nil || got.Rows < c.least || got.Rows > c.most || got.Pages < 1 && !m.MySQL || len(got.Plan) != 1 || c.key != "" && !got.Plan[0].Uses(c.key) {
			t.Errorf("%q: %+v, %v", c.statement, got, err)
		}
	}
	if _, err := s.Measure(ctx, "SELECT COUNT(*) FROM t a, t b, t c WHERE a.name < b.name AND b.name < c.name"); !errors.Is(err, ErrSlow) {
		t.Error(err)
	}
	if _, err := s.Measure(ctx, "SELECT * FROM t WHERE nope = 'secret'"); err == nil || strings.Contains(Reason(err), "secret") || Reason(err) != "a column is not there" {
		t.Error(err)
	}
}

package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dbtriage/collectors/mysql/mysqltest"
)

// A verified is what the tests look at of the JSON of index verify.
type verified struct {
	Indexes []struct {
		Schema, Table, Name, Verdict, Why, DDL string
		Advised                                bool
		Gain                                   *float64
		Bytes                                  *int64
		Scale                                  *float64
		Writes                                 struct{ Inserts, Updates, Deletes int64 }
		Copy                                   struct {
			Rows, Of int64
			Way      string
		}
		Classes []struct {
			Fingerprint   string
			Kind          string
			For           bool
			Samples, Uses int
			Pages, Rows   struct{ Before, After *float64 }
			KeysAfter     []string `json:"keys_after"`
			Unmeasured    []struct{ Why string }
			Statements    []string
		}
	}
	Notes         []string
	NotUnderstood int64 `json:"statements_not_understood"`
}

// logged has a server write the statements to its slow log, and returns the log.
func logged(t *testing.T, m *mysqltest.Server, db *sql.DB, statements ...string) string {
	t.Helper()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	name := fmt.Sprintf("slow-%s.log", strings.ReplaceAll(t.Name(), "/", "-"))
	all := append([]string{"SET GLOBAL slow_query_log_file = '" + name + "'", "SET SESSION long_query_time = 0"}, statements...)
	for _, text := range append(all, "SET SESSION long_query_time = 10") {
		rows, err := conn.QueryContext(context.Background(), text)
		if err != nil {
			t.Fatalf("%.200s: %v", text, err)
		}
		for rows.Next() {
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(m.Dir, "data", name)
}

const secret = "T0000012345"

func TestIndexVerify(t *testing.T) {
	m := mysqltest.Start(t, "--slow-query-log=1")
	db := m.Open(t, "root", "")
	mysqltest.Exec(t, db, "CREATE DATABASE shop", "CREATE DATABASE mine", "CREATE TABLE mine.t (a INT)", "INSERT INTO mine.t VALUES (1)", "CREATE USER low@localhost", "GRANT SELECT ON shop.* TO low@localhost",
		"CREATE TABLE shop.orders (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT, customer_id INT NOT NULL, status VARCHAR(12) NOT NULL, tracking_no VARCHAR(40), note VARCHAR(100), KEY (customer_id))",
		"INSERT INTO shop.orders (customer_id, status, tracking_no, note) SELECT 1 + seq % 5000, IF(seq % 50, 'done', 'open'), CONCAT('T', LPAD(seq, 10, '0')), REPEAT('n', 60) FROM "+mysqltest.Numbers(1, 100000), "ANALYZE TABLE shop.orders")
	var work []string
	for i := range 12 {
		work = append(work, fmt.Sprintf("SELECT id FROM orders WHERE tracking_no = 'T%010d'", 12345+i), fmt.Sprintf("SELECT id FROM orders WHERE customer_id = %d FOR UPDATE", i+1))
	}
	work = append(work, "UPDATE shop.orders SET status = 'done' WHERE tracking_no = 'T0000000007'", "INSERT INTO orders (customer_id, status) VALUES (1, 'open')")
	log := logged(t, m, db, append([]string{"USE shop"}, work...)...)
	exec := func(ctx context.Context, stderr *bytes.Buffer, args ...string) (string, error) {
		var out bytes.Buffer
		root := newRoot(streams{strings.NewReader(""), &out, stderr, &ruleFolders{}})
		root.SetArgs(append([]string{"index", "verify", "--mysql", "root@" + m.Socket, "--scratch-schema", "scratch_1", "--statement-timeout", "60s"}, args...))
		err := root.ExecuteContext(ctx)
		return out.String(), err
	}
	run := func(t *testing.T, args ...string) verified {
		t.Helper()
		var stderr bytes.Buffer
		out, err := exec(context.Background(), &stderr, append(args, "-f", "json", log)...)
		if err != nil {
			t.Fatalf("%v\n%s", err, stderr.String())
		}
		var v verified
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if !strings.Contains(stderr.String(), "schema scratch_1 is dropped") || scratches(t, db) != 0 {
			t.Errorf("%d schemas are left; %s", scratches(t, db), stderr.String())
		}
		return v
	}
	t.Run("the advised one", func(t *testing.T) {
		v := run(t)
		if len(v.Indexes) != 1 {
			t.Fatalf("%+v", v)
		}
		x := v.Indexes[0]
		if x.Verdict != "verified" || !x.Advised || x.DDL != "ALTER TABLE shop.orders ADD INDEX ix_orders_tracking_no (tracking_no), ALGORITHM=INPLACE, LOCK=NONE" || *x.Gain < 0.99 || *x.Bytes < 1<<20 || *x.Scale != 1 ||
			x.Copy.Rows != 100_001 || x.Copy.Way != "whole" || x.Writes.Inserts != 1 || x.Writes.Updates != 0 || len(x.Classes) != 3 {
			t.Errorf("%+v", x)
		}
		for _, c := range x.Classes {
			if c.Samples == 0 || len(c.Unmeasured) > 0 || c.Statements != nil {
				t.Errorf("%+v", c)
			}
			if (c.Pages.Before == nil) != m.MySQL { // it does not count them
				t.Errorf("pages %v", c.Pages)
			}
			if lookup := strings.Contains(c.Fingerprint, "tracking_no"); lookup != (c.Uses == c.Samples) || lookup != c.For || lookup && (!m.MySQL && *c.Pages.Before < 50**c.Pages.After || *c.Rows.Before < 1000**c.Rows.After) {
				t.Errorf("%+v", c)
			}
		}
	})
	t.Run("a sample of it", func(t *testing.T) {
		x := run(t, "--rows", "20000").Indexes[0]
		if x.Verdict != "verified" || x.Copy.Way != "strided" || x.Copy.Rows > 20_000 || x.Copy.Rows < 10_000 || *x.Scale < 4 {
			t.Errorf("%+v", x)
		}
	})
	t.Run("useless ones", func(t *testing.T) {
		v := run(t, "--ddl", "ALTER TABLE shop.orders ADD INDEX i (note)", "--ddl", "CREATE UNIQUE INDEX u ON orders (status)", "--ddl", "CREATE INDEX g ON gone (a)", "--ddl", "CREATE INDEX ix_c ON orders (customer_id, note)")
		for i, want := range []string{"rejected none of the 3 classes", "rejected the server does not make it: the values are not unique", "undecided the server has no such table", "rejected "} {
			if got := v.Indexes[i].Verdict + " " + v.Indexes[i].Why; !strings.HasPrefix(got, want) {
				t.Errorf("%s; want %s", got, want)
			}
		}
		if code := exitOf(exec(context.Background(), &bytes.Buffer{}, "--fail-on", "rejected", "--ddl", "ALTER TABLE shop.orders ADD INDEX i (note)", log)); code != exitFindings {
			t.Errorf("exit %d", code)
		}
	})
	t.Run("literals", func(t *testing.T) {
		for _, format := range []string{"text", "markdown", "json"} {
			for _, samples := range []string{"--samples=false", "--samples"} {
				out, err := exec(context.Background(), &bytes.Buffer{}, samples, "-f", format, log)
				if shown := strings.Contains(out, secret) || strings.Contains(out, "T00000123"); err != nil || shown != (samples == "--samples") || !strings.Contains(out, "verified") {
					t.Errorf("%s %s: %v\n%s", format, samples, err, out)
				}
			}
		}
	})
	t.Run("a foreign schema", func(t *testing.T) {
		var stderr bytes.Buffer
		out, err := exec(context.Background(), &stderr, "--scratch-schema", "mine", log)
		var n int
		if exitOf(out, err) != exitUsage || !strings.Contains(err.Error(), "schema mine exists and is left alone") || db.QueryRow("SELECT a FROM mine.t").Scan(&n) != nil || n != 1 {
			t.Errorf("%v, %d", err, n)
		}
	})
	t.Run("a user without rights", func(t *testing.T) {
		out, err := exec(context.Background(), &bytes.Buffer{}, "--mysql", "low@"+m.Socket, log)
		if exitOf(out, err) != exitUsage {
			t.Errorf("%v", err)
		}
		var stderr bytes.Buffer
		root := newRoot(streams{strings.NewReader(""), &bytes.Buffer{}, &stderr, &ruleFolders{}})
		root.SetArgs([]string{"index", "verify", "--mysql", "low@" + m.Socket, "--scratch-schema", "scratch_1", log})
		err = root.Execute()
		h, ok := err.(hinted)
		if !ok || h.hint != "GRANT SELECT, INSERT, CREATE, DROP, ALTER, INDEX ON `scratch\\_1`.* TO 'low'@'localhost';" {
			t.Errorf("%+v", err)
		}
	})
	t.Run("ended in the middle", func(t *testing.T) {
		for _, at := range []string{"copying shop.orders", "measuring", "index ix_orders"} {
			ctx, cancel := context.WithCancel(context.Background())
			stop := &stopper{at: at, cancel: cancel}
			var out bytes.Buffer
			root := newRoot(streams{strings.NewReader(""), &out, stop, &ruleFolders{}})
			root.SetArgs([]string{"index", "verify", "--mysql", "root@" + m.Socket, "--scratch-schema", "scratch_1", log})
			err := root.ExecuteContext(ctx)
			if err == nil || !strings.Contains(err.Error(), "interrupted") || !strings.Contains(stop.said.String(), "is dropped") || scratches(t, db) != 0 {
				t.Errorf("at %q: %v, %d left\n%s", at, err, scratches(t, db), stop.said.String())
			}
			if at != "copying shop.orders" && !strings.Contains(out.String(), "1 undecided of 1 index") {
				t.Errorf("at %q:\n%s", at, out.String())
			}
			cancel()
		}
	})
	t.Run("a schema that others use meanwhile", func(t *testing.T) {
		var out bytes.Buffer
		said := &stopper{at: "measuring", cancel: func() { mysqltest.Exec(t, db, "CREATE TABLE scratch_1.own (a INT)") }}
		root := newRoot(streams{strings.NewReader(""), &out, said, &ruleFolders{}})
		root.SetArgs([]string{"index", "verify", "--mysql", "root@" + m.Socket, "--scratch-schema", "scratch_1", log})
		h, ok := root.Execute().(hinted)
		if !ok || !strings.Contains(h.Error(), "it holds own, which dbtriage did not make") || h.hint != "drop it by hand: DROP DATABASE `scratch_1`;" || !strings.Contains(out.String(), "VERIFIED") {
			t.Errorf("%+v\n%s", h, out.String())
		}
		mysqltest.Exec(t, db, "DROP DATABASE scratch_1")
	})
	t.Run("from a replica", func(t *testing.T) {
		// What the tables are read from may be read-only, and its user may only read.
		other := mysqltest.Start(t)
		mysqltest.Exec(t, db, "SET GLOBAL read_only = 1")
		defer mysqltest.Exec(t, db, "SET GLOBAL read_only = 0")
		var out, stderr bytes.Buffer
		root := newRoot(streams{strings.NewReader(""), &out, &stderr, &ruleFolders{}})
		root.SetArgs([]string{"index", "verify", "--mysql", "root@" + other.Socket, "--from", "low@" + m.Socket, "--scratch-schema", "scratch_1", "--rows", "20000", "-f", "json", log})
		if err := root.Execute(); err != nil {
			t.Fatalf("%v\n%s", err, stderr.String())
		}
		var v verified
		if err := json.Unmarshal(out.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		if x := v.Indexes[0]; x.Verdict != "verified" || x.Copy.Way != "strided" || *x.Scale < 4 || *x.Gain < 0.99 {
			t.Errorf("%+v", x)
		}
		if scratches(t, db) != 0 || scratches(t, other.Open(t, "root", "")) != 0 {
			t.Error("a schema is left")
		}
	})
	t.Run("too little time", func(t *testing.T) {
		out, err := exec(context.Background(), &bytes.Buffer{}, "--timeout", "1ms", log)
		if exitOf(out, err) != exitUsage || scratches(t, db) != 0 {
			t.Errorf("%v", err)
		}
	})
}

func scratches(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	if err := db.QueryRow("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'scratch%'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func exitOf(_ string, err error) int {
	switch err {
	case nil:
		return exitOK
	case errFindings:
		return exitFindings
	}
	return exitUsage
}

// A stopper ends a run when it says something.
type stopper struct {
	at     string
	cancel func()
	said   bytes.Buffer
}

func (s *stopper) Write(p []byte) (int, error) {
	if s.said.Write(p); strings.Contains(string(p), s.at) {
		s.cancel()
	}
	return len(p), nil
}

// Names that are no plain words, and statements in the bytes and under the sql_mode of other clients: of the latter
// those whose texts end in a backslash are nothing that the log's readers understand, and are counted.
func TestIndexVerifyOdd(t *testing.T) {
	m := mysqltest.Start(t, "--slow-query-log=1")
	db := m.Open(t, "root", "")
	mysqltest.Exec(t, db, "CREATE DATABASE `s``h\"öp'`", "CREATE TABLE `s``h\"öp'`.`or'd``ers` (id INT PRIMARY KEY, `c``ol` VARCHAR(40) CHARACTER SET utf8mb4, p VARCHAR(40), pad CHAR(80) DEFAULT 'x')",
		"INSERT INTO `s``h\"öp'`.`or'd``ers` (id, `c``ol`, p) SELECT seq, CONCAT('é', seq), CONCAT('c:\\\\', seq, '\\\\') FROM "+mysqltest.Numbers(1, 30000), "ANALYZE TABLE `s``h\"öp'`.`or'd``ers`")
	work := []string{"USE `s``h\"öp'`"}
	for i := range 5 {
		work = append(work, fmt.Sprintf("SELECT o.`id` FROM `s``h\"öp'`.`or'd``ers` o WHERE o.`c``ol` = 'é%d'", i))
	}
	work = append(work, "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'")
	for i := range 5 {
		work = append(work, fmt.Sprintf("DELETE FROM `or'd``ers` WHERE p = 'c:\\%d'", i))
	}
	work = append(work, "DELETE FROM `or'd``ers` WHERE p IN ('c:\\')")
	work = append(work, "SET NAMES latin1")
	log := logged(t, m, db, work...)
	// What a client writes in Latin-1 stands in the log as it is.
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	latin := filepath.Join(t.TempDir(), "latin1.log")
	if err := os.WriteFile(latin, bytes.ReplaceAll(text, []byte("'é"), []byte("'\xe9")), 0o600); err != nil {
		t.Fatal(err)
	}
	ddl := []string{"--ddl", "CREATE INDEX `i``x` ON `s``h\"öp'`.`or'd``ers` (`c``ol`)", "--ddl", "CREATE INDEX p ON `s``h\"öp'`.`or'd``ers` (p)"}
	for _, file := range []string{log, latin} {
		var out, stderr bytes.Buffer
		root := newRoot(streams{strings.NewReader(""), &out, &stderr, &ruleFolders{}})
		root.SetArgs(append([]string{"index", "verify", "--mysql", "root@" + m.Socket, "--scratch-schema", "scr`at'ch ü", "-f", "json", file}, ddl...))
		if err := root.Execute(); err != nil {
			t.Fatalf("%v\n%s", err, stderr.String())
		}
		var v verified
		if err := json.Unmarshal(out.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		for _, x := range v.Indexes {
			if x.Verdict != "verified" {
				t.Errorf("%s: %s: %s", file, x.Name, x.Why)
			}
			for _, c := range x.Classes {
				if c.Samples == 0 {
					t.Errorf("%s: %+v", file, c)
				}
			}
		}
		if v.NotUnderstood != 1 {
			t.Errorf("%d statements were not understood", v.NotUnderstood)
		}
	}
}

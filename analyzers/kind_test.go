package analyzers

import (
	"math/rand/v2"
	"testing"
)

func kindBySQL(sql string) (Kind, bool) { return kindOf([]byte(sql), AppendShapeKey(nil, []byte(sql))) }

var kindStatements = map[string]Kind{
	"SELECT/*+ MAX_EXECUTION_TIME(1) */ * FROM h1":               Read,
	"UPDATE/* svc:pay */ acct SET x=1":                           Write,
	"INSERT/*x*/INTO t VALUES(1)":                                Write,
	"DELETE/**/FROM t":                                           Write,
	" /* a */ -- b\n# c\n\tselect 1":                             Read,
	"--\nselect 1":                                               Read,
	"/*!50001 SELECT * FROM cm4 */":                              Read,
	"/*M!100301 DELETE FROM t */":                                Write,
	"/*M! SELECT 1 */":                                           Read,
	"/*! */ UPDATE t SET a=1":                                    Write,
	"/*!40000 ALTER TABLE t DISABLE KEYS */":                     Other,
	"/* select 1":                                                Other,
	"SET STATEMENT max_statement_time=1 FOR SELECT * FROM h3":    Read,
	"SET STATEMENT sql_mode='for update', a=2 FOR DELETE FROM t": Write,
	"SET /*a*/ STATEMENT a=' for select ' /* for select */ FOR DELETE FROM t": Write,
	"SET statement_for = 1":                                   Other,
	"SET NAMES utf8mb4":                                       Other,
	"LOAD INDEX INTO CACHE t1":                                Other,
	"LOAD DATA INFILE 'x' INTO TABLE t":                       Write,
	"load xml local infile 'x' into table t":                  Write,
	"CALL p(1)":                                               Other,
	"DO SLEEP(1)":                                             Other,
	"HANDLER t READ FIRST":                                    Read,
	"HANDLER `a b`.t READ k = (1)":                            Read,
	"HANDLER t OPEN AS r":                                     Other,
	"HANDLER t CLOSE":                                         Other,
	"TRUNCATE TABLE t":                                        Other,
	"CREATE TABLE x SELECT * FROM y":                          Other,
	"EXPLAIN SELECT * FROM t":                                 Other,
	"EXPLAIN FORMAT=JSON DELETE FROM t":                       Other,
	"EXPLAIN ANALYZE SELECT * FROM t":                         Read,
	"EXPLAIN ANALYZE FORMAT=TREE SELECT * FROM t":             Read,
	"ANALYZE SELECT * FROM t":                                 Read,
	"ANALYZE FORMAT=JSON UPDATE t SET a=1":                    Write,
	"ANALYZE TABLE t":                                         Other,
	"ANALYZE LOCAL TABLE t":                                   Other,
	"(SELECT a FROM t) UNION (SELECT b FROM u)":               Read,
	"( /* c */ (select 1))":                                   Read,
	"WITH c AS (SELECT ')' FROM t) UPDATE w JOIN c SET w.a=1": Write,
	"WITH c AS (SELECT a FROM t /* ) */ WHERE b = ') select') DELETE FROM w":         Write,
	"WITH c AS (SELECT a FROM t WHERE b = ')') DELETE FROM w /* select */":           Write,
	"WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT * FROM c": Read,
	"WITH c AS (SELECT 1), `update` AS (SELECT 2) (SELECT * FROM c)":                 Read,
	"WITH c AS (SELECT 1) INSERT INTO w SELECT * FROM c":                             Write,
	"WITH c AS (SELECT a IN (1, ')') FROM t) UPDATE w SET a = 1":                     Write,
	"REPLACE t SELECT * FROM s":                                                      Write,
	"SELECT * FROM t INTO OUTFILE '/tmp/x'":                                          Read,
	"SELECT a FROM t FOR UPDATE":                                                     Read,
	"TABLE t":                                                                        Read,
	"VALUES ROW(1,2)":                                                                Read,
	"administrator command: Quit":                                                    Other,
	"BEGIN":                                                                          Other,
	"SELECTED":                                                                       Other,
	"":                                                                               Other,
}

func TestKind(t *testing.T) {
	for sql, want := range kindStatements {
		if got, _ := kindBySQL(sql); got != want {
			t.Errorf("%s: %v, want %v", sql, got, want)
		}
	}
	for sql, want := range map[string]bool{
		"INSERT/*x*/INTO t VALUES(1)": true, "/* a */replace into t values (1)": true, "INSERT INTO t SELECT 1": false,
		"UPDATE t SET a=values": false, "LOAD DATA INFILE 'values' INTO TABLE t": false,
	} {
		if f := newForm([]byte(sql), AppendShapeKey(nil, []byte(sql)), false); f.insert != want {
			t.Errorf("%s inserts rows: %v", sql, f.insert)
		}
	}
}

// The kind is the same however the literals are varied, as long as the key is.
func TestShapeKeyImpliesKind(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for sql := range kindStatements {
		for range 300 {
			checkShapes(t, []byte(sql), vary([]byte(sql), r))
		}
	}
}

// Statements with one fingerprint may differ in kind; the class has that which does most to data, in
// whatever order they come.
func TestKindOfClass(t *testing.T) {
	read, write := "SELECT/*a*/ x FROM t", "DELETE/*a*/ x FROM t"
	for _, log := range [][]string{{read, write}, {write, read}, {read, read, read, read, read, read, write}, {write, write, write, write, write, write, read}} {
		var data []byte
		for _, sql := range log {
			data = append(data, "# Time: 2024-03-05T09:00:00.500000Z\n# User@Host: a[a] @ w []  Id: 1\n# Query_time: 0.1  Lock_time: 0 Rows_sent: 1  Rows_examined: 5\nSET timestamp=1709629200;\n"+sql+";\n"...)
		}
		d := scanFile(t, data, 1)
		for _, c := range d.Classes {
			if c.Kind != Write {
				t.Errorf("%q: class %q is %v", log, c.Fingerprint, c.Kind)
			}
		}
		if n := int64(len(log)); len(d.Classes) != 1 || d.Statements.Reads+d.Statements.Writes != n {
			t.Errorf("%q: %d classes, %d reads, %d writes", log, len(d.Classes), d.Statements.Reads, d.Statements.Writes)
		}
	}
}

func BenchmarkKind(b *testing.B) {
	for name, sql := range map[string]string{
		"select": "SELECT c FROM sbtest1 WHERE id BETWEEN 50021 AND 50120 AND name = 'some longer value' ORDER BY c LIMIT 10",
		"with":   "WITH c AS (SELECT a, b FROM t WHERE d = 'some longer value' GROUP BY a, b) SELECT * FROM c JOIN u USING (a) WHERE u.x = 5",
	} {
		b.Run(name, func(b *testing.B) {
			sql, key := []byte(sql), AppendShapeKey(nil, []byte(sql))
			b.ReportAllocs()
			for b.Loop() {
				kindOf(sql, key)
			}
		})
	}
}

package sqlshape

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTables(t *testing.T) {
	p, err := NewParser()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sql           string
		reads, writes []Table
		guessed       bool
	}{
		{sql: "SELECT a FROM t WHERE t.b = 1", reads: []Table{{"", "t"}}},
		{sql: "SELECT u.a FROM db1.users u JOIN `or ders` o ON o.uid = u.id", reads: []Table{{"db1", "users"}, {"", "or ders"}}},
		{sql: "INSERT INTO t (a) VALUES (1)", writes: []Table{{"", "t"}}},
		{sql: "insert into t (a) select b from s where s.c in (select d from u)", reads: []Table{{"", "s"}, {"", "u"}}, writes: []Table{{"", "t"}}},
		{sql: "UPDATE a JOIN b ON a.id = b.id SET a.x = b.y", reads: []Table{{"", "b"}}, writes: []Table{{"", "a"}}},
		{sql: "UPDATE stock SET qty = qty - 1 WHERE id = 5", writes: []Table{{"", "stock"}}},
		{sql: "DELETE x FROM t1 AS x JOIN t2 ON x.id = t2.id", reads: []Table{{"", "t2"}}, writes: []Table{{"", "t1"}}},
		{sql: "DELETE FROM t WHERE a < 5 LIMIT 10", writes: []Table{{"", "t"}}},
		{sql: "WITH c AS (SELECT a FROM t) SELECT * FROM c JOIN d USING (a)", reads: []Table{{"", "t"}, {"", "d"}}},
		{sql: "WITH Cte AS (SELECT a FROM t) SELECT * FROM cte c JOIN d USING (a)", reads: []Table{{"", "t"}, {"", "d"}}},
		{sql: "WITH t AS (SELECT a FROM t WHERE b = 1) SELECT * FROM t", reads: []Table{{"", "t"}}},
		{sql: "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM T WHERE n < 9) SELECT n FROM t"},
		{sql: "WITH c AS (SELECT a FROM t) UPDATE w JOIN C ON w.id = c.a SET x = 1", reads: []Table{{"", "t"}}, writes: []Table{{"", "w"}}},
		{sql: "WITH c AS (SELECT a FROM w) DELETE FROM w WHERE id IN (SELECT a FROM c)", writes: []Table{{"", "w"}}},
		{sql: "INSERT INTO w WITH c AS (SELECT a FROM t) SELECT a FROM c", reads: []Table{{"", "t"}}, writes: []Table{{"", "w"}}},
		{sql: "SELECT a FROM (WITH c AS (SELECT a FROM t) SELECT a FROM c) d JOIN c USING (a)", reads: []Table{{"", "t"}, {"", "c"}}},
		{sql: "WITH c AS (SELECT a FROM t), d AS (SELECT a FROM c) SELECT a FROM d UNION SELECT a FROM c", reads: []Table{{"", "t"}}},
		{sql: "WITH c AS (SELECT a FROM t) SELECT a FROM db.c", reads: []Table{{"", "t"}, {"db", "c"}}},
		{sql: "SELECT u.*, o.a FROM db1.users u, orders o", reads: []Table{{"db1", "users"}, {"", "orders"}}},
		{sql: "CALL p(1)"},
		{sql: "SELECT 1 FROM dual"},
		{sql: "BEGIN"},
		{sql: "SET NAMES utf8mb4"},
		{sql: "INSERT INTO t (a) VALUES (1) RETURNING id", writes: []Table{{"", "t"}}},
		{sql: "SET STATEMENT max_statement_time=1 FOR SELECT a FROM t", reads: []Table{{"", "t"}}},
		{sql: "SELECT a FROM t LIMIT 5 ROWS EXAMINED 100", reads: []Table{{"", "t"}}},
		{sql: "SELECT a FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01' WHERE b = 1", reads: []Table{{"", "t"}}},
		{sql: "insert into t (a,b) values(?+)", writes: []Table{{"", "t"}}},
		{sql: "/*M!100100 SELECT a FROM t */", reads: []Table{{"", "t"}}},
		{sql: "/*!100100 SELECT '*/', a FROM t */", reads: []Table{{"", "t"}}},
		{sql: "SELECT '/* a */' FROM t FOR SYSTEM_TIME ALL /*M! JOIN u ON a = '/*' */ -- x", reads: []Table{{"", "t"}, {"", "u"}}},
		{sql: "SET STATEMENT a=1 FOR ANALYZE FORMAT=JSON UPDATE t SET a = 1", writes: []Table{{"", "t"}}},
		{sql: "EXPLAIN ANALYZE SELECT a FROM t LIMIT 5 ROWS EXAMINED 100", reads: []Table{{"", "t"}}},
		{sql: "DELETE LOW_PRIORITY QUICK FROM t WHERE a = 1", writes: []Table{{"", "t"}}},
		{sql: "DELETE QUICK FROM t", writes: []Table{{"", "t"}}},
		{sql: "INSERT DELAYED INTO t VALUES (1)", writes: []Table{{"", "t"}}},
		{sql: "SELECT NEXT VALUE FOR s FROM t", reads: []Table{{"", "t"}}},
		{sql: "LOAD DATA INFILE 'x' IGNORE INTO TABLE shop.t (a)", writes: []Table{{"shop", "t"}}, guessed: true},
		{sql: "LOAD XML INFILE 'x' INTO TABLE `a b`", writes: []Table{{"", "a b"}}, guessed: true},
		{sql: "LOAD INDEX INTO CACHE t", guessed: true},
		{sql: "INSERT INTO table VALUES (1)", guessed: true},
		{sql: "HANDLER db.t READ k = (1)", reads: []Table{{"db", "t"}}, guessed: true},
		{sql: "TABLE t", reads: []Table{{"", "t"}}, guessed: true},
		{sql: "WITH c AS (SELECT a FROM t) INSERT INTO w SELECT a FROM C", reads: []Table{{"", "t"}}, writes: []Table{{"", "w"}}, guessed: true},
		{sql: "SELECT a FROM t WHERE a IS NOT DISTINCT FROM b", reads: []Table{{"", "t"}}, guessed: true},
		{sql: "SELECT a FROM t FOR UPDATE OF t, u WAIT 5", reads: []Table{{"", "t"}}, guessed: true},
		{sql: "SELECT a FROM t GROUP BY a, b PROCEDURE ANALYSE(1, 2)", reads: []Table{{"", "t"}}, guessed: true},
		{sql: "SELECT EXTRACT(YEAR FROM a), TRIM(' ' FROM b) FROM t o, (SELECT a FROM x, y) d JOIN db.z USE INDEX FOR JOIN (i) ON o.a = z.lock, `q r` w WHERE i IN (1, '",
			reads: []Table{{"", "t"}, {"", "x"}, {"", "y"}, {"db", "z"}, {"", "q r"}}, guessed: true},
		{sql: "SELECT a, (SELECT max(b) FROM u) FROM t, JSON_TABLE(t.j, '$[*]' COLUMNS (x INT PATH '$')) k STRAIGHT_JOIN w WHERE a = '",
			reads: []Table{{"", "u"}, {"", "t"}, {"", "w"}}, guessed: true},
		{sql: "UPDATE a x, b AS y JOIN c ON c.i = SUBSTRING(y.i FROM 2) SET y.q = 1 WHERE y.z IN (SELECT k FROM m, n) AND p = '",
			reads: []Table{{"", "a"}, {"", "c"}, {"", "m"}, {"", "n"}}, writes: []Table{{"", "b"}}, guessed: true},
		{sql: "DELETE x, b FROM a AS x JOIN b JOIN c WHERE y = '", reads: []Table{{"", "c"}}, writes: []Table{{"", "a"}, {"", "b"}}, guessed: true},
		{sql: "INSERT INTO t (a) SELECT a FROM s, u WHERE x = '", reads: []Table{{"", "s"}, {"", "u"}}, writes: []Table{{"", "t"}}, guessed: true},
		{sql: "WITH c AS (SELECT a FROM t), D (x) AS (SELECT 1 FROM c) SELECT x FROM d JOIN e, C WHERE '", reads: []Table{{"", "t"}, {"", "e"}}, guessed: true},
		{sql: "(SELECT a FROM t WHERE b = 1) UNION (SELECT a FROM u, v WHERE x = '", reads: []Table{{"", "t"}, {"", "u"}, {"", "v"}}, guessed: true},
		{sql: "SELECT a FROM { OJ t LEFT OUTER JOIN u ON t.a = u.a }", reads: []Table{{"", "t"}, {"", "u"}}, guessed: true},
		{sql: "INSERT INTO shop.t (a) VALUES ('cut off he", writes: []Table{{"shop", "t"}}, guessed: true},
		{sql: "SELECT a FROM t WHERE b = 'cut off he", reads: []Table{{"", "t"}}, guessed: true},
	} {
		got := p.Parse(c.sql)
		got = Shape{Reads: got.Reads, Writes: got.Writes, Guessed: got.Guessed}
		if diff := cmp.Diff(Shape{Reads: c.reads, Writes: c.writes, Guessed: c.guessed}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.sql, diff)
		}
	}
}

// What is guessed is what the parser says, where there is anything to compare.
func TestGuess(t *testing.T) {
	p, err := NewParser()
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"SELECT d.x FROM (SELECT a AS x FROM t WHERE b IN (SELECT c FROM u)) AS d LEFT JOIN v USING (k) WHERE d.x = 5",
		"SELECT a FROM ((t NATURAL JOIN u) CROSS JOIN (v x NATURAL LEFT JOIN (SELECT 1 FROM w) y)), (z)",
		"SELECT a FROM t, LATERAL (WITH q AS (SELECT t.a FROM v) SELECT max(a) FROM q) d, u",
		"SELECT a FROM (SELECT a FROM t UNION ALL (SELECT a FROM u LIMIT 2)) x, (SELECT (SELECT 1 FROM w), 2) y ORDER BY a, b",
		"SELECT GROUP_CONCAT(a ORDER BY b, c SEPARATOR ','), MAX(d) OVER (PARTITION BY e ORDER BY f) FROM t JOIN u ON (t.a, t.b) IN ((1, 2), (3, 4)), v",
		"WITH RECURSIVE c AS (SELECT 1 FROM s UNION ALL SELECT n + 1 FROM c) SELECT a FROM c, c AS d, t FORCE INDEX FOR ORDER BY (i), u FOR UPDATE",
		"INSERT INTO t (a, b) SELECT b, c FROM s, (SELECT 1 FROM u) x ON DUPLICATE KEY UPDATE n = n + 1, m = VALUES(m)",
		"REPLACE INTO db.t SET a = 1, b = (SELECT max(c) FROM u)",
		"UPDATE a JOIN (SELECT i FROM u, v) b ON a.i = b.i, c SET a.n = a.n + 1, a.m = 2 WHERE DATE(b.ts) = 5",
		"DELETE FROM t WHERE a IN (SELECT b FROM u) ORDER BY c, d LIMIT 5",
	} {
		want, got := p.Parse(sql), guess(sql)
		byName := func(a, b Table) int { return strings.Compare(a.String(), b.String()) }
		for _, tables := range [][]Table{want.Reads, want.Writes, got.Reads, got.Writes} {
			slices.SortFunc(tables, byName)
		}
		if diff := cmp.Diff(Shape{Reads: want.Reads, Writes: want.Writes}, Shape{Reads: got.Reads, Writes: got.Writes}); want.Guessed || diff != "" {
			t.Errorf("%s (-parsed +guessed):\n%s", sql, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"SELECT a FROM t", "SET STATEMENT a=1 FOR SELECT 1", "DELETE FROM t FOR SYSTEM_TIME ALL", "x `", "/*M! a",
		"SELECT d.x FROM (SELECT a AS x FROM t WHERE b IN (SELECT c FROM u)) d LEFT JOIN v USING (k) WHERE d.x = 5 OR d.y = 6",
		"WITH RECURSIVE c AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT * FROM c, c AS d WHERE (a, b) > (1, 2) ORDER BY RAND() LIMIT 3",
		"UPDATE a JOIN b ON a.i = b.i SET a.n = a.n + 1 WHERE DATE(b.ts) BETWEEN '2020-01-01' AND ?",
		"INSERT INTO t (a) SELECT b FROM s WHERE NOT EXISTS (SELECT 1 FROM t WHERE t.a = s.b) ON DUPLICATE KEY UPDATE n = n + 1",
	} {
		f.Add(s)
	}
	for _, s := range loggedStatements(f) {
		f.Add(s)
	}
	p, err := NewParser()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		s := p.Parse(sql)
		for _, table := range s.Writes {
			if table.Name == "" {
				t.Errorf("a table without a name in %q", sql)
			}
		}
		for _, b := range s.Blocks {
			for _, pred := range b.Where {
				if pred.Column.Source >= len(b.Sources) {
					t.Errorf("a condition on no source in %q", sql)
				}
			}
			describe(b)
		}
	})
}

// loggedStatements returns statements of the real slow logs of the folder that DBTRIAGE_SHARED names;
// none without it.
func loggedStatements(f *testing.F) []string {
	files, _ := filepath.Glob(filepath.Join(os.Getenv("DBTRIAGE_SHARED"), "logs", "slow-samples", "slow-logs", "*.log"))
	var out []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); len(line) > 20 && line[0] != '#' && strings.HasSuffix(line, ";") {
				out = append(out, strings.TrimSuffix(line, ";"))
			}
		}
	}
	return out
}

package sqlshape

import (
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
		{sql: "SELECT 1 FROM dual"},
		{sql: "BEGIN"},
		{sql: "SET NAMES utf8mb4"},
		{sql: "INSERT INTO t (a) VALUES (1) RETURNING id", writes: []Table{{"", "t"}}},
		{sql: "SET STATEMENT max_statement_time=1 FOR SELECT a FROM t", reads: []Table{{"", "t"}}},
		{sql: "SELECT a FROM t LIMIT 5 ROWS EXAMINED 100", reads: []Table{{"", "t"}}},
		{sql: "SELECT a FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01' WHERE b = 1", reads: []Table{{"", "t"}}},
		{sql: "insert into t (a,b) values(?+)", writes: []Table{{"", "t"}}},
		{sql: "INSERT INTO shop.t (a) VALUES ('cut off he", writes: []Table{{"shop", "t"}}, guessed: true},
		{sql: "SELECT a FROM t WHERE b = 'cut off he", reads: []Table{{"", "t"}}, guessed: true},
	} {
		got := p.Parse(c.sql)
		if diff := cmp.Diff(Shape{Reads: c.reads, Writes: c.writes, Guessed: c.guessed}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.sql, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"SELECT a FROM t", "SET STATEMENT a=1 FOR SELECT 1", "DELETE FROM t FOR SYSTEM_TIME ALL", "x `", "/*M! a"} {
		f.Add(s)
	}
	p, err := NewParser()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		for _, table := range p.Parse(sql).Writes {
			if table.Name == "" {
				t.Errorf("a table without a name in %q", sql)
			}
		}
	})
}

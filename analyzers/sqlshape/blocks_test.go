package sqlshape

import (
	"fmt"
	"strings"
	"testing"
)

// describe writes a block on one line: conditions, joins, groups, order, limit.
func describe(b Block) string {
	name := func(c Column) string {
		switch {
		case c.Source == Unresolved:
			return "?." + c.Name
		case c.Source == Outside:
			return "outer." + c.Name
		case b.Sources[c.Source].Table.Name == "":
			return fmt.Sprintf("#%d.%s", b.Sources[c.Source].Block-1, c.Name)
		}
		return b.Sources[c.Source].Table.Name + "." + c.Name
	}
	predicate := func(p Predicate) string {
		s := name(p.Column) + " " + string(p.Kind)
		if p.By != "" {
			s += " by " + p.By
		}
		if p.Kind == In && p.Count > 0 {
			s += fmt.Sprint(p.Count)
		}
		if p.Value != Unsaid {
			s += " " + string(p.Value)
		}
		if p.On {
			s += " on"
		}
		return s
	}
	var out []string
	if b.Role != Main {
		out = append(out, "["+string(b.Role)+"]")
	}
	for _, p := range b.Where {
		out = append(out, predicate(p))
	}
	for _, o := range b.Ors {
		var branches []string
		for _, preds := range o.Branches {
			var parts []string
			for _, p := range preds {
				parts = append(parts, predicate(p))
			}
			branches = append(branches, strings.Join(parts, " & "))
		}
		out = append(out, "or("+strings.Join(branches, " | ")+")")
	}
	for _, j := range b.Joins {
		out = append(out, name(j.Left)+" = "+name(j.Right))
	}
	if len(b.Group) > 0 || b.GroupExpr {
		var cols []string
		for _, c := range b.Group {
			cols = append(cols, name(c))
		}
		if b.GroupExpr {
			cols = append(cols, "expr")
		}
		out = append(out, "group "+strings.Join(cols, ","))
	}
	if len(b.Order) > 0 || b.OrderExpr {
		var cols []string
		for _, c := range b.Order {
			s := name(c.Column)
			if c.Desc {
				s += " desc"
			}
			cols = append(cols, s)
		}
		if b.OrderRandom {
			cols = append(cols, "rand")
		} else if b.OrderExpr {
			cols = append(cols, "expr")
		}
		out = append(out, "order "+strings.Join(cols, ","))
	}
	if b.Limited {
		out = append(out, fmt.Sprintf("limit %d,%d", b.Offset, b.Limit))
	}
	for _, flag := range []struct {
		on   bool
		name string
	}{{b.Star, "*"}, {b.Aggregates, "aggregates"}, {b.Distinct, "distinct"}, {b.Locks, "locks"}, {b.Unclear > 0, "unclear"}, {len(b.Unjoined) > 0, "cartesian"}, {len(b.NotIn) > 0, "not in"}} {
		if flag.on {
			out = append(out, flag.name)
		}
	}
	return strings.Join(out, "; ")
}

func TestBlocks(t *testing.T) {
	p, err := NewParser()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		sql  string
		want string // blocks on lines of their own
	}{
		{"SELECT a FROM t WHERE b = 1 AND c <=> 'x' AND d IS NULL AND e IN (5)", "t.b = number; t.c = string; t.d = null; t.e = number"},
		{"SELECT a FROM t WHERE 1 = b AND 5 < c", "t.b = number; t.c range number"},
		{"SELECT a FROM t WHERE b IN (1,2,3) AND c BETWEEN 1 AND 5 AND d >= '2020-01-01'", "t.b in3 number; t.c range number; t.d range string"},
		{"SELECT a FROM t WHERE b LIKE 'x%' AND c LIKE '%x' AND d LIKE 'abc' AND e LIKE ?", "t.b prefix string; t.c leading wildcard string; t.d = string; t.e pattern"},
		{"SELECT a FROM t WHERE b <> 1 AND c NOT IN (1,2) AND NOT d = 5 AND e IS NOT NULL AND f", "t.b <> number; t.c <> number; t.d <> number; t.e <> null; t.f <>"},
		{"SELECT a FROM t WHERE (b = 1 OR b = 2 OR b IN (3,4)) AND c = 1", "t.b in4 number; t.c = number"},
		{"SELECT a FROM t WHERE b = 1 OR c = 2", "or(t.b = number | t.c = number)"},
		{"SELECT a FROM t WHERE (b = 1 AND d > 5) OR f(c) = 2", "or(t.b = number & t.d range number | t.c wrapped by f number)"},
		{"SELECT a FROM t WHERE DATE(ts) = '2020-01-01' AND n + 0 = 5 AND CAST(v AS UNSIGNED) = 3", "t.ts wrapped by date string; t.n wrapped by arithmetic number; t.v wrapped by cast number"},
		{"SELECT a FROM t WHERE (b, c) = (1, 2) AND (d, e) > (3, 4)", "t.b =; t.c =; t.d range"},
		{"SELECT * FROM t ORDER BY x DESC, y LIMIT 20 OFFSET 40", "order t.x desc,t.y; limit 40,20; *"},
		{"SELECT a FROM t ORDER BY x LIMIT ?, ?", "order t.x; limit -1,-1"},
		{"SELECT a, COUNT(*) AS n FROM t GROUP BY a ORDER BY n DESC", "group t.a; order expr; aggregates"},
		{"SELECT YEAR(ts) AS y, SUM(x) FROM t GROUP BY y", "group expr; aggregates"},
		{"SELECT id AS k FROM t GROUP BY k ORDER BY k", "group t.id; order t.id; aggregates"},
		{"SELECT a FROM t ORDER BY RAND() LIMIT 1", "order rand; limit 0,1"},
		{"SELECT RAND() FROM t", ""},
		{"SELECT u.a FROM db1.users u JOIN orders AS o ON o.uid = u.id AND o.x = 3 WHERE u.city = 'b'", "orders.x = number; users.city = string; orders.uid = users.id"},
		{"SELECT 1 FROM a LEFT JOIN b ON b.x = a.x AND b.y = 1 AND a.z = 2", "b.y = number on; b.x = a.x; unclear"},
		{"SELECT 1 FROM a, b WHERE a.x = b.x AND a.y = 2", "a.y = number; a.x = b.x"},
		{"SELECT 1 FROM a, b WHERE a.y = 2", "a.y = number; cartesian"},
		{"SELECT 1 FROM a JOIN b JOIN c ON c.i = b.i", "c.i = b.i; cartesian"},
		{"SELECT 1 FROM a JOIN b USING (i) WHERE k = 3", "?.k = number; a.i = b.i"},
		{"SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d = 1)", "t.b semi\n[in]; u.d = number"},
		{"SELECT a FROM t WHERE b NOT IN (SELECT c FROM u)", "unclear; not in\n[not in]"},
		{"SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.tid = t.id AND u.k = 2)", "unclear\n[in]; u.tid = column; u.k = number"},
		{"SELECT a FROM t WHERE b = (SELECT MAX(c) FROM u)", "t.b =\n[scalar]; aggregates"},
		{"SELECT d.x FROM (SELECT a AS x, b FROM t WHERE c = 1) d WHERE d.x = 5", "#1.x = number\n[derived]; t.c = number; t.a = number"},
		{"SELECT d.n FROM (SELECT a, COUNT(*) AS n FROM t GROUP BY a) d WHERE d.a = 5", "#1.a = number\n[derived]; group t.a; aggregates"},
		{"WITH c AS (SELECT a FROM t WHERE b = 1) SELECT * FROM c WHERE a = 2", "[derived]; t.b = number; t.a = number\n#0.a = number; *"},
		{"WITH C AS (SELECT a FROM c WHERE b = 1) SELECT * FROM c WHERE a = 2", "[derived]; c.b = number; c.a = number\n#0.a = number; *"},
		{"SELECT a FROM (WITH c AS (SELECT a FROM t) SELECT a FROM c) d JOIN c ON c.i = 1", "c.i = number; cartesian\n[derived]\n[derived]"},
		{"SELECT a FROM t WHERE x = 1 UNION SELECT a FROM u WHERE y = 2", "[union]; t.x = number\n[union]; u.y = number"},
		{"UPDATE t SET c = c + 1, d = 'x' WHERE id = 5 AND k > 3 LIMIT 10", "t.id = number; t.k range number; limit 0,10"},
		{"DELETE FROM t WHERE a < 5 ORDER BY id LIMIT 10", "t.a range number; order t.id; limit 0,10"},
		{"INSERT INTO t (a) SELECT b FROM s WHERE c = 1", "[inserted]; s.c = number"},
		{"INSERT INTO t (a, b) VALUES (1, 2)", ""},
		{"SELECT qty FROM stock WHERE product_id = 1 FOR UPDATE", "stock.product_id = number; locks"},
		{"SELECT a FROM t WHERE MATCH (x) AGAINST ('y')", "t.x text"},
		{"SELECT a FROM t USE INDEX (k) WHERE b = -5", "t.b = number"},
	} {
		shape := p.Parse(c.sql)
		var got []string
		for _, b := range shape.Blocks {
			got = append(got, describe(b))
		}
		if text := strings.Join(got, "\n"); text != c.want || shape.Guessed {
			t.Errorf("%s\n got %q\nwant %q", c.sql, text, c.want)
		}
	}
}

func TestRewrites(t *testing.T) {
	p, err := NewParser()
	if err != nil {
		t.Fatal(err)
	}
	for condition, want := range map[string]string{
		"DATE(ts) = '2020-01-01'":              "ts >= ? AND ts < ? + INTERVAL 1 DAY",
		"DATE(ts) >= '2020-01-01'":             "ts >= ?",
		"DATE(ts) > '2020-01-01'":              "ts >= ? + INTERVAL 1 DAY",
		"DATE(t.ts) <= '2020-01-01'":           "t.ts < ? + INTERVAL 1 DAY",
		"DATE(ts) BETWEEN '2020' AND '2021'":   "ts >= ? AND ts < ? + INTERVAL 1 DAY",
		"DATE(ts) IN ('2020-01-01','2020-02')": "",
		"YEAR(ts) = 2020":                      "ts >= MAKEDATE(?, 1) AND ts < MAKEDATE(? + 1, 1)",
		"2020 < YEAR(ts)":                      "ts >= MAKEDATE(? + 1, 1)",
		"MONTH(ts) = 5":                        "",
		"n + 0 = 5":                            "n = ?",
		"n + 3 > 5":                            "n > ? - ?",
		"n - 3 <= 5":                           "n <= ? + ?",
		"n * 2 = 5":                            "",
		"LEFT(s, 3) = 'abc'":                   "s LIKE CONCAT(?, '%')",
		"SUBSTRING(s, 1, 3) = 'abc'":           "s LIKE CONCAT(?, '%')",
		"SUBSTRING(s, 2, 3) = 'abc'":           "",
		"UNIX_TIMESTAMP(ts) > 1600000000":      "ts > FROM_UNIXTIME(?)",
		"DATE_FORMAT(ts, '%Y-%m') = '2020-01'": "ts >= start AND ts < start + INTERVAL 1 MONTH, start being the first day that ? names",
		"LOWER(s) = 'secret'":                  "",
		"CAST(n AS CHAR) = 'secret'":           "",
	} {
		shape := p.Parse("SELECT a FROM t WHERE " + condition)
		if len(shape.Blocks) != 1 || len(shape.Blocks[0].Where) != 1 {
			t.Errorf("%s: no predicate", condition)
			continue
		}
		got := shape.Blocks[0].Where[0]
		if got.Kind != Wrapped || got.Rewrite != want {
			t.Errorf("%s: %s %q, want %q", condition, got.Kind, got.Rewrite, want)
		}
		if strings.Contains(got.Written+got.Rewrite, "2020") || strings.Contains(got.Written, "secret") {
			t.Errorf("%s: a literal is left in %q", condition, got.Written)
		}
	}
}

func TestSet(t *testing.T) {
	p, err := NewParser()
	if err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]string{
		"UPDATE t SET views = views + 1 WHERE id = 5":                           "views+",
		"UPDATE t SET a = 1, qty = t.qty - 2, b = NOW() WHERE id = 5":           "a=,qty+,b=",
		"UPDATE t SET a = b + 1 WHERE id = 5":                                   "a",
		"UPDATE t SET a = 1 + a WHERE id = 5":                                   "a+",
		"UPDATE t SET a = a * 2 WHERE id = 5":                                   "a",
		"INSERT INTO t (id, n) VALUES (1, 1) ON DUPLICATE KEY UPDATE n = n + 1": "n+",
		"SELECT a FROM t": "",
	} {
		shape := p.Parse(sql)
		var got []string
		for _, a := range shape.Set {
			s := a.Column.Name
			if a.Step {
				s += "+"
			}
			if a.Constant {
				s += "="
			}
			got = append(got, s)
		}
		if text := strings.Join(got, ","); text != want {
			t.Errorf("%s: %q, want %q", sql, text, want)
		}
	}
}

// TestFingerprintsAreShaped feeds fingerprints, which are all that is left of statements too long to
// keep: their lists are cut short and their constants are placeholders.
func TestFingerprintsAreShaped(t *testing.T) {
	p, err := NewParser()
	if err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]string{
		"select a from t where b in(?+) and c = ? order by d limit ?": "t.b in2; t.c =; order t.d; limit 0,-1",
		"update t set c = c + ? where id = ?":                         "t.id =",
	} {
		shape := p.Parse(sql)
		if len(shape.Blocks) != 1 || describe(shape.Blocks[0]) != want {
			t.Errorf("%s: %+v", sql, shape)
		}
	}
}

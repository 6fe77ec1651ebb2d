package analyzers

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// checkPlain asserts that a statement which is taken for a plain one has go-mysql's fingerprint.
func checkPlain(t *testing.T, sql string) (plain bool) {
	t.Helper()
	got, ok := appendPlainFingerprint(nil, []byte(sql))
	if want := anyFingerprint([]byte(sql)); ok && string(got) != want {
		t.Fatalf("fingerprint of %q:\n  %q\nwant\n  %q", sql, got, want)
	}
	return ok
}

// The words of these statements are those that go-mysql has rules for, in any order.
func TestPlainFingerprint(t *testing.T) {
	words := strings.Split("select|insert into t|a|t5|f(|(|)|,|, |=|<>| = |!|5|0xff|1.5|-3|+|-| - | + |/| / |*|'x'|\"it's\"|''|`a b`|`t`.`c`|.|;|?|@v|"+
		"in|in (1,2)|in(1)|IN ('a', 3)|in ( )|in (select 1)|value|values|values (1)|VALUES (1,'x'),(2,'y')|values(1), (2)|values (1) , (2)|null|is null|not null|null,|"+
		"use|call p(1)|order by|asc|asc,|desc|limit 10, 5|on duplicate key update|key|update|/* c 1 */|/*c*/|/**/|*/|/*!40001 x */|-- c\n|# c\n|x'0F'|b|x|\\|\n|  |\t|é|administrator|command:", "|")
	r := rand.New(rand.NewPCG(7, 7))
	plain := 0
	for range 300_000 {
		sql := []string{"", "select ", "SELECT c FROM t WHERE ", "insert into t ", "/* a */ delete from t "}[r.IntN(5)]
		for range 1 + r.IntN(9) {
			sql += words[r.IntN(len(words))]
			if r.IntN(4) > 0 {
				sql += " "
			}
		}
		if checkPlain(t, sql) {
			plain++
		}
	}
	if plain < 30_000 {
		t.Errorf("%d of 300,000 statements are plain", plain)
	}
	for _, sql := range shapeStatements {
		checkPlain(t, sql)
	}
}

func TestCommonStatementsArePlain(t *testing.T) {
	for _, sql := range []string{
		"SELECT c FROM sbtest1 WHERE id BETWEEN 50021 AND 50120 AND name = 'some longer value' ORDER BY c LIMIT 10",
		"INSERT INTO t_1 (id, c) VALUES (5, 'it''s'), (6, 'b')",
		"UPDATE t SET c = c + 1, seen = '2026-11-22 10:00:00' WHERE id IN (1, 2, 3)",
		"select a.id, count(*) from t a join users u on u.id = a.b where u.age > 5 group by a.id having count(*) > 1",
		"DELETE FROM `shop`.`orders` WHERE `id`=5 AND `x` IS NULL /* sweep */",
		"insert into t (`a`) values (1) on duplicate key update a=values(a), n = n + 1",
		"SELECT\n  a\nFROM t\nWHERE b IN('x')\n  AND c >= 7",
		"COMMIT",
	} {
		if !checkPlain(t, sql) {
			t.Errorf("not plain: %s", sql)
		}
	}
}

// go-mysql panics on these unless it is given room.
func TestFingerprintOfShortLists(t *testing.T) {
	for _, sql := range []string{
		"select a from t where b in(1)", "insert into t values(1)", "select a from t where b in(1) or c in(2) or d in(3)",
		"select a+b from t where b in(1) or c in(2) or d in(3) or e in(4)",
	} {
		if text, _ := Fingerprint(sql); strings.Count(text, "(?+)") != strings.Count(sql, "(") {
			t.Errorf("fingerprint of %q is %q", sql, text)
		}
	}
}

// Twenty thousand subqueries in each other took go-mysql more than 10 GB.
func TestFingerprintOfNestedSubqueries(t *testing.T) {
	nested := func(depth int, value string) string {
		return "select a from t where b = " + value + " and " + strings.Repeat("c IN (SELECT d from t where ", depth) + "1=1" + strings.Repeat(")", depth)
	}
	if text, _ := Fingerprint(nested(100, "5")); strings.Count(text, "in(select d") != 100 || !strings.Contains(text, "?=?") {
		t.Errorf("fingerprint of a hundred subqueries: %.200s", text)
	}
	deep, id := Fingerprint(nested(20_000, "5"))
	if !strings.HasPrefix(deep, "select a from t where b = ? and c in (select d") {
		t.Errorf("fingerprint of 20,000 subqueries: %.200s", deep)
	}
	if _, other := Fingerprint(nested(20_000, "7")); other != id {
		t.Error("literals make two fingerprints")
	}
}

// FuzzFingerprint holds the fingerprints of plain statements to be go-mysql's.
func FuzzFingerprint(f *testing.F) {
	for _, sql := range shapeStatements {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		if len(sql) <= 4096 && strings.Count(sql, "(") <= 64 {
			checkPlain(t, sql)
		}
	})
}

func BenchmarkFingerprint(b *testing.B) {
	sql := "SELECT c FROM sbtest1 WHERE id BETWEEN 50021 AND 50120 AND name = 'some longer value' ORDER BY c LIMIT 10"
	for name, f := range map[string]func(string){
		"plain": func(sql string) { Fingerprint(sql) },
		"any":   func(sql string) { anyFingerprint([]byte(sql)) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(sql)))
			b.ReportAllocs()
			for b.Loop() {
				f(sql)
			}
		})
	}
}

package analyzers

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

var shapeStatements = []string{
	"select 1", "SELECT c FROM t WHERE id=5 AND name='x'", "select * from t where a in (1,2, 3) and b = \"y\"",
	"INSERT INTO t (a,b) VALUES (1,'x'),(2,'y)'), (3,NULL)", "insert into t values (1) on duplicate key update a=VALUES(a), b=values(b)+1",
	"update t set c=c+1 where id=7", "select 'it''s', 'it\\'s' from `a``b` where x = -5.3e10 and y=0xff", "call p(1,2)",
	"select a from t order by a asc, b asc limit 10, 5", "select /* c 1 */ 2 from t -- x 5\n where a = 3 # 6\n",
	"select /*!40001 sql_no_cache */ 5 from t", "insert into t value (select 1)", "select a%3, a*4, 5-3, t1.c2 from db3.t4 where x in (select y from z where q = 9)",
	"select * from t where a in ('a','b') union select 1 , (2), (3)", "use db5", "administrator command: Init DB", "select x'0F', b'01', N'abc', _utf8'x'",
	"select 12_13_foo from (select 12foo from 123_bar) as 123baz", "select null, is null, not null", "select 1.5, .5, 5., a.5 from t5 where a>5 and b<6 and c!=7 and d<>8",
	"select * from t where a IN(1,2)", "replace into t values(1,(2),'3'),\n(4,(5),'6')", "set @a := 5, b=+7, c=-8", "select * from t where d between '2020-01-01' and '2020-02-02' limit 5 offset 100",
	"insert into t (`a'b`) values ('x', \"y\")", "select f(1,2), g(a,3), h( 4 )", "select 5 from t where k\t=\n6", "select \xe4\xb8\xad, '\xff' from t where a = 5\xff",
	"select a from t where b = '/*!5 */' and c = 7 and d in (1, '/*!', 2) and e = 8", "select `/*!4 5` from t where a = 6 and b in (7 /*!8 9*/) and c = 10",
}

// checkShapes asserts what statements with one key share: the fingerprint and the kind.
func checkShapes(t *testing.T, a, b []byte) {
	t.Helper()
	if !bytes.Equal(AppendShapeKey(nil, a), AppendShapeKey(nil, b)) {
		return
	}
	fa, _ := Fingerprint(string(a))
	fb, _ := Fingerprint(string(b))
	if fa != fb {
		t.Fatalf("one key, two fingerprints:\n  %q\n  %q\nkey %q\n  %q\n  %q", a, b, AppendShapeKey(nil, a), fa, fb)
	}
	ka, ia := kindBySQL(string(a))
	if kb, ib := kindBySQL(string(b)); ka != kb || ia != ib {
		t.Fatalf("one key, two kinds:\n  %q\n  %q\nkey %q\n  %v\n  %v", a, b, AppendShapeKey(nil, a), ka, kb)
	}
}

// vary returns sql with the content of its literals changed, and now and then with something else.
func vary(sql []byte, r *rand.Rand) []byte {
	out := []byte{}
	for i := 0; i < len(sql); {
		c := sql[i]
		switch {
		case c >= '0' && c <= '9':
			j := i
			for j < len(sql) && sql[j] >= '0' && sql[j] <= '9' {
				j++
			}
			out = append(out, []byte([]string{"0", "42", "12345678901", "7.25", "1e5", "0xAB", "3-1"}[r.IntN(7)])...)
			i = j
		case c == '\'' || c == '"':
			end := quotedEnd(sql, i)
			if end < 0 {
				return append(out, sql[i:]...)
			}
			body := []string{"", "a", "x y", "\\\\", "\\'\\\"", ")", "(1,2)", "select 1", "--", "5", "/*", "/*!4 5*/ 6"}[r.IntN(12)]
			out = append(append(append(out, c), body...), c)
			i = end
		case c == ')' && r.IntN(8) == 0: // one more row
			out = append(out, "), (7,'x')"...)
			i++
		case c == ',' && r.IntN(8) == 0:
			out = append(out, ",9,"...)
			i++
		default:
			out = append(out, c)
			i++
		}
	}
	return out
}

func TestShapeKeyImpliesFingerprint(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, sql := range shapeStatements {
		for range 200 {
			checkShapes(t, []byte(sql), vary([]byte(sql), r))
		}
	}
}

func TestShapeKeyJoinsLiterals(t *testing.T) {
	for _, pair := range [][2]string{
		{"SELECT c FROM sbtest1 WHERE id=50021", "SELECT c FROM sbtest1 WHERE id=7"},
		{"select * from t where a in (1,2,3)", "select * from t where a in (9)"},
		{"INSERT INTO t (a,b) VALUES (1,'x'),(2,'y')", "INSERT INTO t (a,b) VALUES (5,'it\\'s'),(6,'z'), (7,'')"},
		{"update t set a='x', b=5 where c>7", "update t set a='', b=123456 where c>0"},
	} {
		if a, b := AppendShapeKey(nil, []byte(pair[0])), AppendShapeKey(nil, []byte(pair[1])); !bytes.Equal(a, b) {
			t.Errorf("keys differ:\n  %q\n  %q", a, b)
		}
	}
}

// FuzzShapeKey takes any statement, varies its literals, and holds equal keys to equal fingerprints and kinds.
func FuzzShapeKey(f *testing.F) {
	for i, sql := range shapeStatements {
		f.Add([]byte(sql), []byte(shapeStatements[(i+1)%len(shapeStatements)]), uint64(i))
	}
	for sql := range kindStatements {
		f.Add([]byte(sql), []byte(sql), uint64(len(sql)))
	}
	f.Fuzz(func(t *testing.T, a, b []byte, seed uint64) {
		if len(a) > 4096 || len(b) > 4096 || strings.Count(string(a), "(") > 64 {
			return
		}
		checkShapes(t, a, b)
		r := rand.New(rand.NewPCG(seed, 7))
		for range 8 {
			checkShapes(t, a, vary(a, r))
		}
	})
}

func BenchmarkShapeKey(b *testing.B) {
	sql := []byte("SELECT c FROM sbtest1 WHERE id BETWEEN 50021 AND 50120 AND name = 'some longer value' ORDER BY c LIMIT 10")
	b.SetBytes(int64(len(sql)))
	b.ReportAllocs()
	var key []byte
	for b.Loop() {
		key = AppendShapeKey(key[:0], sql)
	}
}

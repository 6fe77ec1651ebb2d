package analyzers

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// checkTemplate asserts that a statement that is like another by its template has the same key.
func checkTemplate(t *testing.T, a, b []byte) (like bool) {
	t.Helper()
	key, whole := appendShapeKey(nil, a)
	var known template
	if !whole || !known.set(a, key) {
		return false
	}
	if !known.matches(a) {
		t.Fatalf("%q is not like itself: text %q, cuts %v", a, known.text, known.cuts)
	}
	if !known.matches(b) {
		return false
	}
	if other := AppendShapeKey(nil, b); !bytes.Equal(key, other) {
		t.Fatalf("alike by template, not by key:\n  %q\n  %q\n  %q\n  %q", a, b, key, other)
	}
	return true
}

func TestTemplate(t *testing.T) {
	alike := func(a, b string, want bool) {
		t.Helper()
		if got := checkTemplate(t, []byte(a), []byte(b)); got != want {
			t.Errorf("%q and %q: alike %v", a, b, got)
		}
	}
	alike("SELECT c FROM sbtest1 WHERE id=50021", "SELECT c FROM sbtest1 WHERE id=7", true)
	alike("SELECT c FROM sbtest1 WHERE id=50021", "SELECT c FROM sbtest2 WHERE id=7", false)
	alike("SELECT c FROM t WHERE id=5 AND name='x'", "SELECT c FROM t WHERE id=1e9 AND name='it\\'s 5'", true)
	alike("SELECT c FROM t WHERE id=5 AND name='x'", "SELECT c FROM t WHERE id='5' AND name='x'", false)
	alike("SELECT c FROM t WHERE id=5 AND name='x'", "SELECT c FROM t WHERE id=5 AND name='x' LIMIT 1", false)
	alike("SELECT c FROM t WHERE id=5 LIMIT 1", "SELECT c FROM t WHERE id=5foo LIMIT 1", false)
	alike("SELECT c FROM t WHERE id=5 LIMIT 1", "SELECT c FROM t WHERE id=5", false)
	alike("SELECT c FROM t WHERE id IN (1,2)", "SELECT c FROM t WHERE id IN (1,2)", false) // lists have none
	alike("SELECT c FROM t WHERE id=? AND k='?'", "SELECT c FROM t WHERE id=? AND k='5'", true)
	alike("SELECT c FROM t WHERE id=5", "SELECT c FROM t WHERE id=", false)
	alike("SELECT c FROM t WHERE id='5'", "SELECT c FROM t WHERE id='", false)
	alike("do 'aaaa',5 from t where k", "do '',5 from t where k", false) // the first bytes are read in another way
	r := rand.New(rand.NewPCG(1, 2))
	like := 0
	for _, sql := range shapeStatements {
		for range 200 {
			if checkTemplate(t, []byte(sql), vary([]byte(sql), r)) {
				like++
			}
		}
	}
	if like < 200 {
		t.Errorf("only %d of the varied statements are like theirs", like)
	}
}

// FuzzTemplate takes any statement and varies its literals.
func FuzzTemplate(f *testing.F) {
	for i, sql := range shapeStatements {
		f.Add([]byte(sql), []byte(shapeStatements[(i+1)%len(shapeStatements)]), uint64(i))
	}
	f.Fuzz(func(t *testing.T, a, b []byte, seed uint64) {
		if len(a) > 4096 || len(b) > 4096 || strings.Count(string(a), "(") > 64 {
			return
		}
		checkTemplate(t, a, b)
		r := rand.New(rand.NewPCG(seed, 7))
		for range 8 {
			checkTemplate(t, a, vary(a, r))
		}
	})
}

// A statement has the same shape whether a template tells it or its key.
func TestTemplatesInCache(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	c, byTemplate := newShapeCache(&forms{}), 0
	for range 20_000 {
		sql := vary([]byte(shapeStatements[r.IntN(len(shapeStatements))]), r)
		if c.templates.find(sql) != nil {
			byTemplate++
		}
		want, _ := Fingerprint(string(sql))
		if got := c.lookup(sql, false); got.fingerprint != want {
			t.Fatalf("%q:\n  %q\n  %q", sql, got.fingerprint, want)
		}
		if admin := c.lookup(sql, true); admin.kind != Other {
			t.Fatalf("%q as a command of the protocol is %v", sql, admin.kind)
		}
	}
	if byTemplate < 1000 {
		t.Errorf("only %d statements were told by their template", byTemplate)
	}
	for i := range maxShapes + 1 {
		c.lookup(fmt.Appendf(nil, "SELECT c%d FROM t WHERE id=5", i), false)
	}
	if c.templates != nil {
		t.Error("templates outlive the generation of their shapes")
	}
}

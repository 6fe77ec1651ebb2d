package analyzers

import (
	"bytes"
	"hash/maphash"
	"strings"
	"sync"

	"github.com/cespare/xxhash/v2"
)

// maxShapes bounds each generation of a shapeCache, and maxShapeKey the keys it remembers: beyond
// them a statement pays for its fingerprint every time it comes by. A log in which hardly a shape
// comes again gets a small cache: memory would buy nothing.
const (
	maxShapes   = 32_768
	fewShapes   = 2_048
	maxShapeKey = 16 << 10
)

// A form is what a statement's text says of all statements with one shape key.
type form struct {
	*names
	number uint64 // that id writes
	kind   Kind
	offset bool // has LIMIT n, m or OFFSET n
	insert bool // INSERT or REPLACE … VALUES
}

type names struct{ fingerprint, id string }

// A shape is the form of the statements with one shape key, as one worker has met it.
type shape struct {
	form

	// What the part with this number has met of the shape is its met[slot]. It is no pointer: shapes
	// live on and must not keep what parts held that are long joined.
	part uint64
	slot int32

	listed bool // no template can be made of its statements: they have value lists

	home home
}

// A shapeCache takes the fingerprint of each shape once. It serves one part at a time. Shapes that
// nobody asked for while a whole generation came in are forgotten.
//
// Shapes are looked up by a hash of their key, with a seed of this run: among as many as are held two
// of one hash are less likely than a fault of the memory.
type shapeCache struct {
	young, old map[uint64]*shape
	key        []byte
	hits       int // in this generation
	room       int // of this generation
	templates  templates
	forms      *forms
}

func newShapeCache(f *forms) *shapeCache {
	return &shapeCache{young: map[uint64]*shape{}, room: maxShapes, forms: f}
}

// forms are what the workers of one log have learned from each other: who meets a shape second need
// not take its fingerprint.
type forms struct {
	mu  sync.Mutex
	all map[uint64]form
}

func (f *forms) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = nil
}

// of returns the form of a statement, by the hash of its shape key. What key holds is not kept.
func (f *forms) of(hash uint64, sql, key []byte, admin bool) form {
	f.mu.Lock()
	have, ok := f.all[hash]
	f.mu.Unlock()
	if ok {
		return have
	}
	have = newForm(sql, key, admin)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == nil || len(f.all) >= maxShapes {
		f.all = map[uint64]form{}
	}
	f.all[hash] = have
	return have
}

var shapeSeed = maphash.MakeSeed()

func (c *shapeCache) lookup(sql []byte, admin bool) *shape {
	if !admin {
		if s := c.templates.find(sql); s != nil {
			c.hits++
			return s
		}
	}
	c.key = c.key[:0]
	if admin {
		c.key = append(c.key, 0)
	}
	var whole bool
	c.key, whole = appendShapeKey(c.key, sql)
	if cap(c.key) > 64*maxShapeKey {
		defer func() { c.key = nil }() // a huge statement came by; do not keep its memory
	}
	hash := maphash.Bytes(shapeSeed, c.key)
	if s := c.young[hash]; s != nil {
		c.hits++
		if whole && !admin && len(c.young) <= maxTemplated {
			c.templates.learn(sql, c.key, s)
		}
		return s
	}
	s := c.old[hash]
	if s == nil {
		if s = (&shape{}); c.room == fewShapes { // nobody meets a shape twice
			s.form = newForm(sql, c.key, admin)
		} else {
			s.form = c.forms.of(hash, sql, c.key, admin)
		}
	} else {
		c.hits++
	}
	if len(c.key) <= maxShapeKey {
		if len(c.young) >= c.room {
			c.turn()
		}
		c.young[hash] = s
	}
	return s
}

// turn begins a new generation.
func (c *shapeCache) turn() {
	c.old, c.young, c.templates = c.young, map[uint64]*shape{}, nil
	if c.room = maxShapes; c.hits < len(c.old)/4 {
		c.room = fewShapes
		c.forms.forget()
	}
	c.hits = 0
}

func newForm(sql, key []byte, admin bool) form {
	f := form{names: &names{}}
	f.fingerprint, f.id = fingerprint(sql)
	f.number, _ = parseID(f.id)
	if !admin {
		var inserts bool
		f.kind, inserts = kindOf(sql, key)
		f.offset = strings.Contains(f.fingerprint, " offset ?") || strings.Contains(f.fingerprint, "limit ?, ?") || strings.Contains(f.fingerprint, "limit ?,?")
		f.insert = inserts && strings.Contains(f.fingerprint, "values")
	}
	if len(f.fingerprint) > MaxFingerprint {
		f.fingerprint = strings.ToValidUTF8(f.fingerprint[:MaxFingerprint], "") + "… " + f.id
	}
	return f
}

// repeats reports whether it is followed how often the same parameters come again.
func (f *form) repeats() bool { return f.kind != Other && !f.insert }

// digest returns one of a statement's parameters, for Repeats.
func (f *form) digest(sql []byte) uint32 {
	if !f.repeats() {
		return 0
	}
	return digestOf(xxhash.Sum64(parameters(sql, f.kind)))
}

// literalOffset returns the OFFSET of a statement: of "LIMIT n, m" or "OFFSET n".
func literalOffset(sql []byte) (n int64, ok bool) {
	tail := sql[max(0, len(sql)-96):]
	lower := bytes.ToLower(tail)
	if i := bytes.LastIndex(lower, []byte("offset")); i >= 0 {
		n, _, ok = leadingInt(tail[i+len("offset"):])
		return n, ok
	}
	i := bytes.LastIndex(lower, []byte("limit"))
	if i < 0 {
		return 0, false
	}
	n, rest, ok := leadingInt(tail[i+len("limit"):])
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return n, ok && len(rest) > 0 && rest[0] == ','
}

func leadingInt(b []byte) (n int64, rest []byte, ok bool) {
	b = bytes.TrimLeft(b, " \t\r\n")
	i := 0
	for ; i < len(b) && b[i]-'0' <= 9 && i < 18; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	return n, b[i:], i > 0
}

// oneRow reports whether the VALUES of an INSERT hold one row.
func oneRow(sql []byte) bool {
	for _, sep := range [][]byte{[]byte("),("), []byte("), ("), []byte("),\n("), []byte("),\r\n(")} {
		if bytes.Contains(sql, sep) {
			return false
		}
	}
	return true
}

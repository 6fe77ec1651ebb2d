package analyzers

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
	"sync"

	"dbtriage/collectors"
)

// How the endpoints that cold.go packs lie in memory.

// coldWords are what the packed rows of one gatherer have in common. Its workers share it.
type coldWords struct {
	mu     sync.Mutex
	source string
	base   int64 // an instant, about that of all
	begun  bool
	words  []string // addresses and cache statuses
	index  map[string]uint64
}

const maxColdWords = 10_000

// word returns the number of a word; ok is false when there are too many.
func (w *coldWords) word(s string) (n uint64, ok bool) {
	if n, ok = w.index[s]; ok || len(w.words) >= maxColdWords {
		return n, ok
	}
	if w.index == nil {
		w.index = map[string]uint64{}
	}
	n = uint64(len(w.words))
	w.words = append(w.words, s)
	w.index[s] = n
	return n, true
}

// coldRoutes are packed endpoints. There may be several rows of one key until compact.
type coldRoutes struct {
	words *coldWords
	parts [coldParts]coldPart // by the hash of the key
	rows  int                 // at least as many as there are names
	check int                 // beyond how many rows the names are to be counted
	pack  []byte
	named coldNames
}

type coldPart struct {
	chunks  [][]byte
	open    []byte // the chunk that rows are added to
	size    int    // of the rows
	compact int    // the size from which on it pays to look for rows of one name
}

func newColdRoutes(words *coldWords) *coldRoutes {
	c := &coldRoutes{words: words, check: MaxRoutes}
	for i := range c.parts {
		c.parts[i].compact = coldSize
	}
	return c
}

// clone returns a copy that shares what was packed so far, which never changes.
func (c *coldRoutes) clone() *coldRoutes {
	if c == nil {
		return nil
	}
	for i := range c.parts {
		c.parts[i].seal()
	}
	n := *c
	n.pack, n.named = nil, coldNames{}
	for i := range n.parts {
		p := &n.parts[i]
		p.chunks, p.open = slices.Clip(p.chunks), nil
	}
	return &n
}

var coldSeed = maphash.MakeSeed()

// add packs an endpoint. The row is its length, its key, and what is known of it.
func (c *coldRoutes) add(e *Endpoint) {
	c.words.mu.Lock()
	b := appendColdKey(c.pack[:0], e.Key)
	key := len(b)
	b, ok := c.words.appendSingle(b, e)
	c.words.mu.Unlock()
	if !ok {
		enc := encoder{buf: append(b[:key], 0)}
		enc.endpoint(e)
		b = enc.buf
	}
	c.pack = b
	c.parts[maphash.Bytes(coldSeed, b[:key])%coldParts].append(b)
	c.rows++
}

func (p *coldPart) append(row []byte) {
	if n := len(row) + binary.MaxVarintLen32; cap(p.open)-len(p.open) < n {
		if p.seal(); cap(p.open) < n {
			p.open = make([]byte, 0, max(coldChunk, n))
		}
	}
	p.open = append(binary.AppendUvarint(p.open, uint64(len(row))), row...)
	p.size += len(row) + 2
}

// seal closes the open chunk.
func (p *coldPart) seal() {
	if len(p.open) > 0 {
		p.chunks = append(p.chunks, slices.Clone(p.open))
		p.open = p.open[:0]
	}
}

// all yields the rows, which stay as they are.
func (p *coldPart) all(yield func(row []byte) bool) {
	p.seal()
	for _, rows := range p.chunks {
		for len(rows) > 0 {
			size, n := binary.Uvarint(rows)
			if !yield(rows[n : n+int(size)]) {
				return
			}
			rows = rows[n+int(size):]
		}
	}
}

var coldMethods = []string{"GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", ""}

func appendColdKey(b []byte, key EndpointKey) []byte {
	method := slices.Index(coldMethods, key.Method)
	role := slices.Index([]string{"web", "app"}, key.Role)
	if method < 0 || role < 0 {
		b = append(b, 255)
		e := encoder{buf: b}
		e.string(key.Role)
		e.string(key.Method)
		b = e.buf
	} else {
		b = append(b, byte(role*len(coldMethods)+method))
	}
	return append(binary.AppendUvarint(b, uint64(len(key.Route))), key.Route...)
}

// cutColdKey returns the length of the key that a row begins with, and the key if it is wanted.
func cutColdKey(row []byte, wanted bool) (length int, key EndpointKey) {
	r := decoder{buf: row[1:]}
	skip := func() {
		n := r.count()
		r.buf = r.buf[n:]
	}
	text := func() (s string) {
		if wanted {
			return r.string()
		}
		skip()
		return ""
	}
	if code := int(row[0]); code == 255 {
		key.Role, key.Method = text(), text()
	} else {
		key.Role, key.Method = []string{"web", "app"}[code/len(coldMethods)], coldMethods[code%len(coldMethods)]
	}
	key.Route = text()
	return len(row) - len(r.buf), key
}

// What a row of one request has; 0 begins a row of any other endpoint.
const (
	coldSingle = 1 << iota
	coldTime
	coldUpstream
	coldConnect
	coldHeader
	coldStatus
	coldCache
	coldPeer
	coldAt
	coldWholeSecond
	coldWorst
)

// appendSingle packs an endpoint of one request with one attempt at most, as those of a scanner are;
// ok is false for any other.
func (w *coldWords) appendSingle(b []byte, e *Endpoint) (row []byte, ok bool) {
	if e.Requests != 1 || e.Retried|e.Redirected != 0 || len(e.Status) > 1 || len(e.Cache) > 1 || len(e.Upstreams) > 1 ||
		e.Upstream.Count > 1 || e.Connect.Count > 1 || e.Header.Count > 1 || e.BytesSent < 0 {
		return b, false
	}
	flags := uint64(coldSingle)
	set := func(when bool, flag uint64) {
		if when {
			flags |= flag
		}
	}
	set(e.Time.Count > 0, coldTime)
	set(e.Upstream.Count > 0, coldUpstream)
	set(e.Connect.Count > 0, coldConnect)
	set(e.Header.Count > 0, coldHeader)
	set(len(e.Status) > 0, coldStatus)
	set(len(e.Cache) > 0, coldCache)
	set(len(e.Upstreams) > 0, coldPeer)
	set(e.First != collectors.NoTime, coldAt)
	set(e.First%1e6 == 0, coldWholeSecond)
	set(e.Worst.Source != "", coldWorst)
	if !w.begun {
		w.begun, w.source = true, e.Worst.Source
		if e.First != collectors.NoTime {
			w.base = e.First - e.First%1e6
		}
	}
	if flags&coldWorst != 0 && (e.Worst.Source != w.source || e.Worst.TimeUS != e.Time.Sum) || e.First != e.Last ||
		flags&coldAt == 0 && e.Slices.Width != 0 || flags&coldAt != 0 && (e.Slices.Width != SliceWidth || len(e.Slices.Cells) != 1) {
		return b, false
	}
	b = binary.AppendUvarint(b, flags)
	b = binary.AppendUvarint(b, uint64(e.BytesSent))
	for _, t := range []*Timing{&e.Time, &e.Upstream, &e.Connect, &e.Header} {
		if t.Count > 0 {
			b = binary.AppendUvarint(b, uint64(t.Sum))
		}
	}
	for code := range e.Status {
		b = binary.AppendUvarint(b, uint64(code))
	}
	for _, m := range []map[string]int64{e.Cache, e.Upstreams} {
		for name, times := range m {
			n, ok := w.word(name)
			if !ok || times != 1 {
				return b, false
			}
			b = binary.AppendUvarint(b, n)
		}
	}
	if flags&coldAt != 0 {
		at := e.First - w.base
		if flags&coldWholeSecond != 0 {
			at /= 1e6
		}
		b = binary.AppendVarint(b, at)
	}
	if flags&coldWorst != 0 {
		b = binary.AppendUvarint(b, uint64(e.Worst.Offset))
	}
	return b, true
}

// weight returns what of a row decides whether it is told by itself.
func (c *coldRoutes) weight(row []byte) (requests, timeUS int64) {
	n, _ := cutColdKey(row, false)
	r := decoder{buf: row[n:]}
	if flags := r.uint(); flags != 0 {
		r.uint()
		if flags&coldTime != 0 {
			timeUS = int64(r.uint())
		}
		return 1, timeUS
	}
	e := r.endpoint()
	return e.Requests, e.Time.Sum
}

// unpack returns the endpoint of a row.
func (c *coldRoutes) unpack(row []byte) *Endpoint { return c.unpackInto(nil, row) }

// unpackInto is unpack into an endpoint that is no longer needed, if there is one.
func (c *coldRoutes) unpackInto(e *Endpoint, row []byte) *Endpoint {
	n, key := cutColdKey(row, true)
	r := decoder{buf: row[n:]}
	flags := r.uint()
	if flags == 0 {
		return r.endpoint()
	}
	if e == nil {
		e = newEndpoint(key)
	} else {
		e.reset()
		e.Key = key
	}
	c.words.mu.Lock()
	defer c.words.mu.Unlock()
	e.Requests, e.BytesSent = 1, int64(r.uint())
	for i, t := range []*Timing{&e.Time, &e.Upstream, &e.Connect, &e.Header} {
		if flags&(coldTime<<i) != 0 {
			t.Add(int64(r.uint()))
		}
	}
	if e.Time.Count > 0 && e.Upstream.Count > 0 {
		e.Client.Add(max(e.Time.Sum-e.Upstream.Sum, 0))
	}
	if e.Connect.Sum > 0 {
		e.ConnectAboveZero = 1
	}
	if flags&coldStatus != 0 {
		e.Status[int64(r.uint())] = 1
	}
	if flags&coldCache != 0 {
		e.Cache[c.words.words[r.uint()]] = 1
	}
	if flags&coldPeer != 0 {
		e.Upstreams[c.words.words[r.uint()]] = 1
	}
	if flags&coldAt != 0 {
		at := r.int()
		if flags&coldWholeSecond != 0 {
			at *= 1e6
		}
		e.First = c.words.base + at
		e.Last = e.First
		e.Slices.add(e.First, 1, e.Time.Sum)
	}
	if flags&coldWorst != 0 {
		e.Worst = Slowest{c.words.source, int64(r.uint()), e.Time.Sum}
	}
	return e
}

// coldNames finds the rows of a part by their key. Its memory is used for one part after the other.
type coldNames struct {
	slots  []int32 // the group of a key, counted from 1, at a place by its hash; 0 where there is none
	groups []coldGroup
}

// A coldGroup is the rows of one key.
type coldGroup struct {
	hash uint64
	row  []byte    // the first
	key  int       // how long its key is
	e    *Endpoint // of all, if they are several
}

func (n *coldNames) reset() {
	clear(n.slots)
	clear(n.groups)
	n.groups = n.groups[:0]
}

// group returns the group of the key that row begins with, and whether row is its first.
func (n *coldNames) group(row []byte, key int) (g *coldGroup, first bool) {
	if 2*len(n.groups) >= len(n.slots) {
		n.slots = make([]int32, max(4096, 2*len(n.slots)))
		for i := range n.groups {
			*n.slot(n.groups[i].hash, nil) = int32(i + 1)
		}
	}
	hash := maphash.Bytes(coldSeed, row[:key])
	slot := n.slot(hash, row[:key])
	if *slot == 0 {
		n.groups = append(n.groups, coldGroup{hash: hash, row: row, key: key})
		*slot, first = int32(len(n.groups)), true
	}
	return &n.groups[*slot-1], first
}

// slot returns the slot of a key, or a free one if it has none; of a nil key a free one.
func (n *coldNames) slot(hash uint64, key []byte) *int32 {
	for at := hash >> 32; ; at++ {
		slot := &n.slots[at&uint64(len(n.slots)-1)]
		if *slot == 0 {
			return slot
		}
		if g := &n.groups[*slot-1]; key != nil && g.hash == hash && string(g.row[:g.key]) == string(key) {
			return slot
		}
	}
}

// compact makes one row of all that have the same key, and counts them.
func (c *coldRoutes) compact(p *coldPart) (names int) {
	c.named.reset()
	rows := 0
	for row := range p.all {
		rows++
		key, _ := cutColdKey(row, false)
		g, first := c.named.group(row, key)
		if first {
			continue
		}
		if g.e == nil {
			g.e = c.unpack(g.row)
		}
		g.e.merge(c.unpack(row))
	}
	names = len(c.named.groups)
	if names < rows {
		kept := &coldRoutes{words: c.words}
		for _, g := range c.named.groups {
			if g.e != nil {
				kept.add(g.e)
			} else {
				kept.parts[g.hash%coldParts].append(g.row)
			}
		}
		for i := range kept.parts {
			if k := &kept.parts[i]; k.size > 0 {
				p.chunks, p.open, p.size = k.chunks, k.open, k.size
			}
		}
		c.rows -= rows - names
	}
	p.compact = max(coldSize, 2*p.size)
	return names
}

// names counts the names, and makes one row of each.
func (c *coldRoutes) names() (n int) {
	for i := range c.parts {
		n += c.compact(&c.parts[i])
	}
	c.check = max(MaxRoutes, n+n/2)
	c.named = coldNames{}
	return n
}

// fold gives all rows the names of a step.
func (c *coldRoutes) fold(step int) {
	old := c.parts
	*c = *newColdRoutes(c.words)
	for i := range old {
		for row := range old[i].all {
			e := c.unpack(row)
			e.Key = foldEndpoint(e.Key, step)
			c.add(e)
		}
		old[i] = coldPart{}
		c.compact(&c.parts[i])
	}
	c.names()
}

// join takes over the rows of o.
func (c *coldRoutes) join(o *coldRoutes) {
	for i := range o.parts {
		if c.words != o.words {
			for row := range o.parts[i].all {
				c.add(o.unpack(row))
			}
			o.parts[i] = coldPart{}
			continue
		}
		p := &c.parts[i]
		o.parts[i].seal()
		p.chunks = append(p.chunks, o.parts[i].chunks...)
		p.size += o.parts[i].size
	}
	if c.words == o.words {
		c.rows += o.rows
	}
}

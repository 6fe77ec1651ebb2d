package analyzers

import (
	"container/heap"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"sync"

	"dbtriage/collectors"
)

// A scanner asks for tens of thousands of paths that nobody else does, each once. Which routes weigh
// little is known only at the end, and must not depend on where a log was cut. So while a log is read no
// route is given up: those that were asked for least lie packed in memory without loss, some 60 bytes a
// route, and are brought together when the input has ended. Only then, when there are more than
// MaxEndpoints, are the lightest of all told by coarser names.
const (
	// MaxRoutes is how many routes each worker tells apart without loss. Beyond it the lightest so far are
	// folded at once: no bounded memory holds what comes of each later. Then a route may lack what it was
	// asked for before it weighed anything, and of light ones that depends on where the log was cut.
	MaxRoutes = 1 << 16
	// heavyRoutes is how many routes keep their rows for the time they took, and as many for how often they
	// were asked for, when there are more than MaxEndpoints; coarseRoutes bounds the rows of all others.
	heavyRoutes  = 4_500
	coarseRoutes = MaxEndpoints - 2*heavyRoutes
	// warmRoutes is how many endpoints a digest keeps unpacked at least once it has packed some, which it
	// does beyond half of MaxEndpoints: each takes two kilobytes.
	warmRoutes = 1_000

	coldParts = 64
	coldChunk = 16 << 10
	// coldSize is from how many bytes on a part of a store is looked through for rows of one name.
	coldSize = 1 << 20
)

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
	n.pack = nil
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

// compact makes one row of all that have the same key, and counts them.
func (c *coldRoutes) compact(p *coldPart) (names int) {
	type group struct {
		row []byte
		e   *Endpoint // of several rows
	}
	at := map[string]int{}
	var groups []group
	alike := false
	for row := range p.all {
		n, _ := cutColdKey(row, false)
		i, ok := at[string(row[:n])]
		if !ok {
			at[string(row[:n])] = len(groups)
			groups = append(groups, group{row: row})
			continue
		}
		alike = true
		g := &groups[i]
		if g.e == nil {
			g.e = c.unpack(g.row)
		}
		g.e.merge(c.unpack(row))
	}
	if alike {
		before := c.rows
		for row := range p.all {
			_ = row
			before--
		}
		c.rows = before
		kept := &coldRoutes{words: c.words}
		for _, g := range groups {
			if g.e != nil {
				kept.add(g.e)
			} else {
				n, _ := cutColdKey(g.row, false)
				kept.parts[maphash.Bytes(coldSeed, g.row[:n])%coldParts].append(g.row)
			}
		}
		for i := range kept.parts {
			if k := &kept.parts[i]; k.size > 0 {
				p.chunks, p.open, p.size = k.chunks, k.open, k.size
			}
		}
		c.rows += len(groups)
	}
	p.compact = max(coldSize, 2*p.size)
	return len(groups)
}

// names counts the names, and makes one row of each.
func (c *coldRoutes) names() (n int) {
	for i := range c.parts {
		n += c.compact(&c.parts[i])
	}
	c.check = max(MaxRoutes, n+n/2)
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

// crowded reports whether a digest has more endpoints than it keeps unpacked, or too many packed ones.
func (d *Digest) crowded() bool {
	return len(d.Endpoints) > MaxEndpoints/2 || d.cold != nil && (len(d.Endpoints) > 2*warmRoutes || d.cold.rows > d.cold.check)
}

// cool packs all endpoints but keep that were asked for most; packed is told of each.
func (d *Digest) cool(words *coldWords, keep int, packed func(*Endpoint)) {
	if d.cold == nil {
		d.cold = newColdRoutes(words)
	}
	all := make([]*Endpoint, 0, len(d.Endpoints))
	for key, e := range d.Endpoints {
		e.Key = key
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *Endpoint) int { return int(min(max(b.Requests-a.Requests, -1), 1)) })
	for _, e := range all[min(keep, len(all)):] {
		delete(d.Endpoints, e.Key)
		d.cold.add(e)
		packed(e)
	}
	for i := range d.cold.parts {
		if p := &d.cold.parts[i]; p.size > p.compact {
			d.cold.compact(p)
		}
	}
	if d.cold.rows <= d.cold.check || d.cold.names() <= MaxRoutes {
		return
	}
	if keep > 0 {
		d.cool(words, 0, packed)
		return
	}
	c := d.cold
	d.cold = newColdRoutes(c.words)
	foldLight(c, d.cold.add)
	d.steps.light = 2
}

// settleRoutes brings the packed endpoints back. Of more than MaxEndpoints those keep their rows that took
// most time or were asked for most; names of all others are made coarser.
func (d *Digest) settleRoutes() {
	if d.cold == nil && len(d.Endpoints) <= MaxEndpoints {
		return
	}
	d.cool(&coldWords{}, 0, func(*Endpoint) {})
	c := d.cold
	d.cold = nil
	if c.names() > MaxEndpoints {
		foldLight(c, func(e *Endpoint) {
			if have := d.Endpoints[e.Key]; have != nil {
				have.merge(e)
				return
			}
			k := newEndpoint(e.Key)
			k.merge(e)
			d.Endpoints[e.Key] = k
		})
		d.steps.light = max(d.steps.light, 1)
		return
	}
	for i := range c.parts {
		for row := range c.parts[i].all {
			e := c.unpack(row)
			d.Endpoints[e.Key] = e
		}
	}
}

// foldLight empties a store whose rows have a name each, and hands on their endpoints: of those that weigh
// little coarse ones. An endpoint is used again after add.
func foldLight(c *coldRoutes, add func(*Endpoint)) {
	var requests, times heaviest
	for i := range c.parts {
		for row := range c.parts[i].all {
			n, us := c.weight(row)
			requests.add(n)
			times.add(us)
		}
	}
	coarse, step := map[EndpointKey]*Endpoint{}, 1
	merge := func(into, from *Endpoint) { into.merge(from) }
	var spare *Endpoint
	for i := range c.parts {
		for row := range c.parts[i].all {
			e := c.unpackInto(spare, row)
			spare = nil
			if e.Requests > requests.limit() || e.Time.Sum > times.limit() {
				add(e)
				spare = e
				continue
			}
			e.Key = foldEndpoint(e.Key, step)
			if have := coarse[e.Key]; have != nil {
				have.merge(e)
				spare = e
				continue
			}
			coarse[e.Key] = e
			coarsen(coarse, coarseRoutes, &step, foldEndpoint, merge)
		}
		c.parts[i] = coldPart{}
	}
	for key, e := range coarse {
		e.Key = key
		add(e)
	}
}

// heaviest finds the weight that heavyRoutes at most are above.
type heaviest []int64

func (h heaviest) Len() int           { return len(h) }
func (h heaviest) Less(i, j int) bool { return h[i] < h[j] }
func (h heaviest) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *heaviest) Push(x any)        { *h = append(*h, x.(int64)) }
func (h *heaviest) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

func (h *heaviest) add(v int64) {
	switch {
	case len(*h) <= heavyRoutes:
		heap.Push(h, v)
	case v > (*h)[0]:
		(*h)[0] = v
		heap.Fix(h, 0)
	}
}

func (h heaviest) limit() int64 {
	if len(h) <= heavyRoutes {
		return -1
	}
	return h[0]
}

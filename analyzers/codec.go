package analyzers

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strings"

	"dbtriage/collectors"
)

// digestVersion begins an encoded digest; another one is not read.
const digestVersion = 4

var errDigest = errors.New("not an encoded digest")

// Encode appends all that a digest holds to b, so that Decode gives an equal one: to keep it in less
// memory, to record it. What a following part could still resolve is resolved as by Append without
// a schema.
func (d *Digest) Encode(b []byte) []byte {
	d.settleRoutes()
	e := encoder{buf: append(b, digestVersion), base: collectors.NoTime}
	first, _ := d.Span()
	if first != collectors.NoTime {
		e.int(first)
		e.base = first
	} else {
		e.int(0)
		e.base = 0
	}
	e.statementTotals(&d.Statements)
	e.requestTotals(&d.Web)
	e.requestTotals(&d.App)
	numbers := map[*Class]uint64{}
	keys := slices.Sorted(maps.Keys(d.Classes))
	e.uint(uint64(len(keys)))
	for i, key := range keys {
		numbers[d.Classes[key]] = uint64(i)
		e.class(d.Classes[key])
	}
	e.uint(uint64(len(d.Endpoints)))
	for _, key := range sortedEndpointKeys(d.Endpoints) {
		e.endpoint(d.Endpoints[key])
	}
	e.uint(uint64(len(d.Peers)))
	for _, key := range slices.Sorted(maps.Keys(d.Peers)) {
		e.peer(d.Peers[key])
	}
	e.uint(uint64(len(d.Users)))
	for _, key := range slices.Sorted(maps.Keys(d.Users)) {
		e.string(key)
		e.usage(*d.Users[key])
	}
	e.series(d.Series)
	e.tail(&d.tail)
	e.int(d.promoteAbove)
	e.distinct(d.threads)
	e.runs(&d.runs, numbers)
	e.int(int64(d.steps.endpoint + d.steps.light*(maxRouteDepth+2)))
	e.int(int64(d.steps.peer))
	e.int(int64(d.steps.user))
	return e.buf
}

func sortedEndpointKeys(m map[EndpointKey]*Endpoint) []EndpointKey {
	return slices.SortedFunc(maps.Keys(m), func(a, b EndpointKey) int {
		if c := strings.Compare(a.Role, b.Role); c != 0 {
			return c
		}
		if c := strings.Compare(a.Route, b.Route); c != 0 {
			return c
		}
		return strings.Compare(a.Method, b.Method)
	})
}

// maxRecorded bounds the classes of a recorded digest: in older recordings more are whole.
const maxRecorded = 2 * MaxFull

// DecodeDigest reads what Encode wrote.
func DecodeDigest(b []byte) (*Digest, error) {
	if len(b) == 0 || b[0] != digestVersion {
		return nil, errDigest
	}
	r := decoder{buf: b[1:]}
	r.base = r.int()
	d := NewDigest()
	r.statementTotals(&d.Statements)
	r.requestTotals(&d.Web)
	r.requestTotals(&d.App)
	var classes []*Class
	for range r.most(maxRecorded) {
		c := r.class()
		classes = append(classes, c)
		d.Classes[c.Fingerprint] = c
	}
	for range r.most(MaxEndpoints) {
		e := r.endpoint()
		d.Endpoints[e.Key] = e
	}
	for range r.most(MaxPeers) {
		p := r.peer()
		d.Peers[p.Addr] = p
	}
	for range r.most(MaxUsers) {
		name := r.string()
		u := r.usage()
		d.Users[name] = &u
	}
	r.series(d.Series)
	r.tail(&d.tail)
	d.promoteAbove = r.int()
	d.threads = r.distinct()
	r.runs(&d.runs, classes)
	endpoint := r.step(3*(maxRouteDepth+2) - 1)
	d.steps = nameSteps{endpoint % (maxRouteDepth + 2), r.step(2), r.step(2), endpoint / (maxRouteDepth + 2)}
	if r.wrong || len(r.buf) > 0 {
		return nil, errDigest
	}
	return d, nil
}

// An encoder writes numbers as varints and instants as differences to base.
type encoder struct {
	buf  []byte
	base int64
}

func (e *encoder) uint(v uint64) { e.buf = binary.AppendUvarint(e.buf, v) }
func (e *encoder) int(v int64)   { e.buf = binary.AppendVarint(e.buf, v) }

func (e *encoder) ints(v ...int64) {
	for _, n := range v {
		e.int(n)
	}
}

func (e *encoder) string(s string) {
	e.uint(uint64(len(s)))
	e.buf = append(e.buf, s...)
}

// time writes an instant that may not be known.
func (e *encoder) time(us int64) {
	if us == collectors.NoTime {
		e.uint(0)
		return
	}
	d := us - e.base
	e.uint(uint64(d<<1) ^ uint64(d>>63) + 1)
}

// A decoder reads them back. After an error everything it returns is zero.
type decoder struct {
	buf     []byte
	base    int64
	buckets int // of all sketches so far
	wrong   bool
}

// maxBuckets bounds the buckets of all sketches of a digest: four bytes each.
const maxBuckets = 16 << 20

func (r *decoder) fail() { r.wrong, r.buf = true, nil }

func (r *decoder) uint() uint64 {
	v, n := binary.Uvarint(r.buf)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

func (r *decoder) int() int64 {
	v, n := binary.Varint(r.buf)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

func (r *decoder) ints(to ...*int64) {
	for _, p := range to {
		*p = r.int()
	}
}

// count reads a number of things that take a byte each at least.
func (r *decoder) count() int {
	n := r.uint()
	if n > uint64(len(r.buf)) {
		r.fail()
		return 0
	}
	return int(n)
}

// most reads a count, and fails when it is beyond a limit that Encode keeps.
func (r *decoder) most(limit int) int {
	n := r.count()
	if n > limit {
		r.fail()
		return 0
	}
	return n
}

func (r *decoder) string() string {
	n := r.count()
	s := string(r.buf[:n])
	r.buf = r.buf[n:]
	return s
}

func (r *decoder) time() int64 {
	v := r.uint()
	if v == 0 {
		return collectors.NoTime
	}
	v--
	return r.base + (int64(v>>1) ^ -int64(v&1))
}

func (r *decoder) step(most int64) int {
	v := r.int()
	if v < 0 || v > most {
		r.fail()
		return 0
	}
	return int(v)
}

// timing writes a sketch as the buckets in use, each with how many before it are empty.
func (e *encoder) timing(t *Timing) {
	e.uint(uint64(t.Count))
	if t.Count == 0 {
		return
	}
	e.ints(t.Sum, t.Min, t.Max-t.Min)
	used := 0
	for range t.sketch.buckets() {
		used++
	}
	e.uint(uint64(used))
	last := int32(-1)
	for b, n := range t.sketch.buckets() {
		e.uint(uint64(b - last - 1))
		e.uint(n)
		last = b
	}
}

func (r *decoder) timing(t *Timing) {
	t.Count = int64(r.uint())
	if t.Count == 0 {
		return
	}
	r.ints(&t.Sum, &t.Min, &t.Max)
	t.Max += t.Min
	last := int32(-1)
	for range r.count() {
		gap := r.uint()
		n := r.uint()
		if gap > uint64(bucketOf(math.MaxInt64)-last-1) || n == 0 || n > math.MaxUint32 {
			r.fail()
			return
		}
		if last >= 0 {
			r.buckets += int(gap)
		}
		if r.buckets++; r.buckets > maxBuckets {
			r.fail()
			return
		}
		last += int32(gap) + 1
		t.sketch.addMany(last, uint32(n))
	}
}

func (e *encoder) statementTotals(t *StatementTotals) {
	e.ints(t.Count, t.Reads, t.Writes, t.TimeUS, t.ReadUS, t.WriteUS, t.LockUS, t.RowsSent, t.RowsExamined, t.BytesSent,
		t.RateLimited, t.MaxRateLimit, t.WithoutTime, t.Threads)
	e.timing(&t.Time)
	e.time(t.First)
	e.time(t.Last)
}

func (r *decoder) statementTotals(t *StatementTotals) {
	r.ints(&t.Count, &t.Reads, &t.Writes, &t.TimeUS, &t.ReadUS, &t.WriteUS, &t.LockUS, &t.RowsSent, &t.RowsExamined, &t.BytesSent,
		&t.RateLimited, &t.MaxRateLimit, &t.WithoutTime, &t.Threads)
	r.timing(&t.Time)
	t.First, t.Last = r.time(), r.time()
}

func (e *encoder) requestTotals(t *RequestTotals) {
	e.uint(uint64(t.Count))
	if t.Count == 0 {
		return
	}
	e.ints(t.BytesSent, t.WithTime, t.UpstreamLogged, t.Proxied, t.ConnectAbove0, t.Retried, t.Redirected, t.WithoutTime)
	for _, x := range []*Timing{&t.Time, &t.Upstream, &t.Client, &t.Connect, &t.Header} {
		e.timing(x)
	}
	e.counts(t.Status)
	e.time(t.First)
	e.time(t.Last)
}

func (r *decoder) requestTotals(t *RequestTotals) {
	t.Count = int64(r.uint())
	if t.Count == 0 {
		return
	}
	r.ints(&t.BytesSent, &t.WithTime, &t.UpstreamLogged, &t.Proxied, &t.ConnectAbove0, &t.Retried, &t.Redirected, &t.WithoutTime)
	for _, x := range []*Timing{&t.Time, &t.Upstream, &t.Client, &t.Connect, &t.Header} {
		r.timing(x)
	}
	r.counts(t.Status)
	t.First, t.Last = r.time(), r.time()
}

func (e *encoder) counts(m map[int64]int64) {
	e.uint(uint64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		e.ints(k, m[k])
	}
}

func (r *decoder) counts(m map[int64]int64) {
	for range r.count() {
		k := r.int()
		m[k] = r.int()
	}
}

func (e *encoder) named(m map[string]int64) {
	e.uint(uint64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		e.string(k)
		e.int(m[k])
	}
}

func (r *decoder) named() map[string]int64 {
	m := map[string]int64{}
	for range r.count() {
		k := r.string()
		m[k] = r.int()
	}
	return m
}

func (e *encoder) usage(u Usage) { e.ints(u.Calls, u.TimeUS) }

func (r *decoder) usage() (u Usage) {
	r.ints(&u.Calls, &u.TimeUS)
	return u
}

// classInts are the numbers of a class, in the order they are written in.
func classInts(c *Class) []*int64 {
	return []*int64{
		&c.LockUS, &c.RowsSent, &c.RowsSentKnown, &c.RowsExamined, &c.RowsExaminedKnown, &c.RowsAffected, &c.RowsAffectedKnown,
		&c.BytesSent, &c.BytesSentKnown, &c.MaxRowsSent, &c.MaxRowsExamined, &c.PagesRead, &c.PlanKnown, &c.FullScans, &c.FullJoins,
		&c.TmpTables, &c.TmpDiskTables, &c.Filesorts, &c.FilesortsOnDisk, &c.OffsetCalls, &c.OffsetSum, &c.MaxOffset,
		&c.SingleRowInserts, &c.Runs.Long, &c.Runs.Calls, &c.Runs.Max,
	}
}

func (e *encoder) class(c *Class) {
	e.string(c.Fingerprint)
	e.string(c.ID)
	e.uint(uint64(c.Kind))
	e.timing(&c.Time)
	// Most of the numbers of most classes are zero: say first which are not.
	numbers := classInts(c)
	mask := uint64(0)
	for i, p := range numbers {
		if *p != 0 {
			mask |= 1 << i
		}
	}
	if c.Folded {
		mask |= 1 << len(numbers)
	}
	e.uint(mask)
	for _, p := range numbers {
		if *p != 0 {
			e.int(*p)
		}
	}
	e.time(c.First)
	e.time(c.Last)
	databases := maps.Collect(c.Databases.All())
	if in := c.inherited; in.Calls > 0 {
		u := databases[""]
		u.add(in)
		databases[""] = u
	}
	e.uint(uint64(len(databases)))
	for _, name := range slices.Sorted(maps.Keys(databases)) {
		e.string(name)
		e.usage(databases[name])
	}
	w := &c.Worst
	e.string(w.SQL)
	e.string(w.Explain)
	e.string(w.Schema)
	e.string(w.Source)
	e.ints(w.Offset, w.QueryTime)
	e.uint(uint64(flagOf(w.Truncated)))
	e.slices(&c.Slices)
	e.repeats(&c.Repeats)
}

func flagOf(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (r *decoder) class() *Class {
	c := &Class{Fingerprint: r.string(), ID: r.string()}
	if c.Kind = Kind(r.uint()); c.Kind > Write {
		r.fail()
		c.Kind = Other
	}
	r.timing(&c.Time)
	numbers := classInts(c)
	mask := r.uint()
	for i, p := range numbers {
		if mask&(1<<i) != 0 {
			*p = r.int()
		}
	}
	c.Folded = mask&(1<<len(numbers)) != 0
	c.First, c.Last = r.time(), r.time()
	for range r.count() {
		name := r.string()
		c.Databases.Add(name, r.usage())
	}
	w := &c.Worst
	w.SQL, w.Explain, w.Schema, w.Source = r.string(), r.string(), r.string(), r.string()
	r.ints(&w.Offset, &w.QueryTime)
	w.Truncated = r.uint() != 0
	r.slices(&c.Slices)
	r.repeats(&c.Repeats)
	return c
}

func (e *encoder) slices(s *Slices) {
	e.uint(uint64(len(s.Cells)))
	if len(s.Cells) == 0 {
		return
	}
	e.int(s.Width)
	for _, c := range s.Cells {
		e.time(c.Start * 1e6)
		e.ints(c.Calls, c.TimeUS)
	}
}

func (r *decoder) slices(s *Slices) {
	n := r.count()
	if n == 0 {
		return
	}
	s.Width = r.width(SliceWidth)
	for i := range n {
		c := Slice{Start: floorDiv(r.time(), 1e6)}
		r.ints(&c.Calls, &c.TimeUS)
		if n > MaxSlices || i > 0 && c.Start <= s.Cells[i-1].Start {
			r.fail()
			return
		}
		s.Cells = append(s.Cells, c)
	}
}

// width reads the width of a grid, which is a power of two times the least.
func (r *decoder) width(least int64) int64 {
	w := r.int()
	if w < least || w%least != 0 || bits.OnesCount64(uint64(w/least)) != 1 || w > 1<<40 {
		r.fail()
		return least
	}
	return w
}

func (e *encoder) endpoint(p *Endpoint) {
	e.string(p.Key.Role)
	e.string(p.Key.Method)
	e.string(p.Key.Route)
	for _, t := range []*Timing{&p.Time, &p.Upstream, &p.Connect, &p.Header, &p.Client} {
		e.timing(t)
	}
	e.ints(p.Requests, p.BytesSent, p.Retried, p.Redirected, p.ConnectAboveZero)
	e.counts(p.Status)
	e.named(p.Cache)
	e.named(p.Upstreams)
	e.time(p.First)
	e.time(p.Last)
	e.slices(&p.Slices)
	e.string(p.Worst.Source)
	e.ints(p.Worst.Offset, p.Worst.TimeUS)
}

func (r *decoder) endpoint() *Endpoint {
	p := &Endpoint{Key: EndpointKey{r.string(), r.string(), r.string()}, Status: map[int64]int64{}}
	for _, t := range []*Timing{&p.Time, &p.Upstream, &p.Connect, &p.Header, &p.Client} {
		r.timing(t)
	}
	r.ints(&p.Requests, &p.BytesSent, &p.Retried, &p.Redirected, &p.ConnectAboveZero)
	r.counts(p.Status)
	p.Cache, p.Upstreams = r.named(), r.named()
	p.First, p.Last = r.time(), r.time()
	r.slices(&p.Slices)
	p.Worst.Source = r.string()
	r.ints(&p.Worst.Offset, &p.Worst.TimeUS)
	return p
}

func (e *encoder) peer(p *Peer) {
	e.string(p.Addr)
	for _, t := range []*Timing{&p.Response, &p.Connect, &p.Header} {
		e.timing(t)
	}
	e.ints(p.Attempts, p.Failed)
	e.counts(p.Status)
}

func (r *decoder) peer() *Peer {
	p := &Peer{Addr: r.string(), Status: map[int64]int64{}}
	for _, t := range []*Timing{&p.Response, &p.Connect, &p.Header} {
		r.timing(t)
	}
	r.ints(&p.Attempts, &p.Failed)
	r.counts(p.Status)
	return p
}

// secondInts are the numbers of a cell, in the order they are written in.
func secondInts(c *Second) []*int64 {
	return []*int64{
		&c.Statements, &c.Reads, &c.Writes, &c.QueryUS, &c.LockUS, &c.MaxQueryUS, &c.Requests, &c.RequestUS, &c.MaxRequestUS,
		&c.Proxied, &c.UpstreamUS, &c.ClientUS, &c.Errors5xx, &c.Retried, &c.AppRequests, &c.AppUS, &c.AppErrors5xx,
		&c.DBBusyUS, &c.WebBusyUS, &c.dbOpens, &c.webOpens,
	}
}

func (e *encoder) series(s *SecondSeries) {
	e.int(s.width)
	e.uint(uint64(len(s.cells)))
	for _, start := range slices.Sorted(maps.Keys(s.cells)) {
		e.time(start * 1e6)
		numbers := secondInts(s.cells[start])
		mask := uint64(0)
		for i, p := range numbers {
			if *p != 0 {
				mask |= 1 << i
			}
		}
		e.uint(mask)
		for _, p := range numbers {
			if *p != 0 {
				e.int(*p)
			}
		}
	}
}

func (r *decoder) series(s *SecondSeries) {
	s.width = r.width(1)
	for range r.most(MaxSeconds) {
		c := &Second{Start: floorDiv(r.time(), 1e6)}
		if c.Start%s.width != 0 {
			r.fail()
			return
		}
		mask := r.uint()
		for i, p := range secondInts(c) {
			if mask&(1<<i) != 0 {
				*p = r.int()
			}
		}
		s.cells[c.Start] = c
	}
}

func (e *encoder) tail(t *tail) {
	e.uint(uint64(len(t.sources)))
	for _, s := range t.sources {
		e.string(s)
	}
	e.uint(uint64(t.count))
	for n := range t.count {
		x := t.at(n)
		e.buf = binary.LittleEndian.AppendUint64(e.buf, x.id)
		e.int(x.offset)
		for _, v := range []uint32{x.calls, x.timeUS, x.maxUS, x.lockUS, x.sent, x.examined, x.first, x.last} {
			e.uint(uint64(v))
		}
		e.uint(uint64(x.source))
		e.uint(uint64(x.kind)<<2 | uint64(flagOf(x.sentKnown))<<1 | uint64(flagOf(x.examinedKnown)))
	}
}

func (r *decoder) tail(t *tail) {
	for range r.count() {
		t.sources = append(t.sources, r.string())
	}
	n := r.most(MaxClasses)
	if len(t.sources) > math.MaxUint16 {
		r.fail()
		return
	}
	for range n {
		if len(r.buf) < 8 {
			r.fail()
			return
		}
		id := binary.LittleEndian.Uint64(r.buf)
		r.buf = r.buf[8:]
		x := t.put(id, "")
		*x = row{id: id, offset: r.int()}
		for _, p := range []*uint32{&x.calls, &x.timeUS, &x.maxUS, &x.lockUS, &x.sent, &x.examined, &x.first, &x.last} {
			*p = uint32(r.uint())
		}
		x.source = uint16(r.uint())
		flags := r.uint()
		x.kind, x.sentKnown, x.examinedKnown = Kind(flags>>2), flags&2 != 0, flags&1 != 0
		if int(x.source) >= len(t.sources) || x.kind > Write {
			r.fail()
			return
		}
		if x.calls == 0 {
			t.gone++
		}
	}
}

// distinct writes which bits are set, as distances.
func (e *encoder) distinct(d distinct) {
	set := 0
	for _, w := range d {
		set += bits.OnesCount64(w)
	}
	e.uint(uint64(set))
	last := -1
	for i, w := range d {
		for ; w != 0; w &= w - 1 {
			at := i*64 + bits.TrailingZeros64(w)
			e.uint(uint64(at - last - 1))
			last = at
		}
	}
}

func (r *decoder) distinct() distinct {
	n := r.count()
	if n == 0 {
		return nil
	}
	d := make(distinct, distinctBits/64)
	at := uint64(0)
	for i := range n {
		gap := r.uint()
		if i > 0 {
			gap++
		}
		if at += gap; gap > distinctBits || at >= distinctBits {
			r.fail()
			return nil
		}
		d[at/64] |= 1 << (at % 64)
	}
	return d
}

// Runs point to classes of the digest, by their number.
func (e *encoder) runs(s *sessionRuns[*Class], numbers map[*Class]uint64) {
	put := func(thread int64, x run[*Class]) bool {
		n, have := numbers[x.of]
		if !have {
			return false // a class that is kept as a row
		}
		e.int(thread)
		e.uint(n)
		e.int(x.n)
		e.time(x.first)
		e.time(x.last)
		return true
	}
	count := func(class *Class) int { _, have := numbers[class]; return flagOf(have) }
	n := 0
	for _, x := range s.first {
		n += count(x.of)
	}
	e.uint(uint64(n))
	for _, thread := range slices.Sorted(maps.Keys(s.first)) {
		put(thread, s.first[thread])
	}
	n = 0
	for _, o := range s.open {
		n += count(o.of)
	}
	e.uint(uint64(n))
	for _, thread := range slices.Sorted(maps.Keys(s.open)) {
		if o := s.open[thread]; put(thread, o.run) {
			e.uint(uint64(flagOf(o.isFirst)))
		}
	}
}

func (r *decoder) runs(s *sessionRuns[*Class], classes []*Class) {
	get := func() (thread int64, x run[*Class]) {
		thread = r.int()
		n := r.uint()
		if n >= uint64(len(classes)) {
			r.fail()
			return 0, x
		}
		id, _ := classes[n].idNumber()
		x = run[*Class]{id: id, of: classes[n], n: r.int(), first: r.time(), last: r.time()}
		return thread, x
	}
	for range r.count() {
		thread, x := get()
		if r.wrong {
			return
		}
		s.first[thread] = x
	}
	for range r.count() {
		thread, x := get()
		isFirst := r.uint() != 0
		if r.wrong {
			return
		}
		s.open[thread] = &openRun[*Class]{x, thread, isFirst}
	}
}

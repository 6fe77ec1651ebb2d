package analyzers

import (
	"maps"
	"math/bits"
	"slices"
)

// classInts are the numbers of a class, in the order they are written in.
func classInts(c *Class) []*int64 {
	return []*int64{
		&c.LockUS, &c.RowsSent, &c.RowsSentKnown, &c.RowsExamined, &c.RowsExaminedKnown, &c.RowsAffected, &c.RowsAffectedKnown,
		&c.BytesSent, &c.BytesSentKnown, &c.MaxRowsSent, &c.MaxRowsExamined, &c.PagesRead, &c.PlanKnown, &c.FullScans, &c.FullJoins,
		&c.TmpTables, &c.TmpDiskTables, &c.Filesorts, &c.FilesortsOnDisk, &c.OffsetCalls, &c.OffsetSum, &c.MaxOffset,
		&c.SingleRowInserts, &c.Runs.Long, &c.Runs.Calls, &c.Runs.Max, &c.WithTmpTable, &c.WithTmpDiskTable,
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

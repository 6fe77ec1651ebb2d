package analyzers

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
)

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

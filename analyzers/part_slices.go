package analyzers

import (
	"iter"
	"maps"
	"slices"

	"dbtriage/collectors"
	"dbtriage/collectors/logs"
)

// Timeless is the slice of what has no instant.
const Timeless = collectors.NoTime

// maxSlices bounds the slices of one part: an hour and a half of ten seconds each. A log whose times
// are all over the calendar makes no more; what is beyond joins the slice made last.
const maxSlices = 540

// Slices yields the digests of a part in time order by where they begin, in seconds since the epoch,
// Timeless first. Joined in this order with Append they are the digest of the whole.
func (p *Part) Slices() iter.Seq2[int64, *Digest] {
	return func(yield func(int64, *Digest) bool) {
		for _, start := range slices.Sorted(maps.Keys(p.slices)) {
			if !yield(start, p.slices[start].Digest) {
				return
			}
		}
	}
}

func (p *Part) slicedSink() logs.Sink {
	return logs.Sink{
		Statement: func(st *collectors.Statement) { p.slice(st.End).statement(st) },
		Request:   func(req *collectors.Request) { p.slice(req.End).request(req) },
	}
}

// slice returns the part that takes in what ended at an instant.
func (p *Part) slice(us int64) *Part {
	start := Timeless
	if us != collectors.NoTime {
		start = floorDiv(us, p.g.Slice*1e6) * p.g.Slice
	}
	return p.sliceAt(start)
}

func (p *Part) sliceAt(start int64) *Part {
	if s := p.slices[start]; s != nil {
		p.lastSlice = s
		return s
	}
	if len(p.slices) >= maxSlices {
		return p.lastSlice
	}
	if p.slices == nil {
		p.slices = map[int64]*Part{}
	}
	s := p.g.emptyPart(p.cache)
	p.slices[start], p.lastSlice = s, s
	return s
}

func (g *Gatherer) appendSliced(total, part *Part, schema string) {
	for _, start := range slices.Sorted(maps.Keys(part.slices)) {
		g.join(total.sliceAt(start), part.slices[start], schema)
	}
}

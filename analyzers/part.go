package analyzers

import (
	"sync"
	"sync/atomic"

	"dbtriage/collectors"
	"dbtriage/collectors/logs"
)

// A Gatherer turns the events of one source into a digest, part by part.
type Gatherer struct {
	Role   string // web, app or db
	Source string // as examples name it
	Filter Filter
	// Shift is added to the times of all events, in microseconds: what the source's clock is behind.
	Shift int64
	// Slice is how many seconds one digest spans; 0 makes a single digest of all. See Part.Slices.
	Slice int64

	filtered bool   // the filter asks something
	leftOut  Window // of what the filter left out; see LeftOut

	mu     sync.Mutex
	caches []*shapeCache           // by worker
	idle   []*Part                 // joined to the total, to be filled again
	levels map[string]repeatLevels // by fingerprint: where parts begin; see Repeats.begin
	parts  atomic.Uint64           // made so far
	forms  forms
	words  coldWords
}

// Parts is how a scan fills digests.
func (g *Gatherer) Parts() logs.Parts[*Part] {
	g.filtered = g.Filter != Filter{}
	if g.Slice > 0 {
		return logs.Parts[*Part]{New: g.newPart, Sink: (*Part).slicedSink, Append: g.appendSliced}
	}
	return logs.Parts[*Part]{
		New: g.newPart,
		Sink: func(p *Part) logs.Sink {
			sink := logs.Sink{Statement: p.statement, Request: p.request}
			if g.Shift != 0 {
				sink = shiftedSink(sink, g.Shift)
			}
			return sink
		},
		Append: g.append,
	}
}

// LeftOut returns the first and last instant of what the filter left out; NoTime when there is none.
func (g *Gatherer) LeftOut() (first, last int64) {
	if g.leftOut == (Window{}) {
		return collectors.NoTime, collectors.NoTime
	}
	return g.leftOut.From, g.leftOut.To
}

// shiftedSink adds to the times of events before a sink takes them.
func shiftedSink(to logs.Sink, us int64) logs.Sink {
	return logs.Sink{
		Statement: func(st *collectors.Statement) {
			at := st.End // the reader's: what follows may inherit it
			if at != collectors.NoTime {
				st.End += us
			}
			to.Statement(st)
			st.End = at
		},
		Request: func(req *collectors.Request) {
			at := req.End
			if at != collectors.NoTime {
				req.End += us
			}
			to.Request(req)
			req.End = at
		},
	}
}

// A Part is the digest of a run of one source's events, with what it takes to add more.
type Part struct {
	*Digest
	g         *Gatherer
	cache     *shapeCache
	number    uint64             // among the parts of the gatherer
	met       []met              // by slot of their shapes
	calls     []call             // the statements of shapes that have few
	schemas   [][]byte           // of those
	sessions  sessionRuns[int32] // by slot
	key       []byte
	endpoints map[string]*Endpoint
	// inherited holds the statements whose schema is not known here while the filter asks for it.
	// They come first in the part.
	inherited *Part
	leftOut   Window // of what the filter left out, both ends as they were seen; the zero value is none
	slices    map[int64]*Part
	lastSlice *Part
	user      []byte // user@host of the statement before
	usage     *Usage

	peers     []*Peer // by number, from 1
	lastPeers [4]*Peer
	turn      int
	outcomes  []outcome // by number
}

// newPart returns an empty part for a worker to fill.
func (g *Gatherer) newPart(worker int) *Part {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.caches) <= worker {
		g.caches = append(g.caches, newShapeCache(&g.forms))
	}
	var p *Part
	if n := len(g.idle); n > 0 {
		p, g.idle = g.idle[n-1], g.idle[:n-1]
	} else {
		p = g.emptyPart(nil)
	}
	p.cache, p.number = g.caches[worker], g.parts.Add(1)
	return p
}

func (g *Gatherer) emptyPart(cache *shapeCache) *Part {
	p := &Part{Digest: NewDigest(), g: g, cache: cache, number: g.parts.Add(1), endpoints: map[string]*Endpoint{}}
	p.sessions = newSessionRuns(func(slot int32, n int64) { p.met[slot].runs.count(n) })
	return p
}

func (g *Gatherer) append(total, part *Part, schema string) {
	g.join(total, part, schema)
	if part.leftOut != (Window{}) {
		g.leftOut.see(part.leftOut.From)
		g.leftOut.see(part.leftOut.To)
	}
	g.learnLevels(part)
	if len(part.Endpoints) > 0 || len(part.Peers) > 0 { // a worker's only one
		return
	}
	part.reset()
	g.mu.Lock()
	g.idle = append(g.idle, part)
	g.mu.Unlock()
}

func (g *Gatherer) join(total, part *Part, schema string) {
	switch head := part.inherited; {
	case head == nil:
	case schema == g.Filter.DB:
		head.settle()
		total.take(head, schema)
	default:
		g.leftOut.see(head.Statements.First)
		g.leftOut.see(head.Statements.Last)
	}
	part.settle()
	total.take(part, schema)
}

package verify

import (
	"cmp"
	"context"
	"hash/fnv"
	"slices"
	"sync"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/logs"
)

// A Sample is one statement of a class with its literals.
type Sample struct {
	SQL    string
	TimeUS int64
	// Why it was picked: "p50", "p95", "most examined" or "any".
	Picked string
}

// Of each class as many statements are taken at most, and none that is longer: a longer one is a bulk one, and
// reading it tells of its list.
const (
	maxSamples = 6
	anySamples = 4
	maxSQL     = 64 << 10
)

// A pick is the best statement so far by some measure; of equals the one that stands first.
type pick struct {
	sql    string
	timeUS int64
	away   int64 // less is better
	known  bool
}

func (p *pick) offer(sql []byte, timeUS, away int64) {
	if p.known && (away > p.away || away == p.away && string(sql) >= p.sql) {
		return
	}
	*p = pick{string(sql), timeUS, away, true}
}

func (p *pick) merge(o *pick) {
	if o.known && (!p.known || o.away < p.away || o.away == p.away && o.sql < p.sql) {
		*p = *o
	}
}

// picks are the statements picked of a class, of one schema. Merged in any order they are the same.
type picks struct {
	median, slow, most pick
	any                []pick // those with the least hashes, each text once
}

func (p *picks) add(c *Class, st *collectors.Statement) {
	p.median.offer(st.SQL, st.QueryTime, distance(st.QueryTime, c.P50US))
	p.slow.offer(st.SQL, st.QueryTime, distance(st.QueryTime, c.P95US))
	if st.RowsExamined != collectors.Unknown {
		p.most.offer(st.SQL, st.QueryTime, -st.RowsExamined)
	}
	h := fnv.New64a()
	h.Write(st.SQL)
	hash := int64(h.Sum64() >> 1)
	if len(p.any) < anySamples || hash < p.any[len(p.any)-1].away {
		p.keep(pick{string(st.SQL), st.QueryTime, hash, true})
	}
}

func (p *picks) keep(k pick) {
	i, have := slices.BinarySearchFunc(p.any, k, func(a, b pick) int { return cmp.Or(cmp.Compare(a.away, b.away), cmp.Compare(a.sql, b.sql)) })
	if have {
		p.any[i].timeUS = max(p.any[i].timeUS, k.timeUS)
		return
	}
	p.any = slices.Insert(p.any, i, k)
	p.any = p.any[:min(len(p.any), anySamples)]
}

func (p *picks) merge(o *picks) {
	p.median.merge(&o.median)
	p.slow.merge(&o.slow)
	p.most.merge(&o.most)
	for _, k := range o.any {
		p.keep(k)
	}
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// samples are the different texts that were picked.
func (p *picks) samples() (out []Sample) {
	add := func(k pick, why string) {
		if k.known && len(out) < maxSamples && !slices.ContainsFunc(out, func(s Sample) bool { return s.SQL == k.sql }) {
			out = append(out, Sample{k.sql, k.timeUS, why})
		}
	}
	add(p.median, "p50")
	add(p.slow, "p95")
	add(p.most, "most examined")
	for _, k := range p.any {
		add(k, "any")
	}
	return out
}

// A Gatherer takes samples of the classes of a plan out of slow logs.
type Gatherer struct {
	plan   *Plan
	byID   map[string]int
	mu     sync.Mutex
	caches []map[string]int // of each worker: place of the class by shape key, -1 for none
}

// Gather reads an opened slow log again and takes samples of the plan's classes.
func (g *Gatherer) Gather(ctx context.Context, log *logs.Input, workers int) (*Gathered, error) {
	total, _, err := logs.Scan(ctx, log, log.Detected, logs.ScanOptions{Workers: workers}, g.parts())
	return total, err
}

// parts is how a scan picks samples.
func (g *Gatherer) parts() logs.Parts[*Gathered] {
	return logs.Parts[*Gathered]{
		New:    g.part,
		Sink:   func(p *Gathered) logs.Sink { return logs.Sink{Statement: p.statement} },
		Append: func(total, part *Gathered, schema string) { total.join(part, schema) },
	}
}

// NewGatherer prepares to take samples of the classes of a plan.
func NewGatherer(p *Plan) *Gatherer {
	g := &Gatherer{plan: p, byID: map[string]int{}}
	for i, c := range p.Classes {
		g.byID[c.ID] = i
	}
	return g
}

// A Gathered is what was picked in a part of a log.
type Gathered struct {
	g     *Gatherer
	cache map[string]int
	key   []byte
	own   map[int]*picks // by class, of statements in its schema
	// inherited are of statements whose schema is that of the entry before the part.
	inherited map[int]*picks
	long      map[int]int64
}

func (g *Gatherer) part(worker int) *Gathered {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.caches) <= worker {
		g.caches = append(g.caches, map[string]int{})
	}
	return &Gathered{g: g, cache: g.caches[worker], own: map[int]*picks{}, inherited: map[int]*picks{}, long: map[int]int64{}}
}

// maxCached bounds the shapes that a worker remembers.
const maxCached = 50_000

func (p *Gathered) statement(st *collectors.Statement) {
	if st.Admin {
		return
	}
	p.key = analyzers.AppendShapeKey(p.key[:0], st.SQL)
	at, known := p.cache[string(p.key)]
	if !known {
		if len(p.cache) >= maxCached {
			clear(p.cache)
		}
		_, id := analyzers.Fingerprint(string(st.SQL))
		at = -1
		if i, wanted := p.g.byID[id]; wanted {
			at = i
		}
		p.cache[string(p.key)] = at
	}
	if at < 0 {
		return
	}
	c := p.g.plan.Classes[at]
	switch {
	case len(st.SQL) > maxSQL:
		p.long[at]++
	case st.SchemaInherited:
		add(p.inherited, at).add(c, st)
	case len(st.Schema) == 0 || string(st.Schema) == c.Schema:
		add(p.own, at).add(c, st)
	}
}

func add(to map[int]*picks, at int) *picks {
	p := to[at]
	if p == nil {
		p = &picks{}
		to[at] = p
	}
	return p
}

// join adds the part that follows; schema is the one in force where it begins.
func (p *Gathered) join(part *Gathered, schema string) {
	for at, k := range part.own {
		add(p.own, at).merge(k)
	}
	for at, k := range part.inherited {
		if schema == "" || schema == p.g.plan.Classes[at].Schema {
			add(p.own, at).merge(k)
		}
	}
	for at, n := range part.long {
		p.long[at] += n
	}
}

// Take gives the classes of the plan the samples of all logs.
func (p *Plan) Take(all []*Gathered) {
	for i, c := range p.Classes {
		var k picks
		long := false
		for _, g := range all {
			if have := g.own[i]; have != nil {
				k.merge(have)
			}
			long = long || g.long[i] > 0
		}
		c.Samples = k.samples()
		switch {
		case c.Why != "" || len(c.Samples) > 0:
		case long:
			c.Why = "its statements are too long"
		default:
			c.Why = "no statement of it was found again"
		}
	}
}

package analyzers

import (
	"container/heap"
	"slices"
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

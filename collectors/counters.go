package collectors

// Counters remembers what a server has counted since its start, to tell how the counts grow. The
// zero value has seen nothing.
type Counters struct {
	at     int64
	uptime float64
	last   map[string]float64
}

// A Growth is how counters have grown between two readings.
type Growth struct {
	seconds float64 // 0 when it is not known: the first reading, or the first after a restart
	grown   map[string]float64
}

// Advance takes the counters of an instant, in µs since the epoch, and returns their growth since the
// reading before. Uptime in seconds tells a restart; negative when the server does not say. The map
// belongs to Counters from then on.
func (c *Counters) Advance(at int64, uptime float64, now map[string]float64) Growth {
	g := Growth{seconds: float64(at-c.at) / 1e6, grown: map[string]float64{}}
	if c.last == nil || g.seconds <= 0 || uptime >= 0 && uptime < c.uptime {
		g.seconds = 0
	}
	for name, v := range now {
		if before, have := c.last[name]; have && v >= before {
			g.grown[name] = v - before
		}
	}
	c.at, c.uptime, c.last = at, uptime, now
	return g
}

// Grown is by how much a counter grew. ok is false when it is not known: at the first reading, after
// a restart, or when it fell, which is a reset.
func (g Growth) Grown(name string) (n float64, ok bool) {
	n, ok = g.grown[name]
	return n, ok && g.seconds > 0
}

// Rate is Grown per second.
func (g Growth) Rate(name string) (perSecond float64, ok bool) {
	n, ok := g.Grown(name)
	if !ok {
		return 0, false
	}
	return n / g.seconds, true
}

// Share is the part of the growth of two counters that the first has; ok is false when neither grew.
func (g Growth) Share(of, rest string) (share float64, ok bool) {
	a, ok1 := g.Grown(of)
	b, ok2 := g.Grown(rest)
	if !ok1 || !ok2 || a+b == 0 {
		return 0, false
	}
	return a / (a + b), true
}

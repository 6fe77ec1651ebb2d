package analyzers

import (
	"math"
	"slices"

	"dbtriage/collectors"
)

// minCovered is how much of a window must have been seen before an aggregate over it is known.
const minCovered = 0.8

// minForQuantile is the least number of points that a quantile is taken of.
const minForQuantile = 3

// An Aggregate is what the points of one series say of one window.
type Aggregate struct {
	Values  []float64 // sorted means of the cells
	Mean    float64
	Max     float64
	Last    float64
	Covered float64 // share of the window that was seen, at most 1
}

// In returns the aggregate of a gauge over a window in µs; a window without ends is the whole series.
// ok is false when less than 80 % of it was seen. A sample speaks for the time since the one before,
// so it belongs where the middle of that time lies.
func (s *Series) In(w Window) (a Aggregate, ok bool) {
	if s == nil || len(s.Points) == 0 {
		return a, false
	}
	interval := s.interval()
	var sum float64
	var n int64
	seen := 0
	for i := range s.Points {
		p := &s.Points[i]
		if mid := p.LastAt - interval/2; !w.Holds(mid) {
			continue
		}
		seen++
		n += p.N
		sum += p.Sum
		a.Max = max(a.Max, p.Max)
		if seen == 1 {
			a.Max = p.Max
		}
		a.Last = p.Last
		a.Values = append(a.Values, p.Mean())
	}
	if seen == 0 {
		return a, false
	}
	a.Mean = sum / float64(n)
	slices.Sort(a.Values)
	a.Covered = 1
	if w.From != collectors.NoTime && w.To != collectors.NoTime && w.To > w.From {
		a.Covered = min(float64(seen)*float64(interval)/float64(w.To-w.From), 1)
	}
	return a, a.Covered >= minCovered
}

// Quantile returns a quantile of the cells; ok is false with too few of them.
func (a *Aggregate) Quantile(q float64) (v float64, ok bool) {
	n := len(a.Values)
	if n < minForQuantile {
		return 0, false
	}
	return a.Values[max(int(math.Ceil(q*float64(n)))-1, 0)], true
}

// interval is how far apart the points of a series usually are, in µs; a second when there is but one.
func (s *Series) interval() int64 {
	n := len(s.Points)
	if n < 2 {
		return 1e6
	}
	gaps := make([]int64, 0, n-1)
	for i := 1; i < n; i++ {
		gaps = append(gaps, s.Points[i].LastAt-s.Points[i-1].LastAt)
	}
	slices.Sort(gaps)
	return max(gaps[len(gaps)/2], 1)
}

// Holds reports whether an instant lies in a window; an end that is not known holds all.
func (w Window) Holds(us int64) bool {
	return (w.From == collectors.NoTime || us >= w.From) && (w.To == collectors.NoTime || us < w.To)
}

// Delta returns how much a cumulative counter grew in a window, and the seconds it was seen for. A
// value that falls, and any step across a restart, is a reset: what was counted since is all that is
// known of it. A step between two readings that reaches out of the window counts by the part inside,
// unless it is longer than the window itself. ok is false when less than 80 % of the window lies
// between readings.
func (s *Series) Delta(w Window, restarts []int64) (grown, seconds float64, ok bool) {
	if s == nil || len(s.Points) < 2 {
		return 0, 0, false
	}
	bounded := w.From != collectors.NoTime && w.To != collectors.NoTime
	for i := 1; i < len(s.Points); i++ {
		before, now := &s.Points[i-1], &s.Points[i]
		step := now.LastAt - before.LastAt
		from, to := before.LastAt, now.LastAt
		if w.From != collectors.NoTime {
			from = max(from, w.From)
		}
		if w.To != collectors.NoTime {
			to = min(to, w.To)
		}
		if to <= from || bounded && step > w.To-w.From {
			continue
		}
		d := now.Last - before.Last
		if d < 0 || crosses(restarts, before.LastAt, now.LastAt) {
			d = now.Last
		}
		grown += d * float64(to-from) / float64(step)
		seconds += float64(to-from) / 1e6
	}
	if seconds <= 0 || bounded && seconds < minCovered*float64(w.To-w.From)/1e6 {
		return 0, 0, false
	}
	return grown, seconds, true
}

func crosses(restarts []int64, from, to int64) bool {
	return slices.ContainsFunc(restarts, func(at int64) bool { return at > from && at <= to })
}

// Rate returns the growth of a cumulative counter per second in a window.
func (s *Series) Rate(w Window, restarts []int64) (perSecond float64, ok bool) {
	grown, seconds, ok := s.Delta(w, restarts)
	if !ok {
		return 0, false
	}
	return grown / seconds, true
}

// Restarts returns the instants of the readings before which a server had restarted: its Uptime went
// back.
func (s *SeriesSet) Restarts(host string) []int64 {
	up := s.Get(SeriesKey{Host: host, Role: "db", Name: "mysql.status.Uptime"})
	if up == nil {
		return nil
	}
	var out []int64
	for i := 1; i < len(up.Points); i++ {
		if up.Points[i].Last < up.Points[i-1].Last {
			out = append(out, up.Points[i].LastAt)
		}
	}
	return out
}

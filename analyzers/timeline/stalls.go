package timeline

import (
	"slices"

	"dbtriage/analyzers"
)

// Stalls are times of slowness that come back at regular intervals.
type Stalls struct {
	Count  int
	Period float64 // seconds from one to the next, the median
	Length float64 // seconds, the median
	Ratio  float64 // time of a request or statement in them over that between them, the median
}

// What makes stalls: four of them, each twice as slow as usual, at intervals that differ by less than a
// tenth. All are guesses of ours.
const (
	stallRatio   = 2.0
	minStalls    = 4
	stallJitter  = 0.1
	minStallGap  = 30 // seconds
	stallFloorUS = 1_000
)

// StallsOf looks for stalls that come back regularly, as those of a cron job, a backup or an event of
// the server do: in the time of requests where there are any, else of statements.
func StallsOf(d *analyzers.Digest) (st Stalls, ok bool) {
	m := measures[0]
	if d.Web.Count == 0 {
		m = measure{name: "query time", of: func(c *analyzers.Second) (int64, int64) { return c.QueryUS, c.Statements }}
	}
	cells := d.Series.Cells()
	var values []float64
	for i := range cells {
		if sum, count := m.of(&cells[i]); count > 0 {
			values = append(values, float64(sum)/float64(count))
		}
	}
	if len(values) < 60 {
		return st, false
	}
	slices.Sort(values)
	usual := max(values[len(values)/2], stallFloorUS/2)
	var starts, lengths, ratios []float64
	width := d.Series.Width()
	last := int64(-1 << 62)
	for i := range cells {
		sum, count := m.of(&cells[i])
		if count == 0 || float64(sum)/float64(count) < max(stallRatio*usual, stallFloorUS) {
			continue
		}
		if cells[i].Start-last > minStallGap {
			starts = append(starts, float64(cells[i].Start))
			lengths, ratios = append(lengths, 0), append(ratios, 0)
		}
		n := len(starts) - 1
		lengths[n] = float64(cells[i].Start+width) - starts[n]
		ratios[n] = max(ratios[n], float64(sum)/float64(count)/usual)
		last = cells[i].Start
	}
	if len(starts) < minStalls {
		return st, false
	}
	var gaps []float64
	for i := 1; i < len(starts); i++ {
		gaps = append(gaps, starts[i]-starts[i-1])
	}
	st = Stalls{Count: len(starts), Period: median(gaps), Length: median(lengths), Ratio: median(ratios)}
	for _, g := range gaps {
		if g < (1-stallJitter)*st.Period || g > (1+stallJitter)*st.Period {
			return st, false
		}
	}
	return st, st.Length < st.Period/2
}

func median(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}

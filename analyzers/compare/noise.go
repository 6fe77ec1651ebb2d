package compare

import (
	"math"

	"dbtriage/analyzers"
)

// The rule of what is more than noise.
//
// Two estimates differ when they are more than three standard errors of their difference apart: Welch's
// test (B. L. Welch, Biometrika 34, 1947) at the three-sigma limits of Shewhart's control charts, which
// chance alone passes once in 370 times. Events of a log are no independent draws – slow ones come
// together – so where a window holds enough cells the standard error is that of batches of neighbouring
// cells too, of which 10 to 30 are enough (B. Schmeiser, Operations Research 30, 1982), as the error of a
// ratio of sums (W. G. Cochran, Sampling Techniques, 1977, 6.4); the larger of the two counts. Of quantiles
// the limits are the order statistics at q·n ± 3·√(n·q·(1−q)), the usual distribution-free interval.
//
// With enough events any difference is beyond chance, and some are too small to matter: LeastFactor is
// a guess of ours. So is FewCalls, from which on the mean of skewed times is taken for normal.
const (
	FewCalls    = 30
	LeastFactor = 1.1

	sigmas = 3
	// unseen is how many events must be expected where none was seen for that to be no chance: the
	// chance is e^-6.6, that of three sigmas on one side. It is the rule of three (Hanley and
	// Lippman-Hand, JAMA 249, 1983) for these limits.
	unseen = 6.6

	leastBatches, mostBatches = 8, 20
)

// A Trend says how one number went from BEFORE to AFTER.
type Trend string

// The trends. Unknown is what a side does not tell; Few are too few events to say.
const (
	Unknown Trend = ""
	Few     Trend = "few"
	Same    Trend = "same"
	Up      Trend = "up"
	Down    Trend = "down"
)

// An Estimate is a number that was measured, and the limits that chance leaves it.
type Estimate struct {
	Value, Low, High float64
	Known            bool // else the side does not tell it
	Few              bool // it rests on fewer than FewCalls events, or has no limits
	// Tick is what the log counts in, as the whole milliseconds of Nginx: less than half of it is no
	// difference.
	Tick float64
}

func about(value, standardError float64) Estimate {
	return Estimate{Value: value, Low: value - sigmas*standardError, High: value + sigmas*standardError, Known: true}
}

// Factor is after over before; NaN where that is not defined.
func Factor(before, after Estimate) float64 {
	if !before.Known || !after.Known || before.Value <= 0 {
		return math.NaN()
	}
	return after.Value / before.Value
}

// Apart is how many standard errors of their difference two estimates are apart; NaN where that is not
// known.
func Apart(before, after Estimate) float64 {
	if !before.Known || !after.Known {
		return math.NaN()
	}
	d := after.Value - before.Value
	slack := math.Hypot(before.High-before.Value, after.Value-after.Low)
	if d < 0 {
		slack = math.Hypot(before.Value-before.Low, after.High-after.Value)
	}
	if slack == 0 {
		return math.NaN()
	}
	return sigmas * math.Abs(d) / slack
}

// TrendOf says how a number went, or that it cannot be said.
func TrendOf(before, after Estimate) Trend {
	switch {
	case !before.Known || !after.Known:
		return Unknown
	case before.Few || after.Few:
		return Few
	}
	d := after.Value - before.Value
	tick := math.Max(before.Tick, after.Tick)
	if e := Apart(before, after); d == 0 || e <= sigmas || !matters(before.Value, after.Value) || math.Abs(d) < tick/2 {
		return Same
	}
	if d > 0 {
		return Up
	}
	return Down
}

// matters reports whether two numbers differ by LeastFactor or more.
func matters(a, b float64) bool {
	low, high := math.Min(math.Abs(a), math.Abs(b)), math.Max(math.Abs(a), math.Abs(b))
	return high >= LeastFactor*low
}

// A cell is how many events ended in one cell of a time grid, and the sum of what is measured of each.
type cell struct {
	start  int64 // in cells
	n, sum float64
}

// batches joins neighbouring cells, in order, into batches of the same number of cells. Cells without
// events are batches' too; what is left over at the end is left out.
func batches(cells []cell) []cell {
	if len(cells) == 0 {
		return nil
	}
	first := cells[0].start
	all := cells[len(cells)-1].start - first + 1
	width := (all + mostBatches - 1) / mostBatches
	out := make([]cell, all/width)
	for _, c := range cells {
		if i := (c.start - first) / width; i < int64(len(out)) {
			out[i].n += c.n
			out[i].sum += c.sum
		}
	}
	return out
}

// errorOfRatio is the standard error of sum over n by batches; 0 with too few of them.
func errorOfRatio(cells []cell) float64 {
	b := batches(cells)
	if len(b) < leastBatches {
		return 0
	}
	var n, sum float64
	for _, c := range b {
		n += c.n
		sum += c.sum
	}
	if n == 0 {
		return 0
	}
	var squares float64
	for _, c := range b {
		d := c.sum - sum/n*c.n
		squares += d * d
	}
	k := float64(len(b))
	return math.Sqrt(squares*k/(k-1)) / n
}

// errorOfCount is the standard error of the number of events: that of a Poisson process, or of the
// batches where they scatter more.
func errorOfCount(n int64, cells []cell) float64 {
	e := math.Sqrt(float64(n))
	b := batches(cells)
	if len(b) < leastBatches {
		return e
	}
	var mean, squares float64
	for _, c := range b {
		mean += c.n / float64(len(b))
	}
	for _, c := range b {
		squares += (c.n - mean) * (c.n - mean)
	}
	k := float64(len(b))
	return math.Max(e, math.Sqrt(squares*k/(k-1)))
}

// rate estimates events a second.
func rate(n int64, seconds float64, cells []cell) Estimate {
	if !(seconds > 0) {
		return Estimate{}
	}
	e := about(float64(n)/seconds, errorOfCount(n, cells)/seconds)
	if n == 0 {
		e.High = unseen / seconds
	}
	e.Low = math.Max(e.Low, 0)
	return e
}

// mean estimates the mean of a duration in seconds.
func mean(t *analyzers.Timing, cells []cell) Estimate {
	us, ok := t.Mean()
	if !ok {
		return Estimate{}
	}
	spread, ok := t.Spread()
	e := about(us/1e6, math.Max(spread/1e6/math.Sqrt(float64(t.Count)), errorOfRatio(cells)))
	e.Few = !ok || t.Count < FewCalls
	e.Tick = tick(t)
	return e
}

// tick is what the durations of a log are counted in, in seconds; 0 for what counts microseconds, or so few
// that all may be round by chance.
func tick(t *analyzers.Timing) float64 {
	for _, us := range []int64{1e6, 1e3} {
		if t.Count >= FewCalls && t.Sum%us == 0 && t.Min%us == 0 && t.Max%us == 0 {
			return float64(us) / 1e6
		}
	}
	return 0
}

// quantile estimates a quantile of a duration in seconds.
func quantile(t *analyzers.Timing, q float64) Estimate {
	us, ok := t.Quantile(q)
	if !ok {
		return Estimate{}
	}
	slack := sigmas * math.Sqrt(q*(1-q)/float64(t.Count))
	low, _ := t.Quantile(math.Max(q-slack, 0))
	high, _ := t.Quantile(math.Min(q+slack, 1))
	return Estimate{Value: float64(us) / 1e6, Low: float64(low) / 1e6, High: float64(high) / 1e6, Known: true, Few: t.Count < FewCalls}
}

// share estimates which part of n events are such; cells hold them as sums.
func share(such, n int64, cells []cell) Estimate {
	if n <= 0 {
		return Estimate{}
	}
	p := float64(such) / float64(n)
	e := about(p, math.Max(math.Sqrt(p*(1-p)/float64(n)), errorOfRatio(cells)))
	if such == 0 {
		e.High = math.Min(unseen/float64(n), 1)
	}
	e.Low = math.Max(e.Low, 0)
	e.Few = n < FewCalls
	return e
}

// per estimates a sum by each of n things, of which no spread is known.
func per(sum, n int64) Estimate {
	if n <= 0 {
		return Estimate{}
	}
	v := float64(sum) / float64(n)
	return Estimate{Value: v, Low: v, High: v, Known: true, Few: n < FewCalls}
}

// sampled estimates the mean of a gauge by its samples, in order of size.
func sampled(values []float64, mean float64) Estimate {
	n := float64(len(values))
	if n < 2 {
		return Estimate{Value: mean, Low: mean, High: mean, Known: true, Few: true}
	}
	var squares float64
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	e := about(mean, math.Sqrt(squares/(n-1)/n))
	e.Few = n < leastBatches
	return e
}

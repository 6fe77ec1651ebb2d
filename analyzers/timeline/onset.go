package timeline

import (
	"cmp"
	"math"
	"slices"

	"dbtriage/analyzers"
)

// A measure is one number of a cell that a fault may move. It is a sum over a count, so that cells
// can be joined.
type measure struct {
	name string
	of   func(c *analyzers.Second) (sum, count int64)
	need func(k kinds) bool
	// share says that the number is a share of requests, for which an absolute step counts.
	share bool
	// steady says that it is a sum over time, of which a second without events has none.
	steady bool
}

var measures = []measure{
	{"request time", func(c *analyzers.Second) (int64, int64) { return c.RequestUS, c.Requests }, func(k kinds) bool { return k.timed }, false, false},
	{"errors", func(c *analyzers.Second) (int64, int64) { return c.Errors5xx, c.Requests }, func(k kinds) bool { return k.web }, true, false},
	{"retries", func(c *analyzers.Second) (int64, int64) { return c.Retried, c.Requests }, func(k kinds) bool { return k.web }, true, false},
	{"errors", func(c *analyzers.Second) (int64, int64) { return c.AppErrors5xx, c.AppRequests }, func(k kinds) bool { return k.app && !k.web }, true, false},
	{"application time", func(c *analyzers.Second) (int64, int64) { return c.AppUS, c.AppRequests }, func(k kinds) bool { return k.app && !k.timed }, false, false},
	{"database time per request", func(c *analyzers.Second) (int64, int64) { return c.QueryUS, c.Requests }, func(k kinds) bool { return k.web && k.db }, false, false},
	{"statements per request", func(c *analyzers.Second) (int64, int64) { return c.Statements, c.Requests }, func(k kinds) bool { return k.web && k.db }, false, false},
	{"query time", func(c *analyzers.Second) (int64, int64) { return c.QueryUS, c.Statements }, func(k kinds) bool { return k.db && !k.web && !k.app }, false, false},
	{"query time", func(c *analyzers.Second) (int64, int64) { return c.DBBusyUS, 0 }, func(k kinds) bool { return k.db && !k.web && !k.app }, false, true},
}

// What makes a change an onset. All three are guesses of ours that the labelled incidents bear out:
// half as much again is the least that users notice, and five deviations of the mean keep noise of
// tens of thousands of tried spans out (TestNoiseIsNoOnset).
const (
	minRatio = 1.5
	minShare = 0.01 // step of an error or retry share
	minScore = 5.0
	minBins  = 4 // of baseline, and of bad time
	maxBins  = 400
)

// A badSpan is where one measure was worse than before.
type badSpan struct {
	from, to int64 // seconds since the epoch
	measure  string
	ratio    float64
	score    float64
}

// findOnset looks for the span in which some measure was worst against all that came before it, and
// takes the measure in which that is clearest.
func findOnset(cells []analyzers.Second, width int64, have kinds) (badSpan, bool) {
	var found []badSpan
	for _, m := range measures {
		if !m.need(have) {
			continue
		}
		if b, ok := m.onset(cells, width); ok {
			found = append(found, b)
		}
	}
	if len(found) == 0 {
		return badSpan{}, false
	}
	return slices.MaxFunc(found, func(a, b badSpan) int { return cmp.Compare(a.score, b.score) }), true
}

type bin struct {
	start      int64
	sum, count int64
	value      float64
}

// bins joins cells so that there are at most maxBins.
func (m measure) bins(cells []analyzers.Second, width int64) (out []bin, binWidth int64) {
	if len(cells) == 0 {
		return nil, width
	}
	span := cells[len(cells)-1].Start + width - cells[0].Start
	binWidth = width
	for span/binWidth > maxBins {
		binWidth *= 2
	}
	first, end := cells[0].Start, cells[len(cells)-1].Start+width
	for i := range cells {
		sum, count := m.of(&cells[i])
		start := first + (cells[i].Start-first)/binWidth*binWidth
		if n := len(out); n > 0 && out[n-1].start == start {
			out[n-1].sum += sum
			out[n-1].count += count
			continue
		}
		out = append(out, bin{start: start, sum: sum, count: count})
	}
	if m.steady {
		out = fill(out, binWidth, end)
	}
	out = slices.DeleteFunc(out, func(b bin) bool { return b.count == 0 })
	for i := range out {
		v := float64(out[i].sum) / float64(out[i].count)
		if !m.share {
			v = math.Log(v + 100) // times: a tenth of a millisecond more or less is nothing
			if m.name == "statements per request" {
				v = math.Log(float64(out[i].sum)/float64(out[i].count) + 1)
			}
		}
		out[i].value = v
	}
	return out, binWidth
}

// fill puts empty bins where there are none, and counts the seconds of each.
func fill(bins []bin, width, end int64) []bin {
	var out []bin
	for _, b := range bins {
		for n := len(out); n > 0 && out[n-1].start+width < b.start; n++ {
			out = append(out, bin{start: out[n-1].start + width})
		}
		out = append(out, b)
	}
	for i := range out {
		out[i].count = min(width, end-out[i].start)
	}
	return out
}

// onset tries every span [i, j) of bins against the bins before i, and takes the one that least could be noise.
func (m measure) onset(cells []analyzers.Second, width int64) (best badSpan, ok bool) {
	bins, binWidth := m.bins(cells, width)
	n := len(bins)
	if n < 2*minBins {
		return best, false
	}
	floor := 0.1
	if m.share {
		floor = 0.005
	}
	values, shares := newMoments(bins, floor), newTally(bins)
	var bi, bj int
	for i := minBins; i+minBins <= n; i++ {
		for j := i + minBins; j <= n; j++ {
			least := max(best.score, minScore)
			score := values.score(i, j, least)
			switch {
			case score <= least:
			case m.share:
				score = min(score, shares.score(i, j))
			default:
				score = values.unskew(score, i, j)
			}
			if score > least {
				best.score, bi, bj = score, i, j
			}
		}
	}
	if best.score < minScore {
		return best, false
	}
	best.measure = m.name
	best.from, best.to = bins[bi].start, bins[bj-1].start+binWidth
	base, bad := mean(bins[:bi]), mean(bins[bi:bj])
	if m.share {
		best.ratio = bad
		return best, bad-base >= minShare
	}
	if base <= 0 {
		return best, false
	}
	best.ratio = bad / base
	return best, best.ratio >= minRatio
}

func mean(bins []bin) float64 {
	var sum, count int64
	for _, b := range bins {
		sum += b.sum
		count += b.count
	}
	return float64(sum) / float64(max(count, 1))
}

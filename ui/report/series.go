package report

import (
	"math"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// sparkCells is the width of a sparkline in the text and Markdown formats; no spark exceeds 60.
const sparkCells = 52

// Series are the curves of a report on one grid. A value is NaN where it is not known: outside the
// span of the log that carries it, and where nothing at all was seen.
type Series struct {
	Start int64 // seconds since the epoch
	End   int64 // of the last cell seen; the last point may reach beyond it
	Width int64 // seconds of one point

	RequestRate    []float64 // requests a second
	RequestTime    []float64 // mean seconds of a request
	Errors5xx      []float64 // answers of 5xx a second
	StatementRate  []float64 // statements a second
	DatabaseTime   []float64 // seconds spent in statements a second: how many ran at once
	RequestsAtOnce []float64
}

// series resamples the cells of the digest to at most n points: rates and time are summed and
// divided by the width, so no point hides what its neighbours show.
func (r *Report) series(cells []analyzers.Second, n int) Series {
	if len(cells) == 0 || n <= 0 {
		return Series{}
	}
	cell := r.Digest.Series.Width()
	from, to := cells[0].Start, cells[len(cells)-1].Start+cell
	step := (to - from + int64(n)*cell - 1) / (int64(n) * cell) * cell
	points := make([]analyzers.Second, (to-from+step-1)/step)
	seen := make([]bool, len(points))
	for i := range cells {
		c := &cells[i]
		k := (c.Start - from) / step
		seen[k] = true
		addSecond(&points[k], c)
	}
	out := Series{Start: from, End: to, Width: step}
	web := inside(&r.Digest.Web.First, &r.Digest.Web.Last)
	db := inside(&r.Digest.Statements.First, &r.Digest.Statements.Last)
	for k := range points {
		p, at, w := &points[k], from+int64(k)*step, float64(step)
		hasWeb := seen[k] && r.AccessLog && (p.Requests > 0 || p.WebBusyUS > 0 || web(at, at+step))
		hasDB := seen[k] && r.SlowLog && (p.Statements > 0 || p.DBBusyUS > 0 || db(at, at+step))
		put := func(curve *[]float64, known bool, v float64) {
			if !known {
				v = math.NaN()
			}
			*curve = append(*curve, v)
		}
		put(&out.RequestRate, hasWeb, float64(p.Requests)/w)
		put(&out.RequestTime, hasWeb && p.Requests > 0 && r.Digest.Web.WithTime > 0, float64(p.RequestUS)/float64(p.Requests)/1e6)
		put(&out.Errors5xx, hasWeb, float64(p.Errors5xx)/w)
		put(&out.RequestsAtOnce, hasWeb && r.Digest.Web.WithTime > 0, float64(p.WebBusyUS)/w/1e6)
		put(&out.StatementRate, hasDB, float64(p.Statements)/w)
		put(&out.DatabaseTime, hasDB, float64(p.DBBusyUS)/w/1e6)
	}
	return out
}

func addSecond(sum, c *analyzers.Second) {
	sum.Requests += c.Requests
	sum.RequestUS += c.RequestUS
	sum.Errors5xx += c.Errors5xx
	sum.WebBusyUS += c.WebBusyUS
	sum.Statements += c.Statements
	sum.DBBusyUS += c.DBBusyUS
}

// inside returns whether a span of seconds touches the instants first to last.
func inside(first, last *int64) func(from, to int64) bool {
	if *first == collectors.NoTime || *last == collectors.NoTime {
		return func(int64, int64) bool { return false }
	}
	a, b := floorSecond(*first), floorSecond(*last)
	return func(from, to int64) bool { return to > a && from <= b }
}

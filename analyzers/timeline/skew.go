package timeline

import (
	"math"

	"dbtriage/analyzers"
)

// A Skew is how far the clock of the database's log stands from that of the web server's.
type Skew struct {
	// Seconds that the database's times are ahead of the web server's; to be taken off them.
	Seconds float64
	// Correlation of both rates at that offset, and AtZero as the times stand.
	Correlation, AtZero float64
}

// How an offset is looked for. A clock that is off by more than ten minutes is a zone that was taken
// wrong, which the readers tell otherwise.
const (
	maxSkew     = 600 // seconds either way
	minOverlap  = 60  // cells
	minLikeness = 0.5
	minGain     = 0.6 // of what the times as they stand leave unexplained, at most so much may remain
)

// SkewOf estimates the offset between web and database logs by cross-correlation of requests and
// statements per cell: the offset at which both rise and fall together. ok is false where they never do
// so clearly better than as they stand.
func SkewOf(d *analyzers.Digest) (k Skew, ok bool) {
	if d.Web.Count == 0 || d.Statements.Count == 0 {
		return k, false
	}
	width := d.Series.Width()
	cells := d.Series.Cells()
	if len(cells) == 0 {
		return k, false
	}
	first := cells[0].Start
	n := int((cells[len(cells)-1].Start-first)/width) + 1
	if n > 1<<20 {
		return k, false
	}
	web, db := make([]float64, n), make([]float64, n)
	for i := range cells {
		at := int((cells[i].Start - first) / width)
		web[at], db[at] = float64(cells[i].Requests), float64(cells[i].Statements)
	}
	web, webFrom := active(web)
	db, dbFrom := active(db)
	if len(web) < minOverlap || len(db) < minOverlap {
		return k, false
	}
	// Lag in cells by which the database's series is shifted against the web server's.
	limit := int(maxSkew / width)
	best, bestLag, zero := -1.0, 0, 0.0
	for lag := -limit; lag <= limit; lag++ {
		c, overlap := correlation(web, db, dbFrom-webFrom-lag)
		if overlap < max(minOverlap, min(len(web), len(db))/2) {
			continue
		}
		if lag == 0 {
			zero = c
		}
		if c > best {
			best, bestLag = c, lag
		}
	}
	k = Skew{Seconds: float64(int64(bestLag) * width), Correlation: best, AtZero: zero}
	return k, best >= minLikeness && (bestLag == 0 || 1-best <= minGain*(1-zero))
}

// active cuts off the ends at which nothing was logged.
func active(v []float64) (part []float64, from int) {
	to := len(v)
	for from < to && v[from] == 0 {
		from++
	}
	for to > from && v[to-1] == 0 {
		to--
	}
	return v[from:to], from
}

// correlation is Pearson's of a and b where b begins offset cells after a; overlap is how many cells
// both have.
func correlation(a, b []float64, offset int) (c float64, overlap int) {
	from, to := max(0, offset), min(len(a), len(b)+offset)
	n := float64(to - from)
	if to-from < 2 {
		return 0, 0
	}
	var sa, sb, saa, sbb, sab float64
	for i := from; i < to; i++ {
		x, y := a[i], b[i-offset]
		sa, sb = sa+x, sb+y
		saa, sbb, sab = saa+x*x, sbb+y*y, sab+x*y
	}
	va, vb := saa-sa*sa/n, sbb-sb*sb/n
	if va <= 0 || vb <= 0 {
		return 0, to - from
	}
	return (sab - sa*sb/n) / math.Sqrt(va*vb), to - from
}

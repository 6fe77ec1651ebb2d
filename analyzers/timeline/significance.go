package timeline

import "math"

// How sure it is that a span of bins is no noise: of the tens of thousands of spans that are tried, some few
// bins in a row are always much alike, or all above the rest.

// borrowed is as how many bins what the other side shows counts for that of a side: were there no change, it
// would be the same. A few bins that are alike by chance would else prove anything.
const borrowed = 8

// moments are running sums of the values of bins, of their squares and cubes, and of the products of
// neighbours: those of the first i bins are at i.
type moments struct {
	sum, square, cube, product []float64
	floor                      float64 // of a variance
}

// newMoments sums the values of bins. Their deviation counts as deviation at least, so that a flat run does
// not make a trifle significant.
func newMoments(bins []bin, deviation float64) moments {
	n := len(bins) + 1
	m := moments{make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), deviation * deviation}
	for i, b := range bins {
		m.sum[i+1] = m.sum[i] + b.value
		m.square[i+1] = m.square[i] + b.value*b.value
		m.cube[i+1] = m.cube[i] + b.value*b.value*b.value
		if i > 0 {
			m.product[i+1] = m.product[i] + b.value*bins[i-1].value
		}
	}
	return m
}

// A sample is what is known of n bins.
type sample struct{ n, sum, square, product float64 }

func (s sample) mean() float64 { return s.sum / s.n }

func (m *moments) variance(s sample) float64 {
	return max(s.square/s.n-s.mean()*s.mean(), m.floor)
}

// neighbours tells by how much a bin is like the one before it, from 0 to 1.
func (m *moments) neighbours(s sample) float64 {
	return min(max((s.product/(s.n-1)-s.mean()*s.mean())/m.variance(s), 0), 0.9)
}

// in is the span [i, j), and without all other bins.
func (m *moments) in(i, j int) sample {
	return sample{float64(j - i), m.sum[j] - m.sum[i], m.square[j] - m.square[i], m.product[j] - m.product[i+1]}
}

func (m *moments) without(i, j int) sample {
	n := len(m.sum) - 1
	return sample{float64(n - j + i), m.sum[n] - m.sum[j] + m.sum[i], m.square[n] - m.square[j] + m.square[i], m.product[n] - m.product[j] + m.product[i]}
}

// score is by how many deviations of their difference the mean of the span [i, j) lies above that of the
// bins before it; 0 when that cannot be more than least. How much bins differ when nothing happens, all
// outside the span tell: before a log's first slow statement it seems that there are none.
func (m *moments) score(i, j int, least float64) float64 {
	span, before := float64(j-i), float64(i)
	more := (m.sum[j]-m.sum[i])/span - m.sum[i]/before
	if more <= 0 {
		return 0
	}
	in, out := m.in(i, j), m.without(i, j)
	share, shareBefore := borrowed/(span+borrowed), borrowed/(before+borrowed)
	between := func(own, other, share float64) float64 { return own + (other-own)*share }
	inVar, outVar := m.variance(in), m.variance(out)
	spanDoubt := between(inVar, outVar, share) / span
	beforeDoubt := between(outVar, inVar, shareBefore) / before
	if more*more <= least*least*(spanDoubt+beforeDoubt) {
		return 0
	}
	// What lasts for seconds is in several bins, and that those are alike proves nothing: they count as fewer,
	// as those of an autoregressive series do (Bayley and Hammersley 1946).
	inLike, outLike := m.neighbours(in), m.neighbours(out)
	longer := func(r float64) float64 { return (1 + r) / (1 - r) }
	spanDoubt *= longer(between(inLike, outLike, share))
	beforeDoubt *= longer(between(outLike, inLike, shareBefore))
	return more / math.Sqrt(spanDoubt+beforeDoubt)
}

// unskew lowers the score of the span [i, j) to what it would be if the values outside it were normal. A mean
// of few that are now and then large exceeds five deviations much more often than a normal one. It is
// taken for a gamma variable of that skewness, and that for a normal one by its cube root (Wilson and
// Hilferty 1931).
func (m *moments) unskew(score float64, i, j int) float64 {
	out, all := m.without(i, j), len(m.sum)-1
	mean, square, cube := out.mean(), out.square/out.n, (m.cube[all]-m.cube[j]+m.cube[i])/out.n
	skewness := (cube - 3*mean*square + 2*mean*mean*mean) / math.Pow(m.variance(out), 1.5)
	skewness = min(skewness, 3) * out.n / (out.n + borrowed)
	if skewness < 0.01 {
		return score
	}
	shape := 4 * float64(j-i) / (skewness * skewness)
	return 3 * math.Sqrt(shape) * (math.Cbrt(1+score/math.Sqrt(shape)) - 1 + 1/(9*shape))
}

// A tally is running counts of requests, and of those among them that a share is of.
type tally struct{ hits, requests []int64 }

func newTally(bins []bin) tally {
	t := tally{make([]int64, len(bins)+1), make([]int64, len(bins)+1)}
	for i, b := range bins {
		t.hits[i+1] = t.hits[i] + b.sum
		t.requests[i+1] = t.requests[i] + b.count
	}
	return t
}

// score is how sure it is that requests in the span [i, j) are hit more often than those before it, in
// deviations: the root of the likelihood ratio of two shares against one (Wilks 1938).
func (t *tally) score(i, j int) float64 {
	before, hitBefore := float64(t.requests[i]), float64(t.hits[i])
	in, hit := float64(t.requests[j]-t.requests[i]), float64(t.hits[j]-t.hits[i])
	share := (hitBefore + hit) / (before + in)
	if hit <= share*in {
		return 0
	}
	part := func(n, expected float64) float64 {
		if n <= 0 {
			return 0
		}
		return n * math.Log(n/expected)
	}
	sum := part(hitBefore, share*before) + part(before-hitBefore, (1-share)*before) + part(hit, share*in) + part(in-hit, (1-share)*in)
	return math.Sqrt(2 * max(sum, 0))
}

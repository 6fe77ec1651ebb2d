// Package analyzers adds up: it turns events into digests that merge, and digests, series and
// settings into the snapshot that rules judge.
package analyzers

import (
	"math"

	"dbtriage/collectors"
)

// A Timing is the distribution of one duration in microseconds: exact count, sum, minimum and
// maximum beside a quantile sketch. It merges; the zero value is empty.
type Timing struct {
	Count, Sum, Min, Max int64
	sketch               sketch
}

// Add counts one duration; negative ones (unknown) are ignored.
func (t *Timing) Add(us int64) {
	if us < 0 {
		return
	}
	if t.Count == 0 || us < t.Min {
		t.Min = us
	}
	if us > t.Max {
		t.Max = us
	}
	t.Count++
	t.Sum += us
	t.sketch.add(us)
}

// addMany counts n equal durations.
func (t *Timing) addMany(us, n int64) {
	if n == 1 {
		t.Add(us)
		return
	}
	if us < 0 {
		return
	}
	if t.Count == 0 || us < t.Min {
		t.Min = us
	}
	t.Max = max(t.Max, us)
	t.Count += n
	t.Sum += us * n
	t.sketch.addMany(bucketOf(us), uint32(n))
}

// addAlike counts n durations of which only the sum is known, and takes them for equal.
func (t *Timing) addAlike(n, sum int64) {
	mean := sum / n
	if t.Count == 0 || mean < t.Min {
		t.Min = mean
	}
	t.Max = max(t.Max, mean)
	t.Count += n
	t.Sum += sum
	t.sketch.addMany(bucketOf(mean), uint32(min(n, math.MaxUint32)))
}

// addCounted counts n durations of which the sum is known, and about how long each of some others took, from
// the shortest: theirs is taken for the distribution of the n.
func (t *Timing) addCounted(n, sum int64, counts []collectors.TimeCount) {
	var all int64
	for _, c := range counts {
		all += c.Count
	}
	sum += t.Sum // addMany's is only near
	var seen, told int64
	for _, c := range counts {
		seen += c.Count
		upTo := int64(math.Round(float64(n) * float64(seen) / float64(all)))
		if upTo > told {
			t.addMany(c.US, min(upTo-told, math.MaxUint32))
		}
		told = upTo
	}
	t.Sum = sum
}

// Merge adds other to t.
func (t *Timing) Merge(other *Timing) {
	if other.Count == 0 {
		return
	}
	if t.Count == 0 || other.Min < t.Min {
		t.Min = other.Min
	}
	if other.Max > t.Max {
		t.Max = other.Max
	}
	t.Count += other.Count
	t.Sum += other.Sum
	t.sketch.merge(&other.sketch)
}

// Mean returns the average in microseconds; ok is false when nothing was counted.
func (t *Timing) Mean() (us float64, ok bool) {
	if t.Count == 0 {
		return 0, false
	}
	return float64(t.Sum) / float64(t.Count), true
}

// Quantile returns the q-quantile (0 ≤ q ≤ 1) in microseconds with a relative error of at most
// SketchError, clamped to the exact minimum and maximum; ok is false when nothing was counted, or
// when only sums were kept.
func (t *Timing) Quantile(q float64) (us int64, ok bool) {
	if t.sketch.empty() {
		return 0, false
	}
	return min(max(t.sketch.quantile(q), t.Min), t.Max), true
}

// Spread returns the standard deviation in microseconds, of the middles of the sketch's buckets about
// the exact mean; ok is false with fewer than two durations, or when only sums were kept.
func (t *Timing) Spread() (us float64, ok bool) {
	if t.Count < 2 || t.sketch.empty() {
		return 0, false
	}
	mean := float64(t.Sum) / float64(t.Count)
	var squares, n float64
	for b, k := range t.sketch.buckets() {
		d := float64(min(max(bucketMiddle(b), t.Min), t.Max)) - mean
		squares += float64(k) * d * d
		n += float64(k)
	}
	if n < 2 {
		return 0, false
	}
	return math.Sqrt(squares / (n - 1)), true
}

package analyzers

import (
	"math"
	"testing"
)

// The spread is that of the durations, to the width of a bucket, also of few and of equal ones.
func TestSpread(t *testing.T) {
	for _, values := range [][]int64{{5, 5, 5}, {1, 2, 3, 4}, {100, 900, 5_000, 70_000, 70_001}, make([]int64, 1000)} {
		var timing Timing
		var sum, squares float64
		for i, v := range values {
			if len(values) == 1000 {
				v = int64(i * i)
			}
			timing.Add(v)
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
		n := float64(len(values))
		want := math.Sqrt((squares - sum*sum/n) / (n - 1))
		got, ok := timing.Spread()
		if !ok || math.Abs(got-want) > 2*SketchError*want+1e-9 {
			t.Errorf("%d values: %v, not %v", len(values), got, want)
		}
	}
	var one Timing
	one.Add(7)
	if _, ok := one.Spread(); ok {
		t.Error("one value has a spread")
	}
}

package analyzers

import (
	"math"
	"testing"

	"dbtriage/collectors"
)

func TestTrend(t *testing.T) {
	series := func(value func(i int64) float64, n int64) *Series {
		s := NewSeriesSet()
		for i := range n {
			s.Add("", "host", collectors.Sample{At: (1000 + 10*i) * 1e6, Name: "fs.used", Instance: "/", Value: value(i)})
		}
		return s.Get(SeriesKey{Role: "host", Name: "fs.used", Instance: "/"})
	}
	noise := func(i int64) float64 { return []float64{0.3, -0.4, 0.1, 0.2, -0.2}[i%5] }
	for _, c := range []struct {
		name     string
		s        *Series
		low, top float64
		ok       bool
	}{
		{"a line", series(func(i int64) float64 { return 5 + 2*float64(i) }, 20), 0.2, 0.2, true},
		{"it falls", series(func(i int64) float64 { return 5 - 2*float64(i) }, 20), -0.2, -0.2, true},
		{"a line with noise", series(func(i int64) float64 { return 0.1*float64(i) + noise(i) }, 100), 0.0095, 0.01, true},
		{"noise alone", series(noise, 100), 0, 0, true},
		{"constant", series(func(int64) float64 { return 7 }, 100), 0, 0, true},
		{"two points", series(noise, 2), 0, 0, false},
		{"none", nil, 0, 0, false},
	} {
		got, ok := c.s.Trend()
		if ok != c.ok || got < c.low-1e-9 || got > c.top+1e-9 || math.IsNaN(got) {
			t.Errorf("%s: %v %v, want %v to %v", c.name, got, ok, c.low, c.top)
		}
	}
	if got, ok := series(noise, 20).Seconds(); !ok || got != 190 {
		t.Errorf("%v seconds", got)
	}
}

package analyzers

import (
	"math"
	"math/rand/v2"
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

// What wanders without a direction hardly ever has a trend, however long it was looked at.
func TestWanderingIsNoTrend(t *testing.T) {
	const series = 200
	for name, next := range map[string]func(r *rand.Rand, v float64) float64{
		"noise":         func(r *rand.Rand, _ float64) float64 { return r.NormFloat64() },
		"a random walk": func(r *rand.Rand, v float64) float64 { return v + r.NormFloat64() },
		"what decays":   func(r *rand.Rand, v float64) float64 { return 0.9*v + r.NormFloat64() },
	} {
		for _, points := range []int{30, 300, 3000} {
			trends, grown := 0, 0
			for seed := range uint64(series) {
				r := rand.New(rand.NewPCG(seed, 1))
				still, growing := &Series{}, &Series{}
				v := 0.0
				for i := range points {
					v = next(r, v)
					at := int64(i) * 1e6
					still.Points = append(still.Points, Point{LastAt: at, N: 1, Sum: v, Last: v})
					growing.Points = append(growing.Points, Point{LastAt: at, N: 1, Sum: v + 2*float64(i), Last: v + 2*float64(i)})
				}
				if g, ok := still.Trend(); ok && g != 0 {
					trends++
				}
				if g, ok := growing.Trend(); ok && g > 1 && g < 2.5 {
					grown++
				}
			}
			if trends > series/6 || grown < series*9/10 {
				t.Errorf("%s of %d points: %d trends of %d; with a growth of 2 it is found in %d", name, points, trends, series, grown)
			}
		}
	}
}

package timeline

import (
	"math"
	"math/rand/v2"
	"testing"

	"dbtriage/analyzers"
)

// Request times as healthy systems have them, in microseconds: some are very unlike others.
var healthyTimes = map[string]func(r *rand.Rand) float64{
	"exponential": func(r *rand.Rand) float64 { return 50e3 * r.ExpFloat64() },
	"lognormal":   func(r *rand.Rand) float64 { return 1e6 * math.Exp(1.2*r.NormFloat64()-3.5) },
	"Pareto":      func(r *rand.Rand) float64 { return 1e6 * min(0.01*math.Pow(r.Float64(), -1/1.3), 30) },
	"now and then slow": func(r *rand.Rand) float64 {
		if r.Float64() < 0.03 {
			return 1e6 * (1 + r.Float64())
		}
		return 5e3 * (1 + r.Float64())
	},
}

// A fault makes the requests between two seconds slower by a factor, and fails a share of them more.
type fault struct {
	from, to int
	slower   float64
	failing  float64
}

// traffic is so many seconds of requests that come independently of each other. One in a hundred fails.
func traffic(seed uint64, perSecond float64, seconds int, us func(*rand.Rand) float64, f fault) []analyzers.Second {
	r := rand.New(rand.NewPCG(seed, 7))
	var out []analyzers.Second
	at := 0.0
	for at += r.ExpFloat64() / perSecond; at < float64(seconds); at += r.ExpFloat64() / perSecond {
		second := int(at)
		if n := len(out); n == 0 || out[n-1].Start != int64(second) {
			out = append(out, analyzers.Second{Start: int64(second)})
		}
		took, failing := us(r), 0.01
		if second >= f.from && second < f.to {
			took, failing = took*f.slower, failing+f.failing
		}
		c := &out[len(out)-1]
		c.Requests++
		c.RequestUS += int64(took)
		if r.Float64() < failing {
			c.Errors5xx++
		}
	}
	return out
}

// A log in which nothing changes has no onset, however its times are distributed and however few requests
// it has: of a hundred five at most.
func TestNoiseIsNoOnset(t *testing.T) {
	const logs = 50
	for name, us := range healthyTimes {
		for _, perSecond := range []float64{1, 3, 10, 50} {
			for _, seconds := range []int{60, 300, 1200} {
				found := map[string]int{}
				for seed := range uint64(logs) {
					if b, ok := findOnset(traffic(seed, perSecond, seconds, us, fault{}), 1, kinds{web: true, timed: true}); ok {
						found[b.measure]++
					}
				}
				for measure, n := range found {
					if n > logs/20 {
						t.Errorf("%s times, %g requests a second for %d s: an onset of %s in %d of %d", name, perSecond, seconds, measure, n, logs)
					}
				}
			}
		}
	}
}

// A fault is found where it begins.
func TestOnsetIsFound(t *testing.T) {
	const logs = 20
	for _, c := range []struct {
		times     string
		perSecond float64
		fault     fault
		measure   string
		found     int // of the logs, at least
	}{
		{"exponential", 3, fault{200, 300, 2, 0}, "request time", 18},
		{"exponential", 10, fault{200, 300, 2, 0}, "request time", 19},
		{"exponential", 10, fault{280, 300, 3, 0}, "request time", 20},
		{"exponential", 50, fault{295, 300, 10, 0}, "request time", 20},
		{"exponential", 10, fault{12, 50, 5, 0}, "request time", 20},
		{"lognormal", 10, fault{280, 300, 3, 0}, "request time", 18},
		{"Pareto", 50, fault{290, 300, 5, 0}, "request time", 18},
		{"now and then slow", 50, fault{200, 300, 3, 0}, "request time", 18},
		{"exponential", 10, fault{280, 300, 1, 0.3}, "errors", 20},
		{"exponential", 50, fault{200, 300, 1, 0.05}, "errors", 20},
		{"exponential", 3, fault{270, 300, 1, 0.5}, "errors", 19},
	} {
		found := 0
		for seed := range uint64(logs) {
			b, ok := findOnset(traffic(seed, c.perSecond, c.fault.to, healthyTimes[c.times], c.fault), 1, kinds{web: true, timed: true})
			if ok && b.measure == c.measure && math.Abs(float64(b.from)-float64(c.fault.from)) <= 10 {
				found++
			}
		}
		if found < c.found {
			t.Errorf("%s times, %g requests a second, %+v: found in %d of %d", c.times, c.perSecond, c.fault, found, logs)
		}
	}
}

// BenchmarkOnset looks for an onset in as many bins as there may be.
func BenchmarkOnset(b *testing.B) {
	cells := traffic(1, 50, maxBins, healthyTimes["lognormal"], fault{})
	for b.Loop() {
		findOnset(cells, 1, kinds{web: true, timed: true})
	}
}

// Seconds without a slow statement are part of a log of slow ones: more of them, each as slow, is an onset.
func TestOnsetOfRareStatements(t *testing.T) {
	var cells []analyzers.Second
	for s := int64(0); s < 3600; s += 120 {
		cells = append(cells, analyzers.Second{Start: s, Statements: 1, QueryUS: 2e6, DBBusyUS: 1e6}, analyzers.Second{Start: s + 1, DBBusyUS: 1e6})
	}
	for s := int64(3600); s < 4200; s += 2 {
		cells = append(cells, analyzers.Second{Start: s, Statements: 1, QueryUS: 2e6, DBBusyUS: 1e6}, analyzers.Second{Start: s + 1, DBBusyUS: 1e6})
	}
	b, ok := findOnset(cells, 1, kinds{db: true})
	if !ok || b.from < 3580 || b.from > 3620 || b.ratio < 40 {
		t.Errorf("%v %+v", ok, b)
	}
}

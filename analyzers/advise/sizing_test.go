package advise

import (
	"testing"

	"dbtriage/collectors/loadtest"
)

// A load is carried by replicas as long as its writes leave them room, and by shards beyond.
func TestSizing(t *testing.T) {
	demand := func(peak float64) *Demand { // a day of one second's peak
		d := NewDemand(peak*secondsPerDay, 1, 1)
		d.PeakShare, d.PeakTime = 1, 1
		return &d
	}
	typical := Prior{"typical", 1000}
	for _, c := range []struct {
		name    string
		in      SizingInput
		want    ServerPlan
		use     float64
		fit     bool
		sources CapacitySource
	}{
		{"nothing asked", SizingInput{Prior: typical, WriteShare: -1, Merge: 1}, ServerPlan{}, 0, false, FromPrior},
		{"reads only", SizingInput{Demand: demand(1200), Prior: typical, WriteShare: 0, Merge: 1}, ServerPlan{1, 3}, 1.2, true, FromPrior},
		{"unknown share", SizingInput{Demand: demand(1200), Prior: typical, WriteShare: -1, Merge: 1}, ServerPlan{1, 3}, 1.2, true, FromPrior},
		{"writes leave half of each for reads", SizingInput{Demand: demand(1200), Prior: typical, WriteShare: 0.25, Merge: 1}, ServerPlan{1, 4}, 1.2, true, FromPrior},
		{"too many writes", SizingInput{Demand: demand(1200), Prior: typical, WriteShare: 1, Merge: 1}, ServerPlan{2, 2}, 1.2, false, FromPrior},
		{"merged, they fit", SizingInput{Demand: demand(1200), Prior: typical, WriteShare: 1, Merge: 4}, ServerPlan{1, 2}, 0.3, true, FromPrior},
		{"a test counts more than a guess", SizingInput{Demand: demand(1200), Prior: typical, Queries: 3, WriteShare: 0, Merge: 1, Tests: []loadtest.Result{{Rate: 1000, Requests: 10_000}}}, ServerPlan{1, 2}, 0.4, true, FromTest},
		{"a test that fails counts for nothing", SizingInput{Demand: demand(1200), Prior: typical, Queries: 3, WriteShare: 0, Merge: 1, Tests: []loadtest.Result{{Rate: 1000, Requests: 10_000, Failed: 500}}}, ServerPlan{1, 3}, 1.2, true, FromPrior},
	} {
		s := NewSizing(c.in)
		if got := s.Servers(); got != c.want || s.Use != c.use || s.WritesFit != c.fit || s.Capacity.From != c.sources {
			t.Errorf("%s: %+v, use %v, writes fit %v, capacity from %v", c.name, got, s.Use, s.WritesFit, s.Capacity.From)
		}
	}
}

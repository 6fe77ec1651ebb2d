package advise

import (
	"testing"

	"dbtriage/analyzers"
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

// TestOneClassIsNoCapacity takes no queue before one row for a server that is full.
func TestOneClassIsNoCapacity(t *testing.T) {
	for _, c := range []struct {
		name  string
		share float64 // of the class with most time
		want  CapacitySource
	}{
		{"spread over classes", 0.4, FromLog},
		{"a hot row", 0.9, FromPrior},
	} {
		d := analyzers.NewDigest()
		d.Statements.First, d.Statements.Last = 1_000_000e6, 1_000_200e6
		for i := range 200 {
			cell := d.Series.At(int64(1_000_000+i) * 1e6)
			cell.Statements = 100 + int64(i)*5
			us := int64(1000)
			if cell.Statements > 800 {
				us = 5000
			}
			cell.QueryUS = cell.Statements * us
			d.Statements.Count += cell.Statements
			d.Statements.TimeUS += cell.QueryUS
		}
		hot := &analyzers.Class{Fingerprint: "select qty from stock where id = ? for update"}
		hot.Time.Sum = int64(c.share * float64(d.Statements.TimeUS))
		d.Classes[hot.Fingerprint] = hot
		s := NewSizing(SizingInput{Digest: d, Prior: Prior{"typical", 1000}, WriteShare: -1, Merge: 1})
		if s.Capacity.From != c.want || (s.OneClass > 0) != (c.want == FromPrior) {
			t.Errorf("%s: %+v, one class %v", c.name, s.Capacity, s.OneClass)
		}
	}
}

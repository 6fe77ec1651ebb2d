package timeline

import (
	"math"
	"math/rand/v2"
	"testing"

	"dbtriage/analyzers"
)

// logsOf makes a digest of ten minutes in which the load walks at random, with the database's clock
// ahead by so many seconds.
func logsOf(ahead int64, related bool) *analyzers.Digest {
	random := rand.New(rand.NewPCG(3, 4))
	d := analyzers.NewDigest()
	load := 100.0
	for i := range int64(600) {
		load = max(load+random.NormFloat64()*10, 20)
		web := d.Series.At((1_700_000_000 + i) * 1e6)
		web.Requests += int64(load)
		statements := 3*load + random.NormFloat64()*10
		if !related {
			statements = 300 + random.NormFloat64()*50
		}
		d.Series.At((1_700_000_000 + i + ahead) * 1e6).Statements += int64(max(statements, 1))
	}
	d.Web.Count, d.Statements.Count = 60_000, 180_000
	return d
}

func TestSkew(t *testing.T) {
	for _, ahead := range []int64{0, 3, -7, 120, -400} {
		k, ok := SkewOf(logsOf(ahead, true))
		if math.Abs(float64(ahead)) > 300 { // less than half of it overlaps when put right: never shown wrong
			if ok && k.Seconds != float64(ahead) {
				t.Errorf("%d s ahead: %+v", ahead, k)
			}
			continue
		}
		if !ok || k.Seconds != float64(ahead) || k.Correlation < 0.8 {
			t.Errorf("%d s ahead: %+v %v", ahead, k, ok)
		}
	}
	if k, ok := SkewOf(logsOf(0, false)); ok {
		t.Errorf("rates that have nothing to do with each other: %+v", k)
	}
	if _, ok := SkewOf(analyzers.NewDigest()); ok {
		t.Error("no logs, no clocks")
	}
}

// stalling makes half an hour in which requests take 5 ms, and 50 ms in the seconds that stall says.
func stalling(stall func(second int64) bool) *analyzers.Digest {
	d := analyzers.NewDigest()
	for i := range int64(1800) {
		c := d.Series.At((1_700_000_000 + i) * 1e6)
		c.Requests = 100
		c.RequestUS = 100 * 5_000
		if stall(i) {
			c.RequestUS *= 10
		}
	}
	d.Web.Count = 180_000
	return d
}

func TestStalls(t *testing.T) {
	st, ok := StallsOf(stalling(func(i int64) bool { return i%300 < 12 }))
	if !ok || st.Count != 6 || st.Period != 300 || st.Length != 12 || math.Abs(st.Ratio-10) > 0.01 {
		t.Errorf("%+v %v", st, ok)
	}
	for name, stall := range map[string]func(int64) bool{
		"never":        func(int64) bool { return false },
		"once":         func(i int64) bool { return i > 600 && i < 660 },
		"at any time":  func(i int64) bool { return i == 100 || i == 250 || i == 800 || i == 1100 || i == 1700 },
		"a long fault": func(i int64) bool { return i > 900 },
	} {
		if st, ok := StallsOf(stalling(stall)); ok {
			t.Errorf("%s: %+v", name, st)
		}
	}
}

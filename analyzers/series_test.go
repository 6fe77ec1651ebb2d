package analyzers

import (
	"fmt"
	"testing"

	"dbtriage/collectors"
)

const day0 = int64(1795388432) * 1e6

var allTime = Window{From: collectors.NoTime, To: collectors.NoTime}

func sampled(values ...float64) *Series {
	s := NewSeriesSet()
	for i, v := range values {
		s.Add("h", "db", collectors.Sample{At: day0 + int64(i)*1e6, Name: "x", Value: v})
	}
	return s.Get(SeriesKey{Host: "h", Role: "db", Name: "x"})
}

// TestSeriesMerge cuts samples at every place and joins the parts in either order.
func TestSeriesMerge(t *testing.T) {
	var all []collectors.Sample
	for i := range 40 {
		all = append(all, collectors.Sample{At: day0 + int64(i)*700_000, Name: "x", Instance: fmt.Sprint(i % 3), Value: float64(i)})
	}
	add := func(part []collectors.Sample) *SeriesSet {
		s := NewSeriesSet()
		for _, v := range part {
			s.Add("h", "host", v)
		}
		return s
	}
	dump := func(s *SeriesSet) string {
		out := fmt.Sprint(s.width, s.points)
		for _, key := range s.Keys() {
			out += fmt.Sprint(key, s.Get(key).Points)
		}
		return out
	}
	want := dump(add(all))
	for cut := range all {
		for _, order := range [][2][]collectors.Sample{{all[:cut], all[cut:]}, {all[cut:], all[:cut]}} {
			s := add(order[0])
			s.Merge(add(order[1]))
			if got := dump(s); got != want {
				t.Fatalf("cut at %d:\n%s\n%s", cut, got, want)
			}
		}
	}
	coarse := add(all)
	coarse.coarsen()
	s := add(all[:7])
	s.Merge(NewSeriesSet())
	s.Merge(coarse)
	if s.width != 2 || s.Get(SeriesKey{"h", "host", "x", "0"}).Points[0].N != 2 {
		t.Errorf("width %d, %+v", s.width, s.Get(SeriesKey{"h", "host", "x", "0"}).Points[0])
	}
}

// TestSeriesBounded adds more than is kept: the grid coarsens, the sums stay.
func TestSeriesBounded(t *testing.T) {
	s := NewSeriesSet()
	const n = MaxPoints + MaxPoints/2
	for i := range int64(n) {
		s.Add("h", "host", collectors.Sample{At: i * 1e6, Name: "x", Value: 1})
	}
	points := s.Get(SeriesKey{Host: "h", Role: "host", Name: "x"}).Points
	var sum float64
	for _, p := range points {
		sum += p.Sum
	}
	if s.width != 2 || len(points) > MaxPoints || sum != n {
		t.Errorf("width %d, %d points, sum %v", s.width, len(points), sum)
	}
	s = NewSeriesSet()
	for i := range MaxSeries + 10 {
		s.Add("h", "host", collectors.Sample{Name: "x", Instance: fmt.Sprint(i)})
	}
	if len(s.Keys()) != MaxSeries || s.Refused != 10 {
		t.Errorf("%d series, %d refused", len(s.Keys()), s.Refused)
	}
}

func TestAggregate(t *testing.T) {
	s := sampled(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	a, ok := s.In(allTime)
	p95, ok2 := a.Quantile(0.95)
	if !ok || !ok2 || a.Mean != 5.5 || a.Max != 10 || a.Last != 10 || p95 != 10 {
		t.Errorf("%+v %v", a, p95)
	}
	// The sample at a second speaks for the second before it.
	a, ok = s.In(Window{day0, day0 + 4e6})
	if !ok || a.Mean != 3.5 || len(a.Values) != 4 || a.Covered != 1 {
		t.Errorf("%+v", a)
	}
	if a, ok = s.In(Window{day0 + 5e6, day0 + 15e6}); ok || a.Covered != 0.4 {
		t.Errorf("half a window is known: %+v", a)
	}
	if _, ok = s.In(Window{day0 + 100e6, day0 + 110e6}); ok {
		t.Error("a window that was not seen is known")
	}
	if a, ok = s.In(Window{day0, day0 + 2e6}); !ok {
		t.Error("two samples have no mean")
	} else if _, ok = a.Quantile(0.95); ok {
		t.Error("two samples have a quantile")
	}
	if _, ok = (*Series)(nil).In(allTime); ok {
		t.Error("no series is known")
	}
}

func TestDelta(t *testing.T) {
	s := sampled(100, 110, 120, 5, 15, 25)
	if grown, seconds, ok := s.Delta(allTime, nil); !ok || grown != 45 || seconds != 5 {
		t.Errorf("over a reset: %v in %v", grown, seconds)
	}
	// The server restarted although the value is larger than before.
	s = sampled(100, 110, 500, 510)
	if grown, _, ok := s.Delta(allTime, []int64{day0 + 2e6}); !ok || grown != 520 {
		t.Errorf("over a restart: %v", grown)
	}
	s = sampled(0, 10, 20, 30, 40)
	if rate, ok := s.Rate(Window{day0 + 500_000, day0 + 3_500_000}, nil); !ok || rate != 10 {
		t.Errorf("rate %v %v", rate, ok)
	}
	if _, ok := s.Rate(Window{day0 + 3e6, day0 + 13e6}, nil); ok {
		t.Error("a tenth of a window gives a rate")
	}
	if _, ok := s.Rate(Window{day0 + 1e6, day0 + 1_500_000}, nil); ok {
		t.Error("a window shorter than a step gives a rate")
	}
	if _, ok := sampled(7).Rate(allTime, nil); ok {
		t.Error("one reading gives a rate")
	}
	set := NewSeriesSet()
	for i, up := range []float64{10, 11, 1, 2} {
		set.Add("", "db", collectors.Sample{At: day0 + int64(i)*1e6, Name: "mysql.status.Uptime", Value: up})
	}
	if r := set.Restarts(""); len(r) != 1 || r[0] != day0+2e6 {
		t.Errorf("restarts %v", r)
	}
}

func TestEngine(t *testing.T) {
	for _, c := range []struct {
		version, comment string
		want             Engine
	}{
		{"10.11.19-MariaDB-0+deb12u1", "Debian 12", Engine{"mariadb", [3]int{10, 11, 19}}},
		{"8.0.36-28", "Percona Server (GPL), Release 28", Engine{"percona", [3]int{8, 0, 36}}},
		{"8.4.2", "MySQL Community Server - GPL", Engine{"mysql", [3]int{8, 4, 2}}},
		{"what", "", Engine{}}, {"", "x", Engine{}},
	} {
		var s Snapshot
		s.Set("version_comment", c.comment)
		s.Set("version", c.version)
		if s.Engine != c.want {
			t.Errorf("%q: %+v", c.version, s.Engine)
		}
	}
}

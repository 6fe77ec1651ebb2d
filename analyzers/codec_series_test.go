package analyzers

import (
	"math"
	"reflect"
	"testing"

	"dbtriage/collectors"
)

func someSeries() *SeriesSet {
	s := NewSeriesSet()
	for i := range int64(50) {
		s.Add("a", "host", collectors.Sample{At: (1000 + i) * 1e6, Name: "cpu.user", Instance: "0", Value: 1 / float64(i+1)})
		s.Add("a", "host", collectors.Sample{At: (1000+i)*1e6 + 77, Name: "net.rx_bytes", Value: float64(i * i)})
		s.Add("", "db", collectors.Sample{At: (1000 + i) * 1e6, Name: "odd", Value: math.Copysign(0, -1)})
	}
	return s
}

func TestEncodeSeries(t *testing.T) {
	for _, width := range []int64{1, 16} {
		s := someSeries()
		s.Coarsen(width)
		got := NewSeriesSet()
		if err := got.MergeEncoded(s.Encode(nil)); err != nil {
			t.Fatal(err)
		}
		if got.width != width || !reflect.DeepEqual(s.all, got.all) || got.points != s.points {
			t.Errorf("width %d: %d points, not %d", got.width, got.points, s.points)
		}
	}
}

// TestAddAll adds the samples of readings of which some lack a series: it is the same as to add each.
func TestAddAll(t *testing.T) {
	one, all := NewSeriesSetOf(40), NewSeriesSetOf(40)
	var memo Memo
	for i := range int64(60) {
		at := i * 1e6
		samples := []collectors.Sample{{At: at, Name: "a", Value: 1}, {At: at, Name: "b", Instance: "x", Value: float64(i)}, {At: at, Name: "c", Value: 3}}
		switch {
		case i%7 == 3:
			samples = samples[1:]
		case i%7 == 5:
			samples[0], samples[2] = samples[2], samples[0]
		}
		for _, v := range samples {
			one.Add("h", "host", v)
		}
		all.AddAll("h", "host", samples, &memo)
	}
	if one.width == 1 || one.width != all.width || !reflect.DeepEqual(one.all, all.all) {
		t.Errorf("width %d, not %d", all.width, one.width)
	}
}

func FuzzMergeEncoded(f *testing.F) {
	f.Add(someSeries().Encode(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := NewSeriesSetOf(100)
		if s.MergeEncoded(data) == nil {
			s.Encode(nil)
		}
	})
}

package analyzers

import (
	"cmp"
	"maps"
	"slices"
	"sync/atomic"

	"dbtriage/collectors"
)

// A SeriesKey says what a Series is of. Host figures are of one machine and server figures of one
// server: those of different ones are different series.
type SeriesKey struct {
	Host, Role     string // Host is a machine, or the address of a server that was asked; see collectors.Reading.Of
	Name, Instance string // as of collectors.Sample
}

// A Point is all samples of one series in one cell of the time grid.
type Point struct {
	Start    int64 // seconds since the epoch
	N        int64
	Sum, Max float64
	Last     float64 // the latest sample,
	LastAt   int64   // and its instant in µs
}

// Mean is the mean of the samples in the cell.
func (p *Point) Mean() float64 { return p.Sum / float64(p.N) }

func (p *Point) add(o *Point) {
	p.N += o.N
	p.Sum += o.Sum
	p.Max = max(p.Max, o.Max)
	if o.LastAt > p.LastAt || o.LastAt == p.LastAt && o.Last > p.Last {
		p.Last, p.LastAt = o.Last, o.LastAt
	}
}

// A Series is one number on the shared time axis. Where nothing was seen there is no point.
type Series struct {
	Points []Point // in time order
}

// MaxPoints bounds the points of a SeriesSet: a million is an hour of a server's six hundred status
// variables at a quarter of a second. A longer recording gets cells of two seconds, four, and so on.
const MaxPoints = 1_000_000

// MaxSeries bounds the series of a SeriesSet, which a host that starts processes of ever new names
// would exceed. Samples beyond are counted.
const MaxSeries = 50_000

// A SeriesSet holds every Series of a snapshot on one grid. Its width depends on what was added,
// not on the order. Sums of floats may differ in their last bits with the order.
type SeriesSet struct {
	Refused int64 // samples of series beyond MaxSeries

	width  int64 // seconds, a power of two
	limit  int   // of points
	room   int   // for points, that a new series gets
	texts  map[string]string
	points int
	all    map[SeriesKey]*Series
	// keys are those of all in order, once somebody has asked; nil when there are new ones since.
	keys atomic.Pointer[[]SeriesKey]
}

// NewSeriesSet returns an empty set with cells of one second.
func NewSeriesSet() *SeriesSet { return NewSeriesSetOf(MaxPoints) }

// NewSeriesSetOf returns an empty set that holds so many points at most.
func NewSeriesSetOf(points int) *SeriesSet {
	return &SeriesSet{width: 1, limit: points, all: map[SeriesKey]*Series{}}
}

// Add adds a sample of a host and role.
func (s *SeriesSet) Add(host, role string, v collectors.Sample) {
	key := SeriesKey{host, role, v.Name, v.Instance}
	s.put(key, pointOf(&v, s.width))
}

func (s *SeriesSet) put(key SeriesKey, p Point) {
	series := s.all[key]
	if series == nil {
		if len(s.all) >= MaxSeries {
			s.Refused += p.N
			return
		}
		series = &Series{}
		if s.room > 0 {
			series.Points = make([]Point, 0, s.room)
		}
		s.all[key] = series
		s.keys.Store(nil)
	}
	if series.put(p) {
		if s.points++; s.points > s.limit && s.width < maxWidth {
			s.coarsen()
		}
	}
}

// Expect makes room for so many points in each of so many series, as far as the set may hold them: it
// spares growing.
func (s *SeriesSet) Expect(series, points int) { s.room = min(points, s.limit/max(series, 1)+1) }

// maxWidth is the width of the coarsest grid, a month and more: a set of more series than points
// must not coarsen for ever.
const maxWidth = 1 << 22

// Coarsen makes cells at least so many seconds wide.
func (s *SeriesSet) Coarsen(width int64) {
	for s.width < width && s.width < maxWidth {
		s.coarsen()
	}
}

// A Memo is which series the samples of a reading went to: those of the next reading of the same
// source are mostly the same. The zero value knows none.
type Memo struct {
	host, role string
	of         []*Series
	names      []SeriesKey
}

// AddAll adds samples of a host and role, which come in the same order again and again.
func (s *SeriesSet) AddAll(host, role string, samples []collectors.Sample, memo *Memo) {
	if memo.host != host || memo.role != role {
		*memo = Memo{host: host, role: role}
	}
	if more := len(samples) - len(memo.of); more > 0 {
		memo.of = append(memo.of, make([]*Series, more)...)
		memo.names = append(memo.names, make([]SeriesKey, more)...)
	}
	for i := range samples {
		v := &samples[i]
		key := &memo.names[i]
		if memo.of[i] == nil || key.Name != v.Name || key.Instance != v.Instance {
			*key = SeriesKey{host, role, v.Name, v.Instance}
			s.Add(host, role, *v)
			memo.of[i] = s.all[*key]
			continue
		}
		if memo.of[i].put(pointOf(v, s.width)) {
			if s.points++; s.points > s.limit && s.width < maxWidth {
				s.coarsen()
			}
		}
	}
}

func pointOf(v *collectors.Sample, width int64) Point {
	return Point{Start: floorDiv(v.At, width*1e6) * width, N: 1, Sum: v.Value, Max: v.Value, Last: v.Value, LastAt: v.At}
}

// put adds a point; it reports whether its cell is new.
func (s *Series) put(p Point) bool {
	i := len(s.Points)
	if i > 0 && s.Points[i-1].Start >= p.Start {
		if s.Points[i-1].Start == p.Start {
			s.Points[i-1].add(&p)
			return false
		}
		var found bool
		i, found = slices.BinarySearchFunc(s.Points, p.Start, func(c Point, at int64) int { return cmp.Compare(c.Start, at) })
		if found {
			s.Points[i].add(&p)
			return false
		}
	}
	if i == len(s.Points) {
		s.Points = append(s.Points, p)
	} else {
		s.Points = slices.Insert(s.Points, i, p)
	}
	return true
}

func (s *SeriesSet) coarsen() {
	s.width *= 2
	s.points = 0
	for _, series := range s.all {
		old := series.Points
		series.Points = old[:0]
		for _, p := range old {
			p.Start = floorDiv(p.Start, s.width) * s.width
			if n := len(series.Points); n > 0 && series.Points[n-1].Start == p.Start {
				series.Points[n-1].add(&p)
				continue
			}
			series.Points = append(series.Points, p)
		}
		s.points += len(series.Points)
	}
}

// Merge adds other to s; other is not changed.
func (s *SeriesSet) Merge(other *SeriesSet) {
	if other == nil {
		return
	}
	s.Refused += other.Refused
	for s.width < other.width {
		s.coarsen()
	}
	for _, key := range other.Keys() {
		for _, p := range other.all[key].Points {
			p.Start = floorDiv(p.Start, s.width) * s.width
			s.put(key, p)
		}
	}
}

// Keys returns the keys in order, not to be changed. Judging and every frame ask many times.
func (s *SeriesSet) Keys() []SeriesKey {
	if s == nil {
		return nil
	}
	if keys := s.keys.Load(); keys != nil {
		return *keys
	}
	keys := slices.SortedFunc(maps.Keys(s.all), func(a, b SeriesKey) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Host, b.Host), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Instance, b.Instance))
	})
	s.keys.Store(&keys)
	return keys
}

// Get returns a series; nil when there is none.
func (s *SeriesSet) Get(key SeriesKey) *Series {
	if s == nil {
		return nil
	}
	return s.all[key]
}

// Span returns the first and last instant of any sample; collectors.NoTime when there is none.
func (s *SeriesSet) Span() (first, last int64) {
	first, last = collectors.NoTime, collectors.NoTime
	if s == nil {
		return first, last
	}
	for _, series := range s.all {
		if n := len(series.Points); n > 0 {
			see(&first, &last, series.Points[0].Start*1e6)
			see(&first, &last, series.Points[n-1].LastAt)
		}
	}
	return first, last
}

package analyzers

import (
	"maps"
	"slices"
)

// MaxSeconds bounds the cells of a SecondSeries: a day at one-second width. A longer log gets
// cells of two seconds, four, and so on.
const MaxSeconds = 90_000

// A Second is what ended in one cell of the time grid, and how busy the cell was.
type Second struct {
	Start int64 // seconds since the epoch

	Statements, Reads, Writes   int64
	QueryUS, LockUS, MaxQueryUS int64

	Requests, RequestUS, MaxRequestUS int64
	Proxied, UpstreamUS               int64
	// ClientUS is request less upstream time of proxied requests, with its sign: logs count both in whole
	// milliseconds, and only in the sum do those that are counted short make up for those counted long.
	ClientUS           int64
	Errors5xx, Retried int64

	AppRequests, AppUS, AppErrors5xx int64

	// Busy time inside the cell, wherever the work started or ended: divided by the cell's width it
	// is the mean concurrency.
	DBBusyUS, WebBusyUS int64

	// Work that covers whole cells is kept as where it begins and ends to do so, which makes a
	// statement of an hour cost as much to add as one of a millisecond.
	dbOpens, webOpens int64
}

func (c *Second) add(o *Second) {
	c.Statements += o.Statements
	c.Reads += o.Reads
	c.Writes += o.Writes
	c.QueryUS += o.QueryUS
	c.LockUS += o.LockUS
	c.MaxQueryUS = max(c.MaxQueryUS, o.MaxQueryUS)
	c.Requests += o.Requests
	c.RequestUS += o.RequestUS
	c.MaxRequestUS = max(c.MaxRequestUS, o.MaxRequestUS)
	c.Proxied += o.Proxied
	c.UpstreamUS += o.UpstreamUS
	c.ClientUS += o.ClientUS
	c.Errors5xx += o.Errors5xx
	c.Retried += o.Retried
	c.AppRequests += o.AppRequests
	c.AppUS += o.AppUS
	c.AppErrors5xx += o.AppErrors5xx
	c.DBBusyUS += o.DBBusyUS
	c.WebBusyUS += o.WebBusyUS
	c.dbOpens += o.dbOpens
	c.webOpens += o.webOpens
}

// A SecondSeries holds every Second of a digest on one grid. Its final width depends on what was
// added, not on the order.
type SecondSeries struct {
	width int64 // seconds, a power of two
	cells map[int64]*Second
	last  *Second // the cell of the event before: logs are nearly in time order
	from  int64   // where that begins, in microseconds, if there is one
	spare []*Second
}

// NewSecondSeries returns an empty series of one-second cells.
func NewSecondSeries() *SecondSeries {
	return &SecondSeries{width: 1, cells: map[int64]*Second{}}
}

// reset empties the series and keeps some of its memory.
func (s *SecondSeries) reset() {
	for _, c := range s.cells {
		if len(s.spare) < 64 {
			*c = Second{}
			s.spare = append(s.spare, c)
		}
	}
	clear(s.cells)
	s.width, s.last = 1, nil
}

// Width returns the width of a cell in seconds.
func (s *SecondSeries) Width() int64 { return s.width }

// At returns the cell that holds the instant us, making it if need be.
func (s *SecondSeries) At(us int64) *Second {
	if s.last != nil && uint64(us-s.from) < uint64(s.width*1e6) {
		return s.last
	}
	start := floorDiv(us, s.width*1e6) * s.width
	c := s.cells[start]
	if c == nil {
		if len(s.cells) >= MaxSeconds {
			s.coarsen()
			return s.At(us)
		}
		if n := len(s.spare); n > 0 {
			c, s.spare = s.spare[n-1], s.spare[:n-1]
		} else {
			c = &Second{}
		}
		c.Start = start
		s.cells[start] = c
	}
	s.last, s.from = c, start*1e6
	return c
}

// busyDB and busyWeb spread the half-open span [from, to) over the cells it touches.
func (s *SecondSeries) busyDB(from, to int64) {
	s.spread(from, to, func(c *Second, us, opens int64) { c.DBBusyUS += us; c.dbOpens += opens })
}

func (s *SecondSeries) busyWeb(from, to int64) {
	s.spread(from, to, func(c *Second, us, opens int64) { c.WebBusyUS += us; c.webOpens += opens })
}

func (s *SecondSeries) spread(from, to int64, add func(c *Second, us, opens int64)) {
	if to <= from {
		return
	}
	first := s.At(from)
	w := s.width * 1e6
	if to <= (first.Start*1e6)+w {
		add(first, to-from, 0)
		return
	}
	last := s.At(to)
	if s.width*1e6 != w { // making the last cell coarsened the grid
		s.spread(from, to, add)
		return
	}
	first = s.At(from)
	add(first, first.Start*1e6+w-from, 0)
	add(last, to-last.Start*1e6, -1)
	add(s.At(first.Start*1e6+w), 0, 1)
}

// coarsen doubles the width of every cell.
func (s *SecondSeries) coarsen() {
	old, w := s.cells, s.width
	s.width, s.cells, s.last = 2*w, make(map[int64]*Second, len(old)/2+1), nil
	for _, c := range old {
		start := floorDiv(c.Start, s.width) * s.width
		d := *c
		d.Start = start
		// Work that covered cells from c on still does; what it covers of c's own new cell becomes
		// plain busy time, and it opens at the next one.
		covered := (start + s.width - c.Start) * 1e6
		d.DBBusyUS += c.dbOpens * covered
		d.WebBusyUS += c.webOpens * covered
		opens := Second{Start: start + s.width, dbOpens: c.dbOpens, webOpens: c.webOpens}
		d.dbOpens, d.webOpens = 0, 0
		s.put(&d)
		if opens.dbOpens != 0 || opens.webOpens != 0 {
			s.put(&opens)
		}
	}
}

func (s *SecondSeries) put(c *Second) {
	if have := s.cells[c.Start]; have != nil {
		have.add(c)
		return
	}
	s.cells[c.Start] = c
}

// Merge adds other to s.
func (s *SecondSeries) Merge(other *SecondSeries) {
	for s.width < other.width {
		s.coarsen()
	}
	for _, c := range other.cells {
		d := *c
		if other.width < s.width {
			one := SecondSeries{width: other.width, cells: map[int64]*Second{c.Start: &d}}
			for one.width < s.width {
				one.coarsen()
			}
			for _, c := range one.cells {
				s.put(c)
			}
			continue
		}
		s.put(&d)
	}
	for len(s.cells) > MaxSeconds {
		s.coarsen()
	}
}

// Cells returns a copy of the cells in time order with all busy time resolved. Cells in which
// nothing ended and nothing ran are left out.
func (s *SecondSeries) Cells() []Second {
	starts := slices.Sorted(maps.Keys(s.cells))
	out := make([]Second, 0, len(starts))
	var db, web int64 // work that covers the cell as a whole
	for i, start := range starts {
		c := *s.cells[start]
		db, web = db+c.dbOpens, web+c.webOpens
		full := s.width * 1e6
		c.DBBusyUS += db * full
		c.WebBusyUS += web * full
		c.dbOpens, c.webOpens = 0, 0
		out = append(out, c)
		if i+1 < len(starts) && (db > 0 || web > 0) {
			// Fill at most a bounded stretch of cells that were only busy.
			for at, n := start+s.width, 0; at < starts[i+1] && n < 3600; at, n = at+s.width, n+1 {
				out = append(out, Second{Start: at, DBBusyUS: db * full, WebBusyUS: web * full})
			}
		}
	}
	return out
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

package analyzers

import "slices"

// MaxSlices bounds the slices of one class or endpoint; the grid of a longer log is coarser.
const MaxSlices = 128

// SliceWidth is the finest slice in seconds.
const SliceWidth = 10

// A Slice is calls and time in one cell of the coarse grid.
type Slice struct {
	Start  int64 // seconds since the epoch
	Calls  int64
	TimeUS int64
}

// Slices are the slices of one class in time order. The zero value is empty.
type Slices struct {
	Width int64 // seconds; 0 while empty
	Cells []Slice
}

func (s *Slices) add(us, calls, timeUS int64) {
	if s.Width == 0 {
		s.Width = SliceWidth
	}
	i := len(s.Cells) - 1
	if i < 0 || uint64(us-s.Cells[i].Start*1e6) >= uint64(s.Width*1e6) { // logs are nearly in time order
		var found bool
		start := floorDiv(us, s.Width*1e6) * s.Width
		i, found = slices.BinarySearchFunc(s.Cells, start, func(c Slice, at int64) int { return int(min(max(c.Start-at, -1), 1)) })
		if !found {
			s.Cells = slices.Insert(s.Cells, i, Slice{Start: start})
			if len(s.Cells) > MaxSlices {
				s.Cells[i].Calls += calls
				s.Cells[i].TimeUS += timeUS
				s.coarsen()
				return
			}
		}
	}
	s.Cells[i].Calls += calls
	s.Cells[i].TimeUS += timeUS
}

func (s *Slices) coarsen() {
	s.Width *= 2
	out := s.Cells[:0]
	for _, c := range s.Cells {
		c.Start = floorDiv(c.Start, s.Width) * s.Width
		if n := len(out); n > 0 && out[n-1].Start == c.Start {
			out[n-1].Calls += c.Calls
			out[n-1].TimeUS += c.TimeUS
			continue
		}
		out = append(out, c)
	}
	s.Cells = out
}

func (s *Slices) merge(o *Slices) {
	if o.Width == 0 {
		return
	}
	for s.Width != 0 && s.Width < o.Width {
		s.coarsen()
	}
	if s.Width == 0 {
		s.Width = o.Width
	}
	for _, c := range o.Cells {
		s.add(c.Start*1e6, c.Calls, c.TimeUS)
	}
}

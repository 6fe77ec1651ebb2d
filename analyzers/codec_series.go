package analyzers

import (
	"encoding/binary"
	"math"
)

// Encode appends the series of a set to b, so that DecodeSeries gives equal ones.
func (s *SeriesSet) Encode(b []byte) []byte {
	e := encoder{buf: append(b, digestVersion)}
	e.int(s.width)
	e.int(s.Refused)
	e.uint(uint64(len(s.all)))
	for _, key := range s.Keys() {
		e.string(key.Host)
		e.string(key.Role)
		e.string(key.Name)
		e.string(key.Instance)
		points := s.all[key].Points
		e.uint(uint64(len(points)))
		last := int64(0)
		for i := range points {
			p := &points[i]
			e.int(p.Start/s.width - last)
			last = p.Start / s.width
			e.int(p.N)
			e.int(p.LastAt - p.Start*1e6)
			e.float(p.Last)
			if p.N > 1 {
				e.float(p.Sum)
				e.float(p.Max)
			}
		}
	}
	return e.buf
}

// DecodeSeries reads what Encode wrote.
func DecodeSeries(b []byte) (*SeriesSet, error) {
	if len(b) == 0 || b[0] != digestVersion {
		return nil, errDigest
	}
	r := decoder{buf: b[1:]}
	s := NewSeriesSet()
	s.width = r.width(1)
	s.Refused = r.int()
	for range r.most(MaxSeries) {
		key := SeriesKey{r.string(), r.string(), r.string(), r.string()}
		series := &Series{}
		last := int64(0)
		for range r.count() {
			last += r.int()
			p := Point{Start: last * s.width, N: r.int()}
			p.LastAt = p.Start*1e6 + r.int()
			p.Last = r.float()
			p.Sum, p.Max = p.Last, p.Last
			if p.N > 1 {
				p.Sum, p.Max = r.float(), r.float()
			}
			if n := len(series.Points); p.N < 1 || n > 0 && series.Points[n-1].Start >= p.Start {
				r.fail()
				break
			}
			series.Points = append(series.Points, p)
		}
		if len(series.Points) == 0 || s.all[key] != nil {
			r.fail()
			break
		}
		s.all[key] = series
		s.points += len(series.Points)
	}
	if r.wrong || len(r.buf) > 0 {
		return nil, errDigest
	}
	return s, nil
}

// float writes integers short.
func (e *encoder) float(v float64) {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 && (v != 0 || !math.Signbit(v)) {
		e.int(int64(v))
		return
	}
	e.buf = append(e.buf, notInteger...)
	e.buf = binary.LittleEndian.AppendUint64(e.buf, math.Float64bits(v))
}

// notInteger stands before a float that is none: the varint of the smallest integer, which no float
// below 2^53 is.
var notInteger = binary.AppendVarint(nil, math.MinInt64)

func (r *decoder) float() float64 {
	v := r.int()
	if v != math.MinInt64 {
		return float64(v)
	}
	if len(r.buf) < 8 {
		r.fail()
		return 0
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64(r.buf))
	r.buf = r.buf[8:]
	return f
}

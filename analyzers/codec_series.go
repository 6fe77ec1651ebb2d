package analyzers

import (
	"encoding/binary"
	"math"
)

// Encode appends the series of a set to b, for MergeEncoded.
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

// MergeEncoded adds the series that Encode wrote. After an error some of them are added.
func (s *SeriesSet) MergeEncoded(b []byte) error {
	if len(b) == 0 || b[0] != digestVersion {
		return errDigest
	}
	r := decoder{buf: b[1:]}
	width := r.width(1)
	s.Refused += r.int()
	for s.width < width {
		s.coarsen()
	}
	for range r.most(MaxSeries) {
		key := SeriesKey{s.text(&r), s.text(&r), s.text(&r), s.text(&r)}
		last := int64(0)
		for range r.count() {
			last += r.int()
			p := Point{Start: last * width, N: r.int()}
			p.LastAt = p.Start*1e6 + r.int()
			p.Last = r.float()
			p.Sum, p.Max = p.Last, p.Last
			if p.N > 1 {
				p.Sum, p.Max = r.float(), r.float()
			}
			if r.wrong || p.N < 1 {
				return errDigest
			}
			p.Start = floorDiv(p.Start, s.width) * s.width
			s.put(key, p)
		}
	}
	if r.wrong || len(r.buf) > 0 {
		return errDigest
	}
	return nil
}

// text reads a text that is likely one of the set's already.
func (s *SeriesSet) text(r *decoder) string {
	n := r.count()
	b := r.buf[:n]
	r.buf = r.buf[n:]
	if have, ok := s.texts[string(b)]; ok {
		return have
	}
	if s.texts == nil {
		s.texts = map[string]string{}
	}
	t := string(b)
	s.texts[t] = t
	return t
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

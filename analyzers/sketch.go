package analyzers

import "math/bits"

// SketchError is the largest relative error of a quantile: a bucket spans 1/64 of its power of two
// and is answered by its middle.
const SketchError = 1.0 / 128

const sketchBits = 6

// A sketch is a log-linear histogram of non-negative integers in the manner of HdrHistogram: 64
// buckets to each power of two, exact below 64. It holds integers only, so that merging in any
// order gives the same bytes, and only the span of buckets in use.
type sketch struct {
	base   int32 // bucket of counts[0]
	counts []uint32
}

func bucketOf(v int64) int32 {
	u := uint64(v)
	if u < 1<<sketchBits {
		return int32(u)
	}
	e := bits.Len64(u) - 1 - sketchBits
	return int32(e<<sketchBits) + int32(u>>e)
}

func bucketMiddle(b int32) int64 {
	if b < 1<<(sketchBits+1) {
		return int64(b)
	}
	e := b>>sketchBits - 1
	low := int64(b-e<<sketchBits) << e
	return low + (int64(1)<<e)/2
}

func (s *sketch) add(v int64) {
	b := bucketOf(v)
	if i := b - s.base; i >= 0 && int(i) < len(s.counts) {
		s.counts[i]++
		return
	}
	s.cover(b, b)
	s.counts[b-s.base]++
}

// cover grows the span to hold the buckets low to high.
func (s *sketch) cover(low, high int32) {
	if len(s.counts) == 0 {
		s.base = low
		s.counts = append(s.counts[:0], make([]uint32, high-low+1)...)
		return
	}
	if low < s.base {
		old := s.counts
		pad := int(s.base - low)
		s.counts = make([]uint32, pad+len(old), pad+len(old)+8)
		copy(s.counts[pad:], old)
		s.base = low
	}
	if need := int(high-s.base) + 1; need > len(s.counts) {
		s.counts = append(s.counts, make([]uint32, need-len(s.counts))...)
	}
}

func (s *sketch) merge(o *sketch) {
	if len(o.counts) == 0 {
		return
	}
	s.cover(o.base, o.base+int32(len(o.counts))-1)
	at := s.counts[o.base-s.base:]
	for i, n := range o.counts {
		at[i] += n
	}
}

func (s *sketch) quantile(q float64) int64 {
	var total uint64
	for _, n := range s.counts {
		total += uint64(n)
	}
	rank := uint64(q * float64(total-1))
	for i, n := range s.counts {
		if rank < uint64(n) {
			return bucketMiddle(s.base + int32(i))
		}
		rank -= uint64(n)
	}
	return bucketMiddle(s.base + int32(len(s.counts)) - 1)
}

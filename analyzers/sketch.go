package analyzers

import (
	"iter"
	"math"
	"math/bits"
	"slices"
)

// SketchError is the largest relative error of a quantile: a bucket spans 1/64 of its power of two
// and is answered by its middle.
const SketchError = 1.0 / 128

const sketchBits = 6

// fewBuckets is how many integers a sketch lists before it makes a histogram: most classes of a log
// of many shapes never need one.
const fewBuckets = 11

// A sketch is a log-linear histogram of non-negative integers in the manner of HdrHistogram: 64
// buckets to each power of two, exact below 64. It holds integers only, so that merging in any
// order gives the same bytes, and only the span of buckets in use.
type sketch struct {
	few    [fewBuckets]uint16 // the buckets of the integers so far, in order, while counts is empty
	n      uint16             // of few
	base   int32              // bucket of counts[0]
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

func (s *sketch) empty() bool { return s.n == 0 && len(s.counts) == 0 }

// reset empties the sketch and keeps its memory.
func (s *sketch) reset() { s.n, s.counts = 0, s.counts[:0] }

func (s *sketch) add(v int64) {
	b := bucketOf(v)
	if i := uint32(b - s.base); i < uint32(len(s.counts)) {
		s.counts[i]++
		return
	}
	s.addBucket(b)
}

func (s *sketch) addBucket(b int32) {
	if len(s.counts) == 0 {
		if s.n < fewBuckets {
			i := s.n
			for ; i > 0 && s.few[i-1] > uint16(b); i-- {
				s.few[i] = s.few[i-1]
			}
			s.few[i] = uint16(b)
			s.n++
			return
		}
		s.spread(b, b)
	}
	s.cover(b, b)
	s.counts[b-s.base]++
}

// spread makes a histogram of the list, with room for the buckets low to high.
func (s *sketch) spread(low, high int32) {
	if s.n > 0 {
		low, high = min(low, int32(s.few[0])), max(high, int32(s.few[s.n-1]))
	}
	s.base = low
	s.counts = append(s.counts[:0], make([]uint32, high-low+1)...)
	for _, b := range s.few[:s.n] {
		s.counts[int32(b)-low]++
	}
	s.n = 0
}

// cover grows the span of the histogram to hold the buckets low to high.
func (s *sketch) cover(low, high int32) {
	have := len(s.counts)
	if need := int(high-s.base) + 1; need > have {
		s.counts = append(s.counts, make([]uint32, need-have)...)
		have = need
	}
	if low < s.base {
		pad := int(s.base - low)
		s.counts = append(s.counts, make([]uint32, pad)...)
		copy(s.counts[pad:], s.counts[:have])
		clear(s.counts[:pad])
		s.base = low
	}
}

func (s *sketch) merge(o *sketch) {
	for _, b := range o.few[:o.n] {
		if i := uint32(int32(b) - s.base); i < uint32(len(s.counts)) {
			s.counts[i]++
			continue
		}
		s.addBucket(int32(b))
	}
	if len(o.counts) == 0 {
		return
	}
	low, high := o.base, o.base+int32(len(o.counts))-1
	if len(s.counts) == 0 {
		s.spread(low, high)
	} else {
		s.cover(low, high)
	}
	at := s.counts[low-s.base:]
	for i, n := range o.counts {
		at[i] += n
	}
}

// buckets yields the buckets in use, in order, with how many integers are in each.
func (s *sketch) buckets() iter.Seq2[int32, uint64] {
	return func(yield func(int32, uint64) bool) {
		few := s.few[:s.n]
		for i := 0; i < len(few); {
			j := i + 1
			for j < len(few) && few[j] == few[i] {
				j++
			}
			if !yield(int32(few[i]), uint64(j-i)) {
				return
			}
			i = j
		}
		for i, n := range s.counts {
			if n > 0 && !yield(s.base+int32(i), uint64(n)) {
				return
			}
		}
	}
}

// addMany adds n integers of one bucket.
func (s *sketch) addMany(b int32, n uint32) {
	if len(s.counts) == 0 && uint64(s.n)+uint64(n) <= fewBuckets {
		for range n {
			s.addBucket(b)
		}
		return
	}
	if len(s.counts) == 0 {
		s.spread(b, b)
	} else {
		s.cover(b, b)
	}
	s.counts[b-s.base] += n
}

// clone returns a copy with memory of its own.
func (s *sketch) clone() sketch {
	n := *s
	n.counts = slices.Clone(s.counts)
	return n
}

// quantile returns the integer of the nearest rank: the smallest that at least a share q of all do not exceed.
func (s *sketch) quantile(q float64) int64 {
	if s.n > 0 {
		return bucketMiddle(int32(s.few[nearestRank(q, uint64(s.n))]))
	}
	var total uint64
	for _, n := range s.counts {
		total += uint64(n)
	}
	rank := nearestRank(q, total)
	for i, n := range s.counts {
		if rank < uint64(n) {
			return bucketMiddle(s.base + int32(i))
		}
		rank -= uint64(n)
	}
	return bucketMiddle(s.base + int32(len(s.counts)) - 1)
}

// nearestRank returns the rank of a quantile among n, from 0. What 0.95*20 is too much by rounding is no rank.
func nearestRank(q float64, n uint64) uint64 {
	rank := math.Ceil(q*float64(n) - 1e-9*float64(n))
	return min(uint64(max(rank, 1)), n) - 1
}

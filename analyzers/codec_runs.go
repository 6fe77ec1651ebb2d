package analyzers

import (
	"maps"
	"math/bits"
	"slices"
)

// distinct writes which bits are set, as distances.
func (e *encoder) distinct(d distinct) {
	set := 0
	for _, w := range d {
		set += bits.OnesCount64(w)
	}
	e.uint(uint64(set))
	last := -1
	for i, w := range d {
		for ; w != 0; w &= w - 1 {
			at := i*64 + bits.TrailingZeros64(w)
			e.uint(uint64(at - last - 1))
			last = at
		}
	}
}

func (r *decoder) distinct() distinct {
	n := r.count()
	if n == 0 {
		return nil
	}
	d := make(distinct, distinctBits/64)
	at := uint64(0)
	for i := range n {
		gap := r.uint()
		if i > 0 {
			gap++
		}
		if at += gap; gap > distinctBits || at >= distinctBits {
			r.fail()
			return nil
		}
		d[at/64] |= 1 << (at % 64)
	}
	return d
}

// Runs point to classes of the digest, by their number.
func (e *encoder) runs(s *sessionRuns[*Class], numbers map[*Class]uint64) {
	put := func(thread int64, x run[*Class]) bool {
		n, have := numbers[x.of]
		if !have {
			return false // a class that is kept as a row
		}
		e.int(thread)
		e.uint(n)
		e.int(x.n)
		e.time(x.first)
		e.time(x.last)
		return true
	}
	count := func(class *Class) int { _, have := numbers[class]; return flagOf(have) }
	n := 0
	for _, x := range s.first {
		n += count(x.of)
	}
	e.uint(uint64(n))
	for _, thread := range slices.Sorted(maps.Keys(s.first)) {
		put(thread, s.first[thread])
	}
	n = 0
	for _, o := range s.open {
		n += count(o.of)
	}
	e.uint(uint64(n))
	for _, thread := range slices.Sorted(maps.Keys(s.open)) {
		if o := s.open[thread]; put(thread, o.run) {
			e.uint(uint64(flagOf(o.isFirst)))
		}
	}
}

func (r *decoder) runs(s *sessionRuns[*Class], classes []*Class) {
	get := func() (thread int64, x run[*Class]) {
		thread = r.int()
		n := r.uint()
		if n >= uint64(len(classes)) {
			r.fail()
			return 0, x
		}
		id, _ := classes[n].idNumber()
		x = run[*Class]{id: id, of: classes[n], n: r.int(), first: r.time(), last: r.time()}
		return thread, x
	}
	for range r.count() {
		thread, x := get()
		if r.wrong {
			return
		}
		s.first[thread] = x
	}
	for range r.count() {
		thread, x := get()
		isFirst := r.uint() != 0
		if r.wrong {
			return
		}
		s.open[thread] = &openRun[*Class]{x, thread, isFirst}
	}
}

package analyzers

import (
	"math"
	"math/bits"
)

// distinctBits is the size of a distinct counter: 8 KiB, good to a few percent up to some 300,000
// values.
const distinctBits = 1 << 16

// A distinct estimates how many different numbers it was given by linear counting (Whang, Vander-
// Zanden and Taylor 1990): n ≈ −m ln(share of bits still zero). It merges; nil counts nothing.
type distinct []uint64

func (d *distinct) add(v int64) {
	if *d == nil {
		*d = make([]uint64, distinctBits/64)
	}
	h := uint64(v) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	h >>= 48
	(*d)[h/64] |= 1 << (h % 64)
}

func (d *distinct) merge(o distinct) {
	if o == nil {
		return
	}
	if *d == nil {
		*d = make([]uint64, distinctBits/64)
	}
	for i, w := range o {
		(*d)[i] |= w
	}
}

func (d distinct) count() int64 {
	set := 0
	for _, w := range d {
		set += bits.OnesCount64(w)
	}
	if set == distinctBits {
		set--
	}
	return int64(math.Round(-distinctBits * math.Log(1-float64(set)/distinctBits)))
}

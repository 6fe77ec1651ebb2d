package analyzers

import (
	"dbtriage/collectors"
	"encoding/binary"
)

// An encoder writes numbers as varints and instants as differences to base.
type encoder struct {
	buf  []byte
	base int64
}

func (e *encoder) uint(v uint64) { e.buf = binary.AppendUvarint(e.buf, v) }
func (e *encoder) int(v int64)   { e.buf = binary.AppendVarint(e.buf, v) }

func (e *encoder) ints(v ...int64) {
	for _, n := range v {
		e.int(n)
	}
}

func (e *encoder) string(s string) {
	e.uint(uint64(len(s)))
	e.buf = append(e.buf, s...)
}

// time writes an instant that may not be known.
func (e *encoder) time(us int64) {
	if us == collectors.NoTime {
		e.uint(0)
		return
	}
	d := us - e.base
	e.uint(uint64(d<<1) ^ uint64(d>>63) + 1)
}

// A decoder reads them back. After an error everything it returns is zero.
type decoder struct {
	buf     []byte
	base    int64
	buckets int // of all sketches so far
	wrong   bool
}

// maxBuckets bounds the buckets of all sketches of a digest: four bytes each.
const maxBuckets = 16 << 20

func (r *decoder) fail() { r.wrong, r.buf = true, nil }

func (r *decoder) uint() uint64 {
	v, n := binary.Uvarint(r.buf)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

func (r *decoder) int() int64 {
	v, n := binary.Varint(r.buf)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

func (r *decoder) ints(to ...*int64) {
	for _, p := range to {
		*p = r.int()
	}
}

// count reads a number of things that take a byte each at least.
func (r *decoder) count() int {
	n := r.uint()
	if n > uint64(len(r.buf)) {
		r.fail()
		return 0
	}
	return int(n)
}

// most reads a count, and fails when it is beyond a limit that Encode keeps.
func (r *decoder) most(limit int) int {
	n := r.count()
	if n > limit {
		r.fail()
		return 0
	}
	return n
}

func (r *decoder) string() string {
	n := r.count()
	s := string(r.buf[:n])
	r.buf = r.buf[n:]
	return s
}

func (r *decoder) time() int64 {
	v := r.uint()
	if v == 0 {
		return collectors.NoTime
	}
	v--
	return r.base + (int64(v>>1) ^ -int64(v&1))
}

func (r *decoder) step(most int64) int {
	v := r.int()
	if v < 0 || v > most {
		r.fail()
		return 0
	}
	return int(v)
}

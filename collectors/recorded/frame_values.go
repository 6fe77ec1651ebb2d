package recorded

import (
	"encoding/binary"
	"errors"
	"math"
)

// errTick is what is wrong with a tick that does not decode.
var errTick = errors.New("not a tick of a recording")

// A tickWriter puts down the numbers and texts of ticks.
type tickWriter struct {
	buf  []byte
	text map[string]uint64 // texts of the chunk, by number
}

func (w *tickWriter) uint(v uint64) { w.buf = binary.AppendUvarint(w.buf, v) }
func (w *tickWriter) int(v int64)   { w.buf = binary.AppendVarint(w.buf, v) }
func (w *tickWriter) byte(b byte)   { w.buf = append(w.buf, b) }

// string writes a text in full when it comes up in a chunk for the first time, and then its number.
func (w *tickWriter) string(s string) {
	if n, have := w.text[s]; have {
		w.uint(n + 1)
		return
	}
	w.text[s] = uint64(len(w.text))
	w.uint(0)
	w.bytes(s)
}

func (w *tickWriter) bytes(s string) {
	w.uint(uint64(len(s)))
	w.buf = append(w.buf, s...)
}

// A tickReader reads them back. After an error everything it returns is zero.
type tickReader struct {
	buf   []byte
	text  []string
	kept  int // bytes of the texts
	wrong bool

	samples, listed int // in this tick
}

// maxTexts bounds the bytes of all texts of a chunk.
const maxTexts = 64 << 20

func (r *tickReader) fail() { r.wrong, r.buf = true, nil }

func (r *tickReader) uint() uint64 {
	v, n := binary.Uvarint(r.buf)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

func (r *tickReader) int() int64 {
	v, n := binary.Varint(r.buf)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

func (r *tickReader) byte() byte {
	if len(r.buf) == 0 {
		r.fail()
		return 0
	}
	b := r.buf[0]
	r.buf = r.buf[1:]
	return b
}

// count reads a number of things that take a byte each at least.
func (r *tickReader) count() int {
	n := r.uint()
	if n > uint64(len(r.buf)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *tickReader) bytes() []byte {
	n := r.count()
	b := r.buf[:n]
	r.buf = r.buf[n:]
	return b
}

func (r *tickReader) string() string {
	n := r.uint()
	if n == 0 {
		s := string(r.bytes())
		if r.kept += len(s) + 16; r.kept > maxTexts {
			r.fail()
			return ""
		}
		if !r.wrong {
			r.text = append(r.text, s)
		}
		return s
	}
	if n > uint64(len(r.text)) {
		r.fail()
		return ""
	}
	return r.text[n-1]
}

// How a number is written, in the low two bits before it.
const (
	asInteger = iota // the difference to the integer before
	asDecimal        // digits and how many of them are behind the point
	asBits           // as it is in memory
)

// maxInteger is up to where a float64 holds every integer.
const maxInteger = 1 << 53

// maxPlaces is how many decimal places are tried: with as many, four digits of a millionth fit.
const maxPlaces = 10

var powers = [maxPlaces + 1]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10}

// number writes v, which was before last, with two bits of the caller's choice above its kind.
func (w *tickWriter) number(head uint64, v, last float64) {
	if i, ok := integer(v); ok {
		before, _ := integer(last)
		w.uint(head<<2 + asInteger)
		w.int(i - before)
		return
	}
	for places := 1; places <= maxPlaces; places++ {
		m := math.Round(v * powers[places])
		if math.Abs(m) >= maxInteger {
			break
		}
		if m/powers[places] == v {
			w.uint(head<<2 + asDecimal)
			w.byte(byte(places))
			w.int(int64(m))
			return
		}
	}
	w.uint(head<<2 + asBits)
	w.buf = binary.LittleEndian.AppendUint64(w.buf, math.Float64bits(v))
}

// number reads what follows a head that was read already.
func (r *tickReader) number(kind uint64, last float64) float64 {
	switch kind {
	case asInteger:
		before, _ := integer(last)
		return float64(before + r.int())
	case asDecimal:
		places := r.byte()
		if places > maxPlaces {
			r.fail()
			return 0
		}
		return float64(r.int()) / powers[places]
	case asBits:
		if len(r.buf) < 8 {
			r.fail()
			return 0
		}
		v := math.Float64frombits(binary.LittleEndian.Uint64(r.buf))
		r.buf = r.buf[8:]
		return v
	}
	r.fail()
	return 0
}

// integer returns v as an integer, 0 when it is none.
func integer(v float64) (i int64, ok bool) {
	if v != math.Trunc(v) || math.Abs(v) >= maxInteger || v == 0 && math.Signbit(v) {
		return 0, false
	}
	return int64(v), true
}

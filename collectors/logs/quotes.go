package logs

import (
	"bytes"
	"math/bits"
)

// maxQuoteWords is how many times 64 bytes of a line are searched for quotes at once: few lines are longer.
const maxQuoteWords = 8

// quotes finds the double quotes of a line, which are many: to look for all at once costs no more than to
// search for two.
type quotes struct {
	line []byte
	bits [maxQuoteWords + 1]uint64
	upTo int // where what has bits ends; 0 when each quote is searched for by itself
}

// reset begins a new line.
func (q *quotes) reset(line []byte) {
	q.line, q.upTo = line, 0
	if words := uint(len(line)+63) / 64; vectors && words-1 < maxQuoteWords && words*64 <= uint(cap(line)) {
		quoteBits(&q.bits[0], &line[0], int(words))
		q.bits[words-1] &= ^uint64(0) >> (uint(-len(line)) % 64) // what lies behind the line
		q.bits[words] = 0
		q.upTo = len(line)
	}
}

// next returns the place of the first quote at or behind from, -1 if there is none.
func (q *quotes) next(from int) int {
	for from < q.upTo {
		word, bit := uint(from)/64%maxQuoteWords, uint(from)%64
		if near := q.bits[word]>>bit | q.bits[word+1]<<1<<(63-bit); near != 0 {
			return from + bits.TrailingZeros64(near)
		}
		from += 64
	}
	if q.upTo > 0 || from >= len(q.line) {
		return -1
	}
	if i := bytes.IndexByte(q.line[from:], '"'); i >= 0 {
		return from + i
	}
	return -1
}

// closing returns the place of the quote that ends a string which begins at from, behind its opening
// quote; -1 if it does not end. A quote after a backslash belongs to the string.
func (q *quotes) closing(from int) int {
	at := q.next(from)
	for at > from && q.line[at-1] == '\\' && escaped(q.line[from:], at-from) {
		at = q.next(at + 1)
	}
	return at
}

// end returns where in rest, what is left of the line, the quote stands that ends a string which it begins
// with, behind its opening quote; it is below 0 if there is none.
func (q *quotes) end(rest []byte) int {
	from := len(q.line) - len(rest)
	return q.closing(from) - from
}

package analyzers

import (
	"math/bits"
	"slices"
)

// Of most paths only how long their segments are, and of what kind, is hard to foresee. A processor that
// has to guess it of each byte is wrong several times a path; with a bit for each byte there is little
// left to guess.

// shortPath bounds a path, in bytes, whose bytes have their bits in one word.
const shortPath = 63

// pathMasks have a bit for each of 64 bytes.
type pathMasks struct {
	digit, hexLetter uint64
	odd              uint64 // neither a letter nor a joint
	slash, question  uint64
	dot, joint       uint64
}

// appendShortRoute is AppendRoute for a path that begins with a slash, if it is short and plain enough. It
// reads up to 64 bytes beyond the path, which its slice has room for.
func appendShortRoute(dst, path []byte) (route []byte, ok bool) {
	var m pathMasks
	maskPath(&m, &path[0])
	n := min(bits.TrailingZeros64(m.question), len(path))
	if n > shortPath {
		return dst, false
	}
	within := uint64(1)<<n - 1
	slash := m.slash & within
	if slash&(slash>>1) != 0 || bits.OnesCount64(slash) > maxSegments {
		return dst, false
	}
	// A segment without odd bytes stays as it is, unless it is long.
	long := within &^ slash
	long &= long >> 1
	long &= long >> 2
	long &= long >> 4
	long &= long >> 8 // the first of 16 bytes without a slash
	special := (m.odd&within | long) &^ slash

	dst = slices.Grow(dst, 4*(shortPath+1))
	from := 0
	for special != 0 {
		at := bits.TrailingZeros64(special)
		begin := 64 - bits.LeadingZeros64(slash&(1<<at-1))
		end := min(at+bits.TrailingZeros64(slash>>at), n)
		segment := within >> (n - end) &^ (1<<begin - 1)
		special &= ^uint64(0) << end
		if end-begin < 5 && segment&m.digit != segment && segment&(m.dot|m.joint) == 0 && m.odd&segment&^m.digit == 0 {
			continue // v1
		}
		dst = appendFew(dst, path[from:], begin-from)
		from = end
		if m.odd&segment&^m.digit&^m.dot != 0 {
			return dst, false
		}
		switch {
		case m.digit&segment == segment && end-begin != 8:
			if end-begin == 4 && end < n && monthAndDay(path[begin:end], path[end:]) > 0 {
				return dst, false
			}
			dst = append(dst, ":id"...)
		case m.isHexName(segment):
			dst = append(dst, ":hex"...)
			if dot := m.dot & segment; dot != 0 {
				suffix := bits.TrailingZeros64(dot)
				dst = appendFew(dst, path[suffix:], end-suffix)
			}
		case m.isUUID(segment, begin):
			dst = append(dst, ":uuid"...)
		case m.isSlug(segment):
			dst = append(dst, slug...)
		default:
			dst = appendSegment(dst, path[begin:end], kindsOf(path[begin:end]))
			dst = slices.Grow(dst, 4*(shortPath+1))
		}
	}
	return appendFew(dst, path[from:], n-from), true
}

// appendFew appends the first n bytes of text, up to 64. It copies 64 whatever n is: how many they are
// would be hard to foresee.
func appendFew(dst, text []byte, n int) []byte {
	copied := *(*[64]byte)(text[:64]) // of its own, so that nobody asks whether the two overlap
	*(*[64]byte)(dst[len(dst):][:64]) = copied
	return dst[:len(dst)+n]
}

// isHexName reports a segment of 8 or more hex digits, letters among them, and perhaps a dot and a suffix
// of less than 16 letters.
func (m *pathMasks) isHexName(segment uint64) bool {
	name := segment
	if dot := m.dot & segment; dot != 0 {
		name &= dot&-dot - 1
		suffix := segment &^ name &^ dot
		if dot&(dot-1) != 0 || m.digit&suffix != 0 || bits.OnesCount64(suffix) >= 16 {
			return false
		}
	}
	return name&^(m.digit|m.hexLetter) == 0 && bits.OnesCount64(name) >= 8 && m.digit&name != 0 && m.hexLetter&name != 0
}

// isUUID reports a segment that is a UUID, letters among its digits.
func (m *pathMasks) isUUID(segment uint64, begin int) bool {
	const joints = 1<<8 | 1<<13 | 1<<18 | 1<<23
	return segment>>begin == 1<<36-1 && segment&m.joint == joints<<begin && segment&^(m.digit|m.hexLetter|m.joint) == 0 && segment&m.hexLetter != 0
}

// isSlug reports a segment of words without digits, less than 8 letters each, and one behind them that
// makes it a slug: a number, or 6 or more hex digits.
func (m *pathMasks) isSlug(segment uint64) bool {
	if m.joint&segment == 0 || m.dot&segment != 0 || segment&^m.digit&^m.joint == 0 {
		return false
	}
	for segment != 0 {
		joint := m.joint & segment
		word := segment & (joint&-joint - 1) // all that is left if there is no joint
		segment &^= word | joint&-joint
		switch letters := word &^ m.digit; {
		case letters == 0 && word != 0, word != letters && letters&^m.hexLetter == 0 && bits.OnesCount64(word) >= 6:
			return true
		case word != letters || bits.OnesCount64(word) >= 8:
			return false
		}
	}
	return false
}

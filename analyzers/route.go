package analyzers

import (
	"bytes"
)

const (
	// maxSegments bounds the depth of a route; what is deeper becomes "/…".
	maxSegments = 12
	// maxSegment bounds one segment, in bytes; a longer one names one thing, not a kind of thing.
	maxSegment = 64
)

// AppendRoute appends the normalised form of a request target to dst: scheme, host, query string
// and fragment are dropped, and what names one thing rather than a kind of thing becomes a
// placeholder:
//
//	:id     a number                      /items/42          → /items/:id; /items(42) → /items(:id)
//	:uuid   a UUID
//	:hex    8 or more hex digits          /img/3f2a91bc.png  → /img/:hex.png
//	:date   2026-11-22, 20261122, or the three segments 2026/11/22
//	:slug   words beside a number         /my-post-12345     → /:slug
//	:token  a key, or a segment beyond 64 bytes
//	:host   the host:port of CONNECT
//
// Words, versions (v1), locales (en-US) and placeholders stay. Year and month alone stay two
// numbers, for so may two ids look. Paths end after 12 segments with "/…"; an empty target is "-".
//
// The result is valid UTF-8 without control characters (U+FFFD stands for what had to go; not "?",
// which would begin a query string), and its own normal form.
func AppendRoute(dst, path []byte) []byte {
	if vectors && len(path) > 0 && path[0] == '/' && cap(path) >= 2*(shortPath+1) {
		if route, ok := appendShortRoute(dst, path); ok {
			return route
		}
	}
	return appendRoute(dst, path)
}

// appendRoute is AppendRoute for any path.
func appendRoute(dst, path []byte) []byte {
	path, ok := cutOrigin(path)
	if !ok {
		return append(dst, ":host"...)
	}
	start := len(dst)
	segments := 0
	for i := 0; i < len(path); {
		if path[i] == '/' {
			i++
			if n := len(dst); n == start || dst[n-1] != '/' {
				dst = append(dst, '/')
			}
			continue
		}
		var kinds byteKind
		from := i
		for i < len(path) {
			k := byteKinds[path[i]]
			if k == isEnd {
				break
			}
			kinds |= k
			i++
		}
		segment := path[from:i]
		end := i >= len(path)
		if !end && path[i] == ';' { // a parameter of the segment: ;jsessionid=…
			for i < len(path) && path[i] != '/' && path[i] != '?' && path[i] != '#' {
				i++
			}
			end = i >= len(path)
		}
		end = end || path[i] == '?' || path[i] == '#'
		if len(segment) > 0 {
			if segments == maxSegments {
				return append(dst, "…"...)
			}
			segments++
			if kinds == isDigit && len(segment) == 4 && !end {
				if n := monthAndDay(segment, path[i:]); n > 0 {
					dst = append(dst, ":date"...)
					i += n
					continue
				}
			}
			dst = appendSegment(dst, segment, kinds)
		}
		if end {
			break
		}
	}
	if len(dst) == start {
		return append(dst, '-')
	}
	return dst
}

// cutOrigin drops scheme and host of an absolute URI. It is not ok when there is nothing else, as
// in the authority that CONNECT has for its target.
func cutOrigin(path []byte) (rest []byte, ok bool) {
	if len(path) == 0 || path[0] == '/' {
		return path, true
	}
	slash := bytes.IndexByte(path, '/')
	if slash > 1 && path[slash-1] == ':' && len(path) > slash+1 && path[slash+1] == '/' && isScheme(path[:slash-1]) {
		for i := slash + 2; i < len(path); i++ {
			if byteKinds[path[i]] == isEnd {
				if path[i] == '/' {
					return path[i:], true
				}
				break
			}
		}
		return []byte("/"), true
	}
	head := path
	for i, b := range path {
		if byteKinds[b] == isEnd {
			if b == '/' {
				return path, true
			}
			head = path[:i]
			break
		}
	}
	colon := bytes.LastIndexByte(head, ':')
	port := head[colon+1:]
	hostAndPort := colon > 0 && len(port) > 0 && len(port) <= 5 && only(port, isDigit)
	return path, !hostAndPort
}

func isScheme(s []byte) bool {
	for _, b := range s {
		if byteKinds[b]&(isHexLower|isLower|isHexUpper|isUpper) == 0 {
			return false
		}
	}
	return len(s) > 0
}

// monthAndDay says how many bytes of rest, such as "/11/22/x", complete a date that year begins.
func monthAndDay(year, rest []byte) int {
	month, n := shortNumber(rest)
	day, m := shortNumber(rest[n:])
	if n == 0 || m == 0 || !isYear(year) || month < 1 || month > 12 || day < 1 || day > 31 {
		return 0
	}
	return n + m
}

// shortNumber reads a segment of one or two digits with the slash before it.
func shortNumber(rest []byte) (value, length int) {
	i := 1
	for ; i < len(rest) && i <= 3 && rest[i]-'0' <= 9; i++ {
		value = value*10 + int(rest[i]-'0')
	}
	if i == 1 || i > 3 || rest[0] != '/' || i < len(rest) && byteKinds[rest[i]] != isEnd {
		return 0, 0
	}
	return value, i
}

func isYear(s []byte) bool {
	return string(s[:2]) == "20" || string(s[:2]) == "19" && s[2] >= '7'
}

// A byteKind is a set of the kinds of byte that occur in a segment.
type byteKind uint8

const (
	isDigit byteKind = 1 << iota
	isHexLower
	isLower
	isHexUpper
	isUpper
	isJoint // - _ : set words apart
	isDot
	isOther
	isEnd byteKind = 0 // ends a segment
)

const isHex = isDigit | isHexLower | isHexUpper

var byteKinds = func() (kinds [256]byteKind) {
	for i := range kinds {
		b := byte(i)
		switch {
		case b-'0' <= 9:
			kinds[i] = isDigit
		case b >= 'a' && b <= 'f':
			kinds[i] = isHexLower
		case b > 'f' && b <= 'z':
			kinds[i] = isLower
		case b >= 'A' && b <= 'F':
			kinds[i] = isHexUpper
		case b > 'F' && b <= 'Z':
			kinds[i] = isUpper
		case b == '-' || b == '_':
			kinds[i] = isJoint
		case b == '.':
			kinds[i] = isDot
		case b == '/' || b == '?' || b == '#' || b == ';':
			kinds[i] = isEnd
		default:
			kinds[i] = isOther
		}
	}
	return kinds
}()

func kindsOf(s []byte) (kinds byteKind) {
	for _, b := range s {
		kinds |= byteKinds[b]
	}
	return kinds
}

func only(s []byte, kinds byteKind) bool { return kindsOf(s)&^kinds == 0 }

package logs

import (
	"unicode/utf16"
	"unicode/utf8"
)

// unescape copies a string without its escapes into the record's own memory.
func (r *record) unescape(v []byte) (text []byte, ok bool) {
	from := len(r.text)
	r.text, ok = appendUnescaped(r.text, v)
	return r.text[from:], ok
}

// appendUnescaped appends a string without its escapes to dst; ok is false at one that is none.
// Besides JSON's it knows \xXX, which Nginx writes under escape=default.
func appendUnescaped(dst, v []byte) (text []byte, ok bool) {
	for i := 0; i < len(v); i++ {
		if v[i] != '\\' {
			dst = append(dst, v[i])
			continue
		}
		i++
		if i == len(v) {
			return dst, false
		}
		switch v[i] {
		case '"', '\\', '/', '\'':
			dst = append(dst, v[i])
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'x':
			n, ok := hex(v[i+1:], 2)
			if !ok {
				return dst, false
			}
			dst = append(dst, byte(n))
			i += 2
		case 'u':
			c, ok := hex(v[i+1:], 4)
			if !ok {
				return dst, false
			}
			i += 4
			if utf16.IsSurrogate(c) && i+2 < len(v) && v[i+1] == '\\' && v[i+2] == 'u' {
				if low, ok := hex(v[i+3:], 4); ok {
					if both := utf16.DecodeRune(c, low); both != utf8.RuneError {
						c = both
						i += 6
					}
				}
			}
			dst = utf8.AppendRune(dst, c) // a lone surrogate becomes U+FFFD
		default:
			return dst, false
		}
	}
	return dst, true
}

// hex reads n hexadecimal digits.
func hex(v []byte, n int) (c rune, ok bool) {
	if len(v) < n {
		return 0, false
	}
	for _, b := range v[:n] {
		switch {
		case b-'0' <= 9:
			b -= '0'
		case b|0x20 >= 'a' && b|0x20 <= 'f':
			b = b | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		c = c<<4 | rune(b)
	}
	return c, true
}

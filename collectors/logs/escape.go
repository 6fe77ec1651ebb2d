package logs

import (
	"unicode/utf16"
	"unicode/utf8"
)

// unescape copies a string without its escapes into the record's own memory. Besides JSON's it
// knows \xXX, which Nginx writes under escape=default.
func (r *record) unescape(v []byte) ([]byte, bool) {
	from := len(r.text)
	for i := 0; i < len(v); i++ {
		if v[i] != '\\' {
			r.text = append(r.text, v[i])
			continue
		}
		i++
		if i == len(v) {
			return nil, false
		}
		switch v[i] {
		case '"', '\\', '/', '\'':
			r.text = append(r.text, v[i])
		case 'b':
			r.text = append(r.text, '\b')
		case 'f':
			r.text = append(r.text, '\f')
		case 'n':
			r.text = append(r.text, '\n')
		case 'r':
			r.text = append(r.text, '\r')
		case 't':
			r.text = append(r.text, '\t')
		case 'x':
			n, ok := hex(v[i+1:], 2)
			if !ok {
				return nil, false
			}
			r.text = append(r.text, byte(n))
			i += 2
		case 'u':
			c, ok := hex(v[i+1:], 4)
			if !ok {
				return nil, false
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
			r.text = utf8.AppendRune(r.text, c) // a lone surrogate becomes U+FFFD
		default:
			return nil, false
		}
	}
	return r.text[from:], true
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

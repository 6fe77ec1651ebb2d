package analyzers

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// appendSegment appends the normal form of one segment of a path, of which kinds is known.
func appendSegment(dst, s []byte, kinds byteKind) []byte {
	switch {
	case len(s) > maxSegment:
		return append(dst, ":token"...)
	case kinds&(isDigit|isOther|isDot) == 0:
		return appendPart(dst, s, kinds)
	case kinds == isDigit:
		return append(dst, number(s)...)
	case kinds&^(isJoint|isDot) == 0: // ".." is no number
		return append(dst, s...)
	case kinds&isOther != 0:
		if begin := keyedNumber(s); begin > 0 {
			dst = append(append(dst, s[:begin]...), ":id"...)
			return append(dst, s[len(bytes.TrimRight(s, ")")):]...)
		}
		if placeholder, ok := oddSegment(s); ok {
			return append(dst, placeholder...)
		}
	case kinds&^(isDigit|isJoint|isDot) == 0:
		return append(dst, number(s)...)
	case isUUID(s):
		return append(dst, ":uuid"...)
	}
	start := len(dst)
	if kinds&isDot == 0 {
		dst = appendPart(dst, s, kinds)
	} else {
		for more := true; more; {
			var part []byte
			part, s, more = bytes.Cut(s, []byte{'.'})
			dst = appendPart(dst, part, kindsOf(part))
			if more {
				dst = append(dst, '.')
			}
		}
	}
	if len(dst)-start > maxSegment { // placeholders may be longer than what they replace
		return append(dst[:start], ":token"...)
	}
	return dst
}

// keyedNumber says where the number begins of a segment that names what it is the number of: Products(17),
// items=17, user:17; 0 when it is none of these. A word and digits without anything between them stay: v1,
// s3 and oauth2 are names.
func keyedNumber(s []byte) (begin int) {
	for i, b := range s {
		switch {
		case b == '=' || b == ':' || b == '(':
			digits := s[i+1:]
			if b == '(' {
				if len(digits) == 0 || digits[len(digits)-1] != ')' {
					return 0
				}
				digits = digits[:len(digits)-1]
			}
			if i == 0 || len(digits) == 0 || !only(digits, isDigit) || s[i-1] == ')' {
				return 0
			}
			return i + 1
		case byteKinds[b]&(isHexLower|isLower|isHexUpper|isUpper|isJoint|isDigit) == 0 || i == 0 && b-'0' <= 9:
			return 0
		}
	}
	return 0
}

// number chooses between a date and any other number, list of numbers, or version.
func number(s []byte) string {
	var year, month, day []byte
	switch {
	case len(s) == 8 && only(s, isDigit):
		year, month, day = s[:4], s[4:6], s[6:]
	case len(s) >= 10 && s[4] == '-' && s[7] == '-':
		year, month, day = s[:4], s[5:7], s[8:10]
	case len(s) == 7 && s[4] == '-':
		year, month, day = s[:4], s[5:], []byte("01")
	default:
		return ":id"
	}
	if !only(s[:4], isDigit) || !isYear(year) {
		return ":id"
	}
	m, d := twoDigits(month), twoDigits(day)
	if m < 1 || m > 12 || d < 1 || d > 31 {
		return ":id"
	}
	return ":date"
}

// twoDigits reads a number from 0 to 99, or -1.
func twoDigits(s []byte) int {
	if !only(s, isDigit) {
		return -1
	}
	return int(s[0]-'0')*10 + int(s[1]-'0')
}

// oddSegment judges a segment that has bytes other than letters, digits, joints and dots.
func oddSegment(s []byte) (placeholder string, ok bool) {
	digits := false
	for i, b := range s {
		switch {
		case b == '%' && i+2 < len(s) && only(s[i+1:i+3], isHex), b == '\\':
			return ":slug", true // text in another alphabet, or with spaces; Nginx escapes as \xXX
		case b == '@' && i > 0:
			return ":token", true // an e-mail address
		case b-'0' <= 9:
			digits = true
		}
	}
	if digits && len(s) >= 19 && s[10] == 'T' && number(s[:10]) == ":date" {
		return ":date", true // 2026-11-22T21:14:41
	}
	for _, b := range s {
		if byteKinds[b]&(isDigit|isJoint|isDot) == 0 && b != ',' && b != '+' && b != ':' && b != '~' && b != '*' {
			digits = false
			break
		}
	}
	return ":id", digits
}

func isUUID(s []byte) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	return only(s[:8], isHex) && only(s[9:13], isHex) && only(s[14:18], isHex) &&
		only(s[19:23], isHex) && only(s[24:], isHex)
}

// appendPart appends the normal form of a segment, or of a piece of it between dots.
func appendPart(dst, s []byte, kinds byteKind) []byte {
	switch {
	case kinds&isOther != 0:
		return appendPrintable(dst, s)
	case kinds&isJoint != 0:
		return append(dst, joined(s, kinds)...)
	case kinds == isDigit:
		return append(dst, number(s)...)
	case kinds&isDigit != 0 && len(s) >= 8 && kinds&^isHex == 0:
		return append(dst, ":hex"...)
	case len(s) >= 5 && kinds&isDigit != 0 || len(s) >= 16:
		if isToken(s) {
			return append(dst, ":token"...)
		}
	}
	return append(dst, s...)
}

var (
	slug  = []byte(":slug")
	token = []byte(":token")
)

// joined judges words set apart by - or _. One number or hash among them makes a slug. So do very
// many words, which are a title.
func joined(s []byte, kinds byteKind) []byte {
	if kinds&isDigit == 0 && len(s) < 16 {
		return s
	}
	words, from := 0, 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && byteKinds[s[i]] != isJoint {
			continue
		}
		word := s[from:i]
		from = i + 1
		if len(word) == 0 {
			continue
		}
		words++
		switch k := kindsOf(word); {
		case k == isDigit, k&isDigit != 0 && k&^isHex == 0 && len(word) >= 6:
			return slug
		case len(word) >= 8 && isToken(word), len(word) >= 10 && camelWithDigit(k):
			return token
		}
	}
	if words >= 6 && len(s) >= 40 {
		return slug
	}
	return s
}

// camelWithDigit is what a random word beside a joint has, as in cus_NffrFeUfNV2Hib; names made up
// by people use either joints or capitals.
func camelWithDigit(k byteKind) bool {
	return k&isDigit != 0 && k&(isHexLower|isLower) != 0 && k&(isHexUpper|isUpper) != 0
}

// isToken says whether letters and digits are too mixed for a name that people made up: four digits
// in a row, digits in two places of a long one, or capitals and digits where camelCase has none.
func isToken(s []byte) bool {
	var kinds byteKind
	row, longest, rows, turns := 0, 0, 0, 0
	var last byteKind
	for _, b := range s {
		k := byteKinds[b]
		kinds |= k
		switch {
		case k == isDigit:
			k = isDigit
			if row++; row == 1 {
				rows++
			}
			longest = max(longest, row)
		case k&(isHexUpper|isUpper) != 0:
			k, row = isUpper, 0
		default:
			k, row = isLower, 0
		}
		if last != 0 && k != last && (last != isUpper || k != isLower) {
			turns++
		}
		last = k
	}
	mixed := kinds&(isHexLower|isLower) != 0 && kinds&(isHexUpper|isUpper) != 0
	switch {
	case longest >= 4:
		return true
	case len(s) >= 10 && rows >= 2:
		return true
	case len(s) >= 10 && mixed && rows > 0 && turns*5 >= len(s)*2:
		return true
	case len(s) >= 20 && mixed && rows > 0:
		return true
	case len(s) >= 16 && mixed && turns*5 >= len(s)*2:
		return true
	}
	return len(s) >= 40
}

// appendPrintable appends text with one U+FFFD for each run of what must not reach a terminal.
func appendPrintable(dst, s []byte) []byte {
	bad := false
	for i := 0; i < len(s); {
		if b := s[i]; b >= ' ' && b < 0x7f {
			dst = append(dst, b)
			bad = false
			i++
			continue
		}
		r, n := utf8.DecodeRune(s[i:])
		switch {
		case r != utf8.RuneError && unicode.IsPrint(r):
			dst = append(dst, s[i:i+n]...)
			bad = false
		case !bad:
			dst = utf8.AppendRune(dst, utf8.RuneError)
			bad = true
		}
		i += n
	}
	return dst
}

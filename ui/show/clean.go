package show

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text from logs and servers is hostile until shown otherwise. It passes through Clean before
// anything else, so that neither a terminal nor a browser acts on it.

// maxMarks bounds the combining marks on one character: more would climb over the lines around it.
const maxMarks = 3

// Clean returns s as valid UTF-8 in one line: white space becomes a space, and whatever a terminal
// could act on or a reader could not see is spelled out (\x1b, \u202e). With ascii all characters
// outside ASCII are spelled out too, but for typographic ones that have a twin.
func Clean(s string, ascii bool) string {
	if Plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	marks := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[i])
			i++
			continue
		}
		i += n
		if unicode.In(r, unicode.Mn, unicode.Me) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\v' || r == '\f':
			b.WriteByte(' ')
		case r < 0x20 || r >= 0x7f && r < 0xa0:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x7f:
			b.WriteByte(byte(r))
		case unseen(r) || marks > maxMarks:
			spell(&b, r)
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case ascii:
			if twin, ok := asciiTwins[r]; ok {
				b.WriteString(twin)
			} else {
				spell(&b, r)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Plain reports whether s is printable ASCII, which most text is.
func Plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

func spell(b *strings.Builder, r rune) {
	if r > 0xffff {
		fmt.Fprintf(b, `\U%08x`, r)
		return
	}
	fmt.Fprintf(b, `\u%04x`, r)
}

// unseen reports whether a character has no shape of its own: bidirectional controls, zero-width
// characters, tags, variation selectors, private use, line separators, what is not assigned.
func unseen(r rune) bool {
	switch {
	case r == 0x2028, r == 0x2029, r == 0x034f, r == 0x3164, r == 0xffa0, r == 0x115f, r == 0x1160:
		return true
	case r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0100 && r <= 0xe01ef, r >= 0x180b && r <= 0x180f:
		return true
	}
	return !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs)
}

var asciiTwins = map[rune]string{
	'µ': "u", 'μ': "u", '–': "-", '—': "-", '−': "-", '…': "...", '×': "x", '·': "-", '•': "*",
	'≥': ">=", '≤': "<=", '≠': "!=", '≈': "~", '→': "->", '←': "<-", '‘': "'", '’': "'",
	'“': `"`, '”': `"`, 'Σ': "sum",
}

// OneLine cleans s and leaves one space where there is any white space.
func OneLine(s string, ascii bool) string {
	return strings.Join(strings.Fields(Clean(s, ascii)), " ")
}

// Line returns s as one line that is safe on any terminal: for messages that quote a file name or
// what a log holds.
func Line(s string) string { return OneLine(s, false) }

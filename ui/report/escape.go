package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Text from logs and servers is hostile until shown otherwise. It passes through clean before
// anything else, so that neither a terminal nor a browser acts on it.

// maxMarks bounds the combining marks on one character: more would climb over the lines around it.
const maxMarks = 3

// clean returns s as valid UTF-8 in one line: white space becomes a space, and whatever a terminal
// could act on or a reader could not see is spelled out (\x1b, \u202e). With ascii all characters
// outside ASCII are spelled out too, but for typographic ones that have a twin.
func clean(s string, ascii bool) string {
	if plain(s) {
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

// plain reports whether s is printable ASCII, which most text is.
func plain(s string) bool {
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

// oneLine cleans s and leaves one space where there is any white space.
func oneLine(s string, ascii bool) string {
	return strings.Join(strings.Fields(clean(s, ascii)), " ")
}

// Line returns s as one line that is safe on any terminal: for messages that quote a file name or
// what a log holds.
func Line(s string) string { return oneLine(s, false) }

// mdText escapes prose for Markdown: nothing in it is markup, a link, a formula, or notifies a
// person. It also holds inside a table cell.
func mdText(s string, ascii bool) string {
	s = oneLine(s, ascii)
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '@':
			// A code span is the only place where the web sites do not look for names to notify.
			n := len(s[i:]) - len(strings.TrimLeft(s[i:], "@"))
			b.WriteString("`" + s[i:i+n] + "`")
			i += n - 1
			continue
		case strings.IndexByte("\\`*[]<>|~&$", c) >= 0,
			c == '_' && !(i > 0 && i+1 < len(s) && wordByte(s[i-1]) && wordByte(s[i+1])),
			c == ':' && strings.HasPrefix(s[i:], "://"),
			c == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www"),
			c == '!' && strings.HasPrefix(s[i:], "!["),
			i == 0 && strings.IndexByte("#+-=", c) >= 0,
			(c == '.' || c == ')') && i > 0 && (i+1 == len(s) || s[i+1] == ' ') && strings.Trim(s[:i], "0123456789") == "":
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// mdCode puts s in a code span that nothing in it can end, nor a table cell around it.
func mdCode(s string, ascii bool) string {
	s = oneLine(s, ascii)
	if s == "" {
		return ""
	}
	// Renderers differ on a backslash before an escaped pipe, so there is never one.
	for strings.Contains(s, `\|`) {
		s = strings.ReplaceAll(s, `\|`, `\x5c|`)
	}
	fence := strings.Repeat("`", longestRun(s, '`')+1)
	s = strings.ReplaceAll(s, "|", `\|`)
	if s[0] == '`' || s[len(s)-1] == '`' {
		s = " " + s + " "
	}
	return fence + s + fence
}

// mdFence puts lines in a fenced block that nothing in them can end.
func mdFence(lang, s string, ascii bool) string {
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\r\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(clean(strings.ReplaceAll(l, "\t", "    "), ascii), " ")
	}
	body := strings.Join(lines, "\n")
	fence := strings.Repeat("`", max(3, longestRun(body, '`')+1))
	return fence + lang + "\n" + body + "\n" + fence + "\n"
}

func longestRun(s string, c byte) int {
	longest, run := 0, 0
	for i := 0; i < len(s); i++ {
		if s[i] != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// appendJSONSafe appends marshalled JSON with the characters that a terminal or a reader could be
// fooled by as \u escapes. Outside strings JSON has none of them.
func appendJSONSafe(dst, row []byte) []byte {
	for i := 0; i < len(row); {
		if c := row[i]; c < 0x7f {
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(row[i:])
		switch hidden := r < 0xa0 || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp); {
		case hidden && r > 0xffff:
			high, low := utf16.EncodeRune(r)
			dst = fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
		case hidden:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = append(dst, row[i:i+n]...)
		}
		i += n
	}
	return dst
}

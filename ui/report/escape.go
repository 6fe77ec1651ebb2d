package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"dbtriage/ui/show"
)

// mdText escapes prose for Markdown: nothing in it is markup, a link, a formula, or notifies a
// person. It also holds inside a table cell.
func mdText(s string, ascii bool) string {
	s = show.OneLine(s, ascii)
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

// mdCode puts s in a code span that nothing in it can end, nor a table cell around it. Outside of a table
// the backslashes that it puts before pipes would show: there it is mdSpan.
func mdCode(s string, ascii bool) string {
	s = show.OneLine(s, ascii)
	// Renderers differ on a backslash before an escaped pipe, so there is never one.
	for strings.Contains(s, `\|`) {
		s = strings.ReplaceAll(s, `\|`, `\x5c|`)
	}
	return codeSpan(strings.ReplaceAll(s, "|", `\|`))
}

// mdSpan puts s in a code span that nothing in it can end, outside of tables.
func mdSpan(s string, ascii bool) string { return codeSpan(show.OneLine(s, ascii)) }

func codeSpan(s string) string {
	if s == "" {
		return ""
	}
	fence := strings.Repeat("`", longestRun(s, '`')+1)
	if s[0] == '`' || s[len(s)-1] == '`' {
		s = " " + s + " "
	}
	return fence + s + fence
}

// Fence puts hostile text into Markdown as it stands.
func Fence(text string) string { return mdFence("", text, false) }

// mdFence puts lines in a fenced block that nothing in them can end.
func mdFence(lang, s string, ascii bool) string {
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\r\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(show.Clean(strings.ReplaceAll(l, "\t", "    "), ascii), " ")
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
		plain := i
		for i < len(row) && row[i] < 0x7f {
			i++
		}
		if dst = append(dst, row[plain:i]...); i == len(row) {
			break
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

package show

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Columns returns how many terminal cells s takes, character by character as wcwidth counts them.
// Terminals that join characters show fewer, never more. s is clean.
func Columns(s string) int {
	if Plain(s) {
		return len(s)
	}
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	if r >= 0x1f000 {
		return 2 // emoji that older tables call narrow
	}
	return 1
}

// Cut shortens s to at most n columns, ending in the mark where something was left out.
func Cut(s string, n int, mark string) string {
	if Columns(s) <= n {
		return s
	}
	n -= Columns(mark)
	if n < 0 {
		return ""
	}
	used := 0
	for i, r := range s {
		if used += runeColumns(r); used > n {
			return strings.TrimRight(s[:i], " ") + mark
		}
	}
	return s
}

// CutLeft shortens s from its beginning: of a path the end tells more.
func CutLeft(s string, n int, mark string) string {
	over := Columns(s) - n
	if over <= 0 {
		return s
	}
	over += Columns(mark)
	for i, r := range s {
		if over <= 0 {
			return mark + s[i:]
		}
		over -= runeColumns(r)
	}
	return ""
}

// Left and right pad s to n columns; a longer s stays as it is.
func Left(s string, n int) string  { return s + strings.Repeat(" ", max(0, n-Columns(s))) }
func Right(s string, n int) string { return strings.Repeat(" ", max(0, n-Columns(s))) + s }

// Wrap breaks s into lines of at most n columns, at spaces and between wide characters, and inside
// a word only when it is longer than a line.
func Wrap(s string, n int) []string {
	var lines []string
	for Columns(s) > n {
		used, end, soft := 0, len(s), 0
		for i, r := range s {
			w := runeColumns(r)
			if used+w > n {
				end = i
				if r == ' ' {
					soft = i
				}
				break
			}
			used += w
			switch {
			case r == ' ':
				soft = i
			case w == 2:
				soft = i + len(string(r))
			}
		}
		if soft > 0 {
			end = soft
		}
		if end == 0 {
			end = len(s) // a line narrower than one character
		}
		lines = append(lines, strings.TrimRight(s[:end], " "))
		s = strings.TrimLeft(s[end:], " ")
	}
	if s != "" || len(lines) == 0 {
		lines = append(lines, s)
	}
	return lines
}

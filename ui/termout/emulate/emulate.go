// Package emulate is the screen of a terminal, as much of it as tests need to see what a reader sees.
package emulate

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"dbtriage/ui/show"
)

// A Terminal is a screen that is written to.
type Terminal struct {
	Width, Height int
	// AltScreen, CursorShown, Paste and Mouse are the modes that programs set and must take back.
	AltScreen, CursorShown, Paste, Mouse bool
	// Other holds what was written beside text, movements and modes: titles, clipboard, queries.
	Other []string

	cells   [][]string
	x, y    int
	pending []byte
}

// New returns an empty screen.
func New(width, height int) *Terminal {
	t := &Terminal{CursorShown: true}
	t.Resize(width, height)
	return t
}

// Resize gives the terminal another size; what was on it is gone.
func (t *Terminal) Resize(width, height int) {
	t.Width, t.Height = width, height
	t.cells = make([][]string, height)
	for y := range t.cells {
		t.cells[y] = blankLine(width)
	}
	t.x, t.y = 0, 0
}

func blankLine(n int) []string {
	line := make([]string, n)
	for i := range line {
		line[i] = " "
	}
	return line
}

// Write takes in what a program writes; it may end anywhere.
func (t *Terminal) Write(p []byte) (int, error) {
	t.pending = append(t.pending, p...)
	for len(t.pending) > 0 {
		n := t.step(t.pending)
		if n == 0 {
			break
		}
		t.pending = t.pending[n:]
	}
	return len(p), nil
}

// Lines returns the text of the screen without the blanks at the ends of its lines.
func (t *Terminal) Lines() []string {
	out := make([]string, t.Height)
	for y, line := range t.cells {
		out[y] = strings.TrimRight(strings.Join(line, ""), " ")
	}
	return out
}

// Text returns the lines as one string.
func (t *Terminal) Text() string { return strings.Join(t.Lines(), "\n") }

// step takes in one character or sequence and returns its length; 0 when it is not whole yet.
func (t *Terminal) step(p []byte) int {
	switch c := p[0]; {
	case c == '\x1b':
		return t.escape(p)
	case c == '\r':
		t.x = 0
	case c == '\n':
		t.y = min(t.y+1, t.Height-1)
	case c < 0x20 || c == 0x7f:
	default:
		if !utf8.FullRune(p) {
			return 0
		}
		r, n := utf8.DecodeRune(p)
		t.put(string(r))
		return n
	}
	return 1
}

func (t *Terminal) put(char string) {
	w := show.Columns(char)
	if w == 0 {
		if t.x > 0 && t.y < t.Height {
			t.cells[t.y][min(t.x, t.Width)-1] += char
		}
		return
	}
	if t.x+w > t.Width || t.y >= t.Height {
		t.Other = append(t.Other, "text beyond the edge: "+char)
		return
	}
	t.cells[t.y][t.x] = char
	for i := 1; i < w; i++ {
		t.cells[t.y][t.x+i] = ""
	}
	t.x += w
}

func (t *Terminal) escape(p []byte) int {
	if len(p) < 2 {
		return 0
	}
	switch p[1] {
	case '[':
		for i := 2; i < len(p); i++ {
			if p[i] >= 0x40 && p[i] <= 0x7e {
				t.csi(string(p[2:i]), p[i])
				return i + 1
			}
		}
		return 0
	case ']', 'P', '_', '^':
		for i := 2; i < len(p); i++ {
			if p[i] == 7 || p[i] == '\\' && p[i-1] == '\x1b' && (i+1 >= len(p) || i < 3 || p[i-2] != '\x1b') {
				t.Other = append(t.Other, string(p[1:i]))
				return i + 1
			}
		}
		return 0
	}
	t.Other = append(t.Other, string(p[1:2]))
	return 2
}

func (t *Terminal) csi(params string, final byte) {
	number := func(i, otherwise int) int {
		parts := strings.Split(params, ";")
		if i < len(parts) {
			if n, err := strconv.Atoi(parts[i]); err == nil {
				return n
			}
		}
		return otherwise
	}
	switch {
	case final == 'A':
		t.y = max(t.y-number(0, 1), 0)
	case final == 'B':
		t.y = min(t.y+number(0, 1), t.Height-1)
	case final == 'C':
		t.x = min(t.x+number(0, 1), t.Width)
	case final == 'D':
		t.x = max(t.x-number(0, 1), 0)
	case final == 'H' || final == 'f':
		t.y, t.x = min(max(number(0, 1), 1)-1, t.Height-1), min(max(number(1, 1), 1)-1, t.Width)
	case final == 'K' && t.y < t.Height:
		copy(t.cells[t.y][min(t.x, t.Width):], blankLine(t.Width))
	case final == 'J':
		for y := range t.cells {
			t.cells[y] = blankLine(t.Width)
		}
	case final == 'm':
	case final == 'h' || final == 'l':
		on := final == 'h'
		switch params {
		case "?1049":
			t.AltScreen = on
		case "?25":
			t.CursorShown = on
		case "?2004":
			t.Paste = on
		case "?1000", "?1002", "?1003", "?1006":
			t.Mouse = on
		case "?2026": // synchronized output
		default:
			t.Other = append(t.Other, params+string(final))
		}
	default:
		t.Other = append(t.Other, params+string(final))
	}
}

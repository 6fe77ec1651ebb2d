package termout

import (
	"strconv"
	"strings"

	"dbtriage/ui/show"
)

// A cell is one column of a line: a character with its combining marks and the attributes it is
// drawn in. The column behind a wide character is an empty cell.
type cell struct{ text, sgr string }

var blank = cell{text: " "}

// parseLine splits a line of text and SGR sequences into at most width cells. wide says that some
// character does not take exactly one column, on which terminals differ.
func parseLine(line string, width int) (cells []cell, wide bool) {
	cells = make([]cell, 0, min(len(line), width))
	sgr := ""
	for i := 0; i < len(line); {
		if seq := leadingSGR(line[i:]); seq != "" {
			if seq == reset || seq == "\x1b[m" {
				sgr = ""
			} else {
				sgr += seq
			}
			i += len(seq)
			continue
		}
		n := 1
		for n < len(line)-i && line[i+n]&0xc0 == 0x80 {
			n++
		}
		char := line[i : i+n]
		i += n
		switch show.Columns(char) {
		case 0:
			if wide = true; len(cells) > 0 {
				cells[len(cells)-1].text += char
			}
			continue
		case 2:
			wide = true
			if len(cells)+2 > width {
				return cells, wide
			}
			cells = append(cells, cell{char, sgr}, cell{"", sgr})
			continue
		}
		if len(cells) == width {
			return cells, wide
		}
		cells = append(cells, cell{char, sgr})
	}
	return cells, wide
}

const reset = "\x1b[0m"

// leadingSGR returns the SGR sequence that s begins with, or nothing.
func leadingSGR(s string) string {
	if len(s) < 3 || s[0] != '\x1b' || s[1] != '[' {
		return ""
	}
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case c == 'm':
			return s[:i+1]
		case c != ';' && (c < '0' || c > '9'):
			return ""
		}
	}
	return ""
}

// A row is a line as it was drawn.
type row struct {
	line  string
	cells []cell
	wide  bool
}

// gap is how many unchanged cells are written again rather than stepped over: a cursor movement takes
// about as many bytes.
const gap = 6

// diffRow writes what turns the row before into the row now, at line y (from 0).
func diffRow(b *strings.Builder, y int, before, now *row) {
	if before.line == now.line {
		return
	}
	if before.wide || now.wide {
		moveTo(b, y, 0)
		writeCells(b, now.cells)
		b.WriteString("\x1b[K")
		return
	}
	n := trimmed(now.cells)
	old := trimmed(before.cells)
	at := func(cells []cell, x int) cell {
		if x < len(cells) {
			return cells[x]
		}
		return blank
	}
	for x := 0; x < n; {
		if at(before.cells, x) == now.cells[x] {
			x++
			continue
		}
		end, same := x+1, 0
		for e := x + 1; e < n && same <= gap; e++ {
			if at(before.cells, e) == now.cells[e] {
				same++
				continue
			}
			end, same = e+1, 0
		}
		moveTo(b, y, x)
		writeCells(b, now.cells[x:end])
		x = end
	}
	if old > n {
		moveTo(b, y, n)
		b.WriteString("\x1b[K")
	}
}

// trimmed returns the length of a row without the blanks at its end.
func trimmed(cells []cell) int {
	n := len(cells)
	for n > 0 && cells[n-1] == blank {
		n--
	}
	return n
}

func moveTo(b *strings.Builder, y, x int) {
	b.WriteString("\x1b[")
	b.WriteString(strconv.Itoa(y + 1))
	if x > 0 {
		b.WriteByte(';')
		b.WriteString(strconv.Itoa(x + 1))
	}
	b.WriteByte('H')
}

func writeCells(b *strings.Builder, cells []cell) {
	sgr := ""
	for _, c := range cells {
		if c.sgr != sgr && (c != blank || paintsBlank(sgr)) {
			turn(b, sgr, c.sgr)
			sgr = c.sgr
		}
		b.WriteString(c.text)
	}
	turn(b, sgr, "")
}

// turn goes from one set of attributes to another in as few bytes as may be.
func turn(b *strings.Builder, from, to string) {
	switch {
	case from == to:
	case to == "":
		b.WriteString("\x1b[m")
	case from == "" || strings.Count(to, "\x1b") > 1:
		if from != "" {
			b.WriteString("\x1b[m")
		}
		b.WriteString(to)
	default: // a reset and what follows in one sequence
		b.WriteString("\x1b[0;")
		b.WriteString(to[len("\x1b["):])
	}
}

// paintsBlank reports whether attributes show on a blank: a background, an underline, the reverse.
func paintsBlank(sgr string) bool {
	for _, p := range strings.FieldsFunc(sgr, func(r rune) bool { return r < '0' || r > '9' }) {
		if p == "4" || p == "7" || p == "9" || len(p) > 1 && (p[0] == '4' || strings.HasPrefix(p, "10")) {
			return true
		}
	}
	return false
}

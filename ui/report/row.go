package report

import (
	"slices"
	"strings"

	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// A cell is what a row of a table has in one column: at its right end unless it is left.
type cell struct {
	text   string
	width  int
	left   bool
	colour colour
}

func right(text string, width int) cell { return cell{text: text, width: width} }
func left(text string, width int) cell  { return cell{text: text, width: width, left: true} }

// in gives cells a colour.
func in(c colour, cells ...cell) []cell {
	for i := range cells {
		cells[i].colour = c
	}
	return cells
}

// leastName is the room in which a name says something.
const leastName = 16

// foldIndent is where a row goes on below that is wider than the page.
const foldIndent = 4

// fold says where a row of cells goes on below, and how much room the last line has behind them. All rows of
// a table fold in the same places, for these follow from the widths alone.
func (p *page) fold(cells []cell) (starts []int, room int) {
	room = p.width
	for i, c := range cells {
		if c.width > room && i > 0 {
			starts = append(starts, i)
			room = p.width - foldIndent
		}
		room -= c.width
	}
	return starts, max(0, room)
}

// withBar adds a share as a bar that takes the rest of a row's last line, if there is some.
func (p *page) withBar(cells []cell, share float64, c colour) []cell {
	const gap, least = "  ", 5
	_, room := p.fold(cells)
	if room < len(gap)+least {
		return cells
	}
	return append(cells, in(c, left(gap+widget.Bar(share, room-len(gap), p.style.ASCII), room))...)
}

// pair is a cell of two values with an arrow between them.
func (p *page) pair(before, after string, beforeWidth, afterWidth int) cell {
	return left(show.Right(before, beforeWidth)+p.arrow()+after, beforeWidth+show.Columns(p.arrow())+afterWidth)
}

// row writes a row of a table: the cells, and behind them a text that takes the rest of the line, or lines of its
// own where that leaves it less room than least.
func (p *page) row(cells []cell, rest piece, least int) {
	starts, room := p.fold(cells)
	folded := len(starts) > 0
	var line []piece
	for i, c := range cells {
		if len(starts) > 0 && i == starts[0] {
			p.line(line...)
			line, starts = []piece{{strings.Repeat(" ", foldIndent), plainText}}, starts[1:]
		}
		text := show.Right(c.text, c.width)
		if c.left {
			text = show.Left(c.text, c.width)
		}
		line = append(line, piece{text, c.colour})
	}
	if room < least {
		p.line(line...)
		p.named(strings.Repeat(" ", foldIndent), plainText, rest.text, rest.colour)
		return
	}
	if line = append(line, piece{p.cut(rest.text, room), rest.colour}); !folded || !blank(line) {
		p.line(line...)
	}
}

func blank(line []piece) bool {
	return !slices.ContainsFunc(line, func(c piece) bool { return strings.TrimSpace(c.text) != "" })
}

// named writes a name behind a head: in one line, and on a narrow page in as many as one of the usual width holds.
func (p *page) named(head string, headColour colour, name string, c colour) {
	if p.narrow() {
		p.hang(head, headColour, name, c, 1)
		return
	}
	p.line(piece{head, headColour}, piece{p.cut(name, p.width-show.Columns(head)), c})
}

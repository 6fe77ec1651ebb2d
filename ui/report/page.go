package report

import (
	"bufio"
	"io"
	"strings"

	"dbtriage/ui/show"
)

// The width of a text report in columns: pageWidth in a file or a pipe, and the least that bears each row of a
// table in a line; below minWidth nothing is laid out, and beyond maxWidth lines are too long to read.
const (
	minWidth  = 40
	pageWidth = 80
	maxWidth  = 160
)

// labelWidth is the width of the column of labels at the left.
const labelWidth = 11

// A colour is a role a piece of text plays; what is said by colour is also said in words.
type colour int

const (
	plainText colour = iota
	strong
	faint
	bad
	warn
	good
)

var sgr = [...]string{plainText: "", strong: "\x1b[1m", faint: "\x1b[2m", bad: "\x1b[1;31m", warn: "\x1b[33m", good: "\x1b[32m"}

// A piece is a stretch of a line in one colour.
type piece struct {
	text   string
	colour colour
}

// A page writes lines of at most width columns. Whatever reaches it is cleaned and cut, so no
// line can be wider or carry a control character.
type page struct {
	w     *bufio.Writer
	style Style
	lang  string
	width int
	err   error
}

func newPage(w io.Writer, r *Report, style Style) *page {
	width := pageWidth
	if style.Width > 0 {
		width = min(max(style.Width, minWidth), maxWidth)
	}
	return &page{w: bufio.NewWriter(w), style: style, lang: r.Options.Lang, width: width}
}

// narrow reports whether a page is too narrow for rows in one line.
func (p *page) narrow() bool { return p.width < pageWidth }

func (p *page) word(en string) string { return Word(p.lang, en) }

// clean is the safe form of any text in this page's characters.
func (p *page) clean(s string) string {
	// Chinese words are not for a terminal without them: an ASCII page keeps them rather than
	// spelling out each character.
	return show.Clean(s, p.style.ASCII && !strings.HasPrefix(p.lang, "zh"))
}

func (p *page) oneLine(s string) string { return strings.Join(strings.Fields(p.clean(s)), " ") }

// mark is what stands for text left out.
func (p *page) mark() string { return p.either("…", "~") }

func (p *page) either(unicode, ascii string) string {
	if p.style.ASCII {
		return ascii
	}
	return unicode
}

// cut cleans s and shortens it to n columns.
func (p *page) cut(s string, n int) string { return show.Cut(p.oneLine(s), n, p.mark()) }

func (p *page) line(pieces ...piece) {
	pieces = joined(pieces)
	room := p.width
	last := len(pieces) - 1
	for last >= 0 && strings.TrimSpace(pieces[last].text) == "" {
		last--
	}
	for i, c := range pieces[:last+1] {
		s := p.clean(c.text)
		if i == last {
			s = strings.TrimRight(s, " ")
		}
		s = show.Cut(s, room, p.mark())
		room -= show.Columns(s)
		if p.style.Colour && c.colour != plainText && s != "" {
			s = sgr[c.colour] + s + "\x1b[0m"
		}
		p.write(s)
		if room <= 0 {
			break
		}
	}
	p.write("\n")
}

// joined joins neighbours of one colour.
func joined(pieces []piece) []piece {
	var out []piece
	for _, c := range pieces {
		if last := len(out) - 1; last >= 0 && out[last].colour == c.colour {
			out[last].text += c.text
			continue
		}
		out = append(out, c)
	}
	return out
}

func (p *page) write(s string) {
	if _, err := p.w.WriteString(s); err != nil && p.err == nil {
		p.err = err
	}
}

func (p *page) blank() { p.write("\n") }

// text writes one line without colour.
func (p *page) text(s string) { p.line(piece{s, plainText}) }

// heading opens a section: an empty line, then its name and a note on a line across the page.
func (p *page) heading(name, note string) {
	p.blank()
	dash := p.either("─", "-")
	name = dash + dash + " " + p.word(name) + " "
	below := ""
	if p.narrow() && show.Columns(name)+show.Columns(note)+4 > p.width {
		note, below = "", note
	}
	if note != "" {
		note = " " + p.cut(note, p.width-show.Columns(name)-4)
	}
	fill := strings.Repeat(dash, max(0, p.width-show.Columns(name)-show.Columns(note)))
	p.line(piece{name, strong}, piece{fill + note, faint})
	if below != "" {
		p.hang("  ", faint, below, faint, 0)
	}
}

// labelled writes text beside the column of labels.
func (p *page) labelled(indent int, label string, labelColour colour, text string, c colour, most int) bool {
	head := show.Left(strings.Repeat(" ", indent)+p.clean(label)+" ", labelWidth)
	return p.hang(head, labelColour, text, c, most)
}

// hang writes text that hangs beside a head, in at most most lines (0: all) of a page of the usual width and as
// many more of a narrow one, and reports whether all of it was shown.
func (p *page) hang(head string, headColour colour, text string, c colour, most int) bool {
	room := min(pageWidth, p.width) - show.Columns(head)
	if p.narrow() {
		usual := pageWidth - show.Columns(head)
		if room < p.width/2 {
			p.line(piece{head, headColour})
			head, room = strings.Repeat(" ", foldIndent), p.width-foldIndent
		}
		most = (most*usual + room - 1) / room
	}
	lines := show.Wrap(p.oneLine(text), room)
	whole := most == 0 || len(lines) <= most
	if !whole {
		last := show.Cut(lines[most-1]+" "+lines[most], room-show.Columns(p.mark()), "") + p.mark()
		lines = append(lines[:most-1], last)
	}
	for i, l := range lines {
		if i > 0 {
			head = strings.Repeat(" ", show.Columns(head))
		}
		p.line(piece{head, headColour}, piece{l, c})
	}
	return whole
}

// finish flushes the page.
func (p *page) finish() error {
	if err := p.w.Flush(); p.err == nil {
		p.err = err
	}
	return p.err
}

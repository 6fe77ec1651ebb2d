package widget

import (
	"strings"

	"dbtriage/ui/show"
)

// A Role is the part that a piece of text plays. What is said by colour is also said in words.
type Role uint8

// The roles. A theme gives each a colour or none.
const (
	Plain    Role = iota
	Strong        // names, headings
	Faint         // rules, labels, units
	Good          // the state OK
	Warn          // the state WARN
	Crit          // the state CRIT
	Selected      // the row of the cursor
	Curve         // bars and curves
	Roles    = iota
)

// A Span is a piece of a line in one role. Its text may be hostile: it is cleaned where it is painted.
type Span struct {
	Text string
	Role Role
}

// A Line is one line of a screen.
type Line []Span

// Text is a line in one role.
func Text(role Role, s string) Line { return Line{{s, role}} }

// A Style is how characters are chosen, whatever the colours.
type Style struct{ ASCII bool }

// Either returns the first of two texts where characters outside ASCII may be used.
func (s Style) Either(unicode, ascii string) string {
	if s.ASCII {
		return ascii
	}
	return unicode
}

// Mark stands for text left out.
func (s Style) Mark() string { return s.Either("…", "~") }

// Clean is the safe form of hostile text in one line of this style's characters.
func (s Style) Clean(text string) string { return show.OneLine(text, s.ASCII) }

// Fit cleans text and makes it exactly n columns wide. Blanks stay: of a curve they are the points that
// are not known, of a tree its indentation.
func (s Style) Fit(text string, n int) string {
	return show.Left(show.Cut(show.Clean(text, s.ASCII), n, s.Mark()), n)
}

// FitRight is Fit for numbers.
func (s Style) FitRight(text string, n int) string {
	return show.Right(show.Cut(show.Clean(text, s.ASCII), n, s.Mark()), n)
}

// Paragraph wraps text to width columns behind a label of its own width.
func (s Style) Paragraph(label string, labelRole Role, text string, role Role, width int) []Line {
	head := show.Columns(label)
	room := max(width-head, 8)
	var out []Line
	for i, part := range show.Wrap(s.Clean(text), room) {
		if i > 0 {
			label = show.Left("", head)
		}
		out = append(out, Line{{label, labelRole}, {part, role}})
	}
	return out
}

// Limit cuts a paragraph to n lines and marks what was left out.
func (s Style) Limit(lines []Line, n, width int) []Line {
	if len(lines) <= n || n <= 0 {
		return lines
	}
	last := append(Line{}, lines[n-1]...)
	used := 0
	for _, span := range last[:len(last)-1] {
		used += show.Columns(span.Text)
	}
	end := &last[len(last)-1]
	end.Text = show.Cut(end.Text+" "+lines[n][len(lines[n])-1].Text, max(width-used-1, 0), "") + s.Mark()
	return append(lines[:n-1:n-1], last)
}

// longestRule bounds the dashes of a rule: on a wide screen, three bytes each, they would be a tenth of
// a frame.
const longestRule = 72

// Rule is a line across the screen with a name and a note on it.
func (s Style) Rule(name, note string, width int) Line {
	dash := s.Either("─", "-")
	if name != "" {
		name = s.Clean(name) + " "
	}
	name = show.Cut(name, width, s.Mark())
	if note != "" {
		note = " " + show.Cut(s.Clean(note), max(width-show.Columns(name)-4, 0), s.Mark())
	}
	n := width - show.Columns(name) - show.Columns(note)
	dashes := min(max(n, 0), longestRule)
	fill := strings.Repeat(dash, dashes) + strings.Repeat(" ", max(n-dashes, 0))
	return Line{{name, Strong}, {fill, Faint}, {note, Faint}}
}

package widget

import (
	"cmp"
	"slices"
	"strings"

	"dbtriage/ui/show"
)

// A Column is one column of a Table.
type Column struct {
	Name  string
	Width int  // columns; of a Flex column the least
	Flex  bool // takes what is left over; a table has at most one or two
	Right bool // numbers: aligned to the right
	// Priority says what goes first when there is no room: the highest. 0 always stays.
	Priority int
	Help     string // meaning, unit and source, for the reader who asks what this number is
}

// A Cell is one value. By sorts it where the text does not; NaN and the lack of a value come last.
type Cell struct {
	Text string
	Role Role
	By   float64
	Num  bool // By is set
}

// A Row is one row with what it stands for.
type Row struct {
	Key   string // stays the same from one state to the next
	Cells []Cell
	Copy  string // what y puts on the clipboard
}

// A Table is rows under columns. It is drawn, sorted and filtered without being changed.
type Table struct {
	Columns []Column
	Rows    []Row
	Empty   string // said in place of rows; hostile text is safe in it
	Bare    bool   // without the names of the columns
}

// A Pick is what a reader has chosen of a table.
type Pick struct {
	Cursor  int  // row
	Show    bool // the cursor is shown
	Sort    string
	Reverse bool
	Column  int // first column shown behind the first one
}

// Number is a cell whose text sorts by v.
func Number(text string, v float64) Cell { return Cell{Text: text, By: v, Num: true} }

// Name is a cell that sorts as text.
func Name(text string) Cell { return Cell{Text: text} }

// In gives a cell a role.
func (c Cell) In(role Role) Cell { c.Role = role; return c }

// Sorted returns the rows in the order of a column: numbers from the largest, text from the first;
// without one in the order that they have.
func (t *Table) Sorted(column string, reverse bool) []Row {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == column })
	rows := t.Rows
	if i < 0 && reverse {
		rows = slices.Clone(rows)
		slices.Reverse(rows)
	}
	if i >= 0 {
		rows = slices.Clone(rows)
		slices.SortStableFunc(rows, func(a, b Row) int {
			if i >= len(a.Cells) || i >= len(b.Cells) {
				return cmp.Compare(len(b.Cells), len(a.Cells))
			}
			x, y := a.Cells[i], b.Cells[i]
			if x.Num != y.Num { // what has no value comes last
				if x.Num {
					return -1
				}
				return 1
			}
			order := strings.Compare(x.Text, y.Text)
			if x.Num {
				order = cmp.Compare(y.By, x.By)
			}
			if reverse {
				order = -order
			}
			return order
		})
	}
	return rows
}

// Draw returns the head and as many rows as fit into height lines of width columns, with the row of
// the cursor among them, and says which columns are shown.
func (t *Table) Draw(s Style, rows []Row, p Pick, width, height int) (lines []Line, columns []int) {
	columns, widths := t.fit(width-1, p.Column)
	head := Line{{" ", Faint}}
	for k, i := range columns {
		c := t.Columns[i]
		name := c.Name
		if c.Name == p.Sort && p.Sort != "" {
			name += s.Either("▾", "v")
			if p.Reverse {
				name = c.Name + s.Either("▴", "^")
			}
		}
		head = append(head, Span{pad(s, name, widths[k], c.Right, k == len(columns)-1), Faint})
	}
	if !t.Bare {
		lines = append(lines, head)
	}
	if len(rows) == 0 {
		room := max(height-len(lines), 1)
		lines = append(lines, s.Limit(t.empty(s, width), room, width)...)
		return lines[:min(len(lines), max(height, 1))], columns
	}
	first := Window(p.Cursor, len(rows), height-len(lines))
	for r := first; r < len(rows) && len(lines) < height; r++ {
		lines = append(lines, t.row(s, rows[r], columns, widths, p.Show && r == p.Cursor))
	}
	return lines, columns
}

func (t *Table) empty(s Style, width int) []Line {
	return s.Paragraph(" ", Plain, t.Empty, Faint, width)
}

// Vacant is how many lines what stands in place of rows takes.
func (t *Table) Vacant(width int) int { return len(t.empty(Style{}, width)) }

// Window returns the first of n rows to show in height lines so that the cursor is among them.
func Window(cursor, n, height int) int {
	if height <= 0 || n <= height {
		return 0
	}
	return min(max(cursor-height/2, 0), n-height)
}

func (t *Table) row(s Style, r Row, columns, widths []int, selected bool) Line {
	mark := " "
	if selected {
		mark = ">"
	}
	line := Line{{mark, Strong}}
	if selected {
		line[0].Role = Selected
	}
	for k, i := range columns {
		var c Cell
		if i < len(r.Cells) {
			c = r.Cells[i]
		}
		role := c.Role
		if selected && role == Plain {
			role = Selected
		}
		line = append(line, Span{pad(s, c.Text, widths[k], t.Columns[i].Right, k == len(columns)-1), role})
	}
	return line
}

// pad fits text into a column and leaves one blank behind it.
func pad(s Style, text string, width int, right, last bool) string {
	if right {
		text = s.FitRight(text, width)
	} else {
		text = s.Fit(text, width)
	}
	if last {
		return strings.TrimRight(text, " ")
	}
	return text + " "
}

// fit chooses the columns that width has room for, and their widths. from is the first column behind
// the first one: those between are scrolled out of sight.
func (t *Table) fit(width, from int) (columns, widths []int) {
	for i := range t.Columns {
		if i == 0 || i >= from {
			columns = append(columns, i)
		}
	}
	need := func() int {
		n := -1
		for _, i := range columns {
			n += t.Columns[i].Width + 1
		}
		return n
	}
	for need() > width && len(columns) > 1 {
		worst := 0
		for k, i := range columns {
			if p := t.Columns[i].Priority; p > 0 && (worst == 0 || p >= t.Columns[columns[worst]].Priority) {
				worst = k
			}
		}
		if worst == 0 { // none may go: the last one does
			worst = len(columns) - 1
			// Rather a narrow Flex column than none.
			if t.Columns[columns[worst]].Flex && width-need()+t.Columns[columns[worst]].Width >= 8 {
				break
			}
		}
		columns = slices.Delete(columns, worst, worst+1)
	}
	spare := width - need()
	flex := 0
	for _, i := range columns {
		if t.Columns[i].Flex {
			flex++
		}
	}
	for _, i := range columns {
		w := t.Columns[i].Width
		if t.Columns[i].Flex && flex > 0 {
			w += spare / flex
			spare -= spare / flex
			flex--
		}
		widths = append(widths, max(w, 1))
	}
	if len(widths) == 1 {
		widths[0] = min(widths[0], max(width, 1))
	}
	return columns, widths
}

// Hidden is how many columns there is no room for, or that are scrolled out of sight.
func (t *Table) Hidden(width int, p Pick) int {
	columns, _ := t.fit(width-1, p.Column)
	return len(t.Columns) - len(columns)
}

// Columns is how many columns text takes once it is cleaned.
func (s Style) Columns(text string) int { return show.Columns(s.Clean(text)) }

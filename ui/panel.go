package ui

import (
	"strings"

	"dbtriage/ui/report"
	"dbtriage/ui/widget"
)

// A column is where a panel stands on a wide screen; on a narrow one all are stacked in their order.
type column int

const (
	whole column = iota // across the screen
	left
	right
)

// A panel is a part of a screen: a table or text under a heading.
type panel struct {
	name, note string // of the heading; without a name there is none
	column     column
	wide       bool // shown on a wide screen only

	table *widget.Table
	text  func(width int) []widget.Line
	// open returns what Enter shows of a row; nil when there is no more to show.
	open func(key string) *page
	// search says that the rows are many and of equal kind: filter and sort apply to it.
	search bool
	lead   bool // has the cursor until the reader moves it to another panel

	most  int // lines that are enough, heading included; 0 is all there are
	least int // lines below which the panel is left out
	yield int // who gives lines up first when there are too few: the highest
}

// A page is one thing in full: text that is scrolled.
type page struct {
	title string
	text  func(width int) []widget.Line
	copy  string // what y copies
	// copied is that where it changes with what is shown.
	copied func() string
	md     string // what Y copies
	query  string // key of the class it is about, if it is about one
	server string // that it is about, of several
	raw    spot   // of the slowest record of what it is about, where it is no class
}

// markdownWidth is the width of a page that is copied as Markdown.
const markdownWidth = 100

// markdown is what Y copies of a page: its own form of it, or its text as it stands.
func (p *page) markdown() string {
	if p.md != "" {
		return p.md
	}
	return report.Fence(p.title + "\n\n" + plainText(p.text(markdownWidth)))
}

// plainText is text without roles.
func plainText(lines []widget.Line) string {
	var text strings.Builder
	for _, l := range lines {
		for _, s := range l {
			text.WriteString(s.Text)
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// A placed panel has its lines.
type placed struct {
	panel         *panel
	index         int // in the list of the screen
	x, y          int
	width, height int
}

// wideFrom is the width from which a screen has two columns.
const wideFrom = 160

// arrange places the panels of a screen in width × height: those across the screen first, then the two
// columns, then those across the screen that come behind them. zoomed, if not negative, has all the room.
func arrange(panels []panel, width, height, zoomed int) []placed {
	if zoomed >= 0 && zoomed < len(panels) {
		return []placed{{panel: &panels[zoomed], index: zoomed, width: width, height: height}}
	}
	wide := width >= wideFrom
	var groups [3][]int // above, columns, below
	for i := range panels {
		p := &panels[i]
		switch {
		case p.wide && !wide:
		case !wide:
			groups[0] = append(groups[0], i)
		case p.column != whole:
			groups[1] = append(groups[1], i)
		case len(groups[1]) == 0:
			groups[0] = append(groups[0], i)
		default:
			groups[2] = append(groups[2], i)
		}
	}
	if len(groups[1]) == 0 {
		return stack(panels, groups[0], 0, 0, width, height)
	}
	need := func(group []int, w int) (n int) {
		for _, i := range group {
			n += wants(&panels[i], w)
		}
		return n
	}
	above := min(need(groups[0], width), height)
	below := min(need(groups[2], width), max(height-above-12, 0))
	out := stack(panels, groups[0], 0, 0, width, above)
	lw := width * 3 / 5
	rw := width - lw - 3
	var ls, rs []int
	for _, i := range groups[1] {
		if panels[i].column == left {
			ls = append(ls, i)
		} else {
			rs = append(rs, i)
		}
	}
	if len(rs) == 0 {
		lw, rw = width, 0
	}
	if len(ls) == 0 {
		lw, rw = 0, width
	}
	x := lw
	if lw > 0 {
		x += 3
	}
	middle := height - above - below
	if tall := max(need(ls, lw), need(rs, rw)); len(groups[2]) > 0 && tall < middle { // what is left over is for those below
		middle = tall
		below = height - above - middle
	}
	out = append(out, stack(panels, ls, 0, above, lw, middle)...)
	out = append(out, stack(panels, rs, x, above, rw, middle)...)
	return append(out, stack(panels, groups[2], 0, above+middle, width, below)...)
}

// wants is how many lines a panel would fill.
func wants(p *panel, width int) int {
	n := 0
	if p.table != nil {
		if n = len(p.table.Rows); n == 0 {
			n = max(p.table.Vacant(width), 1)
		}
		if !p.table.Bare {
			n++
		}
	} else if p.text != nil {
		n = len(p.text(width))
	}
	if p.name != "" {
		n++
	}
	if p.most > 0 {
		n = min(n, p.most)
	}
	return n
}

// stack places panels one below the other. Where there are too few lines those that yield first become
// smaller, then go.
func stack(panels []panel, list []int, x, y, width, height int) []placed {
	lines := make(map[int]int, len(list))
	sum := 0
	for _, i := range list {
		lines[i] = wants(&panels[i], width)
		sum += lines[i]
	}
	shrink := func(to func(p *panel) int) {
		for sum > height {
			worst := -1
			for _, i := range list {
				if lines[i] > to(&panels[i]) && (worst < 0 || panels[i].yield >= panels[worst].yield) {
					worst = i
				}
			}
			if worst < 0 {
				return
			}
			down := min(sum-height, lines[worst]-to(&panels[worst]))
			if to(&panels[worst]) == 0 { // gone as a whole
				down = lines[worst]
			}
			lines[worst] -= down
			sum -= down
		}
	}
	shrink(func(p *panel) int { return min(p.least, wants(p, width)) })
	shrink(func(*panel) int { return 0 })
	for sum < height { // what those that are gone have left
		least := -1
		for _, i := range list {
			if lines[i] > 0 && lines[i] < wants(&panels[i], width) && (least < 0 || panels[i].yield < panels[least].yield) {
				least = i
			}
		}
		if least < 0 {
			break
		}
		up := min(height-sum, wants(&panels[least], width)-lines[least])
		lines[least] += up
		sum += up
	}
	var out []placed
	for _, i := range list {
		if lines[i] > 0 {
			out = append(out, placed{panel: &panels[i], index: i, x: x, y: y, width: width, height: lines[i]})
			y += lines[i]
			height -= lines[i]
		}
	}
	return out
}

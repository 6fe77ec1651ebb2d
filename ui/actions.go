package ui

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/ui/report"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// The refresh intervals that r goes through.
var refreshes = []time.Duration{0, 2 * time.Second, 5 * time.Second, 10 * time.Second}

func (a *App) goTo(screen int) tea.Cmd {
	if screen != a.screen {
		a.came = append(slices.DeleteFunc(a.came, func(s int) bool { return s == screen }), a.screen)
	}
	a.screen, a.pages, a.zoomed = screen, nil, false
	return nil
}

// move moves the cursor of the focused table, or scrolls what is open, by n lines.
func (a *App) move(n int) tea.Cmd {
	if len(a.pages) > 0 {
		p := a.pages[len(a.pages)-1]
		last := max(len(p.text(a.width))-(a.height-5), 0)
		p.top = min(max(p.top+n, 0), last)
		return nil
	}
	panels := a.panels()
	i := a.focused(panels)
	if i < 0 {
		return nil
	}
	rows, at := a.rows(&panels[i])
	pick := a.pick(&panels[i])
	if panels[i].table == nil {
		pick.Cursor = min(max(at.Cursor+n, 0), a.textBelow(panels, i))
		return nil
	}
	pick.Cursor = min(max(at.Cursor+n, 0), max(len(rows)-1, 0))
	pick.key = ""
	if pick.Cursor < len(rows) {
		pick.key = rows[pick.Cursor].Key
	}
	return nil
}

// textBelow is how many lines of a panel of text do not fit where it is drawn.
func (a *App) textBelow(panels []panel, i int) int {
	for _, p := range arrange(panels, a.width, a.bodyHeight(), a.zoomedPanel(i)) {
		if p.index == i {
			return max(len(p.panel.text(p.width))-(p.height-1), 0)
		}
	}
	return 0
}

func (a *App) sideways(n int) tea.Cmd {
	panels := a.panels()
	i := a.focused(panels)
	if i < 0 || len(a.pages) > 0 || panels[i].table == nil {
		return nil
	}
	pick := a.pick(&panels[i])
	if pick.Column == 0 && n > 0 {
		pick.Column = 1
	}
	pick.Column = min(max(pick.Column+n, 0), len(panels[i].table.Columns)-1)
	if pick.Column == 1 {
		pick.Column = 0
	}
	return nil
}

func (a *App) nextPanel(n int) tea.Cmd {
	panels := a.panels()
	if len(panels) == 0 || len(a.pages) > 0 {
		return nil
	}
	at := max(a.focused(panels), 0)
	drawn := arrange(panels, a.width, a.bodyHeight(), -1)
	for range panels {
		at = (at + n + len(panels)) % len(panels)
		if a.takesFocus(&panels[at]) && slices.ContainsFunc(drawn, func(p placed) bool { return p.index == at }) {
			a.focus[a.screen] = at
			return nil
		}
	}
	return nil
}

// row returns the row under the cursor and its panel.
func (a *App) row() (*panel, widget.Row, bool) {
	panels := a.panels()
	i := a.focused(panels)
	if i < 0 {
		return nil, widget.Row{}, false
	}
	rows, pick := a.rows(&panels[i])
	if pick.Cursor >= len(rows) {
		return &panels[i], widget.Row{}, false
	}
	return &panels[i], rows[pick.Cursor], true
}

func (a *App) open() tea.Cmd {
	if len(a.pages) > 0 {
		return nil
	}
	p, row, ok := a.row()
	switch {
	case p != nil && p.table == nil:
		return a.zoom()
	case !ok:
		a.message = "There is no row to open here."
	case p.open == nil:
		a.message = "There is no more to show of this row. z gives its panel the whole screen."
	default:
		if page := p.open(row.Key); page != nil {
			a.pages = append(a.pages, &openPage{page: *page, screen: a.screen, panel: p.name, key: row.Key})
		}
	}
	return nil
}

func (a *App) show(p *page) { a.pages = append(a.pages, &openPage{page: *p}) }

// back goes one step back; it reports by a message when there is none.
func (a *App) back() tea.Cmd {
	switch {
	case len(a.pages) > 0:
		a.pages = a.pages[:len(a.pages)-1]
	case a.zoomed:
		a.zoomed = false
	case a.filter.Text != "":
		a.filter = widget.Filter{}
	case len(a.came) > 0:
		a.screen, a.came = a.came[len(a.came)-1], a.came[:len(a.came)-1]
	default:
		a.message = "This is the first screen. q quits."
	}
	return nil
}

func (a *App) quit() tea.Cmd {
	if len(a.pages) > 0 || a.zoomed {
		return a.back()
	}
	return tea.Quit
}

func (a *App) zoom() tea.Cmd {
	a.zoomed = !a.zoomed && len(a.pages) == 0
	return nil
}

func (a *App) toggleTable() tea.Cmd {
	a.table = !a.table
	if screens[a.screen].name != "Host" {
		a.message = "Curves and tables take turns on the Host screen: 2."
	}
	return nil
}

func (a *App) askFilter() tea.Cmd {
	before := a.filter
	set := func(a *App, text string) error {
		f, err := widget.ParseFilter(text)
		if err == nil {
			a.filter = f
		}
		return err
	}
	a.prompt = &prompt{
		label: "filter (word, column:value, !not):", text: before.Text, before: before.Text, live: set,
		done: func(a *App, text string) (tea.Cmd, error) {
			if text != "" {
				a.typed = append(slices.DeleteFunc(a.typed, func(t string) bool { return t == text }), text)
			}
			return nil, set(a, text)
		},
		past: a.typed,
	}
	return nil
}

// match moves to the next line of a page, or the next row, that fits the filter.
func (a *App) match(n int) tea.Cmd {
	if len(a.pages) == 0 {
		return a.move(n)
	}
	if a.filter.Text == "" {
		a.message = "/ says what to search for."
		return nil
	}
	p := a.pages[len(a.pages)-1]
	lines := p.text(a.width)
	for i := p.top + n; i >= 0 && i < len(lines); i += n {
		if a.matches(lines[i]) {
			p.top = i
			return nil
		}
	}
	a.message = "No more lines with " + a.filter.Text + "."
	return nil
}

func (a *App) askSort() tea.Cmd {
	panels := a.panels()
	i := a.focused(panels)
	if i < 0 || !panels[i].search {
		a.message = "The rows of this panel have an order of their own. Tab goes to the next panel."
		return nil
	}
	m := &menu{title: "SORT " + panels[i].name + " BY"}
	for _, c := range panels[i].table.Columns {
		m.items = append(m.items, item{c.Name, c.Help, func(a *App) tea.Cmd {
			pick := a.pick(&panels[i])
			pick.Sort, pick.Reverse, pick.Cursor, pick.key = c.Name, false, 0, ""
			return nil
		}})
	}
	a.menu = m
	return nil
}

func (a *App) reverse() tea.Cmd {
	panels := a.panels()
	if i := a.focused(panels); i >= 0 && panels[i].search {
		pick := a.pick(&panels[i])
		pick.Reverse = !pick.Reverse
		pick.Cursor, pick.key = 0, ""
	}
	return nil
}

func (a *App) nextRefresh() tea.Cmd {
	for i, r := range refreshes {
		if r == a.refresh {
			a.refresh = refreshes[(i+1)%len(refreshes)]
			break
		}
	}
	a.message = "Every state is shown."
	if a.refresh > 0 {
		a.message = "A new state is shown at most every " + a.refresh.String() + "."
	}
	return nil
}

// help lists all keys, palette all actions: the same table in two orders.
func (a *App) help() tea.Cmd {
	m := &menu{title: "KEYS, the same on every screen"}
	for _, c := range actions() {
		m.items = append(m.items, item{c.keyNames(), c.name + ": " + c.help, c.do})
	}
	a.menu = m
	return nil
}

func (a *App) palette() tea.Cmd {
	m := &menu{title: "WHAT TO DO"}
	for _, c := range actions() {
		m.items = append(m.items, item{c.name, c.keyNames() + "  " + c.help, c.do})
	}
	a.menu = m
	return nil
}

// explain says what the numbers of the focused panel mean.
func (a *App) explain() tea.Cmd {
	if a.view == nil {
		return nil
	}
	if f, ok := a.findingAsked(); ok {
		if p := a.why(f); p != nil {
			a.show(p)
			return nil
		}
	}
	panels := a.panels()
	i := a.focused(panels)
	if i < 0 {
		return nil
	}
	style := a.options.Theme.style()
	name, columns := panels[i].name, []widget.Column{}
	if panels[i].table != nil {
		columns = panels[i].table.Columns
	}
	question := screens[a.screen].question
	a.show(&page{title: "WHAT IS THIS: " + name, text: func(width int) []widget.Line {
		out := append(style.Paragraph(" ", widget.Plain, "This screen says "+question+".", widget.Plain, width), nil)
		for _, c := range columns {
			if c.Help != "" {
				out = append(out, style.Paragraph(" "+style.Fit(c.Name, 14)+" ", widget.Strong, c.Help, widget.Plain, width)...)
			}
		}
		out = append(out, nil)
		for _, text := range commonHelp {
			out = append(out, style.Paragraph(" ", widget.Plain, text, widget.Faint, width)...)
		}
		return out
	}})
	return nil
}

// commonHelp is true of all numbers.
var commonHelp = []string{
	"-- stands where a number is not known; it is never shown as 0.",
	"Figures are of the window named in the header, in UTC. Quantiles are within 1 % of the truth; counts, sums, least and most are exact.",
	"Curves span the window, end at the cursor, and reach from zero to their own peak.",
}

func (a *App) redraw() tea.Cmd {
	call(a.options.Terminal.Repaint)
	return nil
}

func (a *App) suspend() tea.Cmd {
	if stop := a.options.Terminal.Suspend; stop == nil || !stop() {
		a.message = "There is no shell that could have it go on: q quits."
	}
	return nil
}

func (a *App) copyRow() tea.Cmd {
	text := ""
	if len(a.pages) > 0 {
		p := a.pages[len(a.pages)-1]
		if text = p.copy; p.copied != nil {
			text = p.copied()
		}
	} else if _, row, ok := a.row(); ok {
		if text = row.Copy; text == "" && len(row.Cells) > 0 {
			var cells []string
			for _, c := range row.Cells {
				cells = append(cells, c.Text)
			}
			text = strings.Join(cells, "\t")
		}
	}
	// One line: a line's end would run what was pasted into a shell.
	return a.copy(show.OneLine(text, false))
}

func (a *App) copyMarkdown() tea.Cmd {
	if len(a.pages) > 0 {
		return a.copy(a.pages[len(a.pages)-1].markdown())
	}
	if a.view == nil {
		return nil
	}
	if p, row, ok := a.row(); ok && p.open != nil {
		if page := p.open(row.Key); page != nil && page.md != "" {
			return a.copy(page.md)
		}
	}
	return a.copy(report.VerdictMarkdown(a.view.report))
}

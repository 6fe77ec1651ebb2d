package ui

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/analyzers"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// explainTimeout bounds how long a reader waits for a plan; the server has its own limit.
const explainTimeout = 5 * time.Second

// A planMsg is what the server answered.
type planMsg struct {
	key, id string // of the class
	server  string // whose it is, of several
	columns []string
	rows    [][]string
	err     error
}

// askPlan has the server explain the slowest statement of the class that is looked at.
func (a *App) askPlan() tea.Cmd {
	c, server := a.classAsked()
	switch {
	case c == nil:
		a.message = "Choose a statement first: screen 4."
	case a.options.Explain == nil:
		a.message = "A plan needs a server: dbtriage live --mysql user@host."
	case c.Worst.Offset < 0 && strings.Contains(c.Worst.SQL, "?"):
		a.message = "performance_schema keeps this statement without its literals: there is no plan without them."
	case c.Worst.SQL == "":
		a.message = "No statement of this class was kept as it was written."
	case len(c.Worst.SQL) >= analyzers.MaxExample:
		a.message = "The statement is too long: only its beginning was kept."
	default:
		a.message = "The server is asked for the plan…"
		explain, schema, statement, m := a.options.Explain, c.Worst.Schema, c.Worst.SQL, planMsg{key: c.ID + c.Fingerprint, id: c.ID, server: server}
		address := a.view.serverOf(c.Worst.Source)
		of := a.ctx
		return func() tea.Msg {
			ctx, cancel := context.WithTimeout(of, explainTimeout)
			defer cancel()
			m.columns, m.rows, m.err = explain(ctx, address, schema, statement)
			return m
		}
	}
	return nil
}

// classAsked is the class of the page on top, or of the row under the cursor, and the server that it is of.
func (a *App) classAsked() (c *analyzers.Class, server string) {
	if a.view == nil {
		return nil, ""
	}
	if n := len(a.pages); n > 0 {
		return a.view.classOn(&a.pages[n-1].page)
	}
	p, row, ok := a.row()
	if !ok || p.open == nil {
		return nil, ""
	}
	page := p.open(row.Key)
	if page == nil {
		return nil, ""
	}
	return a.view.classOn(page)
}

// classOn is the class that a page is about.
func (v *view) classOn(p *page) (c *analyzers.Class, server string) {
	return v.on(p.server).classOf(p.query), p.server
}

func (a *App) showPlan(m planMsg) {
	a.message = ""
	if m.err != nil {
		a.message = "No plan: " + show.Line(m.err.Error())
		return
	}
	style := a.options.Theme.style()
	var all []string
	for _, row := range m.rows {
		all = append(all, strings.Join(row, "\t"))
	}
	a.show(&page{
		title: "PLAN of " + m.id + ", EXPLAIN of the slowest statement", query: m.key, server: m.server,
		copy: strings.Join(append([]string{strings.Join(m.columns, "\t")}, all...), "\n"),
		text: func(width int) []widget.Line {
			var out []widget.Line
			for i, row := range m.rows {
				if i > 0 {
					out = append(out, nil)
				}
				for k, cell := range row {
					role := widget.Plain
					if alarming(m.columns[k], cell) {
						role = widget.Strong
					}
					out = append(out, style.Paragraph(" "+show.Left(show.Line(m.columns[k]), 14), widget.Faint, show.Line(cell), role, width)...)
				}
			}
			return out
		},
	})
}

// alarming marks what is read first in a plan: a scan of all, no key, a sort or a temporary table.
func alarming(column, cell string) bool {
	switch column {
	case "type":
		return cell == "ALL" || cell == "index"
	case "Extra":
		return strings.Contains(cell, "filesort") || strings.Contains(cell, "temporary") || strings.Contains(cell, "join buffer")
	}
	return false
}

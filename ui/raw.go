package ui

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/ui/session"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// rawTimeout bounds the search for a place in a compressed log.
const rawTimeout = 20 * time.Second

// A rawMsg is a record of a log as it stands there.
type rawMsg struct {
	place spot
	text  string
	cut   bool
	err   error
}

// A spot is where the record stands that a page or a row is about.
type spot struct {
	source string // empty for none
	offset int64
}

func (s spot) text() string { return s.source + " at byte " + show.Count(s.offset) }

// askRaw reads the slowest record of what is looked at from its log. It holds literals: that is why it
// takes a key of its own.
func (a *App) askRaw() tea.Cmd {
	at := a.spotAsked()
	switch {
	case at.source == "":
		a.message = "Choose a statement (4) or a route (5) first: its slowest record is read from the log."
		return nil
	case at.offset < 0:
		a.message = "The server's own books have no lines to be read."
		return nil
	}
	inputs := a.options.Inputs
	a.message = "Reading " + show.Line(at.text()) + "…"
	of := a.ctx
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(of, rawTimeout)
		defer cancel()
		m := rawMsg{place: at}
		var text []byte
		text, m.cut, m.err = session.RawRecord(ctx, inputs, at.source, at.offset)
		m.text = string(text)
		return m
	}
}

// spotAsked is the place of the page on top, or of the row under the cursor.
func (a *App) spotAsked() spot {
	if c, _ := a.classAsked(); c != nil {
		return spot{c.Worst.Source, c.Worst.Offset}
	}
	if n := len(a.pages); n > 0 {
		return a.pages[n-1].raw
	}
	p, row, ok := a.row()
	if !ok || p.open == nil {
		return spot{}
	}
	page := p.open(row.Key)
	if page == nil {
		return spot{}
	}
	return page.raw
}

func (a *App) showRaw(m rawMsg) {
	a.message = ""
	if m.err != nil {
		a.message = "No record: " + show.Line(m.err.Error())
		return
	}
	style := a.options.Theme.style()
	text := m.text
	if m.cut {
		text += "\n… (it goes on)"
	}
	a.show(&page{title: "RECORD in " + show.Line(m.place.text()), copy: m.text, text: func(width int) []widget.Line {
		var out []widget.Line
		for line := range strings.SplitSeq(text, "\n") {
			out = append(out, style.Paragraph(" ", widget.Plain, line, widget.Plain, width)...)
		}
		return out
	}})
}

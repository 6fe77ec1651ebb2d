package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// wheelRows is how far a notch of the wheel goes.
const wheelRows = 3

// mouse takes in what the mouse does, where the reader asked for it: the wheel moves or scrolls, a click
// chooses a screen or a row, a click on the chosen row opens it, the right button goes back.
func (a *App) mouse(msg tea.MouseMsg) tea.Cmd {
	if msg.Action != tea.MouseActionPress || a.prompt != nil || a.view == nil {
		return nil
	}
	a.message = ""
	wheel := map[tea.MouseButton]int{tea.MouseButtonWheelUp: -wheelRows, tea.MouseButtonWheelDown: wheelRows}[msg.Button]
	switch {
	case msg.Button == tea.MouseButtonRight:
		if a.menu != nil {
			a.menu = nil
			return nil
		}
		return a.back()
	case a.menu != nil:
		a.menu.cursor = min(max(a.menu.cursor+wheel, 0), max(len(a.menu.found())-1, 0))
	case wheel != 0:
		if len(a.pages) == 0 {
			a.point(msg.X, msg.Y, false)
		}
		return a.move(wheel)
	case msg.Button == tea.MouseButtonLeft && msg.Y == 1:
		return a.clickTab(msg.X)
	case msg.Button == tea.MouseButtonLeft && len(a.pages) == 0:
		if again := a.point(msg.X, msg.Y, true); again {
			return a.open()
		}
	}
	return nil
}

// clickTab goes to the screen whose name stands at a column of the second line.
func (a *App) clickTab(x int) tea.Cmd {
	at := 0
	for i, span := range a.tabs() {
		if at += show.Columns(span.Text); x < at {
			return a.goTo(i)
		}
	}
	return nil
}

// point gives the cursor to the panel at a place, and with row to the row there. It reports whether
// the row had it already.
func (a *App) point(x, y int, row bool) (again bool) {
	top := len(a.head())
	panels := a.panels()
	focus := a.focused(panels)
	for _, p := range arrange(panels, a.width, a.bodyHeight(), a.zoomedPanel(focus)) {
		at := y - top - p.y
		if !a.takesFocus(p.panel) || x < p.x || x >= p.x+p.width || at < 0 || at >= p.height {
			continue
		}
		a.focus[a.screen] = p.index
		if p.panel.table == nil {
			return false
		}
		lines := p.height
		for _, there := range []bool{p.panel.name != "", !p.panel.table.Bare} { // heading, names of the columns
			if there {
				at, lines = at-1, lines-1
			}
		}
		rows, pick := a.rows(p.panel)
		i := widget.Window(pick.Cursor, len(rows), lines) + at
		if !row || at < 0 || i >= len(rows) {
			return false
		}
		again = p.index == focus && i == pick.Cursor
		chosen := a.pick(p.panel)
		chosen.Cursor, chosen.key = i, rows[i].Key
		return again
	}
	return false
}

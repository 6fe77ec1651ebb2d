package ui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

// lineOf returns where a text stands on the screen.
func lineOf(t *testing.T, a *App, text string) (x, y int) {
	t.Helper()
	for y, line := range a.Lines() {
		if x := strings.Index(line, text); x >= 0 {
			return len([]rune(line[:x])), y
		}
	}
	t.Fatalf("%q is not on the screen:\n%s", text, strings.Join(a.Lines(), "\n"))
	return 0, 0
}

// A click goes to a screen, chooses a row and opens it; the wheel moves, the right button goes back.
func TestMouse(t *testing.T) {
	a := demoApp(100, 30)
	a.options.Theme = Theme{}
	click := func(button tea.MouseButton, x, y int) {
		t.Helper()
		if _, cmd := a.Update(tea.MouseMsg{X: x, Y: y, Action: tea.MouseActionPress, Button: button}); cmd != nil {
			a.Update(cmd())
		}
	}
	left := func(text string) {
		t.Helper()
		x, y := lineOf(t, a, text)
		click(tea.MouseButtonLeft, x+1, y)
	}
	left("4 Queries")
	if a.screen != 3 {
		t.Fatalf("screen %d", a.screen)
	}
	left("#92394AD")
	shows(t, a, ">#92394AD")
	left("#92394AD")
	shows(t, a, "QUERY 92394AD")
	click(tea.MouseButtonRight, 0, 0)
	_, y := lineOf(t, a, "#A3F28DC")
	click(tea.MouseButtonWheelDown, 5, y)
	if rows, pick := a.rows(&a.panels()[0]); pick.Cursor != min(6, len(rows)-1) {
		t.Errorf("the wheel moved to row %d of %d", pick.Cursor, len(rows))
	}
	for y := range 30 { // wherever it is clicked
		for x := 0; x < 100; x += 7 {
			click(tea.MouseButtonLeft, x, y)
			if len(a.Lines()) != 30 {
				t.Fatalf("a click at %d, %d", x, y)
			}
		}
	}
}

// The arrows bring back the filters typed before.
func TestFilterHistory(t *testing.T) {
	a := demoApp(100, 30)
	press(t, a, "4", "/", "orders", "enter", "/", "ctrl+u", "carts", "enter", "/", "ctrl+u")
	up := func(key tea.KeyType) string {
		a.Update(tea.KeyMsg{Type: key})
		return a.prompt.text
	}
	if got := []string{up(tea.KeyUp), up(tea.KeyUp), up(tea.KeyUp), up(tea.KeyDown), up(tea.KeyDown)}; strings.Join(got, ",") != "carts,orders,orders,carts," {
		t.Errorf("%q", got)
	}
}

// A panel that has the whole screen shows the statement under the cursor in full.
func TestZoomWraps(t *testing.T) {
	a := demoApp(60, 20)
	press(t, a, "4", "z", "/", "tracking_no", "enter")
	text := strings.Join(a.Lines(), "\n")
	if !strings.Contains(text, "\n tracking_no = ?") {
		t.Errorf("%s", text)
	}
}

// o reads the slowest record from its log; what stands there is hostile text.
func TestRawRecord(t *testing.T) {
	a := demoApp(100, 30)
	read := func(keys ...string) {
		t.Helper()
		press(t, a, keys...)
		if cmd := a.askRaw(); cmd != nil {
			a.Update(cmd())
		}
	}
	read("4")
	shows(t, a, "RECORD in ")
	shows(t, a, "# Query_time: 0.14")
	shows(t, a, "tracking_no = '")
	read("esc", "5")
	shows(t, a, "GET /track/")
	read("esc", "6")
	shows(t, a, "# Query_time: 0.14")
	read("esc", "7")
	shows(t, a, "Choose a statement")
	a.Update(rawMsg{place: spot{source: "a\x1b[2J"}, text: "x\x1b]0;owned\ay"})
	if s := strings.Join(a.Lines(), "\n"); strings.Contains(s, "\x1b]0") || strings.Contains(s, "\x1b[2J") {
		t.Errorf("%q", s)
	}
}

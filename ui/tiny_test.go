package ui

import (
	"strings"
	"testing"
)

// On a terminal too small for the screens keys still show what they do.
func TestTinyTerminal(t *testing.T) {
	for _, size := range [][2]int{{20, 5}, {39, 9}, {120, 5}, {30, 30}} {
		a := shownApp(liveState(), size[0], size[1], Theme{})
		shows(t, a, "LIVE")
		shows(t, a, "HOST is at fault")
		press(t, a, " ")
		shows(t, a, "FROZEN")
		press(t, a, "L")
		shows(t, a, "LIVE")
		press(t, a, "/", "orders")
		shows(t, a, "orders_")
		press(t, a, "esc")
		hides(t, a, "_")
		press(t, a, "t", "noon", "enter")
		shows(t, a, "noon_")
		shows(t, a, "no time")
		press(t, a, "esc", "3")
		shows(t, a, "MySQL")
		press(t, a, "m")
		shows(t, a, "baseline")
		press(t, a, "!")
		shows(t, a, "SOURCES")
		press(t, a, "esc", "?")
		shows(t, a, "search:")
		press(t, a, "esc")
		shows(t, a, "HOST is at fault")
	}
	a := shownApp(liveState(), 30, 1, Theme{})
	shows(t, a, "HOST is at fault")
	press(t, a, "/", "o")
	shows(t, a, "o_")
	a = shownApp(nil, 20, 5, Theme{})
	shows(t, a, "reading")
}

// What is typed shows its end, however narrow the terminal and long the text; what is wrong comes next.
func TestPromptFits(t *testing.T) {
	a := demoApp(40, 12)
	press(t, a, "t", "14:02")
	shows(t, a, "go to: 14:02_")
	press(t, a, "esc", "t", "25:99:99", "enter")
	shows(t, a, "25:99:99_  no time")
	press(t, a, "esc", "/", strings.Repeat("x", 60)+"end")
	shows(t, a, "xend_")
	a = demoApp(80, 24)
	press(t, a, "x")
	shows(t, a, "to (.md .txt .html .json; .csv: this table): dbtriage-")
}

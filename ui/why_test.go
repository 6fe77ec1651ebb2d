package ui

import (
	"strings"
	"testing"
)

// i on a finding says which conditions are met, with numbers; elsewhere what the columns mean.
func TestWhy(t *testing.T) {
	a := demoApp(100, 40)
	press(t, a, "6", "i")
	shows(t, a, "WHY Q02")
	shows(t, a, "conditions are met")
	text := strings.Join(a.Lines(), "\n")
	if strings.Count(text, " when ") < 2 || !strings.Contains(text, "against") {
		t.Errorf("%s", text)
	}
	press(t, a, "esc", "enter", "i")
	shows(t, a, "WHY Q02")
	press(t, a, "esc", "esc", "4", "i")
	shows(t, a, "WHAT IS THIS: QUERIES")
}

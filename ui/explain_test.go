package ui

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// X shows the plan that the server gives, or why there is none; what the server says is hostile text.
func TestAskPlan(t *testing.T) {
	a := demoApp(100, 30)
	ask := func(keys ...string) {
		t.Helper()
		press(t, a, keys...)
		if cmd := a.askPlan(); cmd != nil {
			a.Update(cmd())
		}
	}
	text := func() string { return strings.Join(a.Lines(), "\n") }
	ask("4")
	if !strings.Contains(text(), "needs a server") {
		t.Errorf("without a server: %s", text())
	}
	a.options.Explain = func(_ context.Context, address, schema, statement string) ([]string, [][]string, error) {
		if schema == "" || !strings.HasPrefix(strings.ToLower(statement), "select") {
			t.Errorf("asked about %q in %q", statement, schema)
		}
		return []string{"table", "type", "Extra"}, [][]string{{"orders", "ALL", "Using where\x1b]0;owned\a"}}, nil
	}
	ask()
	if s := text(); !strings.Contains(s, "PLAN of") || !strings.Contains(s, "ALL") || strings.Contains(s, "\x1b]0") {
		t.Errorf("the plan: %q", s)
	}
	ask("esc", "enter")
	if !strings.Contains(text(), "PLAN of") {
		t.Errorf("from the opened statement: %s", text())
	}
	press(t, a, "esc")
	a.options.Explain = func(context.Context, string, string, string) ([]string, [][]string, error) {
		return nil, nil, errors.New("denied\x1b[2J")
	}
	ask()
	if s := text(); !strings.Contains(s, "No plan: denied") || strings.Contains(s, "\x1b[2J") {
		t.Errorf("a refusal: %q", s)
	}
}

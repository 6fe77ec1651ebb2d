package ui

import (
	"strings"
	"testing"

	"dbtriage/collectors"
	"dbtriage/ui/session"
)

// words is what is shown, as one line.
func words(a *App) string { return strings.Join(strings.Fields(a.View()), " ") }

// What stands in place of rows is shown whole.
func TestTextInPlaceOfRowsIsWhole(t *testing.T) {
	st := *emptyState()
	for _, c := range []struct{ key, ends string }{{"4", "or name it with --slow-log."}, {"5", "each layer's time can be told."}} {
		for _, size := range [][2]int{{60, 20}, {80, 24}, {100, 30}, {120, 40}, {200, 50}} {
			a := shownApp(&st, size[0], size[1], Theme{})
			press(t, a, c.key)
			if !strings.Contains(words(a), c.ends) {
				t.Errorf("%v: %q is cut:\n%s", size, c.ends, a.View())
			}
		}
	}
	a := shownApp(&st, 40, 10, Theme{}) // and where it is not, that is marked
	press(t, a, "5")
	shows(t, a, "…")
}

// Without statements the screen names the place they would come from, and what is missing there.
func TestNoStatements(t *testing.T) {
	show := func(change func(*session.State)) string {
		a := shownApp(changedLive(change), 120, 40, Theme{})
		press(t, a, "4")
		return words(a)
	}
	book := func(format string) func(*session.State) {
		return func(st *session.State) {
			s := *st.Diagnosis.Snapshot
			s.Sources = []collectors.Source{{Path: format + " of mysql", Role: "db", Format: format}}
			st.Diagnosis.Snapshot = &s
		}
	}
	for _, c := range []struct {
		name, want string
		change     func(*session.State)
	}{
		{"performance_schema", "performance_schema counted no statement in this window.", book("performance_schema")},
		{"the table", "The table mysql.slow_log holds no statement in this window.", book("mysql.slow_log")},
		{"a slow log", "The slow log holds no statement in this window.", book("mysql slow log")},
		{"named", "No statements of the server yet", func(*session.State) {}},
		{"nothing named", "name a slow log with --slow-log, or the server with --mysql", func(st *session.State) { st.Sources = st.Sources[:1] }},
		{"denied", "does not show its statements: SELECT command denied. GRANT SELECT ON performance_schema.* TO 'mon'@'%'", func(st *session.State) {
			st.Latest[1].Missing = []collectors.Missing{{What: "statements by digest", Why: "SELECT command denied", Provide: "GRANT SELECT ON performance_schema.* TO 'mon'@'%'"}}
		}},
	} {
		if got := show(c.change); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q is not in\n%s", c.name, c.want, got)
		}
	}
}

package ui

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/collectors"
	"dbtriage/ui/session"
)

// An opened page tells of the state that is shown now, and says when its row is not in it.
func TestPageFollows(t *testing.T) {
	a := demoApp(100, 30)
	press(t, a, "4", "enter")
	shows(t, a, "421 times")
	next := func(change func(*session.State)) {
		st := *demoState()
		snapshot := *st.Diagnosis.Snapshot
		snapshot.Digest = snapshot.Digest.Clone()
		st.Diagnosis.Snapshot = &snapshot
		change(&st)
		a.shownAt = time.Time{}
		a.take(&st)
	}
	next(func(st *session.State) {
		for _, c := range st.Diagnosis.Snapshot.Digest.Classes {
			c.Time.Count += 1000
		}
	})
	shows(t, a, "1,421 times")
	next(func(st *session.State) { clear(st.Diagnosis.Snapshot.Digest.Classes) })
	shows(t, a, "not in what is shown now")
	shows(t, a, "1,421 times")
}

// What does not fit a panel of text is said, and can be scrolled and zoomed.
func TestTextPanels(t *testing.T) {
	a := shownApp(demoState(), 200, 40, Theme{})
	press(t, a, "6")
	shows(t, a, "SELECTED")
	press(t, a, "4", "tab")
	for range 5 {
		if p := a.panels(); p[a.focused(p)].name == "SELECTED" {
			break
		}
		press(t, a, "tab")
	}
	p := a.panels()
	if p[a.focused(p)].name != "SELECTED" {
		t.Fatal("Tab does not come to the text")
	}
	press(t, a, "enter")
	if !a.zoomed {
		t.Error("Enter gives it no room")
	}
	b := shownApp(demoState(), 200, 24, Theme{})
	text := strings.Join(b.Lines(), "\n")
	if !strings.Contains(text, "more lines: Tab and z show them") {
		t.Errorf("text is cut and nothing says so:\n%s", text)
	}
}

// A filter that nothing fits is not told as a lack of data, and Esc in its line leaves the one before.
func TestFilterWithoutRows(t *testing.T) {
	a := demoApp(100, 30)
	press(t, a, "4", "/", "zzz", "enter")
	shows(t, a, "No row fits the filter zzz")
	press(t, a, "/", "ctrl+u", "orders", "esc")
	if a.filter.Text != "zzz" {
		t.Errorf("the filter is %q", a.filter.Text)
	}
	press(t, a, "esc", "7", "2", "esc")
	if screens[a.screen].name != "Timeline" {
		t.Errorf("Esc goes to %s", screens[a.screen].name)
	}
}

// The figures of "now" are of the newest reading, not of the last judgement.
func TestNow(t *testing.T) {
	st := *liveState()
	st.Look.Cursor = collectors.NoTime
	reading := func(at int64, questions float64) []collectors.Reading {
		return []collectors.Reading{{At: at, Source: "mysql db-prod-1", Role: "db", Samples: []collectors.Sample{
			{At: at, Name: "mysql.status.Questions", Value: questions}, {At: at, Name: "mysql.status.Threads_running", Value: 77},
		}}}
	}
	later := st.At + 5e6
	st.Latest = reading(later, 1e6+500)
	v := newView(&st, Options{})
	v.earlier = reading(later-1e6, 1e6)
	if g, ok := v.gauge("db-prod-1", "db", "mysql.status.Threads_running", ""); !ok || g.now != 77 || g.mean == 77 {
		t.Errorf("%+v", g.now)
	}
	if g, ok := v.rate("db-prod-1", "Questions"); !ok || g.now != 500 || math.Abs(g.mean-400) > 10 {
		t.Errorf("now %v, mean %v", g.now, g.mean)
	}
	st.Look.Cursor = st.At
	if g, _ := newView(&st, Options{}).gauge("db-prod-1", "db", "mysql.status.Threads_running", ""); g.now == 77 {
		t.Error("a look back shows what is now")
	}
}

// A search without a match by words goes by letters.
func TestMenuByLetters(t *testing.T) {
	a := demoApp(100, 30)
	press(t, a, ":")
	for _, r := range "cmpr" {
		a.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
	}
	shows(t, a, "compare")
}

// x writes the table under the cursor as CSV, and what changed since the baseline below a report.
func TestExportTableAndDelta(t *testing.T) {
	a := demoApp(120, 30)
	dir := t.TempDir()
	write := func(name string) string {
		t.Helper()
		a.askExport()
		cmd, err := a.prompt.done(a, filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		a.prompt = nil
		a.Update(cmd())
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	press(t, a, "4")
	rows, err := csv.NewReader(strings.NewReader(write("q.csv"))).ReadAll()
	if err != nil || len(rows) != 13 || rows[0][0] != "id" || rows[1][0] != "#A3F28DC" || rows[12][2] != "100%" {
		t.Errorf("%v %v", err, rows)
	}
	if strings.Contains(write("a.md"), "Compared with the baseline") {
		t.Error("there is no baseline yet")
	}
	press(t, a, "m")
	if text := write("b.md"); !strings.Contains(text, "## Compared with the baseline") || !strings.Contains(text, "x1") {
		t.Errorf("no change since the baseline: %s", text[max(len(text)-500, 0):])
	}
	if _, err := formatOf("x.exe"); err == nil || strings.Contains(err.Error(), "exe") {
		t.Errorf("%v", err)
	}
}

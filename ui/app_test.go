package ui

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/ui/session"
)

// press types keys, named as bubbletea names them, and runs the commands they start.
func press(t *testing.T, a *App, keys ...string) {
	t.Helper()
	special := map[string]tea.KeyType{"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "backspace": tea.KeyBackspace, "ctrl+u": tea.KeyCtrlU, "down": tea.KeyDown}
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		if kind, ok := special[k]; ok {
			msg = tea.KeyMsg{Type: kind}
		} else if k == " " {
			msg.Type = tea.KeySpace
		}
		_, cmd := a.Update(msg)
		if cmd == nil {
			continue
		}
		if done, ok := cmd().(doneMsg); ok {
			a.Update(done)
		}
	}
}

func shows(t *testing.T, a *App, text string) {
	t.Helper()
	if !strings.Contains(a.View(), text) {
		t.Fatalf("%q is not shown:\n%s", text, a.View())
	}
}

func hides(t *testing.T, a *App, text string) {
	t.Helper()
	if strings.Contains(a.View(), text) {
		t.Fatalf("%q is shown:\n%s", text, a.View())
	}
}

func demoApp(width, height int) *App { return shownApp(demoState(), width, height, Theme{}) }

// Keys that are typed quickly arrive as one and mean the same; what is pasted means nothing.
func TestKeysThatArriveTogether(t *testing.T) {
	a := demoApp(100, 30)
	press(t, a, "4/orders")
	shows(t, a, "filter (word")
	if a.prompt.text != "orders" {
		t.Errorf("typed %q", a.prompt.text)
	}
	press(t, a, "esc")
	a.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("7q"), Paste: true})
	if a.screen != 3 {
		t.Errorf("what was pasted went to screen %d", a.screen)
	}
}

func TestFilterSortAndOpen(t *testing.T) {
	a := demoApp(120, 40)
	press(t, a, "4", "/", "kind:write", "enter")
	shows(t, a, "fit the filter")
	shows(t, a, "insert into carts")
	hides(t, a, "select id, sku")
	press(t, a, "esc")
	shows(t, a, "select id, sku")
	press(t, a, "/", "!select", "enter")
	hides(t, a, "select id, sku")
	press(t, a, "esc", "/", "(", "enter")
	shows(t, a, "is no regular expression")
	press(t, a, "esc", "s", "calls", "enter")
	shows(t, a, "calls▾")
	panels := a.panels()
	rows, _ := a.rows(&panels[0])
	for i := 1; i < len(rows); i++ {
		if rows[i].Cells[4].By > rows[i-1].Cells[4].By {
			t.Fatalf("row %d has more calls than the one before", i)
		}
	}
	press(t, a, "S")
	shows(t, a, "calls▴")
	press(t, a, "G", "enter")
	shows(t, a, "QUERY ")
	press(t, a, "esc")
	shows(t, a, "TABLES")
}

// The cursor stays on its row when rows change their order.
func TestCursorStaysOnItsRow(t *testing.T) {
	a := demoApp(120, 40)
	press(t, a, "4", "j", "j")
	_, before, _ := a.row()
	pick := a.pick(&a.panels()[0])
	pick.Sort = "statement"
	if _, after, _ := a.row(); after.Key != before.Key {
		t.Errorf("the cursor moved from %q to %q", before.Copy, after.Copy)
	}
}

// Statements are shown without their literals, unless samples were asked for.
func TestLiteralsOnlyWithSamples(t *testing.T) {
	for _, samples := range []bool{false, true} {
		a := shownApp(demoState(), 120, 60, Theme{})
		a.options.Samples = samples
		a.view = newView(demoState(), a.options)
		press(t, a, "4", "enter")
		worst := a.view.report.Classes[0].Worst.SQL
		literal := worst[strings.LastIndex(worst, "'TN")+1:]
		if got := strings.Contains(a.View(), literal[:6]); got != samples {
			t.Errorf("samples %v: literal %q shown: %v\n%s", samples, literal[:6], got, a.View())
		}
	}
}

// Frozen, the screen stands still while states come; going on shows the newest.
func TestFreeze(t *testing.T) {
	a := shownApp(liveState(), 100, 30, Theme{})
	src := a.source.(*still)
	press(t, a, " ")
	shows(t, a, "FROZEN")
	if n := len(src.asked); n != 1 || src.asked[0].Cursor != liveState().At {
		t.Fatalf("asked for %+v", src.asked)
	}
	// The answer to the look: the same instant.
	answer := *liveState()
	answer.Seq, answer.Look = 8, src.asked[0]
	a.take(&answer)
	body := func() string { return strings.Join(a.Lines()[1:], "\n") }
	frozen, headers := body(), map[string]bool{}
	for i := range int64(150) {
		later := answer
		later.Seq, later.To, later.Own.CPU = 9+i, later.To+i*1e6, float64(i)
		a.take(&later)
		if body() != frozen {
			t.Fatal("a frozen screen changes")
		}
		headers[a.Lines()[0]] = true
		switch i {
		case 7:
			shows(t, a, "FROZEN 7s ago")
		case 19:
			shows(t, a, "FROZEN 10s ago")
		case 149:
			shows(t, a, "FROZEN 2m ago")
		}
	}
	if n := len(headers); n > 17 {
		t.Errorf("its age takes %d frames in 150 s", n)
	}
	press(t, a, "L")
	hides(t, a, "FROZEN")
	if got := src.asked[len(src.asked)-1].Cursor; got != collectors.NoTime {
		t.Errorf("live asks for %d", got)
	}
}

func TestStepAndTime(t *testing.T) {
	a := shownApp(liveState(), 100, 30, Theme{})
	src := a.source.(*still)
	cursor := func() int64 { return src.asked[len(src.asked)-1].Cursor }
	st := liveState()
	press(t, a, "[")
	if got := cursor(); got != st.At-1e6 {
		t.Errorf("one sample back is %d µs", got-st.At)
	}
	press(t, a, "{")
	if got := cursor(); got != st.At-11e6 {
		t.Errorf("ten more back are %d µs", got-st.At)
	}
	press(t, a, "}", "}", "}", "]")
	if got := cursor(); got != st.To {
		t.Errorf("beyond the end is %d µs from it", got-st.To)
	}
	press(t, a, "E")
	if got := cursor(); got != epoch+70e6 {
		t.Errorf("the event before is at %d", got-epoch)
	}
	for text, want := range map[string]int64{
		"@onset": epoch + 70e6, "-1m": st.To - 60e6, "-1": st.To - 60e6, "11:07:00": epoch + 20e6, "11:07": epoch + 20e6, "2026-11-18 11:07:30": epoch + 50e6, "2026-11-18T11:07:30Z": epoch + 50e6,
	} {
		press(t, a, "t", text, "enter")
		if got := cursor(); got != want {
			t.Errorf("%s is %d µs after the start, want %d", text, got-epoch, want-epoch)
		}
	}
	press(t, a, "t", "noon", "enter")
	shows(t, a, "no time")
}

func TestWindows(t *testing.T) {
	a := shownApp(liveState(), 100, 30, Theme{})
	src := a.source.(*still)
	var widths []int64
	for range windows {
		press(t, a, "w")
		widths = append(widths, src.asked[len(src.asked)-1].Width)
	}
	for i, want := range []int64{60e6, 300e6, 900e6, 3600e6, 0} {
		if widths[i] != want {
			t.Errorf("window %d is %d µs", i, widths[i])
		}
	}
	press(t, a, "d")
	shows(t, a, "interval 10s") // what is compared and judged, and not how often the live state is read
	press(t, a, "d", "d")
	shows(t, a, "Figures of the window")
}

// G6: on a slow terminal states are shown less often, and the header says so.
func TestSlowTerminal(t *testing.T) {
	a := shownApp(liveState(), 120, 30, Theme{})
	slow := time.Duration(0)
	a.options.Terminal.Cost = func() Cost { return Cost{Slow: slow} }
	now := time.UnixMicro(epoch)
	a.now = func() time.Time { return now }
	shown := func(seconds int) (n int) {
		for i := range seconds {
			now = now.Add(time.Second)
			st := *liveState()
			st.Seq = a.view.state.Seq + int64(i) + 1
			before := a.view
			if a.take(&st); a.view != before {
				n++
			}
		}
		return n
	}
	if n := shown(20); n != 20 {
		t.Errorf("on a fast terminal %d of 20 states are shown", n)
	}
	slow = 400 * time.Millisecond
	if n := shown(20); n != 10 {
		t.Errorf("on a slow terminal %d of 20 states are shown", n)
	}
	shows(t, a, "slow link, every 2s")
	slow = 3 * time.Second
	if n := shown(20); n != 4 {
		t.Errorf("on a very slow terminal %d of 20 states are shown", n)
	}
	shows(t, a, "slow link, every 5s")
}

// What is copied is the text and nothing that acts; through tmux it is wrapped.
func TestCopy(t *testing.T) {
	var sent []string
	a := demoApp(120, 40)
	a.options.Terminal.Send = func(s string) { sent = append(sent, s) }
	press(t, a, "4", "y")
	decode := func(s string) string {
		s = strings.TrimSuffix(strings.TrimPrefix(s, "\x1b]52;c;"), "\x07")
		text, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		return string(text)
	}
	if got := decode(sent[0]); got != a.view.report.Classes[0].Fingerprint {
		t.Errorf("copied %q", got)
	}
	press(t, a, "1", "Y")
	if got := decode(sent[1]); !strings.HasPrefix(got, "### ") && !strings.HasPrefix(got, "**") {
		t.Errorf("copied as Markdown %q", got)
	}
	a = shownApp(hostileState(), 120, 40, Theme{})
	a.options.Terminal.Send = func(s string) { sent = append(sent, s) }
	press(t, a, "6", "y")
	if got := decode(sent[2]); strings.ContainsAny(got, "\x1b\x07\r\n") || strings.Contains(got, "\u202e") {
		t.Errorf("copied %q", got)
	}
	if got := clipboardSequence("x", true); !strings.Contains(got, "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\") {
		t.Errorf("through tmux: %q", got)
	}
}

// The report is written whole, in the format that its name says, and replaces nothing.
func TestExport(t *testing.T) {
	dir := t.TempDir()
	a := demoApp(100, 30)
	for name, begin := range map[string]string{"r.md": "# Diagnosis", "r.txt": "VERDICT", "r.json": "{", "r.html": "<!DOCTYPE html>"} {
		path := filepath.Join(dir, name)
		press(t, a, "x", "ctrl+u", path, "enter")
		text, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(text), begin) || strings.Contains(string(text), "\x1b") {
			t.Errorf("%s: %v, %.40q", name, err, text)
		}
	}
	press(t, a, "x", "ctrl+u", filepath.Join(dir, "r.md"), "enter")
	shows(t, a, "exists already")
	press(t, a, "x", "ctrl+u", filepath.Join(dir, "r.exe"), "enter")
	shows(t, a, "end the name in")
	press(t, a, "esc")
	t.Setenv("HOME", dir)
	press(t, a, "x", "ctrl+u", "~/home.md", "enter")
	shows(t, a, "The report is in "+dir[:8])
	if _, err := os.Stat(filepath.Join(dir, "home.md")); err != nil {
		t.Error(err)
	}
	t.Setenv("HOME", "")
	press(t, a, "x", "ctrl+u", "~/home.md", "enter")
	shows(t, a, "HOME is not set")
}

func TestCompare(t *testing.T) {
	a := demoApp(100, 40)
	press(t, a, "c")
	shows(t, a, "no baseline yet")
	press(t, a, "m", "c")
	shows(t, a, "COMPARED WITH THE BASELINE")
	shows(t, a, "no change beyond noise: request time")
	shows(t, a, "request time, p95")
	shows(t, a, "x1")
}

// What is compared with the baseline, and copied, is what is shown now.
func TestCompareFollows(t *testing.T) {
	a := demoApp(100, 40)
	press(t, a, "m", "c")
	later := *a.view.state
	later.Look = session.Look{Cursor: later.From + 20e6, Width: 10e6}
	snapshot := *later.Diagnosis.Snapshot
	snapshot.Window = analyzers.Window{From: later.From + 10e6, To: later.From + 20e6}
	later.Diagnosis.Snapshot = &snapshot
	later.Seq++
	before := a.View()
	a.take(&later)
	now := spanText(a.view)
	shows(t, a, "now       "+now)
	if strings.Contains(before, "now       "+now) {
		t.Error("the two views are the same: the test says nothing")
	}
	if p := a.pages[0]; !strings.Contains(p.copied(), now) {
		t.Error("what is copied is of before")
	}
}

// S turns the order in force round, and a second S gives it back.
func TestReverse(t *testing.T) {
	a := demoApp(140, 40)
	press(t, a, "4")
	keys := func() (all []string) {
		panels := a.panels()
		rows, _ := a.rows(&panels[a.focused(panels)])
		for _, r := range rows {
			all = append(all, r.Key)
		}
		return all
	}
	first := keys()
	press(t, a, "S")
	turned := keys()
	slices.Reverse(turned)
	if len(first) < 3 || !slices.Equal(turned, first) {
		t.Errorf("%v, then %v", first, turned)
	}
	press(t, a, "S")
	if !slices.Equal(keys(), first) {
		t.Error("a second S does not give the order back")
	}
}

// A batch has no interval: what d goes to is the span that is looked at.
func TestIntervalOfBatch(t *testing.T) {
	st := *demoState()
	st.Mode, st.Interval = session.Batch, 0
	a := shownApp(&st, 100, 30, Theme{})
	press(t, a, "d")
	shows(t, a, "interval 10")
	hides(t, a, "interval 0")
}

// An input in which nothing was found is not described by empty words.
func TestSourceWithoutFormat(t *testing.T) {
	st := *demoState()
	st.Sources = []session.SourceState{{Name: "access.log", Kind: "log", State: "ok", LastAt: collectors.NoTime, Log: &collectors.Source{Path: "access.log", Role: "web", From: collectors.NoTime, To: collectors.NoTime}}}
	a := shownApp(&st, 100, 30, Theme{})
	press(t, a, "!")
	shows(t, a, "read     nothing yet, web: 0 events")
}

// Nothing that was read can act on the terminal, on any screen, page or menu.
func TestHostileText(t *testing.T) {
	for width := 40; width <= 200; width += 40 {
		for i := range screens {
			a := shownApp(hostileState(), width, 30, Theme{Palette: Sixteen})
			a.screen = i
			for _, keys := range [][]string{{"enter"}, {"esc", "!"}, {"esc", "i"}, {"esc", "s"}, {"esc", "e"}, {"z"}, {"v"}, {"tab", "enter"}, {"esc", "y"}, {"m", "c"}} {
				press(t, a, keys...)
				checkFrame(t, screens[i].name+" "+strings.Join(keys, " "), a)
			}
		}
	}
}

// An opened page and a menu fit at every size too.
func TestPagesFit(t *testing.T) {
	for width := 20; width <= 220; width += 40 {
		for height := 5; height <= 60; height += 18 {
			for _, keys := range [][]string{{"enter"}, {"!"}, {"?"}, {":"}, {"i"}, {"m", "c"}, {"/"}, {"t"}, {"x"}, {"4", "enter"}, {"5", "enter"}, {"6", "enter"}, {"7", "enter"}, {"4", "z"}, {"4", "l", "l"}} {
				a := shownApp(demoState(), width, height, Theme{})
				press(t, a, keys...)
				checkFrame(t, strings.Join(keys, " "), a)
			}
		}
	}
}

// Drawing changes nothing: the same state, choices and size give the same frame.
func TestDrawingIsPure(t *testing.T) {
	for _, s := range states {
		for i := range screens {
			a := shownApp(s.of(), 120, 40, Theme{})
			a.screen = i
			if first, second := a.View(), a.View(); first != second {
				t.Errorf("%s %s: the second frame differs", s.name, screens[i].name)
			}
		}
	}
}

// A session that has ended leaves what it showed.
func TestEnded(t *testing.T) {
	a := demoApp(80, 24)
	before := a.View()
	a.Update(stateMsg{})
	if a.View() != before {
		t.Error("the end of the session changes the screen")
	}
}

func BenchmarkFrame(b *testing.B) {
	for _, size := range goldenSizes {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			a := shownApp(demoState(), size[0], size[1], Theme{Palette: Sixteen})
			b.ReportAllocs()
			for b.Loop() {
				a.Lines()
			}
		})
	}
}

// The day is shown where it is not today, on narrow screens too.
func TestDayOfAnotherDay(t *testing.T) {
	for _, c := range []struct {
		width int
		today string
		later string
	}{{40, "| 11:08:40Z", "| 18 Nov 11:08:40Z"}, {60, "| 11:08:40Z", "| 18 Nov 11:08:40Z"}, {80, "| 11:08:40Z", "| 2026-11-18 11:08:40Z"}, {120, "| 2026-11-18 11:08:40Z", "| 2026-11-18 11:08:40Z"}} {
		a := shownApp(liveState(), c.width, 24, Theme{})
		shows(t, a, c.today)
		a.now = func() time.Time { return time.UnixMicro(epoch + 24*3600e6) }
		shows(t, a, c.later)
		if c.width == 60 {
			a.now = func() time.Time { return time.UnixMicro(epoch + 365*24*3600e6) }
			shows(t, a, "| 2026-11-18 11:08:40Z")
		}
	}
}

// While judging lags behind, every screen says of when it is.
func TestJudgedBefore(t *testing.T) {
	for i, s := range screens {
		a := shownApp(liveState(), 80, 24, Theme{})
		a.screen = i
		hides(t, a, "as of")
		st := *liveState()
		st.At, st.To = st.At+12e6, st.To+12e6
		a = shownApp(&st, 80, 24, Theme{})
		a.screen = i
		if header := a.Lines()[0]; !strings.Contains(header, "11:08:52Z | as of 11:08:40") {
			t.Errorf("%s: the header is %s", s.name, header)
		}
	}
}

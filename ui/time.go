package ui

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/collectors"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
)

// The windows that w goes through.
var windows = []struct {
	name string
	us   int64 // 0 is all there is
}{{"1m", 60e6}, {"5m", 300e6}, {"15m", 900e6}, {"1h", 3600e6}, {"all", 0}}

// freeze stands still at what is shown, or goes on.
func (a *App) freeze() tea.Cmd {
	if a.view == nil {
		return nil
	}
	if a.frozen {
		return a.live()
	}
	a.frozen = true
	a.look.Cursor = a.view.state.At
	a.ask()
	return nil
}

// live follows the newest again.
func (a *App) live() tea.Cmd {
	a.frozen = false
	a.look.Cursor = collectors.NoTime
	a.ask()
	if a.newest != nil && a.view != nil && a.newest.Seq != a.view.state.Seq {
		a.view = newView(a.newest, a.options)
		a.view.chooseServer(a.server)
	}
	return nil
}

// goAt stands still at an instant.
func (a *App) goAt(us int64) {
	st := a.view.state
	a.frozen = true
	a.look.Cursor = min(max(us, st.From), st.To)
	a.ask()
}

// step moves the cursor by n samples.
func (a *App) step(n int64) tea.Cmd {
	if a.view == nil || a.view.state.To <= a.view.state.From {
		return nil
	}
	st := a.view.state
	at := a.look.Cursor
	if at == collectors.NoTime {
		at = st.At
	}
	a.goAt(at + n*a.sample())
	return nil
}

// sample is how far one step goes: what lies between two readings, without them a fortieth of what
// there is, in whole seconds.
func (a *App) sample() int64 {
	st := a.view.state
	if st.Interval > 0 {
		return st.Interval
	}
	return max((st.To-st.From)/40/1e6, 1) * 1e6
}

// event goes to the next event in a direction.
func (a *App) event(n int) tea.Cmd {
	if a.view == nil {
		return nil
	}
	st := a.view.state
	at := a.look.Cursor
	if at == collectors.NoTime {
		at = st.At
	}
	var best *session.Event
	all := a.view.events()
	for i := range all {
		e := &all[i]
		if n > 0 && e.At > at && (best == nil || e.At < best.At) || n < 0 && e.At < at && (best == nil || e.At > best.At) {
			best = e
		}
	}
	if best == nil {
		a.message = "There is no event on that side."
		return nil
	}
	a.goAt(best.At)
	a.message = best.Kind + " " + instant(best.At).Format("15:04:05Z") + " " + show.Line(best.Text)
	return nil
}

// events are those of the session and the onset of the verdict, in order.
func (v *view) events() []session.Event {
	all := slices.Clone(v.state.Events)
	if since := v.report.Verdict.Since; since != collectors.NoTime && since != 0 &&
		!slices.ContainsFunc(all, func(e session.Event) bool { return e.Kind == "onset" && e.At == since }) {
		all = append(all, session.Event{At: since, Kind: "onset", Text: v.report.Since("en")})
	}
	slices.SortFunc(all, func(x, y session.Event) int { return int(min(max(x.At-y.At, -1), 1)) })
	return all
}

func (a *App) nextWindow() tea.Cmd {
	a.window = (a.window + 1) % len(windows)
	a.span = "window"
	a.look.Width = windows[a.window].us
	a.ask()
	a.message = "Window: " + windows[a.window].name
	return nil
}

// nextSpan goes from the window to one interval, to all there is, and back.
func (a *App) nextSpan() tea.Cmd {
	if a.view == nil {
		return nil
	}
	switch a.span {
	case "window":
		a.span, a.look.Width = "interval", max(a.sample(), 10e6)
	case "interval":
		a.span, a.look.Width = "total", 0
	default:
		a.span, a.look.Width = "window", windows[a.window].us
	}
	a.ask()
	a.message = "Figures of the " + a.span
	return nil
}

func (a *App) askTime() tea.Cmd {
	if a.view == nil {
		return nil
	}
	a.prompt = &prompt{
		label: "go to (14:02, 14:02:31, -15m, @onset, 2026-11-22 14:02):",
		done: func(a *App, text string) (tea.Cmd, error) {
			at, err := parseTime(text, a.view)
			if err != nil {
				return nil, err
			}
			a.goAt(at)
			return nil, nil
		},
	}
	return nil
}

// parseTime reads an instant in UTC as people type it. A time of day is that of the day shown; what is
// relative counts from the newest.
func parseTime(text string, v *view) (us int64, err error) {
	st := v.state
	if strings.EqualFold(text, "@onset") {
		if since := v.report.Verdict.Since; since != collectors.NoTime && since != 0 {
			return since, nil
		}
		return 0, errors.New("nothing changed here: there is no onset")
	}
	if strings.HasPrefix(text, "-") {
		if n, err := strconv.Atoi(text[1:]); err == nil {
			return st.To - int64(n)*60e6, nil
		}
		if d, err := time.ParseDuration(text[1:]); err == nil {
			return st.To - d.Microseconds(), nil
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UnixMicro(), nil
		}
	}
	day := instant(st.At)
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, strings.TrimSuffix(text, "Z")); err == nil {
			at := time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC).UnixMicro()
			if at > st.To && at-86400e6 >= st.From { // yesterday's
				at -= 86400e6
			}
			return at, nil
		}
	}
	return 0, errors.New("no time: type 14:02, 14:02:31, -15m or @onset")
}

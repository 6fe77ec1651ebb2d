package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"dbtriage/collectors"
	"dbtriage/ui/report"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// The least size of a screen with more than the verdict on it.
const (
	leastWidth  = 40
	leastHeight = 10
)

// Lines draws the whole screen: as many lines as it is high, none wider than it is wide. It changes
// nothing.
func (a *App) Lines() []string {
	frame := a.frame()
	out := make([]string, 0, a.height)
	for _, l := range frame[:min(len(frame), max(a.height, 0))] {
		out = append(out, a.options.Theme.paint(l, a.width))
	}
	for len(out) < a.height {
		out = append(out, "")
	}
	return out
}

func (a *App) frame() []widget.Line {
	style := a.options.Theme.style()
	if a.width < leastWidth || a.height < leastHeight {
		return a.tiny()
	}
	var body []widget.Line
	head := a.head()
	height := a.height - len(head) - 1 // the footer
	switch {
	case a.menu != nil:
		body = a.menu.draw(style, a.width, height)
	case a.view == nil:
		body = []widget.Line{{}, widget.Text(widget.Plain, " Reading. The first verdict comes within a second.")}
	case len(a.pages) > 0:
		body = a.drawPage(a.pages[len(a.pages)-1], height)
	default:
		body = a.body(height)
	}
	for len(body) < height {
		body = append(body, nil)
	}
	return append(append(head, body[:height]...), a.footer())
}

// head is what stands above every screen.
func (a *App) head() []widget.Line {
	head := a.header()
	if a.height < 20 || a.width >= wideFrom { // a rule that long is a twentieth of the bytes of a frame
		return head
	}
	return append(head, a.options.Theme.style().Rule("", "", a.width))
}

// tiny says the verdict where there is room for little else: below it what is typed or has happened, above
// it whether it stands still. What is open is shown all the same.
func (a *App) tiny() []widget.Line {
	style := a.options.Theme.style()
	var foot []widget.Line
	switch {
	case a.prompt == nil && a.message != "":
		foot = style.Limit(style.Paragraph("", widget.Plain, a.message, widget.Strong, a.width), max(a.height/2, 1), a.width)
	case a.prompt != nil || a.height > 3:
		foot = append(foot, a.footer())
	}
	height := max(a.height-len(foot), 0)
	var body []widget.Line
	switch {
	case a.menu != nil:
		body = a.menu.draw(style, a.width, height)
	case a.view == nil:
		body = []widget.Line{widget.Text(widget.Plain, "reading")}
	case len(a.pages) > 0:
		body = a.drawPage(a.pages[len(a.pages)-1], height)
	default:
		room := max(a.width, 8)
		if mode := a.modeWord(); height > 1 {
			text := mode.Text + " " + a.clock() + " " + screens[a.screen].name
			body = style.Limit(style.Paragraph("", widget.Plain, text, mode.Role, room), height/2, a.width)
		}
		r := a.view.report
		verdict := style.Paragraph("", widget.Plain, r.Headline(a.options.Lang), verdictRole(r.Verdict), room)
		body = append(body, style.Limit(verdict, height-len(body), a.width)...)
		if left := height - len(body); left > 0 {
			body = append(body, style.Limit(style.Paragraph("", widget.Plain, r.Verdict.Summary, widget.Plain, room), left, a.width)...)
		}
	}
	for len(body) < height {
		body = append(body, nil)
	}
	return append(body[:height], foot...)
}

// header says where the figures are from and when, and which screens there are.
func (a *App) header() []widget.Line {
	var first widget.Line
	narrow := a.width < 60 // when matters more there than of what and by whom
	if !narrow || a.view == nil {
		first = widget.Line{{Text: "dbtriage ", Role: widget.Strong}}
	}
	if a.view == nil {
		return []widget.Line{first, a.tabs()}
	}
	st := a.view.state
	first = append(first, a.modeWord())
	add := func(role widget.Role, text string) {
		if text != "" {
			first = append(first, widget.Span{Text: " | ", Role: widget.Faint}, widget.Span{Text: text, Role: role})
		}
	}
	if p := st.Progress; p.Total > 0 && p.Read < p.Total {
		add(widget.Warn, strconv.FormatInt(100*p.Read/p.Total, 10)+"% read, provisional")
	}
	if !narrow {
		add(widget.Plain, a.view.machine())
	}
	if v := a.view; v.server != "" && screens[a.screen].ofServer && (a.zoomed || len(a.pages) > 0) { // else the screen says so
		add(widget.Strong, "server "+v.serverPlace())
	}
	add(widget.Plain, a.clock())
	add(widget.Faint, a.view.judgedAt())
	if narrow {
		add(widget.Plain, a.view.machine())
	}
	add(widget.Plain, a.windowText())
	if a.filter.Text != "" {
		add(widget.Warn, "/ "+a.filter.Text)
	}
	if slow := a.slow(); slow > 0 {
		add(widget.Warn, "slow link, every "+show.Duration(float64(a.pace().Microseconds())/0.9))
	}
	add(widget.Plain, recordingText(st))
	add(widget.Plain, sourceMarks(st))
	if a.width >= 120 {
		add(widget.Faint, a.ownText())
	}
	return []widget.Line{first, a.tabs()}
}

// modeWord says whether the figures are of now, of a recording or of logs, and whether they stand still.
func (a *App) modeWord() widget.Span {
	st := a.view.state
	switch {
	case a.frozen:
		text := "FROZEN"
		if age := a.frozenAge(); age > 0 {
			side := " back"
			if st.Mode == session.Live {
				side = " ago"
			}
			text += " " + strings.TrimSuffix(show.Duration(float64(age)), "00s") + side
		}
		if st.Mode != session.Live {
			text += " " + string(st.Mode)
		}
		return widget.Span{Text: text, Role: widget.Warn}
	case st.Mode == session.Live && st.Interval > 0:
		return widget.Span{Text: "LIVE " + show.Duration(float64(st.Interval)), Role: widget.Good}
	case st.Mode == session.Live:
		return widget.Span{Text: "LIVE", Role: widget.Good}
	case st.Mode == session.Replay && st.Ended:
		return widget.Span{Text: "REPLAY ended", Role: widget.Strong}
	}
	return widget.Span{Text: strings.ToUpper(string(st.Mode)), Role: widget.Strong}
}

// frozenAge is how long before the newest the instant is that is shown. It is counted coarsely: a screen
// that stands still should be painted seldom.
func (a *App) frozenAge() int64 {
	if a.newest == nil || a.view.state.At == collectors.NoTime || a.newest.To == collectors.NoTime {
		return 0
	}
	age := max(a.newest.To-a.view.state.At, 0)
	for _, step := range []int64{3600e6, 60e6, 10e6} {
		if age >= step {
			return age / step * step
		}
	}
	return age / 1e6 * 1e6
}

// clock is the instant that is shown, with its day where that is not today.
func (a *App) clock() string {
	at := a.view.state.At
	if at == collectors.NoTime || at == 0 {
		return ""
	}
	const full = "2006-01-02 15:04:05Z"
	shown, now := instant(at), a.now().UTC()
	switch {
	case a.width >= 120:
		return shown.Format(full)
	case shown.Format(time.DateOnly) == now.Format(time.DateOnly):
		return shown.Format("15:04:05Z")
	case a.width < 80 && shown.Year() == now.Year():
		return shown.Format("2 Jan 15:04:05Z")
	}
	return shown.Format(full)
}

// recordingText says how long and how much was recorded.
func recordingText(st *session.State) string {
	switch {
	case st.Recording == "" || st.Mode != session.Live:
		return ""
	case st.RecordedSince > 0:
		return "REC " + show.Duration(float64(st.To-st.RecordedSince)) + " " + show.Size(st.Recorded)
	}
	return "REC"
}

// ownText is what the program takes itself.
func (a *App) ownText() string {
	own := a.view.state.Own
	if own.Memory <= 0 {
		return ""
	}
	text := "self " + show.Share(own.CPU) + " cpu " + show.Size(own.Memory)
	if a.options.Terminal.Cost != nil {
		text += " " + show.Size(int64(a.options.Terminal.Cost().Bytes)) + "/frame"
	}
	return text
}

// windowText says which span of time is looked at.
func (a *App) windowText() string {
	switch {
	case a.span == "interval":
		return "interval " + show.Duration(float64(a.look.Width))
	case a.span == "total":
		return "total"
	case windows[a.window].us == 0:
		return "all"
	}
	return "win " + windows[a.window].name
}

// sourceMarks names the kinds of source, each with + when it answers and ! when it does not.
func sourceMarks(st *session.State) string {
	var marks []string
	good, seen := map[string]bool{}, []string{}
	for _, s := range st.Sources {
		kind := s.Kind
		if kind == "log" && s.Log != nil && s.Log.Role != "" {
			kind = s.Log.Role + " log"
		}
		if s.State == "absent" {
			continue
		}
		if _, ok := good[kind]; !ok {
			good[kind] = true
			seen = append(seen, kind)
		}
		good[kind] = good[kind] && s.State == "ok"
	}
	for _, kind := range seen {
		if !good[kind] {
			marks = append(marks, kind+"!") // what is wrong is cut last
		}
	}
	for _, kind := range seen {
		if good[kind] {
			marks = append(marks, kind+"+")
		}
	}
	return strings.Join(marks, " ")
}

func (a *App) tabs() widget.Line {
	var line widget.Line
	for i, s := range screens {
		text := s.key + " " + s.name
		if s.name == "Advice" && a.view != nil {
			if n := len(a.view.report.Findings); n > 0 {
				text += "(" + strconv.Itoa(n) + ")"
			}
		}
		switch {
		case i == a.screen:
			line = append(line, widget.Span{Text: "[" + text + "] ", Role: widget.Selected})
		case a.width < 76:
			line = append(line, widget.Span{Text: s.key + " "})
		default:
			line = append(line, widget.Span{Text: text + "  "})
		}
	}
	return line
}

// body draws the panels of the screen.
func (a *App) body(height int) []widget.Line {
	style := a.options.Theme.style()
	panels := a.panels()
	focus := a.focused(panels)
	zoomed := a.zoomedPanel(focus)
	out := make([]widget.Line, height)
	if zoomed >= 0 {
		foot := a.wrapped(&panels[zoomed], height/3)
		height -= len(foot)
		copy(out[height:], foot)
	}
	used := make([]int, height) // columns already drawn
	for _, p := range arrange(panels, a.width, height, zoomed) {
		for i, l := range a.drawPanel(&p, p.index == focus) {
			y := p.y + i
			if y >= height || i >= p.height {
				break
			}
			if p.x > 0 {
				out[y] = append(clip(style, out[y], p.x-3), widget.Span{Text: " " + style.Either("│", "|") + " ", Role: widget.Faint})
			}
			out[y] = append(out[y], l...)
			used[y] = p.x + p.width
		}
	}
	return out
}

// bodyHeight is how many lines the panels of a screen have.
func (a *App) bodyHeight() int { return a.height - len(a.head()) - 1 }

// zoomedPanel is the panel that has all the room; -1 without one.
func (a *App) zoomedPanel(focus int) int {
	if a.zoomed {
		return focus
	}
	return -1
}

// wrapped is what y copies of the row under the cursor, a statement or a command, in full below a
// panel that has the whole screen.
func (a *App) wrapped(p *panel, most int) []widget.Line {
	rows, pick := a.rows(p)
	if pick.Cursor >= len(rows) || rows[pick.Cursor].Copy == "" {
		return nil
	}
	style := a.options.Theme.style()
	text := style.Limit(style.Paragraph(" ", widget.Plain, rows[pick.Cursor].Copy, widget.Plain, a.width), max(most-1, 1), a.width)
	return append([]widget.Line{style.Rule("", "", a.width)}, text...)
}

// clip makes a line exactly n columns wide.
func clip(style widget.Style, line widget.Line, n int) widget.Line {
	var out widget.Line
	for _, s := range line {
		text := show.Cut(show.Clean(s.Text, style.ASCII), n, style.Mark())
		n -= show.Columns(text)
		out = append(out, widget.Span{Text: text, Role: s.Role})
		if n <= 0 {
			return out
		}
	}
	return append(out, widget.Span{Text: strings.Repeat(" ", n)})
}

func (a *App) drawPanel(p *placed, focused bool) []widget.Line {
	style := a.options.Theme.style()
	var lines []widget.Line
	height := p.height
	if p.panel.name != "" {
		note := p.panel.note
		name := p.panel.name
		if p.panel.table != nil {
			rows, pick := a.rows(p.panel)
			room := height - 1
			if !p.panel.table.Bare {
				room--
			}
			if n := len(rows); n < len(p.panel.table.Rows) {
				note = strings.TrimPrefix(note+", "+strconv.Itoa(n)+" of "+strconv.Itoa(len(p.panel.table.Rows))+" fit the filter", ", ")
			} else if n > room {
				note = strings.TrimPrefix(note+", "+strconv.Itoa(n)+" in all", ", ")
			}
			if n := p.panel.table.Hidden(p.width, pick); n > 0 && focused {
				note = strings.TrimPrefix(note+", "+strconv.Itoa(n)+" more columns: l", ", ")
			}
		}
		head := style.Rule(name, note, p.width)
		if focused {
			head[0].Role = widget.Selected
		}
		lines = append(lines, head)
		height--
	}
	switch {
	case p.panel.table != nil:
		rows, pick := a.rows(p.panel)
		pick.Show = focused
		table := *p.panel.table
		if len(rows) == 0 && len(table.Rows) > 0 {
			table.Empty = "No row fits the filter " + a.filter.Text + ". Esc takes it away."
		}
		got, _ := table.Draw(style, rows, pick, p.width, height)
		lines = append(lines, got...)
	case p.panel.text != nil:
		_, pick := a.rows(p.panel)
		lines = append(lines, a.fitText(p.panel, p.panel.text(p.width), pick.Cursor, height)...)
	}
	return lines
}

// fitText cuts text to a height, from a line on, and says so where something is left out.
func (a *App) fitText(p *panel, text []widget.Line, top, height int) []widget.Line {
	top = min(top, max(len(text)-height, 0))
	text = text[top:]
	if len(text) <= height || height < 1 {
		return text[:min(len(text), max(height, 0))]
	}
	if p.name == "" {
		style := a.options.Theme.style()
		if last := text[height-1]; len(last) > 0 && strings.HasSuffix(last[len(last)-1].Text, style.Mark()) {
			return text[:height]
		}
		return style.Limit(text, height, a.width)
	}
	left := strconv.Itoa(len(text) - height + 1)
	return append(slices.Clone(text[:height-1]), widget.Text(widget.Faint, " "+a.options.Theme.style().Mark()+" "+left+" more lines: Tab and z show them"))
}

// drawPage draws what Enter has opened.
func (a *App) drawPage(p *openPage, height int) []widget.Line {
	style := a.options.Theme.style()
	text := p.text(a.width)
	top := min(p.top, max(len(text)-(height-1), 0))
	note := "Esc goes back"
	if p.gone {
		note = "not in what is shown now; " + note
	}
	if len(text) > height-1 {
		note = strconv.Itoa(min(top+height-1, len(text))) + " of " + strconv.Itoa(len(text)) + " lines, " + note
	}
	head := style.Rule(p.title, note, a.width)
	out := append([]widget.Line{head}, text[top:min(len(text), top+height-1)]...)
	if a.filter.Text == "" {
		return out
	}
	for i := 1; i < len(out); i++ {
		if a.matches(out[i]) {
			out[i] = append(widget.Line{{Text: ">", Role: widget.Selected}}, out[i]...)
		}
	}
	return out
}

// matches reports whether a line of a page holds what is searched for.
func (a *App) matches(l widget.Line) bool {
	var text strings.Builder
	for _, s := range l {
		text.WriteString(s.Text)
	}
	t := widget.Table{Columns: []widget.Column{{Name: "line"}}}
	return len(a.filter.Keep(&t, []widget.Row{{Cells: []widget.Cell{{Text: text.String()}}}})) > 0 && strings.TrimSpace(text.String()) != ""
}

// footer is what is being typed, what has just happened, or the keys that help most now.
func (a *App) footer() widget.Line {
	if a.prompt != nil {
		return a.prompt.draw(a.options.Theme.style(), a.width)
	}
	if a.message != "" {
		return widget.Text(widget.Strong, a.message)
	}
	var line widget.Line
	width := 0
	for _, h := range a.hints() {
		if width += show.Columns(h[0]) + 1 + show.Columns(h[1]) + 2; width > a.width+2 {
			break
		}
		line = append(line, widget.Span{Text: h[0], Role: widget.Strong}, widget.Span{Text: " " + h[1] + "  ", Role: widget.Faint})
	}
	return line
}

// word translates the report's own words.
func (v *view) word(en string) string { return report.Word(v.options.Lang, en) }

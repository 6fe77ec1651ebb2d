package ui

import (
	"cmp"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/collectors"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// sources says what the figures rest on.
func (a *App) sources() tea.Cmd {
	if a.view == nil {
		return nil
	}
	a.show(&page{title: "SOURCES: can this be trusted", text: func(width int) []widget.Line { return a.view.sourceLines(width, a.options.Terminal.Cost) }})
	return nil
}

var sourceRoles = map[string]widget.Role{"ok": widget.Good, "waiting": widget.Warn, "slow": widget.Warn, "lost": widget.Crit, "denied": widget.Warn, "absent": widget.Faint}

func (v *view) sourceLines(width int, cost func() Cost) []widget.Line {
	st, style := v.state, v.style
	var out []widget.Line
	add := func(l ...widget.Span) { out = append(out, l) }
	more := func(label, text string) {
		if text != "" {
			out = append(out, style.Paragraph("     "+show.Left(label, 9), widget.Faint, text, widget.Plain, width)...)
		}
	}
	for _, s := range st.Sources {
		last := ""
		if s.LastAt != collectors.NoTime && s.LastAt != 0 {
			last = ", newest " + instant(s.LastAt).Format("15:04:05Z")
		}
		if s.CostUS > 0 {
			last += ", took " + show.Duration(float64(s.CostUS))
		}
		add(widget.Span{Text: " " + show.Left(s.State, 8), Role: sourceRoles[s.State]}, widget.Span{Text: s.Name, Role: widget.Strong}, widget.Span{Text: " (" + s.Kind + last + ")", Role: widget.Faint})
		more("found", s.Found)
		more("why", s.Why)
		more("do", s.Provide)
		if s.Log != nil {
			out = append(out, v.logLines(s.Log, width)...)
		}
	}
	if len(st.Sources) == 0 {
		for i := range v.report.Sources {
			s := &v.report.Sources[i]
			add(widget.Span{Text: " " + show.Left("ok", 8), Role: widget.Good}, widget.Span{Text: s.Path, Role: widget.Strong})
			out = append(out, v.logLines(s, width)...)
		}
	}
	for _, r := range st.Latest {
		for _, m := range r.Missing {
			add(widget.Span{Text: " gap     ", Role: widget.Warn}, widget.Span{Text: m.What, Role: widget.Strong}, widget.Span{Text: " of " + r.Source, Role: widget.Faint})
			more("why", m.Why)
			more("do", m.Provide)
		}
	}
	out = append(out, nil)
	if own := st.Own; own.Memory > 0 {
		text := "processor " + show.Share(own.CPU) + " of a core, memory " + show.Size(own.Memory) + ", on database servers " + show.Duration(float64(own.ServerUS)) + " since the state before"
		if cost != nil {
			text += ", " + show.Size(int64(cost().Bytes)) + " for the newest frame"
		}
		out = append(out, style.Paragraph(" own cost ", widget.Strong, text, widget.Plain, width)...)
	}
	if st.Recording != "" {
		out = append(out, style.Paragraph(" recorded ", widget.Strong, st.Recording, widget.Plain, width)...)
	}
	if groups := v.report.GroupedGaps(); len(groups) > 0 {
		out = append(out, nil, style.Rule("NOT JUDGED", "rules that lack something", width))
		for _, g := range groups {
			out = append(out, style.Paragraph(" "+show.Left(strconv.Itoa(len(g.Rules))+" rules", 10)+" ", widget.Strong, g.Provide, widget.Plain, width)...)
			out = append(out, style.Paragraph(show.Left("", 12), widget.Plain, "missing: "+strings.Join(g.Missing, ", "), widget.Faint, width)...)
		}
	}
	return out
}

// logLines says what was read of one log or recording.
func (v *view) logLines(s *collectors.Source, width int) []widget.Line {
	style := v.style
	if s.Unread() {
		return style.Paragraph("     why      ", widget.Faint, s.Err, widget.Plain, width)
	}
	text := cmp.Or(s.Format, "nothing yet")
	if s.Role != "" {
		text += ", " + s.Role
	}
	if s.Host != "" {
		text += " of " + s.Host
	}
	text += ": " + show.Count(s.Events) + " events, " + show.Size(s.Bytes)
	if s.From != collectors.NoTime && s.To != collectors.NoTime {
		text += ", " + show.Span(s.From, s.To, " - ") + " UTC"
	}
	out := style.Paragraph("     read     ", widget.Faint, text, widget.Plain, width)
	role := widget.Plain
	if s.Skipped > 0 {
		role = widget.Warn
	}
	out = append(out, style.Paragraph("     skipped  ", widget.Faint, show.Count(s.Skipped)+" lines or records", role, width)...)
	for _, k := range s.Skips {
		place := "byte " + strconv.FormatInt(k.Offset, 10)
		if k.Line > 0 {
			place = "line " + strconv.FormatInt(k.Line, 10)
		}
		out = append(out, style.Paragraph("              "+place+": ", widget.Faint, k.Why, widget.Plain, width)...)
	}
	for _, w := range s.Warnings {
		out = append(out, style.Paragraph("     note     ", widget.Faint, w, widget.Plain, width)...)
	}
	return out
}

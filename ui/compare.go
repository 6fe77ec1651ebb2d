package ui

import (
	"math"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/analyzers"
	"dbtriage/analyzers/compare"
	"dbtriage/ui/report"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// markBaseline remembers what is shown as what is normal.
func (a *App) markBaseline() tea.Cmd {
	if a.view != nil {
		a.baseline = a.view
		a.message = "This is the baseline now. c compares with it."
	}
	return nil
}

func perSecond(v *view, n int64) (float64, bool) {
	s := v.seconds()
	return float64(n) / s, n > 0 && !math.IsNaN(s)
}

func over(a, b int64) (float64, bool) { return float64(a) / float64(max(b, 1)), b > 0 }

// compare shows what is looked at beside the baseline.
func (a *App) compare() tea.Cmd {
	if a.view == nil {
		return nil
	}
	if a.baseline == nil {
		a.message = "There is no baseline yet: go to a normal time, press m there, then c here."
		return nil
	}
	before := a.baseline
	var now *view
	var c *report.Comparison
	text := func(width int) []widget.Line {
		if now != a.view { // what is shown follows; of one view it is derived once
			now = a.view
			c = comparison(before, now)
		}
		return compared(c, before, now, width)
	}
	a.show(&page{title: "COMPARED WITH THE BASELINE", text: text, copied: func() string { return plainText(text(markdownWidth)) }})
	return nil
}

func comparison(before, now *view) *report.Comparison {
	return report.NewComparison(before.report, now.report, compare.Of(before.snapshot(), now.snapshot()))
}

// snapshot is what a view shows as it is compared: over the window that its axes span.
func (v *view) snapshot() *analyzers.Snapshot {
	s := analyzers.Snapshot{Digest: v.report.Digest, Sources: v.report.Sources, Window: v.window}
	if own := v.state.Diagnosis.Snapshot; own != nil {
		s.Series, s.Settings = own.Series, own.Settings
		s.Servers = own.Servers
	}
	return &s
}

// compared writes two views beside each other; what neither knows is left out.
func compared(c *report.Comparison, before, now *view, width int) []widget.Line {
	style := now.style
	arrow := style.Either(" → ", " -> ")
	out := []widget.Line{
		{{Text: " baseline  ", Role: widget.Strong}, {Text: spanText(before)}},
		{{Text: " now       ", Role: widget.Strong}, {Text: spanText(now)}},
		nil,
		{{Text: " verdict   ", Role: widget.Strong}, {Text: before.report.Headline(now.options.Lang) + arrow}, {Text: now.report.Headline(now.options.Lang), Role: verdictRole(now.report.Verdict)}},
		nil,
	}
	for _, line := range show.Wrap(show.Line(c.Summary(arrow)), max(width-2, 20)) {
		out = append(out, widget.Line{{Text: " " + line, Role: widget.Strong}})
	}
	out = append(out, nil)
	name := min(max(width-40, 20), 40)
	head := " " + show.Left("", name) + show.Right("baseline", 12) + show.Right("now", 12) + show.Right("change", 12) + "  * is beyond noise"
	out = append(out, widget.Text(widget.Faint, head))
	for _, f := range c.Figures {
		change, role := factorText(compare.Factor(f.Before, f.After)), widget.Plain
		if f.Trend == compare.Up || f.Trend == compare.Down {
			change, role = change+" *", widget.Strong
		}
		out = append(out, widget.Line{{Text: " " + style.Fit(f.Name, name)},
			{Text: show.Right(report.Estimated(f.Before, f.Unit), 12) + show.Right(report.Estimated(f.After, f.Unit), 12)}, {Text: show.Right(change, 12), Role: role}})
	}
	out = append(out, nil, widget.Text(widget.Faint, " "+show.Left("statements that changed the most", name)+show.Right("a second", 12)+show.Right("a second", 12)))
	for i := range c.Queries {
		q := &c.Queries[i]
		if i == 10 {
			break
		}
		role := widget.Plain
		if q.Changed() {
			role = widget.Strong
		}
		out = append(out, widget.Line{{Text: " " + style.Fit(shortID(q.ID)+" "+q.Fingerprint, name)},
			{Text: show.Right(loadText(q.Before), 12) + show.Right(loadText(q.After), 12)}, {Text: "  " + string(q.State), Role: role}})
	}
	return out
}

// loadText is how much of each second a class takes; of one that was not seen nothing is known.
func loadText(u compare.Use) string {
	if u.Calls == 0 {
		return show.NoValue
	}
	return show.Duration(u.Load() * 1e6)
}

func factorText(f float64) string {
	if math.IsNaN(f) {
		return ""
	}
	return "x" + show.Short(f)
}

func spanText(v *view) string {
	if math.IsNaN(v.seconds()) {
		return "all there is"
	}
	return show.Span(v.window.From, v.window.To, " - ") + " UTC (" + show.Duration(v.seconds()*1e6) + ")"
}

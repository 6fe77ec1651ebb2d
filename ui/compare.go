package ui

import (
	"math"

	tea "github.com/charmbracelet/bubbletea"

	"dbtriage/analyzers"
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

// A measure is one number that two views are compared by.
type measure struct {
	name, unit string
	of         func(v *view) (float64, bool)
}

// measures are compared in this order.
var measures = []measure{
	{"requests a second", "per_s", func(v *view) (float64, bool) { return perSecond(v, v.report.Digest.Web.Count) }},
	{"request time, mean", "s", func(v *view) (float64, bool) { return meanOf(&v.report.Digest.Web.Time) }},
	{"request time, p95", "s", func(v *view) (float64, bool) { return quantileOf(&v.report.Digest.Web.Time, 0.95) }},
	{"answers of 5xx", "share", func(v *view) (float64, bool) {
		w := &v.report.Digest.Web
		return over(report.ServerErrors(w.Status), w.Count)
	}},
	{"upstream time, p95", "s", func(v *view) (float64, bool) { return quantileOf(&v.report.Digest.Web.Upstream, 0.95) }},
	{"statements a second", "per_s", func(v *view) (float64, bool) { return perSecond(v, v.report.Digest.Statements.Count) }},
	{"statement time, mean", "s", func(v *view) (float64, bool) { return meanOf(&v.report.Digest.Statements.Time) }},
	{"statement time, p95", "s", func(v *view) (float64, bool) { return quantileOf(&v.report.Digest.Statements.Time, 0.95) }},
	{"statements at once", "count", func(v *view) (float64, bool) {
		s := v.seconds()
		d := &v.report.Digest.Statements
		return float64(d.TimeUS) / 1e6 / s, d.Count > 0 && !math.IsNaN(s)
	}},
	{"rows examined a statement", "count", func(v *view) (float64, bool) {
		return over(v.report.Digest.Statements.RowsExamined, v.report.Digest.Statements.Count)
	}},
	{"host: processors used", "share", func(v *view) (float64, bool) { return hostMean(v, "cpu.idle", true) }},
	{"host: waiting for I/O (PSI some)", "share", func(v *view) (float64, bool) { return hostMean(v, "psi.io.some", false) }},
	{"host: waiting for a core (PSI some)", "share", func(v *view) (float64, bool) { return hostMean(v, "psi.cpu.some", false) }},
	{"host: memory available", "bytes", func(v *view) (float64, bool) { return hostMean(v, "mem.available", false) }},
	{"server: questions a second", "per_s", func(v *view) (float64, bool) { return serverMean(v, "Questions") }},
	{"server: rows read a second", "per_s", func(v *view) (float64, bool) { return serverMean(v, "Innodb_rows_read") }},
	{"server: pages read from disk a second", "per_s", func(v *view) (float64, bool) { return serverMean(v, "Innodb_buffer_pool_reads") }},
}

func perSecond(v *view, n int64) (float64, bool) {
	s := v.seconds()
	return float64(n) / s, n > 0 && !math.IsNaN(s)
}

func over(a, b int64) (float64, bool) { return float64(a) / float64(max(b, 1)), b > 0 }

func meanOf(t *analyzers.Timing) (float64, bool) {
	us, ok := t.Mean()
	return us / 1e6, ok
}

func quantileOf(t *analyzers.Timing, q float64) (float64, bool) {
	us, ok := t.Quantile(q)
	return float64(us) / 1e6, ok
}

func hostMean(v *view, name string, inverse bool) (float64, bool) {
	host, ok := v.host("host")
	if !ok {
		return 0, false
	}
	g, ok := v.gauge(host, "host", name, "")
	if inverse {
		return 1 - g.mean, ok
	}
	return g.mean, ok
}

func serverMean(v *view, name string) (float64, bool) {
	host, ok := v.host("db")
	if !ok {
		return 0, false
	}
	g, ok := v.rate(host, name)
	return g.mean, ok
}

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
	text := func(width int) []widget.Line { return compared(before, a.view, width) }
	a.show(&page{title: "COMPARED WITH THE BASELINE", text: text, copied: func() string { return plainText(text(markdownWidth)) }})
	return nil
}

// compared writes two views beside each other; what neither knows is left out.
func compared(before, now *view, width int) []widget.Line {
	style := now.style
	out := []widget.Line{
		{{Text: " baseline  ", Role: widget.Strong}, {Text: spanText(before)}},
		{{Text: " now       ", Role: widget.Strong}, {Text: spanText(now)}},
		nil,
		{{Text: " verdict   ", Role: widget.Strong}, {Text: before.report.Headline(now.options.Lang) + style.Either(" → ", " -> ")}, {Text: now.report.Headline(now.options.Lang), Role: verdictRole(now.report.Verdict)}},
		nil,
	}
	name := min(max(width-40, 20), 40)
	head := " " + show.Left("", name) + show.Right("baseline", 12) + show.Right("now", 12) + show.Right("change", 10)
	out = append(out, widget.Text(widget.Faint, head))
	for _, m := range measures {
		b, knewB := m.of(before)
		n, knewN := m.of(now)
		if !knewB && !knewN {
			continue
		}
		text := func(v float64, known bool) string {
			if !known {
				return show.NoValue
			}
			return show.Measure(&v, m.unit)
		}
		change, role := "", widget.Plain
		if knewB && knewN && b > 0 {
			change = "x" + show.Short(n/b)
			if r := n / b; r >= 2 || r <= 0.5 {
				role = widget.Strong
			}
		}
		out = append(out, widget.Line{{Text: " " + style.Fit(m.name, name)}, {Text: show.Right(text(b, knewB), 12) + show.Right(text(n, knewN), 12)}, {Text: show.Right(change, 10), Role: role}})
	}
	out = append(out, nil, widget.Text(widget.Faint, " "+show.Left("statements that take the most time now", name)+show.Right("a second", 12)+show.Right("a second", 12)))
	for i, c := range now.report.Classes {
		if i == 10 {
			break
		}
		was, role, change := show.NoValue, widget.Plain, "new"
		if b := before.report.Digest.Classes[c.Fingerprint]; b != nil {
			x, y := float64(b.Time.Sum)/before.seconds(), float64(c.Time.Sum)/now.seconds()
			was, change = show.Duration(x), "x"+show.Short(y/x)
			if y/x >= 2 {
				role = widget.Strong
			}
		}
		out = append(out, widget.Line{{Text: " " + style.Fit(shortID(c.ID)+" "+c.Fingerprint, name)}, {Text: show.Right(was, 12) + show.Right(show.Duration(float64(c.Time.Sum)/now.seconds()), 12)}, {Text: show.Right(change, 10), Role: role}})
	}
	return out
}

func spanText(v *view) string {
	if math.IsNaN(v.seconds()) {
		return "all there is"
	}
	return show.Span(v.window.From, v.window.To, " - ") + " UTC (" + show.Duration(v.seconds()*1e6) + ")"
}

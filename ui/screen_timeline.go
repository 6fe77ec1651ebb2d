package ui

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/rules"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

func timelinePanels(v *view) []panel {
	return []panel{
		{name: "WHEN", note: v.axisNote(), text: v.heatText, least: 5, yield: 1},
		{name: "EVENTS", note: "e E go to them", table: v.eventTable(), search: true, least: 3, open: v.openEvent},
	}
}

func (v *view) axisNote() string {
	if v.window.To <= v.window.From {
		return ""
	}
	text := show.Span(v.window.From, v.window.To, " - ") + " UTC"
	if v.server != "" {
		text += ", of the database servers " + v.server
	}
	return text
}

// A strip is one measure over the window.
type strip struct {
	layer      rules.Layer
	name, unit string
	curve      func(v *view, n int) []float64
}

func gaugeStrip(role, name string) func(v *view, n int) []float64 {
	return func(v *view, n int) []float64 {
		host, _ := v.host(role)
		g, _ := v.gauge(host, role, name, "")
		return v.axis(n).curve(g.points)
	}
}

func serverStrip(name string) func(v *view, n int) []float64 {
	return func(v *view, n int) []float64 {
		host, _ := v.host("db")
		g, _ := v.rate(host, name)
		return v.axis(n).curve(g.points)
	}
}

// diskStrip is the worst of all devices at each instant.
func diskStrip(name string) func(v *view, n int) []float64 {
	return func(v *view, n int) []float64 {
		host, _ := v.host("host")
		var out []float64
		for _, device := range v.instances(host, "host", name) {
			g, _ := v.gauge(host, "host", name, device)
			curve := v.axis(n).curve(g.points)
			if out == nil {
				out = curve
				continue
			}
			for i, f := range curve {
				if math.IsNaN(out[i]) || f > out[i] {
					out[i] = f
				}
			}
		}
		return out
	}
}

func logStrip(role string, of func(c *analyzers.Second) int64) func(v *view, n int) []float64 {
	return func(v *view, n int) []float64 {
		return v.logCurve(n, role, func(c *analyzers.Second) float64 { return float64(of(c)) }, nil)
	}
}

// strips are drawn below each other on one axis; those without data are left out.
var strips = []strip{
	{rules.LayerWeb, "requests", "per_s", logStrip("web", func(c *analyzers.Second) int64 { return c.Requests })},
	{rules.LayerWeb, "request time", "s", func(v *view, n int) []float64 {
		return v.logCurve(n, "web", func(c *analyzers.Second) float64 { return float64(c.RequestUS) / 1e6 }, requestsOf)
	}},
	{rules.LayerWeb, "slowest req", "s", func(v *view, n int) []float64 {
		return v.mostCurve(n, "web", func(c *analyzers.Second) int64 { return c.MaxRequestUS })
	}},
	{rules.LayerWeb, "5xx", "per_s", logStrip("web", func(c *analyzers.Second) int64 { return c.Errors5xx })},
	{rules.LayerWeb, "retried", "per_s", logStrip("web", func(c *analyzers.Second) int64 { return c.Retried })},
	{rules.LayerClient, "client", "s", func(v *view, n int) []float64 { return scaled(v.clientCurve(n), 1e-6) }},
	{rules.LayerApp, "app", "s", func(v *view, n int) []float64 { return scaled(v.appCurve(n), 1e-6) }},
	{rules.LayerCache, "cache misses", "share", func(v *view, n int) []float64 { return inverse(v.cacheCurve(n)) }},
	{rules.LayerDatabase, "db at once", "count", (*view).databaseCurve},
	{rules.LayerDatabase, "slowest stmt", "s", func(v *view, n int) []float64 {
		return v.mostCurve(n, "db", func(c *analyzers.Second) int64 { return c.MaxQueryUS })
	}},
	{rules.LayerDatabase, "statements", "per_s", logStrip("db", func(c *analyzers.Second) int64 { return c.Statements })},
	{rules.LayerDatabase, "writes", "per_s", logStrip("db", func(c *analyzers.Second) int64 { return c.Writes })},
	{rules.LayerDatabase, "threads run", "count", gaugeStrip("db", "mysql.status.Threads_running")},
	{rules.LayerDatabase, "row lock ms", "per_s", serverStrip("Innodb_row_lock_time")},
	{rules.LayerDatabase, "pool reads", "per_s", serverStrip("Innodb_buffer_pool_reads")},
	{rules.LayerHost, "cpu used", "share", (*view).hostCurve},
	{rules.LayerHost, "disk busy", "share", diskStrip("disk.util")},
	{rules.LayerHost, "disk await", "s", diskStrip("disk.await")},
	{rules.LayerHost, "PSI io", "share", gaugeStrip("host", "psi.io.some")},
	{rules.LayerHost, "PSI cpu", "share", gaugeStrip("host", "psi.cpu.some")},
	{rules.LayerHost, "PSI memory", "share", gaugeStrip("host", "psi.memory.some")},
	{rules.LayerHost, "iowait", "share", gaugeStrip("host", "cpu.iowait")},
	{rules.LayerHost, "run queue", "count", gaugeStrip("host", "cpu.run_queue")},
}

// ranked puts first what the verdict speaks of, then one strip of each layer, then the others.
func (v *view) ranked() []strip {
	ver := &v.report.Verdict
	rank := make(map[string]int, len(strips))
	seen := map[rules.Layer]bool{}
	for _, s := range strips {
		switch {
		case s.layer == ver.Layer:
			rank[s.name] = 0
		case !seen[s.layer]:
			rank[s.name] = 1
		default:
			rank[s.name] = 2
		}
		seen[s.layer] = true
	}
	out := slices.Clone(strips)
	slices.SortStableFunc(out, func(a, b strip) int { return rank[a.name] - rank[b.name] })
	return out
}

func inverse(curve []float64) []float64 {
	for i := range curve {
		curve[i] = 1 - curve[i]
	}
	return curve
}

func scaled(curve []float64, by float64) []float64 {
	for i := range curve {
		curve[i] *= by
	}
	return curve
}

// mostCurve is the largest of a cell, in seconds.
func (v *view) mostCurve(n int, role string, of func(*analyzers.Second) int64) []float64 {
	out := v.logCurve(n, role, func(*analyzers.Second) float64 { return 0 }, nil)
	a := v.axis(n)
	width := v.report.Digest.Series.Width() * 1e6
	for i := range v.cells {
		start := v.cells[i].Start * 1e6
		a.spread(start, start+width, func(k int, _ float64) { out[k] = max(out[k], float64(of(&v.cells[i]))/1e6) })
	}
	return out
}

// heatText draws the axis, the events and every strip that has data.
func (v *view) heatText(width int) []widget.Line { return v.heat(strips, width) }

// rankedText is the same with what matters most first, for where there is little room.
func (v *view) rankedText(width int) []widget.Line { return v.heat(v.ranked(), width) }

func (v *view) heat(strips []strip, width int) []widget.Line {
	const label, peak = 14, 10
	n := min(max(width-label-peak-2, 10), 160)
	var out, idle []widget.Line // those in which nothing happened come last
	for _, s := range strips {
		curve := s.curve(v, n)
		high, ok := widget.Peak(curve)
		if !ok {
			continue
		}
		list := &out
		if high == 0 {
			list = &idle
		}
		*list = append(*list, widget.Line{{Text: " " + show.Left(s.name, label-1), Role: widget.Faint}, {Text: show.Left(widget.Heat(curve, v.style.ASCII), n), Role: widget.Curve}, {Text: " " + show.Right(show.Measure(&high, s.unit), peak), Role: widget.Plain}})
	}
	if out = append(out, idle...); len(out) == 0 {
		return []widget.Line{widget.Text(widget.Faint, " Nothing has a time yet.")}
	}
	return append([]widget.Line{v.clockLine(label, n), v.markLine(label, n)}, out...)
}

// marks are the letters of events on the axis.
var marks = map[string]string{"onset": "!", "setting": "S", "restart": "R", "rotation": "r", "deploy": "D", "ddl": "d", "gap": "g", "deadlock": "x"}

func (v *view) markLine(label, n int) widget.Line {
	line := []byte(strings.Repeat(" ", n))
	a := v.axis(n)
	for _, e := range v.events() {
		if k := a.at(e.At); k >= 0 {
			m := marks[e.Kind]
			if m == "" {
				m = "*"
			}
			line[k] = m[0]
		}
	}
	return widget.Line{{Text: show.Left(" events", label), Role: widget.Faint}, {Text: string(line), Role: widget.Warn}}
}

// clockLine is the axis: the time at its beginning, middle and end.
func (v *view) clockLine(label, n int) widget.Line {
	a := v.axis(n)
	if a.to <= a.from || n < 30 {
		return nil
	}
	from, mid, to := instant(a.from).Format("15:04:05"), instant(a.from+(a.to-a.from)/2).Format("15:04:05"), instant(a.to).Format("15:04:05")
	text := show.Left(from, n/2-4) + mid
	text = show.Left(text, n-8) + to
	return widget.Line{{Text: show.Left("", label)}, {Text: text, Role: widget.Faint}}
}

func (v *view) eventTable() *widget.Table {
	t := &widget.Table{Empty: "No event: nothing changed, restarted or became slow at once.", Columns: []widget.Column{
		{Name: "time", Width: 19, Help: "UTC"},
		{Name: "kind", Width: 9, Help: "onset, setting, restart, rotation, ddl, deploy, gap or deadlock"},
		{Name: "what", Width: 20, Flex: true, Help: "what happened"},
	}}
	events := v.events()
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		t.Rows = append(t.Rows, widget.Row{Key: eventKey(e), Copy: show.Instant(e.At) + " " + e.Text, Cells: []widget.Cell{
			widget.Number(show.Instant(e.At), float64(e.At)), widget.Name(marks[e.Kind] + " " + e.Kind), widget.Name(e.Text),
		}})
	}
	return t
}

func eventKey(e session.Event) string { return fmt.Sprint(e.At, e.Kind, e.Text) }

func (v *view) openEvent(key string) *page {
	for _, e := range v.events() {
		if eventKey(e) == key {
			return &page{title: strings.ToUpper(e.Kind) + " " + show.Instant(e.At) + " UTC", copy: e.Text, text: func(width int) []widget.Line {
				return append(v.style.Paragraph(" ", widget.Plain, e.Text, widget.Plain, width), nil,
					widget.Text(widget.Faint, " t goes to its time: "+instant(e.At).Format("15:04:05")))
			}}
		}
	}
	return nil
}

package ui

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/rules"
	"dbtriage/ui/report"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// layerWords are the states of the layers where there is no room for a table.
func (v *view) layerWords(width int) []widget.Line {
	var out []widget.Line
	var line widget.Line
	used := 0
	for _, l := range layerRows {
		word, role := v.layerState(l)
		name := " " + v.word(string(l.layer)) + " "
		if n := v.style.Columns(name) + len(word) + 2; used+n > width {
			out, line, used = append(out, line), nil, n
		} else {
			used += n
		}
		line = append(line, widget.Span{Text: name}, widget.Span{Text: word + " ", Role: role})
	}
	return append(out, line)
}

// A layerRow is what one layer shows of itself.
type layerRow struct {
	layer rules.Layer
	curve func(v *view, n int) []float64
	facts func(v *view) string
	seen  func(v *view) bool
}

// layerRows are the layers in the order in which a request meets them.
var layerRows = []layerRow{
	{rules.LayerClient, (*view).clientCurve, func(v *view) string { return "" }, func(v *view) bool { return v.report.Digest.Web.UpstreamLogged > 0 }},
	{rules.LayerWeb, (*view).webCurve, (*view).webFacts, func(v *view) bool { return v.report.Digest.Web.Count > 0 }},
	{rules.LayerApp, (*view).appCurve, (*view).appFacts, func(v *view) bool { return v.report.Digest.Web.UpstreamLogged+v.report.Digest.App.Count > 0 }},
	{rules.LayerCache, (*view).cacheCurve, (*view).cacheFacts, (*view).hasCache},
	{rules.LayerDatabase, (*view).databaseCurve, (*view).databaseFacts, (*view).hasDatabase},
	{rules.LayerHost, (*view).hostCurve, (*view).hostFacts, func(v *view) bool { _, ok := v.host("host"); return ok }},
}

// timeOf returns the distribution that a layer's own log gives: requests at the web server, answers of
// upstreams, statements.
func (v *view) timeOf(l rules.Layer) *analyzers.Timing {
	d := v.report.Digest
	switch l {
	case rules.LayerClient:
		return &d.Web.Client
	case rules.LayerWeb:
		return &d.Web.Time
	case rules.LayerApp:
		if d.Web.Upstream.Count > 0 {
			return &d.Web.Upstream
		}
		return &d.App.Time
	case rules.LayerDatabase:
		return &d.Statements.Time
	}
	return &analyzers.Timing{}
}

func (v *view) layerTable() *widget.Table {
	bar := 15
	spark := 13
	if v.width >= 100 {
		spark = 20
	}
	t := &widget.Table{Columns: []widget.Column{
		{Name: "layer", Width: 9, Help: "where a fix is made, in the order in which a request meets them"},
		{Name: "state", Width: 5, Help: "CRIT! the layer at fault; WARN a finding asks for attention; OK measured and nothing found; -- not measured"},
		{Name: "request time", Width: bar, Priority: 5, Help: "share of the request time as a bar"},
		{Name: "share", Width: 6, Right: true, Priority: 1, Help: "share of the total request time that was spent in this layer: sums over the bad window divided, never percentiles"},
		{Name: "change", Width: 6, Right: true, Priority: 6, Help: "time of one request in this layer, now over the time before the onset"},
		{Name: "p50", Width: 7, Right: true, Priority: 7, Help: "half took at most this, likewise"},
		{Name: "p95", Width: 7, Right: true, Priority: 3, Help: "95 % took at most this: requests at the web server, answers of upstreams (app), statements (database)"},
		{Name: "p99", Width: 7, Right: true, Priority: 8, Help: "99 % took at most this, likewise"},
		{Name: "over time", Width: spark, Priority: 4, Help: "time per request in this layer; statements at once (database); processors used (host)"},
		{Name: "why", Width: 20, Flex: true, Priority: 2, Help: "the weightiest finding of the layer, or what rules it out"},
	}}
	if v.width < wideFrom { // why matters more
		t.Columns = slices.DeleteFunc(t.Columns, func(c widget.Column) bool { return c.Name == "p50" || c.Name == "p99" })
	}
	now := v.report.Now()
	parts := v.report.Divide(now)
	all := report.WholeOf(parts, now)
	base := v.report.Attribution.Baseline
	var before []report.Part
	if v.report.HasBaseline() {
		before = v.report.Divide(base)
	}
	for _, l := range layerRows {
		word, role := v.layerState(l)
		cells := []widget.Cell{widget.Name(v.word(string(l.layer))), widget.Name(word).In(role)}
		bars, share, change := "", show.NoValue, ""
		for _, p := range parts {
			if p.Layer == l.layer && p.US >= 0 && all > 0 {
				s := float64(p.US) / float64(all)
				bars, share = widget.Bar(s, bar, v.style.ASCII), show.Share(s)
				for _, b := range before {
					if b.Layer == p.Layer && b.US > 0 && base.Requests > 0 && now.Requests > 0 && p.US > 0 {
						change = "x" + show.Short(float64(p.US)/float64(now.Requests)/(float64(b.US)/float64(base.Requests)))
					}
				}
			}
		}
		curve := ""
		if l.seen(v) {
			curve = widget.Spark(l.curve(v, spark), v.style.ASCII)
		}
		quantile := func(q float64) widget.Cell { return widget.Name(report.Quantile(v.timeOf(l.layer), q)) }
		cells = append(cells, widget.Name(bars).In(widget.Curve), widget.Name(share), widget.Name(change),
			quantile(0.95), widget.Name(curve).In(widget.Curve), widget.Name(v.layerWhy(l)))
		if v.width >= wideFrom {
			cells = slices.Insert(slices.Insert(cells, 6, quantile(0.99)), 5, quantile(0.5))
		}
		if l.layer == rules.LayerCache && !l.seen(v) && v.height < 24 {
			continue // a line that says nothing gives way on a low screen
		}
		t.Rows = append(t.Rows, widget.Row{Key: string(l.layer), Cells: cells})
	}
	return t
}

func (v *view) layerState(l layerRow) (string, widget.Role) {
	ver := v.report.Verdict
	if ver.Layer == l.layer {
		if ver.Confidence >= 0.5 {
			return "CRIT!", widget.Crit
		}
		return "WARN", widget.Warn
	}
	if f, ok := v.weightiest(l.layer); ok && f.Severity.Rank() >= rules.Warning.Rank() && len(f.BecauseOf) == 0 {
		return "WARN", widget.Warn
	}
	if ver.SeenIn == l.layer && ver.Layer != rules.LayerNone {
		return "SEEN", widget.Warn
	}
	if !l.seen(v) {
		return show.NoValue, widget.Faint
	}
	return "OK", widget.Good
}

// weightiest returns the first finding of a layer: findings come most severe first.
func (v *view) weightiest(l rules.Layer) (rules.Finding, bool) {
	for _, f := range v.report.Findings {
		if f.Layer == l {
			return f, true
		}
	}
	return rules.Finding{}, false
}

func (v *view) layerWhy(l layerRow) string {
	if f, ok := v.weightiest(l.layer); ok && f.Severity.Rank() >= rules.Warning.Rank() {
		return f.Title
	}
	if !l.seen(v) {
		return "not measured"
	}
	if facts := l.facts(v); facts != "" {
		return facts
	}
	for _, o := range v.report.Verdict.RuledOut {
		if o.Layer == l.layer {
			return o.Why
		}
	}
	return ""
}

func (v *view) openLayer(key string) *page {
	var found []rules.Finding
	for _, f := range v.report.Findings {
		if string(f.Layer) == key {
			found = append(found, f)
		}
	}
	return &page{title: strings.ToUpper(key) + ": all that was found", text: func(width int) []widget.Line {
		var out []widget.Line
		for _, o := range v.report.Verdict.RuledOut {
			if string(o.Layer) == key {
				out = append(out, v.style.Paragraph(" ruled out  ", widget.Strong, o.Why, widget.Plain, width)...)
			}
		}
		if t := v.timeOf(rules.Layer(key)); t.Count > 0 {
			out = append(out, v.style.Paragraph(" times      ", widget.Strong, timingText(t), widget.Plain, width)...)
		}
		for _, f := range found {
			out = append(out, nil)
			out = append(out, v.findingText(f, width)...)
		}
		if len(found) == 0 {
			out = append(out, nil, widget.Text(widget.Plain, " No rule found anything in this layer."))
		}
		return out
	}}
}

// timingText says a distribution in one line.
func timingText(t *analyzers.Timing) string {
	mean, ok := t.Mean()
	if !ok {
		return show.NoValue
	}
	return fmt.Sprintf("%s times, mean %s, p50 %s, p95 %s, p99 %s, most %s", show.Count(t.Count), show.Duration(mean),
		report.Quantile(t, 0.5), report.Quantile(t, 0.95), report.Quantile(t, 0.99), show.Duration(float64(t.Max)))
}

func (v *view) clientCurve(n int) []float64 {
	return v.logCurve(n, "web", func(c *analyzers.Second) float64 { return float64(max(c.ClientUS, 0)) }, requestsOf)
}

func (v *view) webCurve(n int) []float64 {
	return v.logCurve(n, "web", func(c *analyzers.Second) float64 {
		return float64(max(c.RequestUS-c.ClientUS-c.UpstreamUS, 0))
	}, requestsOf)
}

func (v *view) appCurve(n int) []float64 {
	if v.report.Digest.Web.UpstreamLogged == 0 {
		return v.logCurve(n, "app", func(c *analyzers.Second) float64 { return float64(c.AppUS) }, func(c *analyzers.Second) float64 { return float64(c.AppRequests) })
	}
	return v.logCurve(n, "web", func(c *analyzers.Second) float64 {
		return float64(c.UpstreamUS - min(c.QueryUS, c.UpstreamUS))
	}, requestsOf)
}

func (v *view) databaseCurve(n int) []float64 {
	if v.report.Digest.Statements.Count == 0 {
		if host, ok := v.host("db"); ok {
			g, _ := v.gauge(host, "db", "mysql.status.Threads_running", "")
			return v.axis(n).curve(g.points)
		}
	}
	return v.logCurve(n, "db", func(c *analyzers.Second) float64 { return float64(c.DBBusyUS) / 1e6 }, nil)
}

func (v *view) hostCurve(n int) []float64 {
	host, _ := v.host("host")
	g, ok := v.gauge(host, "host", "cpu.idle", "")
	out := v.axis(n).curve(g.points)
	if !ok {
		return out
	}
	for i := range out {
		out[i] = 1 - out[i]
	}
	return out
}

func requestsOf(c *analyzers.Second) float64 { return float64(c.Requests) }

// Facts of the layers in a few words.

func (v *view) webFacts() string {
	w := &v.report.Digest.Web
	if w.Count == 0 {
		return ""
	}
	out := []string{"5xx " + report.Ratio(report.ServerErrors(w.Status), w.Count)}
	if s := v.seconds(); !math.IsNaN(s) {
		out = append(out, show.Short(float64(w.Count)/s)+" req/s")
	}
	if us, ok := w.Connect.Quantile(0.95); ok {
		out = append(out, "connect "+show.Duration(float64(us)))
	}
	return strings.Join(out, "  ")
}

func (v *view) appFacts() string {
	w := &v.report.Digest.Web
	var out []string
	if w.Proxied > 0 {
		out = append(out, "retried "+report.Ratio(w.Retried, w.Proxied))
	}
	if n := len(v.report.Peers); n > 0 {
		out = append(out, strconv.Itoa(n)+" upstreams")
	}
	return strings.Join(out, "  ")
}

func (v *view) databaseFacts() string {
	s := &v.report.Digest.Statements
	var out []string
	if sec := v.seconds(); s.Count > 0 && !math.IsNaN(sec) {
		out = append(out, show.Short(float64(s.TimeUS)/1e6/sec)+" at once", show.Short(float64(s.Count)/sec)+" stmt/s")
	}
	if host, ok := v.host("db"); ok {
		if n, ok := v.status(host, "Threads_running"); ok {
			out = append(out, strings.TrimLeft(v.server+" running "+show.Short(n), " "))
		}
	}
	return strings.Join(out, "  ")
}

func (v *view) hostFacts() string {
	host, _ := v.host("host")
	var out []string
	if g, ok := v.gauge(host, "host", "cpu.idle", ""); ok {
		out = append(out, "cpu "+show.Share(1-g.mean))
	}
	if g, ok := v.gauge(host, "host", "psi.io.some", ""); ok {
		out = append(out, "io PSI "+show.Share(g.mean))
	} else if g, ok := v.gauge(host, "host", "cpu.iowait", ""); ok {
		out = append(out, "iowait "+show.Share(g.mean))
	}
	return strings.Join(out, "  ")
}

func (v *view) hasDatabase() bool {
	_, ok := v.host("db")
	return ok || v.report.Digest.Statements.Count > 0
}

func (v *view) hasCache() bool {
	_, ok := v.host("cache")
	return ok || len(v.latest("cache")) > 0
}

// cacheHits is the hit rate of the cache server that is read.
func (v *view) cacheHits() (gauge, bool) {
	host, _ := v.host("cache")
	for _, name := range []string{"redis.hit_rate", "memcached.hit_rate"} {
		if g, ok := v.gauge(host, "cache", name, ""); ok {
			return g, true
		}
	}
	return gauge{}, false
}

func (v *view) cacheCurve(n int) []float64 {
	g, _ := v.cacheHits()
	return v.axis(n).curve(g.points)
}

func (v *view) cacheFacts() string {
	if g, ok := v.cacheHits(); ok {
		return "hit " + show.Share(g.mean)
	}
	return ""
}

package ui

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/rules"
	"dbtriage/ui/report"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

func verdictPanels(v *view) []panel {
	todo := v.todoTable()
	proof := v.proofTable()
	if v.width < 60 { // the verdict, the layers in words, the first thing to do
		return []panel{
			{text: v.verdictText, least: 2, yield: 2, most: v.tall(4, 9)},
			{name: "LAYERS", text: v.layerWords, least: 3, yield: 3},
			{name: "PROOF", table: proof, least: 2, yield: 6, open: v.openProof, most: 6},
			{name: "DO NEXT", table: todo, least: 2, yield: 1, most: v.tall(3, 8), open: v.openFinding, lead: true},
		}
	}
	return []panel{
		{text: v.verdictText, least: 2, yield: 4, most: v.tall(5, 9)},
		{name: "LAYERS", column: left, table: v.layerTable(), least: 5, yield: 3, open: v.openLayer},
		{name: "PROOF", note: "weight, source; Enter opens", column: left, table: proof, least: 2, yield: 6, most: v.tall(7, 14), open: v.openProof, lead: true},
		{name: "DO NEXT", note: "of time, risk, effort, kind; y copies", column: left, table: todo, least: 2, yield: 5, most: v.tall(4, 10), open: v.openFinding},
		{name: "WHEN", note: v.axisNote(), column: left, wide: true, text: v.rankedText, least: 5, most: 12, yield: 7},
		{name: "SELECTED", column: right, wide: true, text: v.selectedText, least: 8, yield: 2},
		{name: "QUERIES", column: whole, wide: true, table: v.queryTable(), most: 8, least: 3, yield: 7, open: v.openQuery},
		{name: "ROUTES", column: whole, wide: true, table: v.routeTable(), most: 7, least: 3, yield: 8, open: v.openRoute},
	}
}

// tallFrom is the height from which a screen has room for more than what matters most.
const tallFrom = 32

// tall chooses between what fits 24 lines and what a higher screen may take.
func (v *view) tall(small, large int) int {
	if v.height < tallFrom {
		return small
	}
	return large
}

func verdictRole(v rules.Verdict) widget.Role {
	switch v.Layer {
	case rules.LayerNone:
		return widget.Good
	case rules.LayerUnknown, "":
		return widget.Warn
	}
	return widget.Crit
}

// verdictText is the headline, why, what is ruled out and what is not known.
func (v *view) verdictText(width int) []widget.Line {
	r, style := v.report, v.style
	ver := r.Verdict
	head := widget.Line{{Text: " " + v.word("VERDICT") + "  ", Role: widget.Strong}, {Text: r.Headline(v.options.Lang), Role: verdictRole(ver)}}
	if v.width < 60 {
		head[0].Text = " "
	}
	if ver.Confidence > 0 && v.width >= 60 {
		head = append(head, widget.Span{Text: "  " + v.word("confidence") + " " + v.word(show.Sureness(ver.Confidence)) + " " + strconv.FormatFloat(ver.Confidence, 'f', 2, 64), Role: widget.Strong})
	}
	if ver.Since != collectors.NoTime && ver.Since != 0 {
		head = append(head, widget.Span{Text: "  since " + instant(ver.Since).Format("15:04:05")})
	}
	if text := v.nextSuspect(); text != "" && v.width >= 100 {
		head = append(head, widget.Span{Text: "  " + text})
	}
	if text := v.measured(); text != "" && v.width >= 120 {
		head = append(head, widget.Span{Text: "  " + text, Role: widget.Faint})
	}
	if v.width < 60 {
		head = append(head, widget.Span{Text: "  " + strconv.FormatFloat(ver.Confidence, 'f', 2, 64), Role: widget.Strong})
	}
	if p := v.state.Progress; p.Total > 0 && p.Read < p.Total {
		head = append(head, widget.Span{Text: "  provisional", Role: widget.Warn})
	}
	most := 2
	if v.height < 20 {
		most = 1
	}
	if v.height >= 32 {
		most = 4
	}
	out := append([]widget.Line{head}, style.Limit(style.Paragraph("  ", widget.Plain, ver.Summary, widget.Plain, width-1), most, width-1)...)
	if len(ver.RuledOut) > 0 {
		out = append(out, style.Limit(style.Paragraph("  "+v.word("Ruled out")+": ", widget.Faint, strings.Join(r.RuledOut(v.options.Lang), "; "), widget.Plain, width-1), max(most-1, 1), width-1)...)
	}
	if len(ver.Unknown) > 0 {
		out = append(out, style.Limit(style.Paragraph("  "+v.word("Unknown")+": ", widget.Faint, strings.Join(ver.Unknown, " "), widget.Plain, width-1), max(most-1, 1), width-1)...)
	}
	return out
}

// nextSuspect names the layer that comes second.
func (v *view) nextSuspect() string {
	for _, c := range v.report.Verdict.Candidates {
		ver := &v.report.Verdict
		if c.Layer != ver.Layer && c.Layer != ver.SeenIn && c.Confidence >= leastSuspect && c.Confidence <= ver.Confidence {
			return "next suspect: " + v.word(string(c.Layer)) + " " + strconv.FormatFloat(c.Confidence, 'f', 2, 64)
		}
	}
	return ""
}

// leastSuspect is the confidence from which another layer is worth a word.
const leastSuspect = 0.1

// measured says of how many requests it is known what they waited for.
func (v *view) measured() string {
	d := &v.report.Digest.Web
	if d.Count == 0 {
		return ""
	}
	return "upstream times " + show.Share(float64(d.UpstreamLogged)/float64(d.Count))
}

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

// proofTable lists what speaks for the verdict, then what speaks against it.
func (v *view) proofTable() *widget.Table {
	t := &widget.Table{Bare: true, Empty: "No finding speaks for a layer at fault. 6 lists all that was noted.", Columns: []widget.Column{
		{Name: "proof", Width: 20, Flex: true, Help: "a finding, most severe first; AGAINST is evidence that speaks against one"},
		{Name: "weight", Width: 5, Right: true, Priority: 1, Help: "confidence from 0 to 1; negative: speaks against"},
		{Name: "source", Width: 12, Priority: 2, Help: "what the numbers are from"},
	}}
	ver := v.report.Verdict
	for _, f := range v.report.Findings {
		decided := ver.Layer != rules.LayerUnknown && ver.Layer != rules.LayerNone
		if f.Severity.Rank() < rules.Warning.Rank() || decided && f.Layer != ver.Layer && f.Layer != ver.SeenIn {
			continue
		}
		word, role := severity(f.Severity)
		t.Rows = append(t.Rows, widget.Row{Key: f.ID, Copy: f.Title, Cells: []widget.Cell{
			widget.Name(strconv.Itoa(len(t.Rows)+1) + " " + word + " " + f.Title).In(role), widget.Name(strconv.FormatFloat(f.Confidence, 'f', 2, 64)), widget.Name(v.sourceOf(f)),
		}})
	}
	proofs := len(t.Rows)
	for _, f := range v.report.Findings {
		if !slices.ContainsFunc(t.Rows[:proofs], func(r widget.Row) bool { return r.Key == f.ID }) {
			continue
		}
		for _, e := range f.Evidence {
			if !e.For && len(t.Rows) < 40 {
				text := "AGAINST " + e.What + " " + show.Measure(e.Value, e.Unit)
				t.Rows = append(t.Rows, widget.Row{Key: f.ID + "/" + e.What, Copy: text, Cells: []widget.Cell{
					widget.Name(text).In(widget.Faint), widget.Name("-" + strconv.FormatFloat(f.Confidence, 'f', 2, 64)), widget.Name(v.sourceWord(e.Source)),
				}})
			}
		}
	}
	return t
}

func severity(s rules.Severity) (string, widget.Role) {
	switch s {
	case rules.Critical:
		return "CRIT", widget.Crit
	case rules.Warning:
		return "WARN", widget.Warn
	}
	return "INFO", widget.Plain
}

func (v *view) sourceOf(f rules.Finding) string {
	var words []string
	for _, e := range f.Evidence {
		if w := v.sourceWord(e.Source); w != "" && !strings.Contains(strings.Join(words, "+"), w) {
			words = append(words, w)
		}
	}
	return strings.Join(words, "+")
}

// sourceWord shortens the name of a kind of source. Statements may be of a server's own books and of no
// log.
func (v *view) sourceWord(s string) string {
	switch s {
	case "slowlog", "slow_log":
		if slices.ContainsFunc(v.report.Sources, func(s collectors.Source) bool { return s.Format == "performance_schema" }) {
			return "statements"
		}
		return "slow log"
	case "access", "access_log", "accesslog":
		return "access log"
	}
	return strings.ReplaceAll(s, "_", " ")
}

func (v *view) openProof(key string) *page {
	id, _, _ := strings.Cut(key, "/")
	if p := v.openFinding(key); p != nil {
		return p
	}
	return v.openFinding(id)
}

// todoTable lists the changes to make first.
func (v *view) todoTable() *widget.Table {
	t := &widget.Table{Bare: true, Empty: "Nothing: no rule asks for a change. 6 lists what was noted, ! what is missing.", Columns: []widget.Column{
		{Name: "do", Width: 52, Flex: true, Help: "the change; Enter shows what it brings, its risk, how to undo and how to check it"},
		{Name: "of time", Width: 5, Right: true, Priority: 1, Help: "share of its layer's time that the finding is about: no change can bring more"},
		{Name: "risk", Width: 4, Priority: 4, Help: riskHelp},
		{Name: "effort", Width: 7, Priority: 5, Help: effortHelp},
		{Name: "rung", Width: 8, Priority: 2, Help: "step of the ladder: first the statement, then index, design, settings, and hardware last"},
	}}
	for i, f := range v.actionable() {
		a, _ := report.FirstAdvice(f)
		of := show.NoValue
		if f.Share > 0 {
			of = show.Share(f.Share)
		}
		t.Rows = append(t.Rows, widget.Row{Key: f.ID, Copy: a.Do, Cells: []widget.Cell{
			widget.Name(string(rune('A'+i%26)) + " " + a.Do), widget.Name(of), widget.Name(ladder[a.Rung].risk), widget.Name(ladder[a.Rung].effort), widget.Name(a.Rung),
		}})
	}
	if len(t.Rows) == 0 && v.report.Verdict.Layer != rules.LayerNone {
		for i, g := range v.report.GroupedGaps() {
			if g.Provide != "" && i < 3 {
				t.Rows = append(t.Rows, widget.Row{Key: g.Provide, Copy: g.Provide, Cells: []widget.Cell{widget.Name("To know more: " + g.Provide), {}, {}, {}, widget.Name("observe")}})
			}
		}
	}
	return t
}

// actionable are the findings that can be acted on and are not the consequence of another.
func (v *view) actionable() []rules.Finding {
	var out []rules.Finding
	for _, f := range v.report.Findings {
		if _, ok := report.FirstAdvice(f); ok && len(f.BecauseOf) == 0 {
			out = append(out, f)
		}
	}
	return out
}

// selectedText shows the row of the cursor in full beside the lists.
func (v *view) selectedText(width int) []widget.Line {
	if v.page != nil {
		if p := v.page(); p != nil {
			return p.text(width)
		}
	}
	f, ok := v.findingOf(v.selected)
	if !ok {
		if todo := v.actionable(); len(todo) > 0 {
			f = todo[0]
		} else if len(v.report.Findings) > 0 {
			f = v.report.Findings[0]
		} else {
			return []widget.Line{widget.Text(widget.Faint, "No rule found anything.")}
		}
	}
	return v.findingText(f, width)
}

func (v *view) findingOf(key string) (rules.Finding, bool) {
	id, _, _ := strings.Cut(key, "/")
	for _, f := range v.report.Findings {
		if f.ID == key || f.ID == id {
			return f, true
		}
	}
	if f, ok := v.weightiest(rules.Layer(key)); ok {
		return f, true
	}
	return rules.Finding{}, false
}

// Curves of the layers: time of one request in each, what the database does at once, how busy the host is.

func (v *view) clientCurve(n int) []float64 {
	return v.logCurve(n, "web", func(c *analyzers.Second) float64 { return float64(c.ClientUS) }, requestsOf)
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
			out = append(out, "running "+show.Short(n))
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

package ui

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"strings"

	"dbtriage/analyzers"
	"dbtriage/ui/report"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

func webPanels(v *view) []panel {
	note := ""
	if w := &v.report.Digest.Web; w.Count > 0 {
		note = show.Count(w.Count) + " requests, p95 " + report.Quantile(&w.Time, 0.95) + ", upstream p95 " + report.Quantile(&w.Upstream, 0.95)
	}
	return []panel{
		{name: "ROUTES", note: note, table: v.routeTable(), search: true, open: v.openRoute, least: 4},
		{name: "UPSTREAMS", table: v.upstreamTable(), search: true, open: v.openPeer, most: v.tall(6, 14), least: 3, yield: 1},
		{name: "STATUS", text: v.statusText, most: v.tall(3, 8), yield: 2},
	}
}

func (v *view) routeTable() *widget.Table {
	spark := 12
	if v.width >= 120 {
		spark = 20
	}
	t := &widget.Table{Empty: v.noRoutes(), Columns: []widget.Column{
		{Name: "route", Width: 18, Flex: true, Help: "method and path, with what names one thing replaced: /items/:id"},
		{Name: "share", Width: 6, Right: true, Help: "share of the time of all requests of its log"},
		{Name: "req/s", Width: 6, Right: true, Priority: 2, Help: "requests a second in the window"},
		{Name: "p50", Width: 7, Right: true, Priority: 6, Help: "half the requests took at most this"},
		{Name: "p95", Width: 7, Right: true, Priority: 1, Help: "95 % of the requests took at most this"},
		{Name: "p99", Width: 7, Right: true, Priority: 5, Help: "99 % of the requests took at most this"},
		{Name: "up p95", Width: 7, Right: true, Priority: 3, Help: "95 %: time of the upstream's answers, all attempts of a request together"},
		{Name: "upstream", Width: 8, Right: true, Priority: 4, Help: "share of the request time that was waiting for the upstream"},
		{Name: "5xx", Width: 5, Right: true, Priority: 2, Help: "share of the requests answered with 500 and above"},
		{Name: "cache", Width: 5, Right: true, Priority: 8, Help: "share answered from the web server's cache"},
		{Name: "retry", Width: 5, Right: true, Priority: 7, Help: "share of the requests that were tried on another upstream"},
		{Name: "over time", Width: spark, Priority: 9, Help: "its time in the window"},
	}}
	for _, e := range v.report.Endpoints {
		totals := &v.report.Digest.Web
		if e.Key.Role == "app" {
			totals = &v.report.Digest.App
		}
		name := strings.TrimSpace(e.Key.Method + " " + e.Key.Route)
		if e.Key.Role == "app" {
			name += " (app)"
		}
		share, _ := over(e.Time.Sum, totals.Time.Sum)
		rate := widget.Name(show.NoValue)
		if x, ok := perSecond(v, e.Requests); ok {
			rate = widget.Number(show.Short(x), x)
		}
		up := widget.Name(show.NoValue)
		if e.Upstream.Count > 0 && e.Time.Sum > 0 {
			x := float64(min(e.Upstream.Sum, e.Time.Sum)) / float64(e.Time.Sum)
			up = widget.Number(show.Share(x), x)
		}
		cache := widget.Name(show.NoValue)
		if len(e.Cache) > 0 {
			x, _ := over(e.Cache["HIT"]+e.Cache["STALE"]+e.Cache["REVALIDATED"]+e.Cache["UPDATING"], e.Requests)
			cache = widget.Number(show.Share(x), x)
		}
		errors, _ := over(report.ServerErrors(e.Status), e.Requests)
		role := widget.Plain
		if errors >= 0.01 {
			role = widget.Warn
		}
		retried, _ := over(e.Retried, e.Requests)
		t.Rows = append(t.Rows, widget.Row{Key: e.Key.Role + " " + name, Copy: name, Cells: []widget.Cell{
			widget.Name(name), widget.Number(show.Share(share), share), rate, timeCell(&e.Time, 0.5), timeCell(&e.Time, 0.95), timeCell(&e.Time, 0.99),
			timeCell(&e.Upstream, 0.95), up, widget.Number(show.Share(errors), errors).In(role), cache, widget.Number(show.Share(retried), retried),
			widget.Name(v.sliceSpark(&e.Slices, spark)).In(widget.Curve),
		}})
	}
	return t
}

func timeCell(t *analyzers.Timing, q float64) widget.Cell {
	us, ok := t.Quantile(q)
	if !ok {
		return widget.Name(show.NoValue)
	}
	return widget.Number(show.Duration(float64(us)), float64(us))
}

func (v *view) noRoutes() string {
	if v.report.AccessLog {
		return "The access log holds no request in this window."
	}
	return "No access log was read. Name one with --access-log; with $request_time and the $upstream_ times in it each layer's time can be told."
}

func (v *view) openRoute(key string) *page {
	for _, e := range v.report.Endpoints {
		name := strings.TrimSpace(e.Key.Method + " " + e.Key.Route)
		if e.Key.Role == "app" {
			name += " (app)"
		}
		if e.Key.Role+" "+name != key {
			continue
		}
		return &page{title: "ROUTE " + name, copy: name, raw: spot{e.Worst.Source, e.Worst.Offset}, text: func(width int) []widget.Line {
			var out []widget.Line
			add := func(label, text string) {
				if text != "" {
					out = append(out, v.style.Paragraph(" "+show.Left(label, 11), widget.Faint, text, widget.Plain, width)...)
				}
			}
			for _, t := range []struct {
				name string
				of   *analyzers.Timing
			}{{"request", &e.Time}, {"upstream", &e.Upstream}, {"connect", &e.Connect}, {"header", &e.Header}, {"client", &e.Client}} {
				if t.of.Count > 0 {
					add(t.name, timingText(t.of))
				}
			}
			add("status", countsText(e.Status))
			add("cache", wordsText(e.Cache))
			add("upstreams", wordsText(e.Upstreams))
			add("retried", show.Count(e.Retried)+" requests; "+show.Count(e.ConnectAboveZero)+" opened a new connection to the upstream")
			add("sent", show.Size(e.BytesSent))
			if e.First > 0 {
				add("seen", show.Span(e.First, e.Last, " - ")+" UTC")
			}
			if e.Worst.Source != "" {
				add("slowest", show.Duration(float64(e.Worst.TimeUS))+", "+spot{e.Worst.Source, e.Worst.Offset}.text()+"; o reads it")
			}
			out = append(out, widget.Line{{Text: " " + show.Left("over time", 11), Role: widget.Faint}, {Text: v.sliceSpark(&e.Slices, min(max(width-13, 1), 80)), Role: widget.Curve}})
			for _, f := range v.about("route", name) {
				out = append(out, nil)
				out = append(out, v.findingText(f, width)...)
			}
			return out
		}}
	}
	return nil
}

func (v *view) upstreamTable() *widget.Table {
	t := &widget.Table{Empty: "No request went to an upstream, or the log does not tell which.", Columns: []widget.Column{
		{Name: "upstream", Width: 18, Flex: true, Help: "address that requests were passed to"},
		{Name: "attempts", Width: 8, Right: true, Help: "requests passed to it, retries included"},
		{Name: "failed", Width: 6, Right: true, Help: "share answered 502, 503 or 504, or not at all"},
		{Name: "p50", Width: 7, Right: true, Priority: 3, Help: "half the answers took at most this"},
		{Name: "p95", Width: 7, Right: true, Priority: 1, Help: "95 % of the answers took at most this"},
		{Name: "p99", Width: 7, Right: true, Priority: 4, Help: "99 % of the answers took at most this"},
		{Name: "conn p95", Width: 8, Right: true, Priority: 2, Help: "95 %: time to connect"},
		{Name: "head p95", Width: 8, Right: true, Priority: 5, Help: "95 %: time to the first byte of the answer"},
	}}
	for _, p := range v.report.Peers {
		failedCell := widget.Name(show.NoValue)
		if failed, ok := over(p.Failed, p.Judged()); ok {
			role := widget.Plain
			if failed >= 0.01 {
				role = widget.Warn
			}
			failedCell = widget.Number(show.Share(failed), failed).In(role)
		}
		t.Rows = append(t.Rows, widget.Row{Key: p.Addr, Copy: p.Addr, Cells: []widget.Cell{
			widget.Name(p.Addr), widget.Number(show.Short(float64(p.Attempts)), float64(p.Attempts)), failedCell,
			timeCell(&p.Response, 0.5), timeCell(&p.Response, 0.95), timeCell(&p.Response, 0.99), timeCell(&p.Connect, 0.95), timeCell(&p.Header, 0.95),
		}})
	}
	return t
}

func (v *view) openPeer(key string) *page {
	p := v.report.Digest.Peers[key]
	if p == nil {
		return nil
	}
	return &page{title: "UPSTREAM " + p.Addr, copy: p.Addr, text: func(width int) []widget.Line {
		var out []widget.Line
		for _, line := range []struct{ label, text string }{
			{"answers", timingText(&p.Response)}, {"connect", timingText(&p.Connect)}, {"header", timingText(&p.Header)}, {"status", countsText(p.Status)},
			{"failed", show.Count(p.Failed) + " of " + show.Count(p.Judged()) + " attempts"},
		} {
			out = append(out, v.style.Paragraph(" "+show.Left(line.label, 9), widget.Faint, line.text, widget.Plain, width)...)
		}
		for _, f := range v.about("upstream", p.Addr) {
			out = append(out, nil)
			out = append(out, v.findingText(f, width)...)
		}
		return out
	}}
}

// statusText divides the requests by the answer, and draws the time of requests and the errors.
func (v *view) statusText(width int) []widget.Line {
	w := &v.report.Digest.Web
	if w.Count == 0 {
		return nil
	}
	out := v.style.Paragraph(" answers   ", widget.Faint, countsText(w.Status), widget.Plain, width)
	n := min(max(width-34, 1), 100)
	draw := func(name string, curve []float64, unit string) {
		if high, ok := widget.Peak(curve); ok {
			out = append(out, widget.Line{{Text: " " + show.Left(name, 10), Role: widget.Faint}, {Text: show.Left(widget.Spark(curve, v.style.ASCII), n), Role: widget.Curve}, {Text: " peak " + show.Measure(&high, unit)}})
		}
	}
	draw("request", v.logCurve(n, "web", func(c *analyzers.Second) float64 { return float64(c.RequestUS) / 1e6 }, requestsOf), "s")
	draw("requests", v.logCurve(n, "web", requestsOf, nil), "per_s")
	draw("5xx", v.logCurve(n, "web", func(c *analyzers.Second) float64 { return float64(c.Errors5xx) }, nil), "per_s")
	draw("retried", v.logCurve(n, "web", func(c *analyzers.Second) float64 { return float64(c.Retried) }, nil), "per_s")
	return out
}

// countsText lists answers by status, the most frequent first.
func countsText(m map[int64]int64) string {
	byName := make(map[string]int64, len(m))
	for k, n := range m {
		byName[fmt.Sprintf("%03d", k)] = n
	}
	return wordsText(byName)
}

func wordsText(m map[string]int64) string {
	names := slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b)) })
	var out []string
	for _, name := range names {
		out = append(out, name+" "+show.Short(float64(m[name])))
	}
	return strings.Join(out, ", ")
}

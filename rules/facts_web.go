package rules

import (
	"cmp"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// requestFacts adds the facts of the web server as a whole.
func requestFacts(m factMap, d *analyzers.Digest) {
	t := &d.Web
	if t.Count == 0 {
		return
	}
	m.num("web_requests", float64(t.Count))
	if span, ok := spanOf(t.First, t.Last); ok {
		m.num("web_span_s", span)
		m.num("web_rps", float64(t.Count)/span)
	}
	m.quantile("web_p95_s", &t.Time, 0.95)
	m.quantile("web_upstream_p95_s", &t.Upstream, 0.95)
	if t.Connect.Count > 0 {
		m.ratio("web_connect_new_share", t.ConnectAbove0, t.Proxied)
		m.quantile("web_connect_p50_s", &t.Connect, 0.50)
		m.quantile("web_connect_p95_s", &t.Connect, 0.95)
	}
	if t.UpstreamLogged > 0 {
		m.ratio("web_retry_share", t.Retried, t.Proxied)
	}
	m.ratio("web_5xx_share", between(t.Status, 500, 599), t.Count)
	m.ratio("web_499_share", t.Status[499], t.Count)
	m.ratio("web_upstream_logged", t.UpstreamLogged, t.Count)
	if t.UpstreamLogged > 0 && len(d.Peers) > 0 {
		peers := 0
		for _, p := range d.Peers {
			if !groupName(p) {
				peers++
			}
		}
		m.num("web_peers", float64(peers))
	}
	var files, bytes, allBytes, byApp int64
	for _, e := range d.Endpoints {
		if e.Key.Role != "web" {
			continue
		}
		allBytes += e.BytesSent
		if staticFile(e.Key.Route) {
			files += e.Requests
			bytes += e.BytesSent
			byApp += e.Upstream.Count
		}
	}
	m.ratio("static_share", files, t.Count)
	m.ratio("static_bytes_share", bytes, allBytes)
	if t.UpstreamLogged > 0 {
		m.ratio("static_upstream_share", byApp, t.Count)
	}
}

// staticSuffixes are of files that do not depend on who asks.
var staticSuffixes = []string{".css", ".js", ".mjs", ".map", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico", ".woff", ".woff2", ".ttf", ".mp4", ".webm", ".pdf", ".zip"}

func staticFile(route string) bool {
	return slices.ContainsFunc(staticSuffixes, func(suffix string) bool { return strings.HasSuffix(strings.ToLower(route), suffix) })
}

// loadFacts adds what the application had to carry in the bad window and before it.
func loadFacts(m factMap, d *analyzers.Digest, a timeline.Attribution) {
	if bad := a.Bad; d.Web.UpstreamLogged > 0 && bad.Requests > 0 && bad.To > bad.From && bad.UpstreamUS >= 0 {
		m.num("upstream_now_s", inSeconds(bad.UpstreamUS)/float64(bad.Requests))
		m.num("upstream_at_a_time", inSeconds(bad.UpstreamUS)/float64(bad.To-bad.From))
		base := a.Baseline
		if base.Requests > 0 && base.To > base.From && base.UpstreamUS >= 0 {
			m.num("upstream_before_s", inSeconds(base.UpstreamUS)/float64(base.Requests))
			m.num("web_request_growth", float64(bad.Requests)/float64(bad.To-bad.From)/(float64(base.Requests)/float64(base.To-base.From)))
		}
	}
}

func between(status map[int64]int64, low, high int64) (n int64) {
	for code, count := range status {
		if code >= low && code <= high {
			n += count
		}
	}
	return n
}

// routeFacts returns the facts of the routes that rules look at: by time, and where no time is
// logged by requests.
func routeFacts(d *analyzers.Digest) []subjectFacts {
	var routes []*analyzers.Endpoint
	for _, e := range d.Endpoints {
		if e.Key.Role == "web" && e.Key.Route != analyzers.OtherName && e.Requests > 0 {
			routes = append(routes, e)
		}
	}
	slices.SortFunc(routes, func(a, b *analyzers.Endpoint) int {
		return cmp.Or(cmp.Compare(b.Time.Sum, a.Time.Sum), cmp.Compare(b.Requests, a.Requests),
			cmp.Compare(a.Key.Route, b.Key.Route), cmp.Compare(a.Key.Method, b.Key.Method))
	})
	routes = routes[:min(len(routes), maxSubjects)]
	out := make([]subjectFacts, 0, len(routes))
	for _, e := range routes {
		id := e.Key.Method + " " + e.Key.Route
		out = append(out, subjectFacts{Subject{Kind: "route", ID: id, Label: shorten(id, maxLabel)}, endpointFacts(e, &d.Web)})
	}
	return out
}

func endpointFacts(e *analyzers.Endpoint, all *analyzers.RequestTotals) factMap {
	m := factMap{"method": e.Key.Method, "route": shorten(e.Key.Route, maxLabel)}
	m.num("requests", float64(e.Requests))
	if span, ok := spanOf(all.First, all.Last); ok {
		m.num("rate", float64(e.Requests)/span)
	}
	if e.Time.Count > 0 {
		m.ratio("share", e.Time.Sum, all.Time.Sum)
	}
	m.mean("mean_s", &e.Time)
	m.quantile("p50_s", &e.Time, 0.50)
	m.quantile("p95_s", &e.Time, 0.95)
	m.quantile("p99_s", &e.Time, 0.99)
	m.quantile("upstream_p95_s", &e.Upstream, 0.95)
	m.quantile("upstream_max_s", &e.Upstream, 1)
	m.quantile("connect_p95_s", &e.Connect, 0.95)
	client := &e.Client
	if client.Count == 0 && e.Upstream.Count == 0 && all.UpstreamLogged > 0 {
		client = &e.Time // the web server answered by itself: all the time is the client's
	}
	if client.Count > 0 {
		m.quantile("client_p95_s", client, 0.95)
		m.ratio("client_share", client.Sum, e.Time.Sum)
		m.ratio("client_share_of_all", client.Sum, all.Time.Sum)
	}
	m.ratio("bytes_mean", e.BytesSent, e.Requests)
	if all.UpstreamLogged > 0 {
		m.ratio("retry_share", e.Retried, e.Requests)
	}
	m.ratio("share_5xx", between(e.Status, 500, 599), e.Requests)
	for code, name := range map[int64]string{499: "share_499", 502: "share_502", 503: "share_503", 504: "share_504"} {
		m.ratio(name, e.Status[code], e.Requests)
	}
	var looked int64
	for _, n := range e.Cache {
		looked += n
	}
	m.ratio("cache_miss_share", looked-e.Cache["HIT"]-e.Cache["STALE"]-e.Cache["UPDATING"]-e.Cache["REVALIDATED"], looked)
	m.ratio("upstream_share_of_all", e.Upstream.Sum, all.Upstream.Sum)
	if t, ok := plateau(&e.Upstream); ok {
		m.num("timeout_s", t)
	}
	return m
}

// roundTimeouts are the values of proxy_read_timeout people set, in seconds; 60 is the default.
var roundTimeouts = []float64{1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 75, 90, 120, 180, 300, 600, 900}

// plateau finds the round limit at which the slowest answers stop: nothing takes more than 3 % longer
// than it, and some take that long.
func plateau(t *analyzers.Timing) (s float64, ok bool) {
	if t.Count == 0 {
		return 0, false
	}
	longest := inSeconds(t.Max)
	for _, r := range roundTimeouts {
		if longest >= 0.99*r && longest <= 1.03*r {
			return r, true
		}
	}
	return 0, false
}

// groupName reports whether a peer is none: where no server of a group is live Nginx logs the group's name, which
// has no port, in place of an address, and answers 502.
func groupName(p *analyzers.Peer) bool {
	return !strings.Contains(p.Addr, ":") && p.Addr != analyzers.OtherName && p.Attempts > 0 && p.Failed == p.Attempts
}

// minOverlap is how much of the requests' window the slow log must cover before the two are joined.
const minOverlap = 0.8

// crossFacts adds what the two logs say together.
func crossFacts(m factMap, d *analyzers.Digest, a timeline.Attribution) {
	bad := a.Bad
	if bad.To <= bad.From || bad.Requests == 0 || !covers(&d.Statements, bad.From*1e6, bad.To*1e6) {
		return
	}
	whole := d.Statements.Whole()
	if bad.UpstreamUS > 0 && bad.DBUS >= 0 {
		m.num("bad_upstream_s", inSeconds(bad.UpstreamUS))
		m.ratio("db_share_at_least", bad.DBUS, bad.UpstreamUS)
		if whole {
			m.ratio("db_share_of_upstream", bad.DBUS, bad.UpstreamUS)
		}
	}
	if bad.Statements > 0 && bad.DBUS >= 0 {
		m.num("bad_db_mean_s", inSeconds(bad.DBUS)/float64(bad.Statements))
	}
	if bad.DBUS >= 0 {
		m.num("bad_db_load", bad.Running())
	}
	if whole {
		m.ratio("queries_per_request", bad.Statements, bad.Requests)
	}
	base := a.Baseline
	if base.Requests == 0 || base.To <= base.From {
		return
	}
	if whole && covers(&d.Statements, base.From*1e6, base.To*1e6) {
		m.ratio("queries_per_request_before", base.Statements, base.Requests)
	}
	m.num("request_growth", float64(bad.Requests)/float64(bad.To-bad.From)/(float64(base.Requests)/float64(base.To-base.From)))
}

// covers reports whether the statements span at least minOverlap of [from, to).
func covers(t *analyzers.StatementTotals, from, to int64) bool {
	if t.First == collectors.NoTime || t.Last == collectors.NoTime || to <= from {
		return false
	}
	both := min(t.Last+1e6, to) - max(t.First-1e6, from)
	return float64(both) >= minOverlap*float64(to-from)
}

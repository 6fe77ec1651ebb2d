package report

import (
	"strings"
	"time"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
	"dbtriage/rules"
)

// t0 is when the sample incident's logs begin.
var t0 = time.Date(2026, 11, 22, 13, 37, 0, 0, time.UTC).Unix()

const (
	minutes = 25
	onset   = 20 * 60 // seconds after t0
)

func f64(f float64) *float64 { return &f }

func at(s int64) int64 { return (t0 + s) * 1e6 }

// timing spreads n durations around a middle, some of them slow.
func timing(n, us int64) analyzers.Timing {
	var t analyzers.Timing
	for i := range n {
		v := us/2 + us*(i%10)/10
		if i%50 == 49 {
			v = us * 6
		}
		t.Add(v)
	}
	return t
}

func class(id, fp string, kind analyzers.Kind, calls, us, sent, examined int64) *analyzers.Class {
	c := &analyzers.Class{Fingerprint: fp, ID: id, Kind: kind, Time: timing(calls, us), LockUS: calls * 40,
		RowsSent: sent, RowsSentKnown: calls, RowsExamined: examined, RowsExaminedKnown: calls,
		First: at(3), Last: at(minutes*60 - 2), Databases: twoSchemas(analyzers.Usage{Calls: calls, TimeUS: us * calls})}
	c.Worst = analyzers.Example{SQL: strings.ReplaceAll(fp, "?", "'secret@example.org'"), Schema: "shop", Source: "/var/log/mysql/slow.log", Offset: 91231, QueryTime: c.Time.Max}
	return c
}

func endpoint(method, route string, n, us, upstream int64) *analyzers.Endpoint {
	return &analyzers.Endpoint{Key: analyzers.EndpointKey{Role: "web", Method: method, Route: route}, Time: timing(n, us),
		Upstream: timing(n, upstream), Connect: timing(n, 300), Header: timing(n, upstream), Client: timing(n, max(us-upstream, 0)),
		Requests: n, Status: map[int64]int64{200: n - 2, 404: 1, 502: 1}, Retried: 1, Upstreams: map[string]int64{"10.0.0.5:8000": n},
		Cache: map[string]int64{}, First: at(0), Last: at(minutes*60 - 1)}
}

func slowLog(d *analyzers.Digest) {
	add := func(c *analyzers.Class) {
		d.Classes[c.Fingerprint] = c
		t := &d.Statements
		t.Count += c.Time.Count
		t.TimeUS += c.Time.Sum
		t.Time.Merge(&c.Time)
	}
	add(class("3F2A91C0DE77B210", "select * from orders where user_id = ? and status in (?+) order by created_at desc limit ?", analyzers.Read, 1204, 301_000, 12_040, 496_000_000))
	add(class("91C0AA17E5B60D42", "select i.id, i.sku, s.qty from items i join stock s on s.sku = i.sku where i.id = ?", analyzers.Read, 8800, 2_100, 8800, 105_600))
	add(class("0BD4C1F2233A9E10", "update stock set qty = qty - ? where sku = ?", analyzers.Write, 2170, 3_000, 0, 2170))
	add(class("C2E1550B7A1D0F93", "insert into audit (user_id, what, at) values (?+)", analyzers.Write, 1210, 1_100, 0, 0))
	d.Statements.First, d.Statements.Last = at(1), at(minutes*60-2)
	for s := range int64(minutes * 60) {
		c := d.Series.At(at(s))
		slow := int64(1)
		if s >= onset {
			slow = min(1+(s-onset)/20, 9)
		}
		c.Statements += 9
		c.Reads += 7
		c.QueryUS += slow * 300_000
		c.DBBusyUS += slow * 300_000
	}
}

func accessLog(d *analyzers.Digest, slow bool) {
	for _, e := range []*analyzers.Endpoint{
		endpoint("GET", "/orders/list", 2460, 380_000, 360_000), endpoint("POST", "/cart", 1320, 61_000, 52_000),
		endpoint("GET", "/static/:slug", 18_600, 2_000, 0), endpoint("GET", "/api/v2/customers/:id/orders/:id/shipments/:uuid/events", 88, 90_000, 80_000),
	} {
		d.Endpoints[e.Key] = e
		w := &d.Web
		w.Count += e.Requests
		w.WithTime += e.Requests
		w.UpstreamLogged += e.Requests
		w.Time.Merge(&e.Time)
		w.Upstream.Merge(&e.Upstream)
	}
	d.Web.First, d.Web.Last = at(0), at(minutes*60-1)
	d.Peers["10.0.0.5:8000"] = &analyzers.Peer{Addr: "10.0.0.5:8000", Response: timing(2000, 301_000), Connect: timing(2000, 250), Attempts: 2010, Failed: 4, Status: map[int64]int64{200: 2006, 502: 4}}
	d.Peers["10.0.0.6:8000"] = &analyzers.Peer{Addr: "10.0.0.6:8000", Response: timing(1900, 299_000), Attempts: 1900}
	for s := range int64(minutes * 60) {
		if s >= 500 && s < 560 {
			continue // nothing was logged for a minute
		}
		c := d.Series.At(at(s))
		each := int64(74_000)
		if slow && s >= onset {
			each = min(74_000+(s-onset)*2000, 420_000)
			c.Errors5xx += s % 2
		}
		n := 12 + s%5
		c.Requests += n
		c.RequestUS += each * n
		c.UpstreamUS += each * n * 9 / 10
	}
}

func source(path, format, role string, events int64) collectors.Source {
	return collectors.Source{Path: path, Format: format, Role: role, Bytes: events * 310, Events: events, From: at(0), To: at(minutes*60 - 1)}
}

func division(from, to, requests, client, web, upstream, db int64) timeline.Division {
	return timeline.Division{From: t0 + from, To: t0 + to, Requests: requests, RequestUS: requests * (client + web + upstream),
		ClientUS: requests * client, WebUS: requests * web, UpstreamUS: requests * upstream, AppUS: timeline.Absent, Statements: requests * 2, DBUS: requests * db}
}

var sampleFindings = []rules.Finding{
	{
		ID: "Q01@3F2A91C0DE77B210", Rule: "Q01", Severity: rules.Critical, Layer: rules.LayerDatabase, Confidence: 0.93,
		Subject: rules.Subject{Kind: "query", ID: "3F2A91C0DE77B210", Label: "select * from orders where user_id = ? and status in (?+) order by created_at desc limit ?"},
		Title:   "One statement reads 41,196 rows for each row it returns",
		Args:    map[string]any{"ratio": 41196.0, "table": "orders", "calls": int64(1204)},
		Evidence: []rules.Evidence{
			{What: "rows examined for each row sent", Value: f64(41196), Limit: f64(100), Unit: "ratio", Window: "13:57:00–14:02:00", Source: "slow.log at byte 91231", For: true},
			{What: "share of all statement time", Value: f64(0.93), Limit: f64(0.1), Unit: "share", Window: "13:37:00–14:02:00", Source: "slow.log", For: true},
			{What: "lock time a call", Value: f64(0.00004), Limit: f64(0.01), Unit: "s", Window: "13:37:00–14:02:00", Source: "slow.log", For: false},
		},
		Advice: []rules.Advice{{Kind: "index", Do: "ALTER TABLE orders ADD INDEX idx_user_created (user_id, created_at), ALGORITHM=INPLACE, LOCK=NONE",
			Expect: "the statement reads about as many rows as it returns; 93% of statement time goes", Risk: "low: one more index to write, about 61 MiB",
			Undo: "ALTER TABLE orders DROP INDEX idx_user_created", Verify: "EXPLAIN shows key = idx_user_created; p95 of the statement is below 10 ms within 5 minutes", Rung: "index"}},
	},
	{
		ID: "N02@GET /orders/list", Rule: "N02", Severity: rules.Warning, Layer: rules.LayerApp, Confidence: 0.7, Provisional: true,
		Subject: rules.Subject{Kind: "route", ID: "GET /orders/list", Label: "GET /orders/list"}, Title: "1.2% of the requests for /orders/list fail with 5xx",
		Evidence:  []rules.Evidence{{What: "share of 5xx", Value: f64(0.012), Limit: f64(0.01), Unit: "share", Window: "13:57:00–14:02:00", Source: "access.log", For: true}},
		Advice:    []rules.Advice{{Kind: "observe", Do: "Read the application's error log between 13:57 and 14:02.", Expect: "the error behind the 502", Verify: "5xx is below 1%", Rung: "observe"}},
		BecauseOf: []string{"Q01@3F2A91C0DE77B210"},
	},
	{
		ID: "O01@global", Rule: "O01", Severity: rules.Info, Layer: rules.LayerDatabase, Confidence: 0.6, Subject: rules.Subject{Kind: "global"},
		Title:    "The slow log holds only statements above its threshold",
		Evidence: []rules.Evidence{{What: "shortest statement", Value: f64(0.1), Unit: "s", Source: "slow.log", For: true}},
		Advice: []rules.Advice{{Kind: "cnf", Do: "SET GLOBAL long_query_time = 0.1", Expect: "short statements that run often come to light", Risk: "the log grows faster",
			Undo: "SET GLOBAL long_query_time = 1", Verify: "the log holds statements below one second", Rung: "observe", Held: "Q01 has the larger gain: close it first"}},
	},
}

var sampleGaps = []rules.Gap{
	{Rule: "Q05", Missing: []string{"EXPLAIN"}, Provide: "give a live server with --mysql, or --schema DUMP.sql"},
	{Rule: "M03", Missing: []string{"server status"}, Provide: "give a live server with --mysql user@host"},
	{Rule: "Q07", Missing: []string{"EXPLAIN"}, Provide: "give a live server with --mysql, or --schema DUMP.sql"},
	{Rule: "H01", Missing: []string{"host CPU", "host disk"}, Provide: "give a recording of sar: sadf -j > host.json"},
}

// incident is a database incident with both logs.
func incident(opt Options) *Report {
	d := analyzers.NewDigest()
	slowLog(d)
	accessLog(d, true)
	slow, access := source("/var/log/mysql/slow.log", "mysql slow log", "db", 13384), source("/srv/archive/2026/11/22/web-frontend-03.example.org/nginx/access.log.1.gz", "nginx upstream", "web", 22468)
	slow.Skipped, slow.Skips = 3, []collectors.Skip{{Offset: 0, Line: 1, Why: "the record's head is missing: the log was rotated"}, {Offset: 88812, Line: 1804, Why: `bad Query_time "x"`}, {Offset: 90000, Why: "no statement"}}
	slow.Warnings = []string{"a header at byte 71020 may lie inside a literal; it is counted as an event"}
	access.Host = "web-03"
	s := &analyzers.Snapshot{Window: analyzers.Window{From: at(0), To: at(minutes * 60)}, Sources: []collectors.Source{slow, access}, Digest: d}
	a := timeline.Attribution{
		Whole: division(0, minutes*60, 22468, 4_000, 2_000, 130_000, 101_000), Bad: division(onset, minutes*60, 4490, 5_000, 2_000, 380_000, 338_000),
		Baseline: division(0, onset, 17978, 4_000, 2_000, 68_000, 41_000), Onset: t0 + onset, Change: "request time", Ratio: 5.23, Overlap: true,
	}
	j := rules.Judgement{Findings: sampleFindings, Gaps: sampleGaps, Verdict: rules.Verdict{
		Layer: rules.LayerDatabase, SeenIn: rules.LayerDatabase, Confidence: 0.86, Since: at(onset),
		Summary:    "94% of what requests take longer since 13:57 is spent in the database. One statement reads 41,196 rows for each row it returns.",
		Candidates: []rules.Candidate{{Layer: rules.LayerDatabase, Share: f64(0.94), Confidence: 0.86}, {Layer: rules.LayerApp, Share: f64(0.05), Confidence: 0.24}},
		RuledOut:   []rules.RuledOut{{Layer: rules.LayerClient, Why: "0.3% of the added time"}, {Layer: rules.LayerWeb, Why: "0% of the added time"}, {Layer: rules.LayerApp, Why: "5% of the added time"}},
		Unknown:    []string{"statements below 0.1 s: the slow log looks cut by long_query_time", "the hosts: no recording of CPU, memory or disk was given", "what the application does while it does not wait for the database: it wrote no log of its own"},
	}}
	return New(s, sampleWorkload(), a, j, opt)
}

func sampleWorkload() analyzers.Workload {
	return analyzers.Workload{Reads: 10004, Writes: 3380, Other: 0, PeakQPS: 88, PeakAt: t0 + 1300, PeakReads: 400, PeakWrites: 420,
		Tables: []analyzers.TableUse{{Schema: "shop", Table: "orders", Reads: 1204, TimeUS: 430e6, Classes: 1}, {Schema: "shop", Table: "stock", Reads: 8800, Writes: 2170, TimeUS: 26e6, Classes: 2},
			{Table: "audit", Writes: 1210, TimeUS: 1_500_000, Classes: 1}},
		TablesOf: map[string][]string{"select * from orders where user_id = ? and status in (?+) order by created_at desc limit ?": {"shop.orders"}, "update stock set qty = qty - ? where sku = ?": {"shop.stock"}}}
}

func healthy() *Report {
	d := analyzers.NewDigest()
	slowLog(d)
	accessLog(d, false)
	s := &analyzers.Snapshot{Window: analyzers.Window{From: at(0), To: at(minutes * 60)}, Digest: d,
		Sources: []collectors.Source{source("slow.log", "mysql slow log", "db", 13384), source("access.log", "nginx upstream", "web", 22468)}}
	whole := division(0, minutes*60, 22468, 4_000, 2_000, 68_000, 21_000)
	a := timeline.Attribution{Whole: whole, Bad: whole, Overlap: true}
	j := rules.Judgement{Verdict: rules.Verdict{Layer: rules.LayerNone, SeenIn: rules.LayerNone, Confidence: 0.7, Since: collectors.NoTime,
		Summary: "Nothing changed, nothing fails and no rule warns: 95% of the requests take at most 0.41 s."},
		InForce: rules.InForce{Hash: "5ac39e12f7d0", Changes: []string{"Q01: min_share = 0.2 in place of 0.05 (/etc/dbtriage/overrides.yaml:3: <one> \x1b[31m report is known)"}}}
	return New(s, sampleWorkload(), a, j, Options{Version: "0.1.0"})
}

func slowAlone() *Report {
	d := analyzers.NewDigest()
	slowLog(d)
	s := &analyzers.Snapshot{Window: analyzers.Window{From: at(0), To: at(minutes * 60)}, Digest: d, Sources: []collectors.Source{source("slow.log", "mysql slow log", "db", 13384)}}
	whole := timeline.Division{From: t0, To: t0 + minutes*60, RequestUS: -1, ClientUS: -1, WebUS: -1, UpstreamUS: -1, AppUS: -1, Statements: 13384, DBUS: 490e6}
	j := rules.Judgement{Findings: sampleFindings[:1], Verdict: rules.Verdict{Layer: rules.LayerDatabase, SeenIn: rules.LayerDatabase, Confidence: 0.5, Since: collectors.NoTime,
		Summary: "The database is under strain: one statement reads 41,196 rows for each row it returns. Whether requests wait for it is not known.",
		Unknown: []string{"client, web server and application: no access log was given"}}}
	return New(s, sampleWorkload(), timeline.Attribution{Whole: whole, Bad: whole}, j, Options{Samples: true, Version: "0.1.0"})
}

func accessAlone() *Report {
	d := analyzers.NewDigest()
	accessLog(d, true)
	s := &analyzers.Snapshot{Window: analyzers.Window{From: at(0), To: at(minutes * 60)}, Digest: d, Sources: []collectors.Source{source("access.log", "nginx upstream", "web", 22468)}}
	w, b, base := division(0, minutes*60, 22468, 4_000, 2_000, 130_000, 0), division(onset, minutes*60, 4490, 5_000, 2_000, 380_000, 0), division(0, onset, 17978, 4_000, 2_000, 68_000, 0)
	for _, x := range []*timeline.Division{&w, &b, &base} {
		x.DBUS, x.Statements = timeline.Absent, 0
	}
	j := rules.Judgement{Gaps: sampleGaps[:1], Verdict: rules.Verdict{Layer: rules.LayerUnknown, SeenIn: rules.LayerApp, Confidence: 0.6, Since: at(onset),
		Summary:    "98% of the added time is spent behind the web server, in the application or what it waits for.",
		Candidates: []rules.Candidate{{Layer: rules.LayerClient, Share: f64(0.06), Confidence: 0.2}},
		Unknown:    []string{"application or database: no slow log was given"}}}
	return New(s, analyzers.Workload{}, timeline.Attribution{Whole: w, Bad: b, Baseline: base, Onset: t0 + onset, Change: "request time", Ratio: 5.23, Overlap: true}, j, Options{Version: "0.1.0"})
}

func empty() *Report {
	s := &analyzers.Snapshot{Window: analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}, Digest: analyzers.NewDigest()}
	return New(s, analyzers.Workload{}, timeline.Attribution{}, rules.Judgement{}, Options{})
}

// evil holds what an attacker would write into a log.
const evil = "\x1b[31mred\x1b]52;c;ZXZpbA==\x07 `a` ``b`` | \\| \\\\| </details><script>alert(1)</script> \u202egnp.exe\u2066 " +
	"\xff\xfe\x00 \u009b31m \x7f\t\r\n# H1\n- x | y [l](javascript:x) ![i](http://e.org/p.png) <!-- @root #1 $x$ &lt; www.evil.org \u200b\ufeff \U000e0041 漢字漢字 e\u0301\u0301\u0301\u0301\u0301\u0301"

func hostile() *Report {
	r := incident(Options{Samples: true, Version: "0.1.0" + evil})
	d := r.Digest
	c := class("DEADBEEF00000000"+evil, "select "+evil+strings.Repeat(" 漢字", 60), analyzers.Read, 9, 9e6, 1, 1)
	c.Worst.SQL, c.Worst.Source = "select '"+evil+"'\n```\n~~~\n````\n</details>", evil
	d.Classes[c.Fingerprint] = c
	e := endpoint("G"+evil, "/"+evil, 70, 900_000, 800_000)
	d.Endpoints[e.Key] = e
	d.Peers[evil] = &analyzers.Peer{Addr: evil, Response: timing(9, 9e8), Attempts: 9}
	src := source(evil, evil, evil, 1)
	src.Host, src.Skipped, src.Skips, src.Warnings = evil, 1, []collectors.Skip{{Line: 1, Why: evil}}, []string{evil}
	f := sampleFindings[0]
	f.ID, f.Rule, f.Title, f.Subject, f.BecauseOf = evil, evil, evil, rules.Subject{Kind: evil, ID: evil, Label: evil}, []string{evil}
	f.Args = map[string]any{evil: evil}
	f.Evidence = []rules.Evidence{{What: evil, Unit: evil, Value: f64(1), Window: evil, Source: evil}}
	f.Advice = []rules.Advice{{Do: evil, Expect: evil, Risk: evil, Undo: evil, Verify: evil, Held: evil}, {Do: evil}}
	g := f
	g.BecauseOf = nil
	w := sampleWorkload()
	w.Tables = append(w.Tables, analyzers.TableUse{Schema: evil, Table: evil, Reads: 1})
	v := r.Verdict
	v.Summary, v.Unknown, v.RuledOut = evil, []string{evil}, []rules.RuledOut{{Layer: rules.LayerWeb, Why: evil}}
	a := r.Attribution
	a.Change = evil
	return New(&analyzers.Snapshot{Window: r.Window, Sources: []collectors.Source{src}, Digest: d}, w, a,
		rules.Judgement{Verdict: v, Findings: []rules.Finding{f, g}, Gaps: []rules.Gap{{Rule: evil, Missing: []string{evil}, Provide: evil}}}, r.Options)
}

func twoSchemas(shop analyzers.Usage) (d analyzers.Databases) {
	d.Add("shop", shop)
	d.Add("", analyzers.Usage{Calls: 1})
	return d
}

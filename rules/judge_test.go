package rules

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// t0 is the start of every hand-built log: 2026-11-22 22:40:00 UTC.
const t0 = int64(1795387200) * 1e6

func load(t testing.TB) *Set {
	t.Helper()
	s, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// loadOnce serves the tests that judge: a set is never changed.
var loadOnce = sync.OnceValues(func() (*Set, error) { return LoadTested() })

// emptySnapshot has sources of the given roles and nothing in them.
func emptySnapshot(roles ...string) *analyzers.Snapshot {
	s := &analyzers.Snapshot{Digest: analyzers.NewDigest()}
	for _, role := range roles {
		s.Sources = append(s.Sources, collectors.Source{Path: role + ".log", Role: role})
	}
	return s
}

// addClass adds a class of calls statements of us each, spread over five minutes from t0.
func addClass(d *analyzers.Digest, fingerprint string, kind analyzers.Kind, calls int, us int64) *analyzers.Class {
	c := &analyzers.Class{
		Fingerprint: fingerprint, ID: fmt.Sprintf("%016X", len(d.Classes)+1), Kind: kind,
		First: t0, Last: t0 + 300e6,
	}
	for range calls {
		c.Time.Add(us)
		d.Statements.Time.Add(us)
	}
	d.Classes[fingerprint] = c
	d.Statements.Count += int64(calls)
	d.Statements.TimeUS += int64(calls) * us
	switch kind {
	case analyzers.Read:
		d.Statements.Reads += int64(calls)
	case analyzers.Write:
		d.Statements.Writes += int64(calls)
	}
	d.Statements.First, d.Statements.Last = t0, t0+300e6
	return c
}

func setRows(c *analyzers.Class, sent, examined int64) {
	n := c.Time.Count
	c.RowsSent, c.RowsSentKnown = sent*n, n
	c.RowsExamined, c.RowsExaminedKnown = examined*n, n
	c.MaxRowsSent, c.MaxRowsExamined = sent, examined
}

func finding(findings []Finding, id string) *Finding {
	for i := range findings {
		if findings[i].ID == id {
			return &findings[i]
		}
	}
	return nil
}

func gapOf(gaps []Gap, rule string) *Gap {
	for i := range gaps {
		if gaps[i].Rule == rule {
			return &gaps[i]
		}
	}
	return nil
}

// missingIndex is a slow log of quick statements and one that scans.
func missingIndex() *analyzers.Snapshot {
	s := emptySnapshot("db")
	setRows(addClass(s.Digest, "select qty from stock where product_id = ?", analyzers.Read, 2000, 300), 1, 1)
	setRows(addClass(s.Digest, "select id, total from orders where shop_id = ? and status = ? order by created_at desc limit ?", analyzers.Read, 400, 500_000), 20, 400_000)
	return s
}

func TestMissingIndex(t *testing.T) {
	findings, gaps := Judge(missingIndex(), timeline.Attribution{}, load(t), "en")
	q2 := finding(findings, "Q02@0000000000000002")
	if q2 == nil {
		t.Fatalf("no Q02 among %v", ids(findings))
	}
	if want := "ALTER TABLE orders ADD INDEX ix_orders_shop_id_status_created_at (shop_id, status, created_at), ALGORITHM=INPLACE, LOCK=NONE; the definition of orders was not given"; !strings.Contains(q2.Advice[0].Do, want) {
		t.Errorf("advice %q lacks %q", q2.Advice[0].Do, want)
	}
	if len(q2.Advice) != 1 || q2.Advice[0].Held != "" {
		t.Errorf("advice %+v", q2.Advice)
	}
	if q2.Severity != Warning || q2.Provisional || q2.Layer != LayerDatabase || q2.Share < 0.99 {
		t.Errorf("finding %+v", q2)
	}
	if want := "Query 0000000000000002 on orders (shop_id, status, created_at) reads 20,000 rows for each row it needs"; q2.Title != want {
		t.Errorf("title %q, want %q", q2.Title, want)
	}
	q1 := finding(findings, "Q01@0000000000000002")
	if q1 == nil || !slices.Equal(q1.BecauseOf, []string{q2.ID}) || q1.Severity != Info || q1.Advice[0].Held == "" {
		t.Errorf("Q01 is not explained by Q02: %+v", q1)
	}
	if e := q2.Evidence[0]; *e.Value != 20000 || *e.Limit != 1000 || e.Source != "slow log" ||
		e.Window != "2026-11-22T22:40:00Z/2026-11-22T22:45:00Z" || !e.For {
		t.Errorf("evidence %+v", e)
	}
	// The requests are not there: rules over them are one gap each that names the log to give.
	g := gapOf(gaps, "N02")
	if g == nil || !slices.Equal(g.Missing, []string{"access log"}) || g.Subject.ID != "" || !strings.Contains(g.Provide, "Nginx") {
		t.Errorf("gap %+v", g)
	}
	if finding(findings, "N02") != nil || gapOf(gaps, "Q02") != nil {
		t.Errorf("gaps %+v", gaps)
	}
}

func TestChinese(t *testing.T) {
	findings, gaps := Judge(missingIndex(), timeline.Attribution{}, load(t), "zh")
	if q2 := finding(findings, "Q02@0000000000000002"); q2 == nil || q2.Title != "语句 0000000000000002（orders (shop_id, status, created_at)）每取一行要读 20,000 行" {
		t.Errorf("%+v", q2)
	}
	if g := gapOf(gaps, "N02"); g == nil || !strings.Contains(g.Provide, "访问日志") {
		t.Errorf("%+v", g)
	}
}

// TestDeepOffset is a page far into a list: the fix is the statement, and no index is proposed.
func TestDeepOffset(t *testing.T) {
	s := emptySnapshot("db")
	c := addClass(s.Digest, "select id, total from orders where shop_id = ? order by id limit ?, ?", analyzers.Read, 400, 50_000)
	setRows(c, 20, 250_020)
	c.OffsetCalls, c.OffsetSum, c.MaxOffset = 400, 400*250_000, 500_000
	findings, _ := Judge(s, timeline.Attribution{}, load(t), "en")
	q6, q2 := finding(findings, "Q06@"+c.ID), finding(findings, "Q02@"+c.ID)
	if q6 == nil || q6.Severity != Warning {
		t.Fatalf("no Q06 among %v", ids(findings))
	}
	if q2 == nil || q2.Severity != Info || !slices.Equal(q2.BecauseOf, []string{q6.ID}) || q2.Advice[0].Held == "" {
		t.Errorf("Q02 is not explained: %+v", q2)
	}
	if findings[0].ID != q6.ID {
		t.Errorf("order %v", ids(findings))
	}
}

func TestUnusedKey(t *testing.T) {
	s := emptySnapshot("db")
	c := addClass(s.Digest, "select id, name from users where phone = ?", analyzers.Read, 500, 40_000)
	setRows(c, 1, 200_000)
	c.Worst.Explain = "id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\tfiltered\tr_filtered\tExtra\n" +
		"1\tSIMPLE\tusers\tALL\tidx_phone\tNULL\tNULL\tNULL\t199010\t200000.00\t100.00\t0.00\tUsing where\n"
	findings, _ := Judge(s, timeline.Attribution{}, load(t), "en")
	q5, q2 := finding(findings, "Q05@"+c.ID), finding(findings, "Q02@"+c.ID)
	if q5 == nil || !strings.Contains(q5.Advice[0].Do, "string") {
		t.Fatalf("no Q05 among %v", ids(findings))
	}
	if q2 == nil || q2.Severity != Info || q2.Advice[0].Held == "" {
		t.Errorf("an index is proposed beside the one not used: %+v", q2)
	}
}

func TestRetries(t *testing.T) {
	s := emptySnapshot("web")
	d := s.Digest
	d.Web.Count, d.Web.Proxied, d.Web.Retried, d.Web.UpstreamLogged = 2000, 2000, 900, 2000
	d.Web.First, d.Web.Last = t0, t0+300e6
	d.Peers["127.0.0.1:18081"] = &analyzers.Peer{Addr: "127.0.0.1:18081", Attempts: 2000}
	d.Peers["127.0.0.1:18082"] = &analyzers.Peer{Addr: "127.0.0.1:18082", Attempts: 900, Failed: 900}
	findings, gaps := Judge(s, timeline.Attribution{}, load(t), "en")
	f := finding(findings, "N05@127.0.0.1:18082")
	if f == nil || finding(findings, "N05@127.0.0.1:18081") != nil {
		t.Fatalf("findings %v", ids(findings))
	}
	if want := "Upstream 127.0.0.1:18082 fails 100 % of its attempts; Nginx retries 45 % of the requests that it passes on elsewhere"; f.Title != want {
		t.Errorf("title %q, want %q", f.Title, want)
	}
	// Times are not in this log: rules over them are gaps that group the peers.
	if g := gapOf(gaps, "N07"); g == nil || g.Subject.Kind != "upstream" || g.Subject.ID != "" || g.Subject.Label != "2 × upstream" {
		t.Errorf("gap %+v", g)
	}
}

// Where no server of a group is live Nginx logs its name: no process stands behind that.
func TestNameOfAGroup(t *testing.T) {
	s := emptySnapshot("web")
	d := s.Digest
	d.Web.Count, d.Web.Proxied, d.Web.Retried, d.Web.UpstreamLogged = 2000, 2000, 900, 2000
	d.Web.First, d.Web.Last = t0, t0+300e6
	d.Peers["127.0.0.1:18082"] = &analyzers.Peer{Addr: "127.0.0.1:18082", Attempts: 2000, Failed: 900}
	d.Peers["unix:/run/app.sock"] = &analyzers.Peer{Addr: "unix:/run/app.sock", Attempts: 900, Failed: 900}
	d.Peers["backend"] = &analyzers.Peer{Addr: "backend", Attempts: 900, Failed: 900}
	d.Peers["by-name"] = &analyzers.Peer{Addr: "by-name", Attempts: 900, Failed: 800}
	findings, _ := Judge(s, timeline.Attribution{}, load(t), "en")
	for id, want := range map[string]bool{
		"N05@backend": false, "N19@backend": true, "N05@127.0.0.1:18082": true, "N19@127.0.0.1:18082": false,
		"N05@unix:/run/app.sock": true, "N19@unix:/run/app.sock": false, "N05@by-name": true, "N19@by-name": false,
	} {
		if got := finding(findings, id) != nil; got != want {
			t.Errorf("%s: %v", id, got)
		}
	}
	m := factMap{}
	if requestFacts(m, d); m["web_peers"] != 3.0 {
		t.Errorf("%v peers, a group is none", m["web_peers"])
	}
}

// TestNotTheDatabase has an application that takes 0.8 s and a database that is idle.
func TestNotTheDatabase(t *testing.T) {
	s := emptySnapshot("db", "web")
	addClass(s.Digest, "select qty from stock where product_id = ?", analyzers.Read, 2000, 400)
	d := s.Digest
	d.Web.Count, d.Web.Proxied, d.Web.UpstreamLogged = 1000, 1000, 1000
	d.Web.First, d.Web.Last = t0, t0+300e6
	for range 1000 {
		d.Web.Upstream.Add(800_000)
	}
	a := timeline.Attribution{Bad: timeline.Division{
		From: t0 / 1e6, To: t0/1e6 + 300, Requests: 1000, UpstreamUS: 800e6, Statements: 2000, DBUS: 800_000,
	}}
	findings, _ := Judge(s, a, load(t), "en")
	if f := finding(findings, "X01"); f == nil || f.Layer != LayerApp || f.Share < 0.99 {
		t.Fatalf("findings %v", ids(findings))
	}
	if f := finding(findings, "Q01@0000000000000001"); f == nil || !slices.Equal(f.BecauseOf, []string{"X01"}) {
		t.Errorf("Q01 is not explained by X01: %+v", f)
	}
	// The same through a log that is cut by a threshold: nobody knows.
	d.Statements.Time = analyzers.Timing{}
	for range 2000 {
		d.Statements.Time.Add(1_000_100)
	}
	findings, gaps := Judge(s, a, load(t), "en")
	if finding(findings, "X01") != nil {
		t.Error("X01 holds on a cut log")
	}
	if g := gapOf(gaps, "X01"); g == nil || !slices.Equal(g.Missing, []string{"db_share_of_upstream"}) || !strings.Contains(g.Provide, "long_query_time=0") {
		t.Errorf("gap %+v", g)
	}
	if finding(findings, "O01") == nil || finding(findings, "O06") == nil {
		t.Errorf("the cut is not reported: %v", ids(findings))
	}
}

// TestUnknownIsNoFinding judges logs that carry next to nothing.
func TestUnknownIsNoFinding(t *testing.T) {
	set := load(t)
	for _, roles := range [][]string{nil, {"db"}, {"web"}, {"db", "web"}} {
		findings, gaps := Judge(emptySnapshot(roles...), timeline.Attribution{}, set, "en")
		if len(findings) > 0 {
			t.Errorf("%v: findings %v", roles, ids(findings))
		}
		for _, g := range gaps {
			if len(g.Missing) == 0 || g.Provide == "" {
				t.Errorf("%v: %s says nothing: %+v", roles, g.Rule, g)
			}
		}
		if roles == nil && len(gaps) != set.Len() {
			t.Errorf("%d gaps for %d rules without any input", len(gaps), set.Len())
		}
	}
}

func TestYoungIsProvisional(t *testing.T) {
	s := missingIndex()
	s.Digest.Statements.Last = t0 + 30e6
	findings, _ := Judge(s, timeline.Attribution{}, load(t), "en")
	f := finding(findings, "Q02@0000000000000002")
	if f == nil || !f.Provisional || f.Confidence > 0.5 {
		t.Errorf("%+v", f)
	}
	s.Digest.Statements.First, s.Digest.Statements.Last = collectors.NoTime, collectors.NoTime
	findings, _ = Judge(s, timeline.Attribution{}, load(t), "en")
	if f := finding(findings, "Q02@0000000000000002"); f == nil || !f.Provisional {
		t.Errorf("without times: %+v", f)
	}
}

// TestUpstreamNotLogged reads a combined access log: its peers are not shown, which is no proof that
// they are well.
func TestUpstreamNotLogged(t *testing.T) {
	s := emptySnapshot("web")
	s.Digest.Web.Count = 1000
	_, gaps := Judge(s, timeline.Attribution{}, load(t), "en")
	for _, rule := range []string{"N05", "N07", "N10"} {
		if g := gapOf(gaps, rule); g == nil || !strings.Contains(g.Provide, "$upstream_addr") {
			t.Errorf("%s: %+v", rule, g)
		}
	}
}

// TestLadder holds a buffer for counters back while an index promises more.
func TestLadder(t *testing.T) {
	s := missingIndex()
	c := addClass(s.Digest, "update products set views = views + ? where id = ?", analyzers.Write, 20_000, 500)
	for range 20_000 {
		c.Repeats.Add(5, 0, true) // all the same row
	}
	findings, _ := Judge(s, timeline.Attribution{}, load(t), "en")
	f := finding(findings, "W03@0000000000000003")
	if f == nil {
		t.Fatalf("findings %v", ids(findings))
	}
	if want := "wait for Q02@0000000000000002: an earlier step of the ladder with more to gain"; f.Advice[0].Held != want {
		t.Errorf("held %q, want %q", f.Advice[0].Held, want)
	}
}

// TestJSON marshals what the rules make of awkward sums: NaN or infinity would fail.
func TestJSON(t *testing.T) {
	s := emptySnapshot("db", "web")
	c := addClass(s.Digest, "select a from t where b = ?", analyzers.Read, 100, 0)
	setRows(c, 0, 0)
	c.PlanKnown = 100
	s.Digest.Statements.Threads = 100
	s.Digest.Web.Count = 1000
	s.Digest.Peers["x"] = &analyzers.Peer{Addr: "x", Attempts: 200}
	s.Digest.Endpoints[analyzers.EndpointKey{Role: "web", Route: "/"}] = &analyzers.Endpoint{
		Key: analyzers.EndpointKey{Role: "web", Method: "GET", Route: "/"}, Requests: 1000, Status: map[int64]int64{502: 1000},
	}
	a := timeline.Attribution{Bad: timeline.Division{From: t0 / 1e6, To: t0/1e6 + 300, Requests: 1, DBUS: -1}, Baseline: timeline.Division{Requests: 1}}
	for _, lang := range []string{"en", "zh", "??"} {
		findings, gaps := Judge(s, a, load(t), lang)
		if len(findings) == 0 {
			t.Error("nothing found in a log of 502")
		}
		for _, v := range []any{findings, gaps} {
			if _, err := json.Marshal(v); err != nil {
				t.Error(err)
			}
		}
		for _, f := range findings {
			for _, a := range f.Advice {
				if strings.Contains(a.Do+a.Expect+a.Risk+a.Undo+a.Verify+f.Title, "{") {
					t.Errorf("%s: a placeholder is left: %+v", f.ID, a)
				}
			}
		}
	}
}

func TestExplain(t *testing.T) {
	set := load(t)
	s := missingIndex()
	traces := set.Explain("Q02", s, timeline.Attribution{}, "en")
	if len(traces) != 2 || traces[0].Holds != True || traces[1].Holds != False {
		t.Fatalf("%+v", traces)
	}
	got := map[string]string{}
	for _, c := range traces[1].Checks {
		got[c.ID] = c.Text
	}
	want := map[string]string{
		"wasteful":  "would hold if examined_per_row > 1,000, is 1",
		"many_rows": "would hold if rows_examined_mean > 10,000, is 1",
		"costly":    "would hold if share >= 1 %, is 0.3 %",
		"enough":    "calls is 2,000, against 10",
		"aggregate": "is false",
	}
	for id, text := range want {
		if got[id] != text {
			t.Errorf("%s: %q, want %q", id, got[id], text)
		}
	}
	if uses := set.Facts("Q02", "en"); len(uses) != 5 {
		t.Errorf("%+v", uses)
	}
	for _, id := range set.IDs() {
		set.Explain(id, s, timeline.Attribution{}, "zh")
	}
}

// TestFactTable checks the table itself: names are unique where a rule sees them, every way to
// provide exists in both languages.
func TestFactTable(t *testing.T) {
	for i, f := range facts {
		for _, o := range facts[:i] {
			if o.Name == f.Name && (o.Kind == f.Kind || o.Kind == "global" || f.Kind == "global") {
				t.Errorf("%s of %s is there twice", f.Name, f.Kind)
			}
		}
		key := f.Provide
		if key == "" {
			key = string(f.From)
		}
		if p := provisions[key]; p.EN == "" || p.ZH == "" {
			t.Errorf("%s of %s: no way to provide %q", f.Name, f.Kind, key)
		}
		if f.Meaning == "" || !slices.Contains(kinds, f.Kind) || !slices.Contains(units, f.Unit) {
			t.Errorf("%+v", f)
		}
	}
}

// TestGatheredFactsAreInTheTable checks the other way round: whatever is gathered has a row, of the
// type the rules were checked against.
func TestGatheredFactsAreInTheTable(t *testing.T) {
	s := missingIndex()
	s.Digest.Web.Count = 10
	s.Digest.Peers["x"] = &analyzers.Peer{Addr: "x", Attempts: 1}
	s.Digest.Endpoints[analyzers.EndpointKey{Role: "web", Route: "/"}] = &analyzers.Endpoint{
		Key: analyzers.EndpointKey{Role: "web", Method: "GET", Route: "/"}, Requests: 1,
	}
	s.Tables = []collectors.Table{{Schema: "shop", Name: "orders_01", Engine: "InnoDB", Rows: 5, DataBytes: 16384, FreeBytes: 1, AutoIncrement: 9,
		Columns: []collectors.Column{{Name: "id", Type: "int", AutoIncrement: true}}, Indexes: []collectors.Index{index("PRIMARY", true, "id")}}}
	g := gather(s, timeline.Attribution{}, nil)
	check := func(kind string, m factMap) {
		for name, v := range m {
			f := factOf(kind, name)
			if f == nil {
				t.Errorf("%s of %s is not in the table", name, kind)
			} else if _, err := coerce(f.Type, v); err != nil {
				t.Errorf("%s of %s: %v", name, kind, err)
			}
		}
	}
	check("global", g.global)
	for kind, subjects := range g.subjects {
		if len(subjects) == 0 && !slices.Contains(instanceKinds, kind) {
			t.Errorf("no %s", kind)
		}
		for _, sub := range subjects {
			check(kind, sub.facts)
		}
	}
}

func ids(findings []Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.ID)
	}
	return out
}

func BenchmarkJudge(b *testing.B) {
	s := emptySnapshot("db")
	for i := range 10_000 {
		setRows(addClass(s.Digest, fmt.Sprintf("select a from t%d where b = ? order by c limit ?", i), analyzers.Read, 20, int64(1000+i)), 1, 20_000)
	}
	set := load(b)
	b.ReportAllocs()
	for b.Loop() {
		Judge(s, timeline.Attribution{}, set, "en")
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}

// A limit that only decides how grave a finding is, is told where it is passed: else evidence would read as for
// a finding what is below its limit.
func TestLimitsAreOfConditions(t *testing.T) {
	checked := 0
	for _, r := range load(t).rules {
		conditions := ""
		for _, c := range slices.Concat(r.When, r.Unless) {
			conditions += c.Expr + "; "
		}
		for _, l := range r.Let {
			conditions += l.Expr + "; "
		}
		for _, row := range r.Evidence {
			if !strings.HasPrefix(row.Limit, "p.") {
				continue
			}
			checked++
			if !regexp.MustCompile(regexp.QuoteMeta(row.Limit)+`\b`).MatchString(conditions) && row.LimitIf == "" {
				t.Errorf("%s: %s is shown beside %s, and no condition compares it", r.ID, row.Limit, row.Expr)
			}
		}
	}
	if checked < 100 {
		t.Errorf("%d limits", checked)
	}
}

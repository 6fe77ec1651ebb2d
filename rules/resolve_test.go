package rules

import (
	"slices"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// TestOneAdviceASetting lets the first open finding speak of a setting.
func TestOneAdviceASetting(t *testing.T) {
	advice := func(sets string) []Advice { return []Advice{{Do: sets, sets: sets}} }
	findings := []Finding{
		{ID: "A", Advice: advice("x")}, {ID: "B", Advice: advice("y")}, {ID: "C", Advice: advice("x")},
		{ID: "D", Advice: []Advice{{Do: "held", sets: "z", Held: "a cause"}}}, {ID: "E", Advice: advice("z")}, {ID: "F", Advice: advice("")}, {ID: "G", Advice: advice("")},
	}
	holdSame(findings, "en")
	var held []string
	for _, f := range findings {
		if f.Advice[0].Held != "" {
			held = append(held, f.ID)
		}
	}
	if got := strings.Join(held, ""); got != "CD" {
		t.Errorf("held %s, want C and D", got)
	}
	if want := "x is to be changed for A already: one change of it at a time"; findings[2].Advice[0].Held != want {
		t.Errorf("%q", findings[2].Advice[0].Held)
	}
}

// TestMemoryBudget gives memory in order until a tenth of the host's is left.
func TestMemoryBudget(t *testing.T) {
	asks := func(memory ...float64) []Finding {
		var out []Finding
		for _, m := range memory {
			out = append(out, Finding{Advice: []Advice{{memory: m}}})
		}
		return out
	}
	const g = 1 << 30
	for _, c := range []struct {
		name      string
		available float64
		asks      []Finding
		want      string // of each: + given, - held
	}{
		{"all fit", 8 * g, asks(2*g, 3*g, 0), "+++"},
		{"the second does not", 5 * g, asks(2*g, 3*g, 1*g), "+-+"},
		{"nothing is left", 0.5 * g, asks(1, 0), "-+"},
		{"unknown", -1, asks(1, 0), "-+"},
	} {
		g := &gathered{global: factMap{"mem_total": 16.0 * g, "mem_available": c.available}}
		if c.available < 0 {
			g.global = factMap{}
		}
		holdMemory(c.asks, g, "en")
		got := ""
		for _, f := range c.asks {
			got += map[bool]string{true: "+", false: "-"}[f.Advice[0].Held == ""]
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s: %+v", c.name, got, c.want, c.asks)
		}
	}
}

// TestEachMount judges series of instances: one finding a file system, and a gap where none was read.
func TestEachMount(t *testing.T) {
	s := &analyzers.Snapshot{Digest: analyzers.NewDigest(), Series: analyzers.NewSeriesSet()}
	for i := range int64(100) {
		for mount, used := range map[string]float64{"/": 0.5, "/var/lib/mysql": 0.96, "/mnt/x": 0.999} {
			s.Series.Add("db01", "host", collectors.Sample{At: t0 + i*60e6, Name: "fs.used", Instance: mount, Value: used + float64(i)*1e-5})
		}
		s.Series.Add("db01", "host", collectors.Sample{At: t0 + i*60e6, Name: "cpu.user", Value: 0.1})
	}
	findings, gaps := Judge(s, timeline.Attribution{}, load(t), "en")
	full := finding(findings, "H14@/var/lib/mysql")
	if full == nil || full.Severity != Critical || full.Subject.Kind != "mount" || finding(findings, "H14@/") != nil {
		t.Errorf("%v", ids(findings))
	}
	if f := finding(findings, "H32@/mnt/x"); f == nil || f.Severity != Info || finding(findings, "H14@/mnt/x") != nil {
		t.Errorf("nobody is judged who writes to /mnt/x: %v", ids(findings))
	}
	// At a hundred-thousandth a minute the other one is full in a month, the first explained by being full.
	if f := finding(findings, "F05@/"); f == nil || f.Severity != Warning || !strings.Contains(f.Title, "34.") {
		t.Errorf("%+v", f)
	}
	if f := finding(findings, "F05@/var/lib/mysql"); f == nil || len(f.BecauseOf) != 1 {
		t.Errorf("%+v", f)
	}
	if g := gapOf(gaps, "H15"); g == nil || !strings.Contains(g.Provide, "network counters") {
		t.Errorf("%+v", g)
	}
}

// TestCausesReach follows a cause from its subject to what it explains.
func TestCausesReach(t *testing.T) {
	query := func(id string, share float64, severity Severity, tables ...string) Finding {
		return Finding{ID: id, Subject: Subject{Kind: "query", ID: id}, Share: share, Severity: severity, tables: tables}
	}
	carts := Finding{ID: "S14@shop.carts", Subject: Subject{Kind: "table", ID: "shop.carts"}, Share: 0.4, Severity: Warning, tables: []string{"carts"}}
	system := Finding{ID: "T04", Subject: Subject{Kind: "global"}}
	noted := carts
	noted.Severity = Info
	for _, c := range []struct {
		name          string
		cause, effect Finding
		want          bool
	}{
		{"a table, a statement that names it", carts, query("A", 0.9, Warning, "products", "carts"), true},
		{"a table, another statement", carts, query("A", 0.9, Warning, "products"), false},
		{"the system, a statement", system, query("A", 0.1, Warning), true},
		{"most of the time, the system", query("A", 0.5, Warning), system, true},
		{"less than most of it", query("A", 0.49, Warning), system, false},
		{"a note on most of it", query("A", 0.9, Info), system, false},
		{"a table, the system", carts, system, true},
		{"a note on a table, the system", noted, system, false},
		{"one statement, another", query("A", 0.9, Warning), query("B", 0.1, Warning), false},
		{"a route, the system", Finding{Subject: Subject{Kind: "route", ID: "GET /"}, Share: 0.9, Severity: Critical}, system, false},
	} {
		if got := c.cause.explains(&c.effect); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestTableExplainsStatements has a MyISAM table explain the waits of the statements that name it.
func TestTableExplainsStatements(t *testing.T) {
	s := emptySnapshot("db")
	write := addClass(s.Digest, "update carts set qty = qty + ? where id = ?", analyzers.Write, 1000, 20_000)
	setRows(write, 0, 1)
	write.LockUS = write.Time.Sum * 9 / 10
	s.Tables = []collectors.Table{{Schema: "shop", Name: "carts", Engine: "MyISAM", Rows: 1000, DataBytes: 1 << 20, IndexBytes: 1 << 20}}
	findings, _ := Judge(s, timeline.Attribution{}, load(t), "en")
	cause, wait := finding(findings, "S14@shop.carts"), finding(findings, "L09@0000000000000001")
	if cause == nil || wait == nil {
		t.Fatalf("%v", ids(findings))
	}
	if !slices.Equal(wait.BecauseOf, []string{cause.ID}) || wait.Severity != Info || wait.Advice[0].Held == "" {
		t.Errorf("%+v", wait)
	}
}

// TestUnneeded holds what a layer needs that nothing waits for.
func TestUnneeded(t *testing.T) {
	healthy := Verdict{Layer: LayerNone, SeenIn: LayerNone}
	database := Verdict{Layer: LayerDatabase, SeenIn: LayerDatabase}
	app := Verdict{Layer: LayerApp, SeenIn: LayerDatabase}
	for _, c := range []struct {
		name     string
		verdict  Verdict
		rung     string
		severity Severity
		standing bool
		want     string
	}{
		{"a cache for a healthy system", healthy, "cache", Info, false, "not now: by the verdict nothing waits for the database"},
		{"a cache for the layer at fault", database, "cache", Info, false, ""},
		{"a cache where the application is at fault", app, "cache", Info, false, "not now: by the verdict the fault is in the application"},
		{"an index for a healthy system", healthy, "index", Info, false, ""},
		{"a plan of shards for a healthy system", healthy, "shard", Info, false, ""},
		{"a warning", healthy, "buffer", Warning, false, ""},
		{"a risk that stands", healthy, "hardware", Info, true, ""},
		{"a verdict that knows no layer", Verdict{Layer: LayerUnknown}, "cache", Info, false, ""},
	} {
		findings := []Finding{{Layer: LayerDatabase, Severity: c.severity, Standing: c.standing, Advice: []Advice{{Rung: c.rung}}}}
		HoldUnneeded(findings, &c.verdict, "en")
		if got := findings[0].Advice[0].Held; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestLadderHolds lets a later rung wait for an earlier one with more to gain, but for what is at risk.
func TestLadderHolds(t *testing.T) {
	index := Finding{ID: "Q02@A", Rule: "Q02", Share: 0.9, Severity: Warning, Advice: []Advice{{Rung: "index"}}}
	for _, c := range []struct {
		name  string
		later Finding
		held  bool
	}{
		{"a cache", Finding{Rule: "W02", Share: 0.5, Severity: Warning, Advice: []Advice{{Rung: "cache"}}}, true},
		{"more to gain", Finding{Rule: "W02", Share: 0.95, Severity: Warning, Advice: []Advice{{Rung: "cache"}}}, false},
		{"an earlier rung", Finding{Rule: "Q05", Share: 0.5, Severity: Warning, Advice: []Advice{{Rung: "sql"}}}, false},
		{"no binary log", Finding{Rule: "R02", Severity: Warning, Standing: true, Advice: []Advice{{Rung: "my.cnf"}}}, false},
		{"a wide table", Finding{Rule: "S10", Severity: Info, Standing: true, Advice: []Advice{{Rung: "schema"}}}, true},
		{"another of the same rule", Finding{Rule: "Q02", Share: 0.5, Severity: Warning, Advice: []Advice{{Rung: "cache"}}}, false},
	} {
		findings := []Finding{index, c.later}
		holdLadder(findings, "en")
		if got := findings[1].Advice[0].Held != ""; got != c.held {
			t.Errorf("%s: held %v", c.name, got)
		}
	}
}

// TestReadingOrder puts causes before symptoms and what asks for nothing last.
func TestReadingOrder(t *testing.T) {
	do := []Advice{{Do: "do"}}
	findings := []Finding{
		{ID: "note that asks for nothing", Severity: Info, Share: 0.9},
		{ID: "standing note", Severity: Info, Standing: true, Advice: do},
		{ID: "standing risk", Severity: Warning, Standing: true, Advice: do},
		{ID: "note", Severity: Info, Advice: do},
		{ID: "failing requests", Severity: Critical, Symptom: true, Share: 0.9, Advice: do},
		{ID: "refused connections", Severity: Critical, Advice: do},
	}
	slices.SortStableFunc(findings, compareFindings)
	want := "refused connections, failing requests, note, standing risk, standing note, note that asks for nothing"
	if got := strings.Join(ids(findings), ", "); got != want {
		t.Errorf("%s", got)
	}
}

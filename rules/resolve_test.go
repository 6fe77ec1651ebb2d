package rules

import (
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

package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"dbtriage/analyzers"
	"dbtriage/analyzers/compare"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
	"dbtriage/rules"
	"dbtriage/ui/show"
)

// lighter is the incident's system before it: one class and one route are quick, one class is there no more
// later, and half as much was asked for.
func lighter(opt Options) *Report {
	d := analyzers.NewDigest()
	for _, c := range []*analyzers.Class{
		class("3F2A91C0DE77B210", "select * from orders where user_id = ? and status in (?+) order by created_at desc limit ?", analyzers.Read, 600, 3_000, 6_000, 12_000),
		class("91C0AA17E5B60D42", "select i.id, i.sku, s.qty from items i join stock s on s.sku = i.sku where i.id = ?", analyzers.Read, 4400, 2_100, 4400, 52_800),
		class("0BD4C1F2233A9E10", "update stock set qty = qty - ? where sku = ?", analyzers.Write, 1085, 3_000, 0, 1085),
		class("77AA0011CC55BB33", "select name from banners where day = ?", analyzers.Read, 900, 900, 900, 900),
	} {
		d.Classes[c.Fingerprint] = c
		d.Statements.Count += c.Time.Count
		d.Statements.Reads += c.Time.Count
		d.Statements.TimeUS += c.Time.Sum
		d.Statements.RowsExamined += c.RowsExamined
		d.Statements.Time.Merge(&c.Time)
	}
	d.Statements.First, d.Statements.Last = at(1), at(minutes*60-2)
	accessLog(d, false)
	key := analyzers.EndpointKey{Role: "web", Method: "GET", Route: "/orders/list"}
	d.Endpoints[key] = endpoint("GET", "/orders/list", 1230, 20_000, 9_000)
	d.Web = analyzers.RequestTotals{First: at(0), Last: at(minutes*60 - 1), Status: map[int64]int64{}}
	for _, e := range d.Endpoints {
		d.Web.Count += e.Requests
		d.Web.UpstreamLogged += e.Requests
		d.Web.Time.Merge(&e.Time)
		d.Web.Upstream.Merge(&e.Upstream)
	}
	s := &analyzers.Snapshot{Window: analyzers.Window{From: at(0), To: at(minutes * 60)}, Digest: d,
		Sources: []collectors.Source{source("before/slow.log", "mysql slow log", "db", 6985), source("before/access.log", "nginx upstream", "web", 21238)}}
	whole := division(0, minutes*60, 21238, 4_000, 2_000, 28_000, 5_000)
	j := rules.Judgement{Findings: sampleFindings[2:], Gaps: []rules.Gap{{Rule: "N02", Subject: rules.Subject{Kind: "global"}}}, Verdict: rules.Verdict{Layer: rules.LayerNone, SeenIn: rules.LayerNone, Confidence: 0.7, Since: collectors.NoTime, Summary: "Nothing changed."}}
	return New(s, sampleWorkload(), timeline.Attribution{Whole: whole, Bad: whole, Overlap: true}, j, opt)
}

var (
	settingsBefore = map[string]string{"innodb_buffer_pool_size": "1073741824", "max_connections": "151", "hostname": "db-1"}
	settingsAfter  = map[string]string{"innodb_buffer_pool_size": "134217728", "max_connections": "151", "hostname": "db-2"}
)

// comparisonOf compares two reports with what recordings tell besides.
func comparisonOf(before, after *Report, settings ...map[string]string) *Comparison {
	snapshot := func(r *Report) *analyzers.Snapshot {
		return &analyzers.Snapshot{Window: r.Window, Digest: r.Digest, Sources: r.Sources, Series: analyzers.NewSeriesSet()}
	}
	evenly(before.Digest)
	evenly(after.Digest)
	b, a := snapshot(before), snapshot(after)
	if len(settings) == 2 {
		b.Settings, a.Settings = settings[0], settings[1]
		before.Settings, after.Settings = true, true
	}
	for i := range int64(minutes * 60) {
		for s, idle := range map[*analyzers.Snapshot]float64{b: 0.8, a: 0.03} {
			s.Series.Add("db", "host", collectors.Sample{At: at(i), Name: "cpu.idle", Value: idle + float64(i%5)/200})
		}
	}
	return NewComparison(before, after, compare.Of(b, a))
}

// evenly makes totals and the series of a sample those of its classes and endpoints, spread over its minutes
// with a little more in some seconds than in others.
func evenly(d *analyzers.Digest) {
	t := &d.Statements
	t.Reads, t.Writes, t.RowsExamined = 0, 0, 0
	for _, c := range d.Classes {
		if c.Kind == analyzers.Write {
			t.Writes += c.Time.Count
		} else {
			t.Reads += c.Time.Count
		}
		t.RowsExamined += c.RowsExamined
	}
	d.Web.Status = map[int64]int64{}
	for _, e := range d.Endpoints {
		for code, n := range e.Status {
			d.Web.Status[code] += n
		}
	}
	d.Series = analyzers.NewSecondSeries()
	for s := range int64(minutes * 60) {
		c := d.Series.At(at(s))
		part := func(n int64) int64 { return n * (95 + s%11) / 100 / (minutes * 60) }
		c.Statements, c.Reads, c.Writes, c.QueryUS = part(t.Count), part(t.Reads), part(t.Writes), part(t.TimeUS)
		c.Requests, c.RequestUS = part(d.Web.Count), part(d.Web.Time.Sum)
	}
}

var comparisons = []struct {
	name string
	of   func() *Comparison
}{
	{"slower", func() *Comparison {
		return comparisonOf(lighter(Options{}), incident(Options{Version: "0.1.0"}), settingsBefore, settingsAfter)
	}},
	{"slower-zh", func() *Comparison {
		return comparisonOf(lighter(Options{Lang: "zh"}), incident(Options{Version: "0.1.0", Lang: "zh"}), settingsBefore, settingsAfter)
	}},
	{"faster", func() *Comparison {
		return comparisonOf(incident(Options{}), lighter(Options{Version: "0.1.0"}), settingsAfter, settingsBefore)
	}},
	{"slow-log-alone", func() *Comparison { return comparisonOf(slowAlone(), slowAlone()) }},
	{"hostile", func() *Comparison {
		return comparisonOf(lighter(Options{}), hostile(), map[string]string{"x" + evil: evil}, map[string]string{"x" + evil: evil + "2"})
	}},
	{"incomparable", func() *Comparison { return comparisonOf(slowAlone(), accessAlone()) }},
	{"empty", func() *Comparison { return comparisonOf(empty(), empty()) }},
}

func compared(t *testing.T, format string, c *Comparison, s Style) string {
	t.Helper()
	f, ok := ComparisonNamed(format)
	if !ok {
		t.Fatalf("no format %q", format)
	}
	var b bytes.Buffer
	if err := f.Write(&b, c, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestComparisonGoldens(t *testing.T) {
	suffix := map[string]string{"text": ".txt", "markdown": ".md", "json": ".json"}
	for _, c := range comparisons {
		for _, f := range ComparisonFormats {
			t.Run(c.name+"/"+f.Name, func(t *testing.T) {
				got := compared(t, f.Name, c.of(), Style{})
				if again := compared(t, f.Name, c.of(), Style{}); again != got {
					t.Error("two runs differ")
				}
				golden(t, "compare-"+c.name+suffix[f.Name], got)
			})
		}
	}
}

// A comparison on a narrow terminal.
func TestNarrowComparison(t *testing.T) {
	golden(t, "compare-narrow.txt", compared(t, "text", comparisons[0].of(), Style{Width: 40}))
}

// Whatever logs hold, no format of a comparison is a way out of it, and the text fits.
func TestComparisonIsSafe(t *testing.T) {
	schema := compiledOf(t, comparisonSchema)
	for _, c := range comparisons {
		for _, style := range []Style{{}, {ASCII: true}, {Width: 40}, {Width: 66}, {Width: 120}} {
			got := compared(t, "text", c.of(), style)
			checkSafe(t, c.name, got)
			for i, l := range strings.Split(got, "\n") {
				if show.Columns(l) > widthFor(style) || strings.TrimRight(l, " ") != l {
					t.Errorf("%s: line %d is too wide or ends in a space: %q", c.name, i+1, l)
				}
			}
			if style.ASCII && !strings.HasSuffix(c.name, "-zh") && strings.ContainsFunc(got, func(r rune) bool { return r > 0x7e }) {
				t.Errorf("%s: the ASCII style has other characters", c.name)
			}
			if lost := lacking(compared(t, "text", c.of(), Style{}), got); len(lost) > 0 && style.Width > 0 && style.Width < pageWidth {
				t.Errorf("%s: %d columns lack %q", c.name, style.Width, lost)
			}
			page := compared(t, "markdown", c.of(), style)
			checkSafe(t, c.name, page)
			for _, problem := range append(lint(page), markup(page)...) {
				t.Errorf("%s: %s", c.name, problem)
			}
		}
		got := compared(t, "json", c.of(), Style{})
		checkSafe(t, c.name, got)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(got))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// The verdict names the layer that holds the change and the query that does.
func TestComparisonNamesTheCause(t *testing.T) {
	c := comparisonOf(lighter(Options{}), incident(Options{}))
	for _, want := range []string{"AFTER is slower: request time ", "of it is database: query 3F2A91C0DE77B210 on orders"} {
		if got := c.Summary(" → "); !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	back := comparisonOf(incident(Options{}), lighter(Options{}))
	if got := back.Summary(" → "); !strings.HasPrefix(got, "AFTER is faster: ") {
		t.Error(got)
	}
}

// A finding is new only when its rule could have held before.
func TestFindingsChange(t *testing.T) {
	c := comparisonOf(lighter(Options{}), incident(Options{}))
	want := map[string]FindingState{"Q01": FindingNew, "N02": FindingUnjudged, "O01": FindingStayed}
	for _, f := range c.Findings {
		if r := f.Finding().Rule; want[r] != f.State {
			t.Errorf("%s is %q", r, f.State)
		}
	}
	if len(c.Findings) != len(want) {
		t.Errorf("%d findings", len(c.Findings))
	}
}

// Where one side cannot tell the application from the database, neither is said to have changed.
func TestLayersAreDividedAlike(t *testing.T) {
	before := lighter(Options{})
	before.SlowLog = false
	c := comparisonOf(before, incident(Options{}))
	for _, l := range c.Layers {
		if l.Name == "app" || l.Name == "database" {
			t.Errorf("%s is compared", l.Name)
		}
	}
	if len(c.Layers) != 3 {
		t.Errorf("%+v", c.Layers)
	}
}

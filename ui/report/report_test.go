package report

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
	"dbtriage/rules"
	"dbtriage/ui/show"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// cases are the reports that every format has a golden file of.
var cases = []struct {
	name   string
	report func() *Report
}{
	{"incident", func() *Report { return incident(Options{Version: "0.1.0"}) }},
	{"incident-zh", func() *Report { return incident(Options{Version: "0.1.0", Lang: "zh"}) }},
	{"healthy", healthy},
	{"slow-log-alone", slowAlone},
	{"access-log-alone", accessAlone},
	{"hostile", hostile},
	{"empty", empty},
}

func render(t *testing.T, format string, r *Report, s Style) string {
	t.Helper()
	f, ok := Named(format)
	if !ok {
		t.Fatalf("no format %q", format)
	}
	var b bytes.Buffer
	if err := f.Write(&b, r, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs from what is written now (-want +got):\n%s", path, diff)
	}
}

func TestGoldens(t *testing.T) {
	suffix := map[string]string{"text": ".txt", "markdown": ".md", "json": ".json", "html": ".html"}
	for _, c := range cases {
		for _, f := range Formats {
			t.Run(c.name+"/"+f.Name, func(t *testing.T) {
				got := render(t, f.Name, c.report(), Style{})
				if again := render(t, f.Name, c.report(), Style{}); again != got {
					t.Error("two runs differ")
				}
				golden(t, c.name+suffix[f.Name], got)
			})
		}
	}
	golden(t, "incident-narrow.txt", render(t, "text", incident(Options{}), Style{Width: 40}))
	golden(t, "incident-ascii.txt", render(t, "text", incident(Options{}), Style{ASCII: true}))
	golden(t, "incident-colour.txt", render(t, "text", incident(Options{}), Style{Colour: true}))
}

// The text is safe and fits in every case and style.
func TestTextFits(t *testing.T) {
	for _, c := range cases {
		for _, style := range []Style{{}, {ASCII: true}, {Width: 120}, {Width: 30}, {Width: 40}, {Width: 52, ASCII: true}, {Width: 66}, {Width: 79}, {Width: 999}} {
			width := widthFor(style)
			got := render(t, "text", c.report(), style)
			checkSafe(t, c.name, got)
			for i, l := range strings.Split(got, "\n") {
				if show.Columns(l) > width {
					t.Errorf("%s: line %d has %d columns: %q", c.name, i+1, show.Columns(l), l)
				}
				if strings.TrimRight(l, " ") != l {
					t.Errorf("%s: line %d ends in a space: %q", c.name, i+1, l)
				}
			}
			if style.ASCII && !strings.HasSuffix(c.name, "-zh") && strings.ContainsFunc(got, func(r rune) bool { return r > 0x7e }) {
				t.Errorf("%s: the ASCII style has other characters", c.name)
			}
		}
	}
}

// widthFor is how wide a page of a style is.
func widthFor(s Style) int {
	if s.Width == 0 {
		return pageWidth
	}
	return min(max(s.Width, minWidth), maxWidth)
}

// lacking lists the words of one text that are not in another, but for drawings and what is cut short.
func lacking(of, in string) (out []string) {
	in = strings.Join(strings.Fields(in), "") // long words are broken
	for _, word := range strings.Fields(of) {
		if !strings.ContainsAny(word, "…─█▁▂▃▄▅▆▇") && !strings.Contains(in, word) {
			out = append(out, word)
		}
	}
	return out
}

// A page narrower than usual folds: it says what one of 80 columns says.
func TestNarrowTextSaysAll(t *testing.T) {
	for _, c := range cases {
		for _, width := range []int{40, 53, 70, 79} {
			narrow, usual := render(t, "text", c.report(), Style{Width: width}), render(t, "text", c.report(), Style{})
			// Curves of fewer points have other peaks.
			before, curves, _ := strings.Cut(usual, "── "+Word(c.report().Options.Lang, "OVER TIME"))
			_, after, _ := strings.Cut(curves, "\n\n")
			if lost := lacking(before+after, narrow); len(lost) > 0 {
				t.Errorf("%s: %d columns lack %q", c.name, width, lost)
			}
		}
	}
}

// A wide terminal is used: less is cut, and headings reach across.
func TestTextUsesTheWidth(t *testing.T) {
	narrow, wide := render(t, "text", incident(Options{}), Style{}), render(t, "text", incident(Options{}), Style{Width: 132})
	if strings.Count(wide, "…") >= strings.Count(narrow, "…") || !strings.Contains(wide, "/srv/archive/2026/11/22/web-frontend-03.example.org/nginx/access.log.1.gz") {
		t.Errorf("132 columns show no more than 80:\n%s", wide)
	}
	for _, l := range strings.Split(wide, "\n") {
		if strings.HasPrefix(l, "──") && show.Columns(l) != 132 {
			t.Errorf("%d columns: %q", show.Columns(l), l)
		}
	}
}

// Colour adds escape sequences of our own and nothing else.
func TestColourIsOnlyColour(t *testing.T) {
	for _, c := range cases {
		got := render(t, "text", c.report(), Style{Colour: true})
		for _, s := range sgr {
			if s != "" {
				got = strings.ReplaceAll(got, s, "")
			}
		}
		got = strings.ReplaceAll(got, "\x1b[0m", "")
		if diff := cmp.Diff(render(t, "text", c.report(), Style{}), got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// The first screen has the verdict, the division and the first thing to do.
func TestFirstScreen(t *testing.T) {
	lines := strings.Split(render(t, "text", incident(Options{}), Style{}), "\n")
	head := strings.Join(lines[:24], "\n")
	for _, want := range []string{"DATABASE is at fault", "HIGH 0.86", "2026-11-22 13:57:00", "RULED OUT", "UNKNOWN", "WHERE REQUEST TIME GOES", "> database", "DO NEXT", "ADD INDEX"} {
		if !strings.Contains(head, want) {
			t.Errorf("the first 24 lines lack %q:\n%s", want, head)
		}
	}
}

func TestLiteralsOnlyWithSamples(t *testing.T) {
	for _, f := range Formats {
		for _, samples := range []bool{false, true} {
			got := strings.Contains(render(t, f.Name, incident(Options{Samples: samples}), Style{}), "secret")
			if got != samples {
				t.Errorf("%s: with samples %v, literals shown: %v", f.Name, samples, got)
			}
		}
	}
}

func TestTop(t *testing.T) {
	got := render(t, "json", incident(Options{Top: 2}), Style{})
	if n := strings.Count(got, `"fingerprint"`); n != 2 {
		t.Errorf("top 2 lists %d queries", n)
	}
}

// checkSafe fails when a text holds what a terminal acts on or a reader cannot see.
func checkSafe(t *testing.T, name, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("%s: not UTF-8", name)
	}
	for i, r := range s {
		if r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r) {
			t.Errorf("%s: %U at byte %d after %q", name, r, i, s[max(0, i-30):i])
			return
		}
	}
}

// A list of any length is written row by row.
func BenchmarkJSON(b *testing.B) {
	d := analyzers.NewDigest()
	for i := range 100_000 {
		c := class(fmt.Sprintf("%016X", i), fmt.Sprintf("select * from t%d where id = ? and name like ? order by created_at", i), analyzers.Read, 12, int64(1000+i), 12, 120)
		d.Classes[c.Fingerprint] = c
		d.Statements.TimeUS += c.Time.Sum
		d.Statements.Count += c.Time.Count
	}
	r := New(&analyzers.Snapshot{Digest: d}, analyzers.Workload{}, timeline.Attribution{}, rules.Judgement{}, Options{})
	b.ReportAllocs()
	for b.Loop() {
		if err := WriteJSON(io.Discard, r, Style{}); err != nil {
			b.Fatal(err)
		}
	}
}

// However long the log, a curve has no more points than asked for, and loses nothing.
func TestSeries(t *testing.T) {
	for _, seconds := range []int64{1, 7, 59, 60, 61, 3600, 1 << 40} {
		d := analyzers.NewDigest()
		d.Web.First, d.Web.Last = 0, seconds*1e6
		for _, s := range []int64{0, seconds / 2, seconds} {
			d.Series.At(s*1e6).Requests++
		}
		s := New(&analyzers.Snapshot{Digest: d, Sources: []collectors.Source{{Role: "web"}}}, analyzers.Workload{}, timeline.Attribution{}, rules.Judgement{}, Options{}).series(d.Series.Cells(), 60)
		var sum float64
		for _, v := range s.RequestRate {
			if !math.IsNaN(v) {
				sum += v * float64(s.Width)
			}
		}
		if len(s.RequestRate) > 60 || math.Abs(sum-3) > 1e-6 {
			t.Errorf("%d seconds: %d points, %v requests", seconds, len(s.RequestRate), sum)
		}
	}
}

// What is worth no more than a note in a layer that the verdict rules out is nothing to do next.
func TestNothingToDoInALayerRuledOut(t *testing.T) {
	advice := []rules.Advice{{Do: "change it"}}
	r := &Report{}
	r.Verdict.RuledOut = []rules.RuledOut{{Layer: rules.LayerDatabase, Why: "5 % of the time"}, {Layer: rules.LayerWeb, Why: "0 % of the time"}}
	r.Findings = []rules.Finding{
		{ID: "warning there", Severity: rules.Warning, Layer: rules.LayerDatabase, Advice: advice},
		{ID: "note there", Severity: rules.Info, Layer: rules.LayerDatabase, Advice: advice},
		{ID: "note elsewhere", Severity: rules.Info, Layer: rules.LayerApp, Advice: advice},
		{ID: "note on the web server", Severity: rules.Info, Layer: rules.LayerWeb, Advice: advice},
		{ID: "a consequence", Severity: rules.Warning, Layer: rules.LayerApp, Advice: advice, BecauseOf: []string{"X01"}},
		{ID: "no advice", Severity: rules.Warning, Layer: rules.LayerApp},
	}
	var got []string
	for _, f := range r.ToDo() {
		got = append(got, f.ID)
	}
	if want := []string{"warning there", "note elsewhere"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	r.Verdict.RuledOut = []rules.RuledOut{{Layer: rules.LayerApp, Why: "2 % of the time"}}
	r.Findings = []rules.Finding{{ID: "sent since the trouble", Severity: rules.Info, Layer: rules.LayerApp, Subject: rules.Subject{Kind: "query"}, Advice: advice}}
	if len(r.ToDo()) != 1 {
		t.Error("a statement is seen in the database, which is not ruled out")
	}
}

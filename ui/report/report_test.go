package report

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
	"dbtriage/rules"
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
	suffix := map[string]string{"text": ".txt", "markdown": ".md", "json": ".json"}
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
	golden(t, "incident-ascii.txt", render(t, "text", incident(Options{}), Style{ASCII: true}))
	golden(t, "incident-colour.txt", render(t, "text", incident(Options{}), Style{Colour: true}))
}

// The text is safe and fits in every case and style.
func TestTextFits(t *testing.T) {
	for _, c := range cases {
		for _, style := range []Style{{}, {ASCII: true}} {
			got := render(t, "text", c.report(), style)
			checkSafe(t, c.name, got)
			for i, l := range strings.Split(got, "\n") {
				if columns(l) > pageWidth {
					t.Errorf("%s: line %d has %d columns: %q", c.name, i+1, columns(l), l)
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

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{duration(-1), "--"}, {duration(0), "0ms"}, {duration(1), "1µs"}, {duration(999.6), "1ms"}, {duration(91_234), "91.2ms"}, {duration(999_600), "1s"},
		{duration(2_306_000), "2.31s"}, {duration(59.96e6), "1m00s"}, {duration(723e6), "12m03s"}, {duration(3600e6), "1h00m"}, {duration(90_061e6), "1d01h"},
		{share(0), "0%"}, {share(0.0001), "<0.1%"}, {share(0.054), "5.4%"}, {share(0.0996), "10%"}, {share(0.999), ">99%"}, {share(1), "100%"},
		{count(0), "0"}, {count(-1234), "-1,234"}, {count(1234567), "1,234,567"},
		{short(999), "999"}, {short(9999), "9,999"}, {short(12345), "12.3k"}, {short(4.56e6), "4.56M"}, {short(2.5e9), "2.5G"},
		{size(1023), "1023 B"}, {size(64 << 20), "64 MiB"}, {measure(nil, "s"), "--"}, {measure(f64(-0.5), "s"), "-500ms"}, {measure(f64(41196), "ratio"), "41,196x"},
		{measure(f64(0.25), ""), "0.25"}, {measure(f64(12), "count"), "12"}, {measure(f64(3.25), "per_s"), "3.25/s"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestLayout(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want []string
	}{
		{"", 5, []string{""}}, {"one two", 7, []string{"one two"}}, {"one two", 6, []string{"one", "two"}}, {"one two", 3, []string{"one", "two"}},
		{"abcdefgh", 3, []string{"abc", "def", "gh"}}, {"慢查询日志", 4, []string{"慢查", "询日", "志"}}, {"a 慢查询", 5, []string{"a 慢", "查询"}},
	} {
		if diff := cmp.Diff(c.want, wrap(c.text, c.n)); diff != "" {
			t.Errorf("wrap(%q, %d): %s", c.text, c.n, diff)
		}
	}
	if got := cut("慢查询日志", 5, "…"); got != "慢查…" {
		t.Errorf("cut: %q", got)
	}
	if got := cutLeft("/var/log/mysql/slow.log", 12, "…"); got != "…ql/slow.log" {
		t.Errorf("cutLeft: %q", got)
	}
}

func TestSpark(t *testing.T) {
	nan := math.NaN()
	if got := spark([]float64{0, 0.001, nan, 4, 8}, false); got != "▁▂ ▅█" {
		t.Errorf("spark: %q", got)
	}
	if got := spark([]float64{0, 0, nan}, true); got != "__ " {
		t.Errorf("spark: %q", got)
	}
	// However long the log, a curve has no more points than asked for, and loses nothing.
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

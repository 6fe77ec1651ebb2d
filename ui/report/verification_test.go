package report

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dbtriage/analyzers/verify"
	"dbtriage/collectors"
	"dbtriage/collectors/mysql/scratch"
	"dbtriage/ui/show"
)

// hostileName is a name as a server or a log may hold it.
const hostileName = "o\x1b[31mr`d|er</details>\u202es"

func sampleVerification() *Verification {
	class := &verify.Class{ID: "0123456789ABCDEF", Fingerprint: "select * from `" + hostileName + "` where a = ?", Calls: 40, TimeUS: 7e6, Samples: []verify.Sample{{SQL: "SELECT 'secret'", Picked: "p50"}}}
	candidate := &verify.Candidate{Table: verify.Table{Schema: "shop", Name: hostileName}, Advised: true, Writes: verify.Writes{Inserts: 3},
		Index: collectors.Index{Name: "ix_a", Columns: []collectors.IndexColumn{{Name: "a", Prefix: 10}, {Name: "b", Desc: true}}}}
	copied := scratch.Copied{Schema: "shop", Name: hostileName, Rows: 50_000, Of: 1_000_000, Way: scratch.Strided}
	return &Verification{
		Version: "test", Server: "db:3306", Engine: "10.11.19-MariaDB", Scratch: "scratch", Rows: 50_000, StatementUS: 5e6, TookUS: 9e6, Beyond: 2, Unread: 4, Notes: []string{"A note."},
		Tables: []scratch.Copied{copied, {Schema: "shop", Name: "v", Of: collectors.Unknown, Refused: "it is no plain table but a view"}},
		Results: []verify.Result{
			{Candidate: candidate, Verdict: verify.Verified, Why: "it saves", Gain: 0.9, Measured: 1, Copy: copied, Built: scratch.Built{Took: time.Second, Bytes: 1 << 20}, WasBuilt: true, Classes: []verify.ClassResult{
				{Class: class, For: true, Samples: 4, Uses: 4, Rows: [2]int64{200_000, 10}, Pages: [2]int64{1000, 9}, Work: [2]float64{205_000, 55}, Keys: [2][]string{{"no index (ALL)"}, {"ix_a"}}, Unheard: map[string]int{"slow": 1}},
				{Class: class, Worse: true, Samples: 1, Rows: [2]int64{10, 900}, Pages: [2]int64{-1, -1}, Work: [2]float64{10, 900}},
				{Class: class, NotTried: "table shop.v: it is no plain table but a view"}}},
			{Candidate: &verify.Candidate{Table: verify.Table{Name: "gone"}, Index: collectors.Index{Name: "i", Columns: []collectors.IndexColumn{{Name: "a"}}}}, Verdict: verify.Undecided, Why: "no such table", Gain: math.NaN(), Measured: math.NaN()},
		},
	}
}

func written(t *testing.T, v *Verification, format string, style Style) string {
	t.Helper()
	f, ok := VerificationNamed(format)
	if !ok {
		t.Fatal(format)
	}
	var out bytes.Buffer
	if err := f.Write(&out, v, style); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestVerificationText(t *testing.T) {
	v := sampleVerification()
	text := written(t, v, "text", Style{})
	for _, want := range []string{"VERDICT    1 verified, 1 undecided of 2 indexes", "VERIFIED   ix_a (a(10), b DESC): it saves", "undo", "1 MiB, built in 1s on 50,000 rows; by proportion 20 MiB and", "(scaled, not measured)",
		"for it  0123456789ABCDEF", "250 → 2.25", "50k → 2.5", "<x0.01", "worse   0123456789ABCDEF", "40 calls, 7s; reads by no index (ALL) → ix_a", "not measured: slow (1)", "UNDECIDED  i (a): no such table", "4 statements were not understood"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	narrow := written(t, v, "text", Style{Width: 40})
	for width, text := range map[int]string{pageWidth: text, 40: narrow} {
		for _, line := range strings.Split(text, "\n") {
			if show.Columns(line) > width {
				t.Errorf("%d columns: %s", show.Columns(line), line)
			}
		}
	}
	if lost := lacking(text, narrow); len(lost) > 0 {
		t.Errorf("40 columns lack %q", lost)
	}
	if strings.ContainsAny(text, "\x1b\u202e") || strings.Contains(text, "secret") {
		t.Errorf("%q", text)
	}
	ascii := written(t, v, "text", Style{ASCII: true})
	if i := strings.IndexFunc(ascii, func(r rune) bool { return r > 0x7e }); i >= 0 {
		t.Errorf("not ASCII: %q", ascii[i:min(i+40, len(ascii))])
	}
	if t.Failed() {
		t.Log("\n" + text)
	}
	v.Results, v.Tables = nil, nil
	if text := written(t, v, "text", Style{}); !strings.Contains(text, "no index to verify") {
		t.Error(text)
	}
}

func TestVerificationMarkdown(t *testing.T) {
	text := written(t, sampleVerification(), "markdown", Style{})
	for _, want := range []string{"# Indexes verified: 1 verified, 1 undecided of 2 indexes", "| verified |", "-- undo", "| for it | `0123456789ABCDEF`", "| 40 calls, 7s | 4 |"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.ContainsAny(text, "\x1b\u202e") || strings.Contains(text, "secret") {
		t.Errorf("%q", text)
	}
	if t.Failed() {
		t.Log("\n" + text)
	}
}

// Every name of the JSON stands in its page, and what is not known is null.
func TestVerificationJSON(t *testing.T) {
	v := sampleVerification()
	v.ShowLiterals = true
	text := written(t, v, "json", Style{})
	var all map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/index-verify.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, found := range regexp.MustCompile(`"([a-z_]+)":`).FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, found[1]) {
			names = append(names, found[1])
		}
	}
	for _, name := range names {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/index-verify.md does not tell of %q", name)
		}
	}
	if len(names) < 50 {
		t.Errorf("only %d names", len(names))
	}
	gone := all["indexes"].([]any)[1].(map[string]any)
	for _, name := range []string{"schema", "gain", "measured_share", "copy", "bytes", "build_s", "scale", "bytes_scaled", "build_scaled_s"} {
		if value, there := gone[name]; !there || value != nil {
			t.Errorf("%s is %v", name, value)
		}
	}
	unmeasured := all["indexes"].([]any)[0].(map[string]any)["classes"].([]any)[2].(map[string]any)
	if unmeasured["ratio"] != nil || unmeasured["pages"].(map[string]any)["before"] != nil {
		t.Errorf("%v", unmeasured)
	}
	v.ShowLiterals = false
	if text := written(t, v, "json", Style{}); strings.Contains(text, "secret") {
		t.Error("a literal in JSON")
	}
}

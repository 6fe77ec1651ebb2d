package session

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dbtriage/collectors/logs"
	"dbtriage/rules"
)

// A label says what a diagnosis of a recorded incident should say. It is no input.
type label struct {
	Name        string   `json:"name"`
	Layer       string   `json:"layer"`
	AlsoOK      []string `json:"layer_also_ok"`
	MustMention []string `json:"must_mention"`
	MustNot     []string `json:"must_not"`
}

// TestIncidents diagnoses every recorded incident of the folder that DBTRIAGE_SHARED names and
// holds the verdict and the findings against its label.
func TestIncidents(t *testing.T) {
	shared := os.Getenv("DBTRIAGE_SHARED")
	if shared == "" {
		t.Skip("set DBTRIAGE_SHARED to the folder that holds incidents/ to run this on recorded incidents")
	}
	dirs, _ := filepath.Glob(filepath.Join(shared, "incidents", "A", "*"))
	if len(dirs) == 0 {
		t.Fatal("no incidents there")
	}
	set, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for _, dir := range dirs {
		var l label
		text, err := os.ReadFile(filepath.Join(dir, "label.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &l); err != nil {
			t.Fatal(err)
		}
		d := diagnoseDir(t, dir, set)
		faults := l.faults(d.Judgement)
		for _, f := range faults {
			t.Errorf("%s: %s", l.Name, f)
		}
		fmt.Fprintf(&table, "%-40s %-9s %-9s %.2f  %s\n", l.Name, l.Layer, d.Judgement.Verdict.Layer, d.Judgement.Verdict.Confidence, row(d.Judgement, faults))
	}
	t.Logf("\n%s", table.String())
}

func diagnoseDir(t *testing.T, dir string, set *rules.Set) Diagnosis {
	t.Helper()
	inputs, err := Inputs([]string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	conf, inputs := NginxConf(inputs)
	s, problems := Read(context.Background(), inputs, Options{Workers: 2, Logs: logs.Options{NginxConf: conf}})
	for _, p := range problems {
		if !p.Passed {
			t.Errorf("%s: %v", p.Path, p.Err)
		}
	}
	d, err := Judge(s, set, "en")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// row names the first findings and what is wrong.
func row(j rules.Judgement, faults []string) string {
	var out []string
	for _, f := range j.Findings[:min(len(j.Findings), 5)] {
		out = append(out, f.Rule+" "+string(f.Severity)[:1])
	}
	if len(faults) > 0 {
		return strings.Join(out, ", ") + "  WRONG"
	}
	return strings.Join(out, ", ")
}

func (l label) faults(j rules.Judgement) []string {
	var out []string
	if got := string(j.Verdict.Layer); got != l.Layer && !slices.Contains(l.AlsoOK, got) {
		out = append(out, fmt.Sprintf("the verdict is %s, not %s: %s", got, l.Layer, j.Verdict.Summary))
	}
	for _, pattern := range l.MustMention {
		re := regexp.MustCompile(pattern)
		if !slices.ContainsFunc(j.Findings[:min(len(j.Findings), 5)], func(f rules.Finding) bool { return re.MatchString(spoken(f)) }) {
			out = append(out, fmt.Sprintf("the first five findings do not mention %q", pattern))
		}
	}
	for _, f := range j.Findings {
		if f.Severity == rules.Critical && l.Layer == "none" {
			out = append(out, "critical on a healthy system: "+f.Title)
		}
		for _, a := range f.Advice {
			for _, pattern := range l.MustNot {
				if f.Severity != rules.Info && regexp.MustCompile(pattern).MatchString(a.Do) {
					out = append(out, fmt.Sprintf("%s advises %q", f.ID, a.Do))
				}
			}
		}
	}
	return out
}

func spoken(f rules.Finding) string {
	parts := []string{f.Title, f.Subject.ID, f.Subject.Label}
	for _, e := range f.Evidence {
		parts = append(parts, e.What)
	}
	for _, a := range f.Advice {
		parts = append(parts, a.Do, a.Expect)
	}
	return strings.Join(parts, "\n")
}

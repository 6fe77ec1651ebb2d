package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/logs"
	"dbtriage/rules"
	"dbtriage/ui/session"
)

// A Result is what the diagnosis of one incident came to.
type Result struct {
	Fault   string
	Seed    uint64
	Want    Label
	Others  float64 // cores that strangers used meanwhile; negative when not known
	Verdict rules.Verdict
	First   []string // the first findings, a line each

	LayerRight bool
	CauseRight bool
	Criticals  int      // on a healthy system
	Complaints []string // what is wrong, in words
}

// firstFindings is among how many the cause must be.
const firstFindings = 3

// A Cut is what a judgement leaves out of a recording, as someone on call may lack it.
type Cut struct {
	Files     []string // patterns of the names of files
	FaultOnly bool     // the healthy time before the fault
}

// leaves reports whether a file stays.
func (c Cut) leaves(path string) bool {
	return !slices.ContainsFunc(c.Files, func(pattern string) bool {
		matches, err := filepath.Match(pattern, filepath.Base(path))
		return matches && err == nil
	})
}

// judge diagnoses what was recorded in dir less what is cut, with the rules as they are shipped, and
// holds it against the label.
func judge(ctx context.Context, f Fault, p Plan, dir string, cut Cut) (Result, error) {
	res := Result{Fault: f.Name, Seed: p.Seed, Want: f.Label, Others: p.Others}
	set, err := rules.Load()
	if err != nil {
		return res, err
	}
	inputs, err := session.Inputs([]string{dir}, nil)
	if err != nil {
		return res, err
	}
	inputs = slices.DeleteFunc(inputs, func(in session.Input) bool { return !cut.leaves(in.Path) })
	conf, inputs := session.NginxConf(inputs)
	options := session.Options{Workers: 2, Logs: logs.Options{NginxConf: conf}}
	if cut.FaultOnly {
		options.Filter.Window = analyzers.Window{From: p.Onset.UnixMicro(), To: collectors.NoTime}
	}
	s, problems := session.Read(ctx, inputs, options)
	for _, problem := range problems {
		if !problem.Passed {
			return res, fmt.Errorf("%s: %w", problem.Path, problem.Err)
		}
	}
	d, err := session.Judge(s, set, "en")
	if err != nil {
		return res, err
	}
	res.hold(p.World(f), p, d.Judgement)
	return res, nil
}

// hold compares a judgement with the label.
func (res *Result) hold(w World, p Plan, j rules.Judgement) {
	want := res.Want
	res.Verdict = j.Verdict
	got := string(j.Verdict.Layer)
	if res.LayerRight = got == want.Layer || slices.Contains(want.AlsoOK, got); !res.LayerRight {
		res.complain("the verdict is %s, not %s: %s", got, want.Layer, j.Verdict.Summary)
	}
	first := j.Findings[:min(len(j.Findings), firstFindings)]
	for _, f := range j.Findings[:min(len(j.Findings), 5)] {
		res.First = append(res.First, fmt.Sprintf("%s %s: %s", f.Rule, f.Severity, f.Title))
	}
	if want.Layer == string(rules.LayerNone) {
		res.CauseRight = true
		for _, f := range j.Findings {
			if f.Severity == rules.Critical {
				res.Criticals++
				res.complain("critical on a healthy system: %s", f.Title)
			}
		}
	} else if res.CauseRight = slices.ContainsFunc(first, func(f rules.Finding) bool { return names(want.Cause, w, p, f) }); !res.CauseRight {
		res.complain("none of the first %d findings says %q", firstFindings, want.Cause)
	}
	for _, f := range j.Findings {
		for _, a := range f.Advice {
			if want.Not != "" && f.Severity != rules.Info && regexp.MustCompile(want.Not).MatchString(a.Do) {
				res.complain("%s advises %q", f.ID, a.Do)
			}
		}
	}
}

func (res *Result) complain(format string, args ...any) {
	res.Complaints = append(res.Complaints, fmt.Sprintf(format, args...))
}

// names reports whether a finding says all of the patterns.
func names(patterns []string, w World, p Plan, f rules.Finding) bool {
	parts := []string{f.Rule, f.Title, f.Subject.ID, f.Subject.Label}
	for _, e := range f.Evidence {
		parts = append(parts, e.What)
	}
	for _, a := range f.Advice {
		parts = append(parts, a.Do)
	}
	text := strings.Join(parts, "\n")
	for _, pattern := range patterns {
		pattern = strings.ReplaceAll(w.SQL(pattern), "{app2}", fmt.Sprint(p.AppPorts[len(p.AppPorts)-1]))
		if !regexp.MustCompile(pattern).MatchString(text) {
			return false
		}
	}
	return true
}

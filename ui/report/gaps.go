package report

import (
	"slices"
	"strings"

	"dbtriage/rules"
)

// A GapGroup is every rule that one and the same thing would help: one server, or the host, gives many inputs.
type GapGroup struct {
	Missing []string // for people
	Provide string   // after the server that lacks them, where others do not
	Rules   []string // ids, each once, in order
}

// GroupedGaps joins the gaps that the same would close, those that hold back the most rules first.
func (r *Report) GroupedGaps() []GapGroup {
	at := map[string]int{}
	var out []GapGroup
	for _, g := range r.Gaps {
		provide := onceEach(g.Provide)
		if g.Server != "" {
			provide = g.Server + ": " + provide
		}
		i, ok := at[provide]
		if !ok {
			i = len(out)
			at[provide] = i
			out = append(out, GapGroup{Provide: provide})
		}
		group := &out[i]
		group.Rules = append(group.Rules, g.Rule)
		for _, m := range g.Lacks() {
			if !slices.Contains(group.Missing, m) {
				group.Missing = append(group.Missing, m)
			}
		}
	}
	for i := range out {
		slices.Sort(out[i].Rules)
		out[i].Rules = slices.Compact(out[i].Rules)
	}
	slices.SortStableFunc(out, func(a, b GapGroup) int { return len(b.Rules) - len(a.Rules) })
	return out
}

// onceEach leaves out what a list of advice says again: one flag may give several inputs.
func onceEach(advice string) string {
	for _, sep := range []string{"; ", "；"} {
		var parts []string
		for part := range strings.SplitSeq(advice, sep) {
			if !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		}
		advice = strings.Join(parts, sep)
	}
	return advice
}

// Severities counts findings by severity.
func Severities(fs []rules.Finding) (critical, warning, info int) {
	for _, f := range fs {
		switch f.Severity {
		case rules.Critical:
			critical++
		case rules.Warning:
			warning++
		default:
			info++
		}
	}
	return critical, warning, info
}

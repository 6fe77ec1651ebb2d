package report

import (
	"slices"
	"strings"

	"dbtriage/rules"
)

// A GapGroup is every rule that lacks the same things.
type GapGroup struct {
	Missing []string
	Provide string   // after the server that lacks them, where others do not
	Rules   []string // ids, each once, in order
}

// GroupedGaps joins the gaps that one and the same input would close, those that hold back the most
// rules first.
func (r *Report) GroupedGaps() []GapGroup {
	at := map[string]int{}
	var out []GapGroup
	for _, g := range r.Gaps {
		provide := g.Provide
		if g.Server != "" {
			provide = g.Server + ": " + provide
		}
		key := strings.Join(g.Missing, "\x00") + "\x00\x00" + provide
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, GapGroup{Missing: g.Missing, Provide: provide})
		}
		out[i].Rules = append(out[i].Rules, g.Rule)
	}
	for i := range out {
		slices.Sort(out[i].Rules)
		out[i].Rules = slices.Compact(out[i].Rules)
	}
	slices.SortStableFunc(out, func(a, b GapGroup) int { return len(b.Rules) - len(a.Rules) })
	return out
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

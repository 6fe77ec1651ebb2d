package report

import (
	"testing"

	"dbtriage/rules"
)

// TestActionable keeps notes out of what to do next where they would only distract.
func TestActionable(t *testing.T) {
	note := func(standing bool, severity rules.Severity) rules.Finding {
		return rules.Finding{Layer: rules.LayerDatabase, Severity: severity, Standing: standing, Advice: []rules.Advice{{Do: "do"}}}
	}
	fault := rules.Verdict{Layer: rules.LayerDatabase, SeenIn: rules.LayerDatabase}
	healthy := rules.Verdict{Layer: rules.LayerNone}
	without := rules.Verdict{Layer: rules.LayerClient, RuledOut: []rules.RuledOut{{Layer: rules.LayerDatabase}}}
	for _, c := range []struct {
		name    string
		verdict rules.Verdict
		finding rules.Finding
		want    int
	}{
		{"a note on the fault", fault, note(false, rules.Info), 1},
		{"a note on a standing risk during a fault", fault, note(true, rules.Info), 0},
		{"a warning of a standing risk during a fault", fault, note(true, rules.Warning), 1},
		{"a note on a standing risk of a healthy system", healthy, note(true, rules.Info), 1},
		{"a note on a layer that is ruled out", without, note(false, rules.Info), 0},
		{"a warning about it", without, note(false, rules.Warning), 1},
	} {
		r := &Report{Verdict: c.verdict, Findings: []rules.Finding{c.finding}}
		if got := len(r.Actionable()); got != c.want {
			t.Errorf("%s: %d", c.name, got)
		}
	}
}

// TestSuspects names none where nothing is wrong.
func TestSuspects(t *testing.T) {
	share := 0.57
	divided := []rules.Candidate{{Layer: rules.LayerApp, Share: &share, Confidence: 0.63}}
	for layer, want := range map[rules.Layer]int{rules.LayerNone: 0, rules.LayerApp: 1} {
		r := &Report{Verdict: rules.Verdict{Layer: layer, Candidates: divided}}
		if got := r.Suspects("en"); len(got) != want {
			t.Errorf("%s: %v", layer, got)
		}
	}
}

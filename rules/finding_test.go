package rules

import "testing"

func TestOutcome(t *testing.T) {
	share := func(f float64) *float64 { return &f }
	two := []Candidate{{Layer: LayerApp, Share: share(0.4)}, {Layer: LayerDatabase, Share: share(0.3)}}
	for _, c := range []struct {
		v    Verdict
		want Outcome
	}{
		{Verdict{Layer: LayerNone}, Healthy},
		{Verdict{Layer: LayerDatabase, Candidates: two}, Fault},
		{Verdict{Layer: LayerUnknown, SeenIn: LayerApp, Candidates: two}, TwoSuspects},
		{Verdict{Layer: LayerUnknown, SeenIn: LayerApp, Candidates: two[:1]}, Undecided},
		{Verdict{Layer: LayerUnknown, SeenIn: LayerDatabase, Candidates: []Candidate{{Share: share(0.6)}, {Share: share(0.1)}}}, Undecided},
		{Verdict{Layer: LayerUnknown, SeenIn: LayerUnknown, Candidates: []Candidate{{Share: share(0.2)}, {Share: share(0.2)}}}, TooLittle},
		{Verdict{Layer: LayerUnknown, Candidates: []Candidate{{}, {}}}, TooLittle},
	} {
		if got := c.v.Outcome(); got != c.want {
			t.Errorf("%+v: %s, want %s", c.v, got, c.want)
		}
	}
}

package rules

import (
	"slices"
	"testing"
)

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

// What is missing is named for people, each thing once.
func TestGapLacks(t *testing.T) {
	g := Gap{Subject: Subject{Kind: "global"}, Missing: []string{"slow log", "cpu_owner", `mean("tcp.listen_drops")`, `last("tcp.listen_drops")`, `v("max_connections")`}}
	want := []string{"slow log", "cpu owner", "tcp.listen_drops", "max_connections"}
	if got := g.Lacks(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

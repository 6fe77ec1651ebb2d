package ui

import (
	"testing"

	"dbtriage/rules"
)

// Every rung that a rule names has a risk and an effort.
func TestLadder(t *testing.T) {
	set, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range set.IDs() {
		r, _ := set.Rule(id)
		for _, a := range r.Advice {
			if s := ladder[a.Rung]; s.risk == "" || s.effort == "" {
				t.Errorf("%s: the rung %q is not in the ladder", id, a.Rung)
			}
		}
	}
}

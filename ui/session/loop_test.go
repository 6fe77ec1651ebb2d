package session

import (
	"testing"

	"dbtriage/rules"
)

// Advice that does not fit a session is replaced wherever a gap gives it.
func TestAdviseInstead(t *testing.T) {
	gaps := []rules.Gap{
		{Rule: "C05", Missing: []string{"host recording", "server status"}, Provide: "give sar; give counters"},
		{Rule: "H01", Missing: []string{"host recording"}, Provide: "give sar"},
		{Rule: "C02", Missing: []string{"server status"}, Provide: "give counters"},
	}
	adviseInstead(gaps, map[string]string{"host recording": "leave out --no-host", "nothing": "x"})
	for i, want := range []string{"leave out --no-host; give counters", "leave out --no-host", "give counters"} {
		if gaps[i].Provide != want {
			t.Errorf("%s: %s", gaps[i].Rule, gaps[i].Provide)
		}
	}
}

package rules

import (
	"fmt"
	"strings"
	"testing"
)

// TestSettle writes what is shown after each judgement: findings with their severity, those that are
// going away in brackets.
func TestSettle(t *testing.T) {
	sev := map[byte]Severity{'i': Info, 'w': Warning, 'c': Critical}
	for _, c := range []struct{ name, judged, shown string }{
		{"shows at once and goes after three", "Aw|||||Aw", "Aw|(Aw)|(Aw)|||Aw"},
		{"a gap of two is not seen", "Aw|||Aw", "Aw|(Aw)|(Aw)|Aw"},
		{"gets worse at once, better after three", "Aw|Ac|Aw|Aw|Aw|Aw", "Aw|Ac|Ac|Ac|Aw|Aw"},
		{"worse in between", "Ac|Aw|Ac|Aw|Aw|Aw", "Ac|Ac|Ac|Ac|Ac|Aw"},
		{"two of them", "Aw Bi|Bi|Bi Aw", "Aw Bi|Bi (Aw)|Bi Aw"},
	} {
		var state []Standing
		var got []string
		for i, judged := range strings.Split(c.judged, "|") {
			var now []Finding
			for _, f := range strings.Fields(judged) {
				now = append(now, Finding{ID: f[:1], Severity: sev[f[1]]})
			}
			state = Settle(state, now, int64(i))
			var shown []string
			for _, s := range state {
				text := s.Finding.ID + string(s.Finding.Severity)[:1]
				if s.LastAt < int64(i) {
					text = "(" + text + ")"
				}
				shown = append(shown, text)
			}
			got = append(got, strings.Join(shown, " "))
		}
		if text := strings.Join(got, "|"); text != c.shown {
			t.Errorf("%s: %s, want %s", c.name, text, c.shown)
		}
	}
	state := Settle(Settle(nil, []Finding{{ID: "A", Provisional: true}}, 5), []Finding{{ID: "A"}}, 9)
	if fmt.Sprint(state[0].Since, state[0].LastAt, state[0].Finding.Provisional) != "5 9 false" {
		t.Errorf("%+v", state)
	}
}

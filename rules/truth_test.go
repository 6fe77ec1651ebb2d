package rules

import "testing"

func TestKleene(t *testing.T) {
	const f, u, y = False, Unknown, True
	and := [][3]Truth{{f, f, f}, {f, u, f}, {f, y, f}, {u, f, f}, {u, u, u}, {u, y, u}, {y, f, f}, {y, u, u}, {y, y, y}}
	for _, c := range and {
		if got := c[0].And(c[1]); got != c[2] {
			t.Errorf("%v and %v = %v, want %v", c[0], c[1], got, c[2])
		}
	}
	for _, c := range [][2]Truth{{f, y}, {u, u}, {y, f}} {
		if got := c[0].Not(); got != c[1] {
			t.Errorf("not %v = %v, want %v", c[0], got, c[1])
		}
	}
}

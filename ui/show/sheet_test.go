package show

import "testing"

func TestSheet(t *testing.T) {
	for text, want := range map[string]string{
		"--": "", "": "", "12%": "12%", "-3": "-3", "=HYPERLINK(1)": "'=HYPERLINK(1)", "+1": "'+1", "@x": "'@x", "-x": "'-x", "a\x1b[2J": Clean("a\x1b[2J", false),
	} {
		if got := Sheet(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

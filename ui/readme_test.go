package ui

import (
	"os"
	"strings"
	"testing"
)

// The picture in the README is what the program shows of the bundled incident.
func TestReadmePicture(t *testing.T) {
	const path, begin, end = "../README.md", "```text\n$ dbtriage demo --tui\n", "```\n"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	shown, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no block that begins with %q", path, begin)
	}
	st := batchState("../cmd/dbtriage/demo/slow.log.zst", "../cmd/dbtriage/demo/access.log.zst")
	lines := shownApp(st, 80, 24, Theme{}).Lines()
	want := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shown != want {
		t.Errorf("the README shows\n%s\nthe program shows\n%s\n(go test ./ui -update puts it there)", shown, want)
	}
}

package ui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dbtriage/ui/session"
	"dbtriage/ui/show"
)

var update = flag.Bool("update", false, "rewrite the golden files and generated docs")

// goldenSizes are those of the goldens.
var goldenSizes = [][2]int{{40, 10}, {60, 20}, {80, 24}, {120, 40}, {200, 50}}

var states = []struct {
	name string
	of   func() *session.State
}{{"demo", demoState}, {"live", liveState}, {"empty", emptyState}, {"hostile", hostileState}, {"servers", serversState}}

// TestGoldens draws every screen of two states at every size; one file holds the goldenSizes of a screen.
func TestGoldens(t *testing.T) {
	for _, s := range states[:2] {
		for i, screen := range screens {
			for _, mode := range []struct {
				name  string
				theme Theme
			}{{"none", Theme{}}, {"ascii", Theme{ASCII: true}}, {"colour", Theme{Palette: Sixteen}}} {
				var b strings.Builder
				for _, size := range goldenSizes {
					a := shownApp(s.of(), size[0], size[1], mode.theme)
					a.screen = i
					fmt.Fprintf(&b, "=== %dx%d\n%s\n", size[0], size[1], strings.ReplaceAll(a.View(), "\x1b", "␛"))
				}
				golden(t, fmt.Sprintf("%s-%s-%s.txt", s.name, strings.ToLower(screen.name), mode.name), b.String())
			}
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it):\n%s", name, diff)
	}
}

var sgrSequence = regexp.MustCompile("\x1b\\[[0-9;]*m")

// G10: at every size no line is wider than the terminal, there are as many lines as it is high, and
// nothing panics.
func TestEverySize(t *testing.T) {
	for _, s := range states {
		for k, theme := range []Theme{{Palette: Sixteen}, {ASCII: true}} {
			a := shownApp(s.of(), 80, 24, theme)
			for width := 20 + 5*k; width <= 240; width += 11 {
				for height := 5 + k; height <= 70; height += 5 + height/20*5 {
					a.width, a.height = width, height
					for i := range screens {
						a.screen = i
						checkFrame(t, fmt.Sprintf("%s %s %dx%d", s.name, screens[i].name, width, height), a)
					}
				}
			}
		}
	}
}

// checkFrame holds for every frame: it fits, and nothing in it but our own SGR acts on the terminal.
func checkFrame(t *testing.T, name string, a *App) {
	t.Helper()
	lines := a.Lines()
	if len(lines) != a.height {
		t.Fatalf("%s: %d lines", name, len(lines))
	}
	for y, l := range lines {
		text := sgrSequence.ReplaceAllString(l, "")
		if n := show.Columns(text); n > a.width {
			t.Fatalf("%s: line %d has %d columns: %q", name, y, n, text)
		}
		if show.Clean(text, a.options.Theme.ASCII) != text {
			t.Fatalf("%s: line %d is not clean: %q", name, y, text)
		}
	}
}

// G11: colours change nothing but colours; --ascii leaves nothing outside ASCII.
func TestColourIsOnlyColour(t *testing.T) {
	for _, s := range states {
		for i := range screens {
			for _, size := range goldenSizes {
				want := ""
				for _, palette := range []Palette{None, Sixteen, TwoFiftySix, True} {
					a := shownApp(s.of(), size[0], size[1], Theme{Palette: palette})
					a.screen = i
					got := a.View()
					if palette == None {
						if want = got; strings.Contains(got, "\x1b") {
							t.Fatalf("%s %s: a sequence without colours", s.name, screens[i].name)
						}
					}
					if text := sgrSequence.ReplaceAllString(got, ""); text != want {
						t.Fatalf("%s %s %v: palette %d changes the text:\n%s", s.name, screens[i].name, size, palette, cmp.Diff(want, text))
					}
				}
				a := shownApp(s.of(), size[0], size[1], Theme{ASCII: true})
				a.screen = i
				for _, r := range a.View() {
					if r > 126 {
						t.Fatalf("%s %s %v: %q with --ascii", s.name, screens[i].name, size, r)
					}
				}
			}
		}
	}
}

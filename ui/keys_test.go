package ui

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// keysPage is docs/keys.md, made from the table of keys.
func keysPage() string {
	var b strings.Builder
	b.WriteString("# Keys of the terminal UI\n\nThey mean the same on every screen. `?` lists them in the program and `:` finds any action by its name.\n\n| keys | action | what it does |\n|---|---|---|\n")
	for _, c := range actions() {
		var keys []string
		for _, k := range c.keys {
			keys = append(keys, "`"+keyName(k)+"`")
		}
		b.WriteString("| " + strings.Join(keys, " ") + " | " + c.name + " | " + c.help + " |\n")
	}
	b.WriteString("\nFilters hold words or regular expressions that a row must fit, all of them: `orders`, `kind:write` for one\ncolumn, `!commit` for what must not be there.\n")
	return b.String()
}

func TestKeysPageIsCurrent(t *testing.T) {
	const path = "../docs/keys.md"
	if *update {
		if err := os.WriteFile(path, []byte(keysPage()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != keysPage() {
		t.Errorf("%s is not what the table of keys says; go test ./ui -update writes it", path)
	}
}

// G12: every action has a key that no other has, says what it does, and is found in the list of keys and
// in the palette by its name.
func TestEveryActionIsFound(t *testing.T) {
	seen := map[string]string{}
	for _, c := range actions() {
		if c.name == "" || c.help == "" || len(c.keys) == 0 || c.do == nil {
			t.Errorf("%+v lacks a name, a help text or a key", c.keys)
		}
		for _, k := range c.keys {
			if other, taken := seen[k]; taken {
				t.Errorf("%s is both %s and %s", k, other, c.name)
			}
			seen[k] = c.name
		}
		for _, open := range []func(*App){func(a *App) { a.help() }, func(a *App) { a.palette() }} {
			a := shownApp(demoState(), 80, 24, Theme{})
			open(a)
			a.menu.typed = c.name
			if !slices.ContainsFunc(a.menu.found(), func(it item) bool { return strings.Contains(it.label+it.note, c.name) }) {
				t.Errorf("%s is not found by its name", c.name)
			}
		}
	}
	// The keys that are the same everywhere, as people who come from other tools expect them.
	for _, k := range []string{"1", "7", "tab", "shift+tab", "j", "k", "h", "l", "g", "G", "ctrl+d", "ctrl+u", "pgdown", "pgup", "enter", "esc", "/", "n", "N", "s", "S", "d", "w",
		" ", "p", "f", "[", "]", "{", "}", "t", "e", "E", "L", "m", "c", "i", "z", "y", "Y", "x", "v", "r", "!", ":", "?", "q", "ctrl+c", "ctrl+l", "ctrl+z"} {
		if seen[k] == "" {
			t.Errorf("%q does nothing", k)
		}
	}
}

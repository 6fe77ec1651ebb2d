package rules

import (
	goflag "flag"
	"os"
	"testing"
)

var update = goflag.Bool("update", false, "rewrite docs/rules.md")

// TestCatalogue runs every test of the rules built into the program.
func TestCatalogue(t *testing.T) {
	s := load(t)
	n, failures := s.Check()
	for _, f := range failures {
		t.Error(f)
	}
	t.Logf("%d rules, %d tests", s.Len(), n)
}

// TestDocs checks that docs/rules.md is the catalogue.
func TestDocs(t *testing.T) {
	const page = "../docs/rules.md"
	want := load(t).Catalogue()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != want {
		t.Errorf("docs/rules.md is not what the rules say (%v); run 'make update'", err)
	}
}

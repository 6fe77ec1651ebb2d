package rules

import (
	goflag "flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = goflag.Bool("update", false, "rewrite docs/rules.md and decoded.gob")

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

// TestDecoded checks that the decoded rules that the program starts with are those of the YAML files.
func TestDecoded(t *testing.T) {
	text, err := encodeRules(embedded)
	if err != nil {
		t.Fatal(err)
	}
	want, err := decodeRules(text)
	if err != nil {
		t.Fatal(err)
	}
	same := []cmp.Option{cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Rule{})}
	got, err := decodeRules(decodedText)
	if *update && (err != nil || !cmp.Equal(got, want, same...)) {
		if err := os.WriteFile("decoded.gob", text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got, same...); err != nil || diff != "" {
		t.Errorf("decoded.gob is not what the rules say (%v); run 'make update': %s", err, diff)
	}
	for name, f := range want {
		var list []*Rule
		if err := decode(mustRead(t, name), &list); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(list, f.Rules, same...); diff != "" {
			t.Errorf("%s loses by being encoded: %s", name, diff)
		}
	}
}

func mustRead(t *testing.T, name string) []byte {
	t.Helper()
	text, err := embedded.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

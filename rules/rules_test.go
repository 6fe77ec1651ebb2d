package rules

import "testing"

// TestCatalogue runs every test of the rules built into the program.
func TestCatalogue(t *testing.T) {
	s, err := LoadTested()
	if err != nil {
		t.Fatal(err)
	}
	n, failures := s.Check()
	for _, f := range failures {
		t.Error(f)
	}
	t.Logf("%d rules, %d tests", s.Len(), n)
}

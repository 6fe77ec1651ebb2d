package analyzers

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPtSamplesBesidePtQueryDigest compares, statement by statement, what pt-query-digest finds in the
// logs of its own tests with what we find.
func TestPtSamplesBesidePtQueryDigest(t *testing.T) {
	dir := filepath.Join(shared(t), "logs", "pt-samples")
	if _, err := exec.LookPath("pt-query-digest"); err != nil {
		t.Skip("no pt-query-digest here: install percona-toolkit to run this test")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.txt"))
	compared := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var ours, theirs []string
		for _, s := range readStatements(t, bytes.NewReader(data)) {
			ours = append(ours, plain(s.sql))
		}
		for _, sql := range ptEvents(t, data) {
			theirs = append(theirs, plain(strings.TrimPrefix(sql, "administrator command: ")))
		}
		name := filepath.Base(file)
		if why := ptErrs[name]; why != "" {
			if slices.Equal(ours, theirs) {
				t.Errorf("%s does not differ any more: %s", name, why)
			}
			continue
		}
		if len(ours) != len(theirs) {
			t.Errorf("%s: %d statements, pt-query-digest finds %d", name, len(ours), len(theirs))
			continue
		}
		for i := range ours {
			if ours[i] != theirs[i] {
				t.Errorf("%s: statement %d\n  ours   %.400q\n  theirs %.400q", name, i, ours[i], theirs[i])
			}
			compared++
		}
	}
	if compared < 100 {
		t.Errorf("only %d statements compared", compared)
	}
}

// ptErrs are the files that pt-query-digest reads otherwise, and why that is its error.
var ptErrs = map[string]string{
	"slow006-session-2.txt": "text without a single header is taken for an event",
	"slow041.txt":           "the end of a record whose header was cut off is taken for an event",
}

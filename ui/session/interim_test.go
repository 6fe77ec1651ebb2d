package session

import (
	"context"
	"testing"
	"time"

	"dbtriage/analyzers"
)

// TestPeek pauses reading again and again: what is shown only grows, and the end is that of reading
// without a pause.
func TestPeek(t *testing.T) {
	inputs, err := Inputs([]string{"../../testdata/slowlogs"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	whole, _ := Read(context.Background(), inputs, Options{Workers: 2})
	shown := 0
	seen := int64(0)
	var p *interim
	p = newInterim(func(s *analyzers.Snapshot) {
		shown++
		if n := s.Digest.Statements.Count; n < seen {
			t.Errorf("%d statements after %d", n, seen)
		} else {
			seen = n
		}
		p.wait = 0
	})
	p.next = time.Now()
	again, _ := Read(context.Background(), inputs, Options{Workers: 2, interim: p})
	if shown == 0 || again.Digest.Statements.Count != whole.Digest.Statements.Count || again.Digest.Statements.TimeUS != whole.Digest.Statements.TimeUS {
		t.Errorf("shown %d times; %d statements, not %d", shown, again.Digest.Statements.Count, whole.Digest.Statements.Count)
	}
	for i := range whole.Sources {
		if a, b := whole.Sources[i], again.Sources[i]; a.Events != b.Events || a.Bytes != b.Bytes || a.Skipped != b.Skipped {
			t.Errorf("%+v, not %+v", b, a)
		}
	}
}

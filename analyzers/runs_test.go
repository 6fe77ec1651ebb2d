package analyzers

import "testing"

// A session that was forgotten begins anew, also if it was one of those met last.
func TestForgottenSession(t *testing.T) {
	var longest, calls int64
	s := newSessionRuns(func(_ int, n int64) {
		longest, calls = max(longest, n), calls+n
	})
	const again = 7
	for range 3 {
		s.add(again, 1, 0, 0)
	}
	for thread := int64(1000); len(s.open) < maxSessions; thread++ {
		s.add(thread, 1, 0, 0)
	}
	s.add(1, 1, 0, 10e6) // one too many
	if len(s.open) > 1 {
		t.Fatalf("%d sessions are kept", len(s.open))
	}
	for range 5 {
		s.add(again, 1, 0, 10e6)
	}
	s.close()
	if longest != 5 || calls != maxSessions+2+1+5 {
		t.Errorf("%d statements in runs of up to %d", calls, longest)
	}
}

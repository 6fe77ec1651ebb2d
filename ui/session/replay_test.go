package session

import (
	"context"
	"path/filepath"
	"testing"

	"dbtriage/collectors"
	"dbtriage/collectors/recorded"
)

// A replay ends where it is told to, or at its own end.
func TestReplayEnds(t *testing.T) {
	const from = int64(1_795_000_000 * 1e6)
	file := filepath.Join(t.TempDir(), "a.rec")
	r, err := startRecording(recorded.RecorderOptions{File: file}, opening{Host: "here", Interval: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(10) {
		at := from + i*1e6
		reading := collectors.Reading{At: at, Source: "host", Role: "host", Host: "here", Samples: []collectors.Sample{{At: at, Name: "cpu.idle", Value: 0.5}}}
		if err := r.write(&tick{At: at, Readings: []collectors.Reading{reading}}, i == 9); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.to.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ to, last int64 }{{0, from + 9e6}, {collectors.NoTime, from + 9e6}, {from + 5e6, from + 4e6}, {from + 60e6, from + 9e6}} {
		s, err := StartReplay(context.Background(), file, ReplayOptions{To: c.to, Look: Look{Cursor: collectors.NoTime}, Rules: loadRules(t), Lang: "en"})
		if err != nil {
			t.Fatal(err)
		}
		var end *State
		for st := range s.States() {
			if end = st; st.Ended {
				s.Close()
			}
		}
		if err := s.Wait(); err != nil || end == nil || !end.Ended || end.To != c.last {
			t.Errorf("to %d: it ends at %+v: %v", c.to-from, end, err)
		}
	}
}

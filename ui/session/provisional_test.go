package session

import (
	"bytes"
	"context"
	"io"
	"os"
	"testing"

	"dbtriage/collectors"
)

// An endlessLog repeats a log until enough is closed.
type endlessLog struct {
	log    []byte
	enough <-chan struct{}
	rest   *bytes.Reader
}

func (l *endlessLog) Read(p []byte) (int, error) {
	if l.rest.Len() == 0 {
		select {
		case <-l.enough:
			return 0, io.EOF
		default:
			l.rest.Reset(l.log)
		}
	}
	return l.rest.Read(p)
}

// TestVerdictWhileReading (G2) has a log that does not end before there is a provisional verdict about it.
func TestVerdictWhileReading(t *testing.T) {
	log, err := os.ReadFile("../../testdata/slowlogs/mariadb11.log")
	if err != nil {
		t.Fatal(err)
	}
	enough := make(chan struct{})
	inputs := []Input{{Path: "slow.log", Open: func() (io.Reader, error) {
		return &endlessLog{log, enough, bytes.NewReader(log)}, nil
	}}}
	s := StartBatch(context.Background(), inputs, BatchOptions{Rules: loadRules(t), Lang: "en", Look: Look{Cursor: collectors.NoTime}})
	var read int64
	for st := range s.States() {
		d := &st.Diagnosis
		if read == 0 && st.Progress.Read > 0 {
			if read = st.Progress.Read; st.Ended || d.Snapshot.Digest.Statements.Count == 0 || d.Judgement.Verdict.Summary == "" {
				t.Errorf("after %d bytes: ended %v, %d statements, verdict %q", read, st.Ended, d.Snapshot.Digest.Statements.Count, d.Judgement.Verdict.Summary)
			}
			close(enough)
		}
		if st.Ended {
			s.Close()
		}
	}
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
	if read == 0 {
		t.Error("nothing was shown before the log had ended")
	}
}

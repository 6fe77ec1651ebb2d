package session

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/recorded"
)

// What a server tells of its statements is in the verdict's window, and in the recording that is played.
func TestBook(t *testing.T) {
	told := 0
	feed := Feed{Name: "mysql x", Kind: "mysql", Read: func(_ context.Context, now time.Time) (collectors.Reading, error) {
		r := collectors.Reading{At: now.UnixMicro(), Source: "mysql x", Role: "db", Book: "performance_schema"}
		if told++; told == 2 || told == 3 {
			e := collectors.Executions{Count: 50, Since: now.Add(-time.Second).UnixMicro()}
			e.SQL, e.End, e.QueryTime, e.RowsSent, e.RowsExamined = []byte("SELECT a FROM t WHERE id = ?"), now.UnixMicro(), 100_000, 50, 5_000
			r.Executions = []collectors.Executions{e}
		}
		return r, nil
	}}
	file := filepath.Join(t.TempDir(), "x.rec")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, err := StartLive(ctx, LiveOptions{
		Host: "here", Feeds: []Feed{feed}, Interval: 30 * time.Millisecond, Look: Look{Cursor: collectors.NoTime}, Rules: loadRules(t), Lang: "en",
		Record: &recorded.RecorderOptions{File: file},
	})
	if err != nil {
		t.Fatal(err)
	}
	whole := func(st *State) bool {
		if st.Diagnosis.Snapshot == nil || st.Diagnosis.Snapshot.Digest.Statements.Count != 100 {
			return false
		}
		d := st.Diagnosis.Snapshot.Digest
		if len(d.Classes) != 1 || d.Statements.TimeUS != 200_000 || d.Statements.Reads != 100 {
			t.Errorf("%d classes, %+v", len(d.Classes), d.Statements)
		}
		for _, src := range st.Sources {
			if src.Name == "performance_schema of mysql x" && src.Log != nil && src.Log.Events == 100 && len(src.Log.Warnings) == 1 && src.Found == "mysql x" {
				return true
			}
		}
		t.Errorf("sources %+v", st.Sources)
		return true
	}
	await(t, s, "a hundred statements", whole)
	cancel()
	if err := s.Wait(); err != nil {
		t.Fatal(err)
	}
	again, err := StartReplay(context.Background(), file, ReplayOptions{Look: Look{Cursor: collectors.NoTime}, Rules: loadRules(t), Lang: "en"})
	if err != nil {
		t.Fatal(err)
	}
	await(t, again, "them in the replay", whole)
	again.Close()
}

// A server whose slow log is turned into a table is read from there, under another name.
func TestAnotherBook(t *testing.T) {
	var b serverStatements
	reading := func(name string) *collectors.Reading {
		e := collectors.Executions{Count: 1}
		e.SQL, e.End, e.QueryTime = []byte("SELECT 1"), 1_795_000_000e6, 5
		return &collectors.Reading{Source: "mysql x", Book: name, Executions: []collectors.Executions{e}}
	}
	for _, c := range []struct {
		name, path string
		opened     bool
	}{{"performance_schema", "performance_schema of mysql x", true}, {"performance_schema", "performance_schema of mysql x", false}, {"mysql.slow_log", "mysql.slow_log of mysql x", true}} {
		parts, opened := b.take(reading(c.name))
		if len(parts) != 1 || parts[0].Path != c.path || opened != c.opened || (len(b.source.Warnings) > 0) != (c.name == "performance_schema") {
			t.Errorf("%s: %+v, opened %v, %+v", c.name, parts, opened, b.source)
		}
	}
}

package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dbtriage/collectors"
	"dbtriage/collectors/recorded"
	"dbtriage/rules"
)

// glog is a dependency of the SQL parser; it starts a goroutine when the program does.
var glog = goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon")

// await returns the first state that is as wanted.
func await(t *testing.T, s *Session, what string, wanted func(*State) bool) *State {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case st, more := <-s.States():
			if !more {
				t.Fatalf("the session ended before %s: %v", what, s.Wait())
			}
			if wanted(st) {
				return st
			}
		case <-deadline:
			t.Fatalf("no state with %s", what)
		}
	}
}

func loadRules(t testing.TB) *rules.Set {
	t.Helper()
	set, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// What a source that cannot be read says of it is kept and judged.
func TestRefusedIsRead(t *testing.T) {
	defer goleak.VerifyNone(t, glog)
	full := Feed{Name: "mysql x", Kind: "mysql", Read: func(_ context.Context, now time.Time) (collectors.Reading, error) {
		r := collectors.Reading{At: now.UnixMicro(), Source: "mysql x", Role: "db", Samples: []collectors.Sample{{At: now.UnixMicro(), Name: "server.refused", Value: 1}}}
		return r, &collectors.SourceError{Err: errors.New("Error 1040: Too many connections"), Provide: "close some"}
	}}
	file := filepath.Join(t.TempDir(), "a.rec")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	set := loadRules(t)
	s, err := StartLive(ctx, LiveOptions{Feeds: []Feed{full}, Interval: 20 * time.Millisecond, Look: Look{Cursor: collectors.NoTime}, Rules: set, Lang: "en", Record: &recorded.RecorderOptions{File: file}})
	if err != nil {
		t.Fatal(err)
	}
	found := func(st *State) bool {
		return slices.ContainsFunc(st.Diagnosis.Judgement.Findings, func(f rules.Finding) bool { return f.Rule == "C17" })
	}
	st := await(t, s, "the finding", found)
	if src := st.Sources[0]; src.State != "lost" || src.LastAt != collectors.NoTime {
		t.Errorf("%+v", src)
	}
	cancel()
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
	again, err := StartReplay(context.Background(), file, ReplayOptions{Look: Look{Cursor: collectors.NoTime}, Rules: set, Lang: "en"})
	if err != nil {
		t.Fatal(err)
	}
	await(t, again, "the finding of the recording", found)
	again.Close()
	if err := again.Wait(); err != nil {
		t.Error(err)
	}
}

// A log that is not there is not one to which nothing was written.
func TestMissingLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slow.log")
	c, err := newCollector(LiveOptions{Logs: []Input{{Path: path}}})
	if err != nil {
		t.Fatal(err)
	}
	why := func() string {
		t.Helper()
		got := readTails(context.Background(), c.tails, time.Now(), false)
		if len(got.Sources) != 1 || got.Sources[0].State != "waiting" {
			t.Fatalf("%+v", got.Sources)
		}
		return got.Sources[0].Why
	}
	if text := why(); text != "it does not exist yet" {
		t.Error(text)
	}
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if text := why(); text != "nothing was written to it yet" {
		t.Error(text)
	}
	if err := c.end(); err != nil {
		t.Error(err)
	}
}

// TestLive watches a log that grows and a source that comes and goes.
func TestLive(t *testing.T) {
	defer goleak.VerifyNone(t, glog)
	log := filepath.Join(t.TempDir(), "slow.log")
	n := 0.0
	feed := Feed{Name: "host", Kind: "host", Read: func(_ context.Context, now time.Time) (collectors.Reading, error) {
		n++
		if n == 3 {
			return collectors.Reading{}, fmt.Errorf("reading /proc/stat: %w", os.ErrPermission)
		}
		return collectors.Reading{Role: "host", Samples: []collectors.Sample{{At: now.UnixMicro(), Name: "cpu.run_queue", Value: n}}}, nil
	}}
	stuck := Feed{Name: "mysql x", Kind: "mysql", Read: func(ctx context.Context, _ time.Time) (collectors.Reading, error) {
		<-ctx.Done()
		return collectors.Reading{}, ctx.Err()
	}}
	broken := Feed{Name: "redis x", Kind: "redis", Read: func(context.Context, time.Time) (collectors.Reading, error) { panic("no") }}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s, err := StartLive(ctx, LiveOptions{
		Host: "here", Feeds: []Feed{feed, stuck, broken}, Logs: []Input{{Path: log}}, Interval: 20 * time.Millisecond,
		Look: Look{Cursor: collectors.NoTime}, Rules: loadRules(t), Lang: "en",
	})
	if err != nil {
		t.Fatal(err)
	}
	source := func(st *State, name string) SourceState {
		i := slices.IndexFunc(st.Sources, func(s SourceState) bool { return s.Name == name })
		if i < 0 {
			return SourceState{}
		}
		return st.Sources[i]
	}
	await(t, s, "a denied source", func(st *State) bool { return source(st, "host").State == "denied" })
	await(t, s, "the source back, a lost one, a waiting log", func(st *State) bool {
		return source(st, "host").State == "ok" && source(st, "redis x").State == "lost" && source(st, log).State == "waiting"
	})
	entry := fmt.Sprintf("# Time: %s\n# User@Host: a[a] @ h []\n# Query_time: 2.000000  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\nSET timestamp=%d;\nSELECT 1;\n",
		time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), time.Now().Unix())
	if err := os.WriteFile(log, []byte("/usr/sbin/mariadbd, Version: 10.11.1-MariaDB. started with:\nTcp port: 0  Unix socket: /x\nTime\t\tId Command\tArgument\n"+entry+entry), 0o644); err != nil {
		t.Fatal(err)
	}
	st := await(t, s, "the statements", func(st *State) bool { return st.Diagnosis.Snapshot.Digest.Statements.Count == 2 })
	if src := source(st, log); src.State != "ok" || src.Log == nil || src.Log.Events != 2 || src.LastAt == collectors.NoTime {
		t.Errorf("the log: %+v", src)
	}
	if len(st.Latest) != 1 || st.Latest[0].Source != "host" || st.Own.Memory == 0 {
		t.Errorf("latest %+v, own %+v", st.Latest, st.Own)
	}
	if !slices.ContainsFunc(st.Events, func(e Event) bool { return e.Kind == "gap" }) {
		t.Errorf("the gap is no event: %+v", st.Events)
	}
	cursor := st.From + 1
	s.Ask(Look{Cursor: cursor, Width: 60e6})
	st = await(t, s, "the look back", func(st *State) bool { return st.Look.Cursor == cursor && st.Diagnosis.Snapshot.Window.To == cursor+1 })
	if st.At != cursor || len(st.Latest) > 1 {
		t.Errorf("at %d, not %d; %+v", st.At, cursor, st.Latest)
	}
	cancel()
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
}

// TestBatchSession reads the sample logs to their end and looks at a part of them.
func TestBatchSession(t *testing.T) {
	defer goleak.VerifyNone(t, glog)
	inputs, err := Inputs([]string{"../../cmd/dbtriage/demo"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	set := loadRules(t)
	opt := Options{Workers: 2}
	opt.Logs.NginxConf, inputs = NginxConf(inputs)
	s := StartBatch(context.Background(), inputs, BatchOptions{Options: opt, Look: Look{Cursor: collectors.NoTime}, Rules: set, Lang: "en"})
	all := await(t, s, "all of it", func(st *State) bool { return st.Progress.Total == 0 })
	whole := all.Diagnosis.Snapshot.Digest.Statements.Count
	if whole == 0 || all.From >= all.To || len(all.Sources) == 0 {
		t.Fatalf("%d statements, %d to %d, %+v", whole, all.From, all.To, all.Sources)
	}
	look := Look{Cursor: all.From + (all.To-all.From)/2, Width: (all.To - all.From) / 4}
	s.Ask(look)
	part := await(t, s, "a part", func(st *State) bool { return st.Look == look })
	if n := part.Diagnosis.Snapshot.Digest.Statements.Count; n == 0 || n >= whole {
		t.Errorf("%d of %d statements in a quarter", n, whole)
	}
	s.Ask(Look{Cursor: collectors.NoTime})
	again := await(t, s, "all again", func(st *State) bool { return st.Look.Cursor == collectors.NoTime })
	if again.Diagnosis.Snapshot.Digest.Statements.Count != whole {
		t.Error("not the whole again")
	}
	s.Close()
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
}

package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dbtriage/ui/session"
)

const followed = `1.2.3.4 - - [05/Mar/2024:10:00:00 +0000] "GET /a HTTP/1.1" 200 10 "-" "-"` + "\n"

// TestFollow runs analyze --follow on a log that does not exist yet, until it is interrupted.
func TestFollow(t *testing.T) {
	dir := t.TempDir()
	log, out := filepath.Join(dir, "access.log"), filepath.Join(dir, "out.json")
	ctx, cancel := context.WithCancel(t.Context())
	var stderr strings.Builder
	done := make(chan error)
	go func() {
		cmd := newAnalyze(streams{strings.NewReader(""), io.Discard, &stderr, &ruleFolders{}})
		cmd.SilenceUsage, cmd.SilenceErrors = true, true
		cmd.SetArgs([]string{"--follow", "--every", "100ms", "-f", "json", "-o", out, log})
		done <- cmd.ExecuteContext(ctx)
	}()
	wait := func(events string) {
		t.Helper()
		var text []byte
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if text, _ = os.ReadFile(out); strings.Contains(string(text), events) {
				return
			}
		}
		t.Fatalf("no %s in\n%s", events, text)
	}
	write := func(text string) {
		t.Helper()
		f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	write(followed + followed)
	wait(`"events":2,`)
	write(followed + followed[:len(followed)-1])
	wait(`"events":3,`)
	cancel()
	if err := <-done; err != nil {
		t.Errorf("%v\n%s", err, stderr.String())
	}
	wait(`"events":4,`) // the line without its end is complete now
}

// A second run with the same state fails at once.
func TestStateInUse(t *testing.T) {
	dir := t.TempDir()
	log, state := filepath.Join(dir, "access.log"), filepath.Join(dir, "state")
	if err := os.WriteFile(log, []byte(followed), 0o644); err != nil {
		t.Fatal(err)
	}
	unlock, err := session.LockState(state)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	var stderr strings.Builder
	if code := run([]string{"analyze", "--state", state, log}, strings.NewReader(""), io.Discard, &stderr); code != exitUsage || !strings.Contains(stderr.String(), "another run uses it: process") {
		t.Errorf("exit %d\n%s", code, stderr.String())
	}
}

// What comes later is waited for, with its role too, and where a pattern matches nothing yet.
func TestFollowLater(t *testing.T) {
	t.Chdir(t.TempDir())
	f := followFlags{follow: true}
	there, later := f.split([]string{"web=a.log", "*.log", ".", "web=logs-*"})
	if len(there) != 1 || there[0] != "." || len(later) != 1 || later[0].Path != "a.log" || later[0].Role != "web" || len(f.watched) != 3 {
		t.Errorf("%q, %+v, %q", there, later, f.watched)
	}
	f = followFlags{state: "S"}
	there, later = f.split([]string{"web=a.log", "*.log", "."})
	if len(there) != 2 || len(later) != 1 || len(f.watched) != 0 {
		t.Errorf("%q, %+v, %q", there, later, f.watched)
	}
}

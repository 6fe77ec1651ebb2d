package ui

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"dbtriage/ui/session"
	"dbtriage/ui/termout/emulate"
)

// A broken source panics when it is asked for a look.
type broken struct{ *still }

func (broken) Ask(session.Look) { panic("no look \x1b[31m") }

// G13: a fault in the program ends it with an error, and the terminal is as it was.
func TestPanicRestoresTheTerminal(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	defer master.Close()
	defer slave.Close()
	if err := pty.Setsize(slave, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(int(slave.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	screen := emulate.New(80, 24)
	go func() {
		buf := make([]byte, 32<<10)
		for {
			n, err := master.Read(buf)
			if err != nil {
				return
			}
			mu.Lock()
			_, _ = screen.Write(buf[:n])
			mu.Unlock()
		}
	}()
	shown := func(what string, ok func() bool) {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			mu.Lock()
			done := ok()
			mu.Unlock()
			if done {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%s never came:\n%s", what, screen.Text())
			}
		}
	}
	failed := make(chan error, 1)
	go func() { failed <- Run(context.Background(), broken{newStill(demoState())}, slave, slave, Options{}) }()
	shown("the verdict", func() bool { return strings.Contains(screen.Text(), "is at fault") })
	if _, err := master.WriteString(" "); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-failed:
		if err == nil || !strings.Contains(err.Error(), "fault of dbtriage: no look") || strings.Contains(err.Error(), "\x1b") || !strings.Contains(err.Error(), "run_test.go") {
			t.Errorf("the error is %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("a panic does not end the program")
	}
	shown("the end of the alternate screen", func() bool { return !screen.AltScreen && screen.CursorShown && !screen.Paste })
	after, err := term.GetState(int(slave.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if *after != *before {
		t.Errorf("the line discipline is %+v, it was %+v", after, before)
	}
}

package main

import (
	"io"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"

	"dbtriage/ui/show"
)

// shownOnTerminal runs a command whose output is a terminal of so many columns, and returns what that shows.
func shownOnTerminal(t *testing.T, columns uint16, args ...string) string {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	defer master.Close()
	if err := pty.Setsize(slave, &pty.Winsize{Rows: 24, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	if _, err := term.MakeRaw(int(slave.Fd())); err != nil { // line ends stay what they are
		t.Fatal(err)
	}
	shown := make(chan string)
	go func() {
		text, _ := io.ReadAll(master) // ends in an error when the other side is closed
		shown <- string(text)
	}()
	code := run(args, strings.NewReader(""), slave, io.Discard)
	slave.Close()
	if text := <-shown; code == exitOK {
		return text
	}
	t.Fatalf("%v: exit %d", args, code)
	return ""
}

// A report is as wide as its terminal, unless COLUMNS says otherwise, and --color beats the terminal.
func TestReportOnTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	for _, c := range []struct {
		terminal uint16
		columns  string
		want     int
	}{{120, "", 120}, {40, "", 40}, {30, "", 40}, {63, "", 63}, {400, "", 160}, {120, "100", 100}, {0, "", 80}} {
		t.Setenv("COLUMNS", c.columns)
		widest := 0
		for _, l := range strings.Split(shownOnTerminal(t, c.terminal, "demo", "--color", "never"), "\n") {
			widest = max(widest, show.Columns(l))
			if strings.Contains(l, "\x1b") {
				t.Fatalf("coloured: %q", l)
			}
		}
		if widest != c.want {
			t.Errorf("terminal of %d, COLUMNS %q: %d columns, want %d", c.terminal, c.columns, widest, c.want)
		}
	}
	if text := shownOnTerminal(t, 80, "demo"); !strings.Contains(text, "\x1b[1;31mDATABASE") {
		t.Error("no colours on a terminal")
	}
}

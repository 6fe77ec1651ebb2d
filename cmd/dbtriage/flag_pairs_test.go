package main

import (
	"strings"
	"testing"

	"github.com/creack/pty"
)

// Every row of the table names flags that its command has.
func TestFlagPairs(t *testing.T) {
	root := newRoot(streams{rules: &ruleFolders{}})
	for name, pairs := range flagPairs {
		cmd, _, err := root.Find([]string{name})
		if err != nil || cmd.Name() != name {
			t.Fatalf("%s: %v", name, err)
		}
		for _, p := range pairs {
			for _, flag := range append(append([]string{p.flag}, p.needs...), p.beside...) {
				if cmd.Flags().Lookup(flag) == nil {
					t.Errorf("%s has no --%s", name, flag)
				}
			}
		}
	}
}

// On a terminal live opens screens, which have no use for --every.
func TestEveryOnTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	defer master.Close()
	defer slave.Close()
	var stderr strings.Builder
	code := run([]string{"live", "--every", "5s"}, slave, slave, &stderr)
	if said := stderr.String(); code != exitUsage || said != "dbtriage: error: --every changes nothing without --plain\ndbtriage: hint: add --plain\n" {
		t.Errorf("exit %d, %q", code, said)
	}
}

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestUnit has systemd check the unit of the recorder, and the recorder its command line.
func TestUnit(t *testing.T) {
	unit, err := os.ReadFile("../../docs/dbtriage-record.service")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(unit), "ExecStart=/usr/local/bin/dbtriage ")
	line, _, _ := strings.Cut(rest, "\n")
	if !ok {
		t.Fatal("no ExecStart")
	}
	cmd, args, err := newRoot(streams{rules: &ruleFolders{}}).Find(strings.Fields(line))
	if err != nil || cmd.Name() != "record" {
		t.Fatalf("%s: %v", line, err)
	}
	if err := cmd.ParseFlags(args); err != nil {
		t.Error(err)
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not here; it comes with systemd")
	}
	file := filepath.Join(t.TempDir(), "dbtriage-record.service")
	here := strings.Replace(string(unit), "/usr/local/bin/dbtriage", "/bin/true", 1)
	if err := os.WriteFile(file, []byte(here), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("systemd-analyze", "verify", "--man=no", file).CombinedOutput()
	if err != nil || strings.Contains(string(out), "dbtriage-record.service") {
		t.Errorf("%v\n%s", err, out)
	}
}

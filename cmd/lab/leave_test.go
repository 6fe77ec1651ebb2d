package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestNothingIsLeft ends a lab that has a server running, kindly and not, and looks for what is left.
func TestNothingIsLeft(t *testing.T) {
	if os.Getenv("DBTRIAGE_LAB") == "" {
		t.Skip("starts servers: make test, or DBTRIAGE_LAB=1 go test ./cmd/lab")
	}
	if missing := missingPrograms(); len(missing) > 0 {
		t.Skip("the lab needs ", missing, "; on Debian: make deps")
	}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-lab", "-only", "healthy-quiet", "-times", "1")
		cmd.Env = append(os.Environ(), "TMPDIR="+dir)
		cmd.SysProcAttr = ownGroup()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(time.Minute)
		for sockets := []string(nil); len(sockets) == 0; sockets, _ = filepath.Glob(filepath.Join(dir, "*", "*", "mysql.sock")) {
			if time.Now().After(deadline) {
				t.Fatal("no server after a minute")
			}
			time.Sleep(100 * time.Millisecond)
		}
		if err := syscall.Kill(cmd.Process.Pid, sig); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		for deadline = time.Now().Add(15 * time.Second); len(running(t, dir)) > 0; time.Sleep(100 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("after %v still running: %q", sig, running(t, dir))
			}
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); sig == syscall.SIGINT && len(left) > 0 {
			t.Errorf("after %v there are still %v", sig, left)
		}
	}
}

// running returns the commands of all processes that name a folder.
func running(t *testing.T, dir string) [][]byte {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err == nil && bytes.Contains(text, []byte(dir)) {
			out = append(out, bytes.ReplaceAll(text, []byte{0}, []byte(" ")))
		}
	}
	return out
}

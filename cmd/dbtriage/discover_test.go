package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dbtriage/collectors/discover"
)

// TestDiscoverPrints prints a host whose texts are hostile: none reaches the terminal as it is.
func TestDiscoverPrints(t *testing.T) {
	dir := t.TempDir()
	for path, text := range map[string]string{
		"proc/812/comm": "mysqld\n", "proc/812/cmdline": "mysqld\x00--no-defaults\x00--log-error=/x\x1b[2J.err\x00--socket=/s\x00", "s": "",
		"proc/900/comm": "redis-server\n", "proc/900/cmdline": "redis-server 127.0.0.1:6379",
	} {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	roots := discover.Roots{Proc: filepath.Join(dir, "proc"), FS: dir, As: &discover.User{Name: "root"}}
	if err := printFound(context.Background(), streams{out: &out}, roots, "text"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"WHAT", "mysql            /s ", "redis            127.0.0.1:6379", "mysql error log", "slow_query_log is not set\n  SET GLOBAL slow_query_log = ON"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Errorf("an escape of a process reached the terminal:\n%q", out.String())
	}
	out.Reset()
	if err := printFound(context.Background(), streams{out: &out}, roots, "json"); err != nil || !strings.Contains(out.String(), `"found": "process 900 127.0.0.1:6379"`) {
		t.Errorf("%v\n%s", err, out.String())
	}
	roots.Proc, roots.FS = filepath.Join(dir, "none"), filepath.Join(dir, "none")
	if err := printFound(context.Background(), streams{out: &out}, roots, "text"); err == nil {
		t.Error("nothing was found, and it is no error")
	}
}

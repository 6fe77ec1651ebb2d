package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dbtriage/collectors/discover"
	"dbtriage/ui/session"
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

// TestUseFound has a live session watch what was found, and name what may not be read.
func TestUseFound(t *testing.T) {
	var f sourceFlags
	var opt session.LiveOptions
	how := f.useFound(&opt, []discover.Found{
		{Kind: discover.SlowLog, Role: "db", Where: "/slow.log", How: "setting slow_query_log_file", State: discover.Readable},
		{Kind: discover.SlowLog, Role: "db", Where: "/other.log", State: discover.Off, Why: "slow_query_log is not set"},
		{Kind: discover.AccessLog, Role: "web", Where: "/access.log", How: "access_log", State: discover.Denied, Why: "permission denied", Provide: "setfacl"},
		{Kind: discover.ErrorLog, Role: "web", Where: "/error.log", How: "error_log", State: discover.Readable},
		{Kind: discover.ErrorLog, Role: "db", Where: "/db.err", State: discover.Readable},
		{Kind: discover.MySQL, Role: "db", Where: "/run/mysqld.sock", State: discover.Readable},
		{Kind: discover.Redis, Role: "cache", Where: "127.0.0.1:6379", How: "process 9", State: discover.Readable},
		{Kind: discover.StubStatus, Role: "web", Where: "http://127.0.0.1/status", State: discover.Readable, MaxConnections: 512},
		{Kind: discover.Nginx, Role: "web", Where: "/nginx.conf", State: discover.Readable, Conf: "log_format a b;"},
	})
	if len(f.slowLogs) != 1 || len(f.accessLogs) != 0 || len(f.webErrors) != 1 || len(f.dbErrors) != 1 || len(f.redis) != 1 || len(f.mysql.servers) != 1 || f.nginxConnections != 512 || !f.named() {
		t.Errorf("%+v", f)
	}
	if len(opt.Absent) != 1 || opt.Absent[0].Provide != "setfacl" || opt.Absent[0].Kind != "log" || opt.Options.Logs.NginxConf == "" || how["127.0.0.1:6379"] != "process 9" {
		t.Errorf("%+v %v", opt, how)
	}
}

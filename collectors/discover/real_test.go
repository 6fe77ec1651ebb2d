package discover

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// start runs a program until the test ends and waits for a file that it makes.
func start(t *testing.T, waitFor string, name string, args ...string) (pid int) {
	t.Helper()
	program, err := exec.LookPath(name)
	if err != nil {
		if program = "/usr/sbin/" + name; !isThere(program) {
			t.Skip(name + " is not installed: see make deps")
		}
	}
	cmd := exec.Command(program, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // a master ends its workers
		done := make(chan struct{})
		go func() {
			_ = cmd.Wait()
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-done
		}
	})
	for range 600 {
		if isThere(waitFor) {
			return cmd.Process.Pid
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s did not start", name)
	return 0
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// scratch is a folder whose path is short enough for sockets.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "dsc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// of returns what was found of a kind and process.
func of(found []Found, kind string, pid int) []Found {
	var out []Found
	for _, f := range found {
		if f.Kind == kind && f.PID == pid {
			out = append(out, f)
		}
	}
	return out
}

// one is the only thing found of a kind and process.
func one(t *testing.T, found []Found, kind string, pid int) Found {
	t.Helper()
	all := of(found, kind, pid)
	if len(all) != 1 {
		t.Fatalf("%s of %d: %+v", kind, pid, all)
	}
	return all[0]
}

func TestRealCaches(t *testing.T) {
	dir := scratch(t)
	redis := start(t, dir+"/r", "redis-server", "--port", "0", "--unixsocket", dir+"/r", "--dir", dir, "--save", "")
	memcached := start(t, dir+"/m", "memcached", "-s", dir+"/m", "-u", "root")
	found := Find(context.Background(), Roots{})
	if f := one(t, found, Redis, redis); f.Where != dir+"/r" || f.State != Readable || f.Role != "cache" || !strings.HasPrefix(f.How, fmt.Sprint("process ", redis)) {
		t.Errorf("%+v", f)
	}
	if f := one(t, found, Memcached, memcached); f.Where != dir+"/m" || f.State != Readable {
		t.Errorf("%+v", f)
	}
}

func TestRealNginx(t *testing.T) {
	dir := scratch(t)
	write(t, dir+"/nginx.conf", `daemon off; worker_processes 2; pid `+dir+`/pid; error_log `+dir+`/error.log warn;
events { worker_connections 64; }
http {
  log_format timed '$remote_addr [$time_local] "$request" $status $request_time "$upstream_response_time"';
  client_body_temp_path `+dir+`/b; proxy_temp_path `+dir+`/p; fastcgi_temp_path `+dir+`/f; uwsgi_temp_path `+dir+`/u; scgi_temp_path `+dir+`/c;
  include sites/*.conf;
}
`)
	write(t, dir+"/sites/shop.conf", "server { listen unix:"+dir+"/s; access_log "+dir+"/shop.log timed; location = /status { stub_status; access_log off; } }\n")
	pid := start(t, dir+"/pid", "nginx", "-p", dir, "-c", dir+"/nginx.conf")
	found := Find(context.Background(), Roots{})
	if f := one(t, found, AccessLog, pid); f.Where != dir+"/shop.log" || f.Format != "timed" || f.State != Readable || f.How != "access_log in "+dir+"/sites/shop.conf" {
		t.Errorf("%+v", f)
	}
	if f := one(t, found, ErrorLog, pid); f.Where != dir+"/error.log" {
		t.Errorf("%+v", f)
	}
	if f := one(t, found, StubStatus, pid); f.Where != "unix:"+dir+"/s:/status" || f.MaxConnections != 128 {
		t.Errorf("%+v", f)
	}
	if f := one(t, found, Nginx, pid); f.Where != dir+"/nginx.conf" || !strings.Contains(f.Conf, "log_format timed") || !strings.Contains(f.How, "-c "+dir) {
		t.Errorf("%+v", f)
	}
}

func TestRealMariaDB(t *testing.T) {
	install, err := exec.LookPath("mariadb-install-db")
	if err != nil {
		t.Skip("mariadb-install-db is not installed: apt-get install mariadb-server")
	}
	dir := scratch(t)
	// A server that starts deletes the temporary tables of all in its folder for them.
	t.Setenv("TMPDIR", dir)
	out, err := exec.Command(install, "--no-defaults", "--user=root", "--datadir="+dir+"/data", "--skip-test-db", "--auth-root-authentication-method=normal").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	write(t, dir+"/my.cnf", "[client]\nsocket=/wrong\n[mysqld]\nuser=root\ndatadir="+dir+"/data\nsocket="+dir+"/s\nskip-networking\n!includedir "+dir+"/conf.d\n")
	write(t, dir+"/conf.d/logs.cnf", "[mariadb]\nslow_query_log=1\nslow_query_log_file=slow.log # in datadir\nlog_error="+dir+"/db.err\n")
	pid := start(t, dir+"/s", "mariadbd", "--defaults-file="+dir+"/my.cnf", "--innodb-buffer-pool-size=8M", "--innodb-log-file-size=4M")
	found := Find(context.Background(), Roots{})
	if f := one(t, found, MySQL, pid); f.Where != dir+"/s" || f.State != Readable || f.How != fmt.Sprintf("process %d --defaults-file=%s/my.cnf", pid, dir) ||
		!slices.Equal(f.OptionFiles, []string{dir + "/my.cnf", dir + "/conf.d/logs.cnf"}) {
		t.Errorf("%+v", f)
	}
	if f := one(t, found, SlowLog, pid); f.Where != dir+"/data/slow.log" || f.State != Readable || f.How != "setting slow_query_log_file in "+dir+"/conf.d/logs.cnf" {
		t.Errorf("%+v", f)
	}
	if f := one(t, found, ErrorLog, pid); f.Where != dir+"/db.err" || f.State != Readable {
		t.Errorf("%+v", f)
	}
}

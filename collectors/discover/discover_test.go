package discover

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A host is a tree of a host that was, in a folder.
type host struct {
	t   *testing.T
	dir string
}

func newHost(t *testing.T) host { return host{t, t.TempDir()} }

func (h host) file(path, text string) { write(h.t, filepath.Join(h.dir, path), text) }

func (h host) process(pid, parent int, name string, args ...string) {
	dir := fmt.Sprintf("proc/%d/", pid)
	h.file(dir+"comm", name+"\n")
	h.file(dir+"cmdline", strings.Join(args, "\x00")+"\x00")
	h.file(dir+"stat", fmt.Sprintf("%d (%s) S %d 1 1 0", pid, name, parent))
}

func (h host) link(path, target string) {
	full := filepath.Join(h.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		h.t.Fatal(err)
	}
	if err := os.Symlink(target, full); err != nil {
		h.t.Fatal(err)
	}
}

func (h host) find(as *User) []Found {
	return Find(context.Background(), Roots{Proc: filepath.Join(h.dir, "proc"), FS: h.dir, As: as})
}

func (h host) want(found []Found, want string) {
	h.t.Helper()
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s|%s|%s|%s", f.Kind, f.Where, f.How, f.State)
		if f.Why != "" {
			b.WriteString("|" + f.Why)
		}
		if f.Provide != "" {
			b.WriteString("|" + f.Provide)
		}
		b.WriteString("\n")
	}
	if got := strings.TrimSpace(b.String()); got != strings.TrimSpace(want) {
		h.t.Errorf("found\n%s\nwant\n%s", got, strings.TrimSpace(want))
	}
}

const tcpHead = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

// TestPackagedHost is a host as Debian's packages set it up, seen by root.
func TestPackagedHost(t *testing.T) {
	h := newHost(t)
	h.process(812, 1, "mariadbd", "/usr/sbin/mariadbd")
	h.file("etc/mysql/my.cnf", "[client-server]\nsocket = /run/mysqld/mysqld.sock\n!includedir /etc/mysql/mariadb.conf.d/\n")
	h.file("etc/mysql/mariadb.conf.d/50-server.cnf", "[server]\n[mysqld]\ndatadir = /var/lib/mysql\n#slow_query_log_file = /x\nslow_query_log_file = /var/log/mysql/mariadb-slow.log\nbind-address = 127.0.0.1\nlog_error = /var/log/mysql/error\n")
	h.file("etc/mysql/mariadb.conf.d/README", "[mysqld]\nport=1\n")
	h.file("run/mysqld/mysqld.sock", "")
	h.file("var/log/mysql/error.err", "")
	h.process(900, 1, "redis-server", "/usr/bin/redis-server 127.0.0.1:6379")
	h.process(901, 1, "memcached", "/usr/bin/memcached", "-m", "64", "-p", "11212", "-l", "0.0.0.0")
	h.process(30, 1, "nginx", "nginx: master process /usr/sbin/nginx -g daemon on; master_process on;")
	for pid := range 3 {
		h.process(31+pid, 30, "nginx", "nginx: worker process")
	}
	h.process(77, 1, "bash", "bash", "mysqld")
	h.file("etc/nginx/nginx.conf", `worker_processes auto; error_log /var/log/nginx/error.log; include /etc/nginx/modules-enabled/*.conf;
events { worker_connections 768; }
http { log_format a '$request'; access_log /var/log/nginx/access.log; include /etc/nginx/sites-enabled/*; }`)
	h.file("etc/nginx/sites-enabled/default", "server { listen 8080 default_server; listen [::]:8080; access_log /var/log/nginx/site.log a; access_log syslog:server=x; access_log /v/$host.log;\n"+
		"location /basic_status { stub_status on; } location ~ \\.php$ { stub_status; } include /etc/nginx/sites-enabled/default; }")
	h.file("var/log/nginx/access.log", "")
	h.file("var/log/nginx/error.log", "")
	h.want(h.find(&User{Name: "root"}), `
option file|/etc/mysql/my.cnf|process 812|readable
mysql|/run/mysqld/mysqld.sock|process 812|readable
slow log|/var/log/mysql/mariadb-slow.log|setting slow_query_log_file in /etc/mysql/mariadb.conf.d/50-server.cnf|off|slow_query_log is not set|SET GLOBAL slow_query_log = ON; SET GLOBAL long_query_time = 0.1
error log|/var/log/mysql/error.err|setting log_error in /etc/mysql/mariadb.conf.d/50-server.cnf|readable
redis|127.0.0.1:6379|process 900 127.0.0.1:6379|readable
memcached|127.0.0.1:11212|process 901 -p 11212|readable
nginx|/etc/nginx/nginx.conf|process 30|readable
error log|/var/log/nginx/error.log|error_log in /etc/nginx/nginx.conf|readable
access log|/var/log/nginx/access.log|access_log in /etc/nginx/nginx.conf|readable
access log|/var/log/nginx/site.log|access_log in /etc/nginx/sites-enabled/default|absent|there is no such file
stub_status|http://127.0.0.1:8080/basic_status|stub_status in /etc/nginx/sites-enabled/default|readable
`)
	for _, f := range h.find(&User{Name: "root"}) {
		if f.Kind == StubStatus && f.MaxConnections != 3*768 {
			t.Errorf("%+v", f)
		}
	}
}

// TestDeniedFiles is the same for a user without rights: each file comes with the command that helps.
func TestDeniedFiles(t *testing.T) {
	h := newHost(t)
	h.process(30, 1, "nginx", "nginx: master process /usr/sbin/nginx")
	h.file("etc/nginx/nginx.conf", "http { access_log /srv/log/deep/access.log; error_log /srv/log/it's.log; }")
	h.file("srv/log/deep/access.log", "")
	h.file("srv/log/it's.log", "")
	for path, mode := range map[string]os.FileMode{"srv/log/deep/access.log": 0o600, "srv/log/deep": 0o700, "srv/log/it's.log": 0o640} {
		if err := os.Chmod(filepath.Join(h.dir, path), mode); err != nil {
			t.Fatal(err)
		}
	}
	owner := uint32(os.Getuid())
	alice := &User{Name: "alice", UID: owner + 1000}
	h.want(h.find(alice), `
nginx|/etc/nginx/nginx.conf|process 30|readable
access log|/srv/log/deep/access.log|access_log in /etc/nginx/nginx.conf|denied|permission denied: /srv/log/deep|sudo setfacl -m u:alice:x /srv/log/deep && sudo setfacl -m u:alice:r /srv/log/deep/access.log
error log|/srv/log/it's.log|error_log in /etc/nginx/nginx.conf|denied|permission denied: /srv/log/it's.log|sudo setfacl -m u:alice:r '/srv/log/it'\''s.log'
`)
	alice.GIDs = []uint32{uint32(os.Getgid())}
	for _, f := range h.find(alice) {
		if f.Kind == ErrorLog && f.State != Readable {
			t.Errorf("a file of the user's group: %+v", f)
		}
	}
}

// TestByPort finds servers whose process is not seen, and what listens where.
func TestByPort(t *testing.T) {
	h := newHost(t)
	h.file("proc/net/tcp", tcpHead+
		"   0: 0100007F:18EB 00000000:0000 0A 00000000:00000000 00:00000000 00000000   100        0 11 1\n"+ // 6379
		"   1: 00000000:2BCB 00000000:0000 0A 00000000:00000000 00:00000000 00000000   100        0 12 1\n"+ // 11211
		"   2: 0100007F:0CEA 0100007F:1234 01 00000000:00000000 00:00000000 00000000   100        0 13 1\n"+ // a connection
		"   3: torn\n")
	h.file("proc/net/unix", "Num       RefCount Protocol Flags    Type St Inode Path\n"+
		"0000000000000000: 00000002 00000000 00010000 0001 01 14 /run/mysqld/mysqld.sock\n0000000000000000: 00000003 00000000 00000000 0001 03 15 /tmp/mysql.sock\n")
	h.file("run/mysqld/mysqld.sock", "")
	h.file("var/log/nginx/shop_access.log", "")
	h.want(h.find(&User{Name: "root"}), `
mysql|/run/mysqld/mysqld.sock|socket /run/mysqld/mysqld.sock|readable
redis|127.0.0.1:6379|port 6379 listens|readable
memcached|127.0.0.1:11211|port 11211 listens|readable
access log|/var/log/nginx/shop_access.log|usual path|readable
`)
	// The same port, of a process whose descriptors are seen.
	h.process(5, 1, "redis-server", "redis-server *:6379")
	h.link("proc/5/fd/6", "socket:[11]")
	for _, f := range h.find(&User{Name: "root"}) {
		if f.Kind == Redis && (f.Where != "127.0.0.1:6379" || f.PID != 5) {
			t.Errorf("%+v", f)
		}
	}
}

// TestContainer has a server in namespaces of its own: its files are reached through its root.
func TestContainer(t *testing.T) {
	h := newHost(t)
	h.process(40, 1, "mysqld", "mysqld", "--slow-query-log", "--slow_query_log_file", "/logs/slow.log", "--log-error=err.log")
	h.link("proc/self/ns/mnt", "mnt:[1]")
	h.link("proc/40/ns/mnt", "mnt:[2]")
	root := filepath.Join(h.dir, "proc/40/root")
	write(t, root+"/etc/my.cnf", "[mysqld]\ndatadir=/data\n")
	write(t, root+"/logs/slow.log", "")
	found := Find(context.Background(), Roots{Proc: filepath.Join(h.dir, "proc")})
	if f := one(t, found, SlowLog, 40); f.Where != root+"/logs/slow.log" || f.State != Readable {
		t.Errorf("%+v", f)
	}
	if f := one(t, found, ErrorLog, 40); f.Where != root+"/data/err.log" || f.State != Absent {
		t.Errorf("%+v", f)
	}
	if f := one(t, found, OptionFile, 40); f.Where != root+"/etc/my.cnf" || !strings.Contains(f.How, "container") {
		t.Errorf("%+v", f)
	}
}

// TestHostileHost has files that include themselves, are endless or are none.
func TestHostileHost(t *testing.T) {
	h := newHost(t)
	h.process(40, 1, "mysqld", "mysqld", "--defaults-file=/etc/my.cnf", "--slow-query-log-file=\x1b[2Jx", "--", "--=", "--port")
	h.file("etc/my.cnf", "!include /etc/my.cnf\n!includedir /etc\n[mysqld\n[mysqld]\n=\ndatadir\n")
	h.process(41, 1, "nginx", "nginx:")
	h.process(42, 1, "nginx", "nginx: master process nginx -c")
	h.process(43, 1, "redis-server", "redis-server")
	h.process(44, 1, "memcached", "memcached", "-p", "-l", "-s")
	h.process(45, 1, "nginx", "nginx", "-c", "/etc/bad.conf")
	h.file("etc/bad.conf", "include /etc/bad.conf; http { server { listen; location { stub_status; } } access_log; error_log; }}}{{ \"")
	h.file("proc/46/comm", "mysqld")
	h.file("proc/net/tcp6", tcpHead+"0: zz:1 x 0A\n0: 00000000000000000000000000000000:0050 0 0A 0 0 0 0 0 0 1\n0: 00:0 0 0A 0 0 0 0 0 0 1\n")
	for _, f := range h.find(nil) {
		if f.Where == "" || f.Kind == "" || f.State == "" {
			t.Errorf("%+v", f)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if found := Find(ctx, Roots{Proc: filepath.Join(h.dir, "proc"), FS: h.dir}); len(found) != 0 {
		t.Errorf("after the end of the context: %+v", found)
	}
}

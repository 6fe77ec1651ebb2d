package errorlog

import (
	"strings"
	"testing"
	"time"

	"dbtriage/collectors"
)

// TestKindsAreMetrics has every kind in the table of metrics, and every metric among the kinds.
func TestKindsAreMetrics(t *testing.T) {
	kinds := map[string]bool{}
	for _, d := range Dialects {
		kinds[d.Prefix+"lines"], kinds[d.Prefix+Other] = true, true
		for _, k := range d.Kinds {
			kinds[d.Prefix+k.Name] = true
			if _, ok := collectors.MetricNamed(d.Prefix + k.Name); !ok {
				t.Errorf("%s%s is no metric", d.Prefix, k.Name)
			}
		}
	}
	for _, m := range collectors.Metrics {
		if strings.Contains(m.Name, ".error.") && !kinds[m.Name] {
			t.Errorf("%s is of no kind", m.Name)
		}
	}
}

func TestNginx(t *testing.T) {
	const about = `, client: 10.1.2.3, server: shop.example, request: "GET /a?b HTTP/1.1", upstream: "http://10.0.0.5:8080/a?b", host: "shop.example"`
	for _, c := range []struct{ message, level, kind, upstream string }{
		{"*33 connect() failed (111: Connection refused) while connecting to upstream" + about, "error", "refused", "10.0.0.5:8080"},
		{"*33 upstream timed out (110: Connection timed out) while reading response header from upstream" + about, "error", "timed_out", "10.0.0.5:8080"},
		{"*33 recv() failed (104: Connection reset by peer) while reading response header from upstream" + about, "error", "reset", "10.0.0.5:8080"},
		{"*33 recv() failed (104: Connection reset by peer) while waiting for request, client: 10.1.2.3, server: 0.0.0.0:80", "info", "client_gone", ""},
		{"*33 no live upstreams while connecting to upstream" + strings.Replace(about, "10.0.0.5:8080", "backend", 1), "error", "no_live_upstreams", "backend"},
		{"*33 upstream prematurely closed connection while reading response header from upstream" + strings.Replace(about, "http://10.0.0.5:8080/a?b", "fastcgi://unix:/run/php/php-fpm.sock:", 1), "error", "closed_early", "unix:/run/php/php-fpm.sock"},
		{"*33 upstream sent too big header while reading response header from upstream" + about, "error", "bad_answer", "10.0.0.5:8080"},
		{"*33 an upstream response is buffered to a temporary file /var/lib/nginx/proxy/1/00/0000000001 while reading upstream" + about, "warn", "buffered", "10.0.0.5:8080"},
		{"*33 connect() failed (113: No route to host) while connecting to upstream" + about, "error", "unreachable", "10.0.0.5:8080"},
		{"*33 connect() to unix:/run/app.sock failed (2: No such file or directory) while connecting to upstream" + about, "crit", "unreachable", "10.0.0.5:8080"},
		{"512 worker_connections are not enough", "alert", "workers_exhausted", ""},
		{"*33 open() \"/srv/x, client: y\" failed (24: Too many open files), client: 10.1.2.3", "crit", "files_exhausted", ""},
		{"*33 open() \"/srv/x\" failed (2: No such file or directory), client: 10.1.2.3, server: _, request: \"GET /x HTTP/1.1\", host: \"a\"", "error", "missing", ""},
		{"*33 SSL_do_handshake() failed (SSL: error:0A00006C:SSL routines::bad key share) while SSL handshaking, client: 10.1.2.3, server: 0.0.0.0:443", "crit", "tls", ""},
		{"*33 limiting requests, excess: 5.3 by zone \"one\", client: 10.1.2.3, server: _", "error", "limited", ""},
		{"worker process 77 exited on signal 11 (core dumped)", "alert", "crashed", ""},
		{"bind() to 0.0.0.0:80 failed (98: Address already in use)", "emerg", "port_taken", ""},
		{"something new", "crit", Other, ""},
		{"using the \"epoll\" event method", "notice", "", ""},
		// What the client sends stands in quotes that it may close.
		{`*33 connect() failed (111: Connection refused) while connecting to upstream, client: 10.1.2.3, server: _, request: "GET /", upstream: "http://6.6.6.6/ HTTP/1.1", upstream: "http://10.0.0.5:8080/", host: "a"`, "error", "refused", "6.6.6.6"},
		{`*33 connect() failed (111: Connection refused) while connecting to upstream, client: 10.1.2.3, server: _, request: "GET / HTTP/1.1", upstream: "http://a` + "\x1b[2J" + `b/"`, "error", "refused", ""},
	} {
		line := "2026/11/22 22:29:15 [" + c.level + "] 22386#22386: " + c.message
		e, ok := Nginx.Parse([]byte(line), time.FixedZone("", 3600))
		if !ok || e.Kind != c.kind || e.Upstream != c.upstream || e.Level != c.level || e.At != time.Date(2026, 11, 22, 21, 29, 15, 0, time.UTC).UnixMicro() {
			t.Errorf("%s: %v %+v", c.message, ok, e)
		}
	}
	for _, line := range []string{
		"", "x", "2026/11/22 22:29:15 [error] connect() failed", "2026/11/22 22:29:15 [what] 1#1: x", "2026/13/22 22:29:15 [error] 1#1: x", "2026/11/22 22:29:15 [error] 1#",
		`10.0.0.1 - - [22/Nov/2026:22:29:15 +0000] "GET / HTTP/1.1" 200 5 "-" "-"`,
	} {
		if e, ok := Nginx.Parse([]byte(line), time.UTC); ok {
			t.Errorf("%q is read as %+v", line, e)
		}
	}
	e, _ := Nginx.Parse([]byte("2026/11/22 22:29:15 [error] 1#1: *33 x (111: y) upstream"+about), time.UTC)
	if e.Request != "GET /a?b HTTP/1.1" {
		t.Errorf("request %q", e.Request)
	}
}

func TestMySQL(t *testing.T) {
	at := time.Date(2023, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		line, kind string
		add        time.Duration
	}{
		{"2023-01-02  3:04:05 0 [Note] mariadbd: ready for connections.", "started", 0},
		{"2023-01-02 03:04:05 140423 [Note] /usr/sbin/mysqld: Shutdown complete", "stopped", 0},
		{"2023-01-02T03:04:05.123456Z 8 [Warning] [MY-010055] [Server] IP address '10.0.0.9' could not be resolved: Name or service not known", "unresolved", 123456 * time.Microsecond},
		{"2023-01-02T11:04:05.000000+08:00 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.0.36'", "started", 0},
		{"2023-01-02T11:04:05.000000+08:00 0 [System] [MY-011323] [Server] X Plugin ready for connections. Bind-address: '::' port: 33060", "", 0},
		{"230102  3:04:05 [Warning] Aborted connection 41 to db: 'shop' user: 'app' host: '10.0.0.9' (Got timeout reading communication packets)", "aborted", 0},
		{"2023-01-02  3:04:05 0 [Warning] Aborted connection 0 to db: 'unconnected' user: 'unauthenticated' host: 'connecting host' (Too many connections)", "too_many_connections", 0},
		{"2023-01-02  3:04:05 9 [Warning] Access denied for user 'root'@'10.0.0.9' (using password: YES)", "denied", 0},
		{"230102  3:04:05 [ERROR] mysqld got signal 11 ;", "crashed", 0},
		{"2023-01-02T03:04:05Z UTC - mysqld got signal 6 ;", "crashed", 0},
		{"2023-01-02 03:04:05 0 [Note] InnoDB: Starting crash recovery from checkpoint LSN=1", "recovered", 0},
		{"2023-01-02 03:04:05 0 [ERROR] InnoDB: Database page corruption on disk or a failed file read of page [page id: space=5, page number=3]", "corrupted", 0},
		{"2023-01-02 03:04:05 7 [ERROR] mariadbd: Table './shop/carts' is marked as crashed and should be repaired", "corrupted", 0},
		{"2023-01-02 03:04:05 7 [ERROR] mariadbd: Disk is full writing './bin.000004' (Errcode: 28 \"No space left on device\"). Waiting for someone to free space...", "disk_full", 0},
		{"2023-01-02 03:04:05 7 [ERROR] /usr/sbin/mysqld: The table '/tmp/#sql1' is full", "table_full", 0},
		{"2023-01-02 03:04:05 7 [Note] InnoDB: Transactions deadlock detected, dumping detailed information.", "deadlock", 0},
		{"2023-01-02T03:04:05.000000Z 0 [Note] InnoDB: page_cleaner: 1000ms intended loop took 4013ms.", "slow_flush", 0},
		{"2023-01-02T03:04:05.000000Z 0 [Warning] Changed limits: max_open_files: 1024 (requested 5000)", "limits_lowered", 0},
		{"230102 03:04:05 mysqld_safe Number of processes running now: 0", "crashed", 0},
		{"2023-01-02 03:04:05 7 [ERROR] Something that nobody has met", Other, 0},
		{"2023-01-02 03:04:05 7 [Note] Plugin 'FEEDBACK' is disabled.", "", 0},
	} {
		e, ok := MySQL.Parse([]byte(c.line), time.UTC)
		if !ok || e.Kind != c.kind || e.At != at.Add(c.add).UnixMicro() {
			t.Errorf("%s: %v %+v", c.line, ok, e)
		}
	}
	if e, ok := MySQL.Parse([]byte("03:04:05 UTC - mysqld got signal 11 ;"), time.UTC); !ok || !e.Undated || e.Kind != "crashed" {
		t.Errorf("%v %+v", ok, e)
	}
	for _, line := range []string{
		"", "Version: '10.11.19-MariaDB'  socket: '/srv/mysql.sock'  port: 3306", "2023-01-02 03:04:05 what", "2023-01-02 03:04:05 7 [Odd] x", "2023-99-02 03:04:05 7 [Note] x",
		"2023-01-02T03:04:05", "230102 99:04:05 [Note] x", "# Time: 230102  3:04:05", "230102  3:04:05 7 Query SELECT 1",
	} {
		if e, ok := MySQL.Parse([]byte(line), time.UTC); ok {
			t.Errorf("%q is read as %+v", line, e)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`2026/11/22 22:29:15 [error] 22386#22386: *33 x (111: y) upstream, client: 1, server: , request: "GET / HTTP/1.1", upstream: "http://unix:/a:/b", host: "h"`)
	f.Add("2023-01-02T03:04:05.123456Z 8 [Warning] [MY-010055] [Server] x")
	f.Add("230102  3:04:05 [Note] x")
	f.Fuzz(func(t *testing.T, line string) {
		for _, d := range Dialects {
			e, ok := d.Parse([]byte(line), time.UTC)
			if ok && strings.ContainsAny(e.Upstream, "\x1b\n \"<>") || len(e.Message) > len(line) {
				t.Errorf("%+v", e)
			}
			d.Sniff([]byte(line))
		}
	})
}

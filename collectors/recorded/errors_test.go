package recorded

import (
	"testing"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/errorlog"
)

func (h heard) total(name, instance string) (sum float64) {
	for _, s := range h.samples {
		if s.Name == name && s.Instance == instance {
			sum += s.Value
		}
	}
	return sum
}

func TestNginxErrors(t *testing.T) {
	refused := func(at, peer string) string {
		return at + ` [error] 7#7: *3 connect() failed (111: Connection refused) while connecting to upstream, client: 10.1.2.3, server: , request: "GET / HTTP/1.1", upstream: "http://` + peer + `/", host: "a"` + "\n"
	}
	text := "torn at the beginning\n" + refused("2026/11/22 23:00:32", "10.0.0.5:80") + refused("2026/11/22 23:00:32", "10.0.0.6:80") + refused("2026/11/22 23:00:40", "10.0.0.5:80") +
		"2026/11/22 23:00:41 [alert] 7#7: 64 worker_connections are not enough\n2026/11/22 23:00:41 [notice] 7#7: signal process started\nfurther\n"
	h, err := hear(t, text, Options{Base: "error.log"})
	if err != nil || h.format != "nginx error log" || h.res.Skipped != 2 || h.res.Skips[0].Line != 1 || h.res.Skips[1].Line != 7 || h.res.Events != 5 {
		t.Fatalf("%v %s %+v", err, h.format, h.res)
	}
	for _, c := range []struct {
		name, instance string
		want           float64
	}{
		{"web.error.refused", "", 3}, {"web.error.refused", "10.0.0.5:80", 2}, {"web.error.refused", "10.0.0.6:80", 1}, {"web.error.workers_exhausted", "", 1}, {"web.error.lines", "", 5},
	} {
		if got := h.total(c.name, c.instance); got != c.want {
			t.Errorf("%s[%s] is %v, want %v", c.name, c.instance, got, c.want)
		}
	}
	h.want(t, at0, "web.error.timed_out", "", 0) // known not to have happened
	for _, s := range h.samples {
		if _, ok := collectors.MetricNamed(s.Name); !ok {
			t.Errorf("%s is not in the table of metrics", s.Name)
		}
	}
	if f := Detect([]byte(text), ""); f.Role != "web" || f.SeriesRole() != errorlog.SeriesRole {
		t.Errorf("%+v", f)
	}
	h, _ = hear(t, text, Options{Location: time.FixedZone("", 3600)})
	h.want(t, at0-3600e6, "web.error.timed_out", "", 0)
}

// TestMySQLErrors reads a crash: its trace belongs to the message before, which has no day of its own.
func TestMySQLErrors(t *testing.T) {
	h, err := hear(t, `mysqld: continued from a file before
2026-11-22T23:00:32.000000Z 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections.
2026-11-22T23:00:33.000000Z 8 [Note] [MY-010914] [Server] Aborted connection 8 to db: 'shop' user: 'app' host: 'h' (Got an error reading communication packets).
23:00:40 UTC - mysqld got signal 11 ;
Most likely, you have hit a bug, but this error can also be caused by malfunctioning hardware.
Thread pointer: 0x0
stack_bottom = 0 thread_stack 0x100000
2026-11-22T23:00:44.000000Z 0 [System] [MY-013576] [InnoDB] InnoDB initialization has started.
2026-11-22T23:00:45.000000Z 0 [System] [MY-010229] [Server] Starting crash recovery...
2026-11-22T23:00:46.000000Z 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections.
`, Options{})
	if err != nil || h.format != "mysql error log" || h.res.Skipped != 1 || h.res.Events != 6 {
		t.Fatalf("%v %s %+v", err, h.format, h.res)
	}
	for name, want := range map[string]float64{"started": 2, "crashed": 1, "aborted": 1, "recovered": 1, "stopped": 0, "corrupted": 0} {
		if got := h.total("mysql.error."+name, ""); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

package memcached

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dbtriage/collectors"
)

// startMemcached runs a private server on a socket until the test ends.
func startMemcached(t *testing.T, args ...string) (socket string, stop func()) {
	t.Helper()
	program, err := exec.LookPath("memcached")
	if err != nil {
		t.Skip("memcached is not installed: apt-get install memcached")
	}
	dir, err := os.MkdirTemp("", "memc") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(dir, "s")
	cmd := exec.Command(program, append([]string{"-s", socket, "-u", "root", "-t", "1"}, args...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	stop = func() {
		if !ended {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			ended = true
		}
	}
	t.Cleanup(func() {
		stop()
		os.RemoveAll(dir)
	})
	for range 200 {
		if c, err := net.Dial("unix", socket); err == nil {
			c.Close()
			return socket, stop
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("memcached did not start")
	return "", nil
}

func samples(t *testing.T, r collectors.Reading) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for _, s := range r.Samples {
		if _, ok := collectors.MetricNamed(s.Name); !ok {
			t.Errorf("%s is not in the table of metrics", s.Name)
		}
		out[s.Name] = s.Value
	}
	return out
}

func TestRealMemcached(t *testing.T) {
	socket, stop := startMemcached(t, "-m", "2", "-c", "50")
	m := New(socket, "")
	defer m.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	start := time.Now()
	first, err := m.Read(ctx, start)
	if err != nil {
		t.Fatal(err)
	}
	got := samples(t, first)
	if _, has := got["memcached.sets"]; has || got["memcached.memory_max"] != 2<<20 || got["memcached.clients_max"] != 50 || got["memcached.latency"] <= 0 {
		t.Errorf("%v", got)
	}
	if first.Settings["memcached.version"] == "" || first.Role != "cache" {
		t.Errorf("%+v", first)
	}

	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	in := bufio.NewReader(c)
	say := func(command string, end string) {
		fmt.Fprint(c, command)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(line, end) {
				return
			}
		}
	}
	value := strings.Repeat("x", 100_000)
	for i := range 200 {
		say(fmt.Sprintf("set k%d 0 0 %d\r\n%s\r\n", i, len(value), value), "STORED")
	}
	for range 3 {
		say("get k199\r\n", "END")
	}
	say("get absent\r\n", "END")
	second, err := m.Read(ctx, start.Add(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	got = samples(t, second)
	if got["memcached.hit_rate"] != 0.75 || got["memcached.sets"] != 20 || got["memcached.lookups"] != 0.4 || got["memcached.evictions"] <= 0 || got["memcached.items"] < 1 {
		t.Errorf("%v", got)
	}

	stop()
	var se *collectors.SourceError
	if _, err := m.Read(ctx, start.Add(20*time.Second)); !errors.As(err, &se) {
		t.Errorf("a server that is gone: %v", err)
	}
}

// TestRecordedStats reads what an older version answers, over a connection that closes after each
// answer, and a restart in between.
func TestRecordedStats(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	answers := make(chan string, 3)
	for _, gets := range []string{"uptime 500\r\nSTAT cmd_get 100", "uptime 510\r\nSTAT cmd_get 300", "uptime 2\r\nSTAT cmd_get 5000"} {
		answers <- "STAT pid 1\r\nSTAT " + gets + "\r\nSTAT version 1.4.15\r\nSTAT libevent 2.0.21-stable\r\nSTAT rusage_user 0.5\r\nSTAT rusage_system nan\r\nEND\r\n"
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			in := bufio.NewReader(c)
			if _, err := in.ReadString('\n'); err == nil {
				fmt.Fprint(c, <-answers)
				if _, err := in.ReadString('\n'); err == nil {
					fmt.Fprint(c, "VERSION 1.4.15\r\n")
				}
			}
			c.Close()
		}
	}()
	m := New(l.Addr().String(), "a")
	defer m.Close()
	now := time.Unix(1000, 0)
	for i, want := range []float64{-1, 20, -1} {
		r, err := m.Read(context.Background(), now.Add(time.Duration(i)*10*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		got, has := samples(t, r)["memcached.lookups"]
		if has != (want >= 0) || has && got != want {
			t.Errorf("reading %d: lookups %v %v, want %v", i, got, has, want)
		}
		if (i == 0) != (r.Settings["memcached.a.version"] == "1.4.15") {
			t.Errorf("reading %d: %v", i, r.Settings)
		}
	}
}

func TestGarbage(t *testing.T) {
	for name, answer := range map[string]string{
		"an error": "ERROR\r\n", "http": "HTTP/1.1 400 Bad Request\r\n\r\n", "empty": "", "binary": "\x81\x00\x00\x00\x00\x00\n", "long": strings.Repeat("x", 10_000),
		"endless": strings.Repeat("STAT a 1\r\n", 10_000), "torn": "STAT pid 1\r\nSTAT up",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				if _, err := bufio.NewReader(c).ReadString('\n'); err == nil {
					fmt.Fprint(c, answer)
				}
				c.Close()
			}
		}()
		m := New(l.Addr().String(), "")
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		var se *collectors.SourceError
		if got, err := m.Read(ctx, time.Now()); !errors.As(err, &se) || len(got.Samples) != 0 {
			t.Errorf("%s: %v %v", name, err, got.Samples)
		}
		cancel()
		m.Close()
		l.Close()
	}
}

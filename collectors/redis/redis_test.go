package redis

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

	goredis "github.com/redis/go-redis/v9"

	"dbtriage/collectors"
)

// startRedis runs a private server on a socket until the test ends.
func startRedis(t *testing.T, args ...string) (socket string) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed: apt-get install redis-server")
	}
	dir, err := os.MkdirTemp("", "redis") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(dir, "s")
	cmd := exec.Command(program, append([]string{"--port", "0", "--unixsocket", socket, "--dir", dir, "--save", "", "--appendonly", "no"}, args...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		os.RemoveAll(dir)
	})
	for range 200 {
		if c, err := net.Dial("unix", socket); err == nil {
			c.Close()
			return socket
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatal("redis-server did not start")
	return ""
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

func TestRealRedis(t *testing.T) {
	socket := startRedis(t, "--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru", "--requirepass", "geheim")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	refused := New(Options{Addr: socket})
	defer refused.Close()
	_, err := refused.Read(ctx, time.Now())
	var se *collectors.SourceError
	if !errors.As(err, &se) || !se.Denied || !strings.Contains(se.Provide, "REDISCLI_AUTH") {
		t.Errorf("without a password: %v", err)
	}
	t.Setenv("REDISCLI_AUTH", "wrong")
	refused = New(Options{Addr: socket, Password: Password()})
	defer refused.Close()
	if _, err := refused.Read(ctx, time.Now()); !errors.As(err, &se) || !se.Denied {
		t.Errorf("with a wrong one: %v", err)
	}

	r := New(Options{Addr: socket, Password: "geheim"})
	defer r.Close()
	start := time.Now()
	first, err := r.Read(ctx, start)
	if err != nil {
		t.Fatal(err)
	}
	got := samples(t, first)
	if _, has := got["redis.commands"]; has || got["redis.memory_max"] != 3<<20 || got["redis.latency"] <= 0 || got["redis.clients"] < 1 {
		t.Errorf("%v", got)
	}
	if first.Settings["redis.maxmemory_policy"] != "allkeys-lru" || first.Settings["redis.role"] != "master" || first.Role != "cache" || first.CostUS <= 0 {
		t.Errorf("%+v", first)
	}

	work := goredis.NewClient(&goredis.Options{Network: "unix", Addr: socket, Password: "geheim", Protocol: 2})
	defer work.Close()
	blocked := goredis.NewClient(&goredis.Options{Network: "unix", Addr: socket, Password: "geheim", Protocol: 2})
	defer blocked.Close()
	go func() { _ = blocked.BLPop(ctx, 20*time.Second, "never").Err() }()
	value := strings.Repeat("x", 10_000)
	for i := range 1000 {
		if err := work.Set(ctx, fmt.Sprint("k", i), value, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for range 30 {
		work.Get(ctx, "k999")
	}
	for range 10 {
		work.Get(ctx, "absent")
	}
	second, err := r.Read(ctx, start.Add(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	got = samples(t, second)
	if got["redis.hit_rate"] != 0.75 || got["redis.lookups"] != 4 || got["redis.evictions"] < 70 || got["redis.blocked_clients"] != 1 {
		t.Errorf("%v", got)
	}
	if got["redis.memory_used"] < 0.8 || got["redis.keys"] < 10 || got["redis.keys"] > 400 || second.Settings != nil {
		t.Errorf("%v %v", got, second.Settings)
	}
	if err := work.ConfigResetStat(ctx).Err(); err != nil {
		t.Fatal(err)
	}
	third, err := r.Read(ctx, start.Add(20*time.Second))
	if _, has := samples(t, third)["redis.evictions"]; err != nil || has {
		t.Errorf("evictions after their counter was reset: %v %v", third.Samples, err)
	}
}

// TestRedisWithoutRights reads as a user of an access list who may run INFO only, or nothing.
func TestRedisWithoutRights(t *testing.T) {
	socket := startRedis(t, "--user", "watch", "on", ">w", "+info", "--user", "nobody", "on", ">n")
	watch := New(Options{Addr: socket, User: "watch", Password: "w"})
	defer watch.Close()
	got, err := watch.Read(context.Background(), time.Now())
	if err != nil || len(got.Missing) != 1 || got.Missing[0].Provide != grant {
		t.Errorf("%v %+v", err, got.Missing)
	}
	nobody := New(Options{Addr: socket, User: "nobody", Password: "n"})
	defer nobody.Close()
	var se *collectors.SourceError
	if _, err := nobody.Read(context.Background(), time.Now()); !errors.As(err, &se) || !se.Denied || se.Provide != grant {
		t.Errorf("%v", err)
	}
}

// TestRecordedInfo reads what servers of other versions and forks answer.
func TestRecordedInfo(t *testing.T) {
	for file, want := range map[string]map[string]float64{
		"redis-6.2-replica.txt": {"redis.is_replica": 1, "redis.link_up": 0, "redis.keys": 1_204_417, "redis.save_failed": 1, "redis.fork_time": 0.18},
		"valkey-8.0.txt":        {"redis.is_replica": 0, "redis.replicas": 2, "redis.keys": 7, "redis.memory_used": 0.5, "redis.loading": 0},
		"redis-loading.txt":     {"redis.loading": 1, "redis.keys": 0},
	} {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		r := New(Options{Addr: "x:1", Instance: "x:1"})
		reading := collectors.Reading{At: 1}
		r.add(&reading, parseInfo(string(text)))
		got := samples(t, reading)
		for name, v := range want {
			if have, ok := got[name]; !ok || have != v {
				t.Errorf("%s: %s is %v, %v, want %v", file, name, have, ok, v)
			}
		}
		if reading.Samples[0].Instance != "x:1" || reading.Settings["redis.x:1.maxmemory_policy"] == "" {
			t.Errorf("%s: %+v", file, reading)
		}
	}
}

// TestGarbage has something else than Redis answer, in pieces, endlessly or not at all.
func TestGarbage(t *testing.T) {
	for name, answer := range map[string]string{
		"http": "HTTP/1.1 400 Bad Request\r\n\r\n", "empty": "", "no INFO": "$5\r\nhello\r\n", "no number": "$5000000000000\r\nx", "nothing": "-ERR unknown command\r\n",
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
				go func() {
					defer c.Close()
					in := bufio.NewReader(c)
					if _, err := in.ReadString('\n'); err == nil {
						fmt.Fprint(c, answer)
					}
				}()
			}
		}()
		r := New(Options{Addr: l.Addr().String()})
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		var se *collectors.SourceError
		if got, err := r.Read(ctx, time.Now()); !errors.As(err, &se) || len(got.Samples) != 0 {
			t.Errorf("%s: %v %v", name, err, got.Samples)
		}
		cancel()
		r.Close()
		l.Close()
	}
}

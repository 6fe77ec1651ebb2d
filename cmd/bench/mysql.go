package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dbtriage/collectors/host"
	"dbtriage/collectors/mysql"
)

// What reading a live server costs it is measured on a private MariaDB under sysbench: the CPU time of
// the server's thread that serves us against that of the whole server, how long our statements take,
// and the throughput of runs in pairs, one of them without us.
const (
	mysqlTitle   = "cost of reading a live server"
	mysqlSeconds = 60 // of the measured run
	pairSeconds  = 15 // of each run of a pair
	mysqlPairs   = 5
	mysqlThreads = 4 // of sysbench
	clockTick    = 100
)

// A mysqlCost is what a child that reads a server each second has seen.
type mysqlCost struct {
	Seconds    float64
	CPU        float64 // seconds of our own
	RSS        int64   // KiB, at the most
	Statements int
	P50, P99   int64 // µs a statement takes, answer read
	Slowest    string
	SlowestUS  int64
}

// benchMySQL starts a server, loads it and prints what we cost.
func benchMySQL(w io.Writer) error {
	for _, program := range []string{"mariadbd", "mariadb-install-db", "mariadb", "sysbench"} {
		if _, err := exec.LookPath(program); err != nil {
			_, err := fmt.Fprintf(w, "%s: left out, %s is not installed\n\n", mysqlTitle, program)
			return err
		}
	}
	s, err := startLoaded()
	if err != nil {
		return fmt.Errorf("%s: %w", mysqlTitle, err)
	}
	defer s.stop()
	fmt.Fprintf(w, "%s (performance_schema on), host and all probes each second, sysbench oltp_read_write with %d threads\n", mysqlTitle, mysqlThreads)
	cost, thread, server, _, err := s.run(mysqlSeconds, true)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "server's CPU time for us over %d s %12.2f %% of its %.1f s (%.0f ms)\n", mysqlSeconds, 100*thread.Seconds()/server.Seconds(), server.Seconds(), float64(thread.Milliseconds()))
	fmt.Fprintf(w, "our %d statements              p50 %6.1f ms   p99 %6.1f ms   slowest probe: %s %.1f ms\n", cost.Statements, float64(cost.P50)/1e3, float64(cost.P99)/1e3, cost.Slowest, float64(cost.SlowestUS)/1e3)
	fmt.Fprintf(w, "our own process                  %.2f %% of a core, peak RSS %.0f MB\n", 100*cost.CPU/cost.Seconds, float64(cost.RSS)/1024)
	var ratios []float64
	for i := range mysqlPairs {
		var with, without float64
		for _, we := range []bool{i%2 == 0, i%2 != 0} { // who is first takes turns
			_, _, _, rate, err := s.run(pairSeconds, we)
			if err != nil {
				return err
			}
			if we {
				with = rate
			} else {
				without = rate
			}
		}
		ratios = append(ratios, with/without)
		fmt.Fprintf(w, "transactions a second            %8.0f with us %8.0f without\n", with, without)
	}
	slices.Sort(ratios)
	_, err = fmt.Fprintf(w, "throughput with us, of %d pairs   %.3f of that without (median)\n\n", mysqlPairs, ratios[len(ratios)/2])
	return err
}

// A loadedServer is a private MariaDB with tables of sysbench.
type loadedServer struct {
	dir    string
	server *exec.Cmd
}

func (s *loadedServer) socket() string { return filepath.Join(s.dir, "s") }

func startLoaded() (s *loadedServer, err error) {
	dir, err := os.MkdirTemp("/tmp", "dbtb") // the path of a socket must be short
	if err != nil {
		return nil, err
	}
	s = &loadedServer{dir: dir}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	asRoot := []string{}
	if os.Getuid() == 0 {
		asRoot = []string{"--user=root"}
	}
	data := filepath.Join(dir, "data")
	if out, err := exec.Command("mariadb-install-db", append(asRoot, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db")...).CombinedOutput(); err != nil {
		return s, fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	s.server = exec.Command("mariadbd", append([]string{"--no-defaults"}, append(asRoot, "--datadir="+data, "--socket="+s.socket(), "--skip-networking", "--innodb-buffer-pool-size=256M", "--performance-schema=ON",
		"--thread-cache-size=0")...)...)
	s.server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := s.server.Start(); err != nil {
		return s, err
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		if _, err = s.ask("SELECT 1"); err == nil {
			break
		}
		if time.Now().After(deadline) {
			return s, err
		}
	}
	if _, err = s.ask("CREATE DATABASE sbtest; CREATE USER dbtriage@localhost; GRANT SELECT, PROCESS, REPLICA MONITOR ON *.* TO dbtriage@localhost"); err != nil {
		return s, err
	}
	_, err = s.sysbench("prepare", 0)
	return s, err
}

func (s *loadedServer) stop() {
	if s.server != nil && s.server.Process != nil {
		_ = s.server.Process.Signal(syscall.SIGTERM)
		_ = s.server.Wait()
	}
	os.RemoveAll(s.dir)
}

// ask runs statements as root.
func (s *loadedServer) ask(sql string) (string, error) {
	out, err := exec.Command("mariadb", "--no-defaults", "-u", "root", "-S", s.socket(), "-N", "-B", "-e", sql).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

var perSecond = regexp.MustCompile(`transactions: +\d+ +\(([0-9.]+) per sec`)

// sysbench prepares its tables, or runs and returns transactions a second.
func (s *loadedServer) sysbench(what string, seconds int) (float64, error) {
	out, err := exec.Command("sysbench", "oltp_read_write", "--mysql-socket="+s.socket(), "--mysql-user=root", "--tables=4", "--table-size=50000", "--db-ps-mode=disable",
		fmt.Sprintf("--threads=%d", mysqlThreads), fmt.Sprintf("--time=%d", seconds), what).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("sysbench: %w\n%s", err, out)
	}
	if m := perSecond.FindSubmatch(out); m != nil {
		return strconv.ParseFloat(string(m[1]), 64)
	}
	return 0, nil
}

// run loads the server for so many seconds, with a child that reads it or without. It returns what the
// child saw, the CPU time of the server's thread that served it, that of the whole server, and the
// transactions a second.
func (s *loadedServer) run(seconds int, we bool) (cost mysqlCost, thread, server time.Duration, rate float64, err error) {
	var out bytes.Buffer
	var child *exec.Cmd
	before := time.Duration(0)
	if we {
		self, err := os.Executable()
		if err != nil {
			return cost, 0, 0, 0, err
		}
		child = exec.Command(self, "-collect-mysql", s.socket())
		child.Stdout, child.Stderr = &out, os.Stderr
		if err := child.Start(); err != nil {
			return cost, 0, 0, 0, err
		}
		defer func() { _ = child.Process.Kill() }()
	}
	if before, err = s.serverTime(); err != nil {
		return cost, 0, 0, 0, err
	}
	if rate, err = s.sysbench("run", seconds); err != nil {
		return cost, 0, 0, 0, err
	}
	after, err := s.serverTime()
	if err != nil || !we {
		return cost, 0, after - before, rate, err
	}
	if thread, err = s.threadTime(); err != nil {
		return cost, 0, 0, 0, err
	}
	if err = child.Process.Signal(os.Interrupt); err != nil {
		return cost, 0, 0, 0, err
	}
	if err = child.Wait(); err != nil {
		return cost, 0, 0, 0, err
	}
	return cost, thread, after - before, rate, json.Unmarshal(out.Bytes(), &cost)
}

// threadTime is the CPU time of the server's thread that serves us. It has served nobody else: the
// server keeps no threads for new connections.
func (s *loadedServer) threadTime() (time.Duration, error) {
	tid, err := s.ask("SELECT TID FROM information_schema.PROCESSLIST WHERE USER = 'dbtriage'")
	if err != nil {
		return 0, err
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/schedstat", s.server.Process.Pid, tid))
	if err != nil {
		return 0, err
	}
	ns, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
	return time.Duration(ns), err
}

// serverTime is the CPU time of the server with all its threads.
func (s *loadedServer) serverTime() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.server.Process.Pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0, errors.New("/proc/PID/stat is short")
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * time.Second / clockTick, errors.Join(err1, err2)
}

// collectMySQL is the child: it reads host and server each second until it is interrupted.
func collectMySQL(ctx context.Context, w io.Writer, socket string) error {
	c, err := mysql.LoadConfig(mysql.Options{})
	if err != nil {
		return err
	}
	if err := c.Target("dbtriage@" + socket); err != nil {
		return err
	}
	c.Statements = true
	server, sampler := mysql.New(c), host.New(host.Options{})
	defer server.Close()
	var cost mysqlCost
	var took []int64
	start, before := time.Now(), ownTime()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for now := start; ctx.Err() == nil; {
		if _, err := sampler.Read(ctx, now); err != nil && ctx.Err() == nil {
			return err
		}
		if _, err := server.Read(ctx, now); err != nil && ctx.Err() == nil {
			return err
		}
		for probe, us := range server.Costs {
			took = append(took, us)
			if us > cost.SlowestUS {
				cost.Slowest, cost.SlowestUS = probe, us
			}
		}
		select {
		case now = <-tick.C:
		case <-ctx.Done():
		}
	}
	cost.Seconds, cost.CPU, cost.Statements = time.Since(start).Seconds(), (ownTime() - before).Seconds(), len(took)
	slices.Sort(took)
	if n := len(took); n > 0 {
		cost.P50, cost.P99 = took[n/2], took[n*99/100]
	}
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return err
	}
	cost.RSS = int64(use.Maxrss)
	return json.NewEncoder(w).Encode(cost)
}

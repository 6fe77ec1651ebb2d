// Command benchui measures the terminal UI beside top and btop, each on a pseudo terminal of its own:
// time to the first frame, bytes a second when values change, time from a key to what it paints,
// processor and memory. With -soak it plays a recording for a long time and watches the memory.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

func main() {
	program := flag.String("program", "bin/dbtriage", "the program to measure")
	seconds := flag.Int("seconds", 12, "how long each program is watched")
	soak := flag.Duration("soak", 0, "play a recording at 10x for so long and watch the memory")
	flag.Parse()
	if err := run(*program, *seconds, *soak, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "benchui:", err)
		os.Exit(1)
	}
}

func run(program string, seconds int, soak time.Duration, recording string) error {
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "benchui")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// btop takes its interval from a file only.
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, ".config/btop"), 0o755),
		os.WriteFile(filepath.Join(dir, ".config/btop/btop.conf"), []byte("update_ms = 1000\n"), 0o644), os.Setenv("HOME", dir)); err != nil {
		return err
	}
	load, err := startLoad(dir)
	if err != nil {
		return err
	}
	defer load.stop()
	if soak > 0 {
		return soakRun(program, dir, recording, soak, load)
	}
	sizes := [][2]int{{80, 24}, {200, 50}}
	fmt.Printf("%-22s %8s %12s %12s %14s %14s %8s %9s\n", "program", "size", "first frame", "first bytes", "bytes/s median", "key to paint", "CPU", "RSS")
	for _, size := range sizes {
		for _, c := range commands(program, load) {
			if _, err := exec.LookPath(c.args[0]); err != nil {
				fmt.Printf("%-22s not installed\n", c.name)
				continue
			}
			m, err := measure(c, size[0], size[1], seconds)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			fmt.Printf("%-22s %8s %12s %12d %14d %14s %7.2f%% %6.1f MB\n", c.name, fmt.Sprintf("%dx%d", size[0], size[1]),
				m.first.Round(time.Millisecond), m.firstBytes, m.bytes, m.keyText(), 100*m.cpu, float64(m.memory)/1e6)
		}
	}
	return firstVerdict(program, dir)
}

// someRead is what the header says once something of a log was read and judged.
var someRead = regexp.MustCompile(`[1-9][0-9]?% read`)

// firstVerdict prints when a log of 1 GB has a provisional verdict on the screen (G2).
func firstVerdict(program, dir string) error {
	const size = 1 << 30
	sample, err := os.ReadFile("testdata/slowlogs/mariadb11.log")
	if err != nil {
		return fmt.Errorf("run it from the root of the repository: %w", err)
	}
	name := filepath.Join(dir, "slow.log")
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	for written := 0; written < size; written += len(sample) {
		if _, err := f.Write(sample); err != nil {
			return err
		}
	}
	r, err := startOn([]string{program, "analyze", "--tui", name}, 80, 24)
	if err != nil {
		return err
	}
	defer r.end()
	took, err := r.waitForMatch(someRead, 20*time.Second)
	if err != nil {
		return err
	}
	fmt.Printf("first provisional verdict of a slow log of 1 GB: %v\n", took.Round(time.Millisecond))
	return nil
}

// A command is a program with what it shows once its first frame is whole, and keys that change what it
// shows; without them no time to paint is measured.
type command struct {
	name  string
	args  []string
	shows string
	keys  []string
}

func commands(program string, load *load) []command {
	ours := []string{program, "live", "--access-log", load.access, "--slow-log", load.slow}
	return []command{
		{"dbtriage", ours, "LAYERS", []string{"2", "1"}},
		{"dbtriage, queries", ours, "LAYERS", []string{"4", "5"}},
		{"top", []string{"top", "-d", "1"}, "PID", nil},
		{"btop", []string{"btop"}, "cpu", nil},
	}
}

// A measured is what one run took.
type measured struct {
	first      time.Duration
	firstBytes int
	bytes      int // of the median second
	keys       []time.Duration
	cpu        float64 // of one core
	memory     int64
}

func (m measured) keyText() string {
	if len(m.keys) == 0 {
		return "--"
	}
	slices.Sort(m.keys)
	return "p95 " + m.keys[len(m.keys)*95/100].Round(100*time.Microsecond).String()
}

func measure(c command, width, height, seconds int) (m measured, err error) {
	r, err := startOn(c.args, width, height)
	if err != nil {
		return m, err
	}
	defer r.end()
	if m.first, err = r.waitFor(c.shows, 20*time.Second); err != nil {
		return m, err
	}
	m.firstBytes = r.written()
	time.Sleep(2 * time.Second) // until the logs are read and the screen is steady
	for i := range 3 * len(c.keys) {
		before := r.written()
		start := time.Now()
		r.key(c.keys[i%len(c.keys)])
		for r.written() == before && time.Since(start) < time.Second {
			time.Sleep(200 * time.Microsecond)
		}
		m.keys = append(m.keys, time.Since(start))
		time.Sleep(150 * time.Millisecond)
	}
	time.Sleep(time.Second)
	cpu, wall := r.cpu(), time.Now()
	var perSecond []int
	for range seconds {
		before := r.written()
		time.Sleep(time.Second)
		perSecond = append(perSecond, r.written()-before)
	}
	m.cpu = float64(r.cpu()-cpu) / float64(time.Since(wall))
	m.memory = r.memory()
	slices.Sort(perSecond)
	m.bytes = perSecond[len(perSecond)/2]
	return m, nil
}

// Command bench measures dbtriage beside other tools on the same files in the same run and prints
// one table of ratios. It is no part of the product.
package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"dbtriage/collectors/logs"
)

// A contender is a command that reads a file named FILE in its arguments.
type contender struct {
	name string
	args []string
	// most bounds the megabytes it is given, 0 for all: some tools would take minutes. Speed is
	// compared in MB/s, and only tools whose cost grows in step with the file are bounded.
	most int64
}

// A suite is one input and who reads it.
type suite struct {
	title, sample string // sample is a file below DBTRIAGE_SHARED/logs
	fallback      string // of this repository, when there is no shared folder
	megabytes     int64
	contenders    []contender
	// shapes, if not 0, has a log of so many distinct shapes made for it.
	shapes, records int
}

func suites(bin string) []suite {
	analyze := func(cpus int) []string {
		return []string{bin, "analyze", "-f", "json", "-o", os.DevNull, "--cpus", fmt.Sprint(cpus), "FILE"}
	}
	own := []contender{
		{"wc -l", []string{"wc", "-l", "FILE"}, 0},
		{"dbtriage, 1 core", analyze(1), 0},
		{"dbtriage, 2 cores", analyze(2), 0},
	}
	return []suite{
		{title: "slow log", sample: "slow-mariadb-100m.log.zst", fallback: "cmd/dbtriage/demo/slow.log.zst", megabytes: 900, contenders: []contender{
			{"wc -l", []string{"wc", "-l", "FILE"}, 0},
			{"dbtriage, 1 core", analyze(1), 0},
			{"dbtriage, 2 cores", analyze(2), 0},
			{"mysqldumpslow", []string{"mysqldumpslow", "FILE"}, 100},
			{"pt-query-digest", []string{"pt-query-digest", "--no-version-check", "--limit", "100%", "FILE"}, 30},
		}},
		{title: "slow log of 25,000 shapes", megabytes: 400, shapes: 25_000, records: 400_000, contenders: own},
		{title: "slow log of a million shapes", megabytes: 350, shapes: 1_000_000, records: 1_000_000, contenders: own},
		{title: "nginx access log", sample: "nginx-upstream-100m.log.zst", fallback: "cmd/dbtriage/demo/access.log.zst", megabytes: 600, contenders: []contender{
			{"wc -l", []string{"wc", "-l", "FILE"}, 0},
			{"dbtriage, 1 core", analyze(1), 0},
			{"dbtriage, 2 cores", analyze(2), 0},
			{"goaccess", []string{"goaccess", "--no-global-config", "--log-format=COMBINED", "-o", "/tmp/dbtriage-bench.json", "FILE"}, 60},
		}},
		{title: "web JSON log", sample: "nginx-json-40k.log.zst", megabytes: 200, contenders: []contender{
			{"wc -l", []string{"wc", "-l", "FILE"}, 0},
			{"dbtriage, 2 cores", analyze(2), 0},
		}},
		{title: "web LTSV log", sample: "nginx-ltsv-40k.log.zst", megabytes: 200, contenders: []contender{
			{"wc -l", []string{"wc", "-l", "FILE"}, 0},
			{"dbtriage, 2 cores", analyze(2), 0},
		}},
	}
}

func main() {
	bin := flag.String("bin", "bin/dbtriage", "the program to measure")
	runs := flag.Int("runs", 3, "counted runs of each command; the median is printed")
	flag.Parse()
	if err := run(os.Stdout, *bin, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, bin string, runs int) error {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "dbtriage-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintf(w, "%d processors, %s, median of %d runs, files in the page cache\n\n", runtime.NumCPU(), runtime.Version(), runs)
	for _, s := range suites(bin) {
		sample := s.fallback
		if shared := os.Getenv("DBTRIAGE_SHARED"); shared != "" {
			sample = filepath.Join(shared, "logs", s.sample)
		}
		if s.shapes > 0 {
			if sample, err = shapedSample(dir, s.shapes, s.records); err != nil {
				return err
			}
		}
		if sample == "" {
			fmt.Fprintf(w, "%s: left out, DBTRIAGE_SHARED is not set\n\n", s.title)
			continue
		}
		if err := s.run(w, dir, sample, runs); err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
	}
	return nil
}

func (s suite) run(w io.Writer, dir, sample string, runs int) error {
	file, size, err := repeat(dir, "all.log", sample, s.megabytes*1e6)
	if err != nil {
		return err
	}
	defer os.Remove(file)
	fmt.Fprintf(w, "%s, %.0f MB of %s\n", s.title, float64(size)/1e6, filepath.Base(sample))
	fmt.Fprintf(w, "%-20s %9s %9s %12s %12s %10s\n", "", "seconds", "MB/s", "× wc time", "× speed of", "peak RSS")
	var wc, own float64 // seconds per MB
	for _, c := range s.contenders {
		if _, err := exec.LookPath(c.args[0]); err != nil {
			fmt.Fprintf(w, "%-20s is not installed\n", c.name)
			continue
		}
		name, bytes := file, size
		if c.most > 0 && c.most*1e6 < size {
			if name, bytes, err = repeat(dir, "some.log", sample, c.most*1e6); err != nil {
				return err
			}
		}
		took, rss, err := measure(c, name, runs)
		if err != nil {
			return err
		}
		per := took.Seconds() / (float64(bytes) / 1e6)
		if c.name == "wc -l" {
			wc = per
		}
		against := ""
		if strings.HasPrefix(c.name, "dbtriage") {
			own = per
		} else if own > 0 {
			against = fmt.Sprintf("%.0f×", per/own) // how much faster the last dbtriage above is
		}
		fmt.Fprintf(w, "%-20s %9.2f %9.0f %12.1f %12s %7.0f MB\n", c.name, took.Seconds(), 1/per, per/wc, against, float64(rss)/1024)
	}
	fmt.Fprintln(w)
	return nil
}

// measure runs a command once to warm up and then runs times; it returns the median time and the
// largest memory in KiB.
func measure(c contender, file string, runs int) (time.Duration, int64, error) {
	var took []time.Duration
	var rss int64
	for i := range runs + 1 {
		args := slices.Clone(c.args[1:])
		for j := range args {
			args[j] = strings.ReplaceAll(args[j], "FILE", file)
		}
		cmd := exec.Command(c.args[0], args...)
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		var stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = io.Discard, &stderr // through a pipe: some tools do nothing for /dev/null
		start := time.Now()
		if err := cmd.Run(); err != nil {
			return 0, 0, fmt.Errorf("%s: %w\n%.500s", c.name, err, stderr.Bytes())
		}
		if i > 0 {
			took = append(took, time.Since(start))
		}
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			rss = max(rss, int64(usage.Maxrss))
		}
	}
	slices.SortFunc(took, cmp.Compare)
	return took[len(took)/2], rss, nil
}

// repeat writes the sample, decompressed, again and again until the file has size bytes; only whole
// lines are kept. It holds little memory: what a child of this process is charged for at its start
// is the most that the parent ever held.
func repeat(dir, name, sample string, size int64) (string, int64, error) {
	file := filepath.Join(dir, name)
	once := file + ".once"
	defer os.Remove(once)
	length, err := unpack(once, sample)
	if err != nil {
		return "", 0, err
	}
	out, err := os.Create(file)
	if err != nil {
		return "", 0, err
	}
	defer out.Close()
	var n int64
	for n < size {
		in, err := os.Open(once)
		if err != nil {
			return "", 0, err
		}
		k, err := io.CopyN(out, in, min(length, size-n))
		in.Close()
		if n += k; err != nil {
			return "", 0, err
		}
	}
	err = cutLastLine(out, &n)
	return file, n, err
}

// unpack writes a sample to a file and returns the length of its whole lines.
func unpack(file, sample string) (int64, error) {
	in, err := logs.Open(sample, logs.Options{}, nil)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	n, err := io.Copy(out, in)
	if err != nil {
		return 0, err
	}
	err = cutLastLine(out, &n)
	return n, err
}

// cutLastLine takes a line without its end off a file of n bytes.
func cutLastLine(f *os.File, n *int64) error {
	tail := make([]byte, min(*n, 1<<20))
	if _, err := f.ReadAt(tail, *n-int64(len(tail))); err != nil {
		return err
	}
	if i := bytes.LastIndexByte(tail, '\n'); i >= 0 {
		*n -= int64(len(tail) - i - 1)
	}
	return f.Truncate(*n)
}

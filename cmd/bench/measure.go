package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func (s suite) run(w io.Writer, dir, sample string, runs int) error {
	file, size, err := s.input(dir, sample)
	if err != nil {
		return err
	}
	defer os.Remove(file)
	size *= max(s.times, 1)
	fmt.Fprintf(w, "%s, %.0f MB of %s\n", s.title, float64(size)/1e6, filepath.Base(sample))
	fmt.Fprintf(w, "%-20s %9s %9s %12s %12s %10s\n", "", "seconds", "MB/s", "× first", "× speed of", "peak RSS")
	var wc, own float64 // seconds per MB
	for _, c := range s.contenders {
		if _, err := exec.LookPath(c.args[0]); err != nil {
			if c.optional {
				continue
			}
			fmt.Fprintf(w, "%-20s is not installed\n", c.name)
			continue
		}
		name, bytes := file, size
		if c.most > 0 && c.most*1e6 < size {
			if name, bytes, err = repeat(dir, "some.log", sample, c.most*1e6, s.copier()); err != nil {
				return err
			}
		}
		took, rss, err := measure(c, name, runs)
		if err != nil {
			return err
		}
		per := took.Seconds() / (float64(bytes) / 1e6)
		if wc == 0 {
			wc = per // the first is the yardstick
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

func (s suite) copier() copier {
	if s.vary != nil {
		return s.vary
	}
	return plainCopy
}

// measure runs a command once to warm up and then runs times, or once if it is slow; it returns the
// median time and the largest memory in KiB.
func measure(c contender, file string, runs int) (time.Duration, int64, error) {
	var took []time.Duration
	var rss int64
	warmUp := 1
	if c.slow {
		warmUp, runs = 0, 1
	}
	for i := range warmUp + runs {
		args := slices.Clone(c.args[1:])
		for j := range args {
			args[j] = strings.ReplaceAll(args[j], "FILE", file)
		}
		cmd := exec.Command(c.args[0], args...)
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		var stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = io.Discard, &stderr // through a pipe: some tools do nothing for /dev/null
		start := time.Now()
		// grep says with 1 that it found nothing.
		if err := cmd.Run(); err != nil && !(c.args[0] == "grep" && cmd.ProcessState.ExitCode() == 1) {
			return 0, 0, fmt.Errorf("%s: %w\n%.500s", c.name, err, stderr.Bytes())
		}
		if i >= warmUp {
			took = append(took, time.Since(start))
		}
		if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			rss = max(rss, int64(usage.Maxrss))
		}
	}
	slices.SortFunc(took, cmp.Compare)
	return took[len(took)/2], rss, nil
}

// input makes the file of a suite and returns its size, unpacked.
func (s suite) input(dir, sample string) (file string, size int64, err error) {
	if s.generate != nil {
		return sample, sizeOf(sample), nil
	}
	if file, size, err = repeat(dir, "all.log", sample, s.megabytes*1e6, s.copier()); err != nil || s.compress == "" {
		return file, size, err
	}
	defer os.Remove(file)
	packed, err := pack(file, s.compress)
	return packed, size, err
}

func sizeOf(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Command bench measures dbtriage beside other tools on the same files in the same run and prints
// one table of ratios. It is no part of the product.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func main() {
	bin := flag.String("bin", "bin/dbtriage", "the program to measure")
	runs := flag.Int("runs", 3, "counted runs of each command; the median is printed")
	only := flag.String("only", "", "measure only what has this in its title")
	loop := flag.String("loop", "", "read this file, look for its line ends, and do nothing else")
	socket := flag.String("collect-mysql", "", "read the server at this socket and this host until interrupted and print what that took")
	child := flag.Bool("collect-host", false, "collect this host for a while and print what that took")
	flag.Parse()
	err := error(nil)
	switch {
	case *loop != "":
		err = readLoop(*loop)
	case *socket != "":
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		err = collectMySQL(ctx, os.Stdout, *socket)
	case *child:
		err = collectHost(os.Stdout)
	default:
		err = run(os.Stdout, *bin, *only, *runs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, bin, only string, runs int) error {
	bin, err := filepath.Abs(bin)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "dbtriage-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintf(w, "%d processors, %s, median of %d runs, files in the page cache\n\n", runtime.NumCPU(), runtime.Version(), runs)
	for _, s := range suites(bin, self) {
		if !strings.Contains(s.title, only) {
			continue
		}
		sample := s.fallback
		if shared := os.Getenv("DBTRIAGE_SHARED"); shared != "" {
			sample = filepath.Join(shared, "logs", s.sample)
		}
		if s.generate != nil {
			if sample, err = s.generate.file(dir); err != nil {
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
	if strings.Contains(hostTitle, only) {
		if err := benchHost(w); err != nil {
			return err
		}
	}
	if strings.Contains(mysqlTitle, only) {
		return benchMySQL(w)
	}
	return nil
}

// readLoop is the least that a scanner of lines can do: read, unpack, and find every line end.
func readLoop(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	var in io.Reader = f
	switch filepath.Ext(file) {
	case ".zst":
		z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return err
		}
		defer z.Close()
		in = z
	case ".gz":
		if in, err = gzip.NewReader(f); err != nil {
			return err
		}
	}
	buf := make([]byte, 512<<10)
	lines := 0
	for {
		n, err := in.Read(buf)
		for rest := buf[:n]; ; lines++ {
			i := bytes.IndexByte(rest, '\n')
			if i < 0 {
				break
			}
			rest = rest[i+1:]
		}
		if err == io.EOF {
			fmt.Println(lines)
			return nil
		}
		if err != nil {
			return err
		}
	}
}

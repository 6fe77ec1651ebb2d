package main

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/term"
)

// progress shows on a terminal how far the reading is. It returns where to count the bytes read and
// a function that ends the display and clears its line.
func progress(w io.Writer, total int64) (read *atomic.Int64, stop func()) {
	read = &atomic.Int64{}
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return read, func() {}
	}
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		start := time.Now()
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				fmt.Fprint(w, "\r\x1b[K")
				return
			case now := <-tick.C:
				fmt.Fprintf(w, "\r\x1b[K%s", progressLine(read.Load(), total, now.Sub(start)))
			}
		}
	}()
	return read, func() { close(done); <-gone }
}

func progressLine(read, total int64, took time.Duration) string {
	rate := float64(read) / took.Seconds()
	if total <= 0 || read > total {
		return fmt.Sprintf("read %s, %s/s", megabytes(float64(read)), megabytes(rate))
	}
	left := "?"
	if rate > 0 {
		left = time.Duration(float64(total-read) / rate * 1e9).Round(time.Second).String()
	}
	return fmt.Sprintf("read %s of %s (%d %%), %s/s, %s left", megabytes(float64(read)), megabytes(float64(total)), 100*read/total, megabytes(rate), left)
}

func megabytes(n float64) string {
	if n >= 1e9 {
		return fmt.Sprintf("%.2f GB", n/1e9)
	}
	return fmt.Sprintf("%.0f MB", n/1e6)
}

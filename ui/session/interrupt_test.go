//go:build unix

package session

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// interrupted reads one input, ends that once it is time to, and returns the requests of the report, which
// must come although nothing more is written.
func interrupted(t *testing.T, in Input, over <-chan struct{}) int64 {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-over
		cancel()
	}()
	got := make(chan int64, 1)
	go func() {
		s, problems := Read(ctx, []Input{in}, Options{Workers: 2})
		if len(problems) != 1 {
			t.Errorf("problems: %v", problems)
		}
		got <- s.Digest.Web.Count
	}()
	select {
	case n := <-got:
		return n
	case <-time.After(20 * time.Second):
		t.Fatal("it goes on reading")
		return 0
	}
}

func TestInterruptedPipe(t *testing.T) {
	for _, n := range []int{0, 300, 5_000} {
		r, w := io.Pipe()
		written := make(chan struct{})
		go func() {
			w.Write([]byte(requests(0, n)))
			close(written)
		}()
		in := Input{Path: "-", Once: true, Open: func() (io.Reader, error) { return r, nil }}
		if got := interrupted(t, in, written); got != int64(n) {
			t.Errorf("%d requests, want %d", got, n)
		}
		w.Close()
	}
}

func TestInterruptedNamedPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	must(t, syscall.Mkfifo(path, 0o600))
	awhile := make(chan struct{})
	time.AfterFunc(100*time.Millisecond, func() { close(awhile) })
	if n := interrupted(t, Input{Path: path}, awhile); n != 0 {
		t.Errorf("%d requests", n)
	}
	// To be read as it grows it is refused, and not opened.
	g, err := Grow([]Input{{Path: path}}, Options{Workers: 2}, nil)
	must(t, err)
	defer g.Close()
	if p := g.Read(context.Background(), time.Now()); len(p) != 1 {
		t.Errorf("%v", p)
	}
	if p := g.Missing(); len(p) != 0 {
		t.Errorf("%v", p)
	}
	w, err := os.OpenFile(path, os.O_RDWR, 0) // lets the reader go that still waits for a writer
	must(t, err)
	w.Close()
}

package errorlog

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"dbtriage/collectors"
)

// TestTail appends to a log, renames it, makes it anew and truncates it.
func TestTail(t *testing.T) {
	path := filepath.Join(t.TempDir(), "error.log")
	const refused = `2026/11/22 23:00:32 [error] 7#7: *3 connect() failed (111: Connection refused) while connecting to upstream, client: 10.1.2.3, server: , request: "GET / HTTP/1.1", upstream: "http://10.0.0.5:80/", host: "a"` + "\n"
	tail := NewTail(path, &Nginx)
	defer tail.Close()
	var se *collectors.SourceError
	if _, err := tail.Read(context.Background(), time.Now()); !errors.As(err, &se) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a log that is not there: %v", err)
	}
	put := func(flag int, text string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|flag, 0o644)
		if err == nil {
			_, err = f.WriteString(text)
			f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(what string, n float64, zeros bool) {
		t.Helper()
		r, err := tail.Read(context.Background(), time.Unix(1000, 0))
		if err != nil {
			t.Fatal(err)
		}
		sum, peer, others := 0.0, 0.0, 0
		for _, s := range r.Samples {
			switch {
			case s.Name == "web.error.refused" && s.Instance == "":
				sum += s.Value
			case s.Name == "web.error.refused" && s.Instance == "10.0.0.5:80":
				peer += s.Value
			case s.Value == 0:
				others++
			}
			if s.At != 1000e6 {
				t.Errorf("%s: %+v", what, s)
			}
		}
		if sum != n || peer != n || (others > 5) != zeros || r.Role != SeriesRole {
			t.Errorf("%s: %v, of the peer %v, %d zeros, want %v", what, sum, peer, others, n)
		}
	}
	put(os.O_APPEND, refused)
	want("what was there before", 0, true)
	want("nothing new", 0, false)
	put(os.O_APPEND, refused+refused+refused[:50])
	want("two and a part", 2, false)
	put(os.O_APPEND, refused[50:])
	want("its rest", 1, false)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	want("renamed", 0, false)
	old := path
	path += ".1"
	put(os.O_APPEND, refused) // the writer has it open still
	path = old
	put(0, refused+refused)
	want("the end of the old and the new", 3, false)
	put(os.O_TRUNC, refused)
	want("truncated", 1, false)
	put(os.O_APPEND, "garbage\n")
	if r, err := tail.Read(context.Background(), time.Now()); err != nil || len(r.Missing) != 1 {
		t.Errorf("%v %+v", err, r.Missing)
	}
}

package logs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dbtriage/collectors"
)

// A first line that is none, however long, and the mark that some editors write cost no event but that of
// their own line.
func TestFirstLine(t *testing.T) {
	for _, c := range []struct {
		what, log       string
		events, skipped int64
	}{
		{"zeros", strings.Repeat("\x00", 300_000) + plainLine + "\n" + plainLine + "\n" + plainLine + "\n", 3, 0},
		{"zeros and no more lines than one", strings.Repeat("\x00", 600_000) + "\n" + plainLine + "\n", 1, 1},
		{"a long line", strings.Repeat("x", 1<<20) + "\n" + plainLine + "\n" + jsonLine + "\n" + plainLine + "\n", 2, 2},
		{"marked combined", "\ufeff" + plainLine + "\n", 1, 0},
		{"marked JSON", "\ufeff" + jsonLine + "\n" + jsonLine + "\n", 2, 0},
		{"marked JSON of one line", "\ufeff" + jsonLine + "\n", 1, 0},
		{"marked LTSV", "\ufeff" + ltsvLine + "\n" + ltsvLine, 2, 0},
	} {
		path := filepath.Join(t.TempDir(), "x.log")
		if err := os.WriteFile(path, []byte(c.log), 0o600); err != nil {
			t.Fatal(err)
		}
		read := int64(0)
		in, err := Open(path, Options{}, func(n int) { read += int64(n) })
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		clients := map[string]int{}
		parts := Parts[int]{
			New: func(int) int { return 0 },
			Sink: func(int) Sink {
				return Sink{Request: func(req *collectors.Request) { clients[string(req.Client)]++ }}
			},
			Append: func(int, int, string) {},
		}
		_, res, err := Scan(context.Background(), in, in.Detected, ScanOptions{}, parts)
		in.Close()
		if err != nil || res.Events != c.events || res.Skipped != c.skipped || len(clients) != 1 || clients["203.0.113.9"] == 0 || read != int64(len(c.log)) {
			t.Errorf("%s: %d events, %d skipped, clients %.200v, %d bytes of %d, %v", c.what, res.Events, res.Skipped, clients, read, len(c.log), err)
		}
		// A pipe says the same.
		in, err = NewInput("-", strings.NewReader(c.log), Options{}, nil)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		if _, res, err := Scan(context.Background(), in, in.Detected, ScanOptions{}, parts); err != nil || res.Events != c.events || res.Skipped != c.skipped {
			t.Errorf("%s piped: %d events, %d skipped, %v", c.what, res.Events, res.Skipped, err)
		}
	}
}

package analyzers

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dbtriage/collectors/logs"
)

// TestSlicesJoin keeps digests in slices of time, of pieces cut anywhere, and encodes them: decoded
// and joined they are the whole.
func TestSlicesJoin(t *testing.T) {
	files, _ := filepath.Glob("../testdata/slowlogs/*.log")
	if len(files) == 0 {
		t.Fatal("no sample logs")
	}
	several := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		whole := write(t, scanFile(t, data, 1))
		for _, chunk := range []int{0, 4096} {
			g := &Gatherer{Role: "db", Source: "x", Slice: 10}
			p, _, err := logs.Scan(context.Background(), bytes.NewReader(data), logs.SlowLog(), logs.ScanOptions{Workers: 2, Chunk: chunk}, g.Parts())
			if err != nil {
				t.Fatal(err)
			}
			joined := NewDigest()
			n := 0
			for start, d := range p.Slices() {
				if first, last := d.Span(); start != Timeless && (first < start*1e6 || last >= (start+10)*1e6) {
					t.Errorf("%s: the slice of %d spans %d to %d", f, start, first, last)
				}
				again, err := DecodeDigest(d.Encode(nil))
				if err != nil {
					t.Fatalf("%s: %v", f, err)
				}
				joined.Append(again, "")
				n++
			}
			joined.Close()
			if n > 1 {
				several++
			}
			if diff := cmp.Diff(whole, write(t, joined)); diff != "" {
				t.Fatalf("%s in pieces of %d:\n%s", f, chunk, diff)
			}
		}
	}
	if several == 0 {
		t.Error("no log had several slices")
	}
}

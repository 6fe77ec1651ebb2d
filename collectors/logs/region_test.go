package logs

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Lines cut anywhere, in regions and in pieces of a stream, are the same lines.
func TestLinesCutAnywhere(t *testing.T) {
	var log strings.Builder
	for i := range 40 {
		fmt.Fprintf(&log, "10.0.0.%d - - [05/Mar/2024:10:00:%02d +0000] \"GET /a/%s HTTP/1.1\" 200 10 \"-\" \"-\"\n", i, i, strings.Repeat("x", i*i%90))
		if i%7 == 0 {
			log.WriteString("nonsense\r\n\n")
		}
	}
	data := []byte(log.String())
	f, _ := Detect(data, Options{})
	want := scanned(t, ScanOptions{Chunk: len(data) + 1}, bytes.NewReader(data), f)
	for chunk := 1; chunk < len(data); chunk++ {
		if got := scanned(t, ScanOptions{Chunk: chunk, Workers: 1}, bytes.NewReader(data), f); got != want {
			t.Fatalf("chunks of %d bytes: %s", chunk, cmp.Diff(want, got))
		}
		if got := scanned(t, ScanOptions{Chunk: chunk, Workers: 1}, stream{bytes.NewReader(data)}, f); got != want {
			t.Fatalf("streamed in pieces of %d bytes: %s", chunk, cmp.Diff(want, got))
		}
	}
}

func scanned(t *testing.T, opt ScanOptions, in interface{ Read([]byte) (int, error) }, f *Detected) string {
	t.Helper()
	events, res, err := Scan(context.Background(), in, f, opt, eventParts())
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(*events, "\n") + fmt.Sprintf("\n%+v", res)
}

// A record longer than a region is read as from a stream, between regions before and a stream behind.
func TestRecordLongerThanARegion(t *testing.T) {
	short := readFile(t, "../../testdata/slowlogs/mariadb11.log")
	long := "# User@Host: a[a] @ b []\n# Query_time: 1.000000  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\nSET timestamp=1700000000;\nSELECT '" +
		strings.Repeat("long ", 5000) + "';\n"
	data := bytes.Join([][]byte{bytes.Repeat(short, 3), []byte(long), bytes.Repeat(short, 3)}, nil)
	want := statements(t, data, len(data), 1)
	for _, chunk := range []int{100, 1000, 4000} {
		if got := statements(t, data, chunk, 3); got != want {
			t.Errorf("chunks of %d bytes: %s", chunk, cmp.Diff(want, got))
		}
	}
}

// A file that is cut while it is read is told of, with all that was read before.
func TestFileShrinksWhileRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "access.log")
	line := `1.2.3.4 - - [05/Mar/2024:10:00:00 +0000] "GET /a HTTP/1.1" 200 10 "-" "-"` + "\n"
	lines := 400_000
	if err := os.WriteFile(name, []byte(strings.Repeat(line, lines)), 0o644); err != nil {
		t.Fatal(err)
	}
	counted := int64(0)
	in, err := Open(name, Options{}, func(n int) { counted += int64(n) })
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := os.Truncate(name, int64(lines/2*len(line))); err != nil {
		t.Fatal(err)
	}
	_, res, err := Scan(context.Background(), in, in.Detected, ScanOptions{Workers: 1}, eventParts())
	if err != errShrunk || res.Events != int64(lines/2) {
		t.Errorf("%d events of %d, %v", res.Events, lines/2, err)
	}
	if counted != int64(lines/2*len(line)) {
		t.Errorf("progress says %d bytes, the file has %d", counted, lines/2*len(line))
	}
}

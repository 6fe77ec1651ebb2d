package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

var noon = time.Date(2024, 3, 5, 12, 0, 0, 0, time.UTC)

// slowLogOf has n statements, ten a second; use names the schema now and then.
func slowLogOf(n int, use bool) []byte {
	var b bytes.Buffer
	fill := strings.Repeat("x", 900)
	for i := range n {
		fmt.Fprintf(&b, "# Time: %s\n# User@Host: a[a] @ b []  Id: %d\n# Query_time: 0.0%02d000  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\n",
			noon.Add(time.Duration(i)*100*time.Millisecond).Format("2006-01-02T15:04:05.000000Z"), i%7, i%100)
		if use && i%1000 == 0 {
			fmt.Fprintf(&b, "use d%d;\n", i/1000%3)
		}
		fmt.Fprintf(&b, "SELECT '%s' FROM t%c WHERE a = '\\n# Time: '\n  AND b = %d;\n", fill, 'a'+i%20, i)
	}
	return b.Bytes()
}

func accessLogOf(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "1.2.3.4 - - [%s] \"GET /%c HTTP/1.1\" 200 10 \"-\" \"%s\" rt=0.%03d\n",
			noon.Add(time.Duration(i)*10*time.Millisecond).Format("02/Jan/2006:15:04:05 +0000"), 'a'+i%20, strings.Repeat("y", 150), i%1000)
	}
	return b.Bytes()
}

// readFile reads one log in a window, as a file or, when whole, as a stream that cannot be narrowed.
func readFile(t testing.TB, path string, f analyzers.Filter, whole bool) (*analyzers.Digest, collectors.Source) {
	t.Helper()
	in := Input{Path: path}
	if whole {
		in.Open = func() (io.Reader, error) { return os.Open(path) }
	}
	s, problems := Read(context.Background(), []Input{in}, Options{Workers: 2, Filter: f})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return s.Digest, s.Sources[0]
}

func digestText(t testing.TB, d *analyzers.Digest) string {
	t.Helper()
	endpoints := map[string]*analyzers.Endpoint{}
	for k, e := range d.Endpoints {
		endpoints[k.Method+k.Route] = e
	}
	databases := map[string]analyzers.Usage{}
	for _, c := range d.Classes {
		for name, u := range c.Databases.All() {
			databases[c.Fingerprint+" in "+name] = u
		}
	}
	text, err := json.Marshal([]any{d.Statements, d.Web, d.Classes, endpoints, d.Users, d.Series.Cells(), databases})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestNarrowReadsTheSame(t *testing.T) {
	dir := t.TempDir()
	for name, data := range map[string][]byte{"schema.log": slowLogOf(30_000, true), "no-schema.log": slowLogOf(30_000, false), "access.log": accessLogOf(150_000)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if len(data) < 20<<20 {
			t.Fatalf("%s has only %d bytes", name, len(data))
		}
		at := func(s int) int64 { return noon.Add(time.Duration(s) * time.Second).UnixMicro() }
		for _, w := range []analyzers.Window{
			{From: at(1000), To: collectors.NoTime},
			{From: at(1400), To: at(1410)},
			{From: collectors.NoTime, To: at(500)},
			{From: at(-100), To: at(10)},
			{From: at(1499), To: at(9000)},
			{From: at(9000), To: collectors.NoTime},
			{From: collectors.NoTime, To: at(-100)},
		} {
			for _, db := range []string{"", "d1"} {
				f := analyzers.Filter{Window: w, DB: db}
				want, all := readFile(t, path, f, true)
				got, part := readFile(t, path, f, false)
				a, b := digestText(t, want), digestText(t, got)
				if a != b {
					t.Errorf("%s %v %q: the digests differ:\n%s\n%s", name, w, db, a[:400], b[:400])
				}
				if got.Empty() && part.To-part.From < 1490e6 {
					t.Errorf("%s %v %q: nothing is left, and the log is said to cover %d µs", name, w, db, part.To-part.From)
				}
				if part.Bytes > all.Bytes*9/10 {
					t.Errorf("%s %v: read %d of %d bytes", name, w, part.Bytes, all.Bytes)
				}
			}
		}
	}
}

// Where time jumps back anywhere the search looks, all is read.
func TestJoinedLogsAreReadWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	data := accessLogOf(150_000)
	half := bytes.IndexByte(data[len(data)/3:], '\n') + len(data)/3 + 1
	if err := os.WriteFile(path, append(bytes.Clone(data[half:]), data[:half]...), 0o644); err != nil {
		t.Fatal(err)
	}
	f := analyzers.Filter{Window: analyzers.Window{From: noon.Add(1400 * time.Second).UnixMicro(), To: collectors.NoTime}}
	d, src := readFile(t, path, f, false)
	if src.Bytes != int64(len(data)) || d.Web.Count != 10_000 {
		t.Errorf("read %d of %d bytes, %d requests", src.Bytes, len(data), d.Web.Count)
	}
}

// What was written late, or joined to the end, counts wherever it stands.
func TestLateLinesAreRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.log")
	data := accessLogOf(150_000)
	at := func(s int) int64 { return noon.Add(time.Duration(s) * time.Second).UnixMicro() }
	for name, w := range map[string]analyzers.Window{
		"early": {From: collectors.NoTime, To: at(100)}, "middle": {From: at(700), To: at(720)}, "late": {From: at(1400), To: collectors.NoTime},
	} {
		for i := range 9 {
			cut := len(data) / 8 * i
			cut += bytes.IndexByte(data[cut:], '\n') + 1
			late := bytes.ReplaceAll(data[:64<<10], []byte("05/Mar/2024:12:00:0"), []byte("05/Mar/2024:12:11:4"))
			late = late[:bytes.LastIndexByte(late, '\n')+1]
			if err := os.WriteFile(path, bytes.Join([][]byte{data[:cut], late, data[cut:]}, nil), 0o644); err != nil {
				t.Fatal(err)
			}
			f := analyzers.Filter{Window: w}
			want, _ := readFile(t, path, f, true)
			got, src := readFile(t, path, f, false)
			if digestText(t, want) != digestText(t, got) {
				t.Errorf("%s, %d: %d requests, want %d; %q", name, i, got.Web.Count, want.Web.Count, src.Warnings)
			}
		}
	}
}

// BenchmarkSince reads the last ten seconds of a log that fills DBTRIAGE_BIG, or one of 100 MB.
func BenchmarkSince(b *testing.B) {
	path := os.Getenv("DBTRIAGE_BIG")
	if path == "" {
		path = filepath.Join(b.TempDir(), "access.log")
		if err := os.WriteFile(path, accessLogOf(450_000), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	whole, _ := readFile(b, path, analyzers.Filter{}, false)
	_, last := whole.Span()
	f := analyzers.Filter{Window: analyzers.Window{From: last - 10e6, To: collectors.NoTime}}
	for b.Loop() {
		_, src := readFile(b, path, f, false)
		b.ReportMetric(float64(src.Bytes)/1e6, "MB-read")
	}
}

package logs

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dbtriage/collectors"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const slowLogs = "../../testdata/slowlogs/*.log"

// statements scans data with pieces of the given size and writes down every statement.
func statements(t testing.TB, data []byte, chunk, workers int) string {
	t.Helper()
	return statementsOf(t, bytes.NewReader(data), chunk, workers)
}

// A stream is a reader that cannot be read anywhere, as a pipe is.
type stream struct{ io.Reader }

func statementsOf(t testing.TB, in io.Reader, chunk, workers int) string {
	t.Helper()
	type lines struct{ out []string }
	parts := Parts[*lines]{
		New: func(int) *lines { return &lines{} },
		Sink: func(p *lines) Sink {
			return Sink{Statement: func(s *collectors.Statement) { p.out = append(p.out, writeStatement(s)) }}
		},
		Append: func(total, part *lines, schema string) {
			for _, l := range part.out {
				total.out = append(total.out, strings.ReplaceAll(l, "schema <inherited>", fmt.Sprintf("schema %q", schema)))
			}
		},
	}
	total, res, err := Scan(context.Background(), in, SlowLog(), ScanOptions{Workers: workers, Chunk: chunk}, parts)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, l := range total.out {
		b.WriteString(l + "\n")
	}
	fmt.Fprintf(&b, "bytes %d, events %d, skipped %d\n", res.Bytes, res.Events, res.Skipped)
	for _, s := range res.Skips {
		fmt.Fprintf(&b, "skip: byte %d line %d: %s\n", s.Offset, s.Line, s.Why)
	}
	for _, w := range res.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	return b.String()
}

func writeStatement(s *collectors.Statement) string {
	schema := fmt.Sprintf("%q", s.Schema)
	if s.SchemaInherited {
		schema = "<inherited>"
	}
	end := "unknown"
	if s.End != collectors.NoTime {
		end = fmt.Sprint(s.End)
	}
	return fmt.Sprintf("byte %d end %s query %d lock %d sent %d examined %d affected %d bytes %d thread %d user %q host %q schema %s admin %t flags %08b tmp %d/%d merge %d pages %d rate %d\n  explain %q\n  %q",
		s.Offset, end, s.QueryTime, s.LockTime, s.RowsSent, s.RowsExamined, s.RowsAffected, s.BytesSent, s.ThreadID,
		s.User, s.Host, schema, s.Admin, s.Flags, s.TmpTables, s.TmpDiskTables, s.MergePasses, s.PagesRead, s.RateLimit, s.Explain, s.SQL)
}

func TestSlowLogGolden(t *testing.T) {
	files, _ := filepath.Glob(slowLogs)
	if len(files) == 0 {
		t.Fatal("no sample logs")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got := statements(t, data, 0, 1)
		golden := strings.TrimSuffix(file, ".log") + ".golden"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// The input may be cut anywhere: pieces of every size give the same statements in the same order.
func TestSlowLogCutAnywhere(t *testing.T) {
	files, _ := filepath.Glob(slowLogs)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		whole := statements(t, data, len(data)+1, 1)
		for chunk := 1; chunk <= len(data); chunk++ {
			if got := statements(t, data, chunk, 1); got != whole {
				t.Fatalf("%s in pieces of %d bytes (-whole +pieces):\n%s", file, chunk, cmp.Diff(whole, got))
			}
			if got := statementsOf(t, stream{bytes.NewReader(data)}, chunk, 1); got != whole {
				t.Fatalf("%s streamed in pieces of %d bytes (-whole +pieces):\n%s", file, chunk, cmp.Diff(whole, got))
			}
		}
	}
}

// Workers finish out of order; the statements must not.
func TestSlowLogWorkers(t *testing.T) {
	data := bytes.Repeat(readFile(t, "../../testdata/slowlogs/mysql80-extra.log"), 50)
	want := statements(t, data, 0, 1)
	for range 20 {
		if got := statements(t, data, 700, 4); got != want {
			t.Fatal(cmp.Diff(want, got))
		}
	}
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A header of which every statement's text must keep the count: what a mutation may destroy is the
// record it hits, never the rest.
func FuzzSlowLog(f *testing.F) {
	files, _ := filepath.Glob(slowLogs)
	for _, file := range files {
		f.Add(readFile(f, file), uint16(100))
	}
	f.Fuzz(func(t *testing.T, data []byte, chunk uint16) {
		if len(data) > 64<<10 {
			return
		}
		whole := statements(t, data, len(data)+1, 1)
		if got := statements(t, data, int(chunk)+1, 2); got != whole {
			t.Fatalf("pieces of %d bytes (-whole +pieces):\n%s", int(chunk)+1, cmp.Diff(whole, got))
		}
		if got := statementsOf(t, stream{bytes.NewReader(data)}, int(chunk)+1, 2); got != whole {
			t.Fatalf("streamed in pieces of %d bytes (-whole +pieces):\n%s", int(chunk)+1, cmp.Diff(whole, got))
		}
	})
}

func BenchmarkSlowLogRead(b *testing.B) {
	for _, name := range []string{"mariadb11", "mysql97-extra"} {
		b.Run(name, func(b *testing.B) {
			data := bytes.Repeat(readFile(b, "../../testdata/slowlogs/"+name+".log"), 1000)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			var r slowReader
			for b.Loop() {
				var t tally
				r.read(piece{buf: data, last: true}, slowState{timeKnown: true, schemaKnown: true, time: collectors.NoTime}, Sink{}, &t)
			}
		})
	}
}

// A statement that ran for 20 seconds on a real server, started at 00:02:37 and followed at once by
// another, tells what the server's stamps mean.
func TestTimeOfLongStatement(t *testing.T) {
	data := readFile(t, "../../testdata/slowlogs/mariadb1011-sleep20.log")
	ends := map[string]int64{}
	parts := Parts[int]{New: func(int) int { return 0 }, Append: func(int, int, string) {}, Sink: func(int) Sink {
		return Sink{Statement: func(s *collectors.Statement) { ends[string(s.SQL)] = s.End / 1e6 }}
	}}
	if _, _, err := Scan(context.Background(), bytes.NewReader(data), SlowLog(), ScanOptions{}, parts); err != nil {
		t.Fatal(err)
	}
	start := int64(1795392157)
	if got := ends["select sleep(20), 'marker'"]; got != start+20 {
		t.Errorf("the statement ended %d s after its start, not 20", got-start)
	}
	if got := ends["select now(6)"]; got != start+20 {
		t.Errorf("the next statement ended %d s after the start of the long one, not 20", got-start)
	}
}

// What a reader remembers of the records before says what reading says: it reads each record as one that
// has read nothing.
func TestReaderRemembersRight(t *testing.T) {
	pick := func(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }
	r := rand.New(rand.NewPCG(11, 12))
	line := func() string {
		n := r.IntN(3)
		switch r.IntN(9) {
		case 0:
			return pick(r, fmt.Sprintf("# Time: 2026-11-22T21:07:%02d.%06dZ", 39+n, r.IntN(1e6)), fmt.Sprintf("# Time: 2026-11-22T21:07:%02d.%06d+02:00", 39+n, r.IntN(1e6)),
				fmt.Sprintf("# Time: 2026-11-22T21:07:%02d.0000%02dx", 39+n, r.IntN(100)), "# Time: 1969-12-31T23:59:59.000001Z", fmt.Sprintf("# Time: 261122 21:07:%02d", 39+n),
				fmt.Sprintf("# Time: 2026-11-22T21:07:%02d.12345zZ", 39+n))
		case 1, 2:
			return "# User@Host: " + pick(r, "root[root] @ localhost []", "a]b[c] @ h [10.0.0.1]", "root @ localhost") +
				pick(r, "", fmt.Sprintf("  Id:%6d", n), fmt.Sprintf("  Id: %d", r.Int64()), fmt.Sprintf("  Id: %dx", n), "  Id: ", fmt.Sprintf("  Id: %d  thread_id: 7", n))
		case 3, 4:
			return fmt.Sprintf("# Query_time: %d.%06d  Lock_time: 0.00000%d%s: %d  Rows_examined: %d", n, r.IntN(1e6), n, pick(r, " Rows_sent", "  Rows_sent", "   Rows_sent"), r.IntN(50)*r.IntN(1e9), n) +
				pick(r, "", " ", "  Errno: 5", "x", fmt.Sprintf(" Rows_affected: %d", n))
		case 5:
			return fmt.Sprintf("# Thread_id: %d  Schema: %s  QC_hit: %s", n, pick(r, "a", "b", "", "a b"), pick(r, "No", "Yes"))
		case 6:
			return fmt.Sprintf("# Rows_affected: %d  Bytes_sent: %d", n, r.IntN(4)*4099)
		case 7:
			return fmt.Sprintf("# Full_scan: %s  Full_join: No  Tmp_table: %s", pick(r, "Yes", "No"), pick(r, "Yes", "No"))
		}
		return "#"
	}
	describe := func(s *slowReader, st *collectors.Statement, state *slowState) string {
		return fmt.Sprintf("%+v %v %v %v %v %v %v %+v", *st, s.head.time, s.head.zoned, s.head.hasSchema, s.head.mariaDB, s.head.end, s.head.users, *state)
	}
	long := slowReader{head: header{lines: &lineMemo{}}}
	for range 30_000 {
		var record []string
		for range 1 + r.IntN(5) {
			record = append(record, line())
		}
		text := []byte(strings.Join(record, "\n") + "\n")
		for r.IntN(4) == 0 {
			text[r.IntN(len(text)-1)] = "x1 :\n\r"[r.IntN(6)]
		}
		text = append(text, pick(r, "", "use a;\n", "use `b`;\n")+pick(r, "", "SET timestamp=1795381659;\n", "SET timestamp=1795381660;\n", "SET timestamp=1795381660;\r\n", "SET last_insert_id=1,timestamp=1795381660;\n")+
			pick(r, "select 1;\n", "\nselect 1;\n", "SET timestamp=5;\n", "# administrator command: Quit;\n", "")...)
		read := func(s *slowReader) string {
			s.lines.reset(text)
			st := s.reset(0)
			body := s.head.read(&s.lines, 0, st)
			state := slowState{}
			s.finish(st, text[body:], &state)
			return describe(s, st, &state)
		}
		if got, want := read(&long), read(&slowReader{}); got != want {
			t.Fatalf("%q\n  is read as %s\n  and alone  %s", text, got, want)
		}
	}
}

// The line of times is read in one go as its pairs are read one by one.
func TestQueryTimeLine(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	number := func() string {
		text := fmt.Sprint(r.Int64N(1 << r.IntN(63)))
		switch r.IntN(8) {
		case 0:
			return text + fmt.Sprintf(".%0*d", 1+r.IntN(8), r.IntN(10))
		case 1:
			return text + "x"
		case 2:
			return ""
		}
		return text
	}
	for range 100_000 {
		v := fmt.Sprintf("0.%06d", r.IntN(1e6))
		for _, key := range []string{"Lock_time", "Rows_sent", "Rows_examined", "Rows_affected"} {
			if r.IntN(8) > 0 {
				v += "  "[:1+r.IntN(2)] + key + ": " + number()
			}
		}
		var got, want header
		var one, pairs collectors.Statement
		got.readQueryTime([]byte(v), &one)
		want.readPairs([]byte("Query_time: "+v), &pairs)
		if diff := cmp.Diff(pairs, one); diff != "" {
			t.Fatalf("%q (-by pairs +in one go):\n%s", v, diff)
		}
	}
}

package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// A generator writes a log that no sample is of, the same on every run.
type generator func(w io.Writer) error

// file writes the log into dir.
func (g generator) file(dir string) (string, error) {
	f, err := os.Create(filepath.Join(dir, "made.log"))
	if err != nil {
		return "", err
	}
	if err := g(f); err != nil {
		f.Close()
		return "", err
	}
	return f.Name(), f.Close()
}

func shapes(shapes, records int) generator {
	return func(w io.Writer) error { return shapedLog(w, shapes, records) }
}

const slowHead = "# User@Host: app[app] @ web [10.0.0.1]\n# Query_time: 0.%06d  Lock_time: 0.000010  Rows_sent: 1  Rows_examined: 10\nSET timestamp=%d;\n"

// hugeStatements has three statements of 100 MB among small ones.
func hugeStatements(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<20)
	row := []byte("(123456, 'some text of a row that is loaded'), ")
	for i := range 3 {
		fmt.Fprintf(out, slowHead+"INSERT INTO t VALUES ", i, 1795390000+i)
		for range 100_000_000 / len(row) { // not at once: a child's peak of memory is never below ours
			out.Write(row)
		}
		fmt.Fprintf(out, "(1, 'end');\n"+slowHead+"SELECT %d;\n", i, 1795390000+i, i)
	}
	return out.Flush()
}

// oneSecond has all its statements in one second, by two thousand sessions.
func oneSecond(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<20)
	for i := range 1_000_000 {
		fmt.Fprintf(out, "# User@Host: app[app] @ web [10.0.0.1]\n# Thread_id: %d  Schema: shop  QC_hit: No\n# Query_time: 0.%06d  Lock_time: 0.000010  Rows_sent: 1  Rows_examined: 10\n"+
			"SET timestamp=1795390000;\nSELECT name, price FROM items WHERE id = %d AND shop = 'north';\n", i%2000, i%1_000_000, i)
	}
	return out.Flush()
}

// malformedSlow has records whose Query_time is no number.
func malformedSlow(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<20)
	for i := range 1_000_000 {
		fmt.Fprintf(out, "# User@Host: app[app] @ web [10.0.0.1]\n# Query_time: none  Lock_time: %d\nSET timestamp=1795390000;\nSELECT name, price FROM items WHERE id = %d;\n", i, i)
	}
	return out.Flush()
}

// malformedAccess has lines that begin like requests and then are none.
func malformedAccess(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<20)
	for range 5_000 { // by which the format is known
		fmt.Fprintf(out, "10.0.0.1 - - [22/Nov/2026:21:14:41 +0000] \"GET / HTTP/1.1\" 200 6 \"-\" \"curl\"\n")
	}
	for i := range 2_000_000 {
		fmt.Fprintf(out, "10.0.0.1 - - [22/Nov/2026:21:14:41 +0000] \"GET /items/%d?page=2 HTTP/1.1\" what is this line doing here, it is none at all\n", i)
	}
	return out.Flush()
}

// manyRoutes has a million routes, none of which says that it is one of many.
func manyRoutes(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<20)
	r := rand.New(rand.NewPCG(1_000_000, 1))
	word := func() string {
		b := make([]byte, 5)
		for i := range b {
			b[i] = "bcdfghklmnprstvz aeiou"[r.IntN(16)]
		}
		return string(b)
	}
	for i := range 1_000_000 {
		fmt.Fprintf(out, "10.0.0.%d - - [22/Nov/2026:21:%02d:%02d +0000] \"GET /%s/%s/%s HTTP/1.1\" 200 %d \"-\" \"curl/8\" rt=0.%03d ua=\"10.0.1.%d:80\" us=\"200\" ut=\"0.%03d\" uct=\"0.000\" uht=\"0.001\" cs=-\n",
			i%250, i/60_000%60, i/1000%60, word(), word(), word(), i%9999, i%1000, i%4, i%1000)
	}
	return out.Flush()
}

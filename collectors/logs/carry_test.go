package logs

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dbtriage/collectors"
)

// eventParts lists the events of a scan, each in a line.
func eventParts() Parts[*[]string] {
	return Parts[*[]string]{
		New: func(int) *[]string { return &[]string{} },
		Sink: func(p *[]string) Sink {
			return Sink{
				Statement: func(st *collectors.Statement) {
					schema := string(st.Schema)
					if st.SchemaInherited {
						schema = "\x00"
					}
					*p = append(*p, fmt.Sprintf("%d %d %q %q %d", st.Offset, st.End, schema, st.SQL, st.QueryTime))
				},
				Request: func(r *collectors.Request) {
					*p = append(*p, fmt.Sprintf("%d %d %s %d", r.Offset, r.End, r.Path, r.Status))
				},
			}
		},
		Append: func(total, part *[]string, schema string) {
			for _, line := range *part {
				*total = append(*total, strings.ReplaceAll(line, `"\x00"`, fmt.Sprintf("%q", schema)))
			}
		},
	}
}

// A log that grows while it is read has the events, skips and places of the whole, wherever the
// reading paused. Long inputs are paused in at some 300 places.
func TestGrowingIsTheWhole(t *testing.T) {
	inputs := map[string][]byte{
		"lines": []byte(strings.Repeat(`1.2.3.4 - - [05/Mar/2024:10:00:00 +0000] "GET /a HTTP/1.1" 200 10 "-" "-"`+"\nnonsense\n", 5)),
	}
	files, _ := filepath.Glob("../../testdata/slowlogs/*.log")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		inputs[filepath.Base(file)] = data
	}
	for name, data := range inputs {
		f, _ := Detect(data, Options{})
		if f == nil {
			continue
		}
		want, res, err := Scan(context.Background(), bytes.NewReader(data), f, ScanOptions{}, eventParts())
		if err != nil {
			t.Fatal(err)
		}
		for cut := 0; cut < len(data); cut += 1 + len(data)/300 {
			a, first, err := Scan(context.Background(), bytes.NewReader(data[:cut]), f, ScanOptions{Grows: true}, eventParts())
			if err != nil || int(first.Next.Offset)+len(first.Rest) != cut || !bytes.Equal(first.Rest, data[first.Next.Offset:cut]) {
				t.Fatalf("%s until %d: next %d, rest %d, %v", name, cut, first.Next.Offset, len(first.Rest), err)
			}
			b, second, err := Scan(context.Background(), bytes.NewReader(data[first.Next.Offset:]), f, ScanOptions{Start: first.Next}, eventParts())
			if err != nil {
				t.Fatal(err)
			}
			if got := append(*a, *b...); strings.Join(got, "\n") != strings.Join(*want, "\n") {
				t.Fatalf("%s paused at %d:\n%s\nwant:\n%s", name, cut, strings.Join(got, "\n"), strings.Join(*want, "\n"))
			}
			skips := append(first.Skips, second.Skips...)
			if first.Skipped+second.Skipped != res.Skipped || first.Events+second.Events != res.Events || fmt.Sprint(skips[:min(len(skips), MaxSkips)]) != fmt.Sprint(res.Skips) {
				t.Fatalf("%s paused at %d: %+v and %+v, want %+v", name, cut, first, second, res)
			}
		}
	}
}

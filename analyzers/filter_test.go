package analyzers

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dbtriage/collectors"
	"dbtriage/collectors/logs"
)

func scanWith(t testing.TB, data []byte, f Filter, chunk int) *Digest {
	t.Helper()
	g := &Gatherer{Role: "db", Source: "x", Filter: f}
	p, _, err := logs.Scan(context.Background(), bytes.NewReader(data), logs.SlowLog(), logs.ScanOptions{Workers: 1, Chunk: chunk}, g.Parts())
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	return p.Digest
}

// schemas is a log in which most statements inherit their schema, some their time.
func schemas() []byte {
	var b strings.Builder
	for i := range 24 {
		if i%3 != 1 {
			fmt.Fprintf(&b, "# Time: 2024-03-05T10:00:%02d.000000Z\n", i)
		}
		fmt.Fprintf(&b, "# User@Host: u%d[u%d] @ h%d []  Id: %d\n# Query_time: 0.%02d0000  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\n", i%2, i%2, i%4, i%2, i)
		switch i {
		case 5, 15:
			b.WriteString("use shop;\n")
		case 9:
			b.WriteString("use other;\n")
		}
		fmt.Fprintf(&b, "SELECT c%c FROM t;\n", 'a'+i%3)
	}
	return []byte(b.String())
}

// However a log is cut, a filter lets in the same statements: also where a part's first statements
// have their schema from the part before.
func TestFilterDoesNotDependOnTheCut(t *testing.T) {
	data := schemas()
	for _, tc := range []struct {
		filter Filter
		want   int64
	}{
		{Filter{DB: "shop"}, 13},
		{Filter{DB: "other"}, 6},
		{Filter{DB: "none"}, 0},
		{Filter{DB: "shop", User: "u1"}, 7},
		{Filter{DB: "shop", MinTime: 200_000}, 4},
		{Filter{User: "u0", Host: "h2"}, 6},
		{Filter{Window: Window{From: 1709632810e6, To: collectors.NoTime}}, 13},
	} {
		d := scanWith(t, data, tc.filter, 0)
		if d.Statements.Count != tc.want {
			t.Errorf("%+v: %d statements, want %d", tc.filter, d.Statements.Count, tc.want)
		}
		want := write(t, d)
		for cut := 1; cut < len(data); cut++ {
			if got := write(t, scanWith(t, data, tc.filter, cut)); got != want {
				t.Fatalf("%+v cut at byte %d (-whole +parts):\n%s", tc.filter, cut, cmp.Diff(want, got))
			}
		}
	}
}

// What all schemas let in together is the whole.
func TestSchemasAddUpToTheWhole(t *testing.T) {
	files, _ := filepath.Glob("../testdata/slowlogs/*.log")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		whole := scanWith(t, data, Filter{}, 0)
		for _, chunk := range []int{0, 300, 777} {
			names := map[string]int64{}
			for _, c := range whole.Classes {
				for name, u := range c.Databases.All() {
					names[name] += u.Calls
				}
			}
			for name, calls := range names {
				if name == "" {
					continue
				}
				if got := scanWith(t, data, Filter{DB: name}, chunk).Statements.Count; got != calls {
					t.Errorf("%s: schema %q has %d statements, want %d", file, name, got, calls)
				}
			}
		}
	}
}

func TestFilterRequests(t *testing.T) {
	var log strings.Builder
	for i, path := range []string{"/api/items/1", "/api/items/2", "/api/users", "/", "/api"} {
		fmt.Fprintf(&log, "1.2.3.4 - - [05/Mar/2024:10:00:0%d +0000] \"GET %s HTTP/1.1\" %d 10 \"-\" \"-\" rt=0.%d00\n", i, path, 500+i, i)
	}
	format, _ := logs.Detect([]byte(log.String()), logs.Options{})
	for _, tc := range []struct {
		filter Filter
		want   int64
	}{
		{Filter{}, 5},
		{Filter{Route: ParseRoute("/api/items/77")}, 2},
		{Filter{Route: "/api*"}, 4},
		{Filter{Route: "*s"}, 1},
		{Filter{Route: "/"}, 1},
		{Filter{Status: StatusRange{501, 503, true}}, 3},
		{Filter{MinTime: 300_000}, 2},
		{Filter{DB: "shop"}, 5},
	} {
		g := &Gatherer{Role: "web", Source: "x", Filter: tc.filter}
		p, _, err := logs.Scan(context.Background(), strings.NewReader(log.String()), format, logs.ScanOptions{}, g.Parts())
		if err != nil || p.Web.Count != tc.want {
			t.Errorf("%+v: %d requests, want %d (%v)", tc.filter, p.Web.Count, tc.want, err)
		}
	}
}

func TestParseStatus(t *testing.T) {
	for text, want := range map[string]StatusRange{"404": {404, 404, true}, "5xx": {500, 599, true}, "4XX": {400, 499, true}, "500-504": {500, 504, true}, "000": {0, 0, true}, "009": {9, 9, true}, "0xx": {0, 99, true}} {
		if got, err := ParseStatus(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", "99", "504-500", "xx", "5xx-6xx", "1000"} {
		if got, err := ParseStatus(text); err == nil {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

func TestFilterDoesNotAllocate(t *testing.T) {
	f := Filter{DB: "d", User: "u", Host: "h", Route: "/a*/b", Status: StatusRange{500, 599, true}, MinTime: 1}
	st := &collectors.Statement{User: []byte("u"), Host: []byte("h"), Schema: []byte("d"), QueryTime: 5}
	req := &collectors.Request{Status: 501, RequestTime: 5}
	p := &Part{g: &Gatherer{Filter: f}}
	route := []byte("/aaa/b")
	if n := testing.AllocsPerRun(100, func() {
		if p.filter(st) != p || !f.request(req) || !matches(f.Route, route) {
			t.Error("left out")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What dbtriage asked is left out where that is wanted, and counts where it is not.
func TestFilterNotOurs(t *testing.T) {
	var b strings.Builder
	for i, text := range []string{"SELECT 1 FROM t", "/* dbtriage */ SHOW GLOBAL STATUS", "SELECT 2 FROM t /* dbtriage */"} {
		fmt.Fprintf(&b, "# Time: 2024-03-05T10:00:%02d.000000Z\n# User@Host: u[u] @ h []  Id: %d\n# Query_time: 0.010000  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\n%s;\n", i, i, text)
	}
	for filter, want := range map[Filter]int64{{}: 3, {NotOurs: true}: 2} {
		if got := scanWith(t, []byte(b.String()), filter, 64<<10).Statements.Count; got != want {
			t.Errorf("%+v lets in %d, want %d", filter, got, want)
		}
	}
}

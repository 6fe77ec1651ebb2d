package analyzers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dbtriage/collectors/logs"
)

func scanFile(t testing.TB, data []byte, workers int) *Digest {
	t.Helper()
	g := &Gatherer{Role: "db", Source: "x"}
	p, _, err := logs.Scan(context.Background(), bytes.NewReader(data), logs.SlowLog(), logs.ScanOptions{Workers: workers}, g.Parts())
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	return p.Digest
}

// write puts down all that a digest holds.
func write(t testing.TB, d *Digest) string {
	t.Helper()
	type hidden struct {
		Sketch    []uint32
		Databases map[string]Usage
		Repeats   string
	}
	classes := map[string]hidden{}
	for f, c := range d.Classes {
		classes[f] = hidden{c.Time.sketch.counts, maps.Collect(c.Databases.All()), held(&c.Repeats)}
	}
	out, err := json.MarshalIndent(struct {
		*Digest
		Endpoints int // there are none; their keys are no JSON keys
		Cells     []Second
		Hidden    map[string]hidden
	}{d, len(d.Endpoints), d.Series.Cells(), classes}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Parts of a log may be cut anywhere between its statements: joined again, they are the whole.
func TestAppendIsTheWhole(t *testing.T) {
	var log strings.Builder
	files, _ := filepath.Glob("../testdata/slowlogs/*.log")
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || strings.Contains(f, "torn") || info.Size() > 1800 {
			continue // torn would join its neighbours; at every byte of the long ones takes long
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		log.Write(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
	}
	for i := range 12 { // a query in a loop, across every cut, without a schema of its own
		log.WriteString("# Time: 2024-03-05T10:00:00.0000" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "Z\n# User@Host: a[a] @ b []  Id: 7\n# Query_time: 0.000100  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\nSELECT name FROM item WHERE id = 5;\n")
	}
	data := []byte(log.String())
	want := write(t, scanFile(t, data, 1))
	if !strings.Contains(want, `"Long": 1`) {
		t.Fatal("the log should hold one long run")
	}
	for cut := 1; cut < len(data); cut++ {
		g := &Gatherer{Role: "db", Source: "x"}
		p, _, err := logs.Scan(context.Background(), bytes.NewReader(data), logs.SlowLog(), logs.ScanOptions{Workers: 1, Chunk: cut}, g.Parts())
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		if got := write(t, p.Digest); got != want {
			t.Fatalf("cut at byte %d (-whole +parts):\n%s", cut, cmp.Diff(want, got))
		}
	}
}

func TestMergeInAnyOrder(t *testing.T) {
	var logs [][]byte
	files, _ := filepath.Glob("../testdata/slowlogs/*.log")
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		logs = append(logs, data)
	}
	forth, back := NewDigest(), NewDigest()
	for i := range logs {
		forth.Merge(scanFile(t, logs[i], 1))
		back.Merge(scanFile(t, logs[len(logs)-1-i], 1))
	}
	if a, b := write(t, forth), write(t, back); a != b {
		t.Fatal(cmp.Diff(a, b))
	}
}

// A statement that makes several temporary tables on disk is one execution with a temporary table on disk.
func TestStatementsWithTemporaryTables(t *testing.T) {
	const record = "# User@Host: a[a] @ b []\n# Thread_id: 1  Schema: s  QC_hit: No\n# Query_time: 0.1  Lock_time: 0.0  Rows_sent: 1  Rows_examined: 2\n" +
		"# Tmp_tables: %d  Tmp_disk_tables: %d\nSET timestamp=1700000000;\nSELECT DISTINCT a FROM t;\n"
	d := scanFile(t, fmt.Appendf(nil, record+record+record, 3, 2, 1, 0, 0, 0), 1)
	for _, c := range d.Classes {
		if c.TmpTables != 4 || c.WithTmpTable != 2 || c.TmpDiskTables != 2 || c.WithTmpDiskTable != 1 {
			t.Errorf("%d tables in %d statements, %d on disk in %d", c.TmpTables, c.WithTmpTable, c.TmpDiskTables, c.WithTmpDiskTable)
		}
	}
	if len(d.Classes) != 1 {
		t.Errorf("%d classes", len(d.Classes))
	}
}

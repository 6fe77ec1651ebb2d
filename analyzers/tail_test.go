package analyzers

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"dbtriage/collectors/logs"
)

// manyClasses is a log of n different statements, of which every seventh comes again at the end and
// one, slow then, only begins as one among many.
func manyClasses(n int) []byte {
	var b bytes.Buffer
	add := func(i int, us int) {
		fmt.Fprintf(&b, "# Time: 2024-03-05T09:%02d:%02d.000000Z\n# User@Host: a[a] @ b []  Id: 1\n# Query_time: %d.%06d  Lock_time: 0.000001 Rows_sent: 1  Rows_examined: 2\nSELECT c%d FROM t;\n", i/60%60, i%60, us/1e6, us%1e6, i)
	}
	for i := range n {
		add(i, 1+i%977)
	}
	for i := 0; i < n; i += 7 {
		add(i, 5)
	}
	for range 10 {
		add(3, 60_000_000)
	}
	return b.Bytes()
}

func TestFoldedClassesKeepCountsAndSums(t *testing.T) {
	n := MaxFull + MaxFull/2
	data := manyClasses(n)
	for _, chunk := range []int{0, 64 << 10, 300_000} {
		g := &Gatherer{Role: "db", Source: "x"}
		p, _, err := logs.Scan(context.Background(), bytes.NewReader(data), logs.SlowLog(), logs.ScanOptions{Workers: 2, Chunk: chunk}, g.Parts())
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		calls, us, examined, ids := int64(0), int64(0), int64(0), map[string]bool{}
		add := func(c *Class) {
			calls += c.Time.Count
			us += c.Time.Sum
			examined += c.RowsExamined
			if ids[c.ID] {
				t.Fatalf("%s is there twice", c.ID)
			}
			ids[c.ID] = true
		}
		for _, c := range p.Classes {
			add(c)
		}
		previous := int64(1 << 62)
		for c := range p.FoldedClasses() {
			add(c)
			if c.Time.Sum > previous {
				t.Fatal("folded classes are out of order")
			}
			previous = c.Time.Sum
			if !bytes.HasPrefix(data[c.Worst.Offset:], []byte("# Time: ")) {
				t.Fatalf("no record stands at byte %d", c.Worst.Offset)
			}
		}
		st := &p.Statements
		if calls != st.Count || us != st.TimeUS || examined != st.RowsExamined || st.Count != int64(bytes.Count(data, []byte("Query_time"))) {
			t.Errorf("classes hold %d calls, %d µs, %d rows; totals %d, %d, %d", calls, us, examined, st.Count, st.TimeUS, st.RowsExamined)
		}
		if len(ids) != n || p.Folded() == 0 || len(p.Classes) > MaxFull {
			t.Errorf("%d ids of %d, %d whole, %d folded", len(ids), n, len(p.Classes), p.Folded())
		}
		if slow := p.Classes["select c3 from t"]; slow == nil || slow.Time.Count != 11 {
			t.Error("the class that became slow late was not kept whole with all its calls")
		}
	}
}

func TestFoldedClassesMerge(t *testing.T) {
	n := MaxFull + MaxFull/2
	d := NewDigest()
	for range 2 {
		d.Merge(scanFile(t, manyClasses(n), 1))
	}
	var calls int64
	for _, c := range d.Classes {
		calls += c.Time.Count
	}
	for c := range d.FoldedClasses() {
		calls += c.Time.Count
	}
	if calls != d.Statements.Count {
		t.Errorf("classes hold %d calls of %d", calls, d.Statements.Count)
	}
}

func TestIDRoundTrip(t *testing.T) {
	for _, id := range []string{"0000000000000001", "A3F28DCEBADF5C68", "FFFFFFFFFFFFFFFF", "0123456789ABCDEF"} {
		n, ok := parseID(id)
		if got := formatID(n); !ok || got != id {
			t.Errorf("%s became %s", id, got)
		}
	}
}

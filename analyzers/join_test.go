package analyzers

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/percona/go-mysql/query"

	"dbtriage/collectors"
	"dbtriage/collectors/logs"
)

// oftenAndSeldom is a log of n different statements, of which the first come often and the last hardly
// ever, by sessions that run some in a loop and often leave the schema to be inherited. longest is how
// often a column's statement runs in a row at most.
func oftenAndSeldom(n, records int) (log []byte, longest map[string]int64) {
	var b bytes.Buffer
	longest = map[string]int64{}
	r := rand.New(rand.NewPCG(7, 11))
	shape, row := 0, int64(0)
	for i := range records {
		before := shape
		if i%7 == 0 || r.IntN(3) == 0 { // another session after seven
			shape = int(float64(n) * r.Float64() * r.Float64() * r.Float64())
		}
		if row++; i%7 == 0 || shape != before {
			row = 1
		}
		column := fmt.Sprintf("c%d", shape)
		longest[column] = max(longest[column], row)
		fmt.Fprintf(&b, "# Time: 2024-03-05T09:%02d:%02d.000000Z\n# User@Host: a%d[a] @ b []  Id: %d\n", i/60%60, i%60, i%3, i/7%2000)
		if i%4 == 0 {
			fmt.Fprintf(&b, "# Schema: s%d\n", r.IntN(11))
		}
		fmt.Fprintf(&b, "# Query_time: 0.%06d  Lock_time: 0.000001 Rows_sent: %d  Rows_examined: %d\n", r.IntN(100)+9*i, r.IntN(9), r.IntN(99)) // ever slower: what was kept whole becomes a row
		switch shape % 3 {
		case 0:
			fmt.Fprintf(&b, "SELECT c%d FROM t WHERE id = %d LIMIT %d, 10;\n", shape, r.IntN(20), r.IntN(1000))
		case 1:
			fmt.Fprintf(&b, "UPDATE t SET c%d = %d WHERE id = %d;\n", shape, i, r.IntN(20))
		default:
			fmt.Fprintf(&b, "INSERT INTO t (c%d) VALUES (%d);\n", shape, i)
		}
	}
	return b.Bytes(), longest
}

var columnName = regexp.MustCompile(`c[0-9]+`)

// Statements of a part become classes or are kept as they came, by how many of a shape there are. What
// comes of them is the same, wherever the log is cut.
func TestFewOrManyOfAShape(t *testing.T) {
	data, _ := oftenAndSeldom(300, 3000)
	whole := scanFile(t, data, 1)
	few, many := 0, 0
	for _, c := range whole.Classes {
		if c.Time.Count <= fewCalls {
			few++
		} else {
			many++
		}
	}
	if few < 20 || many < 100 {
		t.Fatalf("%d classes of few statements, %d of many", few, many)
	}
	want := write(t, whole)
	for _, chunk := range []int{500, 3_000, 20_000, 100_000} {
		for _, workers := range []int{1, 3} {
			g := &Gatherer{Role: "db", Source: "x"}
			p, _, err := logs.Scan(context.Background(), bytes.NewReader(data), logs.SlowLog(), logs.ScanOptions{Workers: workers, Chunk: chunk}, g.Parts())
			if err != nil {
				t.Fatal(err)
			}
			p.Close()
			if got := write(t, p.Digest); got != want {
				t.Errorf("%d workers, pieces of %d (-whole +parts):\n%s", workers, chunk, cmp.Diff(want, got))
			}
		}
	}
}

// With more classes than are kept whole, the answer is still the same each time.
func TestFoldedTheSameAgain(t *testing.T) {
	data, longest := oftenAndSeldom(3*MaxFull, 20*MaxFull)
	scan := func(workers int) []byte {
		g := &Gatherer{Role: "db", Source: "x"}
		p, _, err := logs.Scan(context.Background(), bytes.NewReader(data), logs.SlowLog(), logs.ScanOptions{Workers: workers, Chunk: 100_000}, g.Parts())
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
		var calls, us int64
		folded, ids := 0, map[string]bool{}
		add := func(c *Class) {
			calls += c.Time.Count
			us += c.Time.Sum
			if id := query.Id(c.Fingerprint); id != c.ID || ids[id] {
				t.Fatalf("%s is not the id of %q, or is there twice", c.ID, c.Fingerprint)
			}
			ids[c.ID] = true
			if most := longest[columnName.FindString(c.Fingerprint)]; c.Runs.Max > most {
				t.Errorf("%q ran %d times in a row, not %d", c.Fingerprint, c.Runs.Max, most)
			}
		}
		for _, c := range p.Classes {
			add(c)
		}
		for c := range p.FoldedClasses() {
			add(c)
			folded++
		}
		if folded == 0 || folded != p.Folded() || calls != p.Statements.Count || us != p.Statements.TimeUS {
			t.Fatalf("%d folded, not %d; %d calls, %d µs in all, not %d, %d", folded, p.Folded(), calls, us, p.Statements.Count, p.Statements.TimeUS)
		}
		if limits := p.Limits(); len(limits) != 1 || !strings.Contains(limits[0], fmt.Sprintf("of %d that took the least time", folded)) {
			t.Errorf("the limits are %q", limits)
		}
		return p.Encode(nil)
	}
	want := scan(1)
	for _, workers := range []int{1, 2, 4} {
		if !bytes.Equal(want, scan(workers)) {
			t.Errorf("another digest with %d workers", workers)
		}
	}
}

// Beyond a million classes of no weight, others are told in one row; what weighs more is not.
func TestBeyondAMillionClasses(t *testing.T) {
	g := &Gatherer{Role: "db", Source: "x"}
	g.Parts()
	total := g.newPart(1)
	for id := range uint64(MaxClasses) {
		total.tail.put((id+1)*0x9e3779b97f4a7c15, "").calls = 1
	}
	total.promoteAbove = 1000
	part := g.newPart(0)
	for i, us := range []int64{10, 20, 1000, 5000} {
		part.statement(&collectors.Statement{SQL: fmt.Appendf(nil, "SELECT c%d FROM t", i), QueryTime: us, LockTime: 1, RowsSent: 2, RowsExamined: collectors.Unknown, End: 1e15, ThreadID: 3})
	}
	g.append(total, part, "")
	other := total.Classes[OtherName]
	if other == nil || other.Time.Count != 3 || other.Time.Sum != 1030 || other.LockUS != 3 || other.RowsSent != 6 || other.RowsExaminedKnown != 0 || other.Last != 1e15 {
		t.Errorf("others are %+v", other)
	}
	if c := total.Classes["select c3 from t"]; c == nil || c.Time.Sum != 5000 {
		t.Errorf("the slow one is %+v", c)
	}
	if limits := total.Limits(); len(limits) != 2 || !strings.Contains(limits[1], "3 calls of others") {
		t.Errorf("the limits are %q", limits)
	}
}

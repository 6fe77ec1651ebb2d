package analyzers

import (
	"testing"

	"dbtriage/collectors"
)

// Statements that a server counted add up like those of a log; one that it logged is one of a log.
func TestExecutions(t *testing.T) {
	const at = 1_763_800_007_000_000
	g := Gatherer{Role: "db", Source: "performance_schema of x", Slice: 10}
	unknown := collectors.Statement{
		Offset: collectors.Unknown, RowsSent: collectors.Unknown, RowsExamined: collectors.Unknown, RowsAffected: collectors.Unknown, BytesSent: collectors.Unknown,
		TmpTables: collectors.Unknown, TmpDiskTables: collectors.Unknown, PagesRead: collectors.Unknown, ThreadID: collectors.Unknown, RateLimit: 1,
	}
	many := collectors.Executions{Statement: unknown, Count: 25, Since: at - 10e6, FullScans: 5, Filesorts: 25}
	many.SQL, many.End, many.QueryTime, many.RowsExamined, many.Schema = []byte("SELECT a FROM t WHERE id = ?"), at, 5_000_003, 100, []byte("shop")
	one := collectors.Executions{Statement: unknown, Count: 1}
	one.SQL, one.End, one.QueryTime, one.Schema, one.ThreadID = []byte("UPDATE t SET a = 7 WHERE id = 3"), at-60e6, 900, []byte("shop"), 4

	total := NewDigest()
	n := 0
	for start, d := range g.Executions([]collectors.Executions{many, one}) {
		if start%10 != 0 {
			t.Errorf("a slice begins at %d", start)
		}
		total.Append(d, "")
		n++
	}
	total.Close()
	st := &total.Statements
	if n != 2 || st.Count != 26 || st.Reads != 25 || st.Writes != 1 || st.TimeUS != 5_000_903 || st.ReadUS != 5_000_003 || st.Time.Count != 26 {
		t.Fatalf("%d slices, %+v", n, st)
	}
	fingerprint, _ := Fingerprint(string(many.SQL))
	c := total.Classes[fingerprint]
	if c == nil || c.Time.Count != 25 || c.Time.Sum != 5_000_003 || c.Time.Max != 200_000 || c.RowsExamined != 100 || c.RowsExaminedKnown != 25 || c.RowsSentKnown != 0 ||
		c.PlanKnown != 25 || c.FullScans != 5 || c.Filesorts != 25 || c.Worst.SQL != string(many.SQL) || c.Worst.Schema != "shop" {
		t.Fatalf("%+v", c)
	}
	if us, ok := c.Time.Quantile(0.95); !ok || us < 198_000 || us > 200_000 {
		t.Errorf("p95 %d %v", us, ok)
	}
	var count, us, busy int64
	for _, cell := range total.Series.Cells() {
		count += cell.Statements
		us += cell.QueryUS
		busy += cell.DBBusyUS
		if cell.Statements > 3 || cell.DBBusyUS > 500_001 {
			t.Errorf("a second with %d statements, %d µs: they are not spread", cell.Statements, cell.DBBusyUS)
		}
	}
	if count != 26 || us != 5_000_903 || busy != 5_000_903 {
		t.Errorf("the series holds %d statements, %d µs, busy for %d", count, us, busy)
	}
}

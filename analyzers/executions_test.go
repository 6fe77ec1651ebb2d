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

// Where the server counts by time, the statements took what it counted, and in all what it added up.
func TestExecutionsByTime(t *testing.T) {
	for _, c := range []struct {
		count    int64
		times    []collectors.TimeCount
		p50, p95 int64
		longest  int64
	}{
		{100, []collectors.TimeCount{{US: 1000, Count: 90}, {US: 50_000, Count: 10}}, 1000, 50_000, 50_000},
		{50, []collectors.TimeCount{{US: 1000, Count: 90}, {US: 50_000, Count: 10}}, 1000, 50_000, 50_000}, // asked for later
		{1000, []collectors.TimeCount{{US: 1000, Count: 1}, {US: 2000, Count: 1}, {US: 9000, Count: 1}}, 2000, 9000, 9000},
		{2, []collectors.TimeCount{{US: 1000, Count: 99}, {US: 9000, Count: 1}}, 1000, 1000, 1000},
	} {
		e := collectors.Executions{Count: c.count, Times: c.times}
		e.SQL, e.QueryTime, e.End = []byte("COMMIT"), 777_777, 1_763_800_007_000_000
		g := Gatherer{Role: "db", Source: "x", Slice: 10}
		total := NewDigest()
		for _, d := range g.Executions([]collectors.Executions{e}) {
			total.Append(d, "")
		}
		total.Close()
		fingerprint, _ := Fingerprint("COMMIT")
		time := &total.Classes[fingerprint].Time
		p50, _ := time.Quantile(0.5)
		p95, _ := time.Quantile(0.95)
		if time.Count != c.count || time.Sum != 777_777 || !near(p50, c.p50) || !near(p95, c.p95) || time.Max != c.longest {
			t.Errorf("%+v: %d in %d µs, p50 %d, p95 %d, longest %d", c, time.Count, time.Sum, p50, p95, time.Max)
		}
	}
}

func near(got, want int64) bool { return max(got-want, want-got) <= want/64 }

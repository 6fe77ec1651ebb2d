package timeline

import (
	"testing"

	"dbtriage/analyzers"
)

// A few slow statements do not say when their log begins and ends; many do, and quick ones too.
func TestSparse(t *testing.T) {
	for _, c := range []struct {
		count  int
		us     int64
		sparse bool
	}{{0, 0, false}, {3, 500_000, true}, {3, 900, false}, {sparseCount - 1, 10_000, true}, {sparseCount, 500_000, false}} {
		var totals analyzers.StatementTotals
		for range c.count {
			totals.Time.Add(c.us)
		}
		totals.Count = int64(c.count)
		if sparse(&totals) != c.sparse {
			t.Errorf("%d statements of %d µs: want %v", c.count, c.us, c.sparse)
		}
	}
}

// With three slow statements at the end of a minute of requests, the minute is looked at.
func TestSparseLogKeepsTheSpan(t *testing.T) {
	const start = 1_700_000_000
	d := analyzers.NewDigest()
	d.Web.Count, d.Web.First, d.Web.Last = 600, start*1e6, (start+59)*1e6
	for i := range int64(3) {
		d.Statements.Count++
		d.Statements.Time.Add(500_000)
		d.Statements.First, d.Statements.Last = (start+50)*1e6, (start+50+i)*1e6
	}
	from, to, overlap := span(&analyzers.Snapshot{Digest: d}, 1, &kinds{})
	if from != start || to != start+60 || !overlap {
		t.Errorf("%d–%d, overlap %v: want the whole minute", from-start, to-start, overlap)
	}
	have := kinds{}
	d.Statements.First, d.Statements.Last = (start+500)*1e6, (start+510)*1e6
	if _, _, overlap := span(&analyzers.Snapshot{Digest: d}, 1, &have); overlap || have.db || !have.web {
		t.Errorf("a log of another time overlaps or is not left out: %v, %+v", overlap, have)
	}
}

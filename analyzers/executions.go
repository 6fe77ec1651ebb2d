package analyzers

import (
	"iter"

	"dbtriage/collectors"
)

// Executions adds up what a server's own books say of statements, and yields the digests by slice as
// Part.Slices does. The Gatherer has a Slice.
func (g *Gatherer) Executions(list []collectors.Executions) iter.Seq2[int64, *Digest] {
	g.filtered = g.Filter != Filter{}
	total, part := g.newPart(0), g.newPart(0)
	for i := range list {
		e := &list[i]
		if to := part.slice(e.End); e.Count == 1 {
			to.statement(&e.Statement)
		} else if !g.filtered || g.Filter.statement(&e.Statement) {
			to.alike(e)
		}
	}
	g.appendSliced(total, part, "")
	return total.Slices()
}

// longestOf is the longest time of one of them that is known: their mean, where nothing else is.
func longestOf(e *collectors.Executions) int64 {
	if n := len(e.Times); n > 0 {
		return e.Times[n-1].US
	}
	return e.QueryTime / e.Count
}

// alike adds statements of which only sums are known. Their times are taken for equal where the server does
// not count them by time, and for spread evenly over the time in which they were counted.
func (p *Part) alike(e *collectors.Executions) {
	n := e.Count
	if n <= 0 {
		return
	}
	m := p.meet(e.SQL, e.Admin)
	if m.class == nil {
		p.makeClass(m)
	}
	c := m.class
	t, kind := &p.Statements, c.Kind
	t.add(&e.Statement, kind)
	t.Count += n - 1
	switch kind {
	case Read:
		t.Reads += n - 1
	case Write:
		t.Writes += n - 1
	}
	longest := longestOf(e)
	if len(e.Times) > 0 {
		c.Time.addCounted(n, e.QueryTime, e.Times)
	} else {
		c.Time.addAlike(n, e.QueryTime)
	}
	c.LockUS += e.LockTime
	addKnownOf(&c.RowsSent, &c.RowsSentKnown, e.RowsSent, n)
	addKnownOf(&c.RowsExamined, &c.RowsExaminedKnown, e.RowsExamined, n)
	addKnownOf(&c.RowsAffected, &c.RowsAffectedKnown, e.RowsAffected, n)
	c.MaxRowsSent, c.MaxRowsExamined = max(c.MaxRowsSent, e.RowsSent/n), max(c.MaxRowsExamined, e.RowsExamined/n)
	c.TmpTables += max(e.TmpTables, 0)
	c.TmpDiskTables += max(e.TmpDiskTables, 0)
	c.WithTmpTable += min(max(e.TmpTables, 0), n) // the most that they can be
	c.WithTmpDiskTable += min(max(e.TmpDiskTables, 0), n)
	c.PlanKnown += n
	c.FullScans += e.FullScans
	c.FullJoins += e.FullJoins
	c.Filesorts += e.Filesorts
	schema := c.Databases.addBytes(e.Schema, Usage{n, e.QueryTime})
	if longest > c.Worst.QueryTime || c.Worst.sql == nil {
		c.Worst = Example{Source: p.g.Source, Offset: collectors.Unknown, QueryTime: longest, Schema: schema, sql: e.SQL}
	}
	see(&c.First, &c.Last, e.End)
	c.Slices.add(e.End, n, e.QueryTime)
	p.spreadAlike(e, kind)
}

func addKnownOf(sum, known *int64, v, n int64) {
	if v >= 0 {
		*sum += v
		*known += n
	}
}

// spreadAlike gives each second since they were counted before its share of the statements.
func (p *Part) spreadAlike(e *collectors.Executions, kind Kind) {
	from := max(min(e.Since, e.End-1), e.End-maxSpread)
	seconds := max((e.End-from+5e5)/1e6, 1)
	longest := longestOf(e)
	share := func(v, i int64) int64 { return v*(i+1)/seconds - v*i/seconds }
	for i := range seconds {
		cell := p.Series.At(from + i*1e6)
		n := share(e.Count, i)
		cell.Statements += n
		switch kind {
		case Read:
			cell.Reads += n
		case Write:
			cell.Writes += n
		}
		us := share(e.QueryTime, i)
		cell.QueryUS += us
		cell.DBBusyUS += us
		cell.LockUS += share(max(e.LockTime, 0), i)
		cell.MaxQueryUS = max(cell.MaxQueryUS, longest)
	}
}

// maxSpread bounds the seconds that a count is spread over, in µs.
const maxSpread = 600 * 1e6

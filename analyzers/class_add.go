package analyzers

import "dbtriage/collectors"

// add counts a statement with a shape and a digest of its parameters.
func (c *Class) add(st *collectors.Statement, s *shape, digest uint32, source string) {
	c.Time.Add(st.QueryTime)
	c.LockUS += st.LockTime
	addKnown(&c.RowsSent, &c.RowsSentKnown, st.RowsSent)
	addKnown(&c.RowsExamined, &c.RowsExaminedKnown, st.RowsExamined)
	addKnown(&c.RowsAffected, &c.RowsAffectedKnown, st.RowsAffected)
	addKnown(&c.BytesSent, &c.BytesSentKnown, st.BytesSent)
	c.MaxRowsSent = max(c.MaxRowsSent, st.RowsSent)
	c.MaxRowsExamined = max(c.MaxRowsExamined, st.RowsExamined)
	c.PagesRead += max(st.PagesRead, 0)
	c.addPlan(st)
	if s.offset {
		if n, ok := literalOffset(st.SQL); ok {
			c.OffsetCalls++
			c.OffsetSum += n
			c.MaxOffset = max(c.MaxOffset, n)
		}
	}
	if s.insert && oneRow(st.SQL) {
		c.SingleRowInserts++
	}
	if s.repeats() {
		c.Repeats.Add(digest, st.End, st.End != collectors.NoTime)
	}
	schema := ""
	if st.SchemaInherited {
		c.inherited.Calls++
		c.inherited.TimeUS += st.QueryTime
	} else {
		schema = c.Databases.addBytes(st.Schema, Usage{1, st.QueryTime})
	}
	if w := &c.Worst; st.QueryTime > w.QueryTime || st.QueryTime == w.QueryTime && st.Offset < w.Offset || c.Time.Count == 1 {
		c.Worst = Example{
			Source: source, Offset: st.Offset, QueryTime: st.QueryTime, Schema: schema, inherits: st.SchemaInherited,
			sql: st.SQL, explain: st.Explain,
		}
	}
	if st.End != collectors.NoTime {
		see(&c.First, &c.Last, st.End)
		c.Slices.add(st.End, 1, st.QueryTime)
	}
}

func (c *Class) addPlan(st *collectors.Statement) {
	if st.TmpTables > 0 {
		c.TmpTables += st.TmpTables
		c.WithTmpTable++
	}
	if st.TmpDiskTables > 0 {
		c.TmpDiskTables += st.TmpDiskTables
		c.WithTmpDiskTable++
	}
	if st.Flags&collectors.PlanKnown == 0 {
		return
	}
	c.PlanKnown++
	c.FullScans += flag(st, collectors.FullScan)
	c.FullJoins += flag(st, collectors.FullJoin)
	c.Filesorts += flag(st, collectors.Filesort)
	c.FilesortsOnDisk += flag(st, collectors.FilesortOnDisk)
}

func flag(st *collectors.Statement, f collectors.StatementFlags) int64 {
	if st.Flags&f != 0 {
		return 1
	}
	return 0
}

func addKnown(sum, known *int64, v int64) {
	if v >= 0 {
		*sum += v
		*known++
	}
}

// addSums adds what a row would know of a statement.
func (c *Class) addSums(st *collectors.Statement) {
	c.Time.Add(st.QueryTime)
	c.LockUS += st.LockTime
	addKnown(&c.RowsSent, &c.RowsSentKnown, st.RowsSent)
	addKnown(&c.RowsExamined, &c.RowsExaminedKnown, st.RowsExamined)
	see(&c.First, &c.Last, st.End)
}

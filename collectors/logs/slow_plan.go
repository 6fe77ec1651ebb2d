package logs

import "dbtriage/collectors"

// planCounters are what MySQL's log_slow_extra counts of a statement, from fieldReadFirst to fieldSortScan.
type planCounters [fieldSortScan - fieldReadFirst + 1]int64

func (c *planCounters) of(f slowField) int64 { return c[f-fieldReadFirst] }

// plan notes what the counters say of how the statement was run, as other servers say in words. A table of InnoDB
// is read through from its first row on, row by row; what else is read row by row are temporary tables. Where there
// are both, it is the table unless steps through an index account for the rows examined. Measured on MySQL 9.7.
func (c *planCounters) plan(st *collectors.Statement) {
	st.Flags |= collectors.PlanKnown
	if c.of(fieldSortRange)+c.of(fieldSortScan) > 0 {
		st.Flags |= collectors.Filesort
		if st.MergePasses > 0 {
			st.Flags |= collectors.FilesortOnDisk
		}
	}
	switch {
	case c.of(fieldReadRndNext) == 0:
	case st.TmpTables <= 0,
		c.of(fieldReadFirst) > 0 && 2*(c.of(fieldReadNext)+c.of(fieldReadPrev)) < st.RowsExamined:
		st.Flags |= collectors.FullScan
	}
}

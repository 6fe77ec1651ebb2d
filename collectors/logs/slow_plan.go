package logs

import "dbtriage/collectors"

// extraKeys are what MySQL's log_slow_extra writes behind Rows_examined, in this order.
var extraKeys = [...]struct {
	key   string
	field slowField
}{
	{" Thread_id: ", fieldThread}, {" Errno: ", fieldNone}, {" Killed: ", fieldNone}, {" Bytes_received: ", fieldNone}, {" Bytes_sent: ", fieldBytesSent},
	{" Read_first: ", fieldReadFirst}, {" Read_last: ", fieldNone}, {" Read_key: ", fieldNone}, {" Read_next: ", fieldReadNext}, {" Read_prev: ", fieldReadPrev},
	{" Read_rnd: ", fieldNone}, {" Read_rnd_next: ", fieldReadRndNext}, {" Sort_merge_passes: ", fieldMergePasses}, {" Sort_range_count: ", fieldSortRange},
	{" Sort_rows: ", fieldNone}, {" Sort_scan_count: ", fieldSortScan}, {" Created_tmp_disk_tables: ", fieldTmpDiskTables}, {" Created_tmp_tables: ", fieldTmpTables},
	{" Count_hit_tmp_table_size: ", fieldNone},
}

// readExtra reads those of these keys that come next and returns what is behind, which is for readPairs: it would
// read these too, but looks each key up.
func (h *header) readExtra(v []byte, st *collectors.Statement) (rest []byte) {
	for i := range extraKeys {
		k := &extraKeys[i]
		if n, rest, ok := countAfter(v, k.key); ok {
			if v = rest; k.field != fieldNone {
				h.assign(k.field, n, st)
			}
		}
	}
	const start, end = " Start: ", " End: "
	at := len(start) + len(utcTime)
	if begins(v, " "+start) {
		v = v[1:]
	}
	if begins(v, start) && len(v) == at+len(end)+len(utcTime) && begins(v[at:], end) {
		if us, ok := h.sameSecond(v[at+len(end):]); ok {
			h.end = us
			return nil
		}
	}
	return v
}

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

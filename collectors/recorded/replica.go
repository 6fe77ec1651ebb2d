package recorded

import (
	"bytes"
	"strconv"
	"strings"
)

func sniffReplica(head []byte, base string) bool {
	return hasColumns(head, "Slave_IO_State", "Master_Host") || hasColumns(head, "Replica_IO_State", "Source_Host") ||
		strings.Contains(base, "-slave-status") && (onlyStamps(head) || bytes.Contains(head, []byte("SHOW SLAVE STATUS")))
}

// readReplica reads SHOW SLAVE STATUS\G or SHOW REPLICA STATUS\G, once or again and again: a row a
// channel. The lag of several is that of the worst; a thread runs when it does on every channel. A
// server that is no replica answers without a row.
func readReplica(r *reader) error {
	return r.vertical(func(at int64, rows []row) {
		var channels, lag float64
		known, fetches, applies := false, true, true
		for _, w := range rows {
			io, ok := either(w, "Slave_IO_Running", "Replica_IO_Running")
			if !ok {
				continue // another answer
			}
			channels++
			fetches = fetches && io == "Yes"
			sql, _ := either(w, "Slave_SQL_Running", "Replica_SQL_Running")
			applies = applies && sql == "Yes"
			behind, _ := either(w, "Seconds_Behind_Master", "Seconds_Behind_Source")
			if s, err := strconv.ParseFloat(behind, 64); err == nil && s >= 0 {
				lag, known = max(lag, s), true
			}
		}
		r.sample(at, "replica.configured", "", channels)
		if channels == 0 {
			return
		}
		r.sample(at, "replica.io_running", "", number(fetches))
		r.sample(at, "replica.sql_running", "", number(applies))
		if known {
			r.sample(at, "replica.lag", "", lag)
		}
	})
}

// either returns a column under its old or its new name.
func either(w row, old, new string) (string, bool) {
	if v, ok := w.column(old); ok {
		return v, true
	}
	return w.column(new)
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

package mysql

import (
	"database/sql"
	"strconv"
	"strings"

	"dbtriage/collectors"
)

// maxRows and maxText bound what is taken of one answer: a server may have thousands of sessions,
// and a statement of a session may be as long as a packet.
const (
	maxRows = 5_000
	maxText = 2 << 10
)

// A row is one row of an answer: values by column, in upper case, without those that are NULL.
type row map[string]string

// rowsOf takes an answer to its end, or to one row more than maxRows: the caller sees that it was cut.
func rowsOf(from *sql.Rows) ([]row, error) {
	columns, err := from.Columns()
	if err != nil {
		return nil, err
	}
	for i := range columns {
		columns[i] = strings.ToUpper(columns[i])
	}
	raw := make([]sql.RawBytes, len(columns))
	to := make([]any, len(columns))
	for i := range raw {
		to[i] = &raw[i]
	}
	var out []row
	for from.Next() {
		if err := from.Scan(to...); err != nil {
			return out, err
		}
		if len(out) > maxRows {
			continue
		}
		r := make(row, len(columns))
		for i, v := range raw {
			if v != nil {
				r[columns[i]] = string(v[:min(len(v), maxText)])
			}
		}
		out = append(out, r)
	}
	return out, from.Err()
}

// A pair is a row of an answer that has two columns, as those of status and settings, of which a server
// tells hundreds each second. Names of an earlier answer share their memory.
type pair struct{ name, value string }

// pairsOf takes an answer of two columns to its end, or to maxRows. It appends to have.
func pairsOf(from *sql.Rows, have []pair, names map[string]string) ([]pair, error) {
	var name, value sql.RawBytes
	to := []any{&name, &value}
	for from.Next() {
		if err := from.Scan(to...); err != nil {
			return have, err
		}
		if len(name) == 0 || len(have) >= maxRows {
			continue
		}
		known, ok := names[string(name)]
		if !ok {
			known = string(name[:min(len(name), maxText)])
			names[known] = known
		}
		have = append(have, pair{known, string(value[:min(len(value), maxText)])})
	}
	return have, from.Err()
}

// first returns the first of these columns that is there.
func (r row) first(names ...string) string {
	for _, name := range names {
		if v, ok := r[name]; ok {
			return v
		}
	}
	return ""
}

// int returns a whole number, collectors.Unknown where there is none.
func (r row) int(name string) int64 {
	n, err := strconv.ParseInt(r[name], 10, 64)
	if err != nil {
		return collectors.Unknown
	}
	return n
}

// float returns a number; ok is false where there is none.
func (r row) float(name string) (v float64, ok bool) {
	v, err := strconv.ParseFloat(r[name], 64)
	return v, err == nil
}

package advise

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// A ShardKey is a column by which one table could be spread over servers.
type ShardKey struct {
	Table, Column string
	// LocalShare is the share of the statements on the table that name one value of the column, or write
	// it: they stay on one shard.
	LocalShare float64
	Statements int64
	Distinct   int64   // values of the column; collectors.Unknown when the dictionary does not tell
	TopShare   float64 // bound on the share of the most frequent value; NaN when no class tells
	Updated    bool    // some statement changes it, which would move rows between shards
	// Kind says what the column is: "time", "sequence" (an AUTO_INCREMENT), "number", "text" or "" when the
	// schema is not known.
	Kind string
}

// maxShardKeys bounds the columns that are tried for one table.
const maxShardKeys = 32

// BestShardKey returns the column by which most statements on a table stay on one shard; ok is false
// when none is compared for equality.
func BestShardKey(table sqlshape.Table, schema string, statements []Statement, catalog *Catalog) (best ShardKey, ok bool) {
	known := catalog.Find(table, schema)
	if known != nil && known.Columns == nil {
		known = nil
	}
	var total int64
	calls := map[string]int64{} // statements by the columns whose one value they name
	tops := map[string]float64{}
	updated := map[string]bool{}
	for i := range statements {
		st := &statements[i]
		same := func(t sqlshape.Table) bool { return sameTable(table, schema, t, st.Schema, catalog) }
		if st.Shape.Guessed || !slices.ContainsFunc(slices.Concat(st.Shape.Writes, st.Shape.Reads), same) {
			continue
		}
		n := st.Class.Time.Count
		total += n
		columns := localColumns(st, same)
		for _, c := range columns {
			if len(calls) < maxShardKeys || calls[c] > 0 {
				calls[c] += n
			}
		}
		if top, told := st.Class.Repeats.Top(); told && len(columns) == 1 && len(st.Shape.Blocks) == 1 && len(st.Shape.Blocks[0].Where) == 1 {
			tops[columns[0]] = max(tops[columns[0]], top)
		}
		if st.Shape.Verb == "update" {
			for _, a := range st.Shape.Set {
				updated[strings.ToLower(a.Column.Name)] = true
			}
		}
	}
	var keys []ShardKey
	for c, n := range calls {
		k := ShardKey{
			Table: table.Name, Column: c, LocalShare: float64(n) / float64(total), Statements: total,
			Distinct: collectors.Unknown, TopShare: math.NaN(), Updated: updated[c],
		}
		if n, ok := distinct(known, c); ok {
			k.Distinct = n
		}
		if top, ok := tops[c]; ok {
			k.TopShare = top
		}
		k.Kind = kindOfKey(column(known, c))
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return best, false
	}
	return slices.MaxFunc(keys, func(a, b ShardKey) int {
		return cmp.Or(cmp.Compare(a.LocalShare, b.LocalShare), cmp.Compare(a.Distinct, b.Distinct), cmp.Compare(b.Column, a.Column))
	}), true
}

// localColumns returns the columns of a table of which a statement names one value: compared by =, also
// through a join with a column that is, or written by an INSERT.
func localColumns(st *Statement, same func(sqlshape.Table) bool) (out []string) {
	s := &st.Shape
	if s.Verb == "insert" || s.Verb == "replace" {
		for _, c := range s.Inserted {
			out = appendNew(out, strings.ToLower(c))
		}
		return out
	}
	for i := range s.Blocks {
		b := &s.Blocks[i]
		equal := func(c sqlshape.Column) bool {
			return slices.ContainsFunc(b.Where, func(p sqlshape.Predicate) bool { return p.Column == c && p.Kind == sqlshape.Equal && !p.On })
		}
		mine := func(c sqlshape.Column) bool {
			return c.Source >= 0 && c.Source < len(b.Sources) && same(b.Sources[c.Source].Table)
		}
		for _, p := range b.Where {
			if mine(p.Column) && equal(p.Column) {
				out = appendNew(out, strings.ToLower(p.Column.Name))
			}
		}
		for _, j := range b.Joins {
			for _, pair := range [][2]sqlshape.Column{{j.Left, j.Right}, {j.Right, j.Left}} {
				if mine(pair[0]) && equal(pair[1]) {
					out = appendNew(out, strings.ToLower(pair[0].Name))
				}
			}
		}
	}
	return out
}

func kindOfKey(c *collectors.Column) string {
	if c == nil {
		return ""
	}
	switch classOfType(c.Type) {
	case timeType:
		return "time"
	case numberType:
		if c.AutoIncrement {
			return "sequence"
		}
		return "number"
	}
	return "text"
}

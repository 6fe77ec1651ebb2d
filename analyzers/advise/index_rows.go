package advise

import (
	"maps"
	"math"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// fewRows is how many rows a look-up may find before a further column of its index is worth having.
const fewRows = 10

func mean(sum, n int64) float64 { return float64(sum) / float64(max(n, 1)) }

// sortable is how many times the rows of a LIMIT may match before an index that gives their order is better than
// one that finds them all. A guess.
const sortable = 10

// neededMean is the rows that a statement of a class returns or changes, at least 1.
func neededMean(c *analyzers.Class) float64 {
	needed := 1.0
	if c.RowsSentKnown > 0 {
		needed = max(needed, mean(c.RowsSent, c.RowsSentKnown)+mean(c.RowsAffected, c.RowsAffectedKnown))
	}
	return needed
}

// examinedMean is the rows that a statement of a class reads; 0 when not known.
func examinedMean(c *analyzers.Class) float64 { return mean(c.RowsExamined, c.RowsExaminedKnown) }

// matched returns how many rows of its table the conditions of an access leave in one execution: from the logged
// plan, else from the rows that came back where nothing else decides how many do. ok is false when neither tells.
// Conditions that an index cannot have are part of it, so that the index itself may find more.
func (a *access) matched(c *analyzers.Class, plan map[string]planLine) (rows float64, ok bool) {
	if line, known := plan[strings.ToLower(a.block.Sources[a.n].Alias)]; known {
		switch {
		case line.sorted && a.block.Limited && line.rows >= float64(a.block.Limit): // -1 when it is no literal
			return 0, false
		case !line.perRow:
			return line.rows * line.filtered, true
		case a.table != nil && a.table.Rows > 0: // the share holds for all rows
			return float64(a.table.Rows) * line.filtered, true
		}
	}
	b := a.block
	if b.Role != sqlshape.Main || len(b.Sources) != 1 || b.Aggregates || b.Distinct || b.HasSubquery || c.RowsSentKnown == 0 {
		return 0, false
	}
	rows = mean(c.RowsSent, c.RowsSentKnown) + mean(c.RowsAffected, c.RowsAffectedKnown)
	if b.Limited && (b.Offset != 0 || limitStops(c, b)) {
		return 0, false
	}
	return rows, true
}

// A knowledge is how many rows share the values of columns of a table, as statements have shown.
type knowledge map[string]float64 // by table and sorted columns

func knowledgeKey(t *collectors.Table, columns []string) string {
	return strings.ToLower(t.Schema+"."+t.Name) + "\x00" + strings.Join(slices.Sorted(slices.Values(columns)), "\x00")
}

// learn notes what an access shows whose only conditions are equalities with constants.
func (k knowledge) learn(c *analyzers.Class, a *access, plan map[string]planLine) {
	b := a.block
	if a.table == nil || len(a.equal) == 0 || len(a.in)+len(a.ranges)+len(a.rewrites) > 0 || len(b.Ors) > 0 || b.Unclear > 0 || len(b.Sources) != 1 {
		return
	}
	if slices.ContainsFunc(b.Where, func(p sqlshape.Predicate) bool { return p.Kind != sqlshape.Equal }) {
		return
	}
	if rows, ok := a.matched(c, plan); ok {
		key := knowledgeKey(a.table, a.equal)
		k[key] = max(k[key], rows)
	}
}

// rows estimates how many rows of a table share the values of these columns: by what statements have shown of
// some of them, and by the statistics of its indexes. ok is false when neither knows any.
func (k knowledge) rows(t *collectors.Table, columns []string) (rows float64, ok bool) {
	if t == nil {
		return 0, false
	}
	rows = math.Inf(1)
	prefix := knowledgeKey(t, nil)
	for key, n := range maps.All(k) {
		if rest, same := strings.CutPrefix(key, prefix); same && rest != "" && subset(strings.Split(rest, "\x00"), columns) {
			rows = min(rows, n)
		}
	}
	if n, _, known := lookUpRows(t, columns); known {
		rows = min(rows, n)
	}
	return rows, !math.IsInf(rows, 1)
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(name string) bool { return !slices.Contains(all, name) })
}

// lookUpRows returns the index of a table that leaves fewest rows when these columns are known, and how many it
// leaves by its statistics.
func lookUpRows(t *collectors.Table, columns []string) (rows float64, index string, ok bool) {
	for _, x := range t.Indexes {
		if !usable(x) {
			continue
		}
		for i, col := range x.Columns {
			if col.Prefix > 0 || !slices.Contains(columns, strings.ToLower(col.Name)) {
				break
			}
			n := math.Inf(1)
			if col.Distinct > 0 && t.Rows > 0 {
				n = float64(t.Rows) / float64(col.Distinct)
			}
			if x.Unique && i == len(x.Columns)-1 {
				n = 1
			}
			if n = max(n, 1); !math.IsInf(n, 1) && (!ok || n < rows) {
				rows, index, ok = n, x.Name, true
			}
		}
	}
	return rows, index, ok
}

package advise

import (
	"math"
	"slices"
	"strings"

	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// What an index is held against. Sources: pages that MariaDB 10.11 counts with and without an index in make
// bench-index; the rest guesses.
const (
	pageSize     = 16 << 10 // innodb_page_size by default
	pageFill     = 0.7      // of a page that has grown by inserts
	fanOut       = 1_000    // children of an inner page
	rowOverhead  = 8        // bytes of an index entry beside its columns
	coverPages   = 0.3      // share of today's pages that an index which is made wider to hold all columns may ask for
	coverRows    = 0.2      // and share of the rows that it may find: else it is another copy to read as a whole
	coverShare   = 0.05     // of the table's statement time that must be gained by such an index
	maxCovering  = 6        // columns of it
	rowByLookUp  = 3.0      // time of a row that an index leads to, in times of one that a scan meets
	mostGain     = 0.95     // share of its time that a statement can save
	leastGain    = 0.02     // of the table's statement time that an index must save, or leastPerHour
	leastPerHour = 1e6      // µs
	// writePenalty is what maintaining an index takes of each write, in µs. Measured on MariaDB 10.11 with a buffer
	// pool that is too small: 40,000 rows into 6 secondary indexes take 1.86 s more than into none.
	writePenalty = 8.0
)

// depth is the number of pages from the root of a tree to a row.
func depth(pages float64) float64 {
	return 1 + math.Ceil(math.Log(max(pages, 1))/math.Log(fanOut))
}

// pagesWith estimates the pages that finding rows by an index asks for: of the index itself and, unless it holds
// all columns, of the table for each row.
func (c *candidate) pagesWith(rows float64, covering bool) float64 {
	entry := float64(rowOverhead)
	for _, name := range slices.Concat(c.columns(), primaryKey(c.known)) {
		if col := column(c.known, name); col != nil {
			entry += columnBytes(col.Type)
		}
	}
	perLeaf := pageSize * pageFill / entry
	pages := depth(float64(c.known.Rows)/perLeaf) + rows/perLeaf
	if !covering {
		pages += rows * depth(tablePages(c.known))
	}
	return pages
}

func tablePages(t *collectors.Table) float64 { return float64(t.DataBytes) / pageSize }

// columnBytes estimates what a value of a type takes in an index; of a text of variable length half.
func columnBytes(sqlType string) float64 {
	n := float64(length(sqlType))
	base, _, _ := strings.Cut(strings.ToLower(sqlType), "(")
	base, _, _ = strings.Cut(base, " ")
	switch base {
	case "tinyint", "bool", "boolean", "year", "enum", "bit":
		return 1
	case "smallint":
		return 2
	case "mediumint", "date", "time":
		return 3
	case "bigint", "double":
		return 8
	case "datetime":
		return 5
	case "decimal", "numeric":
		return math.Ceil(n / 2)
	case "varchar", "varbinary":
		return n / 2
	case "char", "binary":
		return n
	case "uuid", "inet6":
		return 16
	}
	return 4
}

// columns are the names of a candidate in its order.
func (c *candidate) columns() (out []string) {
	for _, g := range c.groups {
		for _, col := range g {
			out = append(out, col.name)
		}
	}
	return out
}

// saves reports whether a candidate asks for no more pages than finding the rows as it is done now, when more rows
// are read. Where to look up each row would take too much it gets all columns that the statement needs. What is not
// known speaks for it.
func (c *candidate) saves(a *access, st *Statement, plan map[string]planLine, u *use) bool {
	line, planned := plan[strings.ToLower(a.block.Sources[a.n].Alias)]
	rows, ok := a.matched(st.Class, plan)
	if ok {
		rows = c.found(a, rows)
	}
	if b := a.block; b.Limited && b.Limit > 0 && b.Offset >= 0 && c.ordered {
		if stop := float64(b.Limit + b.Offset); !ok || rows > stop {
			rows, ok = stop, true
		}
	}
	if !ok {
		if c.known != nil && a.block.Aggregates && len(a.equal)+len(a.in) == 0 { // a range of any size: what holds all does no harm
			if more, can := c.uncovered(a); can && len(more) > 0 {
				c.groups, c.covers, c.widened = append(slices.Clone(c.groups), more), true, true
			}
		}
		return true
	}
	u.rows = rows
	if planned && line.perRow { // the join would begin here in place of where it does
		examined := examinedMean(st.Class)
		return examined <= 0 || 2*rowByLookUp*rows < examined // here and in the next table
	}
	if c.known == nil || c.known.DataBytes <= 0 || c.known.Rows <= 0 || !planned {
		return true
	}
	now := tablePages(c.known)
	switch {
	case !line.scan && line.sorted: // what was read before the sort, only the class tells
		now = max(line.rows, examinedMean(st.Class)) * depth(now)
	case !line.scan:
		now = line.rows * depth(now)
	case !line.sorted:
		now *= min(1, line.rows/float64(c.known.Rows))
	}
	if c.pagesWith(rows, false) <= now {
		return true
	}
	more, ok := c.uncovered(a)
	if !ok {
		return false
	}
	limit := 1.0
	if len(more) > 0 {
		if rows > coverRows*float64(c.known.Rows) {
			return false
		}
		c.groups, c.widened, limit = append(slices.Clone(c.groups), more), true, coverPages
	}
	c.covers = true
	return c.pagesWith(rows, true) <= limit*now
}

// found estimates how many rows an index leads to of which so many match all conditions: those that it does not
// have are taken to leave a third of the rows each, as MySQL does of an inequality (COND_FILTER_INEQUALITY).
func (c *candidate) found(a *access, matched float64) float64 {
	columns, n := c.columns(), matched
	for _, name := range slices.Concat(a.ranges, a.in) {
		if !slices.Contains(columns, name) {
			n *= 3
		}
	}
	if c.known != nil && c.known.Rows > 0 {
		n = min(n, max(matched, float64(c.known.Rows)))
	}
	return n
}

// uncovered returns the columns of its table that a statement needs beside those an index has; ok is false when
// they are not all known, too many or too long.
func (c *candidate) uncovered(a *access) (more []indexColumn, ok bool) {
	b := a.block
	if b.Star || b.Unclear > 0 || b.GroupExpr || b.OrderExpr || b.HasSubquery {
		return nil, false
	}
	need := slices.Clone(b.Select)
	for _, p := range b.Where {
		need = append(need, p.Column)
	}
	for _, o := range b.Ors {
		for _, branch := range o.Branches {
			if len(branch) == 0 {
				return nil, false
			}
			for _, p := range branch {
				need = append(need, p.Column)
			}
		}
	}
	for _, j := range b.Joins {
		need = append(need, j.Left, j.Right)
	}
	need = append(need, b.Group...)
	for _, o := range b.Order {
		need = append(need, o.Column)
	}
	have := slices.Concat(c.columns(), primaryKey(c.known))
	for _, col := range need {
		name := strings.ToLower(col.Name)
		if col.Source != a.n && col.Source != sqlshape.Unresolved || slices.Contains(have, name) {
			continue
		}
		known := column(c.known, name)
		if known == nil {
			continue // of another table, or the name of an output
		}
		if classOfType(known.Type) == longType {
			return nil, false
		}
		have = append(have, name)
		more = append(more, indexColumn{name: name})
	}
	return more, c.width()+len(more) <= maxCovering
}

package advise

import (
	"cmp"
	"slices"
	"strings"

	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// A Rewrite is a condition that no index can serve as it is written.
type Rewrite struct {
	Table, Column string
	// Cause is "function", "arithmetic", "cast", "expression", "leading wildcard" or "or".
	Cause string
	// Function is the name of the function of that cause.
	Function string
	// Written is the condition with its constants as ?; To the same with the column bare, empty when no
	// such form is known.
	Written, To string
	// Key is an index of the table that begins with the column; empty when there is none or the schema
	// is not known.
	Key string
}

// An access is how one block finds the rows of one source by comparing its columns.
type access struct {
	block *sqlshape.Block
	n     int
	table *collectors.Table // nil when the schema is not known

	equal, in, ranges, joined []string
	long                      []string // texts of unlimited length that equal a constant
	rewrites                  []Rewrite
	unsure                    bool // a condition may be on this source: the names do not tell
	correlated                bool // it is looked up for each row of a block around it
}

// accesses returns one access for each base table of a block.
func accesses(b *sqlshape.Block, schema string, catalog *Catalog) []*access {
	out := make([]*access, len(b.Sources))
	for n, src := range b.Sources {
		a := &access{block: b, n: n}
		if src.Table.Name != "" {
			if a.table = catalog.Find(src.Table, schema); a.table != nil && a.table.Columns == nil {
				a.table = nil
			}
		}
		out[n] = a
	}
	for _, p := range b.Where {
		if n, ok := owner(p.Column, out); ok {
			out[n].add(p)
			out[n].correlated = out[n].correlated || p.Kind == sqlshape.Equal && p.Value == sqlshape.Other
			continue
		}
		for _, a := range out {
			a.unsure = a.unsure || column(a.table, p.Column.Name) != nil || a.table == nil
		}
	}
	for _, j := range b.Outward {
		for _, side := range [][2]sqlshape.Column{{j.Left, j.Right}, {j.Right, j.Left}} {
			a := out[side[0].Source]
			if column(a.table, side[0].Name) != nil && column(a.table, side[1].Name) == nil {
				a.correlated = true
				a.add(sqlshape.Predicate{Column: side[0], Kind: sqlshape.Equal, Value: sqlshape.Other})
			}
		}
	}
	return out
}

// owner resolves a column: by its qualifier, else by the only table of the schema that has it.
func owner(c sqlshape.Column, all []*access) (n int, ok bool) {
	if c.Source >= 0 {
		return c.Source, true
	}
	if c.Source == sqlshape.Outside {
		return 0, false
	}
	found := -1
	for i, a := range all {
		if a.table == nil {
			return 0, false
		}
		if column(a.table, c.Name) != nil {
			if found >= 0 {
				return 0, false
			}
			found = i
		}
	}
	return max(found, 0), found >= 0
}

// add sorts a condition in by what an index could do for it.
func (a *access) add(p sqlshape.Predicate) {
	name := strings.ToLower(p.Column.Name)
	col := column(a.table, name)
	if a.table != nil && col == nil {
		return // an output name, or a column that the dictionary does not have
	}
	kind := classOfTypeOf(col)
	r := Rewrite{Table: a.block.Sources[a.n].Table.String(), Column: name, Written: p.Written, To: p.Rewrite, Key: keyOn(a.table, name)}
	switch {
	case p.Kind == sqlshape.Wrapped:
		r.Cause, r.Function = wrapCause(p.By), p.By
		if r.Cause == "function" && kind != unknownType && kind != timeType {
			r.To = "" // a date in a text compares as text does, and the function reads more forms than one
		}
		a.rewrites = append(a.rewrites, r)
	case p.Kind == sqlshape.Leading:
		r.Cause, r.To = "leading wildcard", ""
		a.rewrites = append(a.rewrites, r)
	case kind == stringType && p.Value == sqlshape.Number && p.Kind.Indexable():
		// The server casts every row: '007', '7' and '7.0' all equal 7. See "Type Conversion in
		// Expression Evaluation" in the MySQL manual.
		r.Cause, r.To = "cast", strings.ReplaceAll(p.Written, "?", "'?'")
		a.rewrites = append(a.rewrites, r)
	case kind == longType:
		if p.Kind == sqlshape.Equal && isText(col.Type) {
			a.long = appendNew(a.long, name)
		}
	case p.Kind == sqlshape.Equal:
		a.equal = appendNew(a.equal, name)
	case p.Kind == sqlshape.In || p.Kind == sqlshape.Semi:
		a.in = appendNew(a.in, name)
	case p.Kind == sqlshape.Range || p.Kind == sqlshape.Prefix:
		a.ranges = appendNew(a.ranges, name)
	}
}

func classOfTypeOf(c *collectors.Column) typeClass {
	if c == nil {
		return unknownType
	}
	return classOfType(c.Type)
}

func wrapCause(by string) string {
	switch by {
	case "arithmetic", "cast":
		return by
	case "collate":
		return "cast"
	case "an expression":
		return "expression"
	}
	return "function"
}

func keyOn(t *collectors.Table, name string) string {
	if t == nil {
		return ""
	}
	for _, x := range t.Indexes {
		if len(x.Columns) > 0 && strings.EqualFold(x.Columns[0].Name, name) && !x.Ignored {
			return x.Name
		}
	}
	return ""
}

func appendNew(list []string, name string) []string {
	if slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// strength orders the sources by how well constants alone find their rows.
func (a *access) strength() int {
	switch {
	case a.block.Sources[a.n].Table.Name == "":
		return -1
	case a.block.Sources[a.n].Outer:
		return 0
	case len(a.equal) > 0:
		return 4
	case len(a.in) > 0:
		return 3
	case len(a.ranges) > 0:
		return 2
	}
	return 1
}

// linkJoins decides where a join would begin, the table that constants narrow most, and gives each
// other table the columns by which it is looked up from those before. It returns the first table.
func linkJoins(all []*access) (driver int) {
	driver = -1
	for n, a := range all {
		if driver < 0 || a.strength() > all[driver].strength() ||
			a.strength() == all[driver].strength() && a.strength() > 0 && smaller(a.table, all[driver].table) {
			driver = n
		}
	}
	if driver < 0 {
		return -1
	}
	b := all[driver].block
	reached := map[int]bool{driver: true}
	for grown := true; grown; {
		grown = false
		for n := range all {
			if reached[n] {
				continue
			}
			var cols []string
			for _, j := range b.Joins {
				left, lok := owner(j.Left, all)
				right, rok := owner(j.Right, all)
				if !lok || !rok {
					continue
				}
				mine, other := j.Left, j.Right
				if right == n {
					left, right, mine, other = right, left, other, mine
				}
				if left != n || !reached[right] {
					continue
				}
				if comparable(column(all[n].table, mine.Name), column(all[right].table, other.Name)) {
					cols = appendNew(cols, strings.ToLower(mine.Name))
				}
			}
			if len(cols) > 0 {
				all[n].joined, reached[n], grown = cols, true, true
			}
		}
	}
	return driver
}

func smaller(a, b *collectors.Table) bool {
	return a != nil && b != nil && a.Rows > 0 && b.Rows > 0 && a.Rows < b.Rows
}

// comparable reports whether an index on one column can be looked up with values of the other; what
// is not known is taken to be.
func comparable(mine, other *collectors.Column) bool {
	m, o := classOfTypeOf(mine), classOfTypeOf(other)
	if m == longType {
		return false
	}
	if m == stringType && o == numberType {
		return false
	}
	return mine == nil || other == nil || mine.Collation == "" || other.Collation == "" || holds(mine.Collation, other.Collation)
}

// holds reports whether a column of one collation keeps its index when it is compared with one of another: the
// column of the narrower character set is converted, row by row.
func holds(mine, other string) bool {
	width := func(collation string) int {
		charset, _, _ := strings.Cut(strings.ToLower(collation), "_")
		return slices.Index([]string{"ascii", "latin1", "utf8", "utf8mb3", "utf8mb4"}, charset)
	}
	m, o := width(mine), width(other)
	return m < 0 || o < 0 || m >= o || m == 2 && o == 3
}

func isText(sqlType string) bool {
	return strings.HasSuffix(strings.ToLower(strings.Fields(sqlType + " ?")[0]), "text")
}

// tail returns the columns that follow the equalities: the order asked for where it spares a sort
// or stops early, else one range, else the groups.
func (a *access) tail(limitStops, mixed bool) []indexColumn {
	b := a.block
	order, usable := a.orderColumns(mixed)
	first := ""
	if usable && len(order) > 0 {
		first = order[0].name
	}
	switch {
	case len(a.in) > 0 && len(a.ranges) > 0:
		return []indexColumn{{name: a.bestRange("")}}
	case len(a.in) > 0:
		return nil // rows of an IN list come in several runs, in no common order
	case usable && len(order) > 0 && (len(a.ranges) == 0 || slices.Contains(a.ranges, first) || b.Limited && limitStops):
		return order
	case len(a.ranges) > 0:
		return []indexColumn{{name: a.bestRange(first)}}
	}
	return a.groupColumns()
}

// bestRange picks the range that leaves the fewest rows: the one that is sorted by as well, then
// the column with most values, then the first written.
func (a *access) bestRange(sortedBy string) string {
	if slices.Contains(a.ranges, sortedBy) {
		return sortedBy
	}
	return slices.MaxFunc(a.ranges, func(x, y string) int {
		nx, _ := distinct(a.table, x)
		ny, _ := distinct(a.table, y)
		return cmp.Or(cmp.Compare(nx, ny), cmp.Compare(slices.Index(a.ranges, y), slices.Index(a.ranges, x)))
	})
}

// orderColumns returns the ORDER BY as index columns; ok is false when no index on this source can
// give it.
func (a *access) orderColumns(mixed bool) (out []indexColumn, ok bool) {
	b := a.block
	if b.OrderExpr || b.Aggregates || b.Distinct || b.Windows || len(b.Order) == 0 {
		return nil, false
	}
	for _, o := range b.Order {
		if o.Source != a.n && !(o.Source == sqlshape.Unresolved && column(a.table, o.Name) != nil) {
			return nil, false
		}
		name := strings.ToLower(o.Name)
		if classOfTypeOf(column(a.table, name)) == longType {
			return nil, false
		}
		if slices.Contains(a.equal, name) || slices.ContainsFunc(out, func(c indexColumn) bool { return c.name == name }) {
			continue // constant within the rows
		}
		out = append(out, indexColumn{name: name, desc: o.Desc})
	}
	if len(out) == 0 {
		return nil, true
	}
	down := out[0].desc
	if !slices.ContainsFunc(out, func(c indexColumn) bool { return c.desc != down }) {
		for i := range out {
			out[i].desc = false // read backwards
		}
		return out, true
	}
	return out, mixed
}

func (a *access) groupColumns() (out []indexColumn) {
	b := a.block
	if b.GroupExpr || len(a.equal) == 0 {
		return nil
	}
	for _, g := range b.Group {
		name := strings.ToLower(g.Name)
		if g.Source != a.n || classOfTypeOf(column(a.table, name)) == longType {
			return nil
		}
		if !slices.Contains(a.equal, name) {
			out = append(out, indexColumn{name: name})
		}
	}
	return out
}

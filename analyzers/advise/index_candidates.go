package advise

import (
	"math"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// An indexColumn is one column of an index to be.
type indexColumn struct {
	name   string
	desc   bool
	prefix int // characters that are indexed; 0 is all
}

// A candidate is an index that one block of one class would use. Columns of one group may stand in any
// order; groups may not.
type candidate struct {
	table   sqlshape.Table // as its first statement names it
	home    sqlshape.Table
	known   *collectors.Table
	groups  [][]indexColumn
	uses    []use
	extends string
	ordered bool // what follows the equalities is the order asked for
	covers  bool // it holds all columns that the statement needs, and widened that some are there only for that
	widened bool
	// noKey says that what was read refutes that a column named id is the primary key.
	noKey bool
}

// A use is what a candidate does for one class.
type use struct {
	class *analyzers.Class
	equal []string // columns that equal something when the table is looked up
	// byRange are the columns that would do where the order asked for is not worth its place; nil without a range.
	byRange [][]indexColumn
	// rows that the index leads to in one execution; NaN when not known.
	rows   float64
	gainUS float64 // of the class's time
	// or is shared by the branches of an OR: one alone does nothing.
	or *branches
}

// A branches says of the branches of an OR that one of them gets no index.
type branches struct{ broken bool }

// candidates returns what the blocks of a statement would use, and notes what no index can serve.
func candidates(st *Statement, catalog *Catalog, known knowledge, mixed bool, plan *ClassPlan) (out []*candidate) {
	s := &st.Shape
	if s.Guessed || s.Cut || len(s.Blocks) == 0 {
		plan.Why = "not understood"
		return nil
	}
	plan.SchemaKnown = true
	logged := loggedPlan(st.Class.Worst.Explain)
	for i := range s.Blocks {
		b := &s.Blocks[i]
		all := accesses(b, st.Schema, catalog)
		driver := linkJoins(all)
		rejected := false
		for _, n := range firstOf(driver, len(all)) {
			a := all[n]
			plan.Rewrites = append(plan.Rewrites, a.rewrites...)
			table := b.Sources[n].Table
			plan.SchemaKnown = plan.SchemaKnown && (table.Name == "" || a.table != nil)
			if table.Name == "" || a.unsure {
				continue
			}
			if n != driver && rejected { // the join goes the other way round
				continue
			}
			known.learn(st.Class, a, logged)
			alone := n == driver || len(a.joined) == 0 && a.strength() > 1
			if key := a.foundBy(alone, logged); key != "" {
				plan.Served = key
				continue
			}
			found, why := a.candidates(st, catalog, alone, mixed, logged, plan)
			out = append(out, found...)
			if why != "" {
				plan.Why = why
				line, ok := logged[strings.ToLower(b.Sources[n].Alias)]
				rejected = rejected || n == driver && ok && !line.scan
			}
			plan.Rewrites = append(plan.Rewrites, a.orRewrites()...)
		}
	}
	switch {
	case len(out) > 0:
		plan.Why = ""
	case plan.Why != "":
	case len(plan.Rewrites) > 0:
		plan.Why = "rewrite"
	case plan.Served != "":
		plan.Why = "served"
	case plan.KeyAssumed:
		plan.Why = "key assumed"
	}
	return out
}

// firstOf counts to n, beginning with one of the numbers.
func firstOf(first, n int) (out []int) {
	if first >= 0 {
		out = append(out, first)
	}
	for i := range n {
		if i != first {
			out = append(out, i)
		}
	}
	return out
}

// candidates returns the indexes that would serve one access, or why those that there could be would not pay.
func (a *access) candidates(st *Statement, catalog *Catalog, alone, mixed bool, logged map[string]planLine, plan *ClassPlan) (out []*candidate, why string) {
	stops := a.stops(st.Class, logged)
	sets := a.groups(alone, mixed, stops)
	var byRange [][]indexColumn
	if alone && stops && len(a.ranges) > 0 && len(sets) == 1 {
		if other := a.groups(alone, mixed, false); len(other) == 1 && !slices.EqualFunc(other[0], sets[0], slices.Equal) {
			byRange = other[0]
		}
	}
	var or *branches
	if len(sets) > 1 {
		or = &branches{}
	}
	table := a.block.Sources[a.n].Table
	make := func(groups [][]indexColumn) (c *candidate, served string, ok bool) {
		c = &candidate{table: table, home: catalog.home(table, st.Schema), known: a.table, groups: groups, noKey: refutesKey(st, a)}
		c.ordered = alone && a.ordered(groups, mixed)
		served, ok = c.fit()
		return c, served, ok
	}
	for _, groups := range sets {
		c, served, ok := make(groups)
		if !ok && byRange != nil && wasteful(st.Class) { // the order is there and does not stop early
			c, served, ok = make(byRange)
		}
		if served != "" {
			plan.Served = served
		}
		plan.KeyAssumed = plan.KeyAssumed || c.known == nil && !ok
		if !ok {
			continue
		}
		u := use{class: st.Class, equal: slices.Concat(a.equal, a.joined), byRange: byRange, rows: math.NaN(), or: or}
		switch {
		case !c.shorten():
			why = "too long"
		case alone && !c.saves(a, st, logged, &u): // how many rows a look-up for another table finds is not told
			why = "most rows match"
		}
		if why != "" {
			return nil, why
		}
		u.gain(c)
		c.uses = []use{u}
		out = append(out, c)
	}
	return out, ""
}

// wasteful reports whether a class reads far more rows than it needs.
func wasteful(c *analyzers.Class) bool {
	return examinedMean(c) > max(minRows, readPerRow*neededMean(c))
}

// stops reports whether reading in the order asked for ends early: neither do fewer rows match than a LIMIT
// allows, nor are those that match so few that to sort them is nothing.
func (a *access) stops(c *analyzers.Class, plan map[string]planLine) bool {
	b := a.block
	if rows, ok := a.matched(c, plan); ok && b.Limit > 0 && b.Offset >= 0 && len(a.ranges) > 0 {
		return rows > sortable*float64(b.Limit+b.Offset)
	}
	return limitStops(c, b)
}

// refutesKey reports whether statements that compare a column named id with a value read more rows than one by
// its key: then it is not the primary key, or the value is of a type with which the key cannot be used.
func refutesKey(st *Statement, a *access) bool {
	c := st.Class
	return len(st.Shape.Blocks) == 1 && len(a.block.Sources) == 1 && slices.Contains(a.equal, "id") &&
		c.RowsExaminedKnown > 0 && c.RowsExamined >= minRows*c.RowsExaminedKnown
}

// groups returns the column groups of the indexes that would serve an access: one, or one for each
// branch of an OR that the server can merge.
func (a *access) groups(driver, mixed, stops bool) [][][]indexColumn {
	equal := slices.Clone(a.equal)
	if !driver {
		if len(a.joined) == 0 {
			return nil
		}
		for _, name := range a.joined {
			equal = appendNew(equal, name)
		}
	}
	var tail []indexColumn
	if driver {
		tail = a.tail(stops, mixed)
		if len(equal)+len(a.in) == 0 && len(a.ranges) == 0 && !a.block.Limited {
			tail = nil // the whole table, sorted: an index would only be another way to read it all
		}
	} else if len(a.ranges) > 0 {
		tail = []indexColumn{{name: a.bestRange("")}}
	}
	var groups [][]indexColumn
	if len(equal) > 0 {
		groups = append(groups, columnsOf(equal))
	}
	if len(a.in) > 0 {
		groups = append(groups, columnsOf(a.in[:min(len(a.in), 2)]))
	}
	for _, col := range tail {
		if !slices.Contains(equal, col.name) && !slices.Contains(a.in, col.name) {
			groups = append(groups, []indexColumn{col})
		}
	}
	if len(groups) == 0 && driver && len(a.long) > 0 {
		groups = append(groups, []indexColumn{{name: a.long[0], prefix: textPrefix}})
	}
	if len(groups) == 0 {
		return a.orGroups()
	}
	return [][][]indexColumn{trim(groups)}
}

// limitStops reports whether a LIMIT ends the reading early: when fewer rows come back than it
// allows, all that match were read, and the range that leaves fewest is worth more than the order.
func limitStops(c *analyzers.Class, b *sqlshape.Block) bool {
	if b.Limit <= 0 || c.RowsSentKnown == 0 {
		return true
	}
	return float64(c.RowsSent)/float64(c.RowsSentKnown) >= 0.9*float64(b.Limit)
}

func columnsOf(names []string) []indexColumn {
	out := make([]indexColumn, len(names))
	for i, n := range names {
		out[i].name = n
	}
	return out
}

func trim(groups [][]indexColumn) [][]indexColumn {
	width := 0
	for i, g := range groups {
		if width+len(g) > maxWidth {
			groups[i] = g[:maxWidth-width]
			if len(groups[i]) == 0 {
				return groups[:i]
			}
			return groups[:i+1]
		}
		width += len(g)
	}
	return groups
}

// orGroups returns an index for each branch of an OR, when every branch has one: index_merge.
func (a *access) orGroups() (out [][][]indexColumn) {
	if len(a.block.Ors) != 1 || len(a.block.Sources) != 1 {
		return nil
	}
	for _, branch := range a.block.Ors[0].Branches {
		b := &access{block: a.block, n: a.n, table: a.table}
		for _, p := range branch {
			b.add(p)
		}
		var groups [][]indexColumn
		if len(b.equal) > 0 {
			groups = append(groups, columnsOf(b.equal))
		}
		switch {
		case len(b.in) > 0:
			groups = append(groups, columnsOf(b.in[:1]))
		case len(b.ranges) > 0:
			groups = append(groups, []indexColumn{{name: b.bestRange("")}})
		}
		if len(groups) == 0 {
			return nil
		}
		out = append(out, trim(groups))
	}
	return out
}

// orRewrites notes an OR of which some branch can use no index.
func (a *access) orRewrites() []Rewrite {
	if len(a.block.Ors) == 0 || len(a.equal)+len(a.in)+len(a.ranges) > 0 || a.n != 0 || a.orGroups() != nil {
		return nil
	}
	return []Rewrite{{Table: a.block.Sources[a.n].Table.String(), Cause: "or"}}
}

// foundBy names the key by which a table is looked up already for each row of those before, or by a subquery for
// each row around it, when that finds few rows; empty when nothing does or is known to. Statements that read one
// table only are judged by what they read.
func (a *access) foundBy(alone bool, plan map[string]planLine) string {
	if alone && !a.correlated {
		return ""
	}
	if line, ok := plan[strings.ToLower(a.block.Sources[a.n].Alias)]; ok {
		if !line.scan && line.rows <= max(fewRows, readPerRow*line.rows*line.filtered) {
			return line.key
		}
		return ""
	}
	if a.table == nil {
		return ""
	}
	if rows, index, ok := lookUpRows(a.table, slices.Concat(a.equal, a.joined)); ok && rows <= fewRows {
		return index
	}
	return ""
}

// ordered reports whether the last columns of an index are the order that the block asks for.
func (a *access) ordered(groups [][]indexColumn, mixed bool) bool {
	order, ok := a.orderColumns(mixed)
	if !ok || len(order) == 0 || len(a.in) > 0 {
		return ok && len(order) == 0 && len(a.block.Order) > 0 && len(a.in)+len(a.ranges) == 0
	}
	for i, col := range order {
		at := len(groups) - len(order) + i
		if at < 0 || len(groups[at]) != 1 || groups[at][0] != col {
			return isKey(a.table, order)
		}
	}
	return true
}

// isKey reports whether an order is that of the primary key, which ends each index.
func isKey(t *collectors.Table, order []indexColumn) bool {
	pk := primaryKey(t)
	return len(order) <= len(pk) && !slices.ContainsFunc(order, func(c indexColumn) bool { return c.desc }) &&
		slices.EqualFunc(order, pk[:len(order)], func(c indexColumn, name string) bool { return c.name == name })
}

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
				rejected = rejected || n == driver && ok && line.perRow
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
	fitted := func(groups [][]indexColumn) (c *candidate, served string, ok bool) {
		c = &candidate{table: table, home: catalog.home(table, st.Schema), known: a.table, groups: groups, noKey: refutesKey(st, a)}
		c.ordered = alone && a.ordered(groups, mixed)
		served, ok = c.fit()
		return c, served, ok
	}
	for _, groups := range sets {
		c, served, ok := fitted(groups)
		if !ok && byRange != nil && wasteful(st.Class) { // the order is there and does not stop early
			c, served, ok = fitted(byRange)
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

// refutesKey reports whether statements that compare a column named id with a value read more rows than one by
// its key: then it is not the primary key, or the value is of a type with which the key cannot be used.
func refutesKey(st *Statement, a *access) bool {
	c := st.Class
	return len(st.Shape.Blocks) == 1 && len(a.block.Sources) == 1 && slices.Contains(a.equal, "id") &&
		c.RowsExaminedKnown > 0 && c.RowsExamined >= minRows*c.RowsExaminedKnown
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

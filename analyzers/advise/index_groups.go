package advise

import (
	"slices"

	"dbtriage/analyzers"
	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// stops reports whether reading in the order asked for ends early: neither do fewer rows match than a LIMIT
// allows, nor are those that match so few that to sort them is nothing.
func (a *access) stops(c *analyzers.Class, plan map[string]planLine) bool {
	b := a.block
	if rows, ok := a.matched(c, plan); ok && b.Limit > 0 && b.Offset >= 0 && len(a.ranges) > 0 {
		return rows > sortable*float64(b.Limit+b.Offset)
	}
	return limitStops(c, b)
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

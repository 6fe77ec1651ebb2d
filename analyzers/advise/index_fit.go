package advise

import (
	"cmp"
	"slices"
	"strings"

	"dbtriage/collectors"
)

// fit puts the columns of a candidate into the order that shares most with the indexes there are.
// ok is false when one of them already serves, which it names, or nothing is left to index.
func (c *candidate) fit() (served string, ok bool) {
	if c.known == nil {
		return c.fitUnknown()
	}
	pk := primaryKey(c.known)
	for _, x := range c.known.Indexes {
		if usable(x) && c.servedBy(x, pk) {
			return x.Name, false
		}
	}
	c.stripKey(pk)
	best := 0
	for _, x := range c.known.Indexes {
		if !usable(x) {
			continue
		}
		groups, shared := c.shared(x)
		if shared > best {
			best = shared
			c.groups = groups
			c.extends = ""
			if shared == len(x.Columns) && !x.Unique {
				c.extends = x.Name
			}
		}
	}
	if best == 0 {
		c.byValues()
	}
	return "", true
}

// fitUnknown does without a schema: a column named id is taken for the primary key, unless what was read refutes it.
func (c *candidate) fitUnknown() (served string, ok bool) {
	if !c.noKey && slices.ContainsFunc(c.groups[0], func(x indexColumn) bool { return x.name == "id" }) {
		return "", false
	}
	c.stripKey([]string{"id"})
	return "", len(c.groups) > 0
}

// stripKey takes the primary key off the end: InnoDB appends it to every other index.
func (c *candidate) stripKey(pk []string) {
	n := len(c.groups)
	if len(pk) == 0 || n <= len(pk) {
		return
	}
	for i, name := range pk {
		g := c.groups[n-len(pk)+i]
		if len(g) != 1 || g[0].name != name || g[0].desc {
			return
		}
	}
	c.groups = c.groups[:n-len(pk)]
}

// servedBy reports whether an index has the columns in an order that serves.
func (c *candidate) servedBy(x collectors.Index, pk []string) bool {
	if x.Unique && len(c.groups) > 0 { // equal to all of a unique key: one row
		unique := names(x)
		if !slices.ContainsFunc(unique, func(name string) bool {
			return !slices.ContainsFunc(c.groups[0], func(g indexColumn) bool { return g.name == name })
		}) {
			return true
		}
	}
	var cols []indexColumn
	for _, col := range x.Columns {
		cols = append(cols, indexColumn{name: strings.ToLower(col.Name), desc: col.Desc})
		if col.Prefix > 0 {
			break // what follows a prefix is in no order
		}
	}
	if len(cols) == len(x.Columns) && strings.EqualFold(c.known.Engine, "InnoDB") {
		for _, name := range pk {
			cols = append(cols, indexColumn{name: name})
		}
	}
	at, turned, known := 0, false, false
	for i, g := range c.groups {
		if at+len(g) > len(cols) {
			return false
		}
		part := cols[at : at+len(g)]
		for _, want := range g {
			j := slices.IndexFunc(part, func(have indexColumn) bool { return have.name == want.name })
			if j < 0 {
				return false
			}
			if i > 0 && len(g) == 1 { // of an order all columns run one way or all the other
				differ := part[j].desc != want.desc
				if known && differ != turned {
					return false
				}
				turned, known = differ, true
			}
		}
		at += len(g)
	}
	return true
}

// shared returns how many leading columns of an index the candidate can begin with, and the groups in
// that order.
func (c *candidate) shared(x collectors.Index) (groups [][]indexColumn, n int) {
	rest := slices.Clone(c.groups)
	for _, col := range x.Columns {
		name := strings.ToLower(col.Name)
		if len(rest) == 0 || col.Prefix > 0 {
			break
		}
		i := slices.IndexFunc(rest[0], func(g indexColumn) bool { return g.name == name && g.desc == col.Desc })
		if i < 0 {
			break
		}
		groups = append(groups, rest[0][i:i+1])
		left := slices.Delete(slices.Clone(rest[0]), i, i+1)
		n++
		if len(left) == 0 {
			rest = rest[1:]
			continue
		}
		rest[0] = left
	}
	return append(groups, rest...), n
}

// byValues puts the equality columns with most values first, where the dictionary knows them all.
func (c *candidate) byValues() {
	first := c.groups[0]
	counts := map[string]int64{}
	for _, col := range first {
		n, ok := distinct(c.known, col.name)
		if !ok {
			return
		}
		counts[col.name] = n
	}
	sorted := slices.Clone(first)
	slices.SortStableFunc(sorted, func(a, b indexColumn) int { return cmp.Compare(counts[b.name], counts[a.name]) })
	c.groups = append([][]indexColumn{sorted}, c.groups[1:]...)
}

// usable reports whether the optimizer can find rows by an index in the order of its columns.
func usable(x collectors.Index) bool {
	return !x.Ignored && len(x.Columns) > 0 && (x.Kind == "" || strings.EqualFold(x.Kind, "BTREE"))
}

package advise

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"dbtriage/analyzers/sqlshape"
)

// index makes of a candidate what is proposed. names are those of the indexes before it; ambiguous says that other
// schemas have a table of that name.
func (c *candidate) index(all []traffic, ambiguous bool, names map[string]bool) *Index {
	x := &Index{Table: sqlshape.Table{Schema: c.table.Schema, Name: c.home.Name}, Home: c.home, SchemaKnown: c.known != nil, Extends: c.extends}
	if ambiguous {
		x.Table.Schema = c.home.Schema
	}
	x.Online = c.known == nil || c.known.Engine == "" || strings.EqualFold(c.known.Engine, "InnoDB")
	for _, g := range c.groups {
		for _, col := range g {
			text := sqlshape.Quote(col.name)
			if col.prefix > 0 {
				text += fmt.Sprintf("(%d)", col.prefix)
				x.Prefix = col.name
			}
			if col.desc {
				text += " DESC"
			}
			x.Columns = append(x.Columns, text)
		}
	}
	taken := func(name string) bool { return names[strings.ToLower(c.home.String()+"."+name)] }
	if c.known != nil {
		for _, have := range c.known.Indexes {
			names[strings.ToLower(c.home.String()+"."+have.Name)] = true
		}
	}
	x.Name = indexName(append([]string{c.home.Name}, c.columns()...), taken)
	names[strings.ToLower(c.home.String()+"."+x.Name)] = true
	x.Writes = c.writes(all)
	return x
}

// indexName makes a name of table and columns that is not taken. One that is too long ends in a hash of all of it.
func indexName(parts []string, taken func(name string) bool) string {
	name := "ix_" + strings.Join(parts, "_")
	if runes := []rune(name); len(runes) > maxNameSize {
		h := fnv.New32a()
		h.Write([]byte(name))
		name = fmt.Sprintf("%s_%08x", string(runes[:maxNameSize-9]), h.Sum32())
	}
	free := name
	for n := 2; taken(free) && n < 100; n++ {
		suffix := fmt.Sprintf("_%d", n)
		runes := []rune(name)
		free = string(runes[:min(len(runes), maxNameSize-len(suffix))]) + suffix
	}
	return free
}

// writes counts the statements that would maintain an index: every INSERT and DELETE, and the
// UPDATEs of its columns.
func (c *candidate) writes(all []traffic) (n int64) {
	cols := c.columns()
	for _, t := range all {
		st := t.st
		if !slices.Contains(t.writes, c.home) {
			continue
		}
		if st.Shape.Verb == "update" && !slices.ContainsFunc(st.Shape.Set, func(a sqlshape.Assignment) bool {
			return slices.Contains(cols, strings.ToLower(a.Column.Name))
		}) {
			continue
		}
		n += st.Class.Time.Count
	}
	return n
}

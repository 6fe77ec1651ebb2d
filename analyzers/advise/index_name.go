package advise

import (
	"fmt"
	"slices"
	"strings"

	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

func (c *candidate) index(statements []Statement, catalog *Catalog) *Index {
	x := &Index{Table: c.table, SchemaKnown: c.known != nil, Extends: c.extends}
	x.Online = c.known == nil || c.known.Engine == "" || strings.EqualFold(c.known.Engine, "InnoDB")
	plain := []string{c.table.Name}
	for _, g := range c.groups {
		for _, col := range g {
			plain = append(plain, col.name)
			text := sqlshape.Quote(col.name)
			if col.desc {
				text += " DESC"
			}
			x.Columns = append(x.Columns, text)
		}
	}
	x.Name = indexName(plain, c.known)
	x.Writes = c.writes(statements, catalog)
	return x
}

// indexName makes a name of table and columns that the table does not have yet.
func indexName(parts []string, t *collectors.Table) string {
	name := "ix_" + strings.Join(parts, "_")
	if runes := []rune(name); len(runes) > maxNameSize {
		name = string(runes[:maxNameSize])
	}
	taken := func(name string) bool {
		return t != nil && slices.ContainsFunc(t.Indexes, func(x collectors.Index) bool { return strings.EqualFold(x.Name, name) })
	}
	for n := 2; taken(name) && n < 100; n++ {
		suffix := fmt.Sprintf("_%d", n)
		name = string([]rune(name)[:min(len([]rune(name)), maxNameSize-len(suffix))]) + suffix
	}
	return name
}

// writes counts the statements that would maintain an index: every INSERT and DELETE, and the
// UPDATEs of its columns.
func (c *candidate) writes(statements []Statement, catalog *Catalog) (n int64) {
	cols := c.columns()
	for i := range statements {
		st := &statements[i]
		if !slices.ContainsFunc(st.Shape.Writes, func(t sqlshape.Table) bool { return sameTable(t, st.Schema, c.table, c.schema, catalog) }) {
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

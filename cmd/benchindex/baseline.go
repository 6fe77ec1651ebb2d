package main

import (
	"fmt"
	"slices"
	"strings"

	"dbtriage/analyzers/sqlshape"
)

// Simple advisers to be better than. Both see the statements themselves, not a log of them.

// perColumn gives each column that WHERE or a join compares an index of its own.
func perColumn(s *Schema) (ddl []string) {
	return eachSource(s, func(columns []compared) (out [][]string) {
		for _, c := range columns {
			out = append(out, []string{c.name})
		}
		return out
	})
}

// equalOnly gives each table of each statement one index on all columns compared with constants by
// equality, as they are written, else on those that it is joined by.
func equalOnly(s *Schema) (ddl []string) {
	return eachSource(s, func(columns []compared) [][]string {
		var equal, joined []string
		for _, c := range columns {
			switch {
			case c.joined:
				joined = append(joined, c.name)
			case c.equal:
				equal = append(equal, c.name)
			}
		}
		if len(equal) == 0 {
			equal = joined
		}
		return [][]string{equal}
	})
}

// A compared column is one of a table that a statement compares with something.
type compared struct {
	name          string
	equal, joined bool
}

// eachSource asks for the indexes of each table of each block, and returns those that are not there.
func eachSource(s *Schema, indexes func([]compared) [][]string) (ddl []string) {
	parser, err := sqlshape.NewParser()
	if err != nil {
		panic(err)
	}
	d := &draw{chance(1, "baseline"), 0, s.scaled(1)}
	var have []string
	for _, t := range s.Tables {
		for _, key := range t.Keys {
			if open := strings.Index(key, "("); open >= 0 && !strings.HasPrefix(key, "CONSTRAINT") {
				have = append(have, t.Name+" ("+key[open+1:strings.Index(key, ")")]+")")
			}
		}
	}
	leads := func(wanted string) bool { // an index there is begins with these columns
		return slices.ContainsFunc(have, func(x string) bool {
			return x == wanted || strings.HasPrefix(x, strings.TrimSuffix(wanted, ")")+",")
		})
	}
	for _, t := range s.Templates {
		shape := parser.Parse(s.fill(t, d))
		for i := range shape.Blocks {
			b := &shape.Blocks[i]
			for n, src := range b.Sources {
				for _, columns := range indexes(comparedIn(b, n, s)) {
					wanted := src.Table.Name + " (" + strings.Join(columns, ", ") + ")"
					if len(columns) == 0 || src.Table.Name == "" || leads(wanted) {
						continue
					}
					have = append(have, wanted)
					ddl = append(ddl, statement(wanted, len(ddl)))
				}
			}
		}
	}
	return ddl
}

// comparedIn lists the columns of source n of a block that it compares. A name without a table belongs
// to the only table of the block that has it.
func comparedIn(b *sqlshape.Block, n int, s *Schema) (out []compared) {
	add := func(c sqlshape.Column, equal, joined bool) {
		if c.Source != n && (c.Source != sqlshape.Unresolved || !s.has(b.Sources[n].Table.Name, c.Name)) {
			return
		}
		if !slices.ContainsFunc(out, func(x compared) bool { return x.name == c.Name }) {
			out = append(out, compared{c.Name, equal, joined})
		}
	}
	for _, p := range b.Where {
		add(p.Column, p.Kind == sqlshape.Equal || p.Kind == sqlshape.In, false)
	}
	for _, o := range b.Ors {
		for _, branch := range o.Branches {
			for _, p := range branch {
				add(p.Column, false, false)
			}
		}
	}
	for _, j := range b.Joins {
		add(j.Left, true, true)
		add(j.Right, true, true)
	}
	return out
}

func (s *Schema) has(table, column string) bool {
	for _, t := range s.Tables {
		if t.Name == table {
			return slices.ContainsFunc(t.Columns, func(c Column) bool { return strings.HasPrefix(c.Def, column+" ") })
		}
	}
	return false
}

// statement writes the DDL of "table (columns)".
func statement(index string, n int) string {
	table, columns, _ := strings.Cut(index, " ")
	return fmt.Sprintf("ALTER TABLE %s ADD INDEX b%d %s", table, n, columns)
}

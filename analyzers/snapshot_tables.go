package analyzers

import (
	"maps"
	"slices"

	"dbtriage/collectors"
)

// AddTable keeps what is said of a table, joined with what was said of it before: a dump knows the
// columns, the dictionary the sizes and how many different values an index has. A source that knows
// no schema speaks of the only table of that name. t is not changed.
func (s *Snapshot) AddTable(t collectors.Table) {
	if s.tableAt == nil {
		s.indexTables()
	}
	if i := s.tablePlace(t.Schema, t.Name); i >= 0 {
		s.Tables[i] = joinTable(s.Tables[i], t)
		return
	}
	if len(s.Tables) >= MaxTables {
		return
	}
	s.tableAt[t.Name] = append(s.tableAt[t.Name], len(s.Tables))
	s.Tables = append(s.Tables, t)
}

// Copy returns a copy to which settings, tables and servers may be added without a change of s, and the other
// way round. All else is shared.
func (s *Snapshot) Copy() *Snapshot {
	c := *s
	c.Settings, c.Configured, c.Tables, c.tableAt = maps.Clone(s.Settings), maps.Clone(s.Configured), slices.Clone(s.Tables), nil
	c.Servers = slices.Clone(s.Servers)
	return &c
}

// indexTables makes the places known by name.
func (s *Snapshot) indexTables() {
	s.tableAt = map[string][]int{}
	for i := range s.Tables {
		s.tableAt[s.Tables[i].Name] = append(s.tableAt[s.Tables[i].Name], i)
	}
}

// tablePlace is where a table is in Tables; -1 when it is not. It changes nothing: a snapshot that
// has been published is read by many.
func (s *Snapshot) tablePlace(schema, name string) int {
	all := s.tableAt[name]
	if s.tableAt == nil {
		for i := range s.Tables {
			if s.Tables[i].Name == name {
				all = append(all, i)
			}
		}
	}
	for _, i := range all {
		if s.Tables[i].Schema == schema {
			return i
		}
	}
	if len(all) == 1 && (schema == "" || s.Tables[all[0]].Schema == "") {
		return all[0]
	}
	return -1
}

// joinTable is what two sources say of one table. Where both know something the later counts.
func joinTable(have, t collectors.Table) collectors.Table {
	for _, s := range []struct{ to, from *string }{{&have.Schema, &t.Schema}, {&have.Engine, &t.Engine}, {&have.Collation, &t.Collation}} {
		if *s.from != "" {
			*s.to = *s.from
		}
	}
	for _, n := range []struct{ to, from *int64 }{
		{&have.Rows, &t.Rows}, {&have.DataBytes, &t.DataBytes}, {&have.IndexBytes, &t.IndexBytes}, {&have.FreeBytes, &t.FreeBytes}, {&have.AutoIncrement, &t.AutoIncrement},
	} {
		if *n.from != collectors.Unknown {
			*n.to = *n.from
		}
	}
	if t.Columns != nil {
		have.Columns = t.Columns
	}
	if t.Indexes == nil {
		return have
	}
	joined := make([]collectors.Index, 0, len(t.Indexes))
	for _, ix := range t.Indexes {
		if i := slices.IndexFunc(have.Indexes, func(h collectors.Index) bool { return h.Name == ix.Name }); i >= 0 {
			ix = joinIndex(have.Indexes[i], ix)
		}
		joined = append(joined, ix)
	}
	have.Indexes = joined
	return have
}

// joinIndex adds to the later description of an index what only the earlier knew.
func joinIndex(have, ix collectors.Index) collectors.Index {
	if len(have.Columns) != len(ix.Columns) {
		return ix
	}
	ix.Columns = slices.Clone(ix.Columns)
	for i, h := range have.Columns {
		c := &ix.Columns[i]
		if c.Name != h.Name {
			continue
		}
		if c.Distinct == collectors.Unknown {
			c.Distinct = h.Distinct
		}
		c.Desc = c.Desc || h.Desc // a dictionary asked for few columns does not tell
	}
	ix.Ignored = ix.Ignored || have.Ignored
	if ix.Kind == "" {
		ix.Kind = have.Kind
	}
	return ix
}

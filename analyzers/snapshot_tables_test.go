package analyzers

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"dbtriage/collectors"
)

// TestTablesJoin has a dump, the dictionary and its statistics say each what it knows of one table.
func TestTablesJoin(t *testing.T) {
	const no = collectors.Unknown
	dump := collectors.Table{Name: "audit", Engine: "InnoDB", Rows: no, DataBytes: no, IndexBytes: no, AutoIncrement: 7, Columns: []collectors.Column{{Name: "id", Type: "int"}},
		Indexes: []collectors.Index{{Name: "PRIMARY", Unique: true, Columns: []collectors.IndexColumn{{Name: "id", Distinct: no}}},
			{Name: "recent", Kind: "BTREE", Ignored: true, Columns: []collectors.IndexColumn{{Name: "at", Desc: true, Distinct: no}}}}}
	sizes := collectors.Table{Schema: "shop", Name: "audit", Rows: 10, DataBytes: 0, IndexBytes: 30, AutoIncrement: no}
	statistics := collectors.Table{Schema: "shop", Name: "audit", Rows: no, DataBytes: no, IndexBytes: no, AutoIncrement: no,
		Indexes: []collectors.Index{{Name: "recent", Columns: []collectors.IndexColumn{{Name: "at", Distinct: 9}}},
			{Name: "PRIMARY", Unique: true, Columns: []collectors.IndexColumn{{Name: "id", Distinct: 10}}}}}
	want := collectors.Table{Schema: "shop", Name: "audit", Engine: "InnoDB", Rows: 10, DataBytes: 0, IndexBytes: 30, AutoIncrement: 7,
		Columns: []collectors.Column{{Name: "id", Type: "int"}},
		Indexes: []collectors.Index{{Name: "PRIMARY", Unique: true, Columns: []collectors.IndexColumn{{Name: "id", Distinct: 10}}},
			{Name: "recent", Kind: "BTREE", Ignored: true, Columns: []collectors.IndexColumn{{Name: "at", Desc: true, Distinct: 9}}}}}
	for name, order := range map[string][]collectors.Table{
		"dump first": {dump, sizes, statistics}, "dump last": {sizes, statistics, dump}, "dump between": {statistics, dump, sizes},
	} {
		var s Snapshot
		for _, table := range order {
			s.AddTable(table)
		}
		got := s.table("shop", "audit")
		if got == nil || len(s.Tables) != 1 {
			t.Fatalf("%s: %+v", name, s.Tables)
		}
		if got.Indexes[0].Name == "recent" { // each source has its own order
			got.Indexes[0], got.Indexes[1] = got.Indexes[1], got.Indexes[0]
		}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if dump.Indexes[0].Columns[0].Distinct != no || statistics.Indexes[0].Ignored {
		t.Error("joining changed what was joined")
	}
}

// Of what two sources count the later counts, also where it is nothing: a table that was rebuilt, or emptied.
func TestTablesShrink(t *testing.T) {
	var s Snapshot
	s.AddTable(collectors.Table{Schema: "shop", Name: "audit", Rows: 10, DataBytes: 90, IndexBytes: 30, FreeBytes: 70, AutoIncrement: 11})
	s.AddTable(collectors.Table{Schema: "shop", Name: "audit", Rows: collectors.Unknown, DataBytes: 90, IndexBytes: 30, FreeBytes: 0, AutoIncrement: 11})
	s.AddTable(collectors.Table{Schema: "shop", Name: "audit", Rows: 0, DataBytes: collectors.Unknown, IndexBytes: collectors.Unknown, FreeBytes: collectors.Unknown, AutoIncrement: 0})
	want := collectors.Table{Schema: "shop", Name: "audit", Rows: 0, DataBytes: 90, IndexBytes: 30, FreeBytes: 0, AutoIncrement: 0}
	if diff := cmp.Diff(want, *s.table("shop", "audit")); diff != "" {
		t.Error(diff)
	}
}

func TestTablesOfOneName(t *testing.T) {
	var s Snapshot
	for _, schema := range []string{"a", "b", ""} {
		s.AddTable(collectors.Table{Schema: schema, Name: "t"})
	}
	if len(s.Tables) != 3 || s.table("a", "t") == nil || s.table("c", "t") != nil || s.table("", "t").Schema != "" {
		t.Errorf("%+v", s.Tables)
	}
	c := s.Copy()
	c.AddTable(collectors.Table{Schema: "d", Name: "t"})
	c.Set("x", "1")
	if len(s.Tables) != 3 || s.table("d", "t") != nil || c.table("d", "t") == nil || s.Settings["x"] != "" {
		t.Error("a copy shares its tables or settings")
	}
}

// TestConfigured has an option file and the server itself tell settings, in either order.
func TestConfigured(t *testing.T) {
	var s Snapshot
	s.SetConfigured("max_connections", "151")
	s.SetConfigured("max_connections", "40") // the last line of the file counts
	if s.Settings["max_connections"] != "40" || !s.Configured["max_connections"] {
		t.Errorf("%v %v", s.Settings, s.Configured)
	}
	s.Set("max_connections", "500")
	s.SetConfigured("max_connections", "40")
	if s.Settings["max_connections"] != "500" || s.Configured["max_connections"] {
		t.Errorf("%v %v", s.Settings, s.Configured)
	}
}

// table returns what is known of a table; nil when it is nothing.
func (s *Snapshot) table(schema, name string) *collectors.Table {
	if i := s.tablePlace(schema, name); i >= 0 {
		return &s.Tables[i]
	}
	return nil
}

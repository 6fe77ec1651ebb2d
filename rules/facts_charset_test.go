package rules

import (
	"testing"

	"dbtriage/collectors"
)

// TestCharsetFacts names the tables once, however many there are.
func TestCharsetFacts(t *testing.T) {
	text := func(schema, name, collation string) collectors.Table {
		return collectors.Table{Schema: schema, Name: name, Collation: "utf8mb4_bin", Columns: []collectors.Column{{Name: "id", Type: "int"}, {Name: "name", Type: "varchar(20)", Collation: collation}}}
	}
	for _, c := range []struct {
		name   string
		tables []collectors.Table
		count  any
		names  any
	}{
		{"none", nil, nil, nil},
		{"columns not known", []collectors.Table{{Name: "a", Collation: "latin1_swedish_ci"}}, nil, nil},
		{"a new one", []collectors.Table{text("shop", "a", "")}, 0.0, "-"},
		{"an old one", []collectors.Table{text("shop", "a", "latin1_swedish_ci"), text("mysql", "b", "utf8mb3_bin")}, 1.0, "shop.a (name latin1_swedish_ci)"},
		{"a split", []collectors.Table{text("", "a", "utf8_bin"), text("", "b", "utf8_bin"), text("", "c", "utf8_bin"), text("", "d", "utf8_bin"), text("", "e", "utf8_bin")}, 5.0, "a (name utf8_bin), b (name utf8_bin), +3"},
	} {
		m := factMap{}
		charsetFacts(m, c.tables)
		if m["old_charset_tables"] != c.count || m["old_charset_names"] != c.names {
			t.Errorf("%s: %v", c.name, m)
		}
	}
}

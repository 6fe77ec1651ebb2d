package rules

import (
	"fmt"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
	"dbtriage/collectors"
)

func index(name string, unique bool, columns ...string) collectors.Index {
	x := collectors.Index{Name: name, Unique: unique}
	for _, c := range columns {
		x.Columns = append(x.Columns, collectors.IndexColumn{Name: c, Distinct: collectors.Unknown})
	}
	return x
}

func TestTableFacts(t *testing.T) {
	id := collectors.Column{Name: "id", Type: "bigint(20) unsigned", AutoIncrement: true}
	a, b := collectors.Column{Name: "a", Type: "int(11)"}, collectors.Column{Name: "b", Type: "int(11)", Nullable: true}
	pk := index("PRIMARY", true, "id")
	fk := index("a", false, "a")
	fk.ReadsKnown = true
	used := index("b", false, "b")
	used.ReadsKnown, used.Reads = true, 5
	flags := index("a", false, "a")
	flags.Columns[0].Distinct = 2
	prefix := index("a_prefix", false, "a")
	prefix.Columns[0].Prefix = 5
	for _, c := range []struct {
		name string
		t    collectors.Table
		want string // name=value of the facts asked for
		ask  []string
	}{
		{"no key", collectors.Table{Columns: []collectors.Column{a, b}, Indexes: []collectors.Index{index("a", false, "a")}}, "false", []string{"has_key"}},
		{"nullable unique is no key", collectors.Table{Columns: []collectors.Column{a, b}, Indexes: []collectors.Index{index("b", true, "b")}}, "false", []string{"has_key"}},
		{"unique is a key", collectors.Table{Columns: []collectors.Column{a, b}, Indexes: []collectors.Index{index("a", true, "a")}}, "true 1", []string{"has_key", "index_count"}},
		{"unique, columns not known", collectors.Table{Indexes: []collectors.Index{index("a", true, "a")}}, "<nil> 1", []string{"has_key", "index_count"}},
		{"no unique one, columns not known", collectors.Table{Indexes: []collectors.Index{index("a", false, "a")}}, "false", []string{"has_key"}},
		{"nothing known", collectors.Table{}, "<nil> <nil>", []string{"has_key", "column_count"}},
		{"duplicate", collectors.Table{Columns: []collectors.Column{id, a}, Indexes: []collectors.Index{pk, index("x", false, "a"), index("y", false, "a")}}, "true y x", []string{"duplicate_index", "duplicate_index_name", "duplicate_index_beside"}},
		{"duplicate of a unique one", collectors.Table{Columns: []collectors.Column{id, a}, Indexes: []collectors.Index{pk, index("x", false, "a"), index("u", true, "a")}}, "true x u", []string{"duplicate_index", "duplicate_index_name", "duplicate_index_beside"}},
		{"a prefix is another index", collectors.Table{Columns: []collectors.Column{id, a}, Indexes: []collectors.Index{pk, index("x", false, "a"), prefix}}, "false", []string{"duplicate_index"}},
		{"left prefix", collectors.Table{Columns: []collectors.Column{id, a, b}, Indexes: []collectors.Index{pk, index("x", false, "a"), index("y", false, "a", "b")}}, "false true x y", []string{"duplicate_index", "redundant_index", "redundant_index_name", "redundant_index_beside"}},
		{"a unique left prefix stays", collectors.Table{Columns: []collectors.Column{id, a, b}, Indexes: []collectors.Index{pk, index("x", true, "a"), index("y", false, "a", "b")}}, "false", []string{"redundant_index"}},
		{"order of columns", collectors.Table{Columns: []collectors.Column{id, a, b}, Indexes: []collectors.Index{pk, index("x", false, "b"), index("y", false, "a", "b")}}, "false", []string{"redundant_index"}},
		{"ends in the key", collectors.Table{Columns: []collectors.Column{id, a}, Indexes: []collectors.Index{pk, index("x", false, "a", "id")}}, "true x a", []string{"suffixed_index", "suffixed_index_name", "suffixed_index_beside"}},
		{"the key in the middle", collectors.Table{Columns: []collectors.Column{id, a, b}, Indexes: []collectors.Index{pk, index("x", false, "a", "id", "b")}}, "false", []string{"suffixed_index"}},
		{"unused", collectors.Table{Columns: []collectors.Column{id, a, b}, Indexes: []collectors.Index{pk, fk, used}}, "true a 1", []string{"unused_index", "unused_index_name", "unused_indexes"}},
		{"use unknown", collectors.Table{Columns: []collectors.Column{id, a}, Indexes: []collectors.Index{pk, index("a", false, "a")}}, "<nil>", []string{"unused_index"}},
		{"few values", collectors.Table{Rows: 1_000_000, Columns: []collectors.Column{id, a}, Indexes: []collectors.Index{pk, flags}}, "true a", []string{"coarse_index", "coarse_index_name"}},
		{"ids", collectors.Table{AutoIncrement: 1 << 62, Columns: []collectors.Column{id}, Indexes: []collectors.Index{pk}}, "0.25", []string{"ids_used"}},
		{"ids of an int", collectors.Table{AutoIncrement: 1 << 30, Columns: []collectors.Column{{Name: "id", Type: "int(11)", AutoIncrement: true}}}, "0.5000000002328306", []string{"ids_used"}},
		{"no ids", collectors.Table{AutoIncrement: collectors.Unknown, Columns: []collectors.Column{a}}, "0 0 <nil>", []string{"ids_used", "next_id", "id_column"}},
		{"ids not told", collectors.Table{AutoIncrement: collectors.Unknown, Columns: []collectors.Column{id}}, "<nil> <nil>", []string{"ids_used", "next_id"}},
		{"none empty", collectors.Table{Rows: 1, DataBytes: 16384, IndexBytes: 0}, "0 0", []string{"free_bytes", "free_share"}},
		{"half empty", collectors.Table{Rows: 1, DataBytes: 16384, IndexBytes: 16384, FreeBytes: 32768}, "32768 0.5", []string{"free_bytes", "free_share"}},
		{"empty or not is not told", collectors.Table{Rows: 1, DataBytes: 16384, FreeBytes: collectors.Unknown}, "<nil> <nil>", []string{"free_bytes", "free_share"}},
		{"uuid", collectors.Table{Columns: []collectors.Column{{Name: "id", Type: "char(36)"}}, Indexes: []collectors.Index{pk}}, "true id char(36)", []string{"key_random", "key_column"}},
		{"uuid in order", collectors.Table{Columns: []collectors.Column{{Name: "id", Type: "uuid"}}, Indexes: []collectors.Index{pk}}, "false", []string{"key_random"}},
		{"money and time", collectors.Table{Columns: []collectors.Column{{Name: "price", Type: "double"}, {Name: "created_at", Type: "varchar(20)", Collation: "latin1_swedish_ci"}}}, "price double created_at", []string{"float_money", "text_time"}},
		{"neither", collectors.Table{Columns: []collectors.Column{{Name: "price", Type: "decimal(10,2)"}, {Name: "created_at", Type: "datetime"}}}, "false false", []string{"has_float_money", "has_text_time"}},
		{"size", collectors.Table{Rows: 5_000_000, DataBytes: 1 << 30, IndexBytes: 1 << 20}, "3 1.07479040e+09 214.7483648", []string{"tree_depth", "table_bytes", "row_bytes"}},
	} {
		c.t.Schema, c.t.Name = "shop", "t"
		facts := tableSubjects([]collectors.Table{c.t, {Schema: "mysql", Name: "user"}}, nil)
		if len(facts) != 1 || facts[0].subject.ID != "shop.t" {
			t.Fatalf("%s: %v", c.name, facts)
		}
		got := ""
		for i, name := range c.ask {
			if i > 0 {
				got += " "
			}
			v := facts[0].facts[name]
			if f, isNumber := v.(float64); isNumber && f > 1e9 {
				got += fmt.Sprintf("%.8e", f)
				continue
			}
			got += fmt.Sprint(v)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestSplitFacts(t *testing.T) {
	var tables []collectors.Table
	for i := range 8 {
		tables = append(tables, collectors.Table{Schema: "shop", Name: fmt.Sprintf("user_%02x", i), Columns: []collectors.Column{{Name: "id", Type: "int", AutoIncrement: true}}})
	}
	m := factMap{}
	splitFacts(m, append(tables, collectors.Table{Schema: "shop", Name: "orders"}))
	if m["split_tables"] != 8.0 || m["split_name"] != "user" || m["split_numbered"] != true {
		t.Errorf("%v", m)
	}
	m = factMap{}
	splitFacts(m, tables[:2])
	if m["split_tables"] != 0.0 || m["split_numbered"] != nil {
		t.Errorf("%v", m)
	}
}

// Where the columns and indexes of a table are known and its statements lack nothing, that is known too: a report
// that asks for the schema it was given would be believed by nobody.
func TestNothingLacking(t *testing.T) {
	known := collectors.Table{Schema: "shop", Name: "t", Columns: []collectors.Column{{Name: "id", Type: "int"}}, Indexes: []collectors.Index{index("PRIMARY", true, "id")}}
	sizes := collectors.Table{Schema: "shop", Name: "u", Rows: 5}
	tables := tableSubjects([]collectors.Table{known, sizes}, nil)
	s := emptySnapshot("db")
	addClass(s.Digest, "select id from shop.t where id = ?", analyzers.Read, 100, 1000)
	statements, catalog := advise.Statements(s.Digest, 10), advise.NewCatalog([]collectors.Table{known, sizes})
	lackingIndexes(tables, advise.PlanIndexes(statements, catalog, analyzers.Engine{}), 1000)
	joinTypes(tables, statements, catalog)
	for i, want := range []string{"0 0 0 false", "<nil> <nil> <nil> <nil>"} {
		m := tables[i].facts
		if got := fmt.Sprintf("%v %v %v %v", m["indexes_lacking"], m["lacking_queries"], m["lacking_share"], m["join_differs"]); got != want {
			t.Errorf("%s: %s, want %s", tables[i].subject.ID, got, want)
		}
	}
}

// What no recording of sar, top or pt-stalk holds is not asked for as one.
func TestProvisionsOfMetrics(t *testing.T) {
	for name, want := range map[string]string{
		"net.speed": "host settings", "mem.oom_kills": "host settings", "tcp.listen_drops": "host settings", "raid.degraded": "host settings",
		"server.answers": "server asked", "server.connect": "server asked",
		"tcp.retransmitted": "network counters", "process.cpu": "processes", "cpu.busy": "",
	} {
		if got := livelyMetric(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

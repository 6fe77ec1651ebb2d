package rules

import (
	"fmt"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
)

func TestHabitFacts(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"select count(*) from t where a = 1", "true false 0 false false"},
		{"select sql_calc_found_rows a from t where a = 1 limit 5", "false true 0 false false"},
		{"select a from t where a in (1, 2, 3, 4)", "false false 4 false false"},
		{"select a from t force index (x) where a = 1", "false false 0 true false"},
		{"select a from t where json_extract(doc, '$.a') = 5", "false false 0 false true"},
		{"select counter from t", "false false 0 false false"},
	} {
		d := analyzers.NewDigest()
		fingerprint, id := analyzers.Fingerprint(c.sql)
		class := &analyzers.Class{Fingerprint: fingerprint, ID: id, Worst: analyzers.Example{SQL: c.sql}}
		class.Time.Add(1000)
		d.Classes[fingerprint] = class
		m := factMap{}
		habitFacts(m, &advise.Statements(d, 1)[0])
		if got := fmt.Sprint(m["counts_all"], m["found_rows"], m["in_list"], m["hinted"], m["json_filter"]); got != c.want {
			t.Errorf("%s: %s, want %s", c.sql, got, c.want)
		}
	}
	plan := "id\tselect_type\ttable\tr_rows\n1\tPRIMARY\tusers\t5000.00\n2\tDEPENDENT SUBQUERY\torders\t3.00\n"
	if found, rows, ok := dependentSubquery(plan); !ok || !found || rows != 5000 {
		t.Errorf("%v %v %v", found, rows, ok)
	}
	for _, text := range []string{"", "x", "id\tselect_type\n1\tPRIMARY", plan[:40]} {
		if found, _, _ := dependentSubquery(text); found {
			t.Errorf("%q", text)
		}
	}
}

func TestSchemaFacts(t *testing.T) {
	s := emptySnapshot("db")
	addClass(s.Digest, "select a from shop.orders where b = ?", analyzers.Read, 100, 1000)
	addClass(s.Digest, "select a from forum.posts where b = ?", analyzers.Read, 100, 900)
	m := factMap{}
	schemaFacts(m, advise.Statements(s.Digest, 10), s.Digest.Statements.TimeUS)
	if m["heavy_schemas"] != 2.0 || m["schemas_joined"] != false || m["heavy_schema_names"] != "forum, shop" {
		t.Errorf("%v", m)
	}
	addClass(s.Digest, "select a from shop.orders o join forum.posts p on o.id = p.id", analyzers.Read, 1, 1)
	schemaFacts(m, advise.Statements(s.Digest, 10), s.Digest.Statements.TimeUS)
	if m["schemas_joined"] != true {
		t.Errorf("%v", m)
	}
}

// TestCheaperBy offers a kept answer for no statement that writes or locks.
func TestCheaperBy(t *testing.T) {
	for _, c := range []struct {
		fingerprint string
		kind        analyzers.Kind
		examined    int64
		us          int64
		want        string
	}{
		{"select id from users where phone = ?", analyzers.Read, 200_000, 1000, "plan"},
		{"select id from users where id = ?", analyzers.Read, 1, 1000, "little"},
		{"select id from users where id = ?", analyzers.Read, 1, 900_000, "calls"},
		{"select qty from stock where product_id = ? for update", analyzers.Read, 1, 900_000, "writes"},
		{"select qty from stock where product_id = ? lock in share mode", analyzers.Read, 1, 900_000, "writes"},
		{"update stock set qty = qty - ? where product_id = ?", analyzers.Write, 1, 900_000, "writes"},
		{"commit", analyzers.Other, 0, 900_000, "flush"},
		{"set names utf8mb4", analyzers.Other, 0, 900_000, "sender"},
	} {
		s := emptySnapshot("db")
		class := addClass(s.Digest, c.fingerprint, c.kind, 1000, c.us)
		setRows(class, 1, c.examined)
		if got := cheaperBy(class, &s.Digest.Statements); got != c.want {
			t.Errorf("%s: %s, want %s", c.fingerprint, got, c.want)
		}
	}
}

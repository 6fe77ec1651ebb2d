package rules

import (
	"fmt"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
	"dbtriage/collectors"
)

// factsOf returns the facts of one statement on a server with these tables.
func factsOf(t *testing.T, sql string, tables []collectors.Table) factMap {
	t.Helper()
	d := analyzers.NewDigest()
	fingerprint, id := analyzers.Fingerprint(sql)
	c := &analyzers.Class{Fingerprint: fingerprint, ID: id, Worst: analyzers.Example{SQL: sql}}
	c.Time.Add(1000)
	d.Classes[fingerprint] = c
	statements := advise.Statements(d, maxSubjects)
	facts := queryFacts(d, statements, advise.PlanIndexes(statements, advise.NewCatalog(tables), analyzers.Engine{}), analyzers.PlanNotes{})
	if len(facts) != 1 {
		t.Fatalf("%d subjects", len(facts))
	}
	return facts[0].facts
}

func TestShapeFacts(t *testing.T) {
	for _, c := range []struct {
		sql  string
		want string // tables, counter, and the flags that hold
	}{
		{"update products set views = views + 3 where id = 5", "products views keyed_lock counter_update"},
		{"update stock set qty = qty - 1, updated_at = now() where product_id = 5", "stock qty keyed_lock counter_update money"},
		{"update t set c = 5 where id = 7", "t keyed_lock"},
		{"update t set n = n + 1 where id > 7", "t n"},
		{"select qty from stock where product_id = 5 for update", "stock keyed_lock money reads_balance"},
		{"select qty from stock where product_id = 5", "stock money reads_balance"},
		{"select user_id, count(*) as n from audit where created_at > '2020-01-01' group by user_id order by n desc limit 5", "audit aggregates"},
		{"select * from t order by rand() limit 1", "t order_by_rand select_star"},
		{"select rand() from t", "t unbounded"},
		{"select uid from user_56 where username = 'a' and upass = 'b'", "user_56 checks_secret"},
		{"select id from trips where passenger_id = 5", "trips"},
		{"select user_id from api_keys where token = 'x'", "api_keys checks_secret"},
		{"select balance from users where id = 5", "users reads_balance"},
		{"select id, price from products where id = 5", "products"},
		{"select 1", "?"},
		{"select c.id from carts c join products p on p.id = c.product_id where c.user_id = 5", "carts, products"},
		{"select 1 from a, b where a.x = 1", "a, b cartesian"},
		{"insert into orders (a, b) values (1, 2)", "orders"},
		{"delete from orders", "orders unbounded"},
		{"select a from t where b not in (select c from u)", "t, u not_in_subquery"},
		{"select a from t where date(ts) = '2020-01-01'", "t function_condition"},
		{"select a from t where b like '%x'", "t wildcard_condition"},
		{"select a from t where b = (select max(c) from u)", "t, u"},
		{"select x.a from (select a, b from t where c = 5) x join u on u.a = x.a", "t, u"},
		{"select count(*) from t where b = 5", "t aggregates counts_by_key"},
		{"select count(*) from t where b > 5", "t aggregates"},
		{"select n from (select b, count(*) as n from t group by b) x where x.b = 5", "t aggregates"},
		{"commit", "?"},
	} {
		m := factsOf(t, c.sql, nil)
		got := fmt.Sprint(m["tables"])
		if column, ok := m["counter_column"]; ok {
			got += fmt.Sprint(" ", column)
		}
		for _, flag := range []string{"keyed_lock", "counter_update", "money", "reads_balance", "checks_secret", "aggregates", "order_by_rand", "select_star", "unbounded", "cartesian", "not_in_subquery", "function_condition", "wildcard_condition", "counts_by_key"} {
			if m[flag] == true {
				got += " " + flag
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.sql, got, c.want)
		}
	}
}

// TestTextThatIsNotUnderstood: a statement cut short tells its table and nothing else.
func TestTextThatIsNotUnderstood(t *testing.T) {
	m := factsOf(t, "select a from t where b = 'cut o", nil)
	if m["tables"] != "t" || m["index_evident"] != false {
		t.Errorf("%v", m)
	}
	for _, name := range []string{"aggregates", "keyed_lock", "unbounded", "function_condition"} {
		if v, known := m[name]; known {
			t.Errorf("%s is %v, which nobody can know", name, v)
		}
	}
}

func TestCastFacts(t *testing.T) {
	users := []collectors.Table{{
		Name: "users", Engine: "InnoDB", Rows: 200_000,
		Columns: []collectors.Column{{Name: "id", Type: "int(10)"}, {Name: "phone", Type: "varchar(20)"}},
		Indexes: []collectors.Index{
			{Name: "PRIMARY", Unique: true, Columns: []collectors.IndexColumn{{Name: "id"}}},
			{Name: "idx_phone", Columns: []collectors.IndexColumn{{Name: "phone"}}},
		},
	}}
	const sql = "select id from users where phone = 13800001234"
	if m := factsOf(t, sql, users); m["cast_condition"] != true || m["cast_column"] != "users.phone" || m["unused_key_names"] != "idx_phone" || m["index_evident"] != false {
		t.Errorf("%v", m)
	}
	if m := factsOf(t, "select id from users where phone = '138'", users); m["cast_condition"] != false || m["index_served"] != "idx_phone" {
		t.Errorf("%v", m)
	}
	m := factsOf(t, sql, nil)
	if _, known := m["cast_condition"]; known || m["index_schema_known"] != false {
		t.Errorf("without a schema nobody knows the type: %v", m)
	}
}

package advise

import (
	"fmt"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// in makes a class whose statements ran in a schema.
func in(schema, sql string) *analyzers.Class {
	c := class(sql)
	c.Databases = analyzers.Databases{}
	c.Databases.Add(schema, analyzers.Usage{Calls: 100, TimeUS: 1_000_000})
	return c
}

func ddl(p *Plan) string {
	var out []string
	for _, x := range p.Indexes {
		out = append(out, x.DDL())
	}
	return strings.NewReplacer(", ALGORITHM=INPLACE, LOCK=NONE", "", "ALTER TABLE ", "").Replace(strings.Join(out, "; "))
}

// TestHomes: a table is what the dictionary says it is, however statements name it.
func TestHomes(t *testing.T) {
	one := []collectors.Table{table("shop.orders 400000 id:int created_at:datetime status:varchar(12) pk(id)")}
	two := append(one, table("arch.orders 400000 id:int created_at:datetime status:varchar(12) pk(id)"))
	byTime, byBoth := "SELECT id FROM orders WHERE created_at = 5", "SELECT status FROM orders WHERE created_at = 5 AND status = 'x'"
	for _, c := range []struct {
		name    string
		tables  []collectors.Table
		classes []*analyzers.Class
		want    string
	}{
		{"two schemas", two, []*analyzers.Class{in("shop", byTime), in("arch", byBoth)},
			"arch.orders ADD INDEX ix_orders_created_at_status (created_at, status); shop.orders ADD INDEX ix_orders_created_at (created_at)"},
		{"two schemas, not given", nil, []*analyzers.Class{in("shop", byTime), in("arch", byBoth)},
			"arch.orders ADD INDEX ix_orders_created_at_status (created_at, status); shop.orders ADD INDEX ix_orders_created_at (created_at)"},
		{"spelled in three ways", one, []*analyzers.Class{in("shop", byTime), in("shop", strings.Replace(byTime, "id FROM orders", "1 FROM shop.orders", 1)), in("shop", strings.Replace(byTime, "id FROM orders", "2 FROM Orders", 1))},
			"orders ADD INDEX ix_orders_created_at (created_at)"},
	} {
		if got := ddl(planOf(t, c.tables, c.classes...)); got != c.want && got != strings.Replace(c.want, "orders ADD", "shop.orders ADD", 1) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	p := planOf(t, two, in("arch", byTime), in("shop", "INSERT INTO shop.orders (id) VALUES (1)"), in("arch", "DELETE FROM orders WHERE id = 1"))
	if len(p.Indexes) != 1 || p.Indexes[0].Writes != 100 {
		t.Errorf("only the DELETE from arch pays: %+v", p.Indexes)
	}
}

// TestOr: an OR gets an index for each branch, or none.
func TestOr(t *testing.T) {
	or := class("SELECT s FROM t WHERE b = 1 OR c = 2")
	p := planOf(t, shop(), or)
	if plan := p.Classes[or.ID]; len(plan.Indexes) != 2 {
		t.Errorf("%s", told(p))
	}
	classes := []*analyzers.Class{or}
	for i, sql := range []string{"SELECT 1 FROM t WHERE a = 1", "SELECT 2 FROM t WHERE d = 1"} {
		k := class(sql)
		k.Time.Sum += int64(1 + i)
		classes = append(classes, k)
	}
	p = planOf(t, shop(), classes...)
	if got := ddl(p); strings.Contains(got, "(b)") || strings.Contains(got, "(c)") || len(p.Indexes) != 2 || p.Classes[or.ID].Why != "beyond the limit" {
		t.Errorf("one of three places is left for two: %s, %q", got, p.Classes[or.ID].Why)
	}
}

// TestNearly: a column that another index nearly serves, and an index that writes would pay too much for.
func TestNearly(t *testing.T) {
	tables := []collectors.Table{table("shop.events 400000 40MB id:int player_id:int kind:varchar(12) amount:int created_at:datetime pk(id)")}
	of, sum := class("SELECT amount FROM events WHERE player_id = 5 ORDER BY created_at DESC LIMIT 50"), class("SELECT SUM(amount) FROM events WHERE player_id = 5 AND kind = 'x' AND created_at > 3")
	of.RowsExamined, sum.RowsExamined = 40_000_000, 40_000_000
	of.Time.Sum *= 2
	of.RowsSent = 900 // nine rows a player
	p := planOf(t, tables, of, sum)
	if got := ddl(p); got != "events ADD INDEX ix_events_player_id_created_at (player_id, created_at)" || len(p.Indexes[0].Classes) != 2 {
		t.Errorf("nine rows by player need no further column: %s", got)
	}
	of.RowsSent = 5_000 // as many as the LIMIT: how many a player has is not known
	if got := ddl(planOf(t, tables, of, sum)); !strings.Contains(got, "(player_id, kind, created_at)") {
		t.Errorf("a sum over a player's rows of one kind needs an index of its own: %s", got)
	}
	hot := class("INSERT INTO events (player_id) VALUES (1)")
	for range 200_000 {
		hot.Time.Add(100)
	}
	seldom := class("SELECT amount FROM events WHERE player_id = 5")
	p = planOf(t, tables, seldom, hot)
	if got := told(p); !strings.Contains(got, "writes cost more") || len(p.Indexes) > 0 {
		t.Errorf("a second saved is less than 200,000 writes to an index take: %s", got)
	}
}

// TestOrderThatDoesNotStop: the order of the key, and a range of which the rows lie at its far end.
func TestOrderThatDoesNotStop(t *testing.T) {
	k := class("SELECT a FROM t WHERE d > '2020-01-01' ORDER BY id LIMIT 10")
	k.RowsExamined, k.RowsSent = 20_000_000, 1_000
	if got := told(planOf(t, shop(), k)); got != "t(d)" {
		t.Error(got)
	}
	k.RowsExamined = 1_200
	if got := told(planOf(t, shop(), k)); !strings.HasPrefix(got, "none: ") {
		t.Errorf("12 rows read for 10: %s", got)
	}
}

// TestKeyLength: what is too long for a key is indexed by its beginning, and no two indexes have one name.
func TestKeyLength(t *testing.T) {
	long := "a_very_long_table_name_for_customer_invoice_history_rows"
	tables := []collectors.Table{
		table("shop.pages 400000 id:int host:varchar(500)@utf8mb4_general_ci path:varchar(700)@utf8mb4_general_ci url:varchar(2048) d:datetime ascii:varchar(900)@latin1_swedish_ci pk(id)"),
		table("shop." + long + " 400000 id:int invoice_number:int invoice_date:int pk(id)"),
	}
	for sql, want := range map[string]string{
		"SELECT d FROM pages WHERE host = 'x' AND path = 'y'":           "pages(host(191),path(191))",
		"SELECT d FROM pages WHERE url = 'x'":                           "pages(url(191))",
		"SELECT d FROM pages WHERE ascii = 'x'":                         "pages(ascii)",
		"SELECT d FROM pages WHERE d = 5 ORDER BY url LIMIT 1":          "pages(d,url(191))",
		"SELECT d FROM pages WHERE host = 'x' ORDER BY url, d LIMIT 10": "pages(host(191),url(191))",
	} {
		p := planOf(t, tables, class(sql))
		if got := told(p); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
		if len(p.Indexes) == 1 && (p.Indexes[0].Prefix != "") != strings.Contains(want, "(191)") {
			t.Errorf("%s: prefix %q", sql, p.Indexes[0].Prefix)
		}
	}
	p := planOf(t, tables, class("SELECT id FROM "+long+" WHERE invoice_number = 5"), class("SELECT 1 FROM "+long+" WHERE invoice_date = 5"))
	if len(p.Indexes) != 2 || p.Indexes[0].Name == p.Indexes[1].Name || len(p.Indexes[0].Name) > maxNameSize {
		t.Error(ddl(p))
	}
}

// TestCharsets: the column of the narrower character set is converted, so that its index cannot be used.
func TestCharsets(t *testing.T) {
	for _, c := range []struct{ mine, other, want string }{
		{"latin1_swedish_ci", "utf8mb4_general_ci", "none: no condition"},
		{"utf8mb4_general_ci", "latin1_swedish_ci", "logs(code)"},
		{"utf8mb3_general_ci", "utf8mb4_general_ci", "none: no condition"},
		{"utf8_general_ci", "utf8mb3_general_ci", "logs(code)"},
		{"utf8mb4_general_ci", "utf8mb4_general_ci", "logs(code)"},
		{"", "utf8mb4_general_ci", "logs(code)"},
		{"cp1251_general_ci", "utf8mb4_general_ci", "logs(code)"}, // not known which is wider
	} {
		tables := []collectors.Table{
			table("shop.logs 400000 id:int code:varchar(20)@" + c.mine + " pk(id)"),
			table("shop.heads 5000 id:int code:varchar(20)@" + c.other + " k:int pk(id) idx_k(k)"),
		}
		p := planOf(t, tables, class("SELECT l.id FROM heads h JOIN logs l ON l.code = h.code WHERE h.k = 5"))
		if got := strings.Replace(told(p), "served by idx_k", "no condition", 1); got != c.want {
			t.Errorf("%s = %s: %s, want %s", c.mine, c.other, got, c.want)
		}
	}
}

// TestRewriteOfText: a function of dates over a text is not taken away.
func TestRewriteOfText(t *testing.T) {
	if got := told(planOf(t, shop(), class("SELECT a FROM t WHERE DATE(s) = '2020-01-01'"))); got != "none: rewrite; function s" {
		t.Error(got)
	}
}

func TestLoggedPlan(t *testing.T) {
	got := loggedPlan(explainHeader + line("T", "ALL", "NULL", 100, 25, "Using where") + line("u", "ref", "k", 2, 100, "") +
		line("s", "index", "k", 5, 100, "Using filesort") + line("v", "ALL", "NULL", 9, 9, "") + line("v", "ALL", "NULL", 9, 9, "") +
		"1\tSIMPLE\tw\tALL\tNULL\tNULL\tNULL\tNULL\t5\tNULL\t100.00\tNULL\t\n" + "short\trow\n")
	want := map[string]planLine{
		"t": {scan: true, key: "NULL", rows: 100, filtered: 0.25},
		"u": {key: "k", perRow: true, rows: 2, filtered: 1},
		"s": {scan: true, key: "k", rows: 5, filtered: 1, sorted: true},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	for _, text := range []string{"", "x", explainHeader} {
		if len(loggedPlan(text)) > 0 {
			t.Errorf("%q", text)
		}
	}
}

func TestDepth(t *testing.T) {
	for pages, want := range map[float64]float64{0: 1, 1: 1, 2: 2, 1_000: 2, 1_001: 3, 1e6: 3} {
		if got := depth(pages); got != want {
			t.Errorf("%v pages: %v deep, want %v", pages, got, want)
		}
	}
	for typ, want := range map[string]float64{"int(11)": 4, "bigint(20) unsigned": 8, "decimal(12,2)": 6, "varchar(40)": 20, "char(10)": 10, "datetime": 5, "enum('a','b')": 1, "strange": 4} {
		if got := columnBytes(typ); got != want {
			t.Errorf("%s: %v bytes, want %v", typ, got, want)
		}
	}
	if q := QuoteTable(sqlshape.Table{Schema: "a", Name: "b"}); q != "a.b" {
		t.Error(q)
	}
}

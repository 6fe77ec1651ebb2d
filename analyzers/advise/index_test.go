package advise

import (
	"fmt"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// shop is the dictionary that the traps are set in. t has 400,000 rows and no index but its key.
func shop() []collectors.Table {
	return []collectors.Table{
		table("shop.t 400000 id:int a:int b:int c:int d:datetime s:varchar(20) u:char(36) x:text flag:tinyint(1) pk(id)"),
		table("shop.orders 400000 id:int user_id:int shop_id:int status:varchar(12) total:decimal(10,2) tracking_no:varchar(24) created_at:datetime pk(id) idx_user_created(user_id,created_at) idx_shop(shop_id)"),
		table("shop.users 200000 id:int name:varchar(50) phone:varchar(20) city:varchar(30) email:varchar(80) pk(id) idx_phone(phone) uq_email!(email)"),
		table("shop.items 900000 order_id:int product_id:int qty:int price:decimal(10,2) pk(order_id,product_id)"),
		table("shop.products 5000 id:int sku:varchar(20) category_id:int price:decimal(10,2) name:varchar(80) pk(id) idx_category(category_id)"),
		table("shop.colours 12 id:int name:varchar(20) pk(id)"),
		table("shop.old 90000 id:int k:int v:int pk(id) idx_hidden-(k) idx_prefix(v:3)"),
		table("shop.ab 300000 id:int a:int b:int c:int pk(id) idx_ab(a,b)"),
	}
}

// table reads "schema.name rows column:type … index(columns)"; ! marks a unique index, - an ignored
// one, and :n a prefix.
func table(text string) collectors.Table {
	words := strings.Fields(text)
	schema, name, _ := strings.Cut(words[0], ".")
	t := collectors.Table{Schema: schema, Name: name, Engine: "InnoDB"}
	fmt.Sscan(words[1], &t.Rows)
	for _, w := range words[2:] {
		head, cols, isIndex := strings.Cut(strings.TrimSuffix(w, ")"), "(")
		if column, typ, ok := strings.Cut(w, ":"); ok && !strings.Contains(column, "(") {
			t.Columns = append(t.Columns, collectors.Column{Name: column, Type: typ})
			continue
		}
		if !isIndex {
			panic(w)
		}
		x := collectors.Index{Name: strings.TrimRight(head, "!-"), Unique: strings.HasSuffix(head, "!"), Ignored: strings.HasSuffix(head, "-")}
		if x.Name == "pk" {
			x.Name, x.Unique = "PRIMARY", true
		}
		for c := range strings.SplitSeq(cols, ",") {
			column, prefix, _ := strings.Cut(c, ":")
			ic := collectors.IndexColumn{Name: column, Distinct: collectors.Unknown}
			fmt.Sscan(prefix, &ic.Prefix)
			x.Columns = append(x.Columns, ic)
		}
		t.Indexes = append(t.Indexes, x)
	}
	return t
}

// class makes a class of a statement that reads 50,000 rows to return one, 100 times.
func class(sql string) *analyzers.Class {
	fingerprint, id := analyzers.Fingerprint(sql)
	c := &analyzers.Class{Fingerprint: fingerprint, ID: id, Worst: analyzers.Example{SQL: sql, Schema: "shop"}}
	for range 100 {
		c.Time.Add(10_000)
	}
	c.RowsExamined, c.RowsExaminedKnown = 5_000_000, 100
	c.RowsSent, c.RowsSentKnown = 100, 100
	c.RowsAffectedKnown = 100
	c.Databases.Add("shop", analyzers.Usage{Calls: 100, TimeUS: 1_000_000})
	return c
}

func planOf(t *testing.T, tables []collectors.Table, classes ...*analyzers.Class) *Plan {
	t.Helper()
	d := analyzers.NewDigest()
	for _, c := range classes {
		d.Classes[c.Fingerprint] = c
	}
	return PlanIndexes(Statements(d, 100), NewCatalog(tables), analyzers.Engine{Name: "mariadb", Version: [3]int{10, 11, 0}})
}

// told writes a plan: the indexes, and of a class without one the reason and the rewrites.
func told(p *Plan) string {
	var out []string
	for _, x := range p.Indexes {
		s := x.Table.String() + "(" + strings.Join(x.Columns, ",") + ")"
		if x.Extends != "" {
			s += " for " + x.Extends
		}
		out = append(out, s)
	}
	for _, c := range p.Classes {
		if len(c.Indexes) == 0 {
			s := "none: " + c.Why
			if c.Why == "served" {
				s += " by " + c.Served
			}
			out = append(out, s)
		}
		for _, r := range c.Rewrites {
			s := r.Cause
			if r.Column != "" {
				s += " " + r.Column
			}
			if r.To != "" {
				s += " -> " + r.To
			}
			out = append(out, s)
		}
	}
	return strings.Join(out, "; ")
}

// TestTraps holds the advisor to statements on which advisers go wrong. The reason for each stands
// beside it; where a server was asked it was MariaDB 10.11.
func TestTraps(t *testing.T) {
	for _, c := range []struct{ sql, want, why string }{
		// Equality, and the order of its columns.
		{"SELECT a FROM t WHERE a = 1", "t(a)", "plain"},
		{"SELECT a FROM t WHERE a = 1 AND b = 2", "t(a,b)", "both in one index, not one index a column"},
		{"SELECT a FROM t WHERE b = 2 AND a = 1", "t(b,a)", "the order of AND does not matter"},
		{"SELECT a FROM t WHERE a <=> 1 AND b IS NULL", "t(a,b)", "both find rows by key"},
		{"SELECT a FROM t WHERE a IN (5)", "t(a)", "one value is an equality"},
		{"SELECT total FROM orders WHERE tracking_no = 'x'", "orders(tracking_no)", "lookup without a key"},
		{"UPDATE t SET c = 5 WHERE a = 1", "t(a)", "a write locks every row it reads"},
		{"DELETE FROM t WHERE d < '2020-01-01'", "t(d)", "purge by range"},
		{"SELECT a FROM t WHERE s = 5.0 AND a = 1", "t(a); cast s -> s = '?'", "the cast column stays out"},

		// <> and its like.
		{"SELECT a FROM t WHERE a <> 1", "none: no condition", "most rows differ"},
		{"SELECT a FROM t WHERE a <> 1 AND b = 2", "t(b)", "the unequal column is no part of it"},
		{"SELECT a FROM t WHERE a NOT IN (1, 2) AND b = 2", "t(b)", "same"},
		{"SELECT a FROM t WHERE a IS NOT NULL AND b = 2", "t(b)", "same"},
		{"SELECT a FROM t WHERE NOT a = 1", "none: no condition", "same"},

		// Ranges.
		{"SELECT a FROM t WHERE a = 1 AND b > 2 AND c > 3", "t(a,b)", "nothing behind a range"},
		{"SELECT a FROM t WHERE b > 2 AND a = 1", "t(a,b)", "equality before range"},
		{"SELECT a FROM t WHERE b > 2", "t(b)", "range alone"},
		{"SELECT a FROM t WHERE b BETWEEN 2 AND 5 AND a = 1", "t(a,b)", "between is a range"},
		{"SELECT a FROM t WHERE a = 1 AND s LIKE 'x%'", "t(a,s)", "a prefix is a range"},
		{"SELECT a FROM t WHERE a IN (1, 2, 3) AND b = 5", "t(b,a)", "list after equality"},
		{"SELECT a FROM t WHERE a IN (1, 2, 3) AND b > 5", "t(a,b)", "range after list"},
		{"SELECT a FROM t WHERE a = 1 OR a = 2", "t(a)", "OR of one column is a list"},

		// Order.
		{"SELECT a FROM t WHERE a = 1 ORDER BY d LIMIT 1", "t(a,d)", "filter, then order"},
		{"SELECT a FROM t WHERE a = 1 ORDER BY d DESC LIMIT 1", "t(a,d)", "an index is read backwards too"},
		{"SELECT a FROM t WHERE a = 1 ORDER BY flag, d LIMIT 1", "t(a,flag,d)", "ORDER BY keeps its order whatever the cardinality"},
		{"SELECT a FROM t WHERE a = 1 ORDER BY d DESC, b DESC LIMIT 1", "t(a,d,b)", "one direction"},
		{"SELECT a FROM t WHERE a = 1 ORDER BY d DESC, b LIMIT 1", "t(a,d DESC,b)", "two directions need a mixed index"},
		{"SELECT a FROM t WHERE a = 1 AND b > 5 ORDER BY d", "t(a,b)", "range, then order: the order is lost"},
		{"SELECT a FROM t WHERE a = 1 AND b > 5 ORDER BY d LIMIT 1", "t(a,d)", "order stops early"},
		{"SELECT a FROM t WHERE a = 1 AND b > 5 ORDER BY d LIMIT 50", "t(a,b)", "one row for a limit of 50: all that match were read"},
		{"SELECT a FROM t WHERE a = 1 AND d > '2020-01-01' ORDER BY d LIMIT 1", "t(a,d)", "range and order are one column"},
		{"SELECT a FROM t WHERE a IN (1, 2) ORDER BY d LIMIT 1", "t(a)", "a list breaks the order"},
		{"SELECT a FROM t WHERE a = 1 ORDER BY a, d LIMIT 1", "t(a,d)", "a constant needs no sorting"},
		{"SELECT a FROM t ORDER BY d DESC LIMIT 10", "t(d)", "top of the table"},
		{"SELECT a FROM t ORDER BY d", "none: no condition", "all rows anyway"},
		{"SELECT a FROM t ORDER BY RAND() LIMIT 1", "none: no condition", "no index sorts by chance"},
		{"SELECT a FROM t WHERE a = 1 ORDER BY b + c LIMIT 1", "t(a)", "an expression is not in the index"},
		{"SELECT a FROM t WHERE a = 1 ORDER BY id LIMIT 1", "t(a)", "the primary key follows by itself"},
		{"SELECT a FROM t WHERE a = 1 AND b = 2 ORDER BY id DESC LIMIT 1", "t(a,b)", "same, backwards"},
		{"SELECT a FROM t WHERE a = 1 GROUP BY b", "t(a,b)", "groups come in order"},
		{"SELECT b, COUNT(*) FROM t GROUP BY b", "none: no condition", "a summary reads everything"},
		{"SELECT b, COUNT(*) AS n FROM t WHERE a = 1 GROUP BY b ORDER BY n DESC LIMIT 1", "t(a,b)", "sorting by a count uses no index"},

		// What is there already.
		{"SELECT a FROM orders WHERE user_id = 5", "none: served by idx_user_created", "prefix"},
		{"SELECT a FROM orders WHERE user_id = 5 ORDER BY created_at DESC LIMIT 1", "none: served by idx_user_created", "with its order"},
		{"SELECT a FROM orders WHERE created_at = '2020-01-01' AND user_id = 5", "none: served by idx_user_created", "in any order"},
		{"SELECT a FROM orders WHERE shop_id = 1 AND status = 'x' ORDER BY created_at DESC LIMIT 1", "orders(shop_id,status,created_at) for idx_shop", "extend, do not add"},
		{"SELECT a FROM orders WHERE status = 'x' AND shop_id = 1", "orders(shop_id,status) for idx_shop", "the order that shares a prefix"},
		{"SELECT a FROM orders WHERE id = 5", "none: served by PRIMARY", "primary key"},
		{"SELECT a FROM orders WHERE id = 5 AND status = 'x'", "none: served by PRIMARY", "one row by its key"},
		{"SELECT a FROM users WHERE email = 'x' AND city = 'y'", "none: served by uq_email", "one row by a unique key"},
		{"SELECT qty FROM items WHERE order_id = 5 AND qty > 3", "items(order_id,qty)", "the primary key may not be extended"},
		{"SELECT qty FROM items WHERE order_id = 5", "none: served by PRIMARY", "prefix of the key"},
		{"SELECT a FROM old WHERE k = 5", "old(k)", "an ignored index serves nobody"},
		{"SELECT a FROM old WHERE v = 5 ORDER BY k LIMIT 1", "old(v,k)", "behind a prefix column is no order"},
		{"SELECT a FROM ab WHERE a = 1 ORDER BY id LIMIT 1", "ab(a)", "(a, b) does not give (a) ORDER BY key: measured, filesort"},
		{"SELECT a FROM ab WHERE a = 1", "none: served by idx_ab", "but it gives (a)"},
		{"SELECT a FROM ab WHERE a = 1 AND b = 2 ORDER BY id LIMIT 1", "none: served by idx_ab", "InnoDB appends the key"},

		// Not indexable as written.
		{"SELECT a FROM t WHERE DATE(d) = '2020-01-01'", "none: rewrite; function d -> d >= ? AND d < ? + INTERVAL 1 DAY", "function"},
		{"SELECT a FROM t WHERE YEAR(d) = 2020 AND a = 1", "t(a); function d -> d >= MAKEDATE(?, 1) AND d < MAKEDATE(? + 1, 1)", "function beside equality"},
		{"SELECT a FROM t WHERE a + 0 = 5", "none: rewrite; arithmetic a -> a = ?", "arithmetic"},
		{"SELECT a FROM t WHERE a * 3 = 15", "none: rewrite; arithmetic a", "no sure form"},
		{"SELECT a FROM t WHERE LOWER(s) = 'x'", "none: rewrite; function s", "depends on the collation"},
		{"SELECT a FROM users WHERE phone = 13800001234", "none: rewrite; cast phone -> phone = '?'", "string column, number"},
		{"SELECT a FROM users WHERE phone IN (138, 139)", "none: rewrite; cast phone -> phone in ('?')", "same, list"},
		{"SELECT a FROM users WHERE phone = '138'", "none: served by idx_phone", "string as a string"},
		{"SELECT a FROM t WHERE a = '5'", "t(a)", "a quoted number against a number is harmless"},
		{"SELECT a FROM t WHERE s LIKE '%x'", "none: rewrite; leading wildcard s", "wildcard"},
		{"SELECT a FROM t WHERE s LIKE '%x' AND a = 1", "t(a); leading wildcard s", "wildcard beside equality"},
		{"SELECT a FROM t WHERE s REGEXP 'x'", "none: no condition", "no prefix to be known"},
		{"SELECT a FROM t WHERE a = 1 OR b = 2", "t(a); t(b)", "index_merge of two"},
		{"SELECT a FROM t WHERE a = 1 OR s LIKE '%x'", "none: rewrite; or", "one branch reads all rows"},
		{"SELECT a FROM t WHERE (a = 1 OR s LIKE '%x') AND b = 5", "t(b)", "AND leads, OR filters"},
		{"SELECT a FROM t WHERE x = 'abc'", "t(x(50))", "a long text is found by its beginning"},
		{"SELECT a FROM t WHERE MATCH (s) AGAINST ('x')", "none: no condition", "FULLTEXT is another thing"},
		{"SELECT a FROM t WHERE a = (SELECT MAX(b) FROM colours) AND c = 1", "t(a,c)", "a value from a subquery"},

		// Joins.
		{"SELECT o.id FROM users u JOIN orders o ON o.user_id = u.id WHERE u.city = 'x'", "users(city)", "the inner side has its key"},
		{"SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id WHERE u.city = 'x'", "users(city)", "in either direction"},
		{"SELECT i.qty FROM products p JOIN items i ON i.product_id = p.id WHERE p.category_id = 5", "items(product_id)", "the inner side lacks one"},
		{"SELECT i.qty FROM items i JOIN products p ON p.id = i.product_id WHERE i.order_id = 5", "none: served by PRIMARY", "both sides have one"},
		{"SELECT u.id FROM users u JOIN t ON t.s = u.phone WHERE t.a = 1", "t(a)", "a is where it begins"},
		{"SELECT u.id FROM t JOIN users u ON u.name = t.a WHERE t.b = 1", "t(b)", "string against number: no index on name can help"},
		{"SELECT u.id FROM users u LEFT JOIN orders o ON o.status = u.city WHERE u.phone = '1'", "orders(status)", "the optional side is looked up"},
		{"SELECT id FROM orders WHERE tracking_no IN (SELECT s FROM t WHERE a = 5)", "orders(tracking_no); t(a)", "both blocks"},
		{"SELECT id FROM users u WHERE EXISTS (SELECT 1 FROM t WHERE t.c = u.id AND t.b = 5)", "t(c,b)", "a correlated subquery is looked up"},
		{"SELECT x.id FROM (SELECT id, status FROM orders) x WHERE x.status = 'paid'", "orders(status)", "through a derived table"},
		{"SELECT name FROM users, t WHERE users.city = 'x' AND t.a = 5", "t(a); users(city)", "each by itself"},
		{"SELECT id FROM users JOIN t USING (id) WHERE city = 'x'", "users(city)", "unqualified, resolved by the schema"},
	} {
		p := planOf(t, shop(), class(c.sql))
		if got := told(p); got != c.want {
			t.Errorf("%s (%s)\n got %s\nwant %s", c.sql, c.why, got, c.want)
		}
	}
}

// TestUnworthy are statements that an index would serve and yet not help.
func TestUnworthy(t *testing.T) {
	lockBound := class("UPDATE t SET c = 1 WHERE a = 5")
	lockBound.LockUS = 400_000
	few := class("SELECT b FROM t WHERE a = 5")
	few.RowsExamined = 250
	many := class("SELECT b FROM t WHERE a = 5")
	many.RowsSent = 4_000_000
	for _, c := range []struct {
		class *analyzers.Class
		want  string
	}{
		{lockBound, "none: locks"},
		{few, "none: few rows read"},
		{many, "none: few rows read"},
		{class("SELECT id FROM colours WHERE name = 'red'"), "none: small table"},
		{class("INSERT INTO t (a) VALUES (1)"), "none: not understood"},
		{class("SELECT a FROM t WHERE b = 'cut o"), "none: not understood"},
	} {
		if got := told(planOf(t, shop(), c.class)); got != c.want {
			t.Errorf("%s: %s, want %s", c.class.Fingerprint, got, c.want)
		}
	}
}

// TestWithoutSchema proposes what the statement alone makes evident, and says that it is a guess.
func TestWithoutSchema(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT b FROM t WHERE a = 1 AND c = 2 ORDER BY d LIMIT 1": "t(a,c,d)",
		"SELECT b FROM t WHERE id = 5":                             "t(id)", // it reads 50,000 rows: id is no key
		"UPDATE t SET b = 1 WHERE id = 5 AND a = 2":                "t(id,a)",
		"SELECT b FROM t WHERE id > 5":                             "none: key assumed",
		"SELECT b FROM t WHERE a = 5 AND id = (SELECT id FROM u)":  "none: key assumed", // which block read is not known
		"SELECT b FROM t WHERE a = 5 ORDER BY id LIMIT 1":          "t(a)",
		"SELECT b FROM t ORDER BY id LIMIT 1000, 10":               "none: key assumed",
		"SELECT b FROM t JOIN u ON u.id = t.uid WHERE k = 5":       "none: no condition",
		"SELECT b FROM t JOIN u ON u.id = t.uid WHERE t.k = 5":     "t(k)",
		"SELECT b FROM users WHERE phone = 138":                    "users(phone)",
		"SELECT `order` FROM `my table` WHERE `key` = 5":           "my table(`key`)",
	} {
		p := planOf(t, nil, class(sql))
		if got := told(p); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
		for _, x := range p.Indexes {
			if x.SchemaKnown {
				t.Errorf("%s: no schema was given", sql)
			}
		}
	}
}

// TestMerge: classes share indexes, and few are proposed.
func TestMerge(t *testing.T) {
	for _, c := range []struct {
		sql  []string
		want []string
	}{
		{[]string{"SELECT 1 FROM t WHERE a = 1", "SELECT 2 FROM t WHERE b = 1 AND a = 2"}, []string{"t(a,b) 2"}},
		{[]string{"SELECT 1 FROM t WHERE a = 1 ORDER BY d LIMIT 1", "SELECT 2 FROM t WHERE a = 1"}, []string{"t(a,d) 2"}},
		{[]string{"SELECT 1 FROM t WHERE a = 1 AND b > 1", "SELECT 2 FROM t WHERE b = 1"}, []string{"t(a,b) 1", "t(b) 1"}},
		{[]string{"SELECT 1 FROM t WHERE a=1", "SELECT 2 FROM t WHERE b=1", "SELECT 3 FROM t WHERE c=1", "SELECT 4 FROM t WHERE d='1'"}, []string{"t(a) 1", "t(b) 1", "t(c) 1"}},
		{[]string{"SELECT 1 FROM t WHERE a=1 AND b=2 AND c=3", "SELECT 2 FROM t WHERE c=1", "SELECT 3 FROM t WHERE c=1 AND b > 5"}, []string{"t(c,b,a) 3"}},
	} {
		var classes []*analyzers.Class
		for i, sql := range c.sql {
			k := class(sql)
			k.Time.Sum -= int64(i) // an order to rely on
			classes = append(classes, k)
		}
		p := planOf(t, shop(), classes...)
		var got []string
		for _, x := range p.Indexes {
			got = append(got, fmt.Sprintf("%s(%s) %d", x.Table, strings.Join(x.Columns, ","), len(x.Classes)))
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%q: %q, want %q", c.sql, got, c.want)
		}
	}
}

func TestDDL(t *testing.T) {
	p := planOf(t, shop(), class("SELECT a FROM orders WHERE shop_id = 1 AND status = 'x'"), class("INSERT INTO orders (id) VALUES (1)"), class("UPDATE orders SET total = 5 WHERE id = 1"), class("UPDATE shop.orders SET status = 'y' WHERE id = 1"))
	if len(p.Indexes) != 1 {
		t.Fatalf("%d indexes", len(p.Indexes))
	}
	x := p.Indexes[0]
	if want := "ALTER TABLE orders ADD INDEX ix_orders_shop_id_status (shop_id, status), ALGORITHM=INPLACE, LOCK=NONE"; x.DDL() != want {
		t.Errorf("%s", x.DDL())
	}
	if want := "ALTER TABLE orders DROP INDEX ix_orders_shop_id_status"; x.Undo() != want {
		t.Errorf("%s", x.Undo())
	}
	if x.Writes != 200 {
		t.Errorf("%d writes would maintain it: the INSERT and the UPDATE of status", x.Writes)
	}
	long := &Index{Table: sqlshape.Table{Schema: "s", Name: "order"}, Name: indexName([]string{strings.Repeat("ü", 80)}, func(string) bool { return false }), Columns: []string{"a"}}
	if len([]rune(long.Name)) != maxNameSize {
		t.Errorf("name of %d characters", len([]rune(long.Name)))
	}
	if !strings.HasPrefix(long.DDL(), "ALTER TABLE s.`order` ADD INDEX ") {
		t.Error(long.DDL())
	}
}

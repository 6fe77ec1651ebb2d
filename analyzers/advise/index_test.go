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

// table reads "schema.name rows column:type@collation … index(columns)"; ! marks a unique index, - an ignored
// one, :n a prefix, =n the different values up to a column, and 40MB the size of the data.
func table(text string) collectors.Table {
	words := strings.Fields(text)
	schema, name, _ := strings.Cut(words[0], ".")
	t := collectors.Table{Schema: schema, Name: name, Engine: "InnoDB"}
	fmt.Sscan(words[1], &t.Rows)
	for _, w := range words[2:] {
		if mb, isSize := strings.CutSuffix(w, "MB"); isSize {
			fmt.Sscan(mb, &t.DataBytes)
			t.DataBytes <<= 20
			continue
		}
		head, cols, isIndex := strings.Cut(strings.TrimSuffix(w, ")"), "(")
		if column, typ, ok := strings.Cut(w, ":"); ok && !strings.Contains(column, "(") {
			typ, collation, _ := strings.Cut(typ, "@")
			t.Columns = append(t.Columns, collectors.Column{Name: column, Type: typ, Collation: collation})
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
			c, values, _ := strings.Cut(c, "=")
			column, prefix, _ := strings.Cut(c, ":")
			ic := collectors.IndexColumn{Name: column, Distinct: collectors.Unknown}
			fmt.Sscan(values, &ic.Distinct)
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

package rules

import (
	"strings"
	"testing"
)

func TestIndexColumns(t *testing.T) {
	tests := map[string]string{
		"select id, user_id, status, created_at from orders where tracking_no = ?":                       "orders (tracking_no)",
		"select id, total from orders where shop_id = ? and status = ? order by created_at desc limit ?": "orders (shop_id, status, created_at)",
		"select id from `orders` o where o.shop_id = ? and status=? and total > ?":                       "orders (shop_id, status, total)",
		"select id from orders where a = ? and b between ? and ? order by c limit ?":                     "orders (a, c)",
		"select id from orders where a = ? and b between ? and ? order by c":                             "orders (a, b)",
		"select id from orders where b in(?+) and a = ? order by c limit ?":                              "orders (a, b)",
		"select count(*) from t where x is null and y = ?":                                               "t (x, y)",
		"update shop.orders set status = ? where tracking_no = ?":                                        "shop.orders (tracking_no)",
		"delete from orders where created_at < ?":                                                        "orders (created_at)",
		"select id, user_id, total, created_at from orders order by id limit ?, ?":                       "",
		"select name from products where id = ?":                                                         "",
		"select a from t where date(x)=?":                                                                "",
		"select a from t where b = ? or c=?":                                                             "",
		"select a from t where b not in(?+)":                                                             "",
		"select a from t where b <> ?":                                                                   "",
		"select a from t where b like ?":                                                                 "",
		"select c.id, p.name from carts c join products p on p.id = c.product_id where c.user_id = ?":    "",
		"select a from t, u where t.a = ? and u.b = ?":                                                   "",
		"select a from t where b = (select max(b) from u where c = ?)":                                   "",
		"select a from t where x = ? union select a from u where x = ?":                                  "",
		"insert into t (a,b) values(?+)":                                                                 "",
		"select":                                                                                         "",
		"":                                                                                               "",
		"select a from t where `we ird` = ?":                                                             "",
	}
	for in, want := range tests {
		s := scanShape(in)
		got := ""
		if c := s.indexColumns(); c != nil {
			got = s.tables[0] + " (" + strings.Join(c, ", ") + ")"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestShapeNotes(t *testing.T) {
	tests := []struct {
		in                               string
		counter                          string
		money, keyed, aggregates, random bool
		tables                           string
	}{
		{in: "update products set views = views + ? where id = ?", counter: "views", keyed: true, tables: "products"},
		{in: "update stock set qty = qty - ?, updated_at = now() where product_id = ?", counter: "qty", money: true, keyed: true, tables: "stock"},
		{in: "update t set c = ? where id = ?", keyed: true, tables: "t"},
		{in: "select qty from stock where product_id = ? for update", money: true, keyed: true, tables: "stock"},
		{in: "select qty from stock where product_id = ?", money: true, tables: "stock"},
		{in: "select user_id, count(*) as n from audit where created_at between ? and ? group by user_id order by n desc limit ?", aggregates: true, tables: "audit"},
		{in: "select * from t order by rand() limit ?", random: true, tables: "t"},
		{in: "select rand() from t", tables: "t"},
		{in: "select ?"},
		{in: "select c.id from carts c join products p on p.id = c.product_id where c.user_id = ?", tables: "carts,products"},
		{in: "insert into orders (a, b) values(?+)", tables: "orders"},
		{in: "commit"},
	}
	for _, tt := range tests {
		s := scanShape(tt.in)
		if s.counter != tt.counter || s.money() != tt.money || s.keyedLock() != tt.keyed || s.aggregates != tt.aggregates ||
			s.random != tt.random || strings.Join(s.tables, ",") != tt.tables {
			t.Errorf("%s: %+v", tt.in, s)
		}
	}
}

func FuzzScanShape(f *testing.F) {
	f.Add("select a from t where b = ? and c in(?+) order by d limit ?")
	f.Add("update t set c = c + ? where \xff = ?")
	f.Fuzz(func(_ *testing.T, s string) {
		sh := scanShape(s)
		sh.indexColumns()
		sh.keyedLock()
	})
}

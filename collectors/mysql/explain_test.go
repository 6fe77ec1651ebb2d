package mysql

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"dbtriage/collectors/mysql/mysqltest"
)

// A plan is that of the server, and asking for it changes nothing.
func TestExplain(t *testing.T) {
	m := mysqltest.Start(t)
	shop(t, m)
	c := Config{User: "root", Socket: m.Socket, Host: "127.0.0.1", Timeout: 5 * time.Second}
	ctx := context.Background()
	plan, err := Explain(ctx, c, "shop", "/* app:7 */ SELECT owner FROM carts WHERE n = 2")
	if err != nil {
		t.Fatal(err)
	}
	key := slices.Index(plan.Columns, "key")
	if key < 0 || len(plan.Rows) != 1 || plan.Rows[0][key] != "u" {
		t.Errorf("%+v", plan)
	}
	for statement, want := range map[string]string{
		"ANALYZE SELECT SLEEP(9)":          "only statements that read",
		"DELETE FROM carts":                "only statements that read",
		"DROP TABLE carts":                 "only statements that read",
		"SELECT 1; DELETE FROM shop.carts": "syntax",
		"SELECT * FROM carts WHERE nope":   "nope",
	} {
		_, err := Explain(ctx, c, "shop", statement)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", statement, err)
		}
	}
	if _, err := Explain(ctx, c, "no`such", "SELECT 1"); err == nil || !strings.Contains(err.Error(), "no`such") {
		t.Error(err)
	}
	var n int
	if err := m.Open(t, "root", "shop").QueryRow("SELECT COUNT(*) FROM carts").Scan(&n); err != nil || n != 3 {
		t.Errorf("%d rows are left of 3, %v", n, err)
	}
}

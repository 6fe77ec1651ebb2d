package mysql

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dbtriage/collectors/mysql/mysqltest"
)

// A dictionary with more rows than are taken of one answer: a table is known whole or by its size
// alone, no index passes for unread because its row was left out, and the reading says so.
func TestBoundOfDictionary(t *testing.T) {
	m := mysqltest.Start(t, "--performance-schema=ON")
	db := m.Open(t, "root", "")
	mysqltest.Exec(t, db, "CREATE DATABASE shop")
	const columns, tables = 63, maxRows/63 + 2
	var text strings.Builder
	for c := range columns {
		fmt.Fprintf(&text, "c%d INT, KEY k%d (c%d), ", c, c, c)
	}
	for n := range tables {
		mysqltest.Exec(t, db, fmt.Sprintf("CREATE TABLE shop.t%03d (%s id INT PRIMARY KEY) ENGINE=MyISAM", n, text.String()))
	}
	r := read(t, reader(t, m, "root"), time.Now())
	if len(r.Tables) != tables {
		t.Fatalf("%d tables, want %d", len(r.Tables), tables)
	}
	whole := 0
	for _, table := range r.Tables {
		if n := len(table.Indexes); n != 0 && n != columns+1 {
			t.Errorf("%s has %d indexes, want none or %d", table.Name, n, columns+1)
		}
		if n := len(table.Columns); n != 0 && n != columns+1 {
			t.Errorf("%s has %d columns, want none or %d", table.Name, n, columns+1)
		}
		if len(table.Indexes) > 0 {
			whole++
		}
	}
	if whole == 0 || whole == tables {
		t.Errorf("%d of %d tables have indexes: the bound was not reached", whole, tables)
	}
	if len(r.Missing) == 0 {
		t.Error("the reading does not say that something was left out")
	}
}

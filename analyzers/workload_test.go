package analyzers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Of a statement too long to keep the tables are told all the same, whatever stands behind its long list.
func TestTablesOfLongStatements(t *testing.T) {
	var ids strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&ids, "%d,", 1_000_000+i)
	}
	in := " IN (" + ids.String() + "7)"
	var data []byte
	for _, sql := range []string{
		"SELECT EXTRACT(YEAR FROM created_at), TRIM(BOTH ' ' FROM name) FROM Extracts WHERE id" + in,
		"SELECT a FROM distinct_from WHERE a IS DISTINCT FROM b AND id" + in,
		"SELECT 1 FROM joined o, by_comma u WHERE o.id" + in + " AND o.uid = u.id",
		"UPDATE updated o JOIN read_only u ON u.id = o.uid SET o.x = 1 WHERE o.id" + in,
		"SELECT a FROM before_list WHERE id" + in + " UNION SELECT a FROM behind_list",
		"INSERT INTO shop.Inserted (id) VALUES (" + strings.ReplaceAll(ids.String(), ",", "),(") + "7)",
	} {
		data = append(data, "# Time: 2024-03-05T09:00:00.500000Z\n# User@Host: a[a] @ w []  Id: 1\n# Query_time: 0.1  Lock_time: 0 Rows_sent: 1  Rows_examined: 5\nSET timestamp=1709629200;\n"+sql+";\n"...)
	}
	w, err := NewWorkload(scanFile(t, data, 1))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, u := range w.Tables {
		got[strings.TrimPrefix(u.Schema+"."+u.Table, ".")] = fmt.Sprintf("%d reads, %d writes", u.Reads, u.Writes)
	}
	read, written := "1 reads, 0 writes", "0 reads, 1 writes"
	want := map[string]string{"Extracts": read, "distinct_from": read, "joined": read, "by_comma": read, "updated": written, "read_only": read,
		"before_list": read, "behind_list": read, "shop.Inserted": written}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

package scratch

import (
	"reflect"
	"testing"
)

// Plans of both servers, as they write them.
func TestReadPlan(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []Access
		pages      int64
	}{
		{"MariaDB, two tables", `{"query_block": {"select_id": 1, "nested_loop": [
			{"table": {"table_name": "p", "access_type": "const", "key": "PRIMARY", "r_engine_stats": {"pages_accessed": 2}}},
			{"table": {"table_name": "t", "access_type": "ALL", "r_rows": 50000, "r_engine_stats": {"pages_accessed": 115}}}]}}`,
			[]Access{{"p", "const", []string{"PRIMARY"}}, {"t", "ALL", nil}}, 117},
		{"MariaDB, merged and filtered", `{"query_block": {"table": {"table_name": "t", "access_type": "index_merge",
			"index_merge": {"union": [{"range": {"key": "a"}}, {"range": {"key": "b"}}]}, "rowid_filter": {"range": {"key": "c"}}}}}`,
			[]Access{{"t", "index_merge", []string{"a", "b", "c"}}}, 0},
		{"MariaDB, derived and union", `{"query_block": {"union_result": {"table_name": "<union1,2>", "access_type": "ALL", "query_specifications": [
			{"query_block": {"table": {"table_name": "<derived3>", "access_type": "ALL", "materialized": {"query_block": {"table": {"table_name": "x", "access_type": "ref", "key": "k"}}}}}}]}}}`,
			[]Access{{"x", "ref", []string{"k"}}}, 0},
		{"MySQL", `{"query_block": {"cost_info": {"query_cost": "1.0"}, "ordering_operation": {"table": {"table_name": "t", "access_type": "index_merge", "key": "sort_union(a,b)"}}}}`,
			[]Access{{"t", "index_merge", []string{"a", "b"}}}, 0},
		{"MySQL, a name like a merge", `{"query_block": {"table": {"table_name": "t", "access_type": "ref", "key": "by(a)"}}}`,
			[]Access{{"t", "ref", []string{"by(a)"}}}, 0},
	} {
		got, pages, err := readPlan(c.text)
		if err != nil || !reflect.DeepEqual(got, c.want) || pages != c.pages {
			t.Errorf("%s: %+v, %d, %v", c.name, got, pages, err)
		}
	}
	if _, _, err := readPlan("EXPLAIN"); err == nil {
		t.Error("no JSON is a plan")
	}
}

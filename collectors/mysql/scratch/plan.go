package scratch

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An Access is how a plan reads one table.
type Access struct {
	Table string // its name or alias in the statement
	Kind  string // access_type: ALL, ref, range …, in MySQL's second version table, index_lookup …
	Keys  []string
}

// Uses reports whether an index is read.
func (a *Access) Uses(index string) bool {
	return slices.ContainsFunc(a.Keys, func(k string) bool { return strings.EqualFold(k, index) })
}

// readPlan takes from a plan in JSON how each table is read, and the sum of pages accessed. It reads those of
// MariaDB and both versions of MySQL's, of which 9 writes the second.
func readPlan(text string) (plan []Access, pages int64, err error) {
	var root any
	if err := json.Unmarshal([]byte(text), &root); err != nil {
		return nil, 0, fmt.Errorf("the plan is no JSON: %w", err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if stats, ok := v["r_engine_stats"].(map[string]any); ok {
				n, _ := stats["pages_accessed"].(float64)
				pages += int64(n)
			}
			if name, ok := v["table_name"].(string); ok && !strings.HasPrefix(name, "<") { // <derived2>, <union1,2>
				a := Access{Table: name}
				a.Kind, _ = v["access_type"].(string)
				if alias, ok := v["alias"].(string); ok {
					a.Table = alias
				}
				if how, ok := v["index_access_type"].(string); ok {
					a.Kind = how
				}
				a.Keys = keysOf(v)
				plan = append(plan, a)
			}
			for _, key := range slices.Sorted(maps.Keys(v)) {
				walk(v[key])
			}
		}
	}
	walk(root)
	return plan, pages, nil
}

// keysOf returns the indexes that a table of a plan is read by: one, those that index_merge joins, and one that
// filters. What stands inside of the table and has tables of its own is left out.
func keysOf(table any) (keys []string) {
	switch v := table.(type) {
	case []any:
		for _, e := range v {
			keys = append(keys, keysOf(e)...)
		}
	case map[string]any:
		for _, of := range []string{"key", "index_name"} {
			if key, ok := v[of].(string); ok {
				keys = append(keys, splitMerge(key)...)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name != "materialized" && name != "query_block" && name != "attached_subqueries" {
				keys = append(keys, keysOf(v[name])...)
			}
		}
	}
	return keys
}

// splitMerge takes MySQL's "union(a,intersect(b,c))" apart.
func splitMerge(key string) []string {
	for _, by := range []string{"union(", "intersect(", "sort_union("} {
		if strings.HasPrefix(key, by) && strings.HasSuffix(key, ")") {
			return strings.FieldsFunc(strings.NewReplacer("sort_union(", "", "union(", "", "intersect(", "").Replace(key), func(r rune) bool { return strings.ContainsRune("(),", r) })
		}
	}
	return []string{key}
}

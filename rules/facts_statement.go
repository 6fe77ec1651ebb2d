package rules

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dbtriage/analyzers/advise"
	"dbtriage/analyzers/sqlshape"
)

var (
	countsAll = regexp.MustCompile(`^select count\((\*|1|\?)\)`)
	jsonPath  = regexp.MustCompile(`json_(extract|unquote|value|contains)`)
)

// habitFacts adds what the text of a statement shows of habits that cost under load.
func habitFacts(m factMap, st *advise.Statement) {
	m["counts_all"] = countsAll.MatchString(st.Class.Fingerprint)
	m["found_rows"] = strings.Contains(st.Class.Fingerprint, "sql_calc_found_rows")
	if subquery, rows, ok := dependentSubquery(st.Class.Worst.Explain); ok {
		m["dependent_subquery"] = subquery
		m.num("outer_rows", rows)
	}
	if st.Shape.Guessed || st.Shape.Cut {
		return
	}
	longest, hint, json := 0, "", ""
	for i := range st.Shape.Blocks {
		b := &st.Shape.Blocks[i]
		for _, p := range b.Where {
			if p.Kind == sqlshape.In {
				longest = max(longest, p.Count)
			}
			if jsonPath.MatchString(p.By) && json == "" {
				json = p.Column.Name
			}
		}
		for _, src := range b.Sources {
			if src.Hint != "" && hint == "" {
				hint = src.Hint
			}
		}
	}
	m.num("in_list", float64(longest))
	m["json_filter"] = json != ""
	if json != "" {
		m["json_column"] = shorten(json, maxName)
	}
	m["hinted"] = hint != ""
	if hint != "" {
		m["hint_index"] = shorten(hint, maxName)
	}
}

// dependentSubquery reads MariaDB's logged plan: whether a subquery is run for each row of the outer
// query, and of how many. ok is false without a plan.
func dependentSubquery(explain string) (found bool, rows float64, ok bool) {
	lines := strings.Split(strings.TrimSpace(explain), "\n")
	header := strings.Split(strings.TrimSpace(lines[0]), "\t")
	kind, met := slices.Index(header, "select_type"), slices.Index(header, "r_rows")
	if kind < 0 || met < 0 {
		return false, 0, false
	}
	for _, line := range lines[1:] {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		if len(cells) != len(header) {
			continue
		}
		ok = true
		if cells[kind] == "PRIMARY" {
			if n, err := strconv.ParseFloat(cells[met], 64); err == nil {
				rows = max(rows, n)
			}
		}
		found = found || strings.HasPrefix(cells[kind], "DEPENDENT")
	}
	return found, rows, ok
}

// heavySchema is the share of statement time from which a schema is a business of its own (W07).
const heavySchema = 0.25

// schemaFacts adds how statement time divides between schemas, and whether statements join them.
func schemaFacts(m factMap, statements []advise.Statement, allUS int64) {
	us := map[string]int64{}
	joined := false
	for i := range statements {
		st := &statements[i]
		seen := map[string]bool{}
		for _, t := range slices.Concat(st.Shape.Reads, st.Shape.Writes) {
			schema := t.Schema
			if schema == "" {
				schema = st.Schema
			}
			if schema != "" && !slices.Contains(systemSchemas, strings.ToLower(schema)) {
				seen[schema] = true
			}
		}
		joined = joined || len(seen) > 1
		for schema := range seen {
			us[schema] += st.Class.Time.Sum
		}
	}
	if len(us) == 0 || allUS <= 0 {
		return
	}
	var heavy []string
	for schema, sum := range us {
		if float64(sum) > heavySchema*float64(allUS) {
			heavy = append(heavy, schema)
		}
	}
	slices.Sort(heavy)
	m.num("heavy_schemas", float64(len(heavy)))
	m["schemas_joined"] = joined
	m["heavy_schema_names"] = shorten(strings.Join(heavy, ", "), maxName)
}

package rules

import (
	"regexp"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
)

// asksServer matches the SHOW statements that look at the server, not at the definition of one's own
// tables, in the form of fingerprints.
var asksServer = regexp.MustCompile(`^show\s+(/\*!\d*\s*)?(global |session |full |extended |all )*(\*/\s*)?` +
	`(status|variables|processlist|engine|engines|open tables|plugins|events|slave|slaves|replica|replicas|relaylog|master|binary|binlog|` +
	`function status|procedure status|table status|(\w+_)?statistics)\b`)

// monitors reports whether a statement only looks at the server itself: SHOW, or reads of nothing but
// the schemas that are the server's own.
func monitors(st *advise.Statement) bool {
	if asksServer.MatchString(st.Class.Fingerprint) {
		return true
	}
	for _, t := range st.Shape.Reads {
		schema := t.Schema
		if schema == "" {
			schema = st.Schema
		}
		if !slices.Contains(systemSchemas, strings.ToLower(schema)) {
			return false
		}
	}
	return len(st.Shape.Reads) > 0 && len(st.Shape.Writes) == 0
}

// monitoringFacts adds what the statements cost that look at the server itself, and returns the others
// in the same order: it is of these alone that rules speak one by one. What a monitor asks for is
// seldom slow because of an index or a loop, and ends when the monitor is told to ask less.
func monitoringFacts(m factMap, statements []advise.Statement, all *analyzers.StatementTotals, notes analyzers.PlanNotes, span float64) []advise.Statement {
	var us, most int64
	own := make([]advise.Statement, 0, len(statements))
	for i := range statements {
		st := &statements[i]
		if !monitors(st) {
			own = append(own, *st)
			continue
		}
		us += st.Class.Time.Sum
		if st.Class.Time.Sum > most {
			most = st.Class.Time.Sum
			m["monitoring_statement"] = shorten(st.Class.Fingerprint, maxName)
			m["monitoring_id"] = st.Class.ID
		}
	}
	m["joins_unlogged"] = joinsUnlogged(own, all, notes)
	m.ratio("monitoring_share", us, all.TimeUS)
	if span > 0 && all.TimeUS > 0 {
		m.num("monitoring_load", inSeconds(us)/span)
	}
	return own
}

// joinsUnlogged reports whether every statement is logged with notes on its plan and none but those that look at
// the server itself joins without an index: what the server counts of such joins is then nobody's to mend.
func joinsUnlogged(own []advise.Statement, all *analyzers.StatementTotals, notes analyzers.PlanNotes) bool {
	var calls, known int64
	for i := range own {
		c := own[i].Class
		if c.FullJoins > 0 {
			return false
		}
		calls += c.Time.Count
		known += notes.Known(c)
	}
	return all.Whole() && known > 0 && known == calls
}

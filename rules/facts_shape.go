package rules

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"dbtriage/analyzers/advise"
	"dbtriage/analyzers/sqlshape"
)

// moneyName matches columns and tables whose increments must not be held in memory.
var moneyName = regexp.MustCompile(`qty|quantity|stock|balance|amount|money|price|credit|inventor|wallet|ledger|account|fund|reserved|payment`)

// balanceName matches what a decision to sell or to pay rests on, where it is read: a price in a list is none.
var balanceName = regexp.MustCompile(`balance|stock|wallet|ledger|inventor|reserved`)

// secretName matches columns that hold what only one person may know.
var secretName = regexp.MustCompile(`pass(w|wd|word|phrase|code)?$|^pass_|passw|pwd|secret|token|otp$`)

// checksSecret reports whether a condition compares a column that holds a secret.
func checksSecret(s *sqlshape.Shape) bool {
	return slices.ContainsFunc(s.Blocks, func(b sqlshape.Block) bool {
		return slices.ContainsFunc(b.Where, func(p sqlshape.Predicate) bool { return secretName.MatchString(strings.ToLower(p.Column.Name)) })
	})
}

// shapeFacts adds what the text of a statement tells. Of one that no parser understood only the names
// of tables are known, and all else stays absent.
func shapeFacts(m factMap, st *advise.Statement) {
	s := &st.Shape
	var names []string
	for _, t := range slices.Concat(s.Writes, s.Reads) {
		names = append(names, t.String())
	}
	tables := shorten(strings.Join(names[:min(len(names), 4)], ", "), maxName)
	m["tables"] = cmp.Or(tables, "?")
	m["access"] = m["tables"]
	if all := slices.Concat(s.Writes, s.Reads); len(all) > 0 {
		var quoted []string
		for _, t := range all[:min(len(all), 4)] {
			quoted = append(quoted, advise.QuoteTable(t))
		}
		m["tables_sql"] = strings.Join(quoted, ", ")
	}
	verb, _, _ := strings.Cut(st.Class.Fingerprint, " ")
	m["statement"] = shorten(strings.TrimSpace(strings.ToUpper(cmp.Or(s.Verb, verb))+" "+tables), maxName)
	if s.Guessed || s.Cut {
		return
	}
	keyed := keyedLock(s)
	step, counts := s.Step()
	m["order_by_rand"] = slices.ContainsFunc(s.Blocks, func(b sqlshape.Block) bool { return b.OrderRandom })
	m["aggregates"] = aggregates(s)
	m["keyed_lock"] = keyed
	m["counter_update"] = counts && keyed && !ranged(s)
	m["money"] = moneyName.MatchString(strings.ToLower(step)) || moneyName.MatchString(strings.ToLower(strings.Join(names, " ")))
	m["checks_secret"] = checksSecret(s)
	m["reads_balance"] = s.Verb == "select" && balanceName.MatchString(st.Class.Fingerprint)
	if counts {
		m["counter_column"] = shorten(step, maxName)
	}
	m["unbounded"] = unbounded(s)
	m["cartesian"] = slices.ContainsFunc(s.Blocks, func(b sqlshape.Block) bool { return len(b.Unjoined) > 0 })
	m["select_star"] = slices.ContainsFunc(s.Blocks, func(b sqlshape.Block) bool { return outermost(&b) && b.Star })
	m["not_in_subquery"] = slices.ContainsFunc(s.Blocks, func(b sqlshape.Block) bool { return len(b.NotIn) > 0 })
}

// aggregates reports whether a statement makes few rows of many. What a subquery in a condition counts says
// nothing of the rows around it.
func aggregates(s *sqlshape.Shape) bool {
	return slices.ContainsFunc(s.Blocks, func(b sqlshape.Block) bool {
		return (b.Aggregates || b.Distinct) && (outermost(&b) || b.Role == sqlshape.Derived || b.Role == sqlshape.InsertOf)
	})
}

// countsByKey reports whether a statement that aggregates finds its rows by an equality that a proposed index
// begins with: that leaves it the rows it counts to read, where an index by its range or order may leave all.
func countsByKey(s *sqlshape.Shape, proposed []*advise.Index) bool {
	return aggregates(s) && slices.ContainsFunc(proposed, func(x *advise.Index) bool {
		return slices.ContainsFunc(s.Blocks, func(b sqlshape.Block) bool {
			return slices.ContainsFunc(b.Where, func(p sqlshape.Predicate) bool {
				return p.Kind == sqlshape.Equal && strings.EqualFold(p.Column.Name, x.Columns[0])
			})
		})
	})
}

func outermost(b *sqlshape.Block) bool { return b.Role == sqlshape.Main || b.Role == sqlshape.Branch }

// keyedLock reports whether a statement changes or locks the rows of one table that equal a constant.
func keyedLock(s *sqlshape.Shape) bool {
	if len(s.Blocks) != 1 {
		return false
	}
	b := &s.Blocks[0]
	locks := s.Verb == "update" || s.Verb == "delete" || b.Locks
	return locks && len(b.Sources) == 1 && len(b.Ors) == 0 && b.Unclear == 0 &&
		slices.ContainsFunc(b.Where, func(p sqlshape.Predicate) bool { return p.Kind == sqlshape.Equal })
}

func ranged(s *sqlshape.Shape) bool {
	return slices.ContainsFunc(s.Blocks[0].Where, func(p sqlshape.Predicate) bool { return p.Kind == sqlshape.Range || p.Kind == sqlshape.Prefix })
}

// unbounded reports whether nothing keeps a SELECT, UPDATE or DELETE from reading whole tables.
func unbounded(s *sqlshape.Shape) bool {
	i := slices.IndexFunc(s.Blocks, func(b sqlshape.Block) bool { return b.Role == sqlshape.Main })
	if i < 0 || s.Verb == "insert" || s.Verb == "replace" {
		return false
	}
	// Rows of a subquery in FROM that is bounded bound what is joined to them.
	if slices.ContainsFunc(s.Blocks, func(b sqlshape.Block) bool {
		return b.Role == sqlshape.Derived && len(b.Where)+len(b.Ors) > 0 || b.Limited
	}) {
		return false
	}
	b := &s.Blocks[i]
	base := slices.ContainsFunc(b.Sources, func(src sqlshape.Source) bool { return src.Table.Name != "" })
	return base && len(b.Where)+len(b.Ors)+b.Unclear == 0 && !b.HasSubquery && !b.Limited
}

// indexFacts adds which index a statement lacks, and which of its conditions no index could serve.
func indexFacts(m factMap, s *sqlshape.Shape, plan *advise.ClassPlan, allUS int64) {
	m["index_evident"] = len(plan.Indexes) > 0
	if plan.Why == "not understood" {
		return
	}
	m["counts_by_key"] = countsByKey(s, plan.Indexes)
	if len(plan.Indexes) > 0 {
		x := plan.Indexes[0]
		columns := strings.Join(x.Columns, ", ")
		m["index_schema_known"] = x.SchemaKnown
		m["index_table"] = advise.QuoteTable(x.Table)
		m["index_columns"] = columns
		m["index_name"] = x.Name
		m["index_ddl"] = x.DDL()
		m["index_undo"] = x.Undo()
		m.num("index_writes", float64(x.Writes))
		m.num("index_classes", float64(len(x.Classes)))
		m["access"] = shorten(x.Table.String()+" ("+columns+")", maxName)
		if allUS > 0 {
			m.num("index_gain_share", plan.GainUS/float64(allUS))
		}
		if x.Extends != "" {
			m["index_extends"] = sqlshape.Quote(x.Extends)
		}
		if x.Prefix != "" {
			m["index_prefix"] = sqlshape.Quote(x.Prefix)
		}
		var also, undo []string
		for _, x := range plan.Indexes[1:] {
			also, undo = append(also, x.DDL()), append(undo, x.Undo())
		}
		if len(also) > 0 {
			m["index_also_ddl"], m["index_also_undo"] = strings.Join(also, "; "), strings.Join(undo, "; ")
		}
	}
	m["key_assumed"] = plan.KeyAssumed
	if plan.Served != "" {
		m["index_served"] = shorten(plan.Served, maxName)
	}
	for name, causes := range map[string][]string{
		"function": {"function", "arithmetic", "expression", "cast"},
		"cast":     {"cast"},
		"wildcard": {"leading wildcard"},
		"or":       {"or"},
	} {
		i := slices.IndexFunc(plan.Rewrites, func(r advise.Rewrite) bool {
			return slices.Contains(causes, r.Cause) && (r.Cause != "cast" || (r.Function == "") == (name == "cast"))
		})
		if i >= 0 || name != "cast" || plan.SchemaKnown {
			m[name+"_condition"] = i >= 0
		}
		if i < 0 || name == "or" {
			continue
		}
		r := plan.Rewrites[i]
		m[name+"_column"] = shorten(r.Table+"."+r.Column, maxName)
		if name == "cast" && r.Key != "" {
			m["unused_key"], m["unused_key_names"] = true, shorten(r.Key, 60)
		}
		if name == "function" {
			m["function_name"] = shorten(cmp.Or(r.Function, r.Cause), maxName)
			m["function_written"] = shorten(r.Written, maxLabel)
			if r.To != "" {
				m["function_rewrite"] = shorten(r.To, maxLabel)
			}
		}
	}
	if len(plan.Indexes) == 0 && len(plan.Rewrites) > 0 && plan.Rewrites[0].Column != "" {
		m["access"] = shorten(plan.Rewrites[0].Table+" ("+plan.Rewrites[0].Column+")", maxName)
	}
}

package rules

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
)

// maxName bounds names that titles carry, in characters.
const maxName = 80

// roundThresholds are the values of long_query_time people set, in µs.
var roundThresholds = []int64{10e6, 5e6, 3e6, 2e6, 1e6, 500e3, 300e3, 200e3, 100e3, 50e3, 20e3, 10e3, 5e3}

// statementFacts adds the facts of the slow log as a whole.
func statementFacts(m factMap, d *analyzers.Digest) {
	t := &d.Statements
	m["statements_logged"] = t.Count > 0
	if t.Count == 0 {
		return
	}
	m.num("db_statements", float64(t.Count))
	m.num("reads", float64(t.Reads))
	m.num("writes", float64(t.Writes))
	m.ratio("read_write_ratio", t.Reads, t.Writes)
	if class, ok := analyzers.ClassOf(t.Reads, t.Writes); ok {
		m["workload"] = string(class)
	}
	m.mean("db_mean_s", &t.Time)
	m.quantile("db_p50_s", &t.Time, 0.50)
	m.quantile("db_p95_s", &t.Time, 0.95)
	m.quantile("db_p99_s", &t.Time, 0.99)
	m.num("min_query_s", inSeconds(t.Time.Min))
	m.num("rate_limit", float64(max(t.MaxRateLimit, 1)))
	span, timed := spanOf(t.First, t.Last)
	if timed {
		m.num("db_span_s", span)
		m.num("db_qps", float64(t.Count)/span)
		m.num("db_load", inSeconds(t.TimeUS)/span)
	}
	if d.Series != nil {
		var peak int64
		for _, c := range d.Series.Cells() {
			peak = max(peak, c.Statements)
		}
		if peak > 0 {
			m.num("peak_qps", float64(peak)/float64(d.Series.Width()))
		}
	}
	cut, cutKnown := t.Cut()
	if cutKnown {
		m["log_cut"] = cut
		m.num("log_threshold_s", 0)
		if cut {
			m.num("log_threshold_s", inSeconds(threshold(t.Time.Min)))
		}
	}
	if t.MaxRateLimit > 1 || cutKnown {
		m["log_complete"] = t.Whole()
	}
	if t.Threads > 0 {
		m.num("connections", float64(t.Threads))
		if timed {
			m.num("new_connection_rate", float64(t.Threads)/span)
		}
	}
	if !t.Whole() {
		return
	}
	if t.Threads > 0 {
		m.ratio("connections_per_statement", t.Threads, t.Count)
	}
	var pings, calls, us int64
	for _, c := range d.Classes {
		verb, _, _ := strings.Cut(c.Fingerprint, " ")
		switch strings.ToLower(verb) {
		case "select":
			if len(c.Fingerprint) <= len("select ?") { // nothing but a constant
				pings += c.Time.Count
			}
		case "insert", "replace", "commit":
			calls += c.Time.Count
			us += c.Time.Sum
		}
	}
	m.ratio("ping_share", pings, t.Count)
	m.num("inserts_commits", float64(calls))
	m.ratio("insert_commit_share", us, t.TimeUS)
	if calls > 0 {
		m.num("insert_commit_mean_s", inSeconds(us)/float64(calls))
	}
	if t.Reads > 0 {
		m.num("read_mean_s", inSeconds(t.ReadUS)/float64(t.Reads))
	}
}

// threshold guesses long_query_time from the shortest statement: the round value just below it, or
// the value itself where none is near.
func threshold(minUS int64) int64 {
	for _, r := range roundThresholds {
		if float64(minUS) >= 0.9*float64(r) && float64(minUS) <= 1.3*float64(r) {
			return r
		}
	}
	return minUS
}

// queryFacts returns the facts of the classes that rules look at, by time.
func queryFacts(d *analyzers.Digest, statements []advise.Statement, plan *advise.Plan, notes analyzers.PlanNotes) []subjectFacts {
	out := make([]subjectFacts, 0, len(statements))
	for i := range statements {
		st := &statements[i]
		m := classFacts(st.Class, &d.Statements)
		planFacts(m, st.Class, notes)
		shapeFacts(m, st)
		indexFacts(m, &st.Shape, plan.Classes[st.Class.ID], d.Statements.TimeUS)
		out = append(out, subjectFacts{Subject{Kind: "query", ID: st.Class.ID, Label: shorten(st.Class.Fingerprint, maxLabel)}, m})
	}
	return out
}

func classFacts(c *analyzers.Class, all *analyzers.StatementTotals) factMap {
	m := factMap{
		"id": c.ID, "fingerprint": shorten(c.Fingerprint, maxLabel), "kind": c.Kind.String(),
	}
	calls := c.Time.Count
	m["cheaper_by"] = cheaperBy(c, all)
	m.num("calls", float64(calls))
	m.num("time_s", inSeconds(c.Time.Sum))
	m.ratio("share", c.Time.Sum, all.TimeUS)
	m.mean("mean_s", &c.Time)
	m.quantile("p50_s", &c.Time, 0.50)
	m.quantile("p95_s", &c.Time, 0.95)
	m.quantile("p99_s", &c.Time, 0.99)
	m.num("max_s", inSeconds(c.Time.Max))
	m.ratio("lock_share", c.LockUS, c.Time.Sum)

	active, timed := activeSeconds(c, all)
	if timed {
		m.num("rate", float64(calls)/active)
		m.num("single_row_insert_rate", float64(c.SingleRowInserts)/active)
	}
	if span, ok := spanOf(all.First, all.Last); ok {
		m.num("load", inSeconds(c.Time.Sum)/span)
	}
	m.ratio("single_row_insert_share", c.SingleRowInserts, calls)

	rowFacts(m, c, all)

	if c.PlanKnown > 0 {
		m.ratio("pages_read_mean", c.PagesRead, calls)
	}
	off, ok := estimateOff(c.Worst.Explain)
	m.known("estimate_off", off, ok)
	if unused, names, ok := unusedKeys(c.Worst.Explain); ok {
		m["unused_key"] = unused
		if unused {
			m["unused_key_names"] = names
		}
	}

	m.ratio("offset_share", c.OffsetCalls, calls)
	m.num("offset_mean", float64(c.OffsetSum)/float64(max(c.OffsetCalls, 1)))
	m.num("offset_max", float64(c.MaxOffset))
	m.ratio("long_run_share", c.Runs.Calls, calls)
	m.num("long_run_mean", float64(c.Runs.Calls)/float64(max(c.Runs.Long, 1)))
	m.num("run_max", float64(c.Runs.Max))
	// A run goes on with the probability that the next statement is of this class too; of the runs
	// that reach LongRun, the mean is that much more.
	if others := all.Count - calls; others > 0 {
		m.num("chance_run", analyzers.LongRun+float64(calls)/float64(others))
	}
	return m
}

// planFacts adds how the statements of a class were run, as far as the log tells.
func planFacts(m factMap, c *analyzers.Class, notes analyzers.PlanNotes) {
	known := notes.Known(c)
	m.ratio("full_scan_share", c.FullScans, known)
	m.ratio("full_join_share", c.FullJoins, known)
	m.ratio("filesort_share", c.Filesorts, known)
	m.ratio("filesort_disk_share", c.FilesortsOnDisk, known)
	known = notes.TablesKnown(c)
	m.ratio("tmp_table_share", c.WithTmpTable, known)
	m.ratio("tmp_disk_share", c.WithTmpDiskTable, known)
}

// planned are the first words of statements that EXPLAIN takes. Transaction control, SET, CALL, DDL and commands of
// the protocol ("administrator command: Ping") have no plan.
var planned = []string{"select", "insert", "replace", "update", "delete", "with", "table", "values"}

// worthwhile is how many statements of a class run at a time from which there is something to gain by fewer of
// them, as in Q01.
const worthwhile = 0.5

// cheaperBy says in a word what can make a class cheaper. A plan may hide anything; but of what has none, or none
// that is better, a small load is no cause to change a program.
func cheaperBy(c *analyzers.Class, all *analyzers.StatementTotals) string {
	verb := firstWord(c.Fingerprint)
	span, timed := spanOf(all.First, all.Last)
	switch {
	case slices.Contains(planned, verb) && !frugal(c):
		return "plan"
	case timed && inSeconds(c.Time.Sum) < worthwhile*span:
		return "little"
	case verb == "commit":
		return "flush"
	case !slices.Contains(planned, verb):
		return "sender"
	case c.Kind != analyzers.Read || locks.MatchString(c.Fingerprint):
		return "writes"
	}
	return "calls"
}

// locks matches a read that locks its rows: no answer that was kept stands for it.
var locks = regexp.MustCompile(`for (update|share)\b|lock in share mode`)

// firstWord returns the verb of a fingerprint, without the brackets that may stand before it.
func firstWord(fingerprint string) string {
	text := strings.ToLower(strings.TrimLeft(fingerprint, " ("))
	if end := strings.IndexFunc(text, func(r rune) bool { return r < 'a' || r > 'z' }); end >= 0 {
		text = text[:end]
	}
	return text
}

// frugalRows is how many rows a statement may read for each one that it needs before a plan could do better.
const frugalRows = 3

// frugal reports whether statements are known to read hardly a row that they do not need: no plan is better.
func frugal(c *analyzers.Class) bool {
	if c.RowsExaminedKnown == 0 {
		return false
	}
	mean := func(sum, n int64) float64 { return float64(sum) / float64(max(n, 1)) }
	needed := mean(c.RowsSent, c.RowsSentKnown) + mean(c.RowsAffected, c.RowsAffectedKnown)
	return mean(c.RowsExamined, c.RowsExaminedKnown) <= frugalRows*max(needed, 1)
}

func rowFacts(m factMap, c *analyzers.Class, all *analyzers.StatementTotals) {
	m.ratio("rows_sent_mean", c.RowsSent, c.RowsSentKnown)
	m.ratio("rows_affected_mean", c.RowsAffected, c.RowsAffectedKnown)
	m.ratio("rows_examined_mean", c.RowsExamined, c.RowsExaminedKnown)
	m.ratio("bytes_sent_mean", c.BytesSent, c.BytesSentKnown)
	if c.RowsSentKnown > 0 {
		m.num("rows_sent_max", float64(c.MaxRowsSent))
	}
	if c.RowsExaminedKnown == 0 {
		return
	}
	m.num("rows_examined_max", float64(c.MaxRowsExamined))
	m.ratio("rows_examined_share", c.RowsExamined, all.RowsExamined)
	sent, sentKnown := m["rows_sent_mean"].(float64)
	affected, affectedKnown := m["rows_affected_mean"].(float64)
	// A read changes nothing, whether or not its record says so; a write whose changes were not
	// logged cannot be held against them.
	if (sentKnown || c.Kind == analyzers.Write) && (affectedKnown || c.Kind != analyzers.Write) {
		m.num("examined_per_row", m["rows_examined_mean"].(float64)/max(sent+affected, 1))
	}
}

// activeSeconds is the time in which a class ran: its non-empty slices, never more than from its
// first to its last statement and one slice, never more than the log. Rates over the whole log
// would dilute a burst; rates over first to last would inflate a single pair.
func activeSeconds(c *analyzers.Class, all *analyzers.StatementTotals) (s float64, ok bool) {
	span, ok := spanOf(all.First, all.Last)
	if !ok {
		return 0, false
	}
	own, ok := spanOf(c.First, c.Last)
	if !ok {
		return 0, false
	}
	if c.Slices.Width == 0 {
		return min(max(own, analyzers.SliceWidth), span), true
	}
	width := float64(c.Slices.Width)
	return max(min(float64(len(c.Slices.Cells))*width, max(own, width), span), 1), true
}

// unusedKeys reads MariaDB's logged plan: whether a row of it reads a whole table although some key
// was possible, and those keys. ok is false without a plan.
func unusedKeys(explain string) (unused bool, names string, ok bool) {
	lines := strings.Split(strings.TrimSpace(explain), "\n")
	header := strings.Split(strings.TrimSpace(lines[0]), "\t")
	kind, possible, key := slices.Index(header, "type"), slices.Index(header, "possible_keys"), slices.Index(header, "key")
	if kind < 0 || possible < 0 || key < 0 {
		return false, "", false
	}
	for _, line := range lines[1:] {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		if len(cells) != len(header) {
			continue
		}
		ok = true
		whole := cells[kind] == "ALL" || cells[kind] == "index"
		if whole && cells[possible] != "NULL" && cells[possible] != "" {
			return true, shorten(cells[possible], 60), true
		}
	}
	return false, "", ok
}

// estimateOff reads MariaDB's logged plan: by how much the rows expected of a table and those met
// differ, at the table where they differ most. ok is false without both.
func estimateOff(explain string) (times float64, ok bool) {
	lines := strings.Split(strings.TrimSpace(explain), "\n")
	header := strings.Split(strings.TrimSpace(lines[0]), "\t")
	rows, met := slices.Index(header, "rows"), slices.Index(header, "r_rows")
	if rows < 0 || met < 0 {
		return 0, false
	}
	for _, line := range lines[1:] {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		if len(cells) != len(header) {
			continue
		}
		expected, err1 := strconv.ParseFloat(cells[rows], 64)
		real, err2 := strconv.ParseFloat(cells[met], 64)
		if err1 != nil || err2 != nil || expected < 0 || real < 0 {
			continue
		}
		expected, real, ok = max(expected, 1), max(real, 1), true
		times = max(times, expected/real, real/expected)
	}
	return times, ok
}

package mysql

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dbtriage/collectors"
)

// booksEvery is how often the server's books of statements and tables are read.
const booksEvery = 10 * time.Second

// A bookkeeping is how far the server's books were read. It keeps them in two places: the slow log as a table,
// which has each statement with its literals, and performance_schema, which counts them by their digest. The table
// comes first, for what it tells is more.
type bookkeeping struct {
	digests   map[digestKey]counted // nil before the first answer
	digestsAt time.Time
	buckets   map[digestKey]buckets // of those that were asked for
	questions float64               // the server had been asked then

	loggedTo   int64 // when the last statement of the slow log ended, in µs; 0 before the first answer
	loggedThen int   // how many that ended at this microsecond were read

	used   map[string]tableUse // by table; nil before the first answer
	usedAt time.Time
	told   map[string]bool // tables of the answer before, and whether they were used
}

func logsToTable(s *Server) bool {
	return s.config.Statements && s.on("slow_query_log") && strings.Contains(strings.ToUpper(s.settings["log_output"]), "TABLE")
}

func countsStatements(s *Server) bool {
	return s.config.Statements && s.settings != nil && !logsToTable(s) && s.on("performance_schema")
}

func keepsNoBooks(s *Server) *collectors.Missing {
	if !s.config.Statements || s.settings == nil || logsToTable(s) || countsStatements(s) {
		return nil
	}
	return &collectors.Missing{
		What: "which statements run", Why: "no slow log is followed, and performance_schema is off",
		Provide: "SET GLOBAL slow_query_log=ON and name the file with --slow-log; or performance_schema=ON in my.cnf, which takes a restart",
	}
}

// When less than mostlyCounted of at least leastAsked statements are in the digests, they are not told
// for all.
const (
	leastAsked    = 50
	mostlyCounted = 0.8
)

// A digestKey names one row of the digests that performance_schema counts.
type digestKey struct{ schema, digest string }

// A counted is what a server has counted since it started.
type counted struct {
	count, time, lock, sent, examined, affected int64
	tmp, tmpDisk, scans, joins, sorts           int64
}

// minus is what was counted since an earlier reading; counters that fell began anew.
func (c counted) minus(before counted) counted {
	if c.count < before.count || c.time < before.time {
		return c
	}
	return counted{
		c.count - before.count, c.time - before.time, c.lock - before.lock, c.sent - before.sent, c.examined - before.examined, c.affected - before.affected,
		c.tmp - before.tmp, c.tmpDisk - before.tmpDisk, c.scans - before.scans, c.joins - before.joins, c.sorts - before.sorts,
	}
}

// part is n of all that were counted.
func (c counted) part(n, all int64) counted {
	of := func(v int64) int64 { return int64(float64(v) * float64(n) / float64(all)) }
	return counted{
		n, of(c.time), of(c.lock), of(c.sent), of(c.examined), of(c.affected),
		of(c.tmp), of(c.tmpDisk), of(c.scans), of(c.joins), of(c.sorts),
	}
}

// askDigests asks for all digests at first, without their texts, and then for those seen since: with a
// margin, for the server's stamps are of whole seconds and its answer may be late.
func askDigests(s *Server) string {
	const what = "SELECT SCHEMA_NAME, DIGEST, COUNT_STAR, SUM_TIMER_WAIT, SUM_LOCK_TIME, SUM_ROWS_SENT, SUM_ROWS_EXAMINED, SUM_ROWS_AFFECTED, SUM_CREATED_TMP_TABLES, " +
		"SUM_CREATED_TMP_DISK_TABLES, SUM_SELECT_SCAN, SUM_SELECT_FULL_JOIN, SUM_SORT_RANGE + SUM_SORT_SCAN AS SUM_SORTS"
	const from = " FROM performance_schema.events_statements_summary_by_digest " + ownAlias
	if s.books.digests == nil || s.seen.restarted {
		return what + from
	}
	texts := ", DIGEST_TEXT"
	if s.engine.mysql(8, 0, 3) {
		texts += ", QUERY_SAMPLE_TEXT"
	}
	since := "NOW() - INTERVAL " + strconv.Itoa(int(time.Since(s.books.digestsAt)/time.Second)+15) + " SECOND"
	return what + texts + ", FIRST_SEEN >= " + since + " AS FRESH" + from + " WHERE LAST_SEEN >= " + since
}

func takeDigests(s *Server, a *answer) {
	first := s.books.digests == nil || s.seen.restarted
	if first {
		s.books.digests = map[digestKey]counted{}
		if len(a.rows) == 0 {
			a.missing, a.provide = "the consumer statements_digest is off", "UPDATE performance_schema.setup_consumers SET ENABLED='YES' WHERE NAME='statements_digest'"
		}
	}
	since, asked, all := s.books.digestsAt, s.seen.status["Questions"]-s.books.questions, 0.0
	s.books.questions = s.seen.status["Questions"]
	s.books.digestsAt = time.Now()
	a.Book = collectors.PerformanceSchema
	var toTime []timed
	for _, r := range a.rows {
		key := digestKey{r["SCHEMA_NAME"], r["DIGEST"]}
		now := countedIn(r, s.engine)
		before, known := s.books.digests[key]
		s.books.digests[key] = now
		grown := now.minus(before)
		fresh := !known && r["FRESH"] == "1"
		if first || grown.count <= 0 || !known && !fresh { // how much of it is new is not known
			toTime = append(toTime, timed{key, -1, false, grown.time})
			continue
		}
		if key.schema == "" {
			if grown = s.own.leaves(r["DIGEST_TEXT"], grown); grown.count <= 0 {
				continue
			}
		}
		all += float64(grown.count)
		toTime = append(toTime, timed{key, len(a.Executions), fresh, grown.time})
		a.Executions = append(a.Executions, grown.executions(key.schema, s.textOf(r), a.At, since.UnixMicro()))
	}
	s.wantTimes(toTime)
	if !first && asked >= leastAsked && all < mostlyCounted*asked {
		a.missing = fmt.Sprintf("performance_schema counted %.0f of %.0f by their digest: MariaDB leaves out those prepared on the server", all, asked)
		a.provide = "turn the slow log on and name it with --slow-log"
	}
	if len(s.books.digests) > 4*maxRows { // the books were emptied again and again
		s.books.digests = nil
	}
	if s.seen.restarted {
		s.books.buckets = nil
	}
}

// sampleSize is from when a sample may have been cut: performance_schema_max_sql_text_length by default.
const sampleSize = 1024

// textOf is a statement of a digest as it was run, where MySQL keeps one that another than we ran, or with ?
// for its literals.
func (s *Server) textOf(r row) string {
	if sample := r["QUERY_SAMPLE_TEXT"]; sample != "" && len(sample) < sampleSize && !strings.HasPrefix(sample, collectors.OwnComment) {
		return sample
	}
	return plainDigest(cmp.Or(r["DIGEST_TEXT"], othersText), s.engine.mariaDB)
}

func countedIn(r row, e engine) counted {
	n := func(name string) int64 { return max(r.int(name), 0) }
	c := counted{
		count: n("COUNT_STAR"), time: picoseconds(r["SUM_TIMER_WAIT"]), lock: picoseconds(r["SUM_LOCK_TIME"]), sent: n("SUM_ROWS_SENT"), examined: n("SUM_ROWS_EXAMINED"),
		affected: n("SUM_ROWS_AFFECTED"), tmp: n("SUM_CREATED_TMP_TABLES"), tmpDisk: n("SUM_CREATED_TMP_DISK_TABLES"),
		scans: n("SUM_SELECT_SCAN"), joins: n("SUM_SELECT_FULL_JOIN"), sorts: n("SUM_SORTS"),
	}
	if e.mariaDB { // 10.11 has nearly the whole time of a statement there, even of SELECT SLEEP(2)
		c.lock = 0
	}
	return c
}

// picoseconds returns microseconds.
func picoseconds(text string) int64 {
	v, _ := strconv.ParseUint(text, 10, 64)
	return int64(v / 1e6)
}

// othersText stands for the statements beyond performance_schema_digests_size, which share a row.
const othersText = "/* beyond performance_schema_digests_size */"

func (c *counted) executions(schema, text string, at, since int64) collectors.Executions {
	return collectors.Executions{
		Statement: collectors.Statement{
			Offset: collectors.Unknown, End: at, QueryTime: c.time, LockTime: c.lock, RowsSent: c.sent, RowsExamined: c.examined, RowsAffected: c.affected, BytesSent: collectors.Unknown,
			TmpTables: c.tmp, TmpDiskTables: c.tmpDisk, MergePasses: collectors.Unknown, PagesRead: collectors.Unknown,
			RateLimit: 1, ThreadID: collectors.Unknown, Schema: []byte(schema), SQL: []byte(text),
		},
		Count: c.count, Since: since, FullScans: c.scans, FullJoins: c.joins, Filesorts: c.sorts,
	}
}

// logKey is when a statement of the slow log ended, in µs since the epoch: rows are nearly in this order,
// and no clock that is put back in autumn disturbs it.
const logKey = "CAST(UNIX_TIMESTAMP(start_time) * 1000000 AS SIGNED) + FLOOR(TIME_TO_SEC(query_time)) * 1000000 + MICROSECOND(query_time)"

// logDelay is how many seconds after its end a statement is asked for: of two sessions on a busy server
// the one whose statement ended first may log it last.
const logDelay = 2

// askSlowLog asks for the statements logged since the last one that was read. The first time it asks
// only where the log ends.
func askSlowLog(s *Server) string {
	if s.books.loggedTo == 0 {
		return "SELECT MAX(" + logKey + ") AS ENDED, CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED) AS NOW FROM mysql.slow_log " + ownAlias
	}
	more := ""
	if s.engine.mariaDB {
		more = ", rows_affected"
	}
	return "SELECT " + logKey + " AS ENDED, FLOOR(TIME_TO_SEC(query_time)) AS SECONDS, MICROSECOND(query_time) AS US, " +
		"FLOOR(TIME_TO_SEC(lock_time)) AS LOCK_SECONDS, MICROSECOND(lock_time) AS LOCK_US, user_host, rows_sent, rows_examined, db, LEFT(sql_text, " +
		strconv.Itoa(maxText) + ") AS SQL_TEXT, thread_id" + more + " FROM mysql.slow_log " + ownAlias + " WHERE " + logKey + " >= " + strconv.FormatInt(s.books.loggedTo, 10) +
		" AND " + logKey + " < (UNIX_TIMESTAMP() - " + strconv.Itoa(logDelay) + ") * 1000000 ORDER BY 1 LIMIT " + strconv.Itoa(maxRows)
}

func takeSlowLog(s *Server, a *answer) {
	a.Book = collectors.SlowLogTable
	if s.books.loggedTo == 0 {
		for _, r := range a.rows {
			s.books.loggedTo = max(r.int("ENDED"), 0)
			if s.books.loggedTo == 0 { // the log is empty
				s.books.loggedTo = r.int("NOW")
			}
			s.books.loggedTo++
		}
		return
	}
	// Those of the very microsecond of the last one are asked for again: there may be more of them.
	again := s.books.loggedThen
	for _, r := range a.rows {
		ended := r.int("ENDED")
		if ended == s.books.loggedTo && again > 0 {
			again--
			continue
		}
		if ended != s.books.loggedTo {
			s.books.loggedTo, s.books.loggedThen = ended, 0
		}
		s.books.loggedThen++
		if s.own.logged(r["SQL_TEXT"], r.int("THREAD_ID")) {
			continue
		}
		a.Executions = append(a.Executions, collectors.Executions{Statement: logged(r), Count: 1})
	}
}

// logged reads one row of the slow log. Its user is "app[app] @ host [10.0.0.7]".
func logged(r row) collectors.Statement {
	user, host, _ := strings.Cut(r["USER_HOST"], " @ ")
	user, _, _ = strings.Cut(user, "[")
	name, address, _ := strings.Cut(host, " [")
	if name = strings.TrimSpace(name); name == "" {
		name = strings.TrimSuffix(address, "]")
	}
	st := collectors.Statement{
		Offset: collectors.Unknown, End: r.int("ENDED"), QueryTime: max(r.int("SECONDS"), 0)*1e6 + max(r.int("US"), 0), LockTime: max(r.int("LOCK_SECONDS"), 0)*1e6 + max(r.int("LOCK_US"), 0),
		RowsSent: r.int("ROWS_SENT"), RowsExamined: r.int("ROWS_EXAMINED"), RowsAffected: r.int("ROWS_AFFECTED"), BytesSent: collectors.Unknown,
		TmpTables: collectors.Unknown, TmpDiskTables: collectors.Unknown, MergePasses: collectors.Unknown, PagesRead: collectors.Unknown,
		RateLimit: 1, ThreadID: r.int("THREAD_ID"), User: []byte(user), Host: []byte(name), Schema: []byte(r["DB"]),
	}
	st.SQL = []byte(r["SQL_TEXT"])
	if text, ok := strings.CutPrefix(r["SQL_TEXT"], "# administrator command: "); ok || text == "Quit" || text == "Ping" {
		st.SQL, st.Admin = []byte(text), true
	}
	return st
}

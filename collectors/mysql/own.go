package mysql

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors"
)

// Own statements are told from those of programs in two ways. A comment stands before each, for logs and
// the process list; digests of performance_schema hold no comments, so what is read is called ownAlias
// in each SELECT.
const ownAlias = "dbtriage"

// askOwnWork asks what our session has counted, before the server's status is asked for: what is between
// the two is then the same at each reading.
func askOwnWork(s *Server) string {
	if s.engine.mariaDB {
		return "SELECT VARIABLE_NAME, VARIABLE_VALUE AS VALUE FROM information_schema.SESSION_STATUS " + ownAlias + " WHERE VARIABLE_VALUE <> '0'"
	}
	return "SHOW SESSION STATUS"
}

func takeOwnWork(s *Server, a *answer) {
	s.own.session(a.pairs)
	if !s.engine.mariaDB {
		s.own.showed(s.engine, len(a.pairs))
	}
}

// An ownWork is what our sessions have counted of what the server counts for all.
type ownWork struct {
	now    map[string]float64 // of this session, by name in capitals
	ended  map[string]float64 // of those before, since the server started, and what SHOW STATUS hid
	server map[string]ownCount

	sessions []int64          // the latest of ours, by their ids
	digests  map[string]int64 // statements without ownAlias that were run and not seen among the digests, by canonical text
}

// An ownCount is one counter of the server as it was told last.
type ownCount struct {
	metric string  // its name among our metrics
	key    string  // in ownWork; empty for what sessions do not count
	seen   bool    // the figures below are known
	all    float64 // of all sessions
	told   float64 // without ours
	before float64 // of ours that the server no longer counts, for it began anew
}

// ownPrefixes and ownNames are the counters that sessions have of their own on MySQL 5.7 and later and on
// MariaDB. The status of a session shows those of the whole server for others.
var (
	ownPrefixes = []string{"BYTES_", "COM_", "HANDLER_", "SELECT_", "SORT_", "TABLE_OPEN_CACHE_"}
	ownNames    = []string{"CREATED_TMP_DISK_TABLES", "CREATED_TMP_TABLES", "EMPTY_QUERIES", "OPENED_TABLES", "OPENED_TABLE_DEFINITIONS", "QUESTIONS", "ROWS_READ", "ROWS_SENT",
		"ROWS_TMP_READ", "SLOW_QUERIES"}
)

// keyOf is under what our sessions count what the server counts under a name.
func keyOf(name string) string {
	name = strings.ToUpper(name)
	if name == "QUERIES" { // a session shows the server's; each of ours is a question too
		return "QUESTIONS"
	}
	if slices.Contains(ownNames, name) || slices.ContainsFunc(ownPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
		return name
	}
	return ""
}

// session takes over what our session has counted. What fell was reset, as FLUSH STATUS does.
func (w *ownWork) session(counts []pair) {
	now := make(map[string]float64, len(counts))
	for _, p := range counts {
		name := strings.ToUpper(p.name)
		if v, err := strconv.ParseFloat(p.value, 64); err == nil && keyOf(name) == name {
			now[name] = v
		}
	}
	for name, v := range w.now {
		if now[name] < v {
			w.more(name, v)
		}
	}
	w.now = now
}

func (w *ownWork) more(name string, v float64) {
	if w.ended == nil {
		w.ended = map[string]float64{}
	}
	w.ended[name] += v
}

// sessionEnds keeps what our session has counted: the server does too.
func (w *ownWork) sessionEnds() {
	for name, v := range w.now {
		w.more(name, v)
	}
	w.now = nil
}

// serverRestarted forgets what the server has forgotten.
func (w *ownWork) serverRestarted() {
	w.ended, w.server, w.digests = nil, nil, nil
	w.sessions = w.sessions[max(len(w.sessions)-1, 0):]
}

// showed counts what a SHOW STATUS of so many rows cost. A server adds that to its own counters and takes it
// out of the session's again. On MariaDB 10.11 it is a scan of a table in memory. MySQL, as measured on 9.7,
// scans a table of performance_schema into one in memory, and that one again; 5.6 did not.
func (w *ownWork) showed(e engine, rows int) {
	n := float64(rows)
	switch {
	case e.mariaDB:
		w.more("CREATED_TMP_TABLES", 1)
		w.more("SELECT_SCAN", 1)
		w.more("HANDLER_READ_RND_NEXT", n+1)
		w.more("HANDLER_TMP_WRITE", n)
		w.more("ROWS_TMP_READ", n)
	case e.mysql(5, 7, 6):
		w.more("CREATED_TMP_TABLES", 1)
		w.more("SELECT_SCAN", 2)
		w.more("HANDLER_READ_RND_NEXT", 2*(n+1))
		w.more("HANDLER_WRITE", n)
	}
}

// without is a counter of the server without our work, and its name among our metrics. It never falls
// unless the server's did.
func (w *ownWork) without(name string, all float64) (v float64, metric string) {
	c, known := w.server[name]
	if !known {
		if w.server == nil {
			w.server = map[string]ownCount{}
		}
		c.key, c.metric = keyOf(name), "mysql.status."+name
	}
	if c.key == "" {
		if !known {
			w.server[name] = c
		}
		return all, c.metric
	}
	ours := w.now[c.key] + w.ended[c.key]
	if c.seen && all < c.all {
		c.before, c.told = ours, 0
	}
	c.told = max(c.told, all-(ours-c.before), 0)
	c.seen, c.all = true, all
	w.server[name] = c
	return c.told, c.metric
}

// maxSessions bounds the sessions of ours that are known.
const maxSessions = 16

// begins notes a new session of ours.
func (w *ownWork) begins(id int64) {
	if w.sessions = append(w.sessions, id); len(w.sessions) > maxSessions {
		w.sessions = w.sessions[1:]
	}
}

// runs notes a statement that nothing but its text tells from one of others.
func (w *ownWork) runs(text string) {
	if strings.Contains(text, ownAlias) {
		return
	}
	if w.digests == nil {
		w.digests = map[string]int64{}
	}
	key := canonical(text)
	w.digests[key] = min(w.digests[key]+1, maxOwnDigest)
}

// maxOwnDigest bounds the statements of ours that a server is thought to count yet: where it counts none
// of ours, those of others must not be taken for them for long.
const maxOwnDigest = 1000

var (
	canonicalRests = strings.NewReplacer(" ", "", "`", "", "<>", "!=")
	literals       = regexp.MustCompile(`'[^']*'|\b\d+(\.\d+)?\b`)
)

// canonical is a statement or the text of a digest without what the two differ by.
func canonical(text string) string {
	return strings.ToLower(canonicalRests.Replace(literals.ReplaceAllString(text, "?")))
}

// leaves takes what we ran out of what a digest was executed.
func (w *ownWork) leaves(text string, grown counted) counted {
	if strings.Contains(text, "`"+ownAlias+"`") {
		return counted{}
	}
	key := canonical(text)
	n := min(w.digests[key], grown.count)
	if n == 0 {
		return grown
	}
	w.digests[key] -= n
	return grown.part(grown.count-n, grown.count)
}

// logged reports whether a statement of the slow log is ours.
func (w *ownWork) logged(text string, session int64) bool {
	return strings.HasPrefix(text, collectors.OwnComment) || slices.Contains(w.sessions, session)
}

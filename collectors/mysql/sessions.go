package mysql

import (
	"strings"

	"dbtriage/collectors"
)

func askSessions(s *Server) string {
	columns, from := "ID, USER, HOST, DB, COMMAND, TIME, STATE, LEFT(INFO, 1024) AS INFO", "information_schema.PROCESSLIST"
	switch {
	case s.engine.maria(10, 1, 0):
		columns += ", TIME_MS, EXAMINED_ROWS, TID"
	case s.engine.mysql(8, 0, 22) && s.on("performance_schema"):
		from = "performance_schema.processlist" // the other one takes a lock that every session needs
	}
	return "SELECT " + columns + " FROM " + from + " " + ownAlias + " WHERE ID <> CONNECTION_ID()"
}

// takeSessions lists the sessions, and counts them as recordings of the process list do.
func takeSessions(s *Server, a *answer) {
	var all, sleeping, replicas float64
	a.Sessions, a.Waits = []collectors.Session{}, []collectors.Wait{} // none is told too
	for _, r := range a.rows {
		v := collectors.Session{
			ID: r.int("ID"), User: r["USER"], Client: r["HOST"], Database: r["DB"], Command: r["COMMAND"], State: r["STATE"], SQL: r["INFO"],
			TimeUS: max(r.int("TIME"), 0) * 1e6, TransactionUS: collectors.Unknown, RowsExamined: r.int("EXAMINED_ROWS"), ThreadOS: max(r.int("TID"), 0),
		}
		if ms, ok := r.float("TIME_MS"); ok {
			v.TimeUS = int64(max(ms, 0) * 1e3)
		}
		switch {
		case strings.HasPrefix(v.Command, "Binlog Dump"):
			replicas++
		case v.Command != "Daemon":
			all++
			if v.Command == "Sleep" {
				sleeping++
			}
		}
		if strings.HasPrefix(v.State, metadataState) {
			s.seen.metadata++
			a.Waits = append(a.Waits, collectors.Wait{Waiting: v.ID, Kind: "metadata", WaitUS: v.TimeUS})
		}
		s.seen.sessions[v.ID] = len(a.Sessions)
		a.Sessions = append(a.Sessions, v)
	}
	// Without PROCESS a user sees no sessions but the own ones, and no error tells it.
	if connected := s.seen.status["Threads_connected"]; connected > 2*(all+replicas+1) {
		a.missing = "a user without the right PROCESS sees only sessions of its own"
		return
	}
	a.sample("sessions.all", "", all)
	a.sample("sessions.sleeping", "", sleeping)
	a.sample("sessions.metadata_waits", "", float64(s.seen.metadata))
	a.sample("replica.connected", "", replicas)
}

const metadataState = "Waiting for table metadata lock"

func metadataWaits(s *Server) bool {
	return s.seen.metadata > 0 && s.on("performance_schema") && (s.engine.mysql(5, 7, 0) || s.engine.maria(10, 5, 2))
}

func askMetadataWaits(*Server) string {
	return `SELECT w.PROCESSLIST_ID AS WAITING, 1 AS ` + ownAlias + `, b.PROCESSLIST_ID AS BLOCKING, p.OBJECT_SCHEMA, p.OBJECT_NAME, p.LOCK_TYPE, w.PROCESSLIST_TIME AS TIME
FROM performance_schema.metadata_locks p
JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE = p.OBJECT_TYPE AND g.OBJECT_SCHEMA = p.OBJECT_SCHEMA AND g.OBJECT_NAME = p.OBJECT_NAME
 AND g.LOCK_STATUS = 'GRANTED' AND g.OWNER_THREAD_ID <> p.OWNER_THREAD_ID
JOIN performance_schema.threads w ON w.THREAD_ID = p.OWNER_THREAD_ID
JOIN performance_schema.threads b ON b.THREAD_ID = g.OWNER_THREAD_ID
WHERE p.LOCK_STATUS = 'PENDING' AND p.OBJECT_TYPE = 'TABLE' LIMIT 1000`
}

// metadataInstrument asks whether the server notes who holds metadata locks; MariaDB does not by default.
const (
	metadataBlockers   = "who holds the metadata locks that others wait for"
	metadataInstrument = "SELECT ENABLED FROM performance_schema.setup_instruments " + ownAlias + " WHERE NAME = 'wait/lock/metadata/sql/mdl'"
	metadataOption     = "performance-schema-instrument='wait/lock/metadata/sql/mdl=ON'"
)

func takeMetadataInstrument(_ *Server, a *answer) {
	if len(a.rows) == 1 && a.rows[0]["ENABLED"] == "NO" {
		a.missing = "the instrument of metadata locks is off"
		a.provide = "UPDATE performance_schema.setup_instruments SET ENABLED='YES' WHERE NAME='wait/lock/metadata/sql/mdl', for locks taken from then on; " + metadataOption + " in my.cnf"
	}
}

// noMetadataWaits says what is missing while somebody waits and the server does not tell for whom.
func noMetadataWaits(s *Server) *collectors.Missing {
	if s.seen.metadata == 0 || metadataWaits(s) || s.settings == nil {
		return nil
	}
	m := &collectors.Missing{What: metadataBlockers, Why: "performance_schema is off", Provide: "performance_schema=ON and " + metadataOption + " in my.cnf, which takes a restart"}
	if !s.engine.mysql(5, 7, 0) && !s.engine.maria(10, 5, 2) {
		m.Why, m.Provide = "a server as old as this does not tell", "look for the oldest open transaction on the table"
	}
	return m
}

// takeMetadataWaits replaces the waits whose blocker was not known.
func takeMetadataWaits(_ *Server, a *answer) {
	known := map[int64]bool{}
	var waits []collectors.Wait
	for _, r := range a.rows {
		w := collectors.Wait{
			Waiting: r.int("WAITING"), Blocking: r.int("BLOCKING"), Kind: "metadata", Object: r["OBJECT_SCHEMA"] + "." + r["OBJECT_NAME"],
			Mode: r["LOCK_TYPE"], WaitUS: max(r.int("TIME"), 0) * 1e6,
		}
		known[w.Waiting] = true
		waits = append(waits, w)
	}
	for _, w := range a.Waits {
		if w.Kind != "metadata" || !known[w.Waiting] {
			waits = append(waits, w)
		}
	}
	a.Waits = waits
}

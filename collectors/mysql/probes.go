package mysql

import (
	"time"

	"dbtriage/collectors"
)

// A probe asks the server one thing.
type probe struct {
	name string
	what string // as a gap names it
	// every is the least time between two runs.
	every time.Duration
	// when reports whether the probe has anything to ask of this server now; nil is always.
	when func(*Server) bool
	// unless says what is missing while it has nothing to ask; nil is nothing.
	unless func(*Server) *collectors.Missing
	// ask returns the statement; it may depend on the engine.
	ask func(*Server) string
	// pairs says that the answer has two columns; it is then in pairs.
	pairs bool
	// take hands what was answered to the reading.
	take func(*Server, *answer)
	// grant is what the probe needs, as GRANT names it; empty is nothing.
	grant func(engine) string
}

// probes is the table of what a server is asked, in this order: later ones look at what earlier
// ones found.
var probes = []probe{
	// Both are named so, for who wants the second needs the first.
	{name: "status", what: "what dbtriage itself asks of the server", every: 0, ask: askOwnWork, pairs: true, take: takeOwnWork},
	{name: "status", what: "global status", every: 0, ask: fixed("SHOW GLOBAL STATUS"), pairs: true, take: takeStatus},
	{name: "variables", what: "global variables", every: time.Minute, ask: fixed("SHOW GLOBAL VARIABLES"), pairs: true, take: takeVariables},
	{name: "sessions", what: "sessions of other users", every: 0, ask: askSessions, take: takeSessions, grant: needs("PROCESS ON *.*")},
	{name: "transactions", what: "open transactions", every: 0, when: hasInnoDB, ask: askTransactions, take: takeTransactions, grant: needs("PROCESS ON *.*")},
	{name: "row waits", what: "who waits for whose row locks", every: 0, when: someWait, ask: askRowWaits, take: takeRowWaits, grant: rowWaitGrant},
	{name: "metadata waits", what: metadataBlockers, every: 0, when: metadataWaits, ask: askMetadataWaits, take: takeMetadataWaits, grant: needs("SELECT ON performance_schema.*")},
	{name: "metadata instrument", what: metadataBlockers, every: booksEvery, when: metadataWaits, unless: noMetadataWaits, ask: fixed(metadataInstrument), take: takeMetadataInstrument, grant: needs("SELECT ON performance_schema.*")},
	{name: "innodb metrics", what: "counters of InnoDB that MySQL does not show in its status", every: 5 * time.Second, when: onMySQL, ask: fixed(innodbMetrics), take: takeInnoDBMetrics, grant: needs("PROCESS ON *.*")},
	{name: "innodb monitor", what: "InnoDB's monitor: deadlocks, latches, pending I/O", every: monitorEvery, when: hasInnoDB, ask: fixed("SHOW ENGINE INNODB STATUS"), take: takeMonitor, grant: needs("PROCESS ON *.*")},
	{name: "replica", what: "state of replication", every: 2 * time.Second, ask: askReplica, take: takeReplica, grant: replicaGrant},
	{name: "tables", what: "sizes of tables", every: 10 * time.Minute, ask: askTables, take: takeTables, grant: dictionaryGrant},
	{name: "indexes", what: "indexes of tables", every: 10 * time.Minute, ask: askIndexes, take: takeIndexes, grant: dictionaryGrant},
	{name: "columns", what: "columns of tables", every: 10 * time.Minute, ask: askColumns, take: takeColumns, grant: dictionaryGrant},
	{name: "index use", what: "how often indexes are read", every: 10 * time.Minute, when: countsIndexUse, ask: askIndexUse, take: takeIndexUse, grant: indexUseGrant},
	{name: "table use", what: "rows read and changed by table", every: booksEvery, when: countsTableUse, ask: askTableUse, take: takeTableUse, grant: indexUseGrant},
	{name: "slow log", what: "the slow log in mysql.slow_log", every: booksEvery, when: logsToTable, ask: askSlowLog, take: takeSlowLog, grant: needs("SELECT ON mysql.slow_log")},
	{name: "statements", what: "statements by digest", every: booksEvery, when: countsStatements, unless: keepsNoBooks, ask: askDigests, take: takeDigests, grant: needs("SELECT ON performance_schema.*")},
	{name: "statement times", what: "how long statements took, by digest", every: 0, when: wantsTimes, ask: askStatementTimes, take: takeStatementTimes, grant: needs("SELECT ON performance_schema.*")},
}

func fixed(text string) func(*Server) string { return func(*Server) string { return text } }

func needs(grant string) func(engine) string { return func(engine) string { return grant } }

func onMySQL(s *Server) bool { return !s.engine.mariaDB }

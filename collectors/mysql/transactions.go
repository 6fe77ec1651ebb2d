package mysql

import (
	"strings"

	"dbtriage/collectors"
)

func hasInnoDB(s *Server) bool {
	have, ok := s.settings["have_innodb"]
	return !ok || strings.EqualFold(have, "YES")
}

// idleFloor is how old a transaction without a statement must be to count as idle, as in recordings.
const idleFloor = 1e6

func askTransactions(*Server) string {
	return "SELECT trx_mysql_thread_id AS ID, trx_state AS STATE, TIMESTAMPDIFF(MICROSECOND, trx_started, NOW(6)) AS AGE, trx_query IS NULL AS IDLE " +
		"FROM information_schema.INNODB_TRX " + ownAlias + " WHERE trx_mysql_thread_id NOT IN (0, CONNECTION_ID())"
}

// takeTransactions counts open transactions as recordings do, and tells the sessions their age.
func takeTransactions(s *Server, a *answer) {
	var idle float64
	var oldest int64
	s.seen.idle = map[int64]bool{}
	for _, r := range a.rows {
		id, age := r.int("ID"), r.int("AGE")
		if i, ok := s.seen.sessions[id]; ok {
			a.Sessions[i].TransactionUS = age
		}
		if r["STATE"] == "LOCK WAIT" {
			s.seen.waiting++
		}
		if r["IDLE"] == "1" {
			s.seen.idle[id] = true
			if age > idleFloor {
				idle++
				oldest = max(oldest, age)
			}
		}
	}
	a.sample("transactions.open", "", float64(len(a.rows)))
	a.sample("transactions.waiting", "", float64(s.seen.waiting))
	a.sample("transactions.idle", "", idle)
	a.sample("transactions.idle_age", "", float64(oldest)/1e6)
	if s.seen.waiting == 0 {
		a.sample("locks.waits_for_idle", "", 0)
	}
}

func someWait(s *Server) bool { return s.seen.waiting > 0 }

// askRowWaits joins tables of information_schema or performance_schema that are made when they are
// asked for: with thousands of locks that takes long, so it is asked only while somebody waits, and
// the server ends it in time.
func askRowWaits(s *Server) string {
	const of = "r.trx_mysql_thread_id AS WAITING, 1 AS " + ownAlias + ", b.trx_mysql_thread_id AS BLOCKING, TIMESTAMPDIFF(MICROSECOND, r.trx_wait_started, NOW(6)) AS WAITED, b.trx_query IS NULL AS IDLE, "
	if s.engine.mysql(8, 0, 1) {
		return "SELECT " + of + "CONCAT(l.OBJECT_SCHEMA, '.', l.OBJECT_NAME) AS OBJECT, l.INDEX_NAME AS INDEX_NAME, l.LOCK_MODE AS MODE " +
			"FROM performance_schema.data_lock_waits w " +
			"JOIN information_schema.INNODB_TRX r ON r.trx_id = w.REQUESTING_ENGINE_TRANSACTION_ID " +
			"JOIN information_schema.INNODB_TRX b ON b.trx_id = w.BLOCKING_ENGINE_TRANSACTION_ID " +
			"JOIN performance_schema.data_locks l ON l.ENGINE_LOCK_ID = w.REQUESTING_ENGINE_LOCK_ID LIMIT 1000"
	}
	return "SELECT " + of + "l.lock_table AS OBJECT, l.lock_index AS INDEX_NAME, l.lock_mode AS MODE " +
		"FROM information_schema.INNODB_LOCK_WAITS w " +
		"JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id " +
		"JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id " +
		"JOIN information_schema.INNODB_LOCKS l ON l.lock_id = w.requested_lock_id LIMIT 1000"
}

func rowWaitGrant(e engine) string {
	if e.mysql(8, 0, 1) {
		return "PROCESS ON *.*, and SELECT ON performance_schema.*"
	}
	return "PROCESS ON *.*"
}

// takeRowWaits lists who waits for whom, and counts the sessions that wait for one that runs no
// statement, by table.
func takeRowWaits(_ *Server, a *answer) {
	byTable, all := map[string]map[int64]bool{}, map[int64]bool{}
	for _, r := range a.rows {
		w := collectors.Wait{
			Waiting: r.int("WAITING"), Blocking: r.int("BLOCKING"), Kind: "row", Object: strings.ReplaceAll(r["OBJECT"], "`", ""),
			Index: strings.Trim(r["INDEX_NAME"], "`"), Mode: r["MODE"], WaitUS: max(r.int("WAITED"), 0),
		}
		a.Waits = append(a.Waits, w)
		if r["IDLE"] != "1" {
			continue
		}
		if byTable[w.Object] == nil {
			byTable[w.Object] = map[int64]bool{}
		}
		byTable[w.Object][w.Waiting], all[w.Waiting] = true, true
	}
	for table, waiters := range byTable {
		if table != "" {
			a.sample("locks.waits_for_idle", table, float64(len(waiters)))
		}
	}
	a.sample("locks.waits_for_idle", "", float64(len(all)))
}

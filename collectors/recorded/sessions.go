package recorded

import (
	"bytes"
	"strings"
	"time"

	"dbtriage/collectors"
)

func hasColumns(head []byte, names ...string) bool {
	if !bytes.Contains(head, []byte("*** 1. row ***")) {
		return false
	}
	for _, name := range names {
		if !bytes.Contains(head, []byte(name+": ")) {
			return false
		}
	}
	return true
}

func sniffProcesslist(head []byte, base string) bool {
	return hasColumns(head, "Id", "Command", "State") || hasColumns(head, "ID", "COMMAND", "STATE") ||
		strings.Contains(base, "-processlist") && onlyStamps(head)
}

// readProcesslist reads SHOW FULL PROCESSLIST\G, once or under pt-stalk's stamps.
func readProcesslist(r *reader) error {
	return r.vertical(func(at int64, rows []row) {
		var all, sleeping, metadata float64
		for _, w := range rows {
			command, ok := w.column("Command")
			if !ok || command == "Daemon" || command == "Binlog Dump" || command == "Binlog Dump GTID" {
				continue
			}
			all++
			if command == "Sleep" {
				sleeping++
			}
			if state, _ := w.column("State"); strings.HasPrefix(state, "Waiting for table metadata lock") {
				metadata++
			}
		}
		r.sample(at, "sessions.all", "", all)
		r.sample(at, "sessions.sleeping", "", sleeping)
		r.sample(at, "sessions.metadata_waits", "", metadata)
	})
}

func sniffTransactions(head []byte, base string) bool {
	return hasColumns(head, "trx_id", "trx_state", "trx_started") || strings.Contains(base, "-transactions") && onlyStamps(head)
}

// idleFloor is how old a transaction without a statement must be to count as idle: every transaction
// has moments between two statements.
const idleFloor = time.Second

// readTransactions reads information_schema.INNODB_TRX\G, once or under pt-stalk's stamps. Ages
// need a stamp; the server's times are local.
func readTransactions(r *reader) error {
	return r.vertical(func(at int64, rows []row) {
		var open, waiting, idle float64
		var oldest time.Duration
		for _, w := range rows {
			state, ok := w.column("trx_state")
			if !ok {
				continue // pt-stalk adds the locks and who waits for them
			}
			open++
			if state == "LOCK WAIT" {
				waiting++
			}
			started, ok := w.column("trx_started")
			begun, err := time.Parse("2006-01-02 15:04:05", started)
			_, busy := w.column("trx_query")
			if !ok || err != nil || at == collectors.NoTime || busy {
				continue
			}
			if age := time.UnixMicro(at + r.opt.Zone).Sub(begun); age > idleFloor {
				idle++
				oldest = max(oldest, age)
			}
		}
		r.sample(at, "transactions.open", "", open)
		r.sample(at, "transactions.waiting", "", waiting)
		r.sample(at, "transactions.idle", "", idle)
		r.sample(at, "transactions.idle_age", "", oldest.Seconds())
	})
}

func sniffLockWaits(head []byte, base string) bool {
	return hasColumns(head, "who_blocks", "num_waiters") || hasColumns(head, "waiting_thread", "blocking_thread") || hasColumns(head, "waiting_pid", "blocking_pid") ||
		strings.Contains(base, "-lock-waits") && onlyStamps(head)
}

// readLockWaits reads who waits for whom, as pt-stalk asks information_schema or as
// sys.innodb_lock_waits tells it: the waits for sessions that run no statement, by table.
func readLockWaits(r *reader) error {
	return r.vertical(func(at int64, rows []row) {
		byTable := map[string]map[string]bool{} // the sessions that wait
		for _, w := range rows {
			if _, busy := w.column("blocking_query"); busy {
				continue
			}
			waiter, ok := w.column("waiting_thread")
			if !ok {
				waiter, ok = w.column("waiting_pid")
			}
			if !ok {
				continue // pt-stalk counts the waits by blocker first
			}
			query, _ := w.column("waiting_query")
			table := tableOf(query)
			if byTable[table] == nil {
				byTable[table] = map[string]bool{}
			}
			byTable[table][waiter] = true
		}
		// The whole is told even when it is none: nobody waited.
		total := map[string]bool{}
		for table, waiters := range byTable {
			for w := range waiters {
				total[w] = true
			}
			if table != "" {
				r.sample(at, "locks.waits_for_idle", table, float64(len(waiters)))
			}
		}
		r.sample(at, "locks.waits_for_idle", "", float64(len(total)))
	})
}

// tableOf returns the table that a statement changes or locks, by its first words; "" when they do
// not say.
func tableOf(query string) string {
	words := strings.Fields(query[:min(len(query), 512)])
	for i, w := range words[:max(len(words)-1, 0)] {
		switch strings.ToUpper(w) {
		case "UPDATE", "INTO", "FROM":
			name := strings.Trim(words[i+1], "`(),;")
			if up := strings.ToUpper(name); up == "LOW_PRIORITY" || up == "IGNORE" || up == "" || len(name) > 128 {
				continue
			}
			return strings.ReplaceAll(name, "`", "")
		}
	}
	return ""
}

package recorded

import (
	"bytes"
	"strconv"
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
		var list []collectors.Session
		for _, w := range rows {
			command, ok := w.column("Command")
			if !ok || command == "Daemon" || command == "Binlog Dump" || command == "Binlog Dump GTID" {
				continue
			}
			all++
			if command == "Sleep" {
				sleeping++
			}
			list = append(list, w.session(command))
			if state, _ := w.column("State"); strings.HasPrefix(state, "Waiting for table metadata lock") {
				metadata++
			}
		}
		r.sample(at, "sessions.all", "", all)
		r.sample(at, "sessions.sleeping", "", sleeping)
		r.sample(at, "sessions.metadata_waits", "", metadata)
		if r.sink.Sessions != nil && at != collectors.NoTime {
			r.sink.Sessions(at, list[:min(len(list), maxRowsListed)])
		}
	})
}

// maxRowsListed bounds the sessions and waits of one instant, and maxStatement the text of each.
const (
	maxRowsListed = 500
	maxStatement  = 1 << 10
)

// session reads one row of a process list.
func (w row) session(command string) collectors.Session {
	text := func(name string) string {
		v, _ := w.column(name)
		return v[:min(len(v), maxStatement)]
	}
	s := collectors.Session{
		ID: w.number("Id"), User: text("User"), Client: text("Host"), Database: text("db"), Command: command, State: text("State"), SQL: text("Info"),
		TimeUS: max(w.number("Time"), 0) * 1e6, TransactionUS: collectors.Unknown, RowsExamined: w.number("Examined_rows"),
	}
	if ms, ok := w.column("Time_ms"); ok {
		if f, err := strconv.ParseFloat(ms, 64); err == nil && f >= 0 && f < 1e12 {
			s.TimeUS = int64(f * 1e3)
		}
	}
	return s
}

// number returns a whole number of a row; Unknown where there is none.
func (w row) number(name string) int64 {
	v, ok := w.column(name)
	n, err := strconv.ParseInt(v, 10, 64)
	if !ok || err != nil || n < 0 || n > 1e12 {
		return collectors.Unknown
	}
	return n
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
		var list []collectors.Wait
		for _, w := range rows {
			if wait, ok := w.wait(); ok {
				list = append(list, wait)
			}
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
		if r.sink.Waits != nil && at != collectors.NoTime {
			r.sink.Waits(at, list[:min(len(list), maxRowsListed)])
		}
	})
}

// wait reads one row of who waits for whom; ok is false for the counts that pt-stalk puts before.
func (w row) wait() (wait collectors.Wait, ok bool) {
	first := func(names ...string) int64 {
		for _, name := range names {
			if n := w.number(name); n != collectors.Unknown {
				return n
			}
		}
		return collectors.Unknown
	}
	wait.Waiting, wait.Blocking, wait.Kind = first("waiting_thread", "waiting_pid"), max(first("blocking_thread", "blocking_pid"), 0), "row"
	query, _ := w.column("waiting_query")
	wait.Object = tableOf(query)
	if name, ok := w.column("locked_table"); ok { // of sys.innodb_lock_waits
		wait.Object = strings.ReplaceAll(name[:min(len(name), 128)], "`", "")
	}
	wait.WaitUS = first("wait_time", "wait_age_secs")
	if wait.WaitUS != collectors.Unknown {
		wait.WaitUS *= 1e6
	}
	return wait, wait.Waiting != collectors.Unknown
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

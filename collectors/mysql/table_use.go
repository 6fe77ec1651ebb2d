package mysql

import (
	"cmp"
	"slices"
	"time"
)

// mostTables bounds the tables whose use is told: the busiest ones.
const mostTables = 50

// countsTableUse reports whether the server counts the rows read and changed in each table.
func countsTableUse(s *Server) bool {
	return s.on("performance_schema") || s.engine.mariaDB && s.on("userstat")
}

func askTableUse(s *Server) string {
	if s.engine.mariaDB && s.on("userstat") && !s.on("performance_schema") {
		return "SELECT TABLE_SCHEMA, TABLE_NAME, ROWS_READ, ROWS_CHANGED FROM information_schema.TABLE_STATISTICS " + ownAlias + " WHERE TABLE_SCHEMA NOT IN " + ownSchemas
	}
	return "SELECT OBJECT_SCHEMA AS TABLE_SCHEMA, OBJECT_NAME AS TABLE_NAME, COUNT_READ AS ROWS_READ, COUNT_WRITE AS ROWS_CHANGED, SUM_TIMER_WAIT AS WAITED " +
		"FROM performance_schema.table_io_waits_summary_by_table " + ownAlias + " WHERE COUNT_STAR > 0 AND OBJECT_SCHEMA NOT IN " + ownSchemas
}

// A tableUse is what a server has counted of one table since it started.
type tableUse struct {
	read, changed float64
	waited        float64 // seconds
	timed         bool
}

// takeTableUse samples how the tables were used since the answer before.
func takeTableUse(s *Server, a *answer) {
	type used struct {
		name string
		tableUse
	}
	now := time.Now()
	seconds := now.Sub(s.books.usedAt).Seconds()
	before := s.books.used
	s.books.used, s.books.usedAt = make(map[string]tableUse, len(a.rows)), now
	var busy []used
	for _, r := range a.rows {
		name := r["TABLE_SCHEMA"] + "." + r["TABLE_NAME"]
		var u tableUse
		u.read, _ = r.float("ROWS_READ")
		u.changed, _ = r.float("ROWS_CHANGED")
		if u.waited, u.timed = r.float("WAITED"); u.timed {
			u.waited /= 1e12
		}
		s.books.used[name] = u
		was, known := before[name]
		if !known && a.cut || u.read < was.read || u.changed < was.changed { // unknown before, or counted anew
			continue
		}
		busy = append(busy, used{name, tableUse{u.read - was.read, u.changed - was.changed, max(u.waited-was.waited, 0), u.timed}})
	}
	if before == nil || s.seen.restarted || seconds <= 0 {
		return
	}
	slices.SortFunc(busy, func(a, b used) int {
		return cmp.Or(cmp.Compare(b.read+b.changed, a.read+a.changed), cmp.Compare(a.name, b.name))
	})
	told := map[string]bool{}
	for i, u := range busy {
		grew := u.read+u.changed > 0
		if !s.books.told[u.name] && (i >= mostTables || !grew) { // what was told before ends with a zero
			continue
		}
		told[u.name] = grew
		a.sample("table.rows_read", u.name, u.read/seconds)
		a.sample("table.rows_changed", u.name, u.changed/seconds)
		if u.timed {
			a.sample("table.io_wait", u.name, u.waited/seconds)
		}
	}
	s.books.told = told
}

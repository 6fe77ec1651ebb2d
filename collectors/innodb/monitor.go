// Package innodb reads what InnoDB's monitor prints: SHOW ENGINE INNODB STATUS of MySQL and MariaDB.
package innodb

import (
	"bytes"
	"strconv"
	"time"

	"dbtriage/collectors"
)

// A Monitor gathers what one output of the monitor says, line by line. The zero value is ready.
type Monitor struct {
	// At is when it was printed, by the server's local clock taken for UTC; NoTime before it is known.
	At     int64
	opened bool
	// Numbers are metrics and status variables by name, as rules read them.
	Numbers  map[string]float64
	Deadlock *Deadlock // the latest there was, nil when there was none

	section   string
	underline bool // the line before was a rule of dashes: a heading may follow
	sequence  float64
}

// A Deadlock is two or more transactions that waited for each other.
type Deadlock struct {
	At int64 // as Monitor.At; collectors.NoTime when not known
	// Locks are the rows that were waited for, in the order of the transactions.
	Locks []Lock
	// Victim is the number, from 1, of the transaction that was rolled back; 0 when not known.
	Victim int
}

// A Lock is what one transaction of a deadlock waited for.
type Lock struct {
	Table, Index string // schema.table, without quotes
	Mode         string // "X locks rec but not gap"
}

// maxLocks bounds the locks of a deadlock; the detector follows chains of up to 200.
const maxLocks = 16

// Names of the metrics that only the monitor tells.
const (
	deadlockMetric    = "innodb.deadlock"
	semaphoreWaits    = "innodb.semaphore_waits"
	semaphoreWait     = "innodb.semaphore_wait"
	hashWaits         = "innodb.hash_index_waits"
	longestMetric     = "innodb.longest_transaction"
	pendingReads      = "innodb.pending_reads"
	pendingWrites     = "innodb.pending_writes"
	pendingFsyncs     = "innodb.pending_fsyncs"
	queuedMetric      = "innodb.queued"
	historyStatus     = "mysql.status.Innodb_history_list_length"
	checkpointStatus  = "mysql.status.Innodb_checkpoint_age"
	monitorHead       = "INNODB MONITOR OUTPUT"
	deadlockSection   = "LATEST DETECTED DEADLOCK"
	semaphoresSection = "SEMAPHORES"
)

// Line takes the next line. What it does not know it passes over: every release words some lines
// differently.
func (m *Monitor) Line(line []byte) {
	if m.Numbers == nil {
		m.Numbers, m.At = map[string]float64{}, collectors.NoTime
	}
	line = bytes.TrimRight(line, " \r\n")
	if m.heading(line) {
		return
	}
	switch m.section {
	case deadlockSection:
		m.deadlock(line)
	case semaphoresSection:
		// --Thread 139 has waited at btr0sea.cc line 1239 for 3.00 seconds the semaphore:
		if bytes.HasPrefix(line, []byte("--Thread ")) {
			m.Numbers[semaphoreWaits]++
			if bytes.Contains(line, []byte(" btr0sea.")) { // the source file of the adaptive hash index
				m.Numbers[hashWaits]++
			}
			if s, ok := numberBefore(line, " seconds"); ok {
				m.Numbers[semaphoreWait] = max(m.Numbers[semaphoreWait], s)
			}
		}
	case "TRANSACTIONS":
		if v, ok := numberAfter(line, "History list length "); ok {
			m.Numbers[historyStatus] = v
		}
		if bytes.HasPrefix(line, []byte("---TRANSACTION ")) {
			if _, rest, ok := bytes.Cut(line, []byte(", ACTIVE ")); ok {
				if s, ok := leading(rest); ok {
					m.Numbers[longestMetric] = max(m.Numbers[longestMetric], s)
				}
			}
		}
	case "FILE I/O", "BUFFER POOL AND MEMORY":
		m.pending(line)
	case "LOG":
		if v, ok := numberAfter(line, "Log sequence number"); ok {
			m.sequence = v
		}
		if v, ok := numberAfter(line, "Last checkpoint at"); ok && m.sequence >= v {
			m.Numbers[checkpointStatus] = m.sequence - v
		}
	case "ROW OPERATIONS":
		// 0 queries inside InnoDB, 0 queries in queue
		if v, ok := numberBefore(line, " queries in queue"); ok {
			m.Numbers[queuedMetric] = v
		}
	}
}

// heading notes where a section begins: a name between two rules of dashes. A deadlock's statements
// could hold such lines, but the section after it is never again a deadlock's.
func (m *Monitor) heading(line []byte) bool {
	if len(line) >= 3 && len(bytes.Trim(line, "-=")) == 0 {
		m.underline = true
		return true
	}
	name := string(line)
	known := sections[name]
	switch {
	case m.underline && known:
		m.section = name
		if name == semaphoresSection {
			m.Numbers[semaphoreWaits], m.Numbers[semaphoreWait], m.Numbers[hashWaits] = 0, 0, 0
		}
		if name == "TRANSACTIONS" {
			m.Numbers[longestMetric] = 0
		}
	case bytes.HasSuffix(line, []byte(monitorHead)):
		if at, ok := stamp(line); ok {
			m.At = at
		}
		m.opened = true
	default:
		m.underline = false
		return false
	}
	m.underline = false
	return true
}

// sections are the headings of the monitor, old and new.
var sections = map[string]bool{
	"BACKGROUND THREAD": true, semaphoresSection: true, deadlockSection: true, "LATEST FOREIGN KEY ERROR": true,
	"TRANSACTIONS": true, "FILE I/O": true, "INSERT BUFFER AND ADAPTIVE HASH INDEX": true, "LOG": true,
	"BUFFER POOL AND MEMORY": true, "INDIVIDUAL BUFFER POOL INFO": true, "ROW OPERATIONS": true, "END OF INNODB MONITOR OUTPUT": true,
}

func (m *Monitor) deadlock(line []byte) {
	if m.Deadlock == nil {
		m.Deadlock = &Deadlock{At: collectors.NoTime}
	}
	d := m.Deadlock
	if d.At == collectors.NoTime && len(d.Locks) == 0 {
		if at, ok := stamp(line); ok {
			d.At = at
			return
		}
	}
	// RECORD LOCKS space id 7 page no 3 n bits 320 index PRIMARY of table `dl`.`a` trx id 9 lock_mode X waiting
	if bytes.HasPrefix(line, []byte("RECORD LOCKS ")) && bytes.HasSuffix(line, []byte(" waiting")) && len(d.Locks) < maxLocks {
		d.Locks = append(d.Locks, lockOf(line))
	}
	if v, ok := numberAfter(line, "*** WE ROLL BACK TRANSACTION ("); ok {
		d.Victim = int(v)
	}
}

func lockOf(line []byte) Lock {
	var l Lock
	if _, rest, ok := bytes.Cut(line, []byte(" index ")); ok {
		name, rest, _ := bytes.Cut(rest, []byte(" of table "))
		l.Index = unquoted(name)
		table, rest, _ := bytes.Cut(rest, []byte(" trx id "))
		l.Table = unquoted(table)
		if _, mode, ok := bytes.Cut(rest, []byte(" lock_mode ")); ok {
			l.Mode = string(bytes.TrimSuffix(mode, []byte(" waiting")))
		} else if _, mode, ok := bytes.Cut(rest, []byte(" lock mode ")); ok {
			l.Mode = string(bytes.TrimSuffix(mode, []byte(" waiting")))
		}
	}
	return l
}

// unquoted takes the quotes off `db`.`table`, of at most 200 bytes: identifiers have 64 characters.
func unquoted(name []byte) string {
	name = bytes.ReplaceAll(name, []byte("`"), nil)
	return string(name[:min(len(name), 200)])
}

// Pendings of the monitor, by how their line begins: the first number behind it.
var pendings = []struct{ begin, metric string }{
	{"Pending reads ", pendingReads},
	{"Pending writes: LRU ", pendingWrites},
	{"Pending flushes (fsync) log: ", pendingFsyncs},
	{"Pending flushes (fsync): ", pendingFsyncs},
}

func (m *Monitor) pending(line []byte) {
	for _, p := range pendings {
		if v, ok := numberAfter(line, p.begin); ok {
			m.Numbers[p.metric] = v
			// "LRU 0, flush list 0, single page 0" and "log: 0; buffer pool: 0" go on.
			for _, part := range bytes.FieldsFunc(line[len(p.begin):], func(r rune) bool { return r == ',' || r == ';' })[1:] {
				if i := bytes.LastIndexByte(part, ' '); i >= 0 {
					more, _ := leading(part[i+1:])
					m.Numbers[p.metric] += more
				}
			}
			return
		}
	}
}

// Samples yields what the monitor said at an instant. A deadlock is of its own time, once for each
// table; shift is what makes UTC of the server's local times.
func (m *Monitor) Samples(at, shift int64, yield func(collectors.Sample)) {
	for _, name := range numberNames {
		if v, ok := m.Numbers[name]; ok {
			yield(collectors.Sample{At: at, Name: name, Value: v})
		}
	}
	if m.Deadlock == nil || m.Deadlock.At == collectors.NoTime {
		return
	}
	seen := map[string]bool{}
	for _, l := range m.Deadlock.Locks {
		if !seen[l.Table] {
			seen[l.Table] = true
			yield(collectors.Sample{At: m.Deadlock.At + shift, Name: deadlockMetric, Instance: l.Table, Value: 1})
		}
	}
}

// numberNames are the keys of Numbers, in the order they are told.
var numberNames = []string{semaphoreWaits, semaphoreWait, hashWaits, longestMetric, pendingReads, pendingWrites, pendingFsyncs, queuedMetric, historyStatus, checkpointStatus}

// Whole reports whether the beginning of an output has been read.
func (m *Monitor) Whole() bool { return m.opened }

// stamp reads the time that a line begins with: 2026-11-23 06:40:02, or 261123  6:40:02 of old releases.
func stamp(line []byte) (at int64, ok bool) {
	for _, layout := range []string{"2006-01-02 15:04:05", "060102 15:04:05"} {
		if len(line) < len(layout) {
			continue
		}
		text := bytes.ReplaceAll(line[:len(layout)], []byte("  "), []byte(" 0"))
		if t, err := time.Parse(layout, string(text)); err == nil {
			return t.UnixMicro(), true
		}
	}
	return 0, false
}

// numberAfter reads the number that follows the beginning of a line.
func numberAfter(line []byte, begin string) (v float64, ok bool) {
	if !bytes.HasPrefix(line, []byte(begin)) {
		return 0, false
	}
	return leading(bytes.TrimLeft(line[len(begin):], " "))
}

// numberBefore reads the number in front of the first occurrence of some words.
func numberBefore(line []byte, words string) (v float64, ok bool) {
	i := bytes.Index(line, []byte(words))
	if i < 0 {
		return 0, false
	}
	return leading(line[bytes.LastIndexByte(line[:i], ' ')+1 : i])
}

// leading reads the decimal number that text begins with.
func leading(text []byte) (v float64, ok bool) {
	n := 0
	for n < len(text) && n < 20 && (text[n] >= '0' && text[n] <= '9' || text[n] == '.' && n > 0) {
		n++
	}
	v, err := strconv.ParseFloat(string(text[:n]), 64)
	return v, err == nil
}

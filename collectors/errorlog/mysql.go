package errorlog

import (
	"regexp"
	"strings"
	"time"
)

// MySQL is the error log of MySQL, Percona Server and MariaDB.
var MySQL = Dialect{Name: "mysql error log", Role: "db", Prefix: "mysql.error.", Kinds: mysqlKinds, parse: parseMySQL}

// The kinds are tried in order.
var mysqlKinds = []Kind{
	{Name: "too_many_connections", Words: []string{"Too many connections"}},
	{Name: "aborted", Words: []string{"Aborted connection"}},
	{Name: "denied", Words: []string{"Access denied for user"}},
	{Name: "unresolved", Words: []string{"could not be resolved", "Hostname '"}, Not: "plugin"},
	{Name: "crashed", Words: []string{"got signal ", "got exception ", "Assertion failure", "[FATAL]", "Assertion `", "ended unexpectedly", "mysqld_safe Number of processes running"}},
	{Name: "recovered", Words: []string{"was not shutdown normally", "was not shut down normally", "Starting crash recovery", "Recovering after a crash", "Starting XA crash recovery"}},
	{Name: "corrupted", Words: []string{"page corruption", "corrupted page", "is marked as crashed", "is corrupted", "is corrupt", "checksum mismatch", "Index for table", "Corrupted", "corruption"}},
	{Name: "disk_full", Words: []string{"No space left", "Disk is full", "errno: 28", "error 28", "Disk full", "errno 28"}},
	{Name: "table_full", Words: []string{"is full"}, And: "table"},
	{Name: "files_exhausted", Words: []string{"Too many open files", "errno: 24", "Error in accept"}},
	{Name: "limits_lowered", Words: []string{"Could not increase number of max_open_files", "Changed limits", "could not raise", "Buffered warning: Could not increase"}},
	{Name: "out_of_memory", Words: []string{"Out of memory", "Cannot allocate memory", "errno: 12", "cannot allocate memory"}},
	{Name: "deadlock", Words: []string{"Transactions deadlock detected", "deadlock detected, dumping"}},
	{Name: "long_wait", Words: []string{"A long semaphore wait", "Semaphore wait has lasted", "waited at"}},
	{Name: "slow_flush", Words: []string{"page_cleaner:", "difficult to find free blocks", "The age of the last checkpoint"}},
	{Name: "replica_stopped", Words: []string{"Slave SQL", "Slave I/O", "Replica SQL", "Replica I/O", "Slave: ", "Error reading packet from server"}, Not: "thread initialized"},
	{Name: "started", Words: []string{"ready for connections"}, Not: "X Plugin"},
	{Name: "stopped", Words: []string{"Shutdown complete"}, Not: "plugin"},
}

var mysqlLevels = map[string]string{"Note": "note", "Warning": "warning", "ERROR": "error", "System": "system", "FATAL": "fatal"}

// undated is how a crash is told by MySQL up to 8.0.
var undated = regexp.MustCompile(`^\d\d:\d\d:\d\d UTC - `)

// parseMySQL reads
//
//	2026-11-22 22:38:24 0 [Note] message                             MariaDB
//	2023-01-02T03:04:05.123456Z 8 [Warning] [MY-010055] [Server] …   MySQL 8
//	130102  3:04:05 [Note] message                                   MySQL 5.5
//	130102 03:04:05 mysqld_safe message
//	03:04:05 UTC - mysqld got signal 11 ;                            without a day
func parseMySQL(line []byte, zone *time.Location) (e Entry, ok bool) {
	text := string(line)
	if undated.MatchString(text) {
		return Entry{Undated: true, Level: "fatal", Message: text}, true
	}
	at, rest, ok := mysqlStamp(text, zone)
	if !ok {
		return e, false
	}
	e = Entry{At: at, Level: "note"}
	rest = strings.TrimLeft(rest, " \t")
	if strings.HasPrefix(rest, "mysqld_safe ") || strings.HasPrefix(rest, "UTC - ") {
		e.Message = rest
		return e, true
	}
	if _, n := digits(rest); n > 0 { // the thread, or the process in MySQL 5.6
		rest = strings.TrimLeft(rest[n:], "0123456789 ")
	}
	level, message, ok := strings.Cut(strings.TrimPrefix(rest, "["), "] ")
	if e.Level, ok = mysqlLevels[level], ok && strings.HasPrefix(rest, "[") && mysqlLevels[level] != ""; !ok {
		return Entry{}, false
	}
	e.Message = message
	return e, true
}

// mysqlStamp reads the instant that a line begins with.
func mysqlStamp(text string, zone *time.Location) (us int64, rest string, ok bool) {
	if len(text) < 15 || text[0] < '0' || text[0] > '9' {
		return 0, "", false
	}
	if len(text) > 19 && text[10] == 'T' {
		stamp, _, found := strings.Cut(text[:min(len(text), 64)], " ")
		t, err := time.Parse(time.RFC3339Nano, stamp)
		if !found || err != nil {
			return 0, "", false
		}
		return t.UnixMicro(), text[len(stamp):], true
	}
	layout, size := "2006-01-02 15:04:05", 19
	if text[6] == ' ' {
		layout, size = "060102 15:04:05", 15
	}
	if len(text) <= size {
		return 0, "", false
	}
	stamp := []byte(text[:size])
	if hour := size - 8; stamp[hour] == ' ' {
		stamp[hour] = '0'
	}
	t, err := time.ParseInLocation(layout, string(stamp), zone)
	if err != nil || text[size] != ' ' {
		return 0, "", false
	}
	return t.UnixMicro(), text[size:], true
}

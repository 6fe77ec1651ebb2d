package collectors

import (
	"cmp"
	"strings"
)

// A Reading is what one source said at one instant. Live collection makes them, a recording keeps
// them, and replay hands out the same ones: whoever adds them up cannot tell which it was.
type Reading struct {
	At     int64  // µs since the epoch, UTC
	Source string // what it is of, as a person names it: "host", "mysql 127.0.0.1:3306"
	Host   string // the machine that the figures are of; empty for the one we run on
	Role   string // host, db, cache or web; errors of an error log

	Samples []Sample
	// Settings and Tables are there when they were asked for anew, which is seldom.
	Settings map[string]string
	Tables   []Table
	// Lists of the instant, of which no series is made.
	Processes []Process
	Sessions  []Session
	Waits     []Wait

	// Executions are of statements that ended since the reading before, and Book is where the server
	// keeps them: PerformanceSchema or SlowLogTable. A session adds them up as it does those of
	// a log, and a recording keeps the sums.
	Executions []Executions
	Book       string

	Missing []Missing
	CostUS  int64 // what the reading took of our own time, waiting included
}

// Where a server keeps books of its statements, as sources name their formats.
const (
	PerformanceSchema = "performance_schema"
	SlowLogTable      = "mysql.slow_log"
)

// ServerSource begins the names of sources that are database servers; the address follows.
const ServerSource = "mysql "

// ServerOf is the address of the database server that a source is: host:port, or its socket. It is
// empty for all else.
func ServerOf(source string) string {
	address, ok := strings.CutPrefix(source, ServerSource)
	if !ok {
		return ""
	}
	return address
}

// Server is the address of the database server that the reading is of; empty when it is of something else.
func (r *Reading) Server() string { return ServerOf(r.Source) }

// Of tells whose figures a reading holds from those of all else that is watched: a database server by its
// address, since a machine may run several, and anything else by its machine.
func (r *Reading) Of() string { return cmp.Or(r.Server(), r.Host) }

// Missing is something that could not be read, as a gap tells it.
type Missing struct {
	What    string // "disk I/O of other users' processes"
	Why     string // "permission denied: /proc/812/io"
	Provide string // what would help, a command if there is one
}

// A Process is one process of the host. A number is Unknown where it may not be read.
type Process struct {
	PID, Parent int64
	Name        string
	User        string
	State       string // one letter, as ps prints it
	Command     string // hostile text

	CPU         float64 // cores used since the reading before
	Memory      int64   // resident bytes
	Swapped     int64   // bytes
	ReadBytes   float64 // of storage, a second
	WriteBytes  float64
	Threads     int64
	OpenFiles   int64
	FilesLimit  int64
	BusiestCore float64 // cores used by its busiest thread, at most 1
	Allocator   string  // malloc library it has mapped: jemalloc, tcmalloc or libc; empty when not known
}

// A Session is one connection of a database server.
type Session struct {
	ID       int64
	User     string
	Client   string
	Database string
	Command  string // Query, Sleep, Binlog Dump …
	State    string
	SQL      string // hostile text; empty without a statement
	TimeUS   int64  // in this state

	// TransactionUS is the age of the open transaction; Unknown without one.
	TransactionUS int64
	RowsExamined  int64 // so far; Unknown where the server does not tell
	ThreadOS      int64 // the server's thread as the host numbers it; 0 when not known
}

// A Wait is one session that waits for a lock of another.
type Wait struct {
	Waiting, Blocking int64  // session ids; Blocking is 0 when not known
	Kind              string // row, metadata or table
	Object            string // schema.table
	Index             string
	Mode              string
	WaitUS            int64
}

// A SourceError says why a source gave no reading, and what would help.
type SourceError struct {
	Denied  bool // it is there and may not be read; else it is lost
	Slow    bool // it is there and did not answer in time
	Provide string
	Err     error
}

func (e *SourceError) Error() string { return e.Err.Error() }

func (e *SourceError) Unwrap() error { return e.Err }

// Package collectors observes: it owns the nouns of observation that every later stage reads.
package collectors

// Unknown marks a number that the log did not carry. It is never a measurement: all measured
// numbers of an event are zero or more.
const Unknown int64 = -1

// Unanswered is the status of an attempt that the log says had no answer; Unknown is one that it does not tell.
const Unanswered int64 = -2

// NoTime marks an event or span whose instant is not known.
const NoTime int64 = -1 << 63

// A Statement is one SQL statement as a slow log records it. The reader that fills it owns it and
// every byte slice in it, and reuses both for the next statement: copy what is kept.
//
// Durations and instants are microseconds (instants since the Unix epoch, UTC).
type Statement struct {
	Offset int64 // of the record's first byte in the uncompressed input

	End       int64 // instant the statement ended; NoTime if the log never says
	QueryTime int64
	LockTime  int64 // on MariaDB 10.11 this holds no InnoDB row-lock waits

	RowsSent     int64
	RowsExamined int64
	RowsAffected int64
	BytesSent    int64

	TmpTables     int64
	TmpDiskTables int64
	MergePasses   int64
	PagesRead     int64 // InnoDB pages read from disk: MariaDB's Pages_read, Percona's IO_r_ops

	Flags StatementFlags

	// RateLimit is N of "one statement (or session) in N is logged", 1 when all are.
	RateLimit int64

	ThreadID int64
	User     []byte
	Host     []byte // host name, or the address when the log has no name
	Schema   []byte // default schema; meaningless when SchemaInherited
	SQL      []byte // statement text without the final semicolon
	Explain  []byte // MariaDB's "# explain:" rows without that prefix, newline-separated

	// SchemaInherited says that the schema is the one of the entry before, which a reader of a part
	// cannot know: whoever joins the parts in file order does.
	SchemaInherited bool
	// Admin says that SQL is an administrator command such as "Quit".
	Admin bool
}

// StatementFlags are the yes/no notes of a slow log record. A flag's Known twin is set when the
// record carried the note at all.
type StatementFlags uint16

// What a slow log says about how a statement was executed.
const (
	FullScan StatementFlags = 1 << iota
	FullJoin
	TmpTable
	TmpTableOnDisk
	Filesort
	FilesortOnDisk
	QueryCacheHit
	PlanKnown // the record carried the plan notes above
)

// MaxTries bounds the upstream attempts kept of one request; Nginx's own default tries every peer
// once. Of attempts beyond it the last one kept has the address and status of the last of all, and all their time.
const MaxTries = 16

// A Request is one HTTP request as a web server or an application logs it. The reader that fills it
// owns it and reuses it: copy what is kept. Durations and instants are microseconds.
type Request struct {
	Offset int64

	End         int64 // instant the request was logged, which is when it ended; NoTime if unknown
	RequestTime int64 // Unknown when the log does not carry it
	Status      int64
	BytesSent   int64

	Method []byte
	Path   []byte // raw target; the query string is still on it
	Cache  []byte // upstream cache status (HIT, MISS …), empty when none
	Client []byte

	// Tries are the upstream attempts in order; empty when the server answered by itself.
	Tries []Try
	// UpstreamLogged says that the log has an upstream time field at all, even if it reads "-".
	UpstreamLogged bool
	// Outcome is set when many requests of the log have the same RequestTime, Cache, Tries and
	// UpstreamLogged: to count those is faster than to add up each.
	Outcome *Outcome
	// Odd says which value of the line could not be read and counts as unknown; "" when all could.
	Odd string
}

// An Outcome is what many requests of a log have in common. Of one scan and worker there are up to
// MaxOutcomes at a time, numbered from 0. It never changes.
type Outcome struct {
	Number      int
	RequestTime int64
	Cache       []byte
	Tries       []Try
}

// MaxOutcomes bounds the outcomes that a reader tells apart: in a usual log they are two requests in three.
const MaxOutcomes = 256

// A Try is one attempt to have an upstream answer a request. A time is Unknown where the log has "-".
type Try struct {
	Addr     []byte
	Status   int64
	Connect  int64
	Header   int64
	Response int64
	// Redirected says that this attempt began after an internal redirect (" : " in the log) rather
	// than as a retry (", ").
	Redirected bool
}

// A Skip is a piece of input that could not be read as an event.
type Skip struct {
	Offset int64  `json:"offset"`
	Line   int64  `json:"line"` // 1-based; 0 when unknown
	Why    string `json:"why"`
}

// A Source is one input as it was found: what it is, what came of it.
type Source struct {
	Path   string
	Format string
	Role   string // web, app, db, cache or host; empty when unknown
	// Recording says that this is no log: samples, settings or sizes, which are Events too.
	Recording bool
	Host      string
	// Version and VersionComment are of the server that wrote a log, where its first line says them.
	Version, VersionComment string

	Bytes   int64 // uncompressed
	Events  int64
	Skipped int64
	Skips   []Skip // the first few
	// Warnings are things the reader had to decide: a header that may be part of a literal, say.
	Warnings []string
	From, To int64  // first and last instant seen; NoTime when none
	Part     bool   // only a part was read, as its times are in order: Events and Bytes are of that part
	Err      string // why it could not be read, or not to its end; empty when it was
}

// Unread reports whether nothing could be read of the source, not even what it is.
func (s *Source) Unread() bool { return s.Err != "" && s.Format == "" }

package analyzers

import (
	"strings"

	"dbtriage/collectors"
)

// A Kind says what a statement does to data.
type Kind uint8

// The kinds of statement. Other is everything that neither reads nor writes rows by itself:
// transaction control, SET, SHOW, DDL, CALL.
const (
	Other Kind = iota
	Read
	Write
)

// String returns the name the JSON contract uses.
func (k Kind) String() string { return [...]string{"other", "read", "write"}[k] }

// A Class is every statement with one fingerprint. Sums are integers (microseconds, bytes, rows) so
// that merging in any order gives the same bytes.
type Class struct {
	Fingerprint string // percona/go-mysql's, the one PMM shows
	ID          string // its 16-digit upper-case query id
	Kind        Kind   // of statements that share the fingerprint but not the kind, Write before Read before Other

	Time   Timing
	LockUS int64 // sum over the statements

	// Rows and bytes are sums over the statements whose record carried them: their number is in the
	// Known field beside each.
	RowsSent, RowsSentKnown         int64
	RowsExamined, RowsExaminedKnown int64
	RowsAffected, RowsAffectedKnown int64
	BytesSent, BytesSentKnown       int64
	MaxRowsSent, MaxRowsExamined    int64
	PagesRead                       int64
	PlanKnown                       int64 // statements whose record told the plan notes counted below
	FullScans, FullJoins            int64
	TmpTables, TmpDiskTables        int64
	WithTmpTable, WithTmpDiskTable  int64 // statements that had one or more
	Filesorts, FilesortsOnDisk      int64

	// Offsets: statements that carry a literal OFFSET, and those offsets.
	OffsetCalls, OffsetSum, MaxOffset int64
	// SingleRowInserts counts INSERT … VALUES with one row.
	SingleRowInserts int64
	// Runs: how often one session ran this class again and again with nothing in between.
	Runs Runs
	// Repeats: how often the same parameters come again.
	Repeats Repeats

	First, Last int64 // instants, µs since the epoch; collectors.NoTime when no statement had one

	// Databases holds calls and time by default schema; "" is "no schema selected or not logged".
	Databases Databases
	// Worst is the slowest statement; of equals, the first in the input.
	Worst Example
	// Slices are calls and time on the digest's coarse time grid, in order.
	Slices Slices

	// Folded says that only counts and sums are known; see Digest.FoldedClasses.
	Folded bool

	inherited Usage // calls whose schema is that of the entry before this part

	number uint64 // of ID, once it was asked for; 0 before
}

// idNumber is the number that the id writes; ok is false for the row that others are folded into.
func (c *Class) idNumber() (n uint64, ok bool) {
	if c.number == 0 {
		if c.number, ok = parseID(c.ID); !ok {
			return 0, false
		}
	}
	return c.number, true
}

// emptyClass takes one of spare ones, or makes one.
func emptyClass(spare *[]*Class) *Class {
	if n := len(*spare); n > 0 {
		c := (*spare)[n-1]
		*spare = (*spare)[:n-1]
		return c
	}
	return &Class{First: collectors.NoTime, Last: collectors.NoTime}
}

// name gives the class the names of its shape.
func (c *Class) name(s *shape) {
	c.Fingerprint, c.ID, c.Kind, c.number = s.fingerprint, s.id, s.kind, s.number
}

// reset empties the class and keeps its memory.
func (c *Class) reset() {
	sketch, cells, few := c.Time.sketch, c.Slices.Cells[:0], c.Databases.few[:0]
	sketch.reset()
	repeats := c.Repeats
	repeats.reset()
	*c = Class{First: collectors.NoTime, Last: collectors.NoTime}
	c.Time.sketch, c.Slices.Cells, c.Databases.few, c.Repeats = sketch, cells, few, repeats
}

// A Usage is a count of statements and the time they took.
type Usage struct {
	Calls  int64
	TimeUS int64
}

// An Example is one statement kept verbatim. It holds literals: it never reaches a report unless
// the user asks for samples.
type Example struct {
	SQL       string // at most MaxExample bytes
	Explain   string // MariaDB's explain rows, tab-separated, when logged
	Schema    string
	Source    string
	Offset    int64
	QueryTime int64
	Truncated bool

	inherits bool // the schema is that of the entry before this part
	// sql and explain are the texts while the piece of the log that they stand in is held.
	sql, explain []byte
}

// MaxExample bounds the text kept of one example, in bytes.
const MaxExample = 16 << 10

// kept returns the example with text of its own.
func (e *Example) kept() Example {
	k := *e
	if k.sql == nil && k.explain == nil {
		return k
	}
	sql := k.sql
	if len(sql) > MaxExample {
		sql, k.Truncated = sql[:MaxExample], true
	}
	k.SQL = string(sql)
	if explain := k.explain[:min(len(k.explain), MaxExample)]; len(explain) > 0 {
		k.Explain = strings.TrimRight(strings.ReplaceAll(string(explain), "# explain: ", ""), "\r\n")
	}
	k.sql, k.explain = nil, nil
	return k
}

// An EndpointKey names a route of one server role.
type EndpointKey struct {
	Role   string // "web" or "app"
	Method string
	Route  string // normalised path; see Route
}

// An Endpoint is every request to one route. The counterpart of Class for requests.
type Endpoint struct {
	Key EndpointKey

	Time     Timing // whole request, as the server that logged it saw it
	Upstream Timing // sum of response times over the attempts of a request
	Connect  Timing // largest connect time among a request's attempts
	Header   Timing // largest header time among a request's attempts
	Client   Timing // request − upstream: client and buffering, never queueing

	Requests         int64
	Status           map[int64]int64 // of the requests whose record has one
	BytesSent        int64
	Retried          int64 // requests with more than one attempt for a reason other than a redirect
	Redirected       int64
	ConnectAboveZero int64 // requests that opened a new upstream connection (connect time > 0)
	Cache            map[string]int64
	Upstreams        map[string]int64 // attempts by peer
	First, Last      int64
	Slices           Slices
	Worst            Slowest

	status, peers tally    // not yet in Status and Upstreams; peers by their number in the part
	outcomes      []uint32 // requests by the number of their outcome, not yet in what that says
}

// A Slowest is where the slowest request of an endpoint stands; of equals the first.
type Slowest struct {
	Source string // empty where no request told how long it took
	Offset int64
	TimeUS int64
}

func (s *Slowest) add(o Slowest) {
	switch {
	case o.Source == "":
	case s.Source == "" || o.TimeUS > s.TimeUS:
		*s = o
	case o.TimeUS == s.TimeUS && (o.Source < s.Source || o.Source == s.Source && o.Offset < s.Offset):
		*s = o
	}
}

// A Peer is every attempt sent to one upstream address.
type Peer struct {
	Addr     string
	Response Timing
	Connect  Timing
	Header   Timing
	Attempts int64
	Failed   int64 // attempts that the log says were answered 502, 503 or 504, or not at all
	Status   map[int64]int64

	status tally // not yet in Status
	number int64 // in the part that adds to it; 0 when it has none
}

// Judged returns of how many attempts the log tells whether they failed.
func (p *Peer) Judged() int64 {
	n := p.Failed - p.Status[502] - p.Status[503] - p.Status[504] // the unanswered
	for _, answered := range p.Status {
		n += answered
	}
	return n
}

// OtherID and OtherName name the row that the memory bound folds classes and routes into.
const (
	OtherID   = "other"
	OtherName = "(other)"
)

package analyzers

import "dbtriage/collectors"

// A Digest is all classes, endpoints and peers of a window, their totals, and the per-second series.
// Digests of different inputs merge in any order to the same bytes; digests of neighbouring parts of
// one input are joined with Append, which also resolves what one entry inherits from the one before.
type Digest struct {
	Statements StatementTotals
	Web        RequestTotals // what web servers logged
	App        RequestTotals // what the application itself logged

	Classes   map[string]*Class // by fingerprint
	Endpoints map[EndpointKey]*Endpoint
	Peers     map[string]*Peer
	Users     map[string]*Usage // by user@host, at most MaxUsers

	Series *SecondSeries
}

// MaxUsers bounds Digest.Users; what comes later is counted under OtherName.
const MaxUsers = 1000

// StatementTotals are sums over every statement of a digest.
type StatementTotals struct {
	Count, Reads, Writes       int64
	TimeUS, ReadUS, WriteUS    int64
	LockUS                     int64
	RowsSent, RowsExamined     int64
	BytesSent                  int64
	Time                       Timing
	MinUS                      int64 // shortest statement seen: a floor near a round value betrays long_query_time
	RateLimited, MaxRateLimit  int64 // statements logged under a rate limit N > 1, and the largest N
	WithoutTime                int64 // statements whose instant is unknown; they are in no series
	First, Last                int64 // collectors.NoTime when unknown
	Connections                int64 // statements that were a Connect
	Threads                    int64 // estimate of distinct thread ids
	RowsUnknown, SchemaUnknown int64
}

// RequestTotals are sums over every request of one role.
type RequestTotals struct {
	Count          int64
	Time           Timing
	Upstream       Timing
	Client         Timing
	Connect        Timing
	Header         Timing
	Status         map[int64]int64
	BytesSent      int64
	WithTime       int64 // requests whose record carried a duration
	UpstreamLogged int64 // requests whose log has an upstream time field, even "-"
	Proxied        int64 // requests that went to an upstream
	ConnectAbove0  int64
	Retried        int64
	Redirected     int64
	WithoutTime    int64 // requests whose instant is unknown
	First, Last    int64
}

// NewDigest returns the identity of Merge.
func NewDigest() *Digest {
	d := &Digest{
		Classes:   map[string]*Class{},
		Endpoints: map[EndpointKey]*Endpoint{},
		Peers:     map[string]*Peer{},
		Users:     map[string]*Usage{},
		Series:    NewSecondSeries(),
	}
	d.Statements.First, d.Statements.Last = collectors.NoTime, collectors.NoTime
	for _, r := range []*RequestTotals{&d.Web, &d.App} {
		r.First, r.Last = collectors.NoTime, collectors.NoTime
		r.Status = map[int64]int64{}
	}
	return d
}

package analyzers

import "dbtriage/collectors"

// A Digest is all classes, endpoints and peers of a window, their totals, and the per-second series.
// Digests of different inputs merge in any order to the same bytes; digests of neighbouring parts of
// one input are joined with Append, which also resolves what one entry inherits from the one before.
type Digest struct {
	Statements StatementTotals
	Web        RequestTotals // what web servers logged
	App        RequestTotals // what the application itself logged

	Classes   map[string]*Class // by fingerprint; see FoldedClasses for what is beyond MaxFull
	Endpoints map[EndpointKey]*Endpoint
	Peers     map[string]*Peer
	Users     map[string]*Usage // by user@host, at most MaxUsers

	Series *SecondSeries

	tail         tail
	promoteAbove int64 // total time of the least of the classes that were last kept whole

	threads distinct
	runs    sessionRuns[*Class]

	steps nameSteps
	cold  *coldRoutes // endpoints beside Endpoints until the input has ended; nil when there are none

	spare          []*Class    // empty ones
	spareEndpoints []*Endpoint // the same
}

// StatementTotals are sums over every statement of a digest.
type StatementTotals struct {
	Count, Reads, Writes      int64
	TimeUS, ReadUS, WriteUS   int64
	LockUS                    int64
	RowsSent, RowsExamined    int64 // over the statements that carry them
	BytesSent                 int64
	Time                      Timing
	RateLimited, MaxRateLimit int64 // statements logged under a rate limit N > 1, and the largest N
	WithoutTime               int64 // statements whose instant is unknown; they are in no series
	First, Last               int64 // collectors.NoTime when unknown
	Threads                   int64 // estimate of distinct thread ids, to a few percent
}

// A log whose shortest statement takes cutFloor microseconds, with cutCount statements to say so, is cut by
// long_query_time: every server answers some statement in well under a millisecond. Guesses of ours.
const (
	cutFloor = 5_000
	cutCount = 100
)

// Cut reports whether the log seems to lack all short statements. It is sure of that when they are many; a log
// of one slow statement may be whole.
func (t *StatementTotals) Cut() (cut, sure bool) {
	cut = t.Count > 0 && t.Time.Min >= cutFloor
	return cut, !cut || t.Count >= cutCount
}

// Whole reports whether the log surely holds every statement.
func (t *StatementTotals) Whole() bool {
	cut, _ := t.Cut()
	return t.Count > 0 && !cut && t.MaxRateLimit <= 1
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
		runs:      newSessionRuns(countRun),
	}
	d.Statements.First, d.Statements.Last = collectors.NoTime, collectors.NoTime
	for _, r := range []*RequestTotals{&d.Web, &d.App} {
		r.First, r.Last = collectors.NoTime, collectors.NoTime
		r.Status = map[int64]int64{}
	}
	return d
}

// reset empties the digest of a part of statements and keeps its memory.
func (d *Digest) reset() {
	clear(d.Classes)
	clear(d.Users)
	clear(d.threads)
	d.Series.reset()
	d.runs.reset()
	sketch := d.Statements.Time.sketch
	sketch.reset()
	d.Statements = StatementTotals{First: collectors.NoTime, Last: collectors.NoTime, Time: Timing{sketch: sketch}}
	d.tail, d.promoteAbove, d.steps = tail{}, 0, nameSteps{}
}

// class returns the class of a fingerprint, making it if need be.
func (d *Digest) class(fingerprint, id string, kind Kind) *Class {
	if c := d.Classes[fingerprint]; c != nil {
		return c
	}
	c := &Class{
		Fingerprint: fingerprint, ID: id, Kind: kind,
		First: collectors.NoTime, Last: collectors.NoTime,
	}
	d.Classes[fingerprint] = c
	return c
}

func (d *Digest) endpoint(key EndpointKey) *Endpoint {
	key = foldEndpoint(key, d.steps.endpoint)
	if e := d.Endpoints[key]; e != nil {
		return e
	}
	var e *Endpoint
	if n := len(d.spareEndpoints) - 1; n >= 0 {
		e, d.spareEndpoints = d.spareEndpoints[n], d.spareEndpoints[:n]
		e.Key = key
	} else {
		e = newEndpoint(key)
	}
	d.Endpoints[key] = e
	return e
}

func newEndpoint(key EndpointKey) *Endpoint {
	return &Endpoint{
		Key: key, Status: map[int64]int64{}, Cache: map[string]int64{}, Upstreams: map[string]int64{},
		First: collectors.NoTime, Last: collectors.NoTime,
	}
}

// reset empties an endpoint and keeps its memory.
func (e *Endpoint) reset() {
	clear(e.Status)
	clear(e.Cache)
	clear(e.Upstreams)
	*e = Endpoint{
		Status: e.Status, Cache: e.Cache, Upstreams: e.Upstreams, Slices: Slices{Cells: e.Slices.Cells[:0]},
		First: collectors.NoTime, Last: collectors.NoTime,
	}
}

func (d *Digest) peer(addr string) *Peer {
	addr = foldPeer(addr, d.steps.peer)
	if p := d.Peers[addr]; p != nil {
		return p
	}
	p := &Peer{Addr: addr, Status: map[int64]int64{}}
	d.Peers[addr] = p
	return p
}

func (d *Digest) user(name string) *Usage {
	name = foldUser(name, d.steps.user)
	u := d.Users[name]
	if u == nil {
		u = &Usage{}
		d.Users[name] = u
	}
	return u
}

// A nameSteps says how coarse the names of a digest have become; see coarsen.
type nameSteps struct {
	endpoint, peer, user int
	light                int // 1 when the names of light routes are coarse, whatever step the others are at; 2 when there were more than MaxRoutes
}

// bound makes names coarser where there are too many, and at least as coarse as least. What points
// to an endpoint, peer or user from outside is then stale: changed says so.
func (d *Digest) bound(least nameSteps) (changed bool) {
	before := d.steps
	mergeEndpoints := func(into, from *Endpoint) { into.merge(from) }
	mergePeers := func(into, from *Peer) { into.merge(from) }
	mergeUsers := func(into, from *Usage) { into.add(*from) }
	d.steps.light = max(d.steps.light, least.light)
	if raise(d.Endpoints, &d.steps.endpoint, least.endpoint, foldEndpoint, mergeEndpoints); d.cold != nil && d.steps.endpoint > before.endpoint {
		d.cold.fold(d.steps.endpoint)
	}
	raise(d.Peers, &d.steps.peer, least.peer, foldPeer, mergePeers)
	raise(d.Users, &d.steps.user, least.user, foldUser, mergeUsers)
	coarsen(d.Peers, MaxPeers, &d.steps.peer, foldPeer, mergePeers)
	coarsen(d.Users, MaxUsers, &d.steps.user, foldUser, mergeUsers)
	if before == d.steps {
		return false
	}
	for key, e := range d.Endpoints {
		e.Key = key
	}
	for addr, p := range d.Peers {
		p.Addr = addr
	}
	return true
}

// foldUpstreams gives the peers of endpoints the names that they have in Peers.
func (d *Digest) foldUpstreams() {
	if d.steps.peer == 0 {
		return
	}
	for _, e := range d.Endpoints {
		for addr, n := range e.Upstreams {
			if to := foldPeer(addr, d.steps.peer); to != addr {
				delete(e.Upstreams, addr)
				e.Upstreams[to] += n
			}
		}
	}
}

func (u *Usage) add(o Usage) {
	u.Calls += o.Calls
	u.TimeUS += o.TimeUS
}

// see widens first and last to hold at.
func see(first, last *int64, at int64) {
	if at == collectors.NoTime {
		return
	}
	if *first == collectors.NoTime || at < *first {
		*first = at
	}
	if *last == collectors.NoTime || at > *last {
		*last = at
	}
}

// Empty reports whether no event was taken in.
func (d *Digest) Empty() bool { return d.Statements.Count+d.Web.Count+d.App.Count == 0 }

// Span returns the first and last instant of any event; collectors.NoTime when no event has one.
func (d *Digest) Span() (first, last int64) {
	first, last = collectors.NoTime, collectors.NoTime
	for _, at := range []int64{d.Statements.First, d.Statements.Last, d.Web.First, d.Web.Last, d.App.First, d.App.Last} {
		see(&first, &last, at)
	}
	return first, last
}

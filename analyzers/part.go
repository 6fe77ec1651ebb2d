package analyzers

import (
	"bytes"
	"strings"
	"sync"

	"dbtriage/collectors"
	"dbtriage/collectors/logs"
)

// A Gatherer turns the events of one source into a digest, part by part.
type Gatherer struct {
	Role   string // web, app or db
	Source string // as examples name it
	Filter Filter
	// Shift is added to the times of all events, in microseconds: what the source's clock is behind.
	Shift int64
	// Slice is how many seconds one digest spans; 0 makes a single digest of all. See Part.Slices.
	Slice int64

	filtered bool // the filter asks something

	mu     sync.Mutex
	caches []*shapeCache           // by worker
	idle   []*Part                 // joined to the total, to be filled again
	levels map[string]repeatLevels // by fingerprint: where parts begin; see Repeats.begin
}

// Parts is how a scan fills digests.
func (g *Gatherer) Parts() logs.Parts[*Part] {
	g.filtered = g.Filter != Filter{}
	if g.Slice > 0 {
		return logs.Parts[*Part]{New: g.newPart, Sink: (*Part).slicedSink, Append: g.appendSliced}
	}
	return logs.Parts[*Part]{
		New: g.newPart,
		Sink: func(p *Part) logs.Sink {
			sink := logs.Sink{Statement: p.statement, Request: p.request}
			if g.Shift != 0 {
				sink = shiftedSink(sink, g.Shift)
			}
			return sink
		},
		Append: g.append,
	}
}

// shiftedSink adds to the times of events before a sink takes them.
func shiftedSink(to logs.Sink, us int64) logs.Sink {
	return logs.Sink{
		Statement: func(st *collectors.Statement) {
			at := st.End // the reader's: what follows may inherit it
			if at != collectors.NoTime {
				st.End += us
			}
			to.Statement(st)
			st.End = at
		},
		Request: func(req *collectors.Request) {
			at := req.End
			if at != collectors.NoTime {
				req.End += us
			}
			to.Request(req)
			req.End = at
		},
	}
}

// A Part is the digest of a run of one source's events, with what it takes to add more.
type Part struct {
	*Digest
	g         *Gatherer
	cache     *shapeCache
	number    uint64   // among the parts that the cache has served
	classes   []*Class // by slot of their shapes
	spare     []*Class // empty ones
	key       []byte
	endpoints map[string]*Endpoint
	// inherited holds the statements whose schema is not known here while the filter asks for it.
	// They come first in the part.
	inherited *Part
	slices    map[int64]*Part
	lastSlice *Part
	user      []byte // user@host of the statement before
	usage     *Usage

	peers     []*Peer // by number, from 1
	lastPeers [4]*Peer
	turn      int
}

// newPart returns an empty part for a worker to fill.
func (g *Gatherer) newPart(worker int) *Part {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.caches) <= worker {
		g.caches = append(g.caches, newShapeCache())
	}
	var p *Part
	if n := len(g.idle); n > 0 {
		p, g.idle = g.idle[n-1], g.idle[:n-1]
	} else {
		p = &Part{Digest: NewDigest(), g: g, endpoints: map[string]*Endpoint{}}
		p.reused = true
	}
	p.cache = g.caches[worker]
	p.number = p.cache.nextPart()
	return p
}

func (g *Gatherer) append(total, part *Part, schema string) {
	g.join(total, part, schema)
	g.learnLevels(total, part)
	if len(part.Endpoints) > 0 || len(part.Peers) > 0 { // a worker's only one
		return
	}
	part.reset()
	g.mu.Lock()
	g.idle = append(g.idle, part)
	g.mu.Unlock()
}

func (g *Gatherer) join(total, part *Part, schema string) {
	if head := part.inherited; head != nil && schema == g.Filter.DB {
		head.settle()
		total.Digest.Append(head.Digest, schema)
	}
	part.settle()
	total.Digest.Append(part.Digest, schema)
}

// maxSpare bounds the empty classes that a part holds on to: those of a piece of a log of many
// shapes.
const maxSpare = 4096

// reset empties a part of statements and keeps its memory.
func (p *Part) reset() {
	for _, c := range p.Classes {
		if len(p.spare) < maxSpare {
			c.reset()
			p.spare = append(p.spare, c)
		}
	}
	clear(p.classes)
	p.classes = p.classes[:0]
	p.inherited, p.usage, p.user = nil, nil, p.user[:0]
	p.Digest.reset()
}

// lookup returns the shape of a statement and the class that it belongs to.
func (p *Part) lookup(sql []byte, admin bool) (*shape, *Class) {
	s := p.cache.lookup(sql, admin)
	if s.part != p.number {
		s.part, s.slot = p.number, len(p.classes)
		p.classes = append(p.classes, p.classOf(s))
	}
	return s, p.classes[s.slot]
}

// classOf returns the class of a shape that the part has not met before.
func (p *Part) classOf(s *shape) *Class {
	if c := p.Classes[s.fingerprint]; c != nil {
		return c
	}
	var c *Class
	if n := len(p.spare); n > 0 {
		c, p.spare = p.spare[n-1], p.spare[:n-1]
	} else {
		c = &Class{First: collectors.NoTime, Last: collectors.NoTime}
	}
	c.Fingerprint, c.ID, c.Kind, c.number = s.fingerprint, s.id, s.kind, s.number
	if p.g.Slice == 0 { // a slice is whole by itself
		c.Repeats.begin(p.g.levelsOf(s.fingerprint))
	}
	p.Classes[s.fingerprint] = c
	return c
}

// settle completes the part's digest: what all classes or endpoints add up to is summed once here
// instead of once for each event.
func (p *Part) settle() {
	p.settleRequests()
	for _, c := range p.Classes {
		p.Statements.Time.Merge(&c.Time)
	}
}

func (p *Part) statement(st *collectors.Statement) {
	if p.g.filtered {
		if p = p.filter(st); p == nil {
			return
		}
	}
	s, c := p.lookup(st.SQL, st.Admin)
	p.Statements.add(st, c.Kind)
	c.add(st, s, p.g.Source)
	p.addUser(st)
	if st.ThreadID >= 0 {
		p.threads.add(st.ThreadID)
		if !st.Admin && st.End != collectors.NoTime {
			p.runs.add(st.ThreadID, c, st.End)
		}
	}
	if st.End == collectors.NoTime {
		return
	}
	cell := p.Series.At(st.End)
	cell.Statements++
	cell.QueryUS += st.QueryTime
	cell.LockUS += st.LockTime
	cell.MaxQueryUS = max(cell.MaxQueryUS, st.QueryTime)
	switch c.Kind {
	case Read:
		cell.Reads++
	case Write:
		cell.Writes++
	}
	end := midSecond(st.End)
	p.Series.busyDB(end-st.QueryTime, end)
}

// filter returns the part that takes in a statement, nil when none does.
func (p *Part) filter(st *collectors.Statement) *Part {
	f := &p.g.Filter
	switch {
	case !f.statement(st):
		return nil
	case f.DB == "":
		return p
	case st.SchemaInherited:
		if p.inherited == nil {
			p.inherited = &Part{Digest: NewDigest(), g: p.g, cache: p.cache, number: p.cache.nextPart()}
			p.inherited.reused = true
		}
		return p.inherited
	case f.DB != string(st.Schema):
		return nil
	}
	return p
}

// midSecond moves a stamp of whole seconds to the middle of its second, where the event is to be
// expected.
func midSecond(us int64) int64 {
	if us%1e6 == 0 {
		return us + 5e5
	}
	return us
}

func (t *StatementTotals) add(st *collectors.Statement, kind Kind) {
	t.Count++
	t.TimeUS += st.QueryTime
	t.LockUS += st.LockTime
	switch kind {
	case Read:
		t.Reads++
		t.ReadUS += st.QueryTime
	case Write:
		t.Writes++
		t.WriteUS += st.QueryTime
	}
	t.RowsSent += max(st.RowsSent, 0)
	t.RowsExamined += max(st.RowsExamined, 0)
	t.BytesSent += max(st.BytesSent, 0)
	if st.RateLimit > 1 {
		t.RateLimited++
		t.MaxRateLimit = max(t.MaxRateLimit, st.RateLimit)
	}
	if st.End == collectors.NoTime {
		t.WithoutTime++
		return
	}
	see(&t.First, &t.Last, st.End)
}

func (c *Class) add(st *collectors.Statement, s *shape, source string) {
	c.Time.Add(st.QueryTime)
	c.LockUS += st.LockTime
	addKnown(&c.RowsSent, &c.RowsSentKnown, st.RowsSent)
	addKnown(&c.RowsExamined, &c.RowsExaminedKnown, st.RowsExamined)
	addKnown(&c.RowsAffected, &c.RowsAffectedKnown, st.RowsAffected)
	addKnown(&c.BytesSent, &c.BytesSentKnown, st.BytesSent)
	c.MaxRowsSent = max(c.MaxRowsSent, st.RowsSent)
	c.MaxRowsExamined = max(c.MaxRowsExamined, st.RowsExamined)
	c.PagesRead += max(st.PagesRead, 0)
	c.addPlan(st)
	if s.offset {
		if n, ok := literalOffset(st.SQL); ok {
			c.OffsetCalls++
			c.OffsetSum += n
			c.MaxOffset = max(c.MaxOffset, n)
		}
	}
	if s.insert && oneRow(st.SQL) {
		c.SingleRowInserts++
	}
	if s.kind != Other && !s.insert {
		c.Repeats.Add(st.SQL, s.kind, st.End, st.End != collectors.NoTime)
	}
	schema := ""
	if st.SchemaInherited {
		c.inherited.Calls++
		c.inherited.TimeUS += st.QueryTime
	} else {
		schema = c.Databases.addBytes(st.Schema, Usage{1, st.QueryTime})
	}
	if st.QueryTime > c.Worst.QueryTime || c.Time.Count == 1 {
		c.Worst = Example{
			Source: source, Offset: st.Offset, QueryTime: st.QueryTime, Schema: schema, inherits: st.SchemaInherited,
			sql: st.SQL, explain: st.Explain,
		}
	}
	if st.End != collectors.NoTime {
		see(&c.First, &c.Last, st.End)
		c.Slices.add(st.End, 1, st.QueryTime)
	}
}

func (c *Class) addPlan(st *collectors.Statement) {
	c.TmpTables += max(st.TmpTables, 0)
	c.TmpDiskTables += max(st.TmpDiskTables, 0)
	if st.Flags&collectors.PlanKnown == 0 {
		return
	}
	c.PlanKnown++
	c.FullScans += flag(st, collectors.FullScan)
	c.FullJoins += flag(st, collectors.FullJoin)
	c.Filesorts += flag(st, collectors.Filesort)
	c.FilesortsOnDisk += flag(st, collectors.FilesortOnDisk)
}

func flag(st *collectors.Statement, f collectors.StatementFlags) int64 {
	if st.Flags&f != 0 {
		return 1
	}
	return 0
}

func addKnown(sum, known *int64, v int64) {
	if v >= 0 {
		*sum += v
		*known++
	}
}

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

func (p *Part) addUser(st *collectors.Statement) {
	n := len(st.User)
	if p.usage == nil || len(p.user) != n+1+len(st.Host) || !bytes.Equal(p.user[:n], st.User) || !bytes.Equal(p.user[n+1:], st.Host) {
		p.user = append(append(append(p.user[:0], st.User...), '@'), st.Host...)
		p.usage = p.Digest.user(string(p.user))
		if len(p.Users) > MaxUsers {
			p.settleTallies()
			p.bound(nameSteps{})
			clear(p.endpoints)
			p.usage = p.Digest.user(string(p.user))
		}
	}
	p.usage.Calls++
	p.usage.TimeUS += st.QueryTime
}

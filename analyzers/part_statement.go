package analyzers

import (
	"bytes"
	"iter"
	"slices"

	"dbtriage/collectors"
)

// A met is what a part has met of one shape.
type met struct {
	shape *shape
	class *Class // once there are more than fewCalls
	last  int32  // of the statements before that: number in calls, from 1; 0 when there is none
	few   uint8  // how many they are
	runs  Runs
}

// A call is a statement as it came. To make a class of the few statements that most shapes have in a
// part of a log of many would take longer than to add them to the total one by one.
type call struct {
	collectors.Statement
	digest uint32 // of its parameters
	before int32  // the one of the same shape before it, as met.last
}

const fewCalls = 4

// maxSpare bounds the empty classes that a part holds on to, and maxCalls its room for statements.
const (
	maxSpare = 4_096
	maxCalls = 32_768
)

// reset empties a part of statements and keeps its memory.
func (p *Part) reset() {
	for i := range p.met {
		if c := p.met[i].class; c != nil && len(p.spare) < maxSpare {
			c.reset()
			p.spare = append(p.spare, c)
		}
	}
	clear(p.met)
	clear(p.calls) // they quote what has been read
	p.met, p.calls = p.met[:0], p.calls[:0]
	if cap(p.calls) > maxCalls {
		p.met, p.calls = nil, nil
	}
	p.schemas = p.schemas[:0]
	p.sessions.reset()
	p.inherited, p.usage, p.user, p.leftOut = nil, nil, p.user[:0], Window{}
	p.Digest.reset()
}

// meet returns what the part knows of the shape of a statement.
func (p *Part) meet(sql []byte, admin bool) *met {
	s := p.cache.lookup(sql, admin)
	if s.part != p.number {
		s.part, s.slot = p.number, int32(len(p.met))
		p.met = append(p.met, met{shape: s})
	}
	return &p.met[s.slot]
}

// add counts a statement for its class.
func (p *Part) add(m *met, st *collectors.Statement) {
	digest := m.shape.digest(st.SQL)
	if m.class == nil {
		if m.few < fewCalls {
			p.keep(m, st, digest)
			return
		}
		p.makeClass(m)
	}
	m.class.add(st, m.shape, digest, p.g.Source)
}

// keep keeps a statement as it came.
func (p *Part) keep(m *met, st *collectors.Statement, digest uint32) {
	n := len(p.calls)
	if n == cap(p.calls) {
		p.calls = slices.Grow(p.calls, max(n/2, 16))
	}
	p.calls = p.calls[:n+1]
	c := &p.calls[n]
	c.Statement, c.digest, c.before = *st, digest, m.last
	c.Schema, c.User, c.Host = p.schema(st.Schema), nil, nil // the reader's own, for as long as it looks at the record
	m.last = int32(n + 1)
	m.few++
}

// schema returns a copy of a name that stays as it is.
func (p *Part) schema(name []byte) []byte {
	for _, have := range p.schemas {
		if string(have) == string(name) {
			return have
		}
	}
	if len(p.schemas) == fewDatabases {
		p.schemas = p.schemas[:0]
	}
	p.schemas = append(p.schemas, bytes.Clone(name))
	return p.schemas[len(p.schemas)-1]
}

// makeClass makes a class of the few statements of a shape.
func (p *Part) makeClass(m *met) {
	c := emptyClass(&p.spare)
	c.name(m.shape)
	m.class = c
	if p.g.Slice == 0 { // a slice is whole by itself
		c.Repeats.begin(p.g.levelsOf(c.Fingerprint))
	}
	for st := range p.kept(m) {
		c.add(&st.Statement, m.shape, st.digest, p.g.Source)
	}
	m.last, m.few = 0, 0
}

// kept yields the statements of a shape that were kept as they came, the last one first.
func (p *Part) kept(m *met) iter.Seq[*call] {
	return func(yield func(*call) bool) {
		for n := m.last; n > 0; n = p.calls[n-1].before {
			if !yield(&p.calls[n-1]) {
				return
			}
		}
	}
}

// settle completes the part's digest: what all classes or endpoints add up to is summed once here
// instead of once for each event.
func (p *Part) settle() {
	p.settleRequests()
	for i := range p.met {
		m := &p.met[i]
		if m.class != nil {
			p.Statements.Time.Merge(&m.class.Time)
		}
		for c := range p.kept(m) {
			p.Statements.Time.Add(c.QueryTime)
		}
	}
}

func (p *Part) statement(st *collectors.Statement) {
	if p.g.filtered {
		if p = p.filter(st); p == nil {
			return
		}
	}
	m := p.meet(st.SQL, st.Admin)
	kind := m.shape.kind
	p.Statements.add(st, kind)
	p.add(m, st)
	p.addUser(st)
	if st.ThreadID >= 0 {
		p.threads.add(st.ThreadID)
		if !st.Admin && st.End != collectors.NoTime {
			p.sessions.add(st.ThreadID, m.shape.number, m.shape.slot, st.End)
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
	switch kind {
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
		p.leftOut.see(st.End)
		return nil
	case f.DB == "":
		return p
	case st.SchemaInherited:
		if p.inherited == nil {
			p.inherited = p.g.emptyPart(p.cache)
		}
		return p.inherited
	case f.DB != string(st.Schema):
		p.leftOut.see(st.End)
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

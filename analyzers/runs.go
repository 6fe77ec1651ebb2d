package analyzers

// LongRun is how many consecutive executions of one class by one session make a run worth counting:
// fewer are a page that needs a handful of rows.
const LongRun = 5

// Runs count how often one session executed one class again and again with no other statement in
// between and no pause of more than a second: the footprint of a query in a loop (N+1).
type Runs struct {
	Long  int64 // runs of at least LongRun statements
	Calls int64 // statements in those runs
	Max   int64 // statements in the longest run
}

func (r *Runs) count(n int64) {
	if n >= LongRun {
		r.Long++
		r.Calls += n
	}
	r.Max = max(r.Max, n)
}

func (r *Runs) merge(o Runs) {
	r.Long += o.Long
	r.Calls += o.Calls
	r.Max = max(r.Max, o.Max)
}

// runPause is the longest pause within a run, in microseconds. Most logs stamp whole seconds.
const runPause = 1e6

// maxSessions bounds the sessions a digest follows at once.
const maxSessions = 100_000

// A run is one session's latest statements of one class: of is where they are counted, and id the
// number of the class's query id.
type run[C any] struct {
	id          uint64
	of          C
	n           int64
	first, last int64 // instants
}

func (a *run[C]) joins(b *run[C]) bool {
	gap := b.first - a.last
	return a.id == b.id && gap <= runPause && gap >= -runPause
}

// sessionRuns follows the runs of every session through one part of a log. The first run of each
// session may have begun in the part before, so it is kept until the parts are joined; the last one
// may go on in the next.
type sessionRuns[C any] struct {
	first map[int64]run[C] // by thread: the run that was first in this part, once it has ended
	open  map[int64]*openRun[C]
	met   [64]*openRun[C] // those of open that were met last, by thread
	spare []*openRun[C]
	count func(of C, n int64)
}

type openRun[C any] struct {
	run[C]
	thread  int64
	isFirst bool
}

func newSessionRuns[C any](count func(of C, n int64)) sessionRuns[C] {
	return sessionRuns[C]{first: map[int64]run[C]{}, open: map[int64]*openRun[C]{}, count: count}
}

// countRun counts a run of a class. A class that is kept as a row has none.
func countRun(c *Class, n int64) {
	if c != nil {
		c.Runs.count(n)
	}
}

// reset forgets all and keeps some of the memory.
func (s *sessionRuns[C]) reset() {
	for _, o := range s.open {
		if len(s.spare) < 1024 {
			s.spare = append(s.spare, o)
		}
	}
	clear(s.first)
	clear(s.open)
	clear(s.met[:])
}

// begin opens the first run of a session.
func (s *sessionRuns[C]) begin(thread int64, r run[C]) {
	o := &openRun[C]{}
	if n := len(s.spare); n > 0 {
		o, s.spare = s.spare[n-1], s.spare[:n-1]
	}
	*o = openRun[C]{r, thread, true}
	s.open[thread] = o
}

func (s *sessionRuns[C]) add(thread int64, id uint64, of C, at int64) {
	o := s.met[uint64(thread)%uint64(len(s.met))]
	if o == nil || o.thread != thread {
		if o = s.open[thread]; o == nil {
			if len(s.open) >= maxSessions {
				s.forget(at)
			}
			s.begin(thread, run[C]{id, of, 1, at, at})
			return
		}
		s.met[uint64(thread)%uint64(len(s.met))] = o
	}
	if gap := at - o.last; o.id == id && gap <= runPause && gap >= -runPause {
		o.n++
		o.last = at
		return
	}
	s.end(thread, o)
	*o = openRun[C]{run[C]{id, of, 1, at, at}, thread, false}
}

// end closes a run: the first of its session waits for the part before, others count at once.
func (s *sessionRuns[C]) end(thread int64, o *openRun[C]) {
	if o.isFirst {
		s.first[thread] = o.run
		return
	}
	s.count(o.of, o.n)
}

// forget drops the sessions that have been silent for longer than a run may pause.
func (s *sessionRuns[C]) forget(now int64) {
	for thread, o := range s.open {
		if now-o.last > 2*runPause || len(s.open) >= 2*maxSessions {
			s.end(thread, o)
			delete(s.open, thread)
		}
	}
	clear(s.met[:])
}

// appendRuns joins the runs of the part that follows; own says what counts here for what did there.
func appendRuns[C, P any](s *sessionRuns[C], part *sessionRuns[P], own func(P) C) {
	mine := func(r *run[P]) run[C] { return run[C]{r.id, own(r.of), r.n, r.first, r.last} }
	for thread, o := range part.open {
		if first, ended := part.first[thread]; ended {
			s.follow(thread, mine(&first))
			s.end(thread, s.open[thread])
			*s.open[thread] = openRun[C]{mine(&o.run), thread, false}
			continue
		}
		s.follow(thread, mine(&o.run))
	}
	for thread, first := range part.first { // sessions that the part has forgotten since
		if part.open[thread] == nil {
			s.follow(thread, mine(&first))
		}
	}
}

// follow continues or replaces the open run of a session with next.
func (s *sessionRuns[C]) follow(thread int64, next run[C]) {
	o := s.open[thread]
	switch {
	case o == nil:
		if len(s.open) >= maxSessions {
			s.forget(next.first)
		}
		s.begin(thread, next)
	case o.joins(&next):
		o.n += next.n
		o.last = next.last
	default:
		s.end(thread, o)
		*o = openRun[C]{next, thread, false}
	}
}

// forsake forgets what runs were counted for that is gone.
func (s *sessionRuns[C]) forsake(gone func(C) bool) {
	var none C
	for thread, r := range s.first {
		if gone(r.of) {
			r.of = none
			s.first[thread] = r
		}
	}
	for _, o := range s.open {
		if gone(o.of) {
			o.of = none
		}
	}
}

// close counts every run that was kept back: the log ends here.
func (s *sessionRuns[C]) close() {
	for _, r := range s.first {
		s.count(r.of, r.n)
	}
	for _, o := range s.open {
		s.count(o.of, o.n)
	}
	*s = newSessionRuns(s.count)
}

// clone returns a copy of which own says what counts there.
func (s *sessionRuns[C]) clone(own func(C) C) sessionRuns[C] {
	n := newSessionRuns(s.count)
	for thread, r := range s.first {
		r.of = own(r.of)
		n.first[thread] = r
	}
	for thread, o := range s.open {
		r := *o
		r.of = own(r.of)
		n.open[thread] = &r
	}
	return n
}

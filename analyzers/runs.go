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

// A run is one session's latest statements of one class.
type run struct {
	class       *Class
	n           int64
	first, last int64 // instants
}

func (a run) joins(b run) bool {
	gap := b.first - a.last
	return a.class.Fingerprint == b.class.Fingerprint && gap <= runPause && gap >= -runPause
}

// sessionRuns follows the runs of every session through one part of a log. The first run of each
// session may have begun in the part before, so it is kept until the parts are joined; the last one
// may go on in the next.
type sessionRuns struct {
	first map[int64]run // by thread: the run that was first in this part, once it has ended
	open  map[int64]*openRun
	spare []*openRun
}

type openRun struct {
	run
	isFirst bool
}

func newSessionRuns() sessionRuns {
	return sessionRuns{first: map[int64]run{}, open: map[int64]*openRun{}}
}

// reset forgets all and keeps some of the memory.
func (s *sessionRuns) reset() {
	for _, o := range s.open {
		if len(s.spare) < 1024 {
			s.spare = append(s.spare, o)
		}
	}
	clear(s.first)
	clear(s.open)
}

// begin opens the first run of a session.
func (s *sessionRuns) begin(thread int64, r run) {
	o := &openRun{}
	if n := len(s.spare); n > 0 {
		o, s.spare = s.spare[n-1], s.spare[:n-1]
	}
	*o = openRun{r, true}
	s.open[thread] = o
}

func (s *sessionRuns) add(thread int64, c *Class, at int64) {
	o := s.open[thread]
	if o == nil {
		if len(s.open) >= maxSessions {
			s.forget(at)
		}
		s.begin(thread, run{c, 1, at, at})
		return
	}
	if gap := at - o.last; o.class == c && gap <= runPause && gap >= -runPause {
		o.n++
		o.last = at
		return
	}
	s.end(thread, o)
	*o = openRun{run{c, 1, at, at}, false}
}

// end closes a run: the first of its session waits for the part before, others count at once.
func (s *sessionRuns) end(thread int64, o *openRun) {
	if o.isFirst {
		s.first[thread] = o.run
		return
	}
	o.class.Runs.count(o.n)
}

// forget drops the sessions that have been silent for longer than a run may pause.
func (s *sessionRuns) forget(now int64) {
	for thread, o := range s.open {
		if now-o.last > 2*runPause || len(s.open) >= 2*maxSessions {
			s.end(thread, o)
			delete(s.open, thread)
		}
	}
}

// append joins the runs of the part that follows. The classes of part are looked up in the digest
// that s belongs to.
func (s *sessionRuns) append(part *sessionRuns, own func(*Class) *Class) {
	for thread, o := range part.open {
		mine := o.run
		mine.class = own(mine.class)
		if first, ended := part.first[thread]; ended {
			first.class = own(first.class)
			s.follow(thread, first)
			s.end(thread, s.open[thread])
			*s.open[thread] = openRun{mine, false}
			continue
		}
		s.follow(thread, mine)
	}
	for thread, first := range part.first { // sessions that the part has forgotten since
		if part.open[thread] == nil {
			first.class = own(first.class)
			s.follow(thread, first)
		}
	}
}

// follow continues or replaces the open run of a session with next.
func (s *sessionRuns) follow(thread int64, next run) {
	o := s.open[thread]
	switch {
	case o == nil:
		if len(s.open) >= maxSessions {
			s.forget(next.first)
		}
		s.begin(thread, next)
	case o.joins(next):
		o.n += next.n
		o.last = next.last
	default:
		s.end(thread, o)
		*o = openRun{next, false}
	}
}

// close counts every run that was kept back: the log ends here.
func (s *sessionRuns) close() {
	for _, r := range s.first {
		r.class.Runs.count(r.n)
	}
	for _, o := range s.open {
		o.class.Runs.count(o.n)
	}
	*s = newSessionRuns()
}

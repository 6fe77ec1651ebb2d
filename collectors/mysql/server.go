package mysql

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"dbtriage/collectors"
)

// A Server is one server that is read again and again. It is used by one goroutine at a time.
type Server struct {
	config Config
	only   []string // names of the probes to run; empty is all
	db     *sql.DB
	conn   *sql.Conn

	engine  engine
	id      int64 // of our session; 0 when not known
	stuck   int64 // the session that an overrun statement may still be running in
	retryAt time.Time
	pause   time.Duration // before the next attempt to connect

	uptime   float64           // of the server, when it was read last
	settings map[string]string // likewise
	source   string            // whom it follows, as settings tell it

	states   []probeState // by number of the probe
	status   map[string]float64
	seen     found // what the probes of this reading told each other
	tables   tableBook
	books    bookkeeping
	deadlock int64 // when the latest deadlock was that has been told
	own      ownWork
	pairs    []pair            // of the last answer
	names    map[string]string // of pairs
	refused  bool              // in this reading
	given    error             // why the connection was given up in this reading
	failed   error             // why the last attempt to connect did; it is told until the next one
	extra    string            // host:port that is kept for administrators, when the server has told one
}

// A probeState says when a probe is due.
type probeState struct {
	next    time.Time
	pause   time.Duration // after a statement that was too slow; 0 when the last was not
	missing *collectors.Missing
	costUS  int64 // of its run in the last Read; 0 when it was not due
}

// found is what is known of the moment that is being read.
type found struct {
	status map[string]float64
	// restarted says that the server was started anew, perhaps with other settings: all is asked again.
	restarted bool
	waiting   int // transactions that wait for a row lock
	metadata  int // sessions that wait for a metadata lock
	idle      map[int64]bool
	sessions  map[int64]int // index in the reading, by id
	timed     []timed       // digests of which to ask how long their statements took
}

// An answer is what a probe was told, and the reading that it adds to.
type answer struct {
	rows  []row
	pairs []pair // valid until the next answer
	*collectors.Reading
	missing string // why it is less than all; the probe's gap then says so
	provide string // what would help, when it is no right
	cut     bool   // rows beyond the bound were left out, the last ones as the server orders them
}

func (a *answer) sample(name, instance string, value float64) {
	a.Samples = append(a.Samples, collectors.Sample{At: a.At, Name: name, Instance: instance, Value: value})
}

// New prepares to read a server; it does not connect. With names of probes it runs no others.
func New(c Config, only ...string) *Server {
	c.complete()
	return &Server{config: c, only: only, states: make([]probeState, len(probes)), names: map[string]string{}, status: map[string]float64{}}
}

// Name is how readings of the server are named.
func (s *Server) Name() string { return collectors.ServerSource + s.config.Address() }

// Close ends the connection.
func (s *Server) Close() {
	if s.conn != nil {
		s.conn.Close()
	}
	if s.db != nil {
		s.db.Close()
	}
	s.conn, s.db = nil, nil
}

// Pauses between attempts to connect, and of probes that were too slow.
const (
	firstPause = time.Second
	maxPause   = 5 * time.Minute
	// deniedPause is how long what may not be read is left alone: rights change seldom.
	deniedPause = 5 * time.Minute
	// lostPause is the longest before the next attempt at a server that is away: it may be back soon, and
	// an attempt costs it nothing. askedPause is the same where it let us not in, which it may log.
	lostPause  = 3 * time.Second
	askedPause = 30 * time.Second
)

// Read asks what is due at now. The error is a *collectors.SourceError: the server cannot be reached,
// or lets nobody in. What single probes may not read is in the reading's Missing.
func (s *Server) Read(ctx context.Context, now time.Time) (collectors.Reading, error) {
	start := time.Now()
	r := collectors.Reading{At: now.UnixMicro(), Source: s.Name(), Role: "db"}
	if s.config.Socket == "" {
		r.Host = s.config.Host
	}
	told := func(err error) (collectors.Reading, error) {
		if ctx.Err() != context.Canceled { // else it is us who ended
			r.Samples = append(r.Samples, collectors.Sample{At: r.At, Name: "server.answers", Value: yes(answers(err))})
		}
		r.CostUS = time.Since(start).Microseconds()
		return r, err
	}
	if s.conn == nil {
		if err := s.connect(ctx, now, &r); err != nil {
			return told(err)
		}
	}
	if !s.refused {
		r.Samples = append(r.Samples, collectors.Sample{At: r.At, Name: "server.refused", Value: 0})
	}
	s.refused, s.given = false, nil
	clear(s.status)
	s.seen = found{sessions: map[int64]int{}, status: s.status}
	for i := range s.states {
		s.states[i].costUS = 0
	}
	for i := range probes {
		if s.conn == nil || ctx.Err() != nil {
			break
		}
		s.run(ctx, now, i, &r)
	}
	r.Tables = s.tables.all()
	for i := range s.states {
		if m := s.states[i].missing; m != nil {
			r.Missing = append(r.Missing, *m)
		}
	}
	if s.conn == nil {
		return told(s.lost(s.given, now))
	}
	return told(nil)
}

// answers reports whether a server said something, be it that it lets nobody in.
func answers(err error) bool {
	var m *driver.MySQLError
	return err == nil || errors.Is(err, errStuck) || errors.As(err, &m) && kindOf(m) != broken
}

// Costs yields what each probe that the last Read ran took of our time, in µs, waiting included.
func (s *Server) Costs(yield func(probe string, us int64) bool) {
	for i := range s.states {
		if us := s.states[i].costUS; us > 0 && !yield(probes[i].name, us) {
			return
		}
	}
}

func (s *Server) run(ctx context.Context, now time.Time, i int, r *collectors.Reading) {
	p, state := &probes[i], &s.states[i]
	if len(s.only) > 0 && !slices.Contains(s.only, p.name) {
		return
	}
	if p.when != nil && !p.when(s) {
		if p.unless != nil {
			state.missing = p.unless(s)
		}
		return
	}
	if now.Before(state.next) && !s.seen.restarted {
		return
	}
	begun := time.Now()
	rows, err := s.query(ctx, p.ask(s), p.pairs)
	state.costUS = time.Since(begun).Microseconds()
	state.missing = nil
	state.next = now.Add(p.every)
	if err == nil {
		state.pause = 0
		a := &answer{rows: rows[:min(len(rows), maxRows)], cut: len(rows) > maxRows, Reading: r, pairs: s.pairs}
		if p.take(s, a); a.missing != "" {
			state.missing = &collectors.Missing{What: p.what, Why: a.missing, Provide: cmp.Or(a.provide, p.allow(s.engine))}
		} else if a.cut {
			state.missing = &collectors.Missing{What: p.what, Why: fmt.Sprintf("there are more than are asked for; %d were taken", len(a.rows))}
		}
		return
	}
	m := &collectors.Missing{What: p.what, Why: err.Error()}
	kind := kindOf(err)
	switch kind {
	case denied:
		state.next = now.Add(deniedPause)
		m.Provide = p.allow(s.engine)
	case absent: // this server has no such thing
		state.next = now.Add(deniedPause)
		m = nil
	case slow, overrun:
		state.pause = min(max(2*state.pause, 2*firstPause), maxPause)
		state.next = now.Add(state.pause)
		m.Why = fmt.Sprintf("it took longer than %v; asked again in %v", s.config.Timeout, state.pause)
	case broken:
		m = nil
	}
	switch kind {
	case broken:
		s.given = fmt.Errorf("the connection was lost: %w", err)
		s.drop(false)
	case overrun:
		s.given = &overrunError{p.what, s.patience()}
		s.drop(true)
	}
	state.missing = m
}

// allow is the statement that would let the probe be run.
func (p *probe) allow(e engine) string {
	if p.grant == nil {
		return ""
	}
	return "GRANT " + p.grant(e) + "; dbtriage mysql grants prints the statements"
}

// query runs one statement under the time limit.
func (s *Server) query(ctx context.Context, text string, pairs bool) (_ []row, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.patience())
	defer cancel()
	s.own.runs(text)
	rows, err := s.conn.QueryContext(ctx, collectors.OwnComment+" "+text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if s.pairs = s.pairs[:0]; pairs {
		s.pairs, err = pairsOf(rows, s.pairs, s.names)
		return nil, err
	}
	return rowsOf(rows)
}

// patience is how long a statement is waited for. The server's own limit comes first; ours is for a
// server that does not keep it.
func (s *Server) patience() time.Duration { return s.config.Timeout + s.config.Timeout/2 }

// An overrunError says that a connection was given up because the server did not answer in time.
type overrunError struct {
	what string
	time time.Duration
}

func (e *overrunError) Error() string {
	return fmt.Sprintf("%s took over %v; the connection was given up", e.what, e.time)
}

// drop gives the connection up. While its statement may still be running no other begins.
func (s *Server) drop(running bool) {
	if running {
		s.stuck = s.id
	}
	s.conn.Close()
	s.conn, s.id = nil, 0
	s.own.sessionEnds()
	if s.db != nil {
		s.db.Close()
		s.db = nil
	}
}

// lost says why there is no connection, and when the next is tried.
func (s *Server) lost(err error, now time.Time) error {
	e := sourceError(&s.config, err)
	longest := lostPause
	if e.Denied {
		longest = askedPause
	}
	s.pause = min(max(2*s.pause, firstPause), longest)
	s.retryAt = now.Add(s.pause)
	s.failed = e
	return e
}

package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/recorded"
	"dbtriage/rules"
)

// LiveOptions are what a live session may be told.
type LiveOptions struct {
	Host  string
	Feeds []Feed
	// Logs are followed; only plain files can be.
	Logs    []Input
	Options Options
	// Interval is the time between readings; 0 is a second.
	Interval time.Duration
	// Back is how far into the past logs are read at the start.
	Back  time.Duration
	Look  Look
	Rules *rules.Set
	Lang  string
	// Events are known from elsewhere, such as deployments.
	Events []Event
	// Absent are sources that were found and cannot be read, for the list of sources.
	Absent []SourceState
	// Instead says how to give what rules lack, by the name that gaps have for it, where the usual advice
	// would not be what this session needs.
	Instead map[string]string
	// Record says where to record to; nil records nothing. Version is of the program.
	Record  *recorded.RecorderOptions
	Version string
}

// StartLive begins to watch. The session ends with ctx.
func StartLive(ctx context.Context, opt LiveOptions) (*Session, error) {
	c, err := newCollector(opt)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := newSession(cancel)
	l := newLoop(s, loopOptions{mode: Live, Events: opt.Events, Host: opt.Host, Interval: c.interval, Look: opt.Look, Rules: opt.Rules, Lang: opt.Lang, Instead: opt.Instead})
	ticks := make(chan *tick, 1)
	var wg sync.WaitGroup
	var closed error
	wg.Go(func() {
		closed = c.run(ctx, func(t *tick) {
			select {
			case ticks <- t:
			case <-ctx.Done():
			}
		})
	})
	go func() {
		err := l.run(ctx, ticks)
		cancel()
		wg.Wait()
		s.end(errors.Join(err, closed))
	}()
	return s, nil
}

// A RecordReport says how a recording is going.
type RecordReport struct {
	At      int64 // of the tick
	File    string
	Size    int64         // of the file, in bytes
	Lost    int64         // ticks that could not be written so far
	Err     error         // why this one could not; nil when it was written
	Sources []SourceState // of which something changed
}

// Record records without looking at what it records, until ctx ends. report is called after every
// tick.
func Record(ctx context.Context, opt LiveOptions, report func(RecordReport)) error {
	c, err := newCollector(opt)
	if err != nil {
		return err
	}
	return c.run(ctx, func(t *tick) {
		report(RecordReport{At: t.At, File: c.recording.to.Name(), Size: c.recording.to.Size(), Lost: c.recording.to.Lost, Err: c.recording.to.Err, Sources: t.Sources})
	})
}

// A collector makes ticks of live sources.
type collector struct {
	opt       LiveOptions
	interval  time.Duration
	tails     []*tail
	states    []SourceState      // of the feeds
	books     []serverStatements // likewise
	recording *recording
	first     bool
}

func newCollector(opt LiveOptions) (*collector, error) {
	c := &collector{opt: opt, interval: opt.Interval, first: true}
	if c.interval <= 0 {
		c.interval = time.Second
	}
	for _, f := range opt.Feeds {
		c.states = append(c.states, SourceState{Name: f.Name, Kind: f.Kind, Found: f.Found, State: "waiting", LastAt: collectors.NoTime})
	}
	c.books = make([]serverStatements, len(opt.Feeds))
	since := collectors.NoTime
	if opt.Back > 0 {
		since = time.Now().Add(-opt.Back).UnixMicro()
	}
	for _, in := range opt.Logs {
		if in.Open != nil {
			return nil, fmt.Errorf("%s: only plain files can be followed", in.Path)
		}
		c.tails = append(c.tails, newTail(in, opt.Options, since))
	}
	if opt.Record != nil {
		var err error
		c.recording, err = startRecording(*opt.Record, opening{Host: opt.Host, Interval: c.interval.Microseconds(), Version: opt.Version})
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// readTimeout is when a feed is given up. A tick waits for it for a part of the interval only, and
// takes its answer when it comes.
const readTimeout = 2 * time.Second

// run makes ticks until ctx ends. What is recorded is written before it is emitted.
func (c *collector) run(ctx context.Context, emit func(*tick)) error {
	var wg sync.WaitGroup
	p := startPoller(ctx, c.opt.Feeds, readTimeout, &wg)
	logs := c.startLogs(ctx, &wg)
	patience := c.interval * 2 / 5
	for next := time.Now(); ctx.Err() == nil; {
		now := time.Now()
		t := &tick{At: now.UnixMicro()}
		logs.ask(now)
		c.takeAnswers(t, p.poll(ctx, now, patience))
		logs.take(t, patience/2)
		c.first = false
		c.write(t, false)
		emit(t)
		// The grid is kept: what takes long makes ticks be left out, not late.
		for next = next.Add(c.interval); next.Before(time.Now()); next = next.Add(c.interval) {
		}
		select {
		case <-time.After(time.Until(next)):
		case <-ctx.Done():
		}
	}
	wg.Wait()
	return c.end()
}

// end writes what is left over. What logs hold last is taken for complete.
func (c *collector) end() error {
	defer func() {
		for _, t := range c.tails {
			t.close()
		}
	}()
	if c.recording == nil {
		return nil
	}
	now := time.Now()
	ctx := context.Background()
	t := readTails(ctx, c.tails, now, false)
	last := readTails(ctx, c.tails, now, true)
	t.Parts, t.Events, t.Sources = append(t.Parts, last.Parts...), append(t.Events, last.Events...), append(t.Sources, last.Sources...)
	c.write(t, true)
	return errors.Join(c.recording.to.Err, c.recording.to.Close())
}

// write records a tick, and says in it when that fails or works again.
func (c *collector) write(t *tick, end bool) {
	if c.recording == nil {
		return
	}
	err := c.recording.write(t, end)
	t.Recording, t.Recorded = c.recording.to.Name(), c.recording.to.Size()
	state, why, provide := stateOf(err)
	if why != c.recording.broken {
		c.recording.broken = why
		if errors.Is(err, syscall.ENOSPC) {
			provide = "free space on the disk, or bound the recording by --max-size"
		}
		t.Sources = append(t.Sources, SourceState{Name: t.Recording, Kind: "recording", State: state, Found: "named", Why: why, Provide: provide, LastAt: t.At})
	}
}

// takeAnswers puts readings into a tick, and what changed in the state of their sources.
func (c *collector) takeAnswers(t *tick, got []polled) {
	if c.first {
		t.Sources = append(t.Sources, c.opt.Absent...)
		t.Sources = append(t.Sources, c.states...)
	}
	for _, a := range got {
		s := &c.states[a.feed]
		now := *s
		now.State, now.Why, now.Provide = stateOf(a.err)
		if a.err == nil && a.reading.Book != "" {
			parts, opened := c.books[a.feed].take(&a.reading)
			t.Parts = append(t.Parts, parts...)
			if opened || len(parts) > 0 {
				t.Sources = append(t.Sources, c.books[a.feed].state(a.reading.Source))
			}
		}
		if a.err == nil || len(a.reading.Samples) > 0 { // that a server refused us, or does not answer, is a figure too
			t.Readings = append(t.Readings, a.reading)
		}
		if now.State == s.State && now.Provide == "" && s.Why != "" {
			now.Why, now.Provide = s.Why, s.Provide // still what it was: it waits to be asked again
		}
		if now != *s {
			*s = now
			t.Sources = append(t.Sources, now)
		}
	}
}

// A logWatch reads the logs in a goroutine of its own: the first reading of a long one takes time.
type logWatch struct {
	asked chan time.Time
	got   chan *tick
	none  bool // there are no logs
	busy  bool
}

func (c *collector) startLogs(ctx context.Context, wg *sync.WaitGroup) *logWatch {
	w := &logWatch{asked: make(chan time.Time, 1), got: make(chan *tick, 1), none: len(c.tails) == 0}
	if w.none {
		return w
	}
	wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-w.asked:
				w.got <- readTails(ctx, c.tails, now, false)
			}
		}
	})
	return w
}

func readTails(ctx context.Context, tails []*tail, now time.Time, finish bool) *tick {
	t := &tick{At: now.UnixMicro()}
	for _, log := range tails {
		parts, events, err := log.read(ctx, now, finish)
		t.Parts = append(t.Parts, parts...)
		t.Events = append(t.Events, events...)
		if log.changed {
			log.changed = false
			t.Sources = append(t.Sources, log.state(err))
		}
	}
	return t
}

func (w *logWatch) ask(now time.Time) {
	if !w.busy && !w.none {
		w.busy = true
		w.asked <- now
	}
}

// take adds what was read of the logs to a tick.
func (w *logWatch) take(t *tick, patience time.Duration) {
	if !w.busy {
		return
	}
	select {
	case got := <-w.got:
		w.busy = false
		t.Parts, t.Events, t.Sources = append(t.Parts, got.Parts...), append(t.Events, got.Events...), append(t.Sources, got.Sources...)
	case <-time.After(patience):
	}
}

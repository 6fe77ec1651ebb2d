package session

import (
	"context"
	"sync"
	"time"

	"dbtriage/collectors"
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
	// Absent are sources that were found and cannot be read, for the list of sources.
	Absent []SourceState
}

// StartLive begins to watch. The session ends with ctx.
func StartLive(ctx context.Context, opt LiveOptions) (*Session, error) {
	if opt.Interval <= 0 {
		opt.Interval = time.Second
	}
	ctx, cancel := context.WithCancel(ctx)
	s := newSession(cancel)
	l := newLoop(s, loopOptions{mode: Live, Host: opt.Host, Interval: opt.Interval, Look: opt.Look, Rules: opt.Rules, Lang: opt.Lang})
	c := newCollector(opt)
	ticks := make(chan *tick, 1)
	var wg sync.WaitGroup
	wg.Go(func() { c.run(ctx, ticks) })
	go func() {
		err := l.run(ctx, ticks)
		cancel()
		wg.Wait()
		s.end(err)
	}()
	return s, nil
}

// A collector makes ticks of live sources.
type collector struct {
	opt    LiveOptions
	tails  []*tail
	states []SourceState // of the feeds
	first  bool
}

func newCollector(opt LiveOptions) *collector {
	c := &collector{opt: opt, first: true}
	for _, f := range opt.Feeds {
		c.states = append(c.states, SourceState{Name: f.Name, Kind: f.Kind, Found: f.Found, State: "waiting", LastAt: collectors.NoTime})
	}
	return c
}

// timeouts: a feed is given up after readTimeout; the tick waits for it for a part of the interval
// only, and takes its answer when it comes.
const readTimeout = 2 * time.Second

func (c *collector) run(ctx context.Context, ticks chan<- *tick) {
	var wg sync.WaitGroup
	defer wg.Wait()
	p := startPoller(ctx, c.opt.Feeds, readTimeout, &wg)
	logs := c.startLogs(ctx, &wg)
	patience := c.opt.Interval * 2 / 5
	next := time.Now()
	for {
		now := time.Now()
		t := &tick{At: now.UnixMicro()}
		logs.ask(now)
		c.takeAnswers(t, p.poll(ctx, now, patience))
		logs.take(t, patience/2)
		c.first = false
		select {
		case ticks <- t:
		case <-ctx.Done():
			return
		}
		// The grid is kept: what takes long makes ticks be left out, not late.
		for next = next.Add(c.opt.Interval); next.Before(time.Now()); next = next.Add(c.opt.Interval) {
		}
		select {
		case <-time.After(time.Until(next)):
		case <-ctx.Done():
			return
		}
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
		if a.err == nil {
			t.Readings = append(t.Readings, a.reading)
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
	w := &logWatch{asked: make(chan time.Time, 1), got: make(chan *tick, 1)}
	if len(c.opt.Logs) == 0 {
		w.none = true
		return w
	}
	since := collectors.NoTime
	if c.opt.Back > 0 {
		since = time.Now().Add(-c.opt.Back).UnixMicro()
	}
	for _, in := range c.opt.Logs {
		c.tails = append(c.tails, newTail(in, c.opt.Options, since))
	}
	wg.Go(func() {
		defer func() {
			for _, t := range c.tails {
				t.close()
			}
		}()
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
		t.Parts, t.Events, t.Sources = got.Parts, append(t.Events, got.Events...), append(t.Sources, got.Sources...)
	case <-time.After(patience):
	}
}

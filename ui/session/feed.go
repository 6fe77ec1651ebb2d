package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"dbtriage/collectors"
)

// A Feed is a source that is asked for a reading at every tick: a host, a server, a cache.
type Feed struct {
	Name  string // as its readings are named
	Kind  string // host, mysql, redis, memcached, nginx
	Found string // how it was found
	Read  func(ctx context.Context, now time.Time) (collectors.Reading, error)
	Close func() // may be nil
}

// A polled is what came of one reading.
type polled struct {
	feed    int
	reading collectors.Reading
	err     error
}

// A poller asks feeds, each in a goroutine of its own: one that is slow delays no other, and is not
// asked again before it has answered.
type poller struct {
	feeds   []Feed
	ask     []chan time.Time
	answers chan polled
	busy    []time.Time // since when; zero is idle
}

// startPoller begins to serve feeds until ctx ends; every answer waits at most timeout.
func startPoller(ctx context.Context, feeds []Feed, timeout time.Duration, wg interface{ Go(func()) }) *poller {
	p := &poller{feeds: feeds, answers: make(chan polled, len(feeds)), busy: make([]time.Time, len(feeds))}
	for i, f := range feeds {
		ask := make(chan time.Time, 1)
		p.ask = append(p.ask, ask)
		wg.Go(func() {
			if f.Close != nil {
				defer f.Close()
			}
			for {
				select {
				case <-ctx.Done():
					return
				case now := <-ask:
					p.answers <- readFeed(ctx, i, f, now, timeout)
				}
			}
		})
	}
	return p
}

func readFeed(ctx context.Context, i int, f Feed, now time.Time, timeout time.Duration) (a polled) {
	a.feed = i
	defer func() {
		if r := recover(); r != nil { // a fault in one probe must not end the watch
			a.err = fmt.Errorf("reading %s failed: %v", f.Name, r)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	start := time.Now()
	a.reading, a.err = f.Read(ctx, now)
	if a.reading.Source == "" {
		a.reading.Source = f.Name
	}
	if a.reading.At == 0 {
		a.reading.At = now.UnixMicro()
	}
	if a.reading.CostUS == 0 {
		a.reading.CostUS = time.Since(start).Microseconds()
	}
	return a
}

// poll asks every idle feed and returns the answers that come until all have answered or patience
// is at its end. An answer that comes later is returned by a later call.
func (p *poller) poll(ctx context.Context, now time.Time, patience time.Duration) (got []polled) {
	for i := range p.feeds {
		if p.busy[i].IsZero() {
			p.busy[i] = now
			p.ask[i] <- now
		}
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for p.waiting() {
		select {
		case a := <-p.answers:
			p.busy[a.feed] = time.Time{}
			got = append(got, a)
		case <-timer.C:
			return got
		case <-ctx.Done():
			return got
		}
	}
	return got
}

func (p *poller) waiting() bool {
	for _, since := range p.busy {
		if !since.IsZero() {
			return true
		}
	}
	return false
}

// stateOf says what an error makes of a source.
func stateOf(err error) (state, why, provide string) {
	var se *collectors.SourceError
	switch {
	case err == nil:
		return "ok", "", ""
	case errors.As(err, &se) && se.Denied:
		return "denied", err.Error(), se.Provide
	case errors.As(err, &se):
		return "lost", err.Error(), se.Provide
	case errors.Is(err, fs.ErrPermission):
		return "denied", err.Error(), "run it as root, or give the user the right to read it"
	case errors.Is(err, fs.ErrNotExist):
		return "absent", err.Error(), ""
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return "lost", "it did not answer in time", ""
	}
	return "lost", err.Error(), ""
}

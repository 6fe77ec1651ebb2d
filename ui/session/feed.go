package session

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
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
	round(&a.reading)
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

// round leaves the measured figures of a reading four digits: more are noise, and take twice the room
// in a recording. Whole numbers, such as counters, stay as they are. It is done before anyone looks
// at them, so that what is replayed is what was seen.
func round(r *collectors.Reading) {
	for i := range r.Samples {
		r.Samples[i].Value = fourDigits(r.Samples[i].Value)
	}
	if r.Processes = slices.Clone(r.Processes); r.Processes != nil {
		for i := range r.Processes {
			p := &r.Processes[i]
			p.CPU, p.BusiestCore, p.ReadBytes, p.WriteBytes = fourDigits(p.CPU), fourDigits(p.BusiestCore), fourDigits(p.ReadBytes), fourDigits(p.WriteBytes)
		}
	}
}

func fourDigits(v float64) float64 {
	if v == math.Trunc(v) {
		return v
	}
	scale := 1.0
	for size := math.Abs(v); size < 1000 && scale < 1e8; size *= 10 {
		scale *= 10
	}
	return math.Round(v*scale) / scale
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
	case errors.As(err, &se) && se.Slow:
		return "slow", err.Error(), se.Provide
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

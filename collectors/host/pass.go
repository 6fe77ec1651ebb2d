package host

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"dbtriage/collectors"
)

// A pass is one reading in the making.
type pass struct {
	*Sampler
	ctx    context.Context
	since  time.Duration // since the first reading, by the monotonic clock where the caller's has one
	missed []collectors.Missing
	out    collectors.Reading
}

// A seriesName is a metric and its instance.
type seriesName struct{ metric, instance string }

// A counter is what a cumulative count was when it was last read.
type counter struct {
	value uint64
	since time.Duration
}

func (p *pass) put(metric, instance string, v float64) {
	p.out.Samples = append(p.out.Samples, collectors.Sample{At: p.out.At, Name: metric, Instance: instance, Value: v})
}

// grown returns by how much a count grew since it was last read, and the seconds between. ok is false
// at the first reading of it and after a reset.
func (p *pass) grown(metric, instance string, v uint64) (by, seconds float64, ok bool) {
	name := seriesName{metric, instance}
	before, have := p.counters[name]
	if have && p.since <= before.since {
		return 0, 0, false // the clock stood still: the next reading covers both
	}
	p.counters[name] = counter{v, p.since}
	if !have {
		return 0, 0, false
	}
	step, ok := stepped(before.value, v)
	return float64(step), (p.since - before.since).Seconds(), ok
}

// stepped returns how far a counter went. Some counters of the kernel have 32 bits and wrap; one that
// falls otherwise was reset, and what it counted is not known.
func stepped(before, now uint64) (step uint64, ok bool) {
	if now >= before {
		return now - before, true
	}
	const wrap = 1 << 32
	if before < wrap && now+wrap-before < wrap/2 {
		return now + wrap - before, true
	}
	return 0, false
}

// rate puts how fast a count grows, times scale.
func (p *pass) rate(metric, instance string, v uint64, scale float64) {
	if by, seconds, ok := p.grown(metric, instance, v); ok {
		p.put(metric, instance, by*scale/seconds)
	}
}

// forget is after how long a count that is no longer read is dropped: its device is gone.
const forget = 5 * time.Minute

func (s *Sampler) sweep(since time.Duration) {
	if since < s.swept+forget {
		return
	}
	s.swept = since
	for name, c := range s.counters {
		if since-c.since > forget {
			delete(s.counters, name)
		}
	}
}

// miss notes what could not be read. A file that is not there is told only where it should be: the
// caller decides.
func (p *pass) miss(what string, err error, provide string) {
	why := err.Error()
	if provide == "" && errors.Is(err, fs.ErrPermission) {
		provide = "run it as root: sudo dbtriage"
	}
	p.missed = append(p.missed, collectors.Missing{What: what, Why: why, Provide: provide})
}

package host

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"dbtriage/collectors"
)

// Source is what the readings of a Sampler name as their source.
const Source = "host"

// Options say where the machine is.
type Options struct {
	Root string // "/" when empty; a recorded tree in tests
	// Proc and Sys are below Root when empty. In a container they may be the host's own, mounted elsewhere.
	Proc, Sys string
	// Probes are the names of the probes to run; nil is all.
	Probes []string
}

// A Sampler reads one machine again and again. It is for one goroutine.
type Sampler struct {
	root, proc, sys string
	only            []string

	started  time.Time // of the first reading; zero before it
	counters map[seriesName]counter
	swept    time.Duration
	runs     []run // one for each of probes
	buf      []byte
	kept     map[string][]byte // texts that stand for files; nil when the machine is read

	online    int // cores in /proc/stat
	limits    limits
	disks     map[string]disk
	speeds    map[string]float64 // bytes per second, 0 when not known
	speedsDue time.Duration
	settings  map[string]string
	users     map[int64]string
	processes processes
	denied    denied

	containers    []container // as found when containersDue was set
	containersDue time.Duration
}

// A run is what is kept of a probe between readings.
type run struct {
	due     time.Duration // since started
	missing []collectors.Missing
}

// New returns a Sampler. Nothing is read before the first Read.
func New(o Options) *Sampler {
	if o.Root == "" {
		o.Root = "/"
	}
	if o.Proc == "" {
		o.Proc = filepath.Join(o.Root, "proc")
	}
	if o.Sys == "" {
		o.Sys = filepath.Join(o.Root, "sys")
	}
	return &Sampler{
		root: o.Root, proc: o.Proc, sys: o.Sys, only: o.Probes,
		counters: map[seriesName]counter{}, runs: make([]run, len(probes)),
		disks: map[string]disk{}, speeds: map[string]float64{},
		processes: processes{known: map[int64]*process{}},
	}
}

// costShare is how many times the processor time of a probe has to pass before it runs again: no
// probe takes more than half a percent of a core.
const costShare = 200

// early is how much before it is due a probe may run: the caller's clock ticks are not exact.
const early = 100 * time.Millisecond

// Read reads the machine at the instant now. Rates and shares are of the time since the Read before;
// the first gives only what needs no time. The error says that nothing could be read, or that the
// context ended; the reading then holds what was read until then.
func (s *Sampler) Read(ctx context.Context, now time.Time) (collectors.Reading, error) {
	begun := time.Now()
	if s.started.IsZero() {
		s.started = now
	}
	p := &pass{Sampler: s, ctx: ctx, since: now.Sub(s.started)}
	p.out = collectors.Reading{At: now.UnixMicro(), Source: Source, Role: "host"}
	// The processor time of a thread is that of a probe only while the probe stays on it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for i := range probes {
		if err := ctx.Err(); err != nil {
			return p.out, fmt.Errorf("host: %w", err)
		}
		r := &s.runs[i]
		if s.only != nil && !slices.Contains(s.only, probes[i].name) {
			continue
		}
		if p.since+early >= r.due {
			p.missed = nil
			used := threadTime()
			probes[i].read(p)
			used = threadTime() - used
			r.due, r.missing = p.since+max(probes[i].every, costShare*used), p.missed
		}
		p.out.Missing = append(p.out.Missing, r.missing...)
	}
	s.sweep(p.since)
	p.out.Processes = s.processes.list
	p.out.CostUS = time.Since(begun).Microseconds()
	if len(p.out.Samples) == 0 {
		return p.out, fmt.Errorf("host: %w", errNothing(p.out.Missing))
	}
	return p.out, nil
}

func errNothing(missing []collectors.Missing) error {
	if len(missing) == 0 {
		return errors.New("nothing could be read")
	}
	return fmt.Errorf("nothing could be read: %s", missing[0].Why)
}

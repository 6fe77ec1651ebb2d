package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/logs"
)

// sliceSeconds is the width of the slices that digests are kept in.
const sliceSeconds = 10

// A tail reads what is appended to one log and hands it out in slices of time.
type tail struct {
	in       Input
	follower *logs.Follower
	gather   *analyzers.Gatherer
	opt      Options
	source   collectors.Source
	warnings []string
	parts    []logPart // read since they were taken last
	changed  bool
	away     bool // there is no such file yet
	files    int  // that the follower has begun
	err      string
}

// newTail makes a tail of a log that may not exist yet. What ended before since is left out.
func newTail(in Input, opt Options, since int64) *tail {
	opt.Filter.Window = analyzers.Window{From: since, To: collectors.NoTime}
	if since == collectors.NoTime {
		opt.Filter.Window = analyzers.Window{}
	}
	opt.Filter.NotOurs = true // what is watched is not how we watch it
	t := &tail{in: in, follower: logs.NewFollower(in.Path, opt.Logs), opt: opt, changed: true}
	t.follower.Since(since)
	t.source = collectors.Source{Path: in.Path, Role: in.Role, From: collectors.NoTime, To: collectors.NoTime}
	return t
}

// read reads on; finish takes what is left over for complete.
func (t *tail) read(ctx context.Context, now time.Time, finish bool) (parts []logPart, events []Event, err error) {
	if finish {
		err = t.follower.Finish(ctx, t.consume)
	} else {
		err = t.follower.Poll(ctx, now, t.consume)
	}
	if n := t.follower.Begun; n != t.files {
		if t.files > 0 {
			events = append(events, Event{At: now.UnixMicro(), Kind: "rotation", Text: t.in.Path + " was rotated or truncated"})
		}
		t.files = n
	}
	if text := fmt.Sprint(err); text != t.err {
		t.err, t.changed = text, true
	}
	if away := t.follower.Format == nil && !exists(t.in.Path); away != t.away {
		t.away, t.changed = away, true
	}
	parts, t.parts = t.parts, nil
	for i := range parts {
		if parts[i].Slice == analyzers.Timeless {
			parts[i].Slice = now.Unix() / sliceSeconds * sliceSeconds
		}
	}
	return parts, events, err
}

func (t *tail) consume(ctx context.Context, r io.Reader, f *logs.Detected, start logs.Carry, grows bool) (logs.Carry, []byte, func(), error) {
	role := f.Role
	if t.in.Role == "web" || t.in.Role == "app" {
		role = t.in.Role
	}
	if t.gather == nil || t.source.Format != f.Format || t.source.Role != role {
		t.source.Format, t.source.Role = f.Format, role
		t.source.Version, t.source.VersionComment = f.Version, f.VersionComment
		t.gather = &analyzers.Gatherer{Role: t.source.Role, Source: t.in.Path, Filter: t.opt.Filter, Slice: sliceSeconds}
		t.changed = true
	}
	opt := logs.ScanOptions{Workers: t.opt.Workers, Start: start, Grows: grows}
	if sized, ok := r.(interface{ Size() int64 }); ok && sized.Size() < smallScan {
		// What was written in a second takes a small buffer and no second worker.
		opt.Workers, opt.Chunk = 1, max(int(sized.Size()), leastScan)
	}
	part, res, err := logs.Scan(ctx, r, f, opt, t.gather.Parts())
	accept := func() {
		for at, d := range part.Slices() {
			t.parts = append(t.parts, logPart{t.in.Path, at, d})
			first, last := d.Span()
			widen(&t.source.From, &t.source.To, first)
			widen(&t.source.From, &t.source.To, last)
		}
		addScan(&t.source, &t.warnings, start, res)
		t.changed = t.changed || res.Next.Offset != start.Offset
	}
	return res.Next, res.Rest, accept, err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

const (
	smallScan = 1 << 20
	leastScan = 16 << 10
)

// state says how the log is doing. It shares nothing with the tail.
func (t *tail) state(err error) SourceState {
	src := t.source
	src.Skips = slices.Clone(src.Skips)
	src.Warnings = slices.Concat(t.follower.Warnings, t.warnings)
	s := SourceState{Name: t.in.Path, Kind: "log", Found: "named", LastAt: src.To, Log: &src}
	s.State, s.Why, s.Provide = stateOf(err)
	if s.State == "ok" && t.follower.Format == nil {
		s.State, s.Why = "waiting", "nothing was written to it yet"
		if t.away {
			s.Why = "it does not exist yet"
		}
	}
	return s
}

// widen makes a span hold an instant.
func widen(first, last *int64, at int64) {
	if at == collectors.NoTime {
		return
	}
	if *first == collectors.NoTime || at < *first {
		*first = at
	}
	*last = max(*last, at)
}

func (t *tail) close() { t.follower.Close() }

package session

import (
	"bytes"
	"context"
	"io"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/logs"
)

// firstInterim is when reading pauses first to show what it has; the pauses then come ever more seldom.
const firstInterim = 300 * time.Millisecond

// An interim shows what has been read so far while there is more to read. A nil one shows nothing.
type interim struct {
	next  time.Time
	wait  time.Duration
	shown func(s *analyzers.Snapshot)
}

func newInterim(shown func(s *analyzers.Snapshot)) *interim {
	return &interim{next: time.Now().Add(firstInterim), wait: firstInterim, shown: shown}
}

// show hands out what all inputs read so far say together with the part of the one being read. It
// is a copy.
func (p *interim) show(s *analyzers.Snapshot, src collectors.Source, d *analyzers.Digest) {
	start := time.Now()
	now := s.Copy()
	src.From, src.To = d.Span()
	now.Sources = append(now.Sources[:len(now.Sources):len(now.Sources)], src)
	now.Digest = s.Digest.Clone()
	now.Digest.Merge(d.Clone())
	now.Digest.Close()
	if s.Series != nil {
		now.Series = analyzers.NewSeriesSet()
		now.Series.Merge(s.Series)
	}
	p.shown(now)
	p.wait = max(2*p.wait, 10*time.Since(start))
	p.next = time.Now().Add(p.wait)
}

// scanLog reads a log to its end. With an interim it pauses now and then at the end of a record.
func scanLog(ctx context.Context, log *logs.Input, opt logs.ScanOptions, g *analyzers.Gatherer, show func(*analyzers.Digest), p *interim) (*analyzers.Part, logs.Result, error) {
	if p == nil {
		return logs.Scan(ctx, log, log.Detected, opt, g.Parts())
	}
	parts := g.Parts()
	total := parts.New(0)
	var all logs.Result
	in := &pausingReader{in: log}
	var rest []byte
	for {
		in.until = p.next
		opt.Grows = !in.ended
		part, res, err := logs.Scan(ctx, io.MultiReader(bytes.NewReader(rest), in), log.Detected, opt, parts)
		total.Digest.Append(part.Digest, "")
		all.Bytes += res.Next.Offset - opt.Start.Offset
		all.Events += res.Events
		all.Skipped += res.Skipped
		for _, k := range res.Skips {
			if len(all.Skips) < logs.MaxSkips {
				all.Skips = append(all.Skips, k)
			}
		}
		for _, w := range res.Warnings {
			all.Warnings = appendNew(all.Warnings, w)
		}
		opt.Start, rest = res.Next, res.Rest
		if err != nil || !opt.Grows {
			return total, all, err
		}
		if !in.ended {
			show(total.Digest)
		}
	}
}

func appendNew(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

// A pausingReader ends at an instant, and goes on when that is moved.
type pausingReader struct {
	in    io.Reader
	until time.Time
	ended bool // the input itself is at its end
}

func (r *pausingReader) Read(p []byte) (int, error) {
	if r.ended || time.Now().After(r.until) {
		return 0, io.EOF
	}
	n, err := r.in.Read(p)
	r.ended = r.ended || err != nil
	return n, err
}

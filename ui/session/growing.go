package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/logs"
	"dbtriage/collectors/recorded"
)

// A Growing is a set of logs that are read again and again as they grow. What was read adds up.
type Growing struct {
	opt  Options
	logs []*growingLog
	read time.Time // when it was read last
	// resumed says that an earlier run had read all of the logs.
	resumed bool

	earlier *Bookmark
	find    func() []Input // nil when there is nowhere to look
	found   time.Time      // when to look next
}

type growingLog struct {
	in       Input
	follower *logs.Follower
	gather   *analyzers.Gatherer
	digest   *analyzers.Digest
	source   collectors.Source
	warnings []string // of the reading
	stopped  bool     // reading it ended before its end
}

// Grow prepares to read logs, from where an earlier run stood when there is a state of it. Logs that
// do not exist yet are waited for; only plain files can be read so.
func Grow(inputs []Input, opt Options, earlier *Bookmark) (*Growing, error) {
	g := &Growing{opt: opt, earlier: earlier, resumed: len(inputs) > 0}
	for _, in := range inputs {
		if in.Open != nil {
			return nil, fmt.Errorf("%s: only plain files can be followed or resumed", in.Path)
		}
		g.add(in)
	}
	return g, nil
}

func (g *Growing) add(in Input) {
	l := &growingLog{in: in, follower: logs.NewFollower(in.Path, g.opt.Logs), digest: analyzers.NewDigest()}
	l.source = collectors.Source{Path: in.Path, From: collectors.NoTime, To: collectors.NoTime}
	l.follower.Also(in.Rotated...)
	positions, read, seen := g.earlier.of(in.Path)
	if seen {
		l.follower.Resume(positions, read)
	}
	g.resumed = g.resumed && seen
	g.logs = append(g.logs, l)
}

// Watch has Follow look for new logs where find looks: in folders, and by patterns.
func (g *Growing) Watch(find func() []Input) { g.find = find }

// addFound adds the logs that were not there before. It takes a small part of the time.
func (g *Growing) addFound() {
	start := time.Now()
	if g.find == nil || start.Before(g.found) {
		return
	}
	inputs := g.find()
	for _, l := range g.logs {
		inputs = append(inputs, l.in)
	}
	kept, _ := Growable(inputs)
	for _, in := range kept {
		info, err := os.Stat(in.Path)
		if in.Open != nil || err != nil || slices.ContainsFunc(g.logs, func(l *growingLog) bool { return l.in.Path == in.Path || l.follower.Holds(info) }) {
			continue
		}
		g.add(in)
	}
	g.found = time.Now().Add(50 * time.Since(start))
}

// Read reads what the logs hold by now that was not read before.
func (g *Growing) Read(ctx context.Context, now time.Time) []Problem {
	g.read = now
	for _, l := range g.logs {
		l.stopped = false
	}
	return g.each(func(l *growingLog) error { return l.follower.Poll(ctx, now, l.consume(g.opt)) })
}

// Finish takes what is left over for complete: a last line without its end, a last statement.
func (g *Growing) Finish(ctx context.Context) []Problem {
	return g.each(func(l *growingLog) error { return l.follower.Finish(ctx, l.consume(g.opt)) })
}

func (g *Growing) each(do func(*growingLog) error) (problems []Problem) {
	for _, l := range g.logs {
		err := do(l)
		l.stopped = l.stopped || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
		if err != nil && !l.isRecording(g.opt) {
			problems = append(problems, problemOf(l.in, err))
		}
	}
	return problems
}

// Missing tells of logs in which there is nothing to read: not there, empty, of no known format.
func (g *Growing) Missing() (problems []Problem) {
	for _, l := range g.logs {
		if l.follower.Format != nil || l.isRecording(g.opt) {
			continue
		}
		if info, err := os.Stat(l.in.Path); err == nil && !info.Mode().IsRegular() {
			continue // reading has told, and to open a pipe may take for ever
		}
		log, err := logs.Open(l.in.Path, g.opt.Logs, nil)
		if log != nil {
			log.Close()
		}
		var unknown *logs.UnknownFormatError
		if err == nil || errors.As(err, &unknown) && len(unknown.Head) > 0 && bytes.IndexByte(unknown.Head, '\n') < 0 {
			continue // it was just written, or its first line is not whole yet
		}
		problems = append(problems, problemOf(l.in, err))
	}
	return problems
}

// isRecording reports whether a file is no log but what is read beside logs: definitions of tables,
// settings, figures of a host, an error log. Such files are read whole for each report.
func (l *growingLog) isRecording(opt Options) bool {
	info, err := os.Stat(l.in.Path)
	if l.follower.Format != nil || err != nil || !info.Mode().IsRegular() {
		return false
	}
	log, err := logs.Open(l.in.Path, opt.Logs, nil)
	if log != nil {
		defer log.Close()
	}
	var unknown *logs.UnknownFormatError
	return errors.As(err, &unknown) && (recorded.IsRecording(unknown.Head) || recorded.Detect(unknown.Head, filepath.Base(l.in.Path)) != nil)
}

// Close closes the logs.
func (g *Growing) Close() {
	for _, l := range g.logs {
		l.follower.Close()
	}
}

func (l *growingLog) consume(opt Options) logs.Consumer {
	return func(ctx context.Context, r io.Reader, f *logs.Detected, start logs.Carry, grows bool) (logs.Carry, []byte, func(), error) {
		if l.known(f); l.gather == nil || l.gather.Role != l.source.Role {
			l.gather = &analyzers.Gatherer{Role: l.source.Role, Source: l.in.Path, Filter: opt.Filter, Shift: shiftOf(opt.Offsets, l.in.Path, l.source.Role)}
		}
		part, res, err := logs.Scan(ctx, r, f, logs.ScanOptions{Workers: opt.Workers, Start: start, Grows: grows}, l.gather.Parts())
		accept := func() {
			if opt.Progress != nil {
				opt.Progress.Add(res.Next.Offset - start.Offset)
			}
			l.digest.Append(part.Digest, "")
			addScan(&l.source, &l.warnings, start, res)
		}
		return res.Next, res.Rest, accept, err
	}
}

// known notes the format of the log.
func (l *growingLog) known(f *logs.Detected) {
	l.source.Format, l.source.Role = f.Format, f.Role
	l.source.Version, l.source.VersionComment = f.Version, f.VersionComment
	if l.in.Role == "web" || l.in.Role == "app" {
		l.source.Role = l.in.Role
	}
}

// addScan adds what a scan said of a log to what is known of it.
func addScan(src *collectors.Source, warnings *[]string, start logs.Carry, res logs.Result) {
	src.Bytes += res.Next.Offset - start.Offset
	src.Events += res.Events
	src.Skipped += res.Skipped
	for _, k := range res.Skips {
		if len(src.Skips) < logs.MaxSkips {
			src.Skips = append(src.Skips, k)
		}
	}
	for _, w := range res.Warnings {
		*warnings = appendNew(*warnings, w)
	}
}

// Report returns what all logs that were read say together with the recordings beside them, which are
// read now.
func (g *Growing) Report(ctx context.Context) (*analyzers.Snapshot, []Problem) {
	s := g.snapshot()
	var problems []Problem
	opt := g.opt
	opt.Progress = nil
	var recordings []*growingLog
	var inputs []Input
	for _, l := range g.logs {
		if l.isRecording(opt) {
			recordings, inputs = append(recordings, l), append(inputs, l.in)
		}
	}
	opt.apart = severalMachines(inputs)
	for _, l := range recordings {
		src, d, err := readOne(ctx, s, l.in, opt)
		if src != nil {
			s.Sources = append(s.Sources, *src)
		}
		if d != nil {
			s.Digest.Merge(d)
		}
		if err != nil {
			problems = append(problems, problemOf(l.in, err))
		}
	}
	ofOneInput(s, len(g.logs))
	s.Digest.Close()
	return s, problems
}

func (g *Growing) snapshot() *analyzers.Snapshot {
	s := newSnapshot(g.opt)
	s.Resumed = g.resumed
	for _, l := range g.logs {
		switch f := l.follower.Format; {
		case f != nil:
			l.known(f)
		case len(l.follower.Warnings) == 0:
			continue
		}
		d := l.digest.Clone()
		src := l.source
		src.Skips = slices.Clone(src.Skips)
		src.Warnings = slices.Concat(l.follower.Warnings, l.warnings, filterWarning(g.opt, d, src.Events), d.Limits())
		if l.stopped {
			src.Warnings = append(src.Warnings, stopped(src.Bytes, context.Canceled))
		}
		src.From, src.To = spanOf(d, l.gather)
		s.Sources = append(s.Sources, src)
		s.WrittenBy(src.Version, src.VersionComment)
		s.Digest.Merge(d)
	}
	return s
}

// Note has the report of a snapshot tell of problems.
func Note(s *analyzers.Snapshot, problems []Problem) {
	for _, p := range problems {
		noteProblem(s, p)
	}
}

// Growable takes the files apart that rotation made of another input: whoever reads that one as it
// grows finds them by itself, as far as it has not read them under their old name. Those that the user
// named are read with it from their beginning.
func Growable(inputs []Input) (kept, rotated []Input) {
	log := make([]int, len(inputs)) // of which each is made; -1 when of none
	for i, in := range inputs {
		log[i] = slices.IndexFunc(inputs, func(log Input) bool { return logs.Rotated(log.Path, in.Path) })
	}
	place := map[int]int{}
	for i, in := range inputs {
		if log[i] < 0 {
			place[i] = len(kept)
			kept = append(kept, in)
		}
	}
	for i, in := range inputs {
		of := log[i]
		if of < 0 {
			continue
		}
		for log[of] >= 0 {
			of = log[of]
		}
		if rotated = append(rotated, in); !in.Found {
			to := &kept[place[of]]
			to.Rotated = append(to.Rotated[:len(to.Rotated):len(to.Rotated)], in.Path)
		}
	}
	return kept, rotated
}

// lastRead is how long what was written since the last look may be read when Follow ends.
const lastRead = 2 * time.Second

// Follow reads logs as they grow until ctx ends, and shows what they say every so often and once
// more at the end; with finish what is then left over is taken for complete. An error of show ends
// it. When ctx ends before the logs were read to their end for the first time, that is a problem.
func Follow(ctx context.Context, g *Growing, every time.Duration, finish bool, show func(s *analyzers.Snapshot, problems []Problem) error) error {
	tick := time.NewTicker(logs.PollInterval)
	defer tick.Stop()
	shown := time.Now()
	for reached := false; ; {
		g.addFound()
		problems := g.Read(ctx, time.Now())
		last := context.WithoutCancel(ctx)
		if ctx.Err() != nil {
			if reached {
				soon, cancel := context.WithTimeout(last, lastRead)
				problems = g.Read(soon, time.Now())
				cancel()
			}
			if finish {
				problems = append(problems, g.Finish(last)...)
			}
		}
		reached = true
		if now := time.Now(); ctx.Err() != nil || now.Sub(shown) >= every {
			shown = now
			s, more := g.Report(last)
			if err := show(s, append(problems, more...)); err != nil || ctx.Err() != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

var errInterrupted = errors.New("reading was stopped")

// Package session is the one loop behind the commands: sources in, a snapshot and its judgement out.
package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/logs"
	"dbtriage/collectors/recorded"
)

// An Input is one thing to read.
type Input struct {
	Path string
	Role string // web, app or db when the user said so; it beats what the format suggests
	// Open gives the bytes of what is no file: standard input, a log in memory.
	Open func() (io.Reader, error)
	// Once says that it can be read once only, as standard input.
	Once bool
	// Found says that a directory or pattern brought it, not the user by name: when its format is
	// not known it is passed over.
	Found bool
	// Rotated are files that rotation made of it before, which the user named too; see Growable.
	Rotated []string
}

// Options are what a batch run may be told.
type Options struct {
	Logs    logs.Options
	Filter  analyzers.Filter
	Workers int
	// Offsets are added to the times of sources whose clock is off.
	Offsets []Offset
	// Progress receives the bytes read from the inputs so far; it may be called from many goroutines.
	Progress *atomic.Int64

	// apart has servers of recordings named by their machines: there are recordings of several.
	apart bool
	// interim shows what has been read so far, now and then.
	interim *interim
}

// A Problem is an input that could not be read, or not to its end.
type Problem struct {
	Path string
	Err  error
	// Passed says that it is no failure: a file of a directory that is no log.
	Passed bool
	found  bool // as Input.Found
}

// Read reads every input to its end and returns what they say together. It goes on after a problem
// with one of them; when ctx ends it returns what was read until then.
func Read(ctx context.Context, inputs []Input, opt Options) (*analyzers.Snapshot, []Problem) {
	s := newSnapshot(opt)
	opt.apart = severalMachines(inputs)
	var problems []Problem
	read := copies{}
	for i, in := range inputs {
		if err := ctx.Err(); err != nil {
			problems = append(problems, Problem{Path: in.Path, Err: errInterrupted})
			for _, in := range inputs[i:] {
				noteProblem(s, problemOf(in, errInterrupted))
			}
			break
		}
		src, d, err := readOne(ctx, s, in, opt)
		if d != nil {
			read.warn(src, d)
		}
		if src != nil {
			s.Sources = append(s.Sources, *src)
			s.WrittenBy(src.Version, src.VersionComment)
		}
		if d != nil {
			s.Digest.Merge(d)
		}
		if err == nil {
			continue
		}
		p := problemOf(in, err)
		problems = append(problems, p)
		noteProblem(s, p)
	}
	ofOneInput(s, len(inputs))
	s.Digest.Close()
	return s, problems
}

// noteProblem has reports tell of a problem beside what was read. What a directory brings and is no
// log is none of their business.
func noteProblem(s *analyzers.Snapshot, p Problem) {
	if p.Passed && p.found {
		return
	}
	for i := range s.Sources {
		if s.Sources[i].Path == p.Path {
			s.Sources[i].Err = why(p.Path, p.Err)
			return
		}
	}
	s.Unread = append(s.Unread, unread(p.Path, p.Err))
}

// unread makes the source of an input of which nothing could be read.
func unread(path string, err error) collectors.Source {
	return collectors.Source{Path: path, From: collectors.NoTime, To: collectors.NoTime, Err: why(path, err)}
}

// why says what was wrong with an input, without its name, which stands beside it.
func why(path string, err error) string {
	var failed *fs.PathError
	if errors.As(err, &failed) && failed.Path == path {
		err = failed.Err
	}
	return strings.TrimPrefix(err.Error(), path+": ")
}

func newSnapshot(opt Options) *analyzers.Snapshot {
	s := &analyzers.Snapshot{Window: opt.Filter.Window, Asked: opt.Filter.Asked(), Digest: analyzers.NewDigest()}
	if s.Window == (analyzers.Window{}) {
		s.Window = analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}
	}
	return s
}

// filterWarning says what a filter has left of a source; nothing when there is none, or it is of time
// alone and has left some: reports show their window by themselves.
func filterWarning(opt Options, d *analyzers.Digest, events int64) []string {
	asked := opt.Filter.String()
	kept := d.Statements.Count + d.Web.Count + d.App.Count
	if asked == "" && kept == 0 && events > 0 {
		asked = opt.Filter.Asked()
	}
	if asked == "" {
		return nil
	}
	return []string{fmt.Sprintf("only what fits the filter is counted (%s): %d of %d events", asked, kept, events)}
}

func problemOf(in Input, err error) Problem {
	var unknown *logs.UnknownFormatError
	p := Problem{Path: in.Path, Err: err, found: in.Found}
	switch {
	case errors.As(err, &unknown):
		p.Passed = in.Found && unknown.Damaged == nil || unknown.Empty
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		p.Err = errInterrupted
	}
	return p
}

// readOne reads one input: a log into a digest of its own, a recording into the snapshot. The source
// is nil when it was neither.
func readOne(ctx context.Context, s *analyzers.Snapshot, in Input, opt Options) (*collectors.Source, *analyzers.Digest, error) {
	var onRead func(n int)
	if opt.Progress != nil {
		onRead = func(n int) { opt.Progress.Add(int64(n)) }
	}
	log, waits, err := open(ctx, in, opt.Logs, onRead)
	if log == nil {
		return nil, nil, err
	}
	defer log.Close()
	if waits { // the input itself ends with ctx, and all that it brought until then counts
		ctx = context.WithoutCancel(ctx)
	}
	var unknown *logs.UnknownFormatError
	if errors.As(err, &unknown) && recorded.IsRecording(unknown.Head) && in.Open == nil {
		src, err := readOwn(ctx, s, in, opt)
		return &src, nil, err
	}
	if errors.As(err, &unknown) {
		f := recorded.Detect(unknown.Head, filepath.Base(in.Path))
		if f == nil {
			return nil, nil, err
		}
		src, err := readRecording(ctx, s, in, log, f, opt.Offsets)
		return &src, nil, err
	}
	src := collectors.Source{Path: in.Path, Format: log.Format, Role: log.Role, Version: log.Version, VersionComment: log.VersionComment, From: collectors.NoTime, To: collectors.NoTime}
	if in.Role == "web" || in.Role == "app" {
		src.Role = in.Role
	}
	shift := shiftOf(opt.Offsets, in.Path, src.Role)
	g := &analyzers.Gatherer{Role: src.Role, Source: in.Path, Filter: opt.Filter, Shift: shift}
	w := opt.Filter.Window
	scan := logs.ScanOptions{Workers: opt.Workers}
	if w != (analyzers.Window{}) {
		if start, size, ok := log.NarrowSafely(ctx, shifted(w.From, -shift), shifted(w.To, -shift), opt.Workers); ok {
			scan.Start = start
			src.Warnings = append(src.Warnings, fmt.Sprintf("read from byte %d to %d of %d: of the rest only the times were looked at, and they lie outside of the window", start.Offset, start.Offset+size, log.Size))
		}
	}
	part, res, err := scanLog(ctx, log, scan, g, func(d *analyzers.Digest) { opt.interim.show(s, src, d) }, opt.interim)
	src.Bytes, src.Events, src.Skipped, src.Skips = res.Bytes, res.Events, res.Skipped, res.Skips
	src.Warnings = append(src.Warnings, res.Warnings...)
	if err != nil {
		src.Warnings = append(src.Warnings, stopped(res.Bytes, err))
		err = fmt.Errorf("%s: after %d bytes: %w", in.Path, res.Bytes, err)
	}
	part.Close()
	src.From, src.To = spanOf(part.Digest, g)
	src.Part = log.Narrowed
	if part.Empty() && log.Narrowed { // what was not read is of the same times and more
		src.From, src.To = shifted(log.First, shift), shifted(log.Last, shift)
	}
	src.Warnings = slices.Concat(src.Warnings, filterWarning(opt, part.Digest, src.Events), part.Limits())
	return &src, part.Digest, err
}

// stopped says how far an input was read and why no further; that somebody stopped it is no failure of its.
func stopped(bytes int64, err error) string {
	if errors.Is(err, context.Canceled) {
		return fmt.Sprintf("reading was stopped after %d bytes", bytes)
	}
	return fmt.Sprintf("reading stopped after %d bytes: %v", bytes, err)
}

// spanOf returns the span of what was taken in of a log; when nothing was, that of all it holds.
func spanOf(d *analyzers.Digest, g *analyzers.Gatherer) (first, last int64) {
	if g != nil && d.Empty() {
		return g.LeftOut()
	}
	return d.Span()
}

// open opens an input; beside an UnknownFormatError it returns the input too. waits says that it is one
// whose bytes may have to be waited for; that ends with ctx.
func open(ctx context.Context, in Input, opt logs.Options, onRead func(n int)) (log *logs.Input, waits bool, err error) {
	if in.Open == nil {
		if info, err := os.Stat(in.Path); err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket|os.ModeCharDevice) != 0 {
			r, err := logs.OpenInterruptible(ctx, in.Path)
			if err != nil {
				return nil, true, err
			}
			log, err := logs.NewInput(in.Path, r, opt, onRead)
			if log == nil {
				r.Close()
			}
			return log, true, err
		}
		log, err := logs.Open(in.Path, opt, onRead)
		return log, false, err
	}
	r, err := in.Open()
	if err != nil {
		return nil, false, err
	}
	if in.Once {
		r = logs.Interruptible(ctx, r)
	}
	log, err = logs.NewInput(in.Path, r, opt, onRead)
	return log, in.Once, err
}

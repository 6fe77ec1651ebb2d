package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"dbtriage/collectors"
)

// A log that grows is looked at again and again with stat and fstat. Kernel notices (inotify) would
// save little, for a log under load changes all the time, and say nothing on network file systems,
// of which file a name leads to, or of a truncation that was made good by new lines.
const (
	// PollInterval is how often to call Poll.
	PollInterval = 250 * time.Millisecond
	// silence completes the last record of a slow log: no header follows that would.
	silence = time.Second
	// drain is how long after its last growth a rotated file is taken for complete. Its writer may open
	// the new one late, so it is watched on while it has a name, with maxReplaced newer ones at most.
	drain       = time.Minute
	maxReplaced = 8
)

// A Consumer reads records from r, whose first byte lies where start says. With grows the last one
// may be incomplete. It returns where to go on and what it has read beyond that; accept counts what
// was read and is called when the bytes turned out to be good.
type Consumer func(ctx context.Context, r io.Reader, f *Detected, start Carry, grows bool) (next Carry, rest []byte, accept func(), err error)

// A Follower reads what is appended to the log of one name, through rotation and truncation.
type Follower struct {
	Path string
	// Format is found out from the first lines.
	Format *Detected
	// Warnings are what may be missing.
	Warnings []string
	// Begun counts the files that reading began in, again after a truncation too: what is beyond one
	// is rotation.
	Begun int

	since  int64 // see Since
	sought bool
	opt    Options
	files  []*growing // oldest first
	known  []Position // of files that are not open
	packed []string   // compressed files to be read
	also   []string   // see Also

	resumed bool      // rotated files that are known by nothing are new
	fresh   time.Time // unless they were not changed since
	looked  time.Time // when rotated files were looked for
	folders []time.Time
}

// A growing is one file, whatever its name is now.
type growing struct {
	file     *os.File
	position Position
	rest     []byte    // behind the position: read, and not yet complete
	size     int64     // when last looked at
	changed  time.Time // modification time then
	replaced bool      // the log's name leads to another file
	format   *Detected // of its first lines
}

// NewFollower makes a follower of a log that may not exist yet.
func NewFollower(path string, opt Options) *Follower {
	return &Follower{Path: path, opt: opt, since: collectors.NoTime}
}

// Since has the follower begin near an instant in µs rather than at the beginning of the log, where
// its times are in order and it is large; collectors.NoTime reads all. What it hands out may be
// older all the same. It is called before the first Poll.
func (f *Follower) Since(us int64) { f.since = us }

// Also names files that rotation made of the log before reading began, to be read too. It is called
// before the first Poll.
func (f *Follower) Also(names ...string) { f.also = append(f.also, names...) }

// Resume goes on where another follower stood when it read last. It is called before the first Poll.
// Without it the rotated files that are there were there before, and are not read.
func (f *Follower) Resume(positions []Position, read time.Time) {
	// A file that was read to its end had been silent for longer than a second, which is more than file
	// times lag behind the clock.
	f.resumed, f.fresh = true, read.Add(-silence)
	for _, p := range positions {
		if p.Done {
			f.remember(p)
		}
	}
	for _, p := range positions {
		if p.Done {
			continue
		}
		if found, part := f.reopen(p); found || p.Offset == 0 {
			continue
		} else if part {
			p.Done = true
		} else if file, err := os.Open(f.Path); err == nil { // else it may be away, or not to be read, for now
			file.Close()
			f.Warnings = append(f.Warnings, fmt.Sprintf("the file that was read until byte %d is gone: what was appended to it since is not counted", p.Offset))
			p.Done = true
		}
		f.remember(p)
	}
}

// reopen finds the file of a position again, or a copy of it, and has it read on. Without one, part
// says that there is a copy of what was read which holds no more.
func (f *Follower) reopen(p Position) (found, part bool) {
	file, part := p.find(f.Path, f.files)
	if file != nil && !packed(file) {
		f.add(file, p).replaced = true
		return true, false
	}
	if file != nil {
		file.Close()
	}
	if f.findPacked(&p) {
		p.Done = true
		f.remember(p)
		return true, false
	}
	return false, part
}

func (f *Follower) add(file *os.File, p Position) *growing {
	g := &growing{file: file, position: p}
	if info, err := file.Stat(); err == nil {
		g.position.Device, g.position.Inode = fileNumber(info)
	}
	f.files = append(f.files, g)
	f.Begun++
	return g
}

// Positions says where the follower stands in every file that it still watches, and stood in those
// that it let go.
func (f *Follower) Positions() []Position {
	all := slices.Clone(f.known)
	for _, g := range f.files {
		all = append(all, g.position)
	}
	return all
}

// Holds reports whether the follower has a file open, whatever its name is.
func (f *Follower) Holds(info os.FileInfo) bool { return isOpen(f.files, info) }

// Close closes the files.
func (f *Follower) Close() {
	for _, g := range f.files {
		g.file.Close()
	}
	f.files = nil
}

// Poll reads what was appended since it was called last. It goes on with other files after an error
// with one of them.
func (f *Follower) Poll(ctx context.Context, now time.Time, consume Consumer) error {
	if !f.resumed {
		f.fresh = now.Add(-silence)
	}
	first := f.openCurrent(ctx, now, consume)
	f.look(now)
	for i := 0; i < len(f.files); i++ { // a truncated file may add its copy to the list
		if err := f.files[i].poll(ctx, f, now, consume); err != nil && first == nil {
			first = err
		}
	}
	for _, do := range []func() error{
		func() error { return f.unpack(ctx, consume) },
		func() error { return f.letGo(ctx, now, consume) },
	} {
		if err := do(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// letGo takes rotated files for complete that are silent, and closes those that nobody can write to
// any more or that are many.
func (f *Follower) letGo(ctx context.Context, now time.Time, consume Consumer) error {
	var kept []*growing
	var first error
	newer := 0
	for _, g := range slices.Backward(f.files) {
		info, err := g.file.Stat()
		g.position.Done = g.replaced && now.Sub(g.changed) >= drain && g.size <= g.position.Offset+int64(len(g.rest))
		if g.position.Done {
			if err := g.flush(ctx, f, consume); err != nil && first == nil {
				first = err
			}
			g.position.Done = len(g.rest) == 0
		}
		if g.replaced {
			newer++
		}
		if !g.position.Done || newer <= maxReplaced && err == nil && !unlinked(info) {
			kept = append(kept, g)
			continue
		}
		g.file.Close()
		f.remember(g.position)
	}
	slices.Reverse(kept)
	f.files = kept
	return first
}

// Finish takes what is left for complete, in files that were read to their end.
func (f *Follower) Finish(ctx context.Context, consume Consumer) error {
	for _, g := range f.files {
		if g.size > g.position.Offset+int64(len(g.rest)) {
			continue
		}
		if err := g.flush(ctx, f, consume); err != nil {
			return err
		}
	}
	return nil
}

// openCurrent opens the file that the name leads to, when that is a new one.
func (f *Follower) openCurrent(ctx context.Context, now time.Time, consume Consumer) error {
	info, err := os.Stat(f.Path)
	for _, g := range f.files {
		have, statErr := g.file.Stat()
		g.replaced = err != nil || statErr != nil || !os.SameFile(have, info)
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil // it appears later, or a rotation is under way
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: only plain files can be followed", f.Path)
	case isOpen(f.files, info):
		return nil
	}
	file, err := os.Open(f.Path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	opened, err := file.Stat()
	if err != nil || isOpen(f.files, opened) {
		file.Close()
		return err
	}
	p, err := f.begin(ctx, now, file, opened, consume)
	f.add(file, p)
	return err
}

// begin says where to begin in a file that has come to the log's name: behind what was read of it
// when it is one that was there before, or the copy of one that somebody put in its place.
func (f *Follower) begin(ctx context.Context, now time.Time, file *os.File, info os.FileInfo, consume Consumer) (Position, error) {
	if at, _ := f.recall(file, info); at >= 0 {
		p := f.forget(at)
		p.Done = false
		return p, nil
	}
	for _, g := range slices.Clone(f.files) {
		if g.position.Head.Len == 0 || g.position.overlap(file, info) != allOf {
			continue
		}
		if err := g.poll(ctx, f, now, consume); err != nil { // it may hold more, which is no copy then
			return Position{}, err
		}
		if g.position.Head.Len > 0 && g.position.overlap(file, info) == allOf {
			g.file.Close()
			f.files = slices.DeleteFunc(f.files, func(of *growing) bool { return of == g })
			return g.position, nil
		}
	}
	return Position{}, nil
}

// seek moves the first file to where its times come near the instant to begin at.
func (f *Follower) seek(g *growing) {
	if f.since == collectors.NoTime || f.sought || g.position.Offset > 0 {
		return
	}
	f.sought = true
	info, err := g.file.Stat()
	if err != nil {
		return
	}
	in := Input{Path: f.Path, Detected: g.format, file: g.file, Size: info.Size()}
	if start, _, ok := in.Narrow(f.since, collectors.NoTime); ok {
		g.position.Carry = start
	}
}

// settledLines is how many lines make sure that the format of a rotated log is another.
const settledLines = 10

// detect finds out the format of a file, nil while there is no line to tell it by. What it is of the
// files before is preferred until there are some lines.
func (g *growing) detect(f *Follower) (*Detected, error) {
	if g.format != nil {
		return g.format, nil
	}
	in, head, full, err := g.sniff(f)
	if err != nil && f.Format == nil { // what its other files are
		for _, other := range f.files {
			if in, _, _, err := other.sniff(f); err == nil && other != g && in.plain {
				f.Format = in.Detected
			}
		}
	}
	var unknown *UnknownFormatError
	switch {
	case !in.plain:
		return nil, fmt.Errorf("%s: only plain files can be followed", f.Path)
	case err == nil && f.Format != nil && f.Format.fits(head):
		if f.Format.newLine == nil {
			g.format = f.Format
		}
	case err == nil:
		g.format, f.Format = in.Detected, in.Detected
		f.seek(g)
	case !errors.As(err, &unknown) || f.Format == nil && full:
		return nil, err
	}
	return f.Format, nil
}

// sniff looks at the whole lines that a file begins with; full says that there are as many as are
// ever looked at.
func (g *growing) sniff(f *Follower) (in Input, head []byte, full bool, err error) {
	in = Input{Path: f.Path, plain: true}
	head = make([]byte, sniffSize)
	n, err := g.file.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return in, nil, false, fmt.Errorf("%s: %w", f.Path, err)
	}
	head = head[:cutLines(head[:n], 0)]
	err = in.sniff(bytes.NewReader(head), f.opt)
	in.Close()
	return in, head, n == sniffSize, err
}

// fits reports whether a file that begins with head may be of the format: a few lines that it reads
// are too few to prefer another.
func (d *Detected) fits(head []byte) bool {
	if d.newLine == nil {
		return isSlowLog(head)
	}
	lines := firstLines(head)
	parsed, all, _ := count(d.newLine(), lines)
	return parsed == all && all < settledLines
}

func (g *growing) poll(ctx context.Context, f *Follower, now time.Time, consume Consumer) error {
	info, err := g.file.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	size, changed := info.Size(), info.ModTime()
	if size != g.size || !changed.Equal(g.changed) {
		if size < g.position.Offset+int64(len(g.rest)) || !g.position.in(g.file) {
			if err := g.truncated(ctx, f, consume); err != nil {
				return err
			}
		}
		g.size, g.changed = size, changed
	}
	if size > g.position.Offset+int64(len(g.rest)) {
		if err := g.grown(ctx, f, size, consume); err != nil {
			return err
		}
	} else if f.Format == nil && g.position.Offset > 0 { // read by an earlier run: what it is, is told all the same
		if _, err := g.detect(f); err != nil {
			return err
		}
	}
	if len(g.rest) > 0 && g.format != nil && g.format.newLine == nil && now.Sub(changed) >= silence && wholeRecord(g.rest) {
		return g.flush(ctx, f, consume)
	}
	return nil
}

// grown reads up to size. A truncation meanwhile leaves either bytes that were read in time, or,
// when the file has already grown beyond them again, bytes that do not follow the position: those
// are not counted, and the next Poll begins anew.
func (g *growing) grown(ctx context.Context, f *Follower, size int64, consume Consumer) error {
	format, err := g.detect(f)
	if format == nil {
		return err
	}
	g.position.markHead(g.file, size)
	before := g.position
	from := g.position.Offset
	next, rest, accept, err := consume(ctx, io.NewSectionReader(g.file, from, size-from), format, g.position.Carry, true)
	if accept == nil {
		return err
	}
	info, statErr := g.file.Stat()
	if statErr == nil && info.Size() >= next.Offset+int64(len(rest)) && !before.in(g.file) {
		g.size = -1
		return err
	}
	accept()
	if next.Offset+int64(len(rest)) < from+int64(len(g.rest)) { // interrupted on the way
		rest = g.rest[next.Offset-from:]
	}
	g.position.Carry, g.rest = next, bytes.Clone(rest)
	if statErr == nil && info.Size() >= next.Offset+int64(len(rest)) {
		g.position.markTail(g.file)
	}
	return err
}

// truncated begins the file anew. What was not yet read of its old content is read from the copy
// that rotation made, when there is one.
func (g *growing) truncated(ctx context.Context, f *Follower, consume Consumer) error {
	var err error
	if found, _ := f.reopen(g.position); !found {
		err = g.flush(ctx, f, consume)
		old := g.position
		old.Done = true
		if old.Offset > 0 {
			f.remember(old)
		}
	}
	g.position = Position{Device: g.position.Device, Inode: g.position.Inode}
	g.rest, g.format = nil, nil
	f.Begun++
	return err
}

// flush takes what is left over for complete.
func (g *growing) flush(ctx context.Context, f *Follower, consume Consumer) error {
	if len(g.rest) == 0 {
		return nil
	}
	format, err := g.detect(f)
	if format == nil {
		return err
	}
	next, _, accept, err := consume(ctx, bytes.NewReader(g.rest), format, g.position.Carry, false)
	if accept != nil {
		accept()
		g.position.Carry, g.rest = next, nil
		g.position.markTail(g.file)
	}
	return err
}

// wholeRecord reports whether text ends as a record does that the server has written whole.
func wholeRecord(text []byte) bool {
	trimmed := trimBlank(text)
	if len(trimmed) == 0 || trimmed[len(trimmed)-1] != ';' {
		return false
	}
	var r slowReader
	var t tally
	return r.read(piece{buf: text}, slowState{}, Sink{}, &t).rest == len(text)
}

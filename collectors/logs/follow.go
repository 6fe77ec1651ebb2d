package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
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
	// drain is how long a rotated file is watched after its last growth: its writer may open the new
	// one late.
	drain = time.Minute
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

	since int64 // see Since
	opt   Options
	files []*growing // oldest first
}

// A growing is one file, whatever its name is now.
type growing struct {
	file     *os.File
	position Position
	rest     []byte    // behind the position: read, and not yet complete
	size     int64     // when last looked at
	changed  time.Time // modification time then
	replaced bool      // the log's name leads to another file
}

// NewFollower makes a follower of a log that may not exist yet.
func NewFollower(path string, opt Options) *Follower {
	return &Follower{Path: path, opt: opt, since: collectors.NoTime}
}

// Since has the follower begin near an instant in µs rather than at the beginning of the log, where
// its times are in order and it is large; collectors.NoTime reads all. What it hands out may be
// older all the same. It is called before the first Poll.
func (f *Follower) Since(us int64) { f.since = us }

// Resume goes on where another follower stood when it read last. It is called before the first Poll.
func (f *Follower) Resume(positions []Position, read time.Time) {
	for _, p := range positions {
		file := p.find(f.Path, f.files)
		if file == nil {
			f.Warnings = append(f.Warnings, fmt.Sprintf("the file that was read until byte %d is gone: what was appended to it since is not counted; rotate with delaycompress", p.Offset))
			continue
		}
		f.add(file, p)
	}
	if len(positions) == 0 {
		return
	}
	// Rotation may have come round twice since. A file that was read to its end had been silent for
	// longer than a second, which is more than file times lag behind the clock.
	for _, name := range rotatedNames(f.Path) {
		info, err := os.Stat(name)
		if err != nil || !info.ModTime().After(read.Add(-silence)) || isOpen(f.files, info) || !Rotated(f.Path, name) {
			continue
		}
		if compressedName(name) {
			f.Warnings = append(f.Warnings, name+" was compressed before it was read")
			continue
		}
		if file, err := os.Open(name); err == nil {
			f.add(file, Position{})
		}
	}
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

// Positions says where the follower stands in every file that it still watches.
func (f *Follower) Positions() []Position {
	var all []Position
	for _, g := range f.files {
		all = append(all, g.position)
	}
	return all
}

// Close closes the files.
func (f *Follower) Close() {
	for _, g := range f.files {
		g.file.Close()
	}
	f.files = nil
}

// Poll reads what was appended since it was called last.
func (f *Follower) Poll(ctx context.Context, now time.Time, consume Consumer) error {
	err := f.openCurrent()
	if err == nil {
		err = f.detect()
	}
	if err != nil || f.Format == nil {
		return err
	}
	for i := 0; i < len(f.files); i++ { // a truncated file may add its copy to the list
		if err := f.files[i].poll(ctx, f, now, consume); err != nil {
			return err
		}
	}
	var kept []*growing
	for _, g := range f.files {
		if !g.replaced || now.Sub(g.changed) < drain {
			kept = append(kept, g)
			continue
		}
		if err := g.flush(ctx, f, consume); err != nil {
			return err
		}
		g.file.Close()
	}
	f.files = kept
	return nil
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
func (f *Follower) openCurrent() error {
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
	if opened, err := file.Stat(); err != nil || isOpen(f.files, opened) {
		file.Close()
		return err
	}
	f.add(file, Position{})
	return nil
}

// seek moves the first file to where its times come near the instant to begin at.
func (f *Follower) seek() {
	if f.since == collectors.NoTime || len(f.files) != 1 || f.files[0].position.Offset > 0 {
		return
	}
	g := f.files[0]
	info, err := g.file.Stat()
	if err != nil {
		return
	}
	in := Input{Path: f.Path, Detected: f.Format, file: g.file, Size: info.Size()}
	if start, _, ok := in.Narrow(f.since, collectors.NoTime, false); ok {
		g.position.Carry = start
	}
}

// detect finds out the format, which rotation does not change, once there is a line to tell it by.
func (f *Follower) detect() error {
	if f.Format != nil {
		return nil
	}
	for _, g := range f.files {
		head := make([]byte, sniffSize)
		n, err := g.file.ReadAt(head, 0)
		if err != nil && err != io.EOF {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
		head = head[:cutLines(head[:n], 0)]
		in := Input{Path: f.Path, plain: true}
		if in.sniff(bytes.NewReader(head), f.opt) == nil && in.plain {
			f.Format = in.Detected
			f.seek()
			return nil
		}
		in.Close()
		if !in.plain {
			return fmt.Errorf("%s: only plain files can be followed", f.Path)
		}
		if n == sniffSize {
			return &UnknownFormatError{Path: f.Path, Head: head}
		}
	}
	return nil
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
	}
	if len(g.rest) > 0 && f.Format.newLine == nil && now.Sub(changed) >= silence && wholeRecord(g.rest) {
		return g.flush(ctx, f, consume)
	}
	return nil
}

// grown reads up to size. A truncation meanwhile leaves either bytes that were read in time, or,
// when the file has already grown beyond them again, bytes that do not follow the position: those
// are not counted, and the next Poll begins anew.
func (g *growing) grown(ctx context.Context, f *Follower, size int64, consume Consumer) error {
	g.position.markHead(g.file, size)
	before := g.position
	from := g.position.Offset
	next, rest, accept, err := consume(ctx, io.NewSectionReader(g.file, from, size-from), f.Format, g.position.Carry, true)
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
	if old := g.position.find(f.Path, f.files); old != nil {
		f.add(old, g.position).replaced = true
	} else {
		err = g.flush(ctx, f, consume)
	}
	g.position = Position{Device: g.position.Device, Inode: g.position.Inode}
	g.rest = nil
	f.Begun++
	return err
}

// flush takes what is left over for complete.
func (g *growing) flush(ctx context.Context, f *Follower, consume Consumer) error {
	if len(g.rest) == 0 {
		return nil
	}
	next, _, accept, err := consume(ctx, bytes.NewReader(g.rest), f.Format, g.position.Carry, false)
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

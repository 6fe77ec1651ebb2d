package logs

import (
	"os"
	"path/filepath"
	"slices"
	"time"
)

// What was read once must be known again under any name: a renamed file, the copy that rotation makes
// before it truncates, somebody's backup, a file that comes back. So a follower remembers, beside the
// positions in the files that it holds open, those in the files that it let go, and those of the
// rotated files that were there before it began.

// maxKnown bounds what is remembered of one log. What is older is told by its time of change.
const maxKnown = 256

// remember keeps a position for when its file is seen again.
func (f *Follower) remember(p Position) {
	f.known = append(f.known, p)
	if n := len(f.known) - maxKnown; n > 0 {
		f.known = slices.Delete(f.known, 0, n)
	}
}

// recall looks for a file that is not open in what is known: at is the place of its position, -1
// without one; read says that nothing is to be read of it, for a file that is open, or one that was
// read further, holds all of it.
func (f *Follower) recall(file *os.File, info os.FileInfo) (at int, read bool) {
	at = -1
	for i := range f.known {
		p := &f.known[i]
		switch p.overlap(file, info) {
		case partOf:
			read = true
		case allOf:
			if at < 0 || p.is(info) || !f.known[at].is(info) && p.Offset >= f.known[at].Offset {
				at = i
			}
		}
	}
	if at >= 0 && f.known[at].is(info) {
		return at, f.known[at].Offset >= info.Size()
	}
	for _, g := range f.files {
		if g.position.Head.Len == 0 {
			continue
		}
		switch g.position.overlap(file, info) {
		case partOf:
			read = true
		case allOf:
			read = read || at < 0 || g.position.Offset >= f.known[at].Offset
		}
	}
	return at, read || at >= 0 && f.known[at].Offset >= info.Size()
}

// forget takes a position out of what is known.
func (f *Follower) forget(at int) Position {
	p := f.known[at]
	f.known = slices.Delete(f.known, at, at+1)
	return p
}

// look notices rotated files: those that came and went between two looks, and known ones that were
// written to. At the first look of a follower that goes on from nothing they were there before.
func (f *Follower) look(now time.Time) {
	if !f.folderChanged(now) {
		return
	}
	for _, name := range rotatedNames(f.Path) {
		if !rotatedFrom(f.Path, name) {
			continue
		}
		info, err := os.Stat(name)
		if err != nil || isOpen(f.files, info) {
			continue
		}
		if file, err := os.Open(name); err == nil && !f.take(name, file, info) {
			file.Close()
		}
	}
	f.resumed = true
}

// take adds a rotated file to those that are read, if there is something to read in it.
func (f *Follower) take(name string, file *os.File, info os.FileInfo) bool {
	asked := slices.Contains(f.also, name)
	if !f.resumed && !asked {
		f.remember(endOf(file, info))
		return false
	}
	at, read := f.recall(file, info)
	switch {
	case read:
		return false
	case at < 0 && !asked && !info.ModTime().After(f.fresh):
		return false // it was there, or is put back from somewhere
	case packed(file):
		f.queue(name, info)
		return false
	case at >= 0:
		f.add(file, f.forget(at)).replaced = true
	default:
		f.add(file, Position{}).replaced = true
	}
	return true
}

// folderChanged reports whether to look for rotated files: names came or went where the log lies, or
// it was a while ago. Times of folders are coarse: a change that is young may hide another.
func (f *Follower) folderChanged(now time.Time) bool {
	const coarse = 2 * time.Second
	changed := !f.resumed || now.Sub(f.looked) >= drain
	var times []time.Time
	for _, name := range namesOf(f.Path) {
		info, err := os.Stat(filepath.Dir(name))
		if err != nil {
			continue
		}
		times = append(times, info.ModTime())
		changed = changed || now.Sub(info.ModTime()) < coarse
	}
	changed = changed || !slices.EqualFunc(times, f.folders, time.Time.Equal)
	if changed {
		f.folders, f.looked = times, now
	}
	return changed
}

package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"time"

	"dbtriage/collectors/logs"
)

// A Bookmark says how far logs were read, for the next run to go on. It is saved after the report was
// written: a run that dies between the two reads again what it had reported, and loses nothing.
type Bookmark struct {
	Kind    string    `json:"kind"`
	Version int       `json:"version"`
	Read    time.Time `json:"read"` // when the logs were looked at
	// Logs are by absolute path. They stay in the state while a run does not name them.
	Logs map[string][]logs.Position `json:"logs"`
	// LogsRead is when each of them was looked at.
	LogsRead map[string]time.Time `json:"logs_read,omitempty"`
}

const (
	bookmarkKind    = "dbtriage log positions"
	bookmarkVersion = 1
)

// ErrState is wrapped by the errors of a state file that cannot be gone on from.
var ErrState = errors.New("not a usable state file")

// LoadBookmark reads a state file; without one everything is yet to be read.
func LoadBookmark(path string) (*Bookmark, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return &Bookmark{}, nil
	}
	if err != nil {
		return nil, err
	}
	s := &Bookmark{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil {
		return nil, fmt.Errorf("%s: %w: %v", path, ErrState, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%s: %w: something follows the state", path, ErrState)
	}
	if s.Kind != bookmarkKind {
		return nil, fmt.Errorf("%s: %w: it is of something else", path, ErrState)
	}
	if s.Version != bookmarkVersion {
		return nil, fmt.Errorf("%s: %w: version %d is not known", path, ErrState, s.Version)
	}
	for name, positions := range s.Logs {
		for _, p := range positions {
			for _, m := range []logs.Mark{p.Head, p.Tail} {
				if m.At < 0 || m.Len < 0 || m.Len > logs.MarkSize {
					return nil, fmt.Errorf("%s: %w: a mark of %s is out of range", path, ErrState, name)
				}
			}
			if p.Offset < 0 {
				return nil, fmt.Errorf("%s: %w: the offset in %s is negative", path, ErrState, name)
			}
			if p.Lines < -1 {
				return nil, fmt.Errorf("%s: %w: the number of lines in %s is negative", path, ErrState, name)
			}
		}
	}
	return s, nil
}

// Bookmark returns the state to save: that of an earlier run with what was read since.
func (g *Growing) Bookmark(earlier *Bookmark) *Bookmark {
	s := &Bookmark{Kind: bookmarkKind, Version: bookmarkVersion, Read: g.read.UTC(), Logs: map[string][]logs.Position{}, LogsRead: map[string]time.Time{}}
	if earlier != nil {
		maps.Copy(s.Logs, earlier.Logs)
		maps.Copy(s.LogsRead, earlier.LogsRead)
	}
	for _, l := range g.logs {
		name := absolute(l.in.Path)
		s.Logs[name], s.LogsRead[name] = l.follower.Positions(), s.Read
	}
	return s
}

// ErrStateBusy is wrapped by the error of a state file that another run uses.
var ErrStateBusy = errors.New("another run uses it")

// LockState keeps other runs from a state file until unlock is called or the program ends. The lock is
// on a file beside it, which stays.
func LockState(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if lockFile(f) {
		defer f.Close()
		if pid, _ := io.ReadAll(io.LimitReader(f, 20)); len(pid) > 0 {
			return nil, fmt.Errorf("%s: %w: process %s", path, ErrStateBusy, bytes.TrimSpace(pid))
		}
		return nil, fmt.Errorf("%s: %w", path, ErrStateBusy)
	}
	if err := f.Truncate(0); err == nil {
		fmt.Fprintln(f, os.Getpid()) // a help for whoever meets the lock
	}
	return func() { f.Close() }, nil
}

// Save puts the state where a crash at any moment leaves either the old or the new one. Nobody else may
// save there meanwhile: see LockState.
func (s *Bookmark) Save(path string) error {
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	name := filepath.Join(dir, "."+filepath.Base(path)+".new") // one name: a killed run leaves no heap of them
	tmp, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(name)
	_, err = tmp.Write(append(text, '\n'))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.Rename(name, path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a rename last. Where directories cannot be synced it is left to the system.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrInvalid) && !errors.Is(err, os.ErrPermission) {
		return err
	}
	return nil
}

// of says how far a log was read, and when; seen is false when it was not.
func (s *Bookmark) of(path string) (positions []logs.Position, read time.Time, seen bool) {
	if s == nil {
		return nil, time.Time{}, false
	}
	name := absolute(path)
	positions, seen = s.Logs[name]
	if read, ok := s.LogsRead[name]; ok {
		return positions, read, seen
	}
	return positions, s.Read, seen
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

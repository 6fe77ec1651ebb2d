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
	"sync"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/recorded"
	"dbtriage/rules"
)

// ErrNoRecording is wrapped by the errors of what is no recording of ours, or holds none.
var ErrNoRecording = errors.New("no recording of dbtriage")

// FormatRecording is how sources name our own recordings.
const FormatRecording = "dbtriage recording"

// ReplayOptions are what a replay may be told.
type ReplayOptions struct {
	Speed float64 // times the clock; 0 is as fast as can be
	// From is the instant in µs from which the pace is kept: what was before is read at once.
	From int64
	// To is the instant in µs at which it ends; 0 or collectors.NoTime is its own end.
	To    int64
	Look  Look
	Rules *rules.Set
	Lang  string
	// Events are known from elsewhere, such as deployments.
	Events []Event
}

// StartReplay plays a recording, a file or a folder of files, as if it happened now.
func StartReplay(ctx context.Context, path string, opt ReplayOptions) (*Session, error) {
	p, err := openPlayer(path, false)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := newSession(cancel)
	l := newLoop(s, loopOptions{mode: Replay, Events: opt.Events, Host: p.opening.Host, Interval: time.Duration(p.opening.Interval) * time.Microsecond, Look: opt.Look, Rules: opt.Rules, Lang: opt.Lang, Record: path})
	ticks := make(chan *tick, 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(ticks)
		defer p.close()
		pace(ctx, p, opt, ticks)
	})
	go func() {
		err := l.run(ctx, ticks)
		cancel()
		wg.Wait()
		s.end(err)
	}()
	return s, nil
}

// longestPause bounds how long a replay waits where the recorder was off.
const longestPause = 2 * time.Second

func pace(ctx context.Context, p *player, opt ReplayOptions, ticks chan<- *tick) {
	last := collectors.NoTime
	due := time.Now()
	for {
		t, err := p.next()
		if err != nil { // the end; what was damaged is told by the state of the source
			return
		}
		if opt.To > 0 && opt.To != collectors.NoTime && t.At >= opt.To {
			return
		}
		if opt.Speed > 0 && last != collectors.NoTime && t.At > opt.From {
			wait := min(float64(max(t.At-last, 0)*1000)/opt.Speed, float64(longestPause))
			due = due.Add(time.Duration(wait))
			select {
			case <-time.After(time.Until(due)):
			case <-ctx.Done():
				return
			}
		} else {
			due = time.Now()
		}
		last = t.At
		select {
		case ticks <- t:
		case <-ctx.Done():
			return
		}
	}
}

// A player reads the ticks of the files of one recording.
type player struct {
	files   []string
	opening opening
	apart   bool // servers are named by the machines that the files are of

	at     int // the file that is read
	file   *os.File
	reader *recorded.FileReader
	source collectors.Source
	ahead  *tick
	told   collectors.Source
}

// openPlayer opens a recording and reads its first tick. Its servers are named by its machine where apart asks for
// it, or where it is of several.
func openPlayer(path string, apart bool) (*player, error) {
	info, err := os.Stat(path)
	var at *fs.PathError
	if errors.As(err, &at) {
		return nil, fmt.Errorf("%s: %w", path, at.Err)
	}
	if err != nil {
		return nil, err
	}
	p := &player{files: []string{path}, apart: apart}
	if info.IsDir() {
		p.files = nil
		for _, f := range recorded.Files(path) {
			p.files = append(p.files, f.Path)
		}
		if len(p.files) == 0 {
			return nil, fmt.Errorf("%s: %w is in it", path, ErrNoRecording)
		}
	}
	p.source = newRecordingSource(path)
	if machines := machinesOf(p.files); len(machines) > 1 {
		p.apart = true
		p.warn("the files are of several machines (" + strings.Join(machines, ", ") + ") and played one after the other: analyze shows them side by side")
	}
	if p.ahead, err = p.read(); err != nil {
		p.close()
		if err == io.EOF {
			err = fmt.Errorf("%s: there is %w, only its beginning", path, ErrNoRecording)
		}
		return nil, err
	}
	return p, nil
}

func newRecordingSource(path string) collectors.Source {
	return collectors.Source{Path: path, Format: FormatRecording, Recording: true, From: collectors.NoTime, To: collectors.NoTime}
}

// next returns the next tick; io.EOF at the end.
func (p *player) next() (*tick, error) {
	if t := p.ahead; t != nil {
		p.ahead = nil
		return p.tell(t), nil
	}
	t, err := p.read()
	if err == io.EOF && !sameCounts(p.source, p.told) { // the damage at the end of the last file
		return p.tell(&tick{At: p.source.To}), nil
	}
	if err != nil {
		return nil, err
	}
	return p.tell(t), nil
}

func sameCounts(a, b collectors.Source) bool {
	return a.Skipped == b.Skipped && len(a.Warnings) == len(b.Warnings)
}

// tell adds the state of the recording itself to a tick, when there is news.
func (p *player) tell(t *tick) *tick {
	if p.told.Path != "" && sameCounts(p.source, p.told) {
		return t
	}
	src := p.source
	src.Warnings = slices.Clone(src.Warnings)
	p.told = src
	s := SourceState{Name: src.Path, Kind: "recording", State: "ok", Found: "named", LastAt: src.To, Log: &src}
	t.Sources = append(slices.Clip(t.Sources), s)
	return t
}

func (p *player) read() (*tick, error) {
	for {
		if p.reader == nil {
			if p.at >= len(p.files) {
				return nil, io.EOF
			}
			if err := p.open(p.files[p.at]); err != nil {
				return nil, err
			}
			p.at++
		}
		from, err := p.reader.Next()
		if err == io.EOF {
			p.endFile()
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.file.Name(), err)
		}
		t, err := tickOf(from, &p.opening)
		if err != nil {
			p.source.Skipped++
			p.warn(fmt.Sprintf("%s: %v", filepath.Base(p.file.Name()), err))
			continue
		}
		if p.apart {
			t.onMachine(p.opening.Host)
		}
		p.source.Events++
		widen(&p.source.From, &p.source.To, t.At)
		return t, nil
	}
}

func (p *player) open(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	r, err := recorded.NewFileReader(f)
	if err != nil {
		f.Close()
		return fmt.Errorf("%s: this is %w", path, ErrNoRecording)
	}
	p.file, p.reader = f, r
	return nil
}

func (p *player) endFile() {
	name := filepath.Base(p.file.Name())
	if info, err := p.file.Stat(); err == nil {
		p.source.Bytes += info.Size()
	}
	p.source.Skipped += p.reader.Skipped
	if p.reader.Skipped > 0 {
		p.warn(fmt.Sprintf("%s: damaged in %d places, %d bytes passed over", name, p.reader.Skipped, p.reader.Lost))
	}
	if p.reader.Torn {
		p.source.Skipped++
		p.warn(name + ": its last tick is torn and was left out")
	}
	p.reader.Close()
	p.file.Close()
	p.reader, p.file = nil, nil
}

func (p *player) warn(text string) {
	if len(p.source.Warnings) < 20 && !slices.Contains(p.source.Warnings, text) {
		p.source.Warnings = append(p.source.Warnings, text)
	}
}

func (p *player) close() {
	if p.reader != nil {
		p.endFile()
	}
}

// ReadReplay reads a recording, a file or a folder of them, to its end and returns what it says of a
// window: without ends, of all.
func ReadReplay(ctx context.Context, path string, w analyzers.Window) (*analyzers.Snapshot, error) {
	return readReplay(ctx, path, w, false)
}

// readReplay is ReadReplay; apart has servers named by the machine of the recording.
func readReplay(ctx context.Context, path string, w analyzers.Window, apart bool) (*analyzers.Snapshot, error) {
	p, err := openPlayer(path, apart)
	if err != nil {
		return nil, err
	}
	defer p.close()
	h := newHistory()
	for {
		t, err := p.next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && (w.To == collectors.NoTime || t.At < w.To+300e6) { // what was logged late included
			err = h.add(t)
		}
		if err != nil {
			return nil, err
		}
	}
	p.close()
	s, err := h.snapshotOf(w)
	if err != nil {
		return nil, err
	}
	s.Sources = append(s.Sources, p.source)
	return s, nil
}

package errorlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"dbtriage/collectors"
)

// SeriesRole is the role of the series of error logs: they have entries only where something went
// wrong, so what they cover says nothing about how long a server was watched.
const SeriesRole = "errors"

// maxAppended bounds what one reading of a tail takes in; the rest is left to the next.
const maxAppended = 4 << 20

// maxLine bounds a line that is kept while its end is not written.
const maxLine = 64 << 10

// A Tail counts the messages that are appended to an error log. It is asked by one goroutine at a time.
type Tail struct {
	path    string
	dialect *Dialect
	zone    *time.Location
	file    *os.File
	offset  int64
	rest    []byte // a line without its end
	begun   bool
	skipped int64
}

// NewTail makes a Tail of a log, which begins at its end. Times are not read: what is new is of now.
func NewTail(path string, d *Dialect) *Tail { return &Tail{path: path, dialect: d, zone: time.UTC} }

// Close closes the log.
func (t *Tail) Close() {
	if t.file != nil {
		_ = t.file.Close()
		t.file = nil
	}
}

// Read counts what was appended since the Read before: the first has a 0 for each kind. It follows
// rotation by rename and by truncation. The error is a *collectors.SourceError, or says that the log
// is not there.
func (t *Tail) Read(_ context.Context, now time.Time) (collectors.Reading, error) {
	begun := time.Now()
	out := collectors.Reading{At: now.UnixMicro(), Source: t.path, Role: SeriesRole}
	counts := map[errorKey]float64{}
	if !t.begun {
		for _, k := range t.dialect.Kinds {
			counts[errorKey{k.Name, ""}] = 0
		}
		counts[errorKey{Other, ""}] = 0
	}
	counts[errorKey{"lines", ""}] = 0
	if err := t.appended(counts); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return out, &collectors.SourceError{Denied: true, Err: err, Provide: "sudo setfacl -m u:$USER:r " + t.path}
		}
		return out, &collectors.SourceError{Err: err}
	}
	t.begun = true
	for k, n := range counts {
		out.Samples = append(out.Samples, collectors.Sample{At: out.At, Name: t.dialect.Prefix + k.kind, Instance: k.upstream, Value: n})
	}
	if t.skipped > 0 {
		out.Missing = append(out.Missing, collectors.Missing{What: "lines of " + t.path, Why: fmt.Sprintf("%d lines are no messages of a %s", t.skipped, t.dialect.Name)})
	}
	out.CostUS = time.Since(begun).Microseconds()
	return out, nil
}

type errorKey struct{ kind, upstream string }

// appended reads what is new, of the file that was there before too when another took its name.
func (t *Tail) appended(counts map[errorKey]float64) error {
	now, err := os.Stat(t.path)
	if t.file == nil {
		if err == nil && !now.Mode().IsRegular() {
			err = fmt.Errorf("%s is no plain file", t.path)
		}
		if err != nil {
			return err
		}
		if t.file, err = os.Open(t.path); err != nil {
			return err
		}
		if !t.begun {
			t.offset = now.Size()
		}
	}
	if err := t.readOn(counts); err != nil {
		return err
	}
	ours, err2 := t.file.Stat()
	if err != nil || err2 != nil || os.SameFile(ours, now) { // renamed and not made anew: the old one goes on
		return nil
	}
	t.Close()
	t.offset, t.rest = 0, t.rest[:0]
	if t.file, err = os.Open(t.path); err != nil {
		return err
	}
	return t.readOn(counts)
}

func (t *Tail) readOn(counts map[errorKey]float64) error {
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() < t.offset { // truncated
		t.offset, t.rest = 0, t.rest[:0]
	}
	text, err := io.ReadAll(io.LimitReader(io.NewSectionReader(t.file, t.offset, info.Size()-t.offset), maxAppended))
	if err != nil {
		return err
	}
	t.offset += int64(len(text))
	text = append(t.rest, text...)
	for {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			break
		}
		t.line(bytes.TrimRight(text[:end], "\r"), counts)
		text = text[end+1:]
	}
	t.rest = append([]byte(nil), text[:min(len(text), maxLine)]...)
	return nil
}

// maxUpstreams bounds the upstreams that one reading tells apart.
const maxUpstreams = 64

func (t *Tail) line(line []byte, counts map[errorKey]float64) {
	e, ok := t.dialect.Parse(line, t.zone)
	if !ok {
		if t.dialect.Whole && len(line) > 0 {
			t.skipped++
		}
		return
	}
	counts[errorKey{"lines", ""}]++
	if e.Kind == "" {
		return
	}
	counts[errorKey{e.Kind, ""}]++
	if _, have := counts[errorKey{e.Kind, e.Upstream}]; e.Upstream != "" && (have || len(counts) < maxUpstreams+len(t.dialect.Kinds)) {
		counts[errorKey{e.Kind, e.Upstream}]++
	}
}

package session

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/recorded"
)

// readRecording reads a recording of a host or a server into the snapshot. Samples outside of the
// snapshot's window are left out; settings and tables have no time.
func readRecording(ctx context.Context, s *analyzers.Snapshot, in Input, from io.Reader, f *recorded.Format, offsets []Offset) (collectors.Source, error) {
	host := ""
	shift := shiftOf(offsets, in.Path, f.Role)
	w := s.Window
	if w == (analyzers.Window{}) {
		w = analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}
	}
	list := func(at int64) (r collectors.Reading, ok bool) {
		at = shifted(at, shift)
		return collectors.Reading{At: at, Source: in.Path, Host: host, Role: f.SeriesRole()}, w.Holds(at)
	}
	res, err := recorded.Read(ctx, from, f, recorded.Options{Base: filepath.Base(in.Path), Modified: modified(in), Zone: zone(in), Location: time.Local}, recorded.Sink{
		Host: func(name string) { host = name },
		Sample: func(v collectors.Sample) {
			v.At = shifted(v.At, shift)
			if !w.Holds(v.At) {
				return
			}
			if s.Series == nil {
				s.Series = analyzers.NewSeriesSet()
			}
			s.Series.Add(host, f.SeriesRole(), v)
		},
		Setting:    s.Set,
		Configured: s.SetConfigured,
		Table:      s.AddTable,
		Sessions: func(at int64, all []collectors.Session) {
			if r, ok := list(at); ok {
				r.Sessions = all
				s.AddList(r)
			}
		},
		Waits: func(at int64, all []collectors.Wait) {
			if r, ok := list(at); ok {
				r.Waits = all
				s.AddList(r)
			}
		},
	})
	src := collectors.Source{
		Path: in.Path, Format: f.Name, Role: f.Role, Recording: true, Host: res.Host, Bytes: res.Bytes, Events: res.Events,
		Skipped: res.Skipped, Skips: res.Skips, Warnings: res.Warnings, From: res.From, To: res.To,
	}
	if err != nil {
		src.Warnings = append(src.Warnings, stopped(res.Bytes, err))
		err = fmt.Errorf("%s: %w", in.Path, err)
	}
	return src, err
}

// readOwn reads a recording of ours into the snapshot, and returns what it is as a source beside those
// that were recorded.
func readOwn(ctx context.Context, s *analyzers.Snapshot, in Input, opt Options) (collectors.Source, error) {
	w := s.Window
	if w == (analyzers.Window{}) {
		w = analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}
	}
	r, err := readReplay(ctx, in.Path, w, opt.apart)
	if err != nil {
		return newRecordingSource(in.Path), err
	}
	src := r.Sources[len(r.Sources)-1]
	if asked := opt.Filter.String(); asked != "" {
		src.Warnings = append(src.Warnings, "what was recorded is added up already: it cannot be filtered by "+asked)
	}
	for _, recorded := range r.Sources[:len(r.Sources)-1] {
		s.Sources = append(s.Sources, recorded)
		s.WrittenBy(recorded.Version, recorded.VersionComment)
	}
	s.Digest.Merge(r.Digest)
	if s.Series == nil {
		s.Series = r.Series
	} else {
		s.Series.Merge(r.Series)
	}
	s.Join(r)
	return src, nil
}

// modified is when the file of an input was last written.
func modified(in Input) int64 {
	if in.Open != nil {
		return collectors.NoTime
	}
	info, err := os.Stat(in.Path)
	if err != nil {
		return collectors.NoTime
	}
	return info.ModTime().UnixMicro()
}

// zone is how far the host's clock is ahead of UTC: a file of the same pt-stalk capture may tell, by
// stamps that hold both times. Where none does, the clock is taken to be in UTC.
func zone(in Input) int64 {
	prefix := recorded.StalkPrefix(filepath.Base(in.Path))
	if prefix == "" || in.Open != nil {
		return 0
	}
	for _, part := range []string{"processlist", "transactions", "lock-waits", "df", "meminfo", "procstat", "diskstats"} {
		f, err := os.Open(filepath.Join(filepath.Dir(in.Path), prefix+part))
		if err != nil {
			continue
		}
		head := make([]byte, 128)
		n, _ := io.ReadFull(f, head)
		f.Close()
		line, _, _ := bytes.Cut(head[:n], []byte("\n"))
		if ahead, ok := recorded.ZoneOf(line); ok {
			return ahead
		}
	}
	return 0
}

package session

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/recorded"
)

// readRecording reads a recording of a host or a server into the snapshot. Samples outside of the
// snapshot's window are left out; settings and tables have no time.
func readRecording(ctx context.Context, s *analyzers.Snapshot, in Input, from io.Reader, f *recorded.Format) (collectors.Source, error) {
	host := ""
	w := s.Window
	if w == (analyzers.Window{}) {
		w = analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}
	}
	res, err := recorded.Read(ctx, from, f, recorded.Options{Base: filepath.Base(in.Path), Modified: modified(in)}, recorded.Sink{
		Host: func(name string) { host = name },
		Sample: func(v collectors.Sample) {
			if !w.Holds(v.At) {
				return
			}
			if s.Series == nil {
				s.Series = analyzers.NewSeriesSet()
			}
			s.Series.Add(host, f.Role, v)
		},
		Setting: s.Set,
		Table:   s.AddTable,
	})
	src := collectors.Source{
		Path: in.Path, Format: f.Name, Role: f.Role, Recording: true, Host: res.Host, Bytes: res.Bytes, Events: res.Events,
		Skipped: res.Skipped, Skips: res.Skips, Warnings: res.Warnings, From: res.From, To: res.To,
	}
	if err != nil {
		src.Warnings = append(src.Warnings, fmt.Sprintf("reading stopped after %d bytes: %v", res.Bytes, err))
		err = fmt.Errorf("%s: %w", in.Path, err)
	}
	return src, err
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

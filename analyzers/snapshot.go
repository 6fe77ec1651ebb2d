package analyzers

import (
	"slices"

	"dbtriage/collectors"
)

// A Window is a half-open span of time, in microseconds since the epoch. Either end may be
// collectors.NoTime: not known.
type Window struct{ From, To int64 }

// A Snapshot is all that is known of one system over one window. It is stored and judged; what can
// be derived from it is not kept in it.
type Snapshot struct {
	Window Window
	// Asked are the flags of the filter that events had to fit, empty without one.
	Asked string
	// Resumed says that the logs were read from where an earlier run had stopped.
	Resumed bool
	Sources []collectors.Source
	// Unread are the inputs that were named and of which nothing could be read.
	Unread []collectors.Source
	Digest *Digest

	Series   *SeriesSet        // what was sampled of hosts and servers; nil when nothing was
	Settings map[string]string // of the server
	// Configured are the names in Settings that only an option file told.
	Configured map[string]bool
	Engine     Engine
	Tables     []collectors.Table
	// Servers are the database servers that were asked, by address; see Several.
	Servers []Server
	// Server is the address of the one among several that the snapshot is narrowed to; else empty.
	Server string
	// Lists are the sessions and waits that servers listed, each at an instant, in the order of the
	// inputs; see AddList.
	Lists []collectors.Reading
	// Missing is what could not be read of sources that were reached.
	Missing []collectors.Missing

	tableAt map[string][]int // name → places in Tables
}

// maxLists bounds the lists of one source: of more, every other one goes.
const maxLists = 240

// AddList takes in what a source listed at an instant.
func (s *Snapshot) AddList(r collectors.Reading) {
	s.Lists = append(s.Lists, r)
	n := 0
	for i := range s.Lists {
		if s.Lists[i].Source == r.Source {
			n++
		}
	}
	if n <= maxLists {
		return
	}
	odd := false
	s.Lists = slices.DeleteFunc(s.Lists, func(have collectors.Reading) bool {
		odd = odd != (have.Source == r.Source)
		return have.Source == r.Source && odd
	})
}

// ListsAt returns the newest list of each source at an instant.
func (s *Snapshot) ListsAt(at int64) []collectors.Reading {
	var out []collectors.Reading
	for _, r := range s.Lists {
		if r.At > at {
			continue
		}
		i := slices.IndexFunc(out, func(have collectors.Reading) bool { return have.Source == r.Source })
		switch {
		case i < 0:
			out = append(out, r)
		case out[i].At <= r.At:
			out[i] = r
		}
	}
	return out
}

// HasSlowLog reports whether any statement source was read, even an empty one.
func (s *Snapshot) HasSlowLog() bool { return s.hasRole("db") }

// Book names where a server keeps the statements that were read, when they are of no log: a format of sources;
// empty otherwise.
func (s *Snapshot) Book() (format string) {
	for _, src := range s.Sources {
		if src.Role != "db" || src.Recording {
			continue
		}
		if src.Format != collectors.PerformanceSchema && src.Format != collectors.SlowLogTable {
			return ""
		}
		format = src.Format
	}
	return format
}

// HasAccessLog reports whether any web server log was read, even an empty one.
func (s *Snapshot) HasAccessLog() bool { return s.hasRole("web") }

func (s *Snapshot) hasRole(role string) bool {
	for _, src := range s.Sources {
		if src.Role == role && !src.Recording {
			return true
		}
	}
	return false
}

// HasRecording reports whether a recording of a role, host or db, was read, even an empty one.
func (s *Snapshot) HasRecording(role string) bool {
	for _, src := range s.Sources {
		if src.Role == role && src.Recording {
			return true
		}
	}
	return false
}

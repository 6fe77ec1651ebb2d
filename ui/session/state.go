package session

import (
	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/rules"
)

// A Mode says where the readings of a session come from.
type Mode string

const (
	Live   Mode = "live"
	Replay Mode = "replay"
	Batch  Mode = "batch"
)

// A Look is what a viewer asks a session for: the window of Width that ends at Cursor.
type Look struct {
	Cursor int64 // µs since the epoch; collectors.NoTime follows the newest
	Width  int64 // µs; 0 is all there is
}

// A State is one view of a session, whole and never changed again. Whoever shows it reads nothing else.
type State struct {
	Seq  int64 // grows with every state of a session
	Mode Mode
	Host string // the machine, as it calls itself
	Look Look
	At   int64 // the instant shown: the cursor, or the newest
	// From and To span what the session can show.
	From, To int64
	Interval int64 // µs between readings; 0 in a batch

	Diagnosis Diagnosis            // of the window
	Rules     *rules.Set           // that it was judged by; nil before they were read
	Latest    []collectors.Reading // the newest of each source at that instant
	Events    []Event              // of all there is, in time order
	Sources   []SourceState
	Progress  Progress
	Own       OwnCost
	Recording string // the file that is written, or played; empty when none is
	Recorded  int64  // bytes of the file that is written
	// RecordedSince is when recording began; 0 when nothing is written.
	RecordedSince int64
	Ended         bool // a replay has come to its end, or a batch has been read
}

// An Event is something that happened at an instant: an onset, a changed setting, a restart.
type Event struct {
	At   int64
	Kind string // onset, setting, restart, rotation, ddl, deploy, gap, deadlock
	Text string // hostile where it quotes a server
}

// A SourceState says how a source is doing.
type SourceState struct {
	Name    string // as Reading.Source, or the path of a log
	Kind    string // host, mysql, redis, memcached, nginx, log
	State   string // ok, waiting, slow, lost, denied or absent
	Found   string // how it was found: "named", "process 812", "setting slow_query_log_file"
	Why     string // of a state that is not ok
	Provide string // what would help
	LastAt  int64  // of its newest reading or event; NoTime when none
	CostUS  int64  // of its newest reading
	Log     *collectors.Source
}

// A Progress says how much of the logs has been read. Until it is done the verdict is provisional.
type Progress struct {
	Read, Total int64 // bytes; Total is 0 when nothing is left to read
}

// An OwnCost is what we take ourselves.
type OwnCost struct {
	CPU      float64 // cores, over the last second or so
	Memory   int64   // resident bytes
	ServerUS int64   // time of our statements on database servers, since the state before
}

// Span is the window that a look asks for within what there is.
func (l Look) Span(from, to int64) analyzers.Window {
	w := analyzers.Window{From: from, To: to}
	if l.Cursor != collectors.NoTime {
		w.To = min(to, l.Cursor)
	}
	if l.Width > 0 {
		w.From = max(from, w.To-l.Width)
	}
	return w
}

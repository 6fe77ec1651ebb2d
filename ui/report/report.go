// Package report shows a judged snapshot in reading order: the verdict, where the time went, the
// findings with their advice, then what they rest on. A report is derived and never stored.
package report

import (
	"cmp"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
	"dbtriage/rules"
)

// Options are what the reader of a report asks for.
type Options struct {
	Samples bool   // show the slowest statement of each class with its literals
	Top     int    // classes, endpoints, tables and peers to list; 0 is all in JSON, ten elsewhere
	Sort    string // one of Orders; empty is the first
	Lang    string // of the headings: en or zh
	Version string // of the program that made the report
	// Text reads a statement again from its place in a source, for classes of which only counts and
	// sums were kept; nil when none can be.
	Text func(source string, offset int64) (sql string, ok bool)
}

// A Report is a snapshot with its verdict, findings and gaps in reading order.
type Report struct {
	Options Options

	Window      analyzers.Window
	Sources     []collectors.Source // what was read, then what could not be
	Server      analyzers.Engine    // zero when not known
	Verdict     rules.Verdict
	Attribution timeline.Attribution
	Findings    []rules.Finding
	Gaps        []rules.Gap
	Settings    bool          // whether variables of the server were read
	InForce     rules.InForce // overrides of the rules that the findings rest on
	Workload    analyzers.Workload
	Digest      *analyzers.Digest
	PlanNotes   analyzers.PlanNotes

	Classes   []*analyzers.Class    // in the order asked for, then by time and id
	Endpoints []*analyzers.Endpoint // in the order asked for, then by time and route
	Peers     []*analyzers.Peer     // by response time, longest first, then by address

	// Emptied says why nothing is left of the events of the logs; empty when there is some, or none
	// were read.
	Emptied string

	// SlowLog and AccessLog say whether such a log was read at all: without one its numbers are
	// unknown, not zero.
	SlowLog, AccessLog bool
}

// New puts a snapshot and what was concluded from it into reading order. It keeps references to
// all of them.
func New(s *analyzers.Snapshot, w analyzers.Workload, a timeline.Attribution, j rules.Judgement, opt Options) *Report {
	d := s.Digest
	if d == nil {
		d = analyzers.NewDigest()
	}
	if j.Verdict.Layer == "" {
		j.Verdict.Layer = rules.LayerUnknown
		j.Verdict.Since = collectors.NoTime
	}
	emptied := emptied(s, d, opt.Lang)
	if emptied != "" {
		j.Verdict.Summary = emptied
	}
	return &Report{
		Emptied:     emptied,
		Options:     opt,
		Window:      windowOf(s, d),
		Sources:     slices.Concat(s.Sources, s.Unread),
		Server:      s.Engine,
		Verdict:     j.Verdict,
		Attribution: a,
		Findings:    j.Findings,
		Gaps:        j.Gaps,
		InForce:     j.InForce,
		Settings:    len(s.Settings) > 0,
		Workload:    w,
		Digest:      d,
		PlanNotes:   analyzers.PlanNotesOf(d, s.Engine),
		Classes:     sortedClasses(d, opt.Sort),
		Endpoints:   sortedEndpoints(d, opt.Sort),
		Peers:       peersByTime(d),
		SlowLog:     s.HasSlowLog() || d.Statements.Count > 0,
		AccessLog:   s.HasAccessLog() || d.Web.Count > 0,
	}
}

// windowOf returns the window that was asked for; an end that was not is where the logs begin or
// end, in whole seconds, and without logs the recordings.
func windowOf(s *analyzers.Snapshot, d *analyzers.Digest) analyzers.Window {
	w := s.Window
	first, last := collectors.NoTime, collectors.NoTime
	for _, p := range [][2]int64{{d.Web.First, d.Web.Last}, {d.App.First, d.App.Last}, {d.Statements.First, d.Statements.Last}} {
		if p[0] != collectors.NoTime && (first == collectors.NoTime || p[0] < first) {
			first = p[0]
		}
		last = max(last, p[1])
	}
	if first == collectors.NoTime {
		first, last = s.Series.Span()
	}
	if w.From == collectors.NoTime && first != collectors.NoTime {
		w.From = floorSecond(first) * 1e6
	}
	if w.To == collectors.NoTime && last != collectors.NoTime {
		w.To = (floorSecond(last) + 1) * 1e6
	}
	return w
}

func peersByTime(d *analyzers.Digest) []*analyzers.Peer {
	out := make([]*analyzers.Peer, 0, len(d.Peers))
	for _, p := range d.Peers {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *analyzers.Peer) int {
		return cmp.Or(cmp.Compare(b.Response.Sum, a.Response.Sum), cmp.Compare(b.Attempts, a.Attempts),
			strings.Compare(a.Addr, b.Addr))
	})
	return out
}

// top returns the first rows of a list: as many as the reader asked for, else as many as the format
// shows by itself, where 0 is all.
func top[T any](rows []T, asked, usual int) []T {
	n := asked
	if n <= 0 {
		n = usual
	}
	if n <= 0 || n > len(rows) {
		n = len(rows)
	}
	return rows[:n]
}

// roleTotals returns the totals that a role's endpoints are shares of.
func (r *Report) roleTotals(role string) *analyzers.RequestTotals {
	if role == "app" {
		return &r.Digest.App
	}
	return &r.Digest.Web
}

// spanSeconds returns how many whole seconds the instants first to last touch; ok is false when
// they are not known.
func spanSeconds(first, last int64) (s float64, ok bool) {
	if first == collectors.NoTime || last == collectors.NoTime || last < first {
		return 0, false
	}
	return float64(floorSecond(last)-floorSecond(first)) + 1, true
}

func floorSecond(us int64) int64 {
	s := us / 1e6
	if us%1e6 < 0 {
		s--
	}
	return s
}

// ratio returns a/b; ok is false when b is not above zero or a is unknown.
func ratio(a, b int64) (q float64, ok bool) {
	if b <= 0 || a < 0 {
		return 0, false
	}
	return float64(a) / float64(b), true
}

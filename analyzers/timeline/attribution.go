// Package timeline puts what was measured on one time axis: when things turned bad, and how the
// time of the requests divides between the layers then and before.
package timeline

import "dbtriage/analyzers"

// Absent marks a sum for which no source was read.
const Absent int64 = -1

// A Division says where the request time of one window went. All times are sums in microseconds
// over what ended in the window; they divide totals, never percentiles. A sum is Absent when
// no source for it was read.
type Division struct {
	From, To int64 // seconds since the epoch, half-open

	Requests   int64
	RequestUS  int64 // as the web server saw it
	ClientUS   int64 // request − upstream of proxied requests: slow clients, network, buffering
	WebUS      int64 // requests that the web server answered by itself
	UpstreamUS int64 // waiting for the application behind it
	AppUS      int64 // the application's own log of its requests

	Statements int64
	DBUS       int64 // sum of Query_time; a lower bound when the slow log is cut by a threshold
	Errors5xx  int64
	Retried    int64
}

// An Attribution is the division of request time for the whole log, for the bad window and for the
// baseline before it.
type Attribution struct {
	// Whole spans what all sources cover together; without such an overlap, what any covers.
	Whole    Division
	Bad      Division // equals Whole when no onset was found
	Baseline Division // zero when there is none
	// Onset is when the bad window began, in seconds since the epoch; 0 when nothing changed.
	Onset int64
	// Change says what the onset was found in: "request time", "errors", "database time" …
	Change string
	// Ratio is the measure in the bad window over the one before; for errors and retries, which may
	// have been none, it is the share in the bad window.
	Ratio float64
	// Overlap says that every kind of source that was read covers part of one span. Without it the
	// sources cannot explain each other.
	Overlap bool
}

// Attribute divides the request time of a snapshot.
func Attribute(s *analyzers.Snapshot) Attribution {
	cells := s.Digest.Series.Cells()
	width := s.Digest.Series.Width()
	from, to, overlap := span(s, width)
	a := Attribution{Overlap: overlap}
	kinds := sourcesOf(s)
	var in []analyzers.Second
	for _, c := range cells {
		if c.Start >= from && c.Start < to {
			in = append(in, c)
		}
	}
	a.Whole = divide(in, kinds, from, to)
	a.Bad = a.Whole
	bad, ok := findOnset(in, width, kinds)
	if !ok {
		return a
	}
	a.Onset, a.Change, a.Ratio = bad.from, bad.measure, bad.ratio
	a.Baseline = divide(between(in, from, bad.from), kinds, from, bad.from)
	a.Bad = divide(between(in, bad.from, bad.to), kinds, bad.from, bad.to)
	return a
}

// kinds says which kinds of source were read.
type kinds struct{ web, app, db bool }

func sourcesOf(s *analyzers.Snapshot) kinds {
	d := s.Digest
	return kinds{web: d.Web.Count > 0, app: d.App.Count > 0, db: d.Statements.Count > 0}
}

// span returns the seconds that web and database logs cover together, or all there are.
func span(s *analyzers.Snapshot, width int64) (from, to int64, overlap bool) {
	type part struct{ first, last int64 }
	d := s.Digest
	var parts []part
	for _, p := range []struct {
		seen        bool
		first, last int64
	}{
		{d.Web.Count > d.Web.WithoutTime, d.Web.First, d.Web.Last},
		{d.App.Count > d.App.WithoutTime, d.App.First, d.App.Last},
		{d.Statements.Count > d.Statements.WithoutTime, d.Statements.First, d.Statements.Last},
	} {
		if p.seen {
			parts = append(parts, part{down(p.first, width), down(p.last, width) + width})
		}
	}
	if len(parts) == 0 {
		return 0, 0, false
	}
	if n := len(parts) - 1; n > 0 && sparse(&d.Statements) && parts[n].first < parts[0].last && parts[0].first < parts[n].last {
		parts = parts[:n]
	}
	common, all := parts[0], parts[0]
	for _, p := range parts[1:] {
		common = part{max(common.first, p.first), min(common.last, p.last)}
		all = part{min(all.first, p.first), max(all.last, p.last)}
	}
	if common.first < common.last {
		return common.first, common.last, true
	}
	return all.first, all.last, false
}

// Statements of which each takes sparseFloor or longer, in microseconds, are the slow ones of many; with
// fewer than sparseCount of them, guesses of ours, the first and the last do not say when the log begins
// and ends.
const (
	sparseFloor = 10_000
	sparseCount = 200
)

// sparse reports whether a slow log is cut by a threshold that leaves so little that its silence is no gap.
func sparse(t *analyzers.StatementTotals) bool {
	return t.Count > 0 && t.Count < sparseCount && t.Time.Min >= sparseFloor
}

// down rounds microseconds down to a cell's start in seconds.
func down(us, width int64) int64 {
	s := us / 1e6
	if us%1e6 < 0 {
		s--
	}
	return s - ((s%width)+width)%width
}

func between(cells []analyzers.Second, from, to int64) []analyzers.Second {
	var out []analyzers.Second
	for _, c := range cells {
		if c.Start >= from && c.Start < to {
			out = append(out, c)
		}
	}
	return out
}

func divide(cells []analyzers.Second, have kinds, from, to int64) Division {
	d := Division{From: from, To: to}
	for i := range cells {
		c := &cells[i]
		d.Requests += c.Requests
		d.RequestUS += c.RequestUS
		d.ClientUS += c.ClientUS
		d.UpstreamUS += c.UpstreamUS
		d.AppUS += c.AppUS
		d.Statements += c.Statements
		d.DBUS += c.QueryUS
		d.Errors5xx += c.Errors5xx
		d.Retried += c.Retried
	}
	d.WebUS = max(d.RequestUS-d.ClientUS-d.UpstreamUS, 0)
	if !have.web {
		d.RequestUS, d.ClientUS, d.WebUS, d.UpstreamUS = Absent, Absent, Absent, Absent
	}
	if !have.app {
		d.AppUS = Absent
	}
	if !have.db {
		d.DBUS = Absent
	}
	return d
}

// Seconds returns the length of the window.
func (d Division) Seconds() int64 { return d.To - d.From }

// Shares are the parts of a window's request time that each layer holds; they sum to one.
type Shares struct{ Client, Web, App, Database float64 }

// Shares divides the request time; ok is false without a web server's log or without time in it.
// Database time beyond what the web server waited for its upstreams is not the requests' and is cut
// off: Background tells it.
func (d Division) Shares() (s Shares, ok bool) {
	if d.RequestUS <= 0 {
		return s, false
	}
	// Nginx rounds each time to milliseconds on its own, so the parts may exceed the whole.
	total := float64(max(d.RequestUS, d.ClientUS+d.WebUS+d.UpstreamUS))
	db := float64(min(max(d.DBUS, 0), d.UpstreamUS))
	return Shares{
		Client:   float64(d.ClientUS) / total,
		Web:      float64(d.WebUS) / total,
		App:      (float64(d.UpstreamUS) - db) / total,
		Database: db / total,
	}, true
}

// Background is how much more time the database spent than any request waited for, as a multiple of
// the upstream time: work that no request of this web server asked for. It is 0 without both logs.
func (d Division) Background() float64 {
	if d.DBUS <= 0 || d.UpstreamUS <= 0 {
		return 0
	}
	return max(float64(d.DBUS)/float64(d.UpstreamUS)-1, 0)
}

// Running is how many statements ran at a time, on average of the window: by Little's law, their time
// together divided by the time that passed. It is 0 without a slow log.
func (d Division) Running() float64 {
	if d.DBUS <= 0 || d.To <= d.From {
		return 0
	}
	return float64(d.DBUS) / (float64(d.Seconds()) * 1e6)
}

// The limits of a queue before the database, guesses of ours: small pools have four connections or
// more, and nothing queues for connections of which most are idle.
const (
	queueRunning = 3
	queueGrowth  = 5
)

// Queue reports whether the application waits for connections rather than for itself: since the onset
// statements keep several of them busy all the time, many times as many as before. What it waits
// then is seen in its time and made by the statements.
func (a Attribution) Queue() bool {
	return a.Onset != 0 && a.Bad.Running() >= queueRunning && a.Bad.Running() >= queueGrowth*a.Baseline.Running()
}

// Excess divides what a request took longer in the bad window than before it; without a baseline,
// all of the request time. ok is false when there is nothing to divide.
func (a Attribution) Excess() (s Shares, ok bool) {
	bad, ok := a.Bad.Shares()
	if !ok {
		return s, false
	}
	base, hasBase := a.Baseline.Shares()
	if !hasBase || a.Baseline.Requests == 0 || a.Bad.Requests == 0 {
		return bad, true
	}
	perBad := float64(a.Bad.RequestUS) / float64(a.Bad.Requests)
	perBase := float64(a.Baseline.RequestUS) / float64(a.Baseline.Requests)
	more := func(b, c float64) float64 { return max(b*perBad-c*perBase, 0) }
	s = Shares{more(bad.Client, base.Client), more(bad.Web, base.Web), more(bad.App, base.App), more(bad.Database, base.Database)}
	sum := s.Client + s.Web + s.App + s.Database
	if sum <= 0.1*perBase { // no slower than before: what changed is not the time
		return bad, true
	}
	return Shares{s.Client / sum, s.Web / sum, s.App / sum, s.Database / sum}, true
}

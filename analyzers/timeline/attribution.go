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

	AppRequests  int64 // in the application's own log
	AppErrors5xx int64

	Statements int64
	DBUS       int64 // sum of Query_time; a lower bound when the slow log is cut by a threshold
	Errors5xx  int64
	Retried    int64
}

// An Attribution is the division of request time for the whole log, for the bad window and for the
// baseline before it.
type Attribution struct {
	// Whole spans what all sources cover together. A source that has no part in that time is left out of it,
	// and its sums are Absent: the web server's log comes first, then the application's.
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
	// Overlap says that every kind of source that was read covers part of one span: none was left out.
	Overlap bool
}

// Attribute divides the request time of a snapshot.
func Attribute(s *analyzers.Snapshot) Attribution {
	cells := s.Digest.Series.Cells()
	width := s.Digest.Series.Width()
	kinds := sourcesOf(s)
	from, to, overlap := span(s, width, &kinds)
	a := Attribution{Overlap: overlap}
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

// kinds says which kinds of source were read, and whether the web server's log says how long requests took.
type kinds struct{ web, timed, app, db bool }

func sourcesOf(s *analyzers.Snapshot) kinds {
	d := s.Digest
	return kinds{web: d.Web.Count > 0, timed: d.Web.WithTime > 0, app: d.App.Count > 0, db: d.Statements.Count > 0}
}

// span returns the seconds that the logs cover together. Kinds that have no part in them are struck out; when
// that is because a log is of another time, overlap is false.
func span(s *analyzers.Snapshot, width int64, have *kinds) (from, to int64, overlap bool) {
	type part struct {
		first, last int64
		kind        *bool
	}
	d := s.Digest
	var parts []part
	for _, p := range []struct {
		seen        bool
		first, last int64
		kind        *bool
	}{
		{d.Web.Count > d.Web.WithoutTime, d.Web.First, d.Web.Last, &have.web},
		{d.App.Count > d.App.WithoutTime, d.App.First, d.App.Last, &have.app},
		{d.Statements.Count > d.Statements.WithoutTime, d.Statements.First, d.Statements.Last, &have.db},
	} {
		*p.kind = p.seen
		if p.seen {
			parts = append(parts, part{down(p.first, width), down(p.last, width) + width, p.kind})
		}
	}
	have.timed = have.timed && have.web
	if len(parts) == 0 {
		return 0, 0, false
	}
	if n := len(parts) - 1; n > 0 && sparse(&d.Statements) && parts[n].first < parts[0].last && parts[0].first < parts[n].last {
		parts = parts[:n]
	}
	from, to, overlap = parts[0].first, parts[0].last, true
	for _, p := range parts[1:] {
		if p.first >= to || p.last <= from {
			*p.kind, overlap = false, false
			continue
		}
		from, to = max(from, p.first), min(to, p.last)
	}
	return from, to, overlap
}

// With fewer than sparseCount statements, a guess of ours, the first and the last of a log that is cut by a
// threshold do not say when it begins and ends.
const sparseCount = 200

// sparse reports whether a slow log is cut by a threshold that leaves so little that its silence is no gap.
func sparse(t *analyzers.StatementTotals) bool {
	cut, _ := t.Cut()
	return cut && t.Count < sparseCount
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
		d.AppRequests += c.AppRequests
		d.AppErrors5xx += c.AppErrors5xx
		d.Statements += c.Statements
		d.DBUS += c.QueryUS
		d.Errors5xx += c.Errors5xx
		d.Retried += c.Retried
	}
	d.WebUS = max(d.RequestUS-d.ClientUS-d.UpstreamUS, 0)
	if d.ClientUS < 0 { // what is left of rounding: the whole counts
		d.UpstreamUS, d.ClientUS = max(d.UpstreamUS+d.ClientUS, 0), 0
	}
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

// Asked is how long requests took together and how many there were: as the web server saw them or, where its
// log does not say, as the application did. Without either, us is not above zero.
func (d Division) Asked() (us, requests int64) {
	if d.RequestUS <= 0 && d.AppUS > 0 {
		return d.AppUS, d.AppRequests
	}
	return d.RequestUS, d.Requests
}

// behind is what requests waited for the application and what stands behind it.
func (d Division) behind() int64 {
	if d.RequestUS <= 0 && d.AppUS > 0 {
		return d.AppUS
	}
	return d.UpstreamUS
}

// Shares divides the request time or, where no web server's log tells it, the application's; ok is false
// without time in either. Database time beyond what requests waited for the application is not the
// requests' and is cut off: Background tells it.
func (d Division) Shares() (s Shares, ok bool) {
	if us, _ := d.Asked(); us <= 0 {
		return s, false
	}
	behind := d.behind()
	db := float64(min(max(d.DBUS, 0), behind))
	if d.RequestUS <= 0 {
		return Shares{App: (float64(behind) - db) / float64(behind), Database: db / float64(behind)}, true
	}
	total := float64(max(d.RequestUS, d.ClientUS+d.WebUS+d.UpstreamUS))
	return Shares{
		Client:   float64(d.ClientUS) / total,
		Web:      float64(d.WebUS) / total,
		App:      (float64(d.UpstreamUS) - db) / total,
		Database: db / total,
	}, true
}

// Background is how much more time the database spent than any request waited for, as a multiple of
// the time behind the web server: work that no request asked for. It is 0 without both logs.
func (d Division) Background() float64 {
	behind := d.behind()
	if d.DBUS <= 0 || behind <= 0 {
		return 0
	}
	return max(float64(d.DBUS)/float64(behind)-1, 0)
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
	badUS, requests := a.Bad.Asked()
	baseUS, before := a.Baseline.Asked()
	if !hasBase || before == 0 || requests == 0 {
		return bad, true
	}
	perBad, perBase := float64(badUS)/float64(requests), float64(baseUS)/float64(before)
	more := func(b, c float64) float64 { return max(b*perBad-c*perBase, 0) }
	s = Shares{more(bad.Client, base.Client), more(bad.Web, base.Web), more(bad.App, base.App), more(bad.Database, base.Database)}
	sum := s.Client + s.Web + s.App + s.Database
	if sum <= 0.1*perBase { // no slower than before: what changed is not the time
		return bad, true
	}
	return Shares{s.Client / sum, s.Web / sum, s.App / sum, s.Database / sum}, true
}

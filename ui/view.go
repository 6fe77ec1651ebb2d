package ui

import (
	"math"
	"slices"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/ui/report"
	"dbtriage/ui/session"
	"dbtriage/ui/widget"
)

// A view is all that a screen may read: one state, what was derived from it, and how it is looked at.
type view struct {
	state   *session.State
	report  *report.Report
	style   widget.Style
	width   int // of the terminal
	height  int
	options Options
	table   bool // tables in place of graphs, by the key v
	cells   []analyzers.Second
	window  analyzers.Window // that the axes of all curves span
	// selected is the row of the cursor in the focused panel, for what shows it in full beside it.
	selected string
	// page is what Enter would open of it; nil where there is no more to show.
	page func() *page
	// readings are the newest of the sources that answer at the instant shown.
	readings []collectors.Reading
	// servers are the addresses of the database servers; server is the one of several that is shown, and
	// empty where there are no two.
	servers []string
	server  string
	// of is the server that the report is of alone; empty where it is of all.
	of string
	// own are the reports of servers alone, by address, as on has made them.
	own   map[string]*report.Report
	rates map[rateKey]knownRate
	// earlier are the newest readings of the state before, where the newest is followed.
	earlier []collectors.Reading
}

// newView derives what the screens of one state share.
func newView(st *session.State, opt Options) *view {
	v := &view{state: st, options: opt, style: opt.Theme.style(), rates: map[rateKey]knownRate{}, own: map[string]*report.Report{}}
	for _, r := range st.Latest {
		if !v.old(r.At, 0) && answers(&r) {
			v.readings = append(v.readings, r)
		}
	}
	d := st.Diagnosis
	if d.Snapshot == nil {
		d.Snapshot = &analyzers.Snapshot{Window: analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}, Digest: analyzers.NewDigest()}
	}
	if d.Snapshot.Digest == nil {
		d.Snapshot.Digest = analyzers.NewDigest()
	}
	v.report = report.New(d.Snapshot, d.Workload, d.Attribution, d.Judgement, report.Options{
		Samples: opt.Samples, Lang: opt.Lang, Version: opt.Version,
	})
	v.servers = v.serversOf()
	v.chooseServer("")
	v.cells = v.report.Digest.Series.Cells()
	v.window = v.report.Window
	if st.To > st.From && (v.window.From == collectors.NoTime || v.window.To == collectors.NoTime) {
		v.window = st.Look.Span(st.From, st.To)
	}
	return v
}

// series is what was sampled; nil when nothing was.
func (v *view) series() *analyzers.SeriesSet {
	if v.state.Diagnosis.Snapshot == nil {
		return nil
	}
	return v.state.Diagnosis.Snapshot.Series
}

// host returns the machine of a role that has the most series, or the database server that is shown of
// several; ok is false when none has any.
func (v *view) host(role string) (host string, ok bool) {
	best := 0
	count := map[string]int{}
	for _, k := range v.series().Keys() {
		if k.Role == role && (role != "db" || v.server == "" || k.Host == v.server) {
			if count[k.Host]++; count[k.Host] > best {
				best, host = count[k.Host], k.Host
			}
		}
	}
	if role == "db" && v.server != "" {
		return v.server, best > 0
	}
	return host, best > 0
}

// machine is whose figures are shown: of logs alone nobody knows.
func (v *view) machine() string {
	if v.state.Host != "" {
		return v.state.Host
	}
	host, _ := v.host("host")
	return host
}

// instances returns the instances of a metric on a host, in order.
func (v *view) instances(host, role, name string) []string {
	var out []string
	for _, k := range v.series().Keys() {
		if k.Host == host && k.Role == role && k.Name == name && k.Instance != "" {
			out = append(out, k.Instance)
		}
	}
	slices.Sort(out)
	return out
}

// hostWith returns host, or, when it has no series of that name, the first machine that has: recordings
// of one machine may not all name it.
func (v *view) hostWith(host, name string) string {
	other := host
	for _, k := range v.series().Keys() {
		if k.Role == "host" && k.Name == name {
			if k.Host == host {
				return host
			}
			if other == host {
				other = k.Host
			}
		}
	}
	return other
}

// A gauge is what one series says of the window that is looked at.
type gauge struct {
	now, mean, max float64 // NaN when not known
	points         []analyzers.Point
}

// gauge reads a series of means; known is false when it has no point in the window.
func (v *view) gauge(host, role, name, instance string) (g gauge, known bool) {
	g = gauge{now: math.NaN(), mean: math.NaN(), max: math.NaN()}
	s := v.series().Get(analyzers.SeriesKey{Host: host, Role: role, Name: name, Instance: instance})
	if s == nil {
		return g, false
	}
	var sum float64
	var n int64
	for i := range s.Points {
		if p := &s.Points[i]; v.holds(p.LastAt) {
			if n == 0 {
				g.max = p.Max
			}
			n += p.N
			sum += p.Sum
			g.max = max(g.max, p.Max)
			g.now = p.Last
			g.points = append(g.points, *p)
		}
	}
	if n > 0 {
		g.mean = sum / float64(n)
	}
	if value, at, ok := sampleOf(v.newest(), host, role, name, instance); ok && n > 0 && at > s.Points[len(s.Points)-1].LastAt {
		g.now = value
		return g, true
	}
	if k := len(g.points); k > 0 && v.old(g.points[k-1].LastAt, stepOf(s.Points)) {
		g.now = math.NaN()
	}
	return g, n > 0
}

// old reports whether what was read at an instant is too old to be called now: a source that answers no
// more has no figures. step is how far apart its readings are; 0 where that is not known.
func (v *view) old(at, step int64) bool {
	const late = 2e6 // µs that a reading may take
	if step = max(step, v.state.Interval); step == 0 || v.state.At == collectors.NoTime {
		return false
	}
	return v.state.At-at > 3*step+late
}

// answers reports whether a reading is more than that its server does not answer: what it listed before is
// not so now.
func answers(r *collectors.Reading) bool {
	i := slices.IndexFunc(r.Samples, func(s collectors.Sample) bool { return s.Name == "server.answers" })
	return i < 0 || r.Samples[i].Value > 0
}

// stepOf is how far apart the newest two points are; 0 when there are no two.
func stepOf(points []analyzers.Point) int64 {
	if n := len(points); n > 1 {
		return points[n-1].LastAt - points[n-2].LastAt
	}
	return 0
}

// newest are the readings of this instant, which are younger than what was last judged; none when the
// view looks back.
func (v *view) newest() []collectors.Reading {
	if v.state.Look.Cursor != collectors.NoTime {
		return nil
	}
	return v.readings
}

// sampleOf returns a value of the readings and when it was read.
func sampleOf(readings []collectors.Reading, host, role, name, instance string) (value float64, at int64, ok bool) {
	for i := range readings {
		r := &readings[i]
		if r.Role != role || r.Of() != host {
			continue
		}
		for k := range r.Samples {
			if s := &r.Samples[k]; s.Name == name && s.Instance == instance {
				return s.Value, s.At, true
			}
		}
	}
	return 0, 0, false
}

// judgedAt says of when the verdict, means and curves are, where that is not now: judging takes time, and
// is done the more seldom the longer it takes.
func (v *view) judgedAt() string {
	const noticed = 3e6 // µs
	if v.state.Look.Cursor != collectors.NoTime || v.window.To == collectors.NoTime || v.state.At-v.window.To < noticed {
		return ""
	}
	return "as of " + instant(v.window.To).Format("15:04:05")
}

// holds is like Window.Holds, but a reading at the very end of the window belongs to it.
func (v *view) holds(at int64) bool {
	return (v.window.From == collectors.NoTime || at >= v.window.From) && (v.window.To == collectors.NoTime || at <= v.window.To)
}

// A rateKey is a counter of a server.
type rateKey struct{ host, name string }

// A knownRate is what rate has derived, once for all that show it.
type knownRate struct {
	gauge gauge
	known bool
}

// rate reads a cumulative counter of a server as growth per second, at each step and over the window.
func (v *view) rate(host, name string) (g gauge, known bool) {
	key := rateKey{host, name}
	r, derived := v.rates[key]
	if !derived {
		r.gauge, r.known = v.deriveRate(host, name)
		v.rates[key] = r
	}
	return r.gauge, r.known
}

func (v *view) deriveRate(host, name string) (g gauge, known bool) {
	g = gauge{now: math.NaN(), mean: math.NaN(), max: math.NaN()}
	s := v.series().Get(analyzers.SeriesKey{Host: host, Role: "db", Name: "mysql.status." + name})
	if s == nil || len(s.Points) < 2 {
		return g, false
	}
	var grown, seconds float64
	g.points = make([]analyzers.Point, 0, len(s.Points)-1)
	for i := 1; i < len(s.Points); i++ {
		before, now := &s.Points[i-1], &s.Points[i]
		if !v.holds(now.LastAt) || now.LastAt <= before.LastAt {
			continue
		}
		d := now.Last - before.Last
		if d < 0 { // the server had restarted: what it counted since is all that is known
			d = now.Last
		}
		step := float64(now.LastAt-before.LastAt) / 1e6
		r := d / step
		grown, seconds = grown+d, seconds+step
		if math.IsNaN(g.max) || r > g.max {
			g.max = r
		}
		g.now = r
		g.points = append(g.points, analyzers.Point{Start: now.Start, LastAt: now.LastAt, N: 1, Sum: r, Max: r, Last: r})
	}
	if seconds > 0 {
		g.mean = grown / seconds
	}
	value, at, ok1 := sampleOf(v.newest(), host, "db", "mysql.status."+name, "")
	before, from, ok2 := sampleOf(v.earlier, host, "db", "mysql.status."+name, "")
	if ok1 && ok2 && at > from && value >= before {
		g.now = (value - before) / (float64(at-from) / 1e6)
	} else if v.old(s.Points[len(s.Points)-1].LastAt, stepOf(s.Points)) {
		g.now = math.NaN()
	}
	return g, seconds > 0
}

// status returns the latest value of a server's status variable.
func (v *view) status(host, name string) (value float64, known bool) {
	g, known := v.gauge(host, "db", "mysql.status."+name, "")
	return g.now, known && !math.IsNaN(g.now)
}

// An axis is the time that a curve of n points spans; all curves of a screen share it.
type axis struct {
	from, to int64 // µs
	n        int
}

// axis divides the window into at most n points of whole cells.
func (v *view) axis(n int) axis {
	return axis{v.window.From, v.window.To, n}
}

// at returns the point that an instant falls into; -1 outside.
func (a axis) at(us int64) int {
	if a.n <= 0 || a.to <= a.from || us < a.from || us > a.to {
		return -1
	}
	return min(int(float64(us-a.from)/float64(a.to-a.from)*float64(a.n)), a.n-1)
}

// curve resamples points: the mean in each cell, NaN where there is none. A point that speaks for a
// longer time than a cell is drawn across all that it speaks for.
func (a axis) curve(points []analyzers.Point) []float64 {
	out := make([]float64, max(a.n, 0))
	count := make([]float64, len(out))
	var before int64
	for i := range points {
		p := &points[i]
		last := a.at(p.LastAt)
		if last < 0 {
			continue
		}
		first := last
		if step := p.LastAt - before; before > 0 && step < 120e6 {
			if k := a.at(before); k >= 0 {
				first = min(k+1, last)
			}
		}
		before = p.LastAt
		for k := first; k <= last; k++ {
			out[k] += p.Mean()
			count[k]++
		}
	}
	for k := range out {
		if count[k] == 0 {
			out[k] = math.NaN()
		} else {
			out[k] /= count[k]
		}
	}
	return out
}

// spread gives each point of the axis its part of [from, to): add is told the point and the share of the
// span that falls into it.
func (a axis) spread(from, to int64, add func(k int, share float64)) {
	if a.n <= 0 || a.to <= a.from || to <= a.from || from >= a.to || to <= from {
		return
	}
	step := float64(a.to-a.from) / float64(a.n)
	first := max(int(float64(from-a.from)/step), 0)
	for k := first; k < a.n; k++ {
		begin, end := float64(a.from)+float64(k)*step, float64(a.from)+float64(k+1)*step
		if begin >= float64(to) {
			return
		}
		if part := min(end, float64(to)) - max(begin, float64(from)); part > 0 {
			add(k, part/float64(to-from))
		}
	}
}

// logCurve resamples what logs tell: the sum of num over the sum of den in each point, or, without den,
// over its seconds. It is NaN where the log of that role says nothing.
func (v *view) logCurve(n int, role string, num, den func(*analyzers.Second) float64) []float64 {
	a := v.axis(n)
	sum, over := make([]float64, n), make([]float64, n)
	width := v.report.Digest.Series.Width() * 1e6
	for i := range v.cells {
		c := &v.cells[i]
		x, y := num(c), 0.0
		if den != nil {
			y = den(c)
		}
		a.spread(c.Start*1e6, c.Start*1e6+width, func(k int, share float64) {
			sum[k] += x * share
			over[k] += y * share
		})
	}
	known := a.inside(v.logSpan(role))
	seconds := float64(a.to-a.from) / 1e6 / float64(max(n, 1))
	for k := range sum {
		switch {
		case !known(k):
			sum[k] = math.NaN()
		case den == nil:
			sum[k] /= seconds
		case over[k] == 0:
			sum[k] = math.NaN()
		default:
			sum[k] /= over[k]
		}
	}
	return sum
}

// inside tells of each point whether it touches the instants first to last.
func (a axis) inside(first, last int64) func(k int) bool {
	return func(k int) bool {
		if first == collectors.NoTime || last == collectors.NoTime || a.to <= a.from {
			return false
		}
		step := float64(a.to-a.from) / float64(a.n)
		return float64(a.from)+float64(k+1)*step > float64(first) && float64(a.from)+float64(k)*step <= float64(last)
	}
}

// logSpan returns the first and last instant of a role's log.
func (v *view) logSpan(role string) (first, last int64) {
	d := v.report.Digest
	switch role {
	case "web":
		return d.Web.First, d.Web.Last
	case "app":
		return d.App.First, d.App.Last
	}
	return d.Statements.First, d.Statements.Last
}

// seconds is the length of the window; NaN when it is not known.
func (v *view) seconds() float64 {
	if v.window.From == collectors.NoTime || v.window.To == collectors.NoTime || v.window.To <= v.window.From {
		return math.NaN()
	}
	return float64(v.window.To-v.window.From) / 1e6
}

// latest returns the newest readings of a role; of several database servers those of the one that is shown.
func (v *view) latest(role string) []collectors.Reading {
	var out []collectors.Reading
	for _, r := range v.readings {
		if r.Role == role && (v.server == "" || r.Server() == "" || r.Server() == v.server) {
			out = append(out, r)
		}
	}
	return out
}

func instant(us int64) time.Time { return time.UnixMicro(us).UTC() }

// fingerprint is a statement without its literals.
func fingerprint(sql string) string {
	text, _ := analyzers.Fingerprint(sql)
	return text
}

package rules

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// A recording is what was sampled of one role, over the window that is judged and the one before.
type recording struct {
	set      *analyzers.SeriesSet
	role     string
	server   string           // the one of several that is judged; others are left out
	host     string           // of several; the ones that name no host, as top's, are looked at after it
	window   analyzers.Window // without ends where nothing but recordings is given: each series says all it has
	baseline analyzers.Window // without ends when there is none
	span     analyzers.Window // the window, or what the recordings cover
	seen     bool
}

var noWindow = analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}

// newRecording finds the window in which a role is judged: the bad one where there is an onset. Else
// it is what the logs and the recording both cover.
func newRecording(s *analyzers.Snapshot, a timeline.Attribution, role string) recording {
	r := recording{set: s.Series, role: role, window: noWindow, baseline: noWindow, span: noWindow}
	if role == "db" {
		r.server = s.Server
	}
	first, last := collectors.NoTime, collectors.NoTime
	for _, key := range s.Series.Keys() {
		if !r.holds(key) {
			continue
		}
		points := s.Series.Get(key).Points
		// A sample speaks for the time before it, a second of it at least.
		from, to := points[0].Start*1e6-1e6, points[len(points)-1].LastAt
		if first == collectors.NoTime || from < first {
			first = from
		}
		last = max(last, to)
		r.seen = true
	}
	if !r.seen {
		return r
	}
	r.span = analyzers.Window{From: first, To: last + 1}
	switch {
	case a.Onset != 0:
		r.window = analyzers.Window{From: a.Bad.From * 1e6, To: a.Bad.To * 1e6}
		if a.Baseline.To > a.Baseline.From {
			r.baseline = analyzers.Window{From: a.Baseline.From * 1e6, To: a.Baseline.To * 1e6}
		}
	case a.Whole.To > a.Whole.From:
		r.window = analyzers.Window{From: max(r.span.From, a.Whole.From*1e6), To: min(r.span.To, a.Whole.To*1e6)}
	default:
		r.busiest()
		return r
	}
	r.span = r.window
	if r.window.To <= r.window.From || last < r.window.From || first > r.window.To {
		r.seen = false // of another time than the logs
	}
	r.busiest()
	return r
}

// holds reports whether a series is of the role, and of no other server than the one that is judged.
func (r *recording) holds(key analyzers.SeriesKey) bool {
	return key.Role == r.role && (r.server == "" || key.Host == r.server)
}

// lately returns the recording from the onset up to the end of what the logs cover: what lasts, as a
// replica's delay, is not over when the requests are quick again.
func (r *recording) lately(a timeline.Attribution) *recording {
	late := *r
	if a.Onset != 0 && r.window != noWindow {
		late.window.To = max(r.window.To, a.Whole.To*1e6)
		late.span = late.window
	}
	return &late
}

// get returns a series of the recorded host, or one that names no host.
func (r *recording) get(name, instance string) *analyzers.Series {
	if !r.seen {
		return nil
	}
	if s := r.set.Get(analyzers.SeriesKey{Host: r.host, Role: r.role, Name: name, Instance: instance}); s != nil || r.server != "" {
		return s
	}
	return r.set.Get(analyzers.SeriesKey{Role: r.role, Name: name, Instance: instance})
}

// instances returns what a series is of: the devices or processes seen on the host.
func (r *recording) instances(name string) []string {
	var out []string
	if !r.seen {
		return nil
	}
	for _, key := range r.set.Keys() {
		if r.holds(key) && key.Name == name && key.Instance != "" && (key.Host == r.host || key.Host == "") && !slices.Contains(out, key.Instance) {
			out = append(out, key.Instance)
		}
	}
	return out
}

func (r *recording) mean(name, instance string) (float64, bool) {
	a, ok := r.get(name, instance).In(r.window)
	return a.Mean, ok
}

func (r *recording) quantile(name, instance string, q float64) (float64, bool) {
	a, ok := r.get(name, instance).In(r.window)
	v, enough := a.Quantile(q)
	return v, ok && enough
}

// usually is the median before the onset: a burst of something else then, which an average would
// carry, is no measure of what is usual.
func (r *recording) usually(name, instance string) (float64, bool) {
	if r.baseline == noWindow {
		return 0, false
	}
	a, ok := r.get(name, instance).In(r.baseline)
	v, enough := a.Quantile(0.5)
	return v, ok && enough
}

// known puts a fact that may be unknown.
func (m factMap) known(name string, v float64, ok bool) {
	if ok {
		m.num(name, v)
	}
}

// busiestBy is the figure by which one of several hosts of a role is chosen.
var busiestBy = map[string]string{"host": "cpu.user", "db": "mysql.status.Threads_running"}

// busiest picks the host whose figures are judged. One host is the usual case, and what names none is
// of the host that we run on.
func (r *recording) busiest() {
	if !r.seen {
		return
	}
	best, first, here := -1.0, "", false
	for _, key := range r.set.Keys() {
		if !r.holds(key) {
			continue
		}
		if here = here || key.Host == ""; first == "" {
			first = key.Host
		}
		if key.Instance != "" || key.Name != busiestBy[r.role] {
			continue
		}
		a, _ := r.set.Get(key).In(r.window)
		if a.Mean > best {
			best, r.host = a.Mean, key.Host
		}
	}
	if best < 0 && !here {
		r.host = first
	}
}

// busyBefore is the share of today's CPU use from which the CPU was as busy before the onset, and
// what it does now explains nothing.
const busyBefore = 0.8

// What a device is given: a request of up to quickDevice seconds is quick even for a disk in the
// cloud, unless it takes slowedTimes as long as before the onset: then an SSD that answered in a tenth
// of a millisecond is slow at one. Both are guesses.
const (
	quickDevice = 0.005
	slowedTimes = 4
)

// hostFacts adds the facts of the host as a whole.
func hostFacts(m factMap, r *recording) {
	if !r.seen {
		return
	}
	if r.host != "" {
		m["host_name"] = shorten(r.host, maxName)
	}
	cores, coresKnown := r.mean("cpu.cores", "")
	if n := len(r.instances("cpu.user")); !coresKnown && n > 0 {
		cores, coresKnown = float64(n), true
	}
	m.known("cores", cores, coresKnown)

	use := sum(r.get("cpu.user", ""), r.get("cpu.system", ""))
	a, ok := use.In(r.window)
	p95, enough := a.Quantile(0.95)
	m.known("cpu_mean", a.Mean, ok)
	m.known("cpu_p95", p95, ok && enough)
	if ok {
		m["cpu_busy_before"] = false
		if b, known := use.In(r.baseline); known && r.baseline != noWindow {
			m.num("cpu_before", b.Mean)
			m["cpu_busy_before"] = b.Mean >= busyBefore*a.Mean
		}
	}
	v, ok := r.mean("cpu.iowait", "")
	m.known("iowait_mean", v, ok)
	v, ok = r.quantile("cpu.steal", "", 0.95)
	m.known("steal_p95", v, ok)
	v, ok = r.mean("cpu.steal", "")
	m.known("steal_mean", v, ok)
	v, ok = r.mean("psi.cpu.some", "")
	m.known("psi_cpu", v, ok)
	v, ok = r.quantile("cpu.run_queue", "", 0.95)
	m.known("run_queue_p95", v, ok)
	m.known("run_queue_per_core", v/cores, ok && coresKnown && cores > 0)
	busiest, seen := 0.0, false
	for _, core := range r.instances("cpu.user") {
		if a, ok := sum(r.get("cpu.user", core), r.get("cpu.system", core)).In(r.window); ok {
			busiest, seen = max(busiest, a.Mean), true
		}
	}
	m.known("busiest_core", busiest, seen)
	memoryFacts(m, r)
	processFacts(m, r)
	databaseProcess(m, r)
}

// databaseProcess adds what the server's own process takes.
func databaseProcess(m factMap, r *recording) {
	for _, name := range dbNames {
		if a, ok := r.get("process.memory", name).In(r.window); ok {
			m.num("db_memory", a.Mean)
			trend, ok := r.get("process.memory", name).Trend()
			m.known("db_memory_trend", trend, ok)
		}
		v, ok := r.mean("process.busiest_thread", name)
		m.known("db_thread", v, ok)
		if a, ok := r.get("process.memory_allowed", name).In(r.window); ok {
			m.num("db_memory_allowed", a.Last)
		}
		if a, ok := r.get("process.memory_left", name).In(r.window); ok {
			m.num("db_memory_left", a.Values[0])
		}
	}
	workers, seen := 0.0, false
	for _, name := range r.instances("process.count") {
		if v, ok := r.mean("process.count", name); ok && isApp(name) {
			workers, seen = workers+v, true
		}
	}
	m.known("app_workers", workers, seen)
	// Devices without a moving part answer out of order: what was made for heads is not for them.
	for _, dev := range r.instances("disk.rotational") {
		v, ok := r.mean("disk.rotational", dev)
		if old, known := m["solid_state"].(bool); ok {
			m["solid_state"] = v == 0 && (!known || old)
		}
	}
	for _, dev := range r.instances("disk.await") {
		if v, ok := r.quantile("disk.await", dev, 0.95); ok {
			before, _ := m["disk_await_worst"].(float64)
			m.num("disk_await_worst", max(before, v))
		}
	}
}

func memoryFacts(m factMap, r *recording) {
	// The size of memory does not change: any reading serves. top's, which names no host, is exact.
	total, totalKnown := 0.0, false
	for _, host := range []string{r.host, ""} {
		if s := r.set.Get(analyzers.SeriesKey{Host: host, Role: r.role, Name: "mem.total"}); s != nil {
			total, totalKnown = s.Points[len(s.Points)-1].Last, true
		}
	}
	m.known("mem_total", total, totalKnown)
	if a, ok := r.get("mem.available", "").In(r.window); ok {
		m.num("mem_available", a.Values[0])
		m.known("mem_used_share", 1-a.Values[0]/total, totalKnown && total > 0)
	}
	in, ok1 := r.get("mem.swap_in", "").In(r.window)
	out, ok2 := r.get("mem.swap_out", "").In(r.window)
	if !ok1 || !ok2 {
		return
	}
	m.num("swap_rate", in.Mean+out.Mean)
	both, _ := sum(r.get("mem.swap_in", ""), r.get("mem.swap_out", "")).In(r.window)
	swapping := 0
	for _, v := range both.Values {
		if v > 0 {
			swapping++
		}
	}
	m.num("swap_time_share", float64(swapping)/float64(max(len(both.Values), 1)))
}

// appNames are the processes that run web applications: what they use is the application's.
var appNames = []string{
	"php-fpm", "php", "java", "node", "python", "python3", "gunicorn", "uwsgi", "ruby", "puma", "unicorn", "beam.smp", "dotnet", "perl", "httpd", "apache2",
}

// ownShare is the share of the CPU in use from which it is one process's.
const (
	ownShareDB    = 0.7
	ownShareOther = 0.5
)

// processFacts says who uses the CPU. A process that a frame does not list used next to nothing then.
func processFacts(m factMap, r *recording) {
	m["cpu_owner"] = "unknown"
	all, ok := r.get("process.cpu", "").In(r.window)
	frames := float64(len(all.Values))
	if !ok || all.Mean <= 0 {
		return
	}
	var db, other float64
	name := ""
	for _, p := range r.instances("process.cpu") {
		a, _ := r.get("process.cpu", p).In(r.window)
		var total float64
		for _, v := range a.Values {
			total += v
		}
		switch cores := total / frames; {
		case slices.Contains(dbNames, p):
			db += cores
		case cores > other:
			other, name = cores, p
		}
	}
	m.num("used_cores", hundredths(all.Mean))
	m.num("db_cores", hundredths(db))
	if name != "" {
		if m["cpu_busy_before"] == true && r.tookOver(name, other) {
			m["cpu_busy_before"] = false
		}
		m["other_process"] = shorten(name, maxName)
		m.num("other_cores", hundredths(other))
	}
	switch {
	case db >= ownShareDB*all.Mean:
		m["cpu_owner"] = "database"
	case other >= ownShareOther*all.Mean && (isApp(name) && r.ranBefore(name) || r.served(name)):
		m["cpu_owner"] = "app"
	case other >= ownShareOther*all.Mean:
		m["cpu_owner"] = "other"
	default:
		m["cpu_owner"] = "mixed"
	}
}

// ranBefore reports whether a process used any CPU before the onset: one that serves requests did,
// a job that was started then did not. Without a baseline nobody knows, and its name decides.
func (r *recording) ranBefore(process string) bool {
	if r.baseline == noWindow {
		return true
	}
	if frames, _ := r.get("process.cpu", "").In(r.baseline); len(frames.Values) == 0 {
		return true
	}
	a, _ := r.get("process.cpu", process).In(r.baseline)
	return len(a.Values) > 0
}

// servedCores is what a process must have used before the onset, all the time, to be taken for one that
// answers requests whatever its name: a guess. Compiled applications have names of their own; a backup
// or a build uses nothing until it starts.
const servedCores = 0.02

// served reports whether a process used some CPU in nearly every frame before the onset.
func (r *recording) served(process string) bool {
	if r.baseline == noWindow {
		return false
	}
	frames, _ := r.get("process.cpu", "").In(r.baseline)
	a, _ := r.get("process.cpu", process).In(r.baseline)
	return len(a.Values) >= minFrames && 4*len(a.Values) >= 3*len(frames.Values) && a.Mean >= servedCores
}

// minFrames is how often a process must be seen: at a frame every five seconds, in ten seconds.
const minFrames = 2

// tookOver reports whether a process uses at least twice as much CPU as before the onset: it took it
// from others then, and a CPU that was full already does not clear it.
func (r *recording) tookOver(process string, cores float64) bool {
	frames, ok := r.get("process.cpu", "").In(r.baseline)
	if !ok || r.baseline == noWindow {
		return false
	}
	var before float64
	a, _ := r.get("process.cpu", process).In(r.baseline)
	for _, v := range a.Values {
		before += v
	}
	return cores >= 2*before/float64(len(frames.Values))
}

// hundredths rounds to what top prints.
func hundredths(cores float64) float64 { return math.Round(cores*100) / 100 }

func isApp(name string) bool {
	base := strings.TrimRight(name, "0123456789.-")
	return slices.ContainsFunc(appNames, func(app string) bool { return name == app || base == app || strings.HasPrefix(name, "php-fpm") })
}

// sum adds two series where both have a point; nil when either is missing.
func sum(a, b *analyzers.Series) *analyzers.Series {
	if a == nil || b == nil {
		return nil
	}
	out := &analyzers.Series{}
	k := 0
	for _, p := range a.Points {
		for k < len(b.Points) && b.Points[k].Start < p.Start {
			k++
		}
		if k == len(b.Points) || b.Points[k].Start != p.Start {
			continue
		}
		v := p.Mean() + b.Points[k].Mean()
		out.Points = append(out.Points, analyzers.Point{Start: p.Start, N: 1, Sum: v, Max: v, Last: v, LastAt: p.LastAt})
	}
	return out
}

// deviceFacts returns the facts of each block device that did anything, the busiest first. db is
// what the server itself moves per second, negative when unknown.
func deviceFacts(r *recording, db float64) []subjectFacts {
	var out []subjectFacts
	for _, dev := range r.instances("disk.util") {
		m := factMap{"device": shorten(dev, maxName)}
		v, ok := r.mean("disk.requests", dev)
		if !ok {
			reads, ok1 := r.mean("disk.reads", dev)
			writes, ok2 := r.mean("disk.writes", dev)
			v, ok = reads+writes, ok1 && ok2
		}
		if ok && v == 0 {
			continue
		}
		m.known("iops", v, ok)
		v, ok = r.quantile("disk.util", dev, 0.95)
		m.known("util_p95", v, ok)
		v, ok = r.quantile("disk.await", dev, 0.95)
		m.known("await_p95", v, ok)
		v, ok = r.quantile("disk.util", dev, 0.5)
		m.known("util_p50", v, ok)
		// The typical second: one burst a minute makes no disk slow, and an average takes it for one.
		v, ok = r.quantile("disk.await", dev, 0.5)
		m.known("await_p50", v, ok)
		if ok {
			before, known := r.usually("disk.await", dev)
			m.known("await_before", before, known)
			m["slow_before"] = known && before >= busyBefore*v
			m["usual"] = v <= quickDevice && !(known && v >= slowedTimes*before)
		}
		v, ok = r.quantile("disk.queue", dev, 0.5)
		m.known("queue_p50", v, ok)
		v, ok = r.mean("disk.await", dev)
		m.known("await_mean", v, ok)
		v, ok = r.mean("disk.queue", dev)
		m.known("queue_mean", v, ok)
		read, ok1 := r.mean("disk.read_bytes", dev)
		written, ok2 := r.mean("disk.write_bytes", dev)
		m.known("read_rate", read, ok1)
		m.known("write_rate", written, ok2)
		m.known("throughput", read+written, ok1 && ok2)
		if db >= 0 {
			m.num("db_disk_rate", db)
			m.known("db_disk_share", min(db/(read+written), 1), ok1 && ok2 && read+written > 0)
		}
		out = append(out, subjectFacts{Subject{Kind: "device", ID: dev, Label: shorten(dev, maxLabel)}, m})
	}
	slices.SortStableFunc(out, func(a, b subjectFacts) int {
		x, _ := a.facts["util_p95"].(float64)
		y, _ := b.facts["util_p95"].(float64)
		return cmp.Compare(y, x)
	})
	return out[:min(len(out), maxSubjects)]
}

package rules

import (
	"slices"

	"dbtriage/analyzers/timeline"
)

// webNames are the processes of web servers: they pass requests on and do not compute the answers.
var webNames = []string{"nginx", "haproxy", "envoy", "httpd", "apache2"}

// appCPUFacts adds how much more CPU time the application's process spends on a request since the onset,
// and how much of what requests wait longer in the application that explains. It needs the processes of
// the host on which the application runs, before the onset and since.
func appCPUFacts(m factMap, r *recording, a timeline.Attribution) {
	if a.Onset == 0 || r.baseline == noWindow || a.Bad.Requests == 0 || a.Baseline.Requests == 0 || a.Bad.UpstreamUS < 0 {
		return
	}
	framesNow, ok1 := r.get("process.cpu", "").In(r.window)
	framesBefore, ok2 := r.get("process.cpu", "").In(r.baseline)
	if !ok1 || !ok2 || len(framesNow.Values) < minFrames || len(framesBefore.Values) < minFrames {
		return
	}
	name, now, before := "", 0.0, 0.0
	for _, p := range r.instances("process.cpu") {
		if p == "" || slices.Contains(dbNames, p) || slices.Contains(webNames, p) || !r.served(p) && !(isApp(p) && r.ranBefore(p)) {
			continue
		}
		n, _ := r.get("process.cpu", p).In(r.window)
		b, _ := r.get("process.cpu", p).In(r.baseline)
		cores, was := total(n.Values)/float64(len(framesNow.Values)), total(b.Values)/float64(len(framesBefore.Values))
		if name == "" || cores-was > now-before {
			name, now, before = p, cores, was
		}
	}
	if name == "" || before <= 0 {
		return
	}
	// Cores times seconds over requests are CPU seconds for a request.
	each := func(cores float64, d timeline.Division) float64 {
		return cores * float64(d.Seconds()) / float64(d.Requests)
	}
	inApp := func(d timeline.Division) float64 {
		return inSeconds(d.UpstreamUS-min(max(d.DBUS, 0), d.UpstreamUS)) / float64(d.Requests)
	}
	more := inApp(a.Bad) - inApp(a.Baseline)
	m["app_process"] = shorten(name, maxName)
	m.num("app_cores", hundredths(now))
	m.num("app_cores_before", hundredths(before))
	m.num("app_cpu_growth", each(now, a.Bad)/each(before, a.Baseline))
	m.num("app_cpu_s", each(now, a.Bad))
	m.num("app_cpu_before_s", each(before, a.Baseline))
	m.num("app_more_s", more)
	if more > 0 {
		m.num("app_cpu_part", (each(now, a.Bad)-each(before, a.Baseline))/more)
	}
	if shares, ok := a.Excess(); ok {
		m.num("app_more_share", shares.App)
	}
}

func total(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum
}

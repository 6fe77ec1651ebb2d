package rules

import (
	"testing"

	"dbtriage/analyzers/timeline"
)

// The application's CPU for a request is told from its process, whose cores grew, and from the requests
// before and since; neither the database nor a job that started then is taken for it.
func TestAppCPUFacts(t *testing.T) {
	from := int64(t0 / 1e6)
	a := timeline.Attribution{
		Onset:    from + 30,
		Baseline: timeline.Division{From: from, To: from + 30, Requests: 300, RequestUS: 300 * 4_000, UpstreamUS: 300 * 4_000, DBUS: 300 * 2_000},
		Bad:      timeline.Division{From: from + 30, To: from + 60, Requests: 300, RequestUS: 300 * 64_000, UpstreamUS: 300 * 64_000, DBUS: 300 * 4_000},
		Whole:    timeline.Division{From: from, To: from + 60},
	}
	h := recordedHost{cpu: 0.5, cpuBefore: 0.1, processes: map[string]float64{"booking": 0.4, "mariadbd": 0.9, "backup": 0.5}, job: "backup", idle: 0.05}
	s, _ := h.snapshot()
	g := gather(s, a, nil)
	if g.global["app_process"] != "booking" || g.global["app_cores"] != 0.4 || g.global["app_cores_before"] != 0.05 {
		t.Fatalf("%v, %v cores, %v before", g.global["app_process"], g.global["app_cores"], g.global["app_cores_before"])
	}
	near := func(name string, want float64) {
		t.Helper()
		if got, _ := g.global[name].(float64); got < 0.98*want || got > 1.02*want {
			t.Errorf("%s is %v, want %v", name, g.global[name], want)
		}
	}
	near("app_cpu_s", 0.04)         // 0.4 cores over 10 requests a second
	near("app_cpu_before_s", 0.005) // 0.05 cores over as many
	near("app_cpu_growth", 8)
	near("app_more_s", 0.058) // 60 ms in the application and 2 ms before
	near("app_cpu_part", 0.035/0.058)
	near("app_more_share", 58.0/60)

	a.Onset = 0
	if v := gather(s, a, nil).global["app_cpu_growth"]; v != nil {
		t.Errorf("nothing began, and yet %v", v)
	}
}

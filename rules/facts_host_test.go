package rules

import (
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// A server that is read over the network names its host: its figures are judged all the same, and of
// several servers those of the busiest.
func TestServerOfAnotherHost(t *testing.T) {
	set := analyzers.NewSeriesSet()
	for i := range int64(20) {
		for host, running := range map[string]float64{"10.0.0.5": 3, "10.0.0.6": 40} {
			for name, v := range map[string]float64{"mysql.status.Threads_running": running, "mysql.status.Uptime": 100 + float64(i), "sessions.all": running} {
				set.Add(host, "db", collectors.Sample{At: t0 + i*1e6, Name: name, Value: v})
			}
		}
		set.Add("10.0.0.9", "cache", collectors.Sample{At: t0 + i*1e6, Name: "redis.clients", Value: 7})
	}
	s := &analyzers.Snapshot{Digest: analyzers.NewDigest(), Series: set}
	g := gather(s, timeline.Attribution{}, []seriesCall{{"mean", "sessions.all"}})
	for _, in := range []input{serverStatusInput, sessionRecording, replicaState} {
		if !g.present[in] {
			t.Errorf("there is no %s", in)
		}
	}
	r := newRecording(s, timeline.Attribution{}, "db")
	if v, ok := r.mean("mysql.status.Threads_running", ""); !ok || v != 40 || r.host != "10.0.0.6" {
		t.Errorf("%v threads run on %q", v, r.host)
	}
	if r = newRecording(s, timeline.Attribution{}, "cache"); r.host != "10.0.0.9" {
		t.Errorf("the cache is on %q", r.host)
	}
}

// The buffer pool of a database in a container is sized by what the container allows.
func TestPoolOfAContainer(t *testing.T) {
	for _, c := range []struct {
		allowed, left, want float64
	}{
		{0, 0, 48 << 30}, // three quarters of the host
		{8 << 30, 7 << 30, 6 << 30},
		{8 << 30, 2 << 30, 3<<30 - poolReserve*(8<<30)},
	} {
		m := factMap{"mem_total": float64(64 << 30), "mem_available": float64(60 << 30), "innodb_bytes": float64(500 << 30)}
		if c.allowed > 0 {
			m["db_memory_allowed"], m["db_memory_left"] = c.allowed, c.left
		}
		poolFacts(m, 1<<30)
		if got := m["buffer_pool_budget"]; got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

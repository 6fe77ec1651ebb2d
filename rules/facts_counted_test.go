package rules

import (
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// TestCountedWorkload tells the class by the server's counters where no statement was logged.
func TestCountedWorkload(t *testing.T) {
	for _, c := range []struct {
		name     string
		counters map[string]float64 // each second
		logged   bool
		want     string // the title of W17; empty where it does not hold
	}{
		{"a game", map[string]float64{"Com_select": 25, "Com_update": 60, "Com_insert": 40}, false, "The workload is write-heavy by the server's counters: 25/s read, 100/s write"},
		{"a shop with a query cache", map[string]float64{"Com_select": 10, "Qcache_hits": 70, "Com_insert_select": 20}, false, "The workload is read-heavy by the server's counters: 80/s read, 20/s write"},
		{"as many of both", map[string]float64{"Com_select": 50, "Com_delete": 50}, false, "The workload is balanced by the server's counters: 50/s read, 50/s write"},
		{"hardly any", map[string]float64{"Com_select": 5, "Com_delete": 5}, false, ""},
		{"a log tells", map[string]float64{"Com_select": 50, "Com_delete": 50}, true, ""},
		{"no counters of writes", map[string]float64{"Com_select": 50}, false, ""},
	} {
		s := &analyzers.Snapshot{Digest: analyzers.NewDigest(), Series: analyzers.NewSeriesSet()}
		if c.logged {
			addClass(s.Digest, "select 1", analyzers.Read, 2000, 300)
		}
		for i := range int64(100) {
			put := func(name string, v float64) {
				s.Series.Add("db01", "db", collectors.Sample{At: t0 + i*1e6, Name: "mysql.status." + name, Value: v})
			}
			put("Uptime", float64(100_000+i))
			for name, rate := range c.counters {
				put(name, rate*float64(i))
			}
		}
		findings, _ := Judge(s, timeline.Attribution{}, load(t), "en")
		got := ""
		if f := finding(findings, "W17"); f != nil {
			got = f.Title
		}
		if got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

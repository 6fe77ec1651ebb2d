package rules

import (
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// TestChangeFacts compares classes before and after an onset in the middle of a minute.
func TestChangeFacts(t *testing.T) {
	from := t0 / 1e6
	s := emptySnapshot("db")
	class := func(fingerprint string, cells ...analyzers.Slice) *analyzers.Class {
		c := addClass(s.Digest, fingerprint, analyzers.Read, 1, 1000)
		c.Slices = analyzers.Slices{Width: 10}
		for _, cell := range cells {
			cell.Start += from
			c.Slices.Cells = append(c.Slices.Cells, cell)
		}
		c.First = (c.Slices.Cells[0].Start) * 1e6
		return c
	}
	class("select slow from a where b = ?", analyzers.Slice{Start: 0, Calls: 10, TimeUS: 10_000}, analyzers.Slice{Start: 30, Calls: 10, TimeUS: 40_000})
	class("select same from a where b = ?", analyzers.Slice{Start: 0, Calls: 10, TimeUS: 10_000}, analyzers.Slice{Start: 30, Calls: 10, TimeUS: 15_000})
	class("select rare from a where b = ?", analyzers.Slice{Start: 0, Calls: 4, TimeUS: 10_000}, analyzers.Slice{Start: 30, Calls: 10, TimeUS: 90_000})
	class("select new from a where b = ?", analyzers.Slice{Start: 30, Calls: 10, TimeUS: 90_000})
	// Its one slice lies on both sides of the onset and tells nothing of either.
	class("select across from a where b = ?", analyzers.Slice{Start: 0, Calls: 10, TimeUS: 10_000}, analyzers.Slice{Start: 25, Calls: 10, TimeUS: 900_000}, analyzers.Slice{Start: 40, Calls: 10, TimeUS: 10_000})
	s.Digest.Statements.First, s.Digest.Statements.Last = t0, t0+60e6
	a := timeline.Attribution{
		Onset: from + 30, Bad: timeline.Division{From: from + 30, To: from + 60, Statements: 600}, Baseline: timeline.Division{From: from, To: from + 30, Statements: 200},
	}
	g := gather(s, a, nil)
	facts := func(fingerprint string) factMap {
		for _, sub := range g.subjects["query"] {
			if sub.facts["fingerprint"] == fingerprint {
				return sub.facts
			}
		}
		t.Fatal(fingerprint)
		return nil
	}
	if m := facts("select slow from a where b = ?"); m["slower"] != 4.0 || m["mean_before_s"] != 0.001 || m["appeared"] != false {
		t.Errorf("%v %v %v", m["slower"], m["mean_before_s"], m["appeared"])
	}
	if m := facts("select same from a where b = ?"); m["slower"] != 1.5 {
		t.Errorf("%v", m["slower"])
	}
	if m := facts("select rare from a where b = ?"); m["slower"] != nil {
		t.Errorf("too few to compare: %v", m["slower"])
	}
	if m := facts("select new from a where b = ?"); m["slower"] != nil || m["appeared"] != true {
		t.Errorf("%v %v", m["slower"], m["appeared"])
	}
	if m := facts("select across from a where b = ?"); m["slower"] != 1.0 {
		t.Errorf("%v", m["slower"])
	}
	if g.global["query_growth"] != 3.0 || g.global["classes_compared"] != 3.0 {
		t.Errorf("%v %v", g.global["query_growth"], g.global["classes_compared"])
	}
	if share, _ := g.global["slowed_share"].(float64); share < 0.33 || share > 0.34 {
		t.Errorf("%v", g.global["slowed_share"])
	}
	// Without an onset there is nothing to compare.
	if g := gather(s, timeline.Attribution{}, nil); g.global["query_growth"] != nil || g.subjects["query"][0].facts["appeared"] != nil {
		t.Errorf("%v", g.global)
	}
}

// TestFileFacts tells files from pages, and who answered them.
func TestFileFacts(t *testing.T) {
	s := emptySnapshot("web")
	d := s.Digest
	add := func(route string, requests, bytes int64, upstream int) {
		e := &analyzers.Endpoint{Key: analyzers.EndpointKey{Role: "web", Method: "GET", Route: route}, Requests: requests, BytesSent: bytes}
		for range upstream {
			e.Upstream.Add(1000)
		}
		d.Endpoints[e.Key] = e
		d.Web.Count += requests
	}
	add("/img/:hex.PNG", 50, 900, 0)
	add("/app.js", 10, 50, 10)
	add("/orders/:id", 40, 50, 40)
	d.Web.UpstreamLogged = d.Web.Count
	g := gather(s, timeline.Attribution{}, nil)
	for name, want := range map[string]float64{"static_share": 0.6, "static_bytes_share": 0.95, "static_upstream_share": 0.1, "web_upstream_logged": 1} {
		if g.global[name] != want {
			t.Errorf("%s is %v, want %v", name, g.global[name], want)
		}
	}
}

// TestReplicaFacts reads the server's place from what was asked for, and from MariaDB's status.
func TestReplicaFacts(t *testing.T) {
	for _, c := range []struct {
		name    string
		samples map[string]float64
		want    map[string]any
	}{
		{"asked", map[string]float64{"replica.configured": 1, "replica.connected": 0, "replica.lag": 12, "replica.sql_running": 1, "replica.io_running": 0},
			map[string]any{"is_replica": true, "replicas_connected": 0.0, "replica_lag": 12.0, "sql_thread": true, "io_thread": false}},
		{"status alone", map[string]float64{"mysql.status.Slaves_connected": 2, "mysql.status.Slaves_running": 0, "mysql.status.Slave_heartbeat_period": 0},
			map[string]any{"is_replica": false, "replicas_connected": 2.0, "replica_lag": nil}},
		{"a stopped replica by its heartbeat", map[string]float64{"mysql.status.Slaves_running": 0, "mysql.status.Slave_heartbeat_period": 30}, map[string]any{"is_replica": true}},
		{"neither", map[string]float64{"mysql.status.Uptime": 5}, map[string]any{"is_replica": nil, "replicas_connected": nil, "sql_thread": nil}},
	} {
		s := &analyzers.Snapshot{Digest: analyzers.NewDigest(), Series: analyzers.NewSeriesSet()}
		for i := range int64(10) {
			for name, v := range c.samples {
				s.Series.Add("", "db", collectors.Sample{At: t0 + i*1e6, Name: name, Value: v})
			}
		}
		g := gather(s, timeline.Attribution{}, nil)
		for name, want := range c.want {
			if g.global[name] != want {
				t.Errorf("%s: %s is %v, want %v", c.name, name, g.global[name], want)
			}
		}
	}
}

// TestBytesPerConnection needs connections that vary and memory that follows them.
func TestBytesPerConnection(t *testing.T) {
	series := func(value func(i int64) float64) *analyzers.Series {
		s := analyzers.NewSeriesSet()
		for i := range int64(30) {
			s.Add("", "db", collectors.Sample{At: t0 + i*1e6, Name: "x", Value: value(i)})
		}
		return s.Get(analyzers.SeriesKey{Role: "db", Name: "x"})
	}
	connected := series(func(i int64) float64 { return float64(20 + i) })
	if v, ok := bytesPerConnection(series(func(i int64) float64 { return 1e9 + 3e5*float64(i) }), connected); !ok || v < 2.99e5 || v > 3.01e5 {
		t.Errorf("%v %v", v, ok)
	}
	for name, pair := range map[string][2]*analyzers.Series{
		"connections stand": {series(func(i int64) float64 { return float64(i) }), series(func(int64) float64 { return 20 })},
		"memory stands":     {series(func(int64) float64 { return 5 }), connected},
		"memory falls":      {series(func(i int64) float64 { return 1e9 - 3e5*float64(i) }), connected},
		"no relation":       {series(func(i int64) float64 { return float64(i * 7919 % 30) }), connected},
		"not recorded":      {nil, connected},
	} {
		if v, ok := bytesPerConnection(pair[0], pair[1]); ok {
			t.Errorf("%s: %v", name, v)
		}
	}
}

// A replica whose delay outlasts the seconds in which requests were slow is as far behind as it is at the
// end of the logs, not of those seconds.
func TestReplicaLagOutlastsTheOnset(t *testing.T) {
	s := emptySnapshot("db")
	s.Series = analyzers.NewSeriesSet()
	for i := range int64(90) {
		s.Series.Add("", "db", collectors.Sample{At: t0 + i*1e6, Name: "replica.lag", Value: float64(max(i-30, 0))})
	}
	a := timeline.Attribution{Onset: t0/1e6 + 30, Bad: timeline.Division{From: t0/1e6 + 30, To: t0/1e6 + 36}, Whole: timeline.Division{From: t0 / 1e6, To: t0/1e6 + 60}}
	g := gather(s, a, nil)
	if g.global["replica_lag"] != 30.0 || g.global["replica_lag_least"] != 27.0 {
		t.Errorf("behind %v, least %v: want 30 and 27, as at the end of the logs", g.global["replica_lag"], g.global["replica_lag_least"])
	}
	if w := g.windows[replicaState]; w.To != t0+60e6 {
		t.Errorf("evidence is said to end %d s after the start", (w.To-t0)/1e6)
	}
}

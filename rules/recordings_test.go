package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// A recorded host is one of two cores over a minute; from half on it is what the test says.
type recordedHost struct {
	cpu, cpuBefore float64            // share used
	processes      map[string]float64 // cores in the second half
	await, queue   float64            // of device vda in the second half
	util           float64
	bytes          float64 // written per second
	job            string  // a process that did not run in the first half
	idle           float64 // cores that each of the others used then
	burst          float64 // await of one second in the first half, or of every so many in the second
	often          int64
	dbBytes        float64 // by the database; negative when its counters were not recorded
}

func (h recordedHost) snapshot() (*analyzers.Snapshot, timeline.Attribution) {
	s := emptySnapshot("db", "web")
	s.Series = analyzers.NewSeriesSet()
	s.Sources = append(s.Sources, collectors.Source{Path: "sar.json", Role: "host", Recording: true})
	put := func(host, role string, i int64, name, instance string, v float64) {
		s.Series.Add(host, role, collectors.Sample{At: t0 + i*1e6, Name: name, Instance: instance, Value: v})
	}
	written := 0.0
	for i := int64(1); i <= 60; i++ {
		bad := i > 30
		pick := func(now, before float64) float64 {
			if bad {
				return now
			}
			return before
		}
		put("db01", "host", i, "cpu.cores", "", 2)
		put("db01", "host", i, "cpu.user", "", pick(h.cpu, h.cpuBefore)-0.01)
		put("db01", "host", i, "cpu.system", "", 0.01)
		put("db01", "host", i, "disk.util", "vda", pick(h.util, 0.01))
		before := 0.0005
		if i == 9 {
			before = max(before, h.burst)
		}
		now := h.await
		if h.often > 0 && i%h.often == 0 {
			now = h.burst
		}
		put("db01", "host", i, "disk.await", "vda", pick(now, before))
		put("db01", "host", i, "disk.queue", "vda", pick(h.queue, 0.1))
		put("db01", "host", i, "disk.read_bytes", "vda", 0)
		put("db01", "host", i, "disk.write_bytes", "vda", pick(h.bytes, 1e5))
		if i%5 == 0 {
			total := 0.0
			for name, cores := range h.processes {
				if name == h.job && !bad {
					continue
				}
				put("", "host", i, "process.cpu", name, pick(cores, max(h.idle, 0.01)))
				total += pick(cores, max(h.idle, 0.01))
			}
			put("", "host", i, "process.cpu", "", total)
		}
		if h.dbBytes >= 0 {
			written += h.dbBytes
			put("", "db", i, "mysql.status.Uptime", "", float64(100+i))
			put("", "db", i, "mysql.status.Innodb_data_written", "", written)
			put("", "db", i, "mysql.status.Innodb_data_read", "", 0)
		}
	}
	from := t0 / 1e6
	return s, timeline.Attribution{
		Onset: from + 30, Change: "request time", Ratio: 4, Overlap: true,
		Whole:    timeline.Division{From: from, To: from + 60, Requests: 600},
		Bad:      timeline.Division{From: from + 30, To: from + 60, Requests: 300, RequestUS: 3e6, UpstreamUS: 3e6},
		Baseline: timeline.Division{From: from, To: from + 30, Requests: 300, RequestUS: 3e5, UpstreamUS: 3e5},
	}
}

func TestHost(t *testing.T) {
	hog := recordedHost{cpu: 0.98, cpuBefore: 0.1, processes: map[string]float64{"batchjob": 1.8, "mysqld": 0.05}, dbBytes: 1000, bytes: 1e5, await: 0.0005, util: 0.01}
	with := func(change func(h *recordedHost)) recordedHost {
		h := hog
		change(&h)
		return h
	}
	disk := recordedHost{cpu: 0.3, cpuBefore: 0.1, processes: map[string]float64{"mysqld": 0.2}, util: 1, await: 0.03, queue: 40, bytes: 2e8, dbBytes: 1e4}
	for _, c := range []struct {
		name  string
		h     recordedHost
		rules string // of warnings and criticals without a cause
		layer Layer
	}{
		{"another process", hog, "X02", LayerHost},
		{"the application", with(func(h *recordedHost) { h.processes = map[string]float64{"php-fpm8.2": 1.8, "mysqld": 0.05} }), "X16", ""},
		{"a job in a language of applications", with(func(h *recordedHost) {
			h.processes, h.job = map[string]float64{"python3": 1.8, "mysqld": 0.05}, "python3"
		}), "X02", LayerHost},
		{"an application with a name of its own", with(func(h *recordedHost) { h.idle = 0.05 }), "X16", ""},
		{"the database", with(func(h *recordedHost) { h.processes = map[string]float64{"mariadbd": 1.8, "nginx": 0.05} }), "X17", ""},
		{"nobody in particular", with(func(h *recordedHost) { h.processes = map[string]float64{"mysqld": 0.9, "nginx": 0.8, "x": 0.2} }), "H01", ""},
		{"process not recorded", with(func(h *recordedHost) { h.processes = nil }), "H01", ""},
		{"as busy before", with(func(h *recordedHost) { h.cpuBefore, h.idle = 0.97, 1 }), "H01", ""},
		{"a job that takes over a busy CPU", with(func(h *recordedHost) { h.cpuBefore, h.job = 0.97, "batchjob" }), "X02", LayerHost},
		{"quiet", with(func(h *recordedHost) { h.cpu = 0.3 }), "", ""},
		{"disk of another process", disk, "X15", LayerHost},
		{"a quick disk, four times as slow as before", func() recordedHost { d := disk; d.await = 0.002; return d }(), "X15", LayerHost},
		{"a burst before the onset", func() recordedHost { d := disk; d.await, d.burst = 0.002, 0.1; return d }(), "X15", LayerHost},
		{"bursts of a disk that is quick else", func() recordedHost { d := disk; d.await, d.burst, d.often = 0.0005, 1, 9; return d }(), "H12", ""},
		{"a quick disk, a little slower", func() recordedHost { d := disk; d.await = 0.0019; return d }(), "", ""},
		{"disk of the database", func() recordedHost { d := disk; d.dbBytes = 1.9e8; return d }(), "H12", ""},
		{"disk of nobody known", func() recordedHost { d := disk; d.dbBytes = -1; return d }(), "H12", ""},
	} {
		s, a := c.h.snapshot()
		findings, _ := Judge(s, a, load(t), "en")
		var open []string
		for _, f := range findings {
			if f.Severity != Info && len(f.BecauseOf) == 0 {
				open = append(open, f.Rule)
			}
		}
		if got := strings.Join(open, " "); got != c.rules {
			t.Errorf("%s: %q, want %q", c.name, got, c.rules)
		}
		s.Digest.Web.Count, s.Digest.Web.WithTime = 600, 600
		v := Decide(s, a, findings, "en")
		if (v.Layer == LayerHost) != (c.layer == LayerHost) {
			t.Errorf("%s: verdict %s: %s", c.name, v.Layer, v.Summary)
		}
		if slices.ContainsFunc(v.Unknown, func(u string) bool { return strings.HasPrefix(u, "The host") }) {
			t.Errorf("%s: the host was recorded: %v", c.name, v.Unknown)
		}
	}
}

// TestHostEvidence checks what a finding about a device says and when.
func TestHostEvidence(t *testing.T) {
	s, a := recordedHost{cpu: 0.3, cpuBefore: 0.1, util: 1, await: 0.03, queue: 40, bytes: 2e8, dbBytes: 1e4}.snapshot()
	findings, _ := Judge(s, a, load(t), "en")
	f := finding(findings, "X15@vda")
	if f == nil || f.Subject.Kind != "device" || !strings.Contains(f.Advice[0].Do, "/dev/vda") {
		t.Fatalf("%v", ids(findings))
	}
	if e := f.Evidence[1]; *e.Value < 0.029 || e.Window != "2026-11-22T22:40:30Z/2026-11-22T22:41:00Z" || e.Source != "host recording" {
		t.Errorf("%+v", e)
	}
	if e := f.Evidence[2]; *e.Value > 0.001 || e.Window != "2026-11-22T22:40:00Z/2026-11-22T22:40:30Z" {
		t.Errorf("the baseline: %+v", e)
	}
}

// TestOtherTimes gives recordings that do not cover the trouble: nothing is concluded from them.
func TestOtherTimes(t *testing.T) {
	s, a := recordedHost{cpu: 0.98, cpuBefore: 0.1, processes: map[string]float64{"batchjob": 1.8}, dbBytes: 0}.snapshot()
	for _, d := range []*timeline.Division{&a.Whole, &a.Bad, &a.Baseline} {
		d.From += 86400
		d.To += 86400
	}
	a.Onset += 86400
	findings, gaps := Judge(s, a, load(t), "en")
	if len(findings) != 1 || findings[0].Rule != "O04" { // which says just this
		t.Errorf("findings %v", ids(findings))
	}
	if g := gapOf(gaps, "X02"); g == nil || !slices.Equal(g.Missing, []string{"host recording"}) {
		t.Errorf("%+v", g)
	}
	s.Digest.Web.Count = 600
	v := Decide(s, a, findings, "en")
	if !slices.ContainsFunc(v.Unknown, func(u string) bool { return strings.Contains(u, "another time than the trouble") }) {
		t.Errorf("%v", v.Unknown)
	}
}

// TestRecordingsAlone has no log at all.
func TestRecordingsAlone(t *testing.T) {
	s, _ := recordedHost{cpu: 0.98, cpuBefore: 0.98, processes: map[string]float64{"batchjob": 1.8}, dbBytes: 0}.snapshot()
	findings, _ := Judge(s, timeline.Attribution{}, load(t), "en")
	v := Decide(s, timeline.Attribution{}, findings, "en")
	if v.Layer != LayerHost || v.Confidence > 0.5 || !strings.Contains(v.Summary, "batchjob") {
		t.Errorf("%+v", v)
	}
	// Each series counts over all it has: top was started when sar had ended.
	late := &analyzers.Snapshot{Digest: analyzers.NewDigest(), Series: analyzers.NewSeriesSet()}
	for i := range int64(20) {
		late.Series.Add("vm", "host", collectors.Sample{At: t0 + i*1e6, Name: "cpu.user", Value: 0.9})
		late.Series.Add("vm", "host", collectors.Sample{At: t0 + i*1e6, Name: "cpu.system", Value: 0.05})
		late.Series.Add("", "host", collectors.Sample{At: t0 + (100+i)*1e6, Name: "process.cpu", Value: 1})
	}
	findings, _ = Judge(late, timeline.Attribution{}, load(t), "en")
	v = Decide(late, timeline.Attribution{}, findings, "en")
	if finding(findings, "H01") == nil || v.Layer != LayerHost || v.Confidence > 0.5 {
		t.Errorf("%v %+v", ids(findings), v)
	}
	v = Decide(s, timeline.Attribution{}, nil, "zh")
	if v.Layer != LayerUnknown || !strings.Contains(v.Summary, "没有突出") {
		t.Errorf("%+v", v)
	}
}

// TestSeriesCalls checks the functions against hand-made series.
func TestSeriesCalls(t *testing.T) {
	s := emptySnapshot()
	s.Series = analyzers.NewSeriesSet()
	for i := range int64(10) {
		for name, v := range map[string]float64{"Uptime": float64(i), "Connections": float64(100 + 30*i), "Threads_running": float64(i)} {
			s.Series.Add("", "db", collectors.Sample{At: t0 + i*1e6, Name: "mysql.status." + name, Value: v})
		}
	}
	s.Set("max_connections", "151")
	s.Set("performance_schema", "OFF")
	s.Set("query_cache_type", "DEMAND")
	s.Set("innodb_buffer_pool_size", "garbage")
	for src, want := range map[string]any{
		`r("Connections")`: 30.0, `d("Connections")`: 270.0, `p95("Threads_running")`: 9.0, `mean("Threads_running")`: 4.5, `peak("Threads_running")`: 9.0,
		`last("Threads_running")`: 9.0, `v("max_connections")`: 151.0, `v("performance_schema")`: false, `v("query_cache_type")`: "DEMAND",
		`v("innodb_buffer_pool_size")`: nil, `v("userstat")`: nil, `r("Questions")`: nil, `p95("cpu.run_queue")`: nil,
	} {
		name, calls := withNames(src)
		if len(calls) != 1 || calls[0].check("global") != nil || withCalls(name) != src {
			t.Errorf("%s: %q %v", src, name, calls)
			continue
		}
		g := gather(s, timeline.Attribution{}, calls)
		if got := g.global[name]; got != want {
			t.Errorf("%s is %v, want %v", src, got, want)
		}
	}
	for src, want := range map[string]string{
		`r("Conections")`: "no such status variable", `v("max_conections")`: "no such setting", `p95("cpu.runqueue")`: "no such metric",
		`r("cpu.user")`: "a rate already", `p95("disk.await")`: "of a device", `r("Threads_running")`: "is a gauge", `p95("Connections")`: "r or d",
	} {
		_, err := newScope(&Rule{Each: "global"}, false).compile(src+" > 1", conditionRole)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", src, err)
		}
	}
}

// TestUnknownCalls leaves a rule unknown, and the gap says which number is missing.
func TestUnknownCalls(t *testing.T) {
	s := emptySnapshot()
	s.Series = analyzers.NewSeriesSet()
	for i := range int64(10) {
		s.Series.Add("", "db", collectors.Sample{At: t0 + i*1e6, Name: "mysql.status.Uptime", Value: float64(i)})
	}
	_, gaps := Judge(s, timeline.Attribution{}, load(t), "en")
	g := gapOf(gaps, "L01")
	if g == nil || !slices.Equal(g.Missing, []string{`r("Innodb_row_lock_time")`}) || !strings.Contains(g.Provide, "mysqladmin ext") {
		t.Errorf("%+v", g)
	}
}

// TestForeignNames has a server whose status was read in full and lacks a name: the rule does not
// apply to it, which is no gap.
func TestForeignNames(t *testing.T) {
	s := emptySnapshot()
	s.Series = analyzers.NewSeriesSet()
	for i := range int64(10) {
		for n := range fullStatus {
			s.Series.Add("", "db", collectors.Sample{At: t0 + i*1e6, Name: fmt.Sprintf("mysql.status.S%d", n), Value: float64(i)})
		}
		s.Series.Add("", "db", collectors.Sample{At: t0 + i*1e6, Name: "mysql.status.Uptime", Value: float64(i)})
	}
	if _, gaps := Judge(s, timeline.Attribution{}, load(t), "en"); gapOf(gaps, "L01") != nil || gapOf(gaps, "O02") == nil {
		t.Errorf("%+v", gaps)
	}
}

// TestGatesOfAServer judges servers of two engines with a rule for one.
func TestGatesOfAServer(t *testing.T) {
	for version, want := range map[string]bool{"10.11.6-MariaDB": true, "8.0.36": false} {
		s := emptySnapshot()
		s.Series = analyzers.NewSeriesSet()
		for i := range int64(100) {
			for name, v := range map[string]float64{"Uptime": float64(i), "Innodb_checkpoint_age": 90, "Innodb_checkpoint_max_age": 100, "Innodb_os_log_written": float64(i) * 1e6} {
				s.Series.Add("", "db", collectors.Sample{At: t0 + i*1e6, Name: "mysql.status." + name, Value: v})
			}
		}
		s.Set("version", version)
		findings, gaps := Judge(s, timeline.Attribution{}, load(t), "en")
		if got := finding(findings, "I01") != nil; got != want || !want && gapOf(gaps, "I01") != nil {
			t.Errorf("%s: %v", version, ids(findings))
		}
	}
}

func TestBufferPoolTarget(t *testing.T) {
	const g = float64(1 << 30)
	for _, c := range []struct {
		pool, available, total, data, want float64
	}{
		{g, 20 * g, 24 * g, 2 * g, 2.25 * g},                      // all data and a tenth, in chunks
		{g, 20 * g, 24 * g, 100 * g, 18 * g},                      // three quarters of memory
		{g, 3 * g, 24 * g, 100 * g, 1.5 * g},                      // what others use stays theirs
		{g, 1 * g, 24 * g, 100 * g, 0},                            // nothing is left
		{g, 20 * g, 24 * g, -1, 2 * g},                            // sizes unknown: twice
		{128 << 20, 3.5 * g, 4 * g, 100 * g, 2 * g},               // half of a small host
		{g, 20 * g, 24 * g, 0, 0},                                 // no data
		{0.125 * g, 0.5 * g, 1 * g, 10 * g, 0.5 * g},              // a very small host
		{8 * g, 30 * g, 64 * g, 7 * g, 7.75 * g},                  // 7.7 GiB wanted
		{8 * g, 30 * g, 64 * g, 9.5 * g, 10.5 * g},                // 10.45 GiB wanted
		{8 * g, 6.4*g + 0.3*g, 64 * g, 90 * g, 8.25 * g},          // 8.3 GiB may be had
		{48 * g, 2 * g, 64 * g, 90 * g, 43.5 * g},                 // it already takes too much
		{48 * g, 100 * g, 64 * g, 90 * g, 48 * g},                 // at the limit
		{0.5 * g, 20 * g, 24 * g, 0.5 * g, 0.625 * g},             // grows by a chunk
		{0.5 * g, 20 * g, 24 * g, 0.1 * g, 0.125 * g},             // smaller than now: no rule advises it
		{float64(33554432), 22 * g, 23.5 * g, 0.3 * g, 0.375 * g}, // a toy
	} {
		m := factMap{"mem_available": c.available, "mem_total": c.total}
		if c.data >= 0 {
			m["innodb_bytes"] = c.data
		}
		poolFacts(m, c.pool)
		if got := m["buffer_pool_target"]; got != c.want {
			t.Errorf("%+v: %.3f GiB", c, got.(float64)/g)
		}
		if want := fmt.Sprintf("%d", int64(c.want)>>20); m["buffer_pool_target_mib"] != want {
			t.Errorf("%v MiB, want %s", m["buffer_pool_target_mib"], want)
		}
	}
}

// TestErrorTotals counts the messages of an error log over the time of the other logs, or all of them.
func TestErrorTotals(t *testing.T) {
	s := emptySnapshot()
	s.Series = analyzers.NewSeriesSet()
	add := func(second int64, name, instance string, n float64) {
		s.Series.Add("", "errors", collectors.Sample{At: t0 + second*1e6, Name: name, Instance: instance, Value: n})
	}
	add(0, "web.error.refused", "", 0)
	add(0, "web.error.lines", "", 1)
	add(5, "web.error.refused", "", 3)
	add(5, "web.error.refused", "10.0.0.5:80", 3)
	add(50, "web.error.refused", "", 4)
	second := func(n int64) int64 { return t0/1e6 + n }
	for want, whole := range map[float64][2]int64{7: {0, 0}, 3: {second(2), second(30)}, 0: {second(70), second(90)}, -1: {second(-90), second(-30)}} {
		a := timeline.Attribution{}
		a.Whole.From, a.Whole.To = whole[0], whole[1]
		_, calls := withNames(`total("web.error.refused")`)
		_, others := withNames(`total("mysql.error.crashed")`)
		g := gather(s, a, append(calls, others...))
		got, known := g.global[calls[0].ident()]
		if known != (want >= 0) || known && got != want || g.present[webErrors] != known || g.present[dbErrors] {
			t.Errorf("%v: %v, want %v; present %v", whole, got, want, g.present)
		}
	}
	for src, want := range map[string]string{`total("cpu.user")`: "error logs", `peak("web.error.refused")`: "error logs", `total("web.error.odd")`: "no such metric"} {
		_, err := newScope(&Rule{Each: "global"}, false).compile(src+" > 1", conditionRole)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", src, err)
		}
	}
}

// TestBufferPoolThatFits takes a pool that is larger than its host down to what leaves room for the connections, not
// to all that is free.
func TestBufferPoolThatFits(t *testing.T) {
	const g = float64(1 << 30)
	for _, c := range []struct {
		pool, total, others float64
		want                string // MiB
	}{
		{64, 24, 1, "18432"},  // three quarters of the host
		{64, 24, 16, "5632"},  // what nine tenths leave beside others
		{6, 4, 0.25, "2048"},  // half of a small host
		{48, 24, 23.5, "128"}, // nothing is left: the least
	} {
		s := emptySnapshot("db")
		s.Settings = map[string]string{"innodb_buffer_pool_size": fmt.Sprintf("%.0f", c.pool*g)}
		s.Series = analyzers.NewSeriesSet()
		for i := range int64(100) {
			for name, v := range map[string]float64{"mem.total": c.total * g, "mem.available": (c.total - c.others - 0.25) * g} {
				s.Series.Add("db01", "host", collectors.Sample{At: t0 + i*1e6, Name: name, Value: v})
			}
			s.Series.Add("db01", "host", collectors.Sample{At: t0 + i*1e6, Name: "process.memory", Instance: "mariadbd", Value: 0.25 * g})
		}
		findings, gaps := Judge(s, timeline.Attribution{}, load(t), "en")
		f := finding(findings, "M02")
		if f == nil {
			t.Fatalf("%+v: %v %+v", c, ids(findings), gapOf(gaps, "M02"))
		}
		if want := "innodb_buffer_pool_size = " + c.want + "*1024*1024"; !strings.Contains(f.Advice[0].Do, want) {
			t.Errorf("%+v: %q", c, f.Advice[0].Do)
		}
	}
}

// TestRowsAskForNoShards has no number of rows make shards: only a rate that one server cannot take does.
func TestRowsAskForNoShards(t *testing.T) {
	s := emptySnapshot("db")
	addClass(s.Digest, "select id, kind from actions where user_id = ?", analyzers.Read, 2000, 300)
	addClass(s.Digest, "insert into actions (user_id, kind) values(?+)", analyzers.Write, 2000, 300)
	s.Tables = []collectors.Table{{Schema: "game", Name: "actions", Engine: "InnoDB", Rows: 80_000_000, DataBytes: 5e9, IndexBytes: 3e9}}
	findings, gaps := Judge(s, timeline.Attribution{}, load(t), "en")
	if finding(findings, "W08@game.actions") == nil || finding(findings, "W11@game.actions") != nil || gapOf(gaps, "W11") == nil {
		t.Errorf("%v, %+v", ids(findings), gapOf(gaps, "W11"))
	}
}

package rules

import (
	"maps"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// TestAdviceLooksAtSettings has no advice take a setting below what it is, or tell a value without what it costs.
func TestAdviceLooksAtSettings(t *testing.T) {
	const m = 1 << 20
	for _, c := range []struct {
		name     string
		rule     string
		settings map[string]string
		series   map[string]float64 // of each second; counters grow by it
		want     string             // in an advice with its risk and undo
		not      string             // in none
	}{
		{"the queue that is asked for", "H18", map[string]string{"host.somaxconn": "8192", "back_log": "10000"}, nil, "somaxconn=10000 and|none that is known|somaxconn=8192", "4096"},
		{"a log buffer by default", "M14", map[string]string{"innodb_log_buffer_size": "16777216"}, map[string]float64{"Innodb_log_waits": 5}, "innodb_log_buffer_size = 64M|", "iostat"},
		{"a large log buffer", "M14", map[string]string{"innodb_log_buffer_size": "268435456"}, map[string]float64{"Innodb_log_waits": 5}, "The buffer has 256 MiB|", "64M"},
		{"a log buffer that is not known", "M14", map[string]string{"innodb_page_size": "16384"}, map[string]float64{"Innodb_log_waits": 5}, "innodb_log_buffer_size = 64M|", "{"},
		{"a small cache of the binary log", "T06", map[string]string{"binlog_cache_size": "32768"}, map[string]float64{"Binlog_cache_disk_use": 5, "Binlog_cache_use": 10}, "binlog_cache_size = 262144; (now 32768)|session that writes|binlog_cache_size = 32768;", "DEFAULT"},
		{"a larger one", "T06", map[string]string{"binlog_cache_size": "1048576"}, map[string]float64{"Binlog_cache_disk_use": 5, "Binlog_cache_use": 10}, "binlog_cache_size = 2097152;", "262144"},
		{"a large one", "T06", map[string]string{"binlog_cache_size": "8388608"}, map[string]float64{"Binlog_cache_disk_use": 5, "Binlog_cache_use": 10}, "Split batches", "SET GLOBAL"},
		{"a late replica that flushes each commit", "R04", map[string]string{"innodb_flush_log_at_trx_commit": "1"}, map[string]float64{"replica.lag": 30}, "= 2 on the replica|loses up to a second|= 1.", "trx_commit=2"},
		{"a late replica that does not", "R04", map[string]string{"innodb_flush_log_at_trx_commit": "2"}, map[string]float64{"replica.lag": 30}, "See what it applies", "trx_commit"},
	} {
		s := emptySnapshot("db")
		s.Settings = maps.Clone(c.settings)
		s.Series = analyzers.NewSeriesSet()
		put := func(role, name string, i int64, v float64) {
			s.Series.Add("db01", role, collectors.Sample{At: t0 + i*1e6, Name: name, Value: v})
		}
		for i := range int64(120) {
			put("db", "mysql.status.Uptime", i, float64(100_000+i))
			put("host", "mem.total", i, 1024*m)
			put("host", "mem.available", i, 900*m)
			for name, v := range c.series {
				if strings.Contains(name, ".") {
					put("db", name, i, v)
				} else {
					put("db", "mysql.status."+name, i, float64(i)*v)
				}
			}
			put("db", "replica.configured", i, 1)
		}
		findings, gaps := Judge(s, timeline.Attribution{}, load(t), "en")
		f := finding(findings, c.rule)
		if f == nil {
			t.Errorf("%s: %v, gap %+v", c.name, ids(findings), gapOf(gaps, c.rule))
			continue
		}
		found := false
		for _, a := range f.Advice {
			text := a.Do + "|" + a.Risk + "|" + a.Undo
			all := true
			for _, part := range strings.Split(c.want, "|") {
				all = all && strings.Contains(text, part)
			}
			found = found || all
			if strings.Contains(text, c.not) {
				t.Errorf("%s: %q has %q", c.name, text, c.not)
			}
		}
		if !found {
			t.Errorf("%s: %q is not in %+v", c.name, c.want, f.Advice)
		}
	}
}

// TestAdviceOnLargeTables offers no replicas to a table that is mostly written.
func TestAdviceOnLargeTables(t *testing.T) {
	for _, c := range []struct {
		name          string
		reads, writes int
		want, not     string
	}{
		{"written", 400, 1000, "merge its writes", "reads to a cache and replicas"},
		{"both", 800, 1000, "reads to a cache and replicas", "merge its writes"},
		{"read", 4000, 1000, "reads to a cache and replicas", "merge its writes"},
	} {
		s := emptySnapshot("db")
		addClass(s.Digest, "select id, kind from actions where user_id = ?", analyzers.Read, c.reads, 300)
		addClass(s.Digest, "insert into actions (user_id, kind) values(?+)", analyzers.Write, c.writes, 300)
		s.Tables = []collectors.Table{{Schema: "game", Name: "actions", Engine: "InnoDB", Rows: 80_000_000, DataBytes: 5e9, IndexBytes: 3e9}}
		findings, _ := Judge(s, timeline.Attribution{}, load(t), "en")
		f := finding(findings, "W08@game.actions")
		if f == nil || len(f.Advice) != 1 || !strings.Contains(f.Advice[0].Do, c.want) || strings.Contains(f.Advice[0].Do, c.not) {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

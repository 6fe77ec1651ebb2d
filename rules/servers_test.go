package rules

import (
	"slices"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// twoServers are a server a that reads little and has a large pool, and b that reads much and has a small
// one, on a host that is busy.
func twoServers() *analyzers.Snapshot {
	s := emptySnapshot()
	s.Series = analyzers.NewSeriesSet()
	put := func(host, role string, i int64, name string, v float64) {
		s.Series.Add(host, role, collectors.Sample{At: t0 + i*1e6, Name: name, Value: v})
	}
	for i := int64(1); i <= 120; i++ {
		put("db01", "host", i, "cpu.cores", 2)
		put("db01", "host", i, "cpu.user", 0.97)
		put("db01", "host", i, "cpu.system", 0.02)
		put("db01", "host", i, "mem.total", 16<<30)
		put("db01", "host", i, "mem.available", 12<<30)
		for _, x := range []struct {
			address            string
			reads, free, moved float64
		}{{"a:3306", 1, 100_000, 1e6}, {"b:3306", 5_000, 10, 9e6}} {
			n := float64(i)
			for name, v := range map[string]float64{
				"Uptime": 86400 + n, "Threads_running": 2, "Questions": 100 * n, "Innodb_buffer_pool_reads": x.reads * n, "Innodb_buffer_pool_read_requests": 20_000 * n,
				"Innodb_buffer_pool_read_ahead": 0, "Innodb_buffer_pool_pages_free": x.free, "Innodb_buffer_pool_pages_total": 500_000,
				"Innodb_data_read": x.moved * n, "Innodb_data_written": 0, "Innodb_os_log_written": 0, "Slaves_running": 0, "Com_commit": n, "Com_insert": n, "Com_update": 0, "Com_delete": 0,
			} {
				put(x.address, "db", i, "mysql.status."+name, v)
			}
		}
	}
	for address, pool := range map[string]string{"a:3306": "8589934592", "b:3306": "134217728"} {
		s.Sources = append(s.Sources, collectors.Source{Path: "mysql " + address, Role: "db", Recording: true})
		s.AddServer(analyzers.Server{Address: address, Settings: map[string]string{
			"version": "10.11.6-MariaDB", "innodb_buffer_pool_size": pool, "innodb_lru_scan_depth": "1536", "max_connections": "151", "log_bin": "OFF",
		}})
	}
	return s
}

// Each of several servers is judged by its own figures and settings, and what is found names it; what is
// of no server is said once.
func TestSeveralServers(t *testing.T) {
	s := twoServers()
	a := timeline.Attribute(s)
	set := load(t)
	findings, gaps := Judge(s, a, set, "en")
	of := func(rule string) (servers []string) {
		for _, f := range findings {
			if f.Rule != rule {
				continue
			}
			servers = append(servers, f.Server)
			if f.Server != "" && (!strings.HasPrefix(f.Title, f.Server+": ") || !strings.HasSuffix(f.ID, "@"+f.Server)) {
				t.Errorf("%s is headed %q", f.ID, f.Title)
			}
		}
		slices.Sort(servers)
		return servers
	}
	for rule, want := range map[string][]string{"M01": {"b:3306"}, "H01": {""}, "R02": {"a:3306", "b:3306"}} {
		if got := of(rule); !slices.Equal(got, want) {
			t.Errorf("%s is found on %q", rule, got)
		}
	}
	for _, f := range findings {
		if f.Rule == "M01" && !strings.Contains(f.Title, "128 MiB") {
			t.Errorf("the pool of another: %s", f.Title)
		}
	}
	if !slices.ContainsFunc(gaps, func(g Gap) bool { return g.Server == "" }) {
		t.Error("what both lack is not said once")
	}
	if v := Decide(s, a, findings, "en"); v.Layer == LayerDatabase && !strings.Contains(v.Summary, "b:3306") {
		t.Errorf("the verdict does not name the server: %s", v.Summary)
	}
	if traces := set.Explain("M01", s.Of("a:3306"), a, "en"); traces[0].Holds != False {
		t.Errorf("explained on a: %v", traces[0].Holds)
	}
	zh, _ := Judge(s, a, set, "zh")
	if i := slices.IndexFunc(zh, func(f Finding) bool { return f.Rule == "M01" }); i < 0 || !strings.HasPrefix(zh[i].Title, "b:3306：") {
		t.Error("the finding in Chinese does not name its server")
	}
}

// A disk is asked for by all servers of a host together.
func TestDiskOfSeveralServers(t *testing.T) {
	one := newRecording(twoServers().Of("a:3306"), timeline.Attribution{}, "db")
	if got := diskRate(&one); got != 10e6 {
		t.Errorf("%v bytes a second", got)
	}
}

// Advice about two servers does not wait for each other, and is of two settings though they have one name.
func TestAdviceOfSeveralServers(t *testing.T) {
	set := load(t)
	of := func(server string) Finding {
		return Finding{ID: "M01@" + server, Rule: "M01", Server: server, Subject: Subject{Kind: "global"}, Severity: Critical, Share: 0.5,
			Advice: []Advice{{Do: "more", Rung: "my.cnf", sets: "innodb_buffer_pool_size"}}}
	}
	both := []Finding{of("a"), of("b")}
	resolve(both, set, &gathered{global: factMap{}}, "en")
	for _, f := range both {
		if len(f.Advice) != 1 || f.Advice[0].Held != "" {
			t.Errorf("%s: %+v", f.ID, f.Advice)
		}
	}
	same := []Finding{of("a"), of("a")}
	same[1].ID += " again"
	same[1].Advice[0].Do = "even more"
	resolve(same, set, &gathered{global: factMap{}}, "en")
	if same[1].Advice[0].Held == "" {
		t.Error("one setting of one server is changed twice at a time")
	}
}

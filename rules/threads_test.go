package rules

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// A thread is a situation in which an adviser was reported to advise badly, rebuilt with numbers of
// our own. The file is named for the project and the number of the report.
type thread struct {
	Says     string             `yaml:"says"` // what was reported, in our words
	Seconds  int64              `yaml:"seconds"`
	Settings map[string]string  `yaml:"settings"`
	Counters map[string]float64 `yaml:"counters"` // status variables that grow, per second
	Gauges   map[string]float64 `yaml:"gauges"`   // status variables that stand
	Host     map[string]float64 `yaml:"host"`     // metrics of the host; "process.memory@mysqld" names an instance
	Tables   []threadTable      `yaml:"tables"`
	Queries  []threadQuery      `yaml:"queries"`

	Holds   []string `yaml:"holds"`   // rules that must hold
	Silent  []string `yaml:"silent"`  // rules that must not, though they could be judged
	Unknown []string `yaml:"unknown"` // rules that must be gaps
	Absent  []string `yaml:"absent"`  // rules that do not apply: neither findings nor gaps
	Advises []string `yaml:"advises"` // patterns that some advice must match
	Never   []string `yaml:"never"`   // patterns that no advice may match
	Once    []string `yaml:"once"`    // settings that at most one advice may change now
}

type threadTable struct {
	Name    string   `yaml:"name"`
	Engine  string   `yaml:"engine"`
	Rows    int64    `yaml:"rows"`
	Bytes   int64    `yaml:"bytes"`
	Columns []string `yaml:"columns"` // "name type"
	Indexes []string `yaml:"indexes"` // "name: a, b", "name unique: a", "name unread: a"
}

type threadQuery struct {
	SQL      string `yaml:"sql"`
	Calls    int    `yaml:"calls"`
	MS       int64  `yaml:"ms"`
	Sent     int64  `yaml:"sent"`
	Examined int64  `yaml:"examined"`
}

func (th *thread) snapshot() *analyzers.Snapshot {
	s := &analyzers.Snapshot{Digest: analyzers.NewDigest(), Series: analyzers.NewSeriesSet()}
	seconds := cmp.Or(th.Seconds, 120)
	add := func(role string, at int64, name, instance string, v float64) {
		s.Series.Add("", role, collectors.Sample{At: t0 + at*1e6, Name: name, Instance: instance, Value: v})
	}
	counters := maps.Clone(th.Counters)
	for name, v := range map[string]float64{"Uptime": 1, "Questions": 500} {
		if _, given := counters[name]; !given && len(th.Gauges)+len(th.Counters) > 0 {
			counters = maps.Collect(func(yield func(string, float64) bool) {
				for k, x := range counters {
					if !yield(k, x) {
						return
					}
				}
				yield(name, v)
			})
		}
	}
	for i := range seconds {
		for name, rate := range counters {
			add("db", i, "mysql.status."+name, "", 1e6+rate*float64(i))
		}
		for name, v := range th.Gauges {
			add("db", i, "mysql.status."+name, "", v)
		}
		for name, v := range th.Host {
			metric, instance, _ := strings.Cut(name, "@")
			add("host", i, metric, instance, v)
		}
	}
	for name, v := range th.Settings {
		s.Set(name, v)
	}
	for _, t := range th.Tables {
		s.AddTable(t.table())
	}
	for _, q := range th.Queries {
		fingerprint, id := analyzers.Fingerprint(q.SQL)
		kind := analyzers.Read
		if !strings.HasPrefix(strings.ToLower(q.SQL), "select") {
			kind = analyzers.Write
		}
		c := addClass(s.Digest, fingerprint, kind, cmp.Or(q.Calls, 500), cmp.Or(q.MS, 100)*1000)
		c.ID, c.Worst = id, analyzers.Example{SQL: q.SQL}
		setRows(c, q.Sent, q.Examined)
		c.RowsAffectedKnown = c.Time.Count
	}
	if len(th.Queries) > 0 {
		s.Sources = append(s.Sources, collectors.Source{Path: "slow.log", Role: "db"})
	}
	return s
}

func (t threadTable) table() collectors.Table {
	out := collectors.Table{Schema: "shop", Name: t.Name, Engine: cmp.Or(t.Engine, "InnoDB"), Rows: t.Rows, DataBytes: t.Bytes}
	for _, c := range t.Columns {
		name, kind, _ := strings.Cut(c, " ")
		out.Columns = append(out.Columns, collectors.Column{Name: name, Type: kind})
	}
	for _, x := range t.Indexes {
		head, columns, _ := strings.Cut(x, ": ")
		name, how, _ := strings.Cut(head, " ")
		i := index(name, how == "unique" || name == "PRIMARY", strings.Split(columns, ", ")...)
		i.ReadsKnown = strings.Contains(how, "unread") || how == "unique"
		out.Indexes = append(out.Indexes, i)
	}
	return out
}

// TestThreads judges each of these situations.
func TestThreads(t *testing.T) {
	files, _ := filepath.Glob("testdata/threads/*.yaml")
	if len(files) < 30 {
		t.Fatalf("%d threads", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var th thread
			if err := decode(text, &th); err != nil {
				t.Fatal(err)
			}
			th.judge(t)
		})
	}
}

func (th *thread) judge(t *testing.T) {
	set := load(t)
	findings, gaps := Judge(th.snapshot(), timeline.Attribution{}, set, "en")
	held := func(id string) bool {
		return slices.ContainsFunc(findings, func(f Finding) bool { return f.Rule == id })
	}
	asserted := 0
	check := func(ids []string, finding, gap bool) {
		for _, id := range ids {
			asserted++
			if _, ok := set.Rule(id); !ok {
				t.Errorf("no rule %s", id)
			}
			if held(id) != finding || (gapOf(gaps, id) != nil) != gap {
				t.Errorf("%s: finding %v, gap %+v", id, held(id), gapOf(gaps, id))
			}
		}
	}
	for _, id := range th.Holds {
		asserted++
		if !held(id) {
			t.Errorf("%s does not hold: %v, gap %+v", id, ids(findings), gapOf(gaps, id))
		}
	}
	check(th.Silent, false, false)
	check(th.Unknown, false, true)
	check(th.Absent, false, false)
	changes := map[string]int{}
	var open []string
	for _, f := range findings {
		for _, a := range f.Advice {
			if a.Held == "" {
				open = append(open, f.Rule+": "+a.Do)
				changes[a.sets]++
			}
			for _, pattern := range th.Never {
				if regexp.MustCompile(pattern).MatchString(a.Do) {
					t.Errorf("%s advises %q", f.ID, a.Do)
				}
			}
		}
	}
	asserted += len(th.Never)
	for _, pattern := range th.Advises {
		asserted++
		if !slices.ContainsFunc(open, regexp.MustCompile(pattern).MatchString) {
			t.Errorf("no advice matches %q:\n%s", pattern, strings.Join(open, "\n"))
		}
	}
	for _, name := range th.Once {
		asserted++
		if changes[name] > 1 {
			t.Errorf("%d advices change %s", changes[name], name)
		}
	}
	if asserted == 0 || th.Says == "" {
		t.Error("nothing is asserted, or nothing said")
	}
}

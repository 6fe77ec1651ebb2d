package host

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"dbtriage/collectors"
)

var update = flag.Bool("update", false, "rewrite golden files")

// plant writes the files of an archive below dir: those whose names begin with prefix, without it.
func plant(t *testing.T, dir string, a *txtar.Archive, prefix string) {
	t.Helper()
	for _, f := range a.Files {
		name, ok := strings.CutPrefix(f.Name, prefix)
		if !ok || prefix == "" && strings.HasPrefix(name, "later/") {
			continue
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		data := f.Data
		if strings.HasSuffix(name, "/cmdline") {
			data = append(bytes.ReplaceAll(bytes.TrimSpace(data), []byte(" "), []byte{0}), 0)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Each tree of testdata is read twice, ten seconds apart, and both readings are compared with what
// stands beside it.
func TestTrees(t *testing.T) {
	trees, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(trees) == 0 {
		t.Fatal("no trees", err)
	}
	for _, tree := range trees {
		t.Run(strings.TrimSuffix(filepath.Base(tree), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(tree)
			if err != nil {
				t.Fatal(err)
			}
			root := t.TempDir()
			plant(t, root, a, "")
			s := New(Options{Root: root})
			start := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
			var got bytes.Buffer
			for i, prefix := range []string{"", "later/"} {
				if i > 0 {
					plant(t, root, a, prefix)
				}
				r, err := s.Read(context.Background(), start.Add(time.Duration(i)*10*time.Second))
				fmt.Fprintf(&got, "# after %d s\n", 10*i)
				if err != nil {
					fmt.Fprintf(&got, "error %v\n", err)
				}
				write(&got, r)
			}
			text := strings.ReplaceAll(got.String(), root, "ROOT")
			golden := strings.TrimSuffix(tree, ".txtar") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(strings.Split(string(want), "\n"), strings.Split(text, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func write(w *bytes.Buffer, r collectors.Reading) {
	for _, name := range slices.Sorted(maps.Keys(r.Settings)) {
		fmt.Fprintf(w, "setting %s %s\n", name, r.Settings[name])
	}
	slices.SortStableFunc(r.Samples, func(a, b collectors.Sample) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Instance, b.Instance))
	})
	for _, s := range r.Samples {
		if strings.HasPrefix(s.Name, "fs.") {
			continue // of the file system that the test runs on
		}
		fmt.Fprintf(w, "%s %s %.6g\n", s.Name, s.Instance, s.Value)
	}
	for _, p := range r.Processes {
		p.User = "" // whoever runs the test
		fmt.Fprintf(w, "process %+v\n", p)
	}
	for _, m := range r.Missing {
		fmt.Fprintf(w, "missing %s: %s (%s)\n", m.What, m.Why, m.Provide)
	}
}

// Every sample has a row in the table of metrics, and an instance where the table says so only.
func TestNamesAreInTheTable(t *testing.T) {
	for _, golden := range []string{"testdata/virtual.golden", "testdata/container.golden", "testdata/old.golden"} {
		text, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			name, rest, _ := strings.Cut(line, " ")
			if !strings.Contains(name, ".") {
				continue
			}
			m, ok := collectors.MetricNamed(name)
			if !ok {
				t.Errorf("%s: %s is in no row of collectors.Metrics", golden, name)
			}
			if instance, _, _ := strings.Cut(rest, " "); instance != "" && m.Of == "" {
				t.Errorf("%s: %s has the instance %q and the table says that it has none", golden, name, instance)
			}
		}
	}
}

func TestNothingThere(t *testing.T) {
	r, err := New(Options{Root: t.TempDir()}).Read(context.Background(), time.Now())
	if err == nil || len(r.Missing) == 0 {
		t.Fatalf("no error and %d missing from a root without /proc", len(r.Missing))
	}
}

func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := New(Options{}).Read(ctx, time.Now()); err == nil {
		t.Fatal("an ended context is no error")
	}
}

// A clock that stands still or goes back gives no rates, and the next reading covers both.
func TestClockStandsStill(t *testing.T) {
	s := New(Options{})
	p := &pass{Sampler: s, since: time.Second}
	p.grown("a", "", 10)
	if _, _, ok := p.grown("a", "", 20); ok {
		t.Error("growth in no time")
	}
	p.since = 3 * time.Second
	if by, seconds, ok := p.grown("a", "", 30); !ok || by != 20 || seconds != 2 {
		t.Error(by, seconds, ok)
	}
}

func TestStepped(t *testing.T) {
	for _, c := range []struct {
		before, now, step uint64
		ok                bool
	}{
		{5, 7, 2, true},
		{7, 7, 0, true},
		{1<<32 - 6, 4, 10, true},    // 32 bits are full
		{1000, 5, 0, false},         // reset
		{1<<40 + 5, 1, 0, false},    // no counter of 32 bits
		{3_000_000_000, 0, 0, true}, // either: the wrap is the smaller step
	} {
		step, ok := stepped(c.before, c.now)
		if c.before == 3_000_000_000 {
			c.step = 1<<32 - c.before
		}
		if ok != c.ok || ok && step != c.step {
			t.Errorf("%d → %d: %d, %v; want %d, %v", c.before, c.now, step, ok, c.step, c.ok)
		}
	}
}

func TestProgramName(t *testing.T) {
	for _, c := range []struct{ comm, command, want string }{
		{"php-fpm8.2", "php-fpm: pool www", "php-fpm"},
		{"gunicorn: worke", "", "gunicorn"},
		{"python3", "/usr/bin/python3 -m gunicorn app:app", "gunicorn"},
		{"python3.11", "python3.11 backup.py", "python3.11"},
		{"puma: cluster w", "", "puma"},
		{"mariadbd", "", "mariadbd"},
		{":", "", ":"},
	} {
		if got := programName(c.comm, c.command); got != c.want {
			t.Errorf("%q %q: %q, want %q", c.comm, c.command, got, c.want)
		}
	}
}

func TestWithoutSecrets(t *testing.T) {
	for _, c := range [][2]string{
		{"mysql -uapp -psecret -h db shop", "mysql -uapp -p*** -h db shop"},
		{"mysqld --port=3306 --socket=/run/a", "mysqld --port=3306 --socket=/run/a"},
		{"/usr/bin/mysqldump --password=secret shop", "/usr/bin/mysqldump --password=*** shop"},
		{"app --db-password secret --verbose", "app --db-password *** --verbose"},
		{"app --token --verbose", "app --token --verbose"},
		{"java -Ddb.password=secret -jar a.jar", "java -Ddb.password=*** -jar a.jar"},
		{"app mysql://root:secret@db/shop", "app mysql://root:***@db/shop"},
		{"redis-cli -a secret ping", "redis-cli -a *** ping"},
		{"cp -p a b", "cp -p a b"},
	} {
		if got := strings.Join(withoutSecrets(strings.Split(c[0], " ")), " "); got != c[1] {
			t.Errorf("%s: %s, want %s", c[0], got, c[1])
		}
	}
}

// What this machine says of itself is read without a gap in what every machine has.
func TestThisMachine(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("this machine has no /proc")
	}
	s := New(Options{})
	if _, err := s.Read(context.Background(), time.Now()); err != nil {
		t.Fatal(err)
	}
	busy := time.Now().Add(300 * time.Millisecond)
	for time.Now().Before(busy) {
		_ = strings.Repeat("x", 1000)
	}
	// On a slow or loaded machine a probe may cost milliseconds and has to wait its costShare: to the
	// sampler a minute has passed.
	r, err := s.Read(context.Background(), time.Now().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, sample := range r.Samples {
		have[sample.Name] = true
	}
	for _, name := range []string{"cpu.user", "cpu.context_switches", "cpu.cores", "mem.total", "mem.available", "tcp.established", "limit.files_used"} {
		if !have[name] {
			t.Errorf("no %s; missing: %v", name, r.Missing)
		}
	}
	if len(r.Processes) == 0 {
		t.Error("no processes")
	}
}

func BenchmarkRead(b *testing.B) {
	s := New(Options{})
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(time.Second)
		if _, err := s.Read(context.Background(), now); err != nil {
			b.Fatal(err)
		}
	}
}

package session

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dbtriage/analyzers"
)

// run is one run of a program with a state file: it returns the events that it counted.
func run(t testing.TB, log, state string) *analyzers.Snapshot {
	t.Helper()
	earlier, err := LoadBookmark(state)
	must(t, err)
	g, err := Grow([]Input{{Path: log}}, Options{Workers: 2}, earlier)
	must(t, err)
	defer g.Close()
	for _, p := range g.Read(context.Background(), time.Now()) {
		t.Error(p)
	}
	s := g.Snapshot()
	must(t, g.Bookmark(earlier).Save(state))
	return s
}

func TestStateOverRotation(t *testing.T) {
	dir := t.TempDir()
	log, state := filepath.Join(dir, "access.log"), filepath.Join(dir, "state.json")
	next := 0
	add := func(file string, n int) {
		t.Helper()
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		must(t, err)
		f.WriteString(requests(next, n))
		must(t, f.Close())
		next += n
	}
	want := func(n int64, when string) {
		t.Helper()
		s := run(t, log, state)
		if s.Digest.Web.Count != n {
			t.Fatalf("%s: %d requests, want %d", when, s.Digest.Web.Count, n)
		}
		for _, src := range s.Sources {
			if len(src.Warnings) > 0 {
				t.Errorf("%s: %q", when, src.Warnings)
			}
		}
	}
	add(log, 10)
	want(10, "first run")
	want(0, "nothing new")
	add(log, 5)
	want(5, "grown")

	add(log, 2)
	must(t, os.Rename(log, log+".1"))
	want(2, "renamed and not made again")
	add(log, 3)
	want(3, "a new one")
	add(log+".1", 1)
	add(log, 1)
	want(2, "written to both")

	add(log, 4)
	logrotate(t, log+" {\n su root root\n rotate 9\n copytruncate\n}\n")
	add(log, 50)
	want(54, "copied and truncated, then grown beyond")

	add(log, 4)
	for range 3 {
		logrotate(t, log+" {\n su root root\n rotate 9\n create\n}\n")
		add(log, 3)
	}
	want(13, "rotated three times")
	want(0, "nothing new after all")
}

func TestStateIsGone(t *testing.T) {
	dir := t.TempDir()
	log, state := filepath.Join(dir, "access.log"), filepath.Join(dir, "state.json")
	must(t, os.WriteFile(log, []byte(requests(0, 10)), 0o644))
	run(t, log, state)
	must(t, os.Remove(log))
	must(t, os.WriteFile(log, []byte(requests(90, 20)), 0o644))
	s := run(t, log, state)
	if s.Digest.Web.Count != 20 || len(s.Sources[0].Warnings) != 1 || !strings.Contains(s.Sources[0].Warnings[0], "is gone") {
		t.Errorf("%d requests, %q", s.Digest.Web.Count, s.Sources[0].Warnings)
	}
}

func TestForeignState(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	for _, text := range []string{
		"", "{", "null", "[]", "hello", `{"kind":"x"}`, `{"kind":"dbtriage log positions","version":2}`,
		`{"kind":"dbtriage log positions","version":1,"logs":{"/x":[{"offset":-1}]}}`,
		`{"kind":"dbtriage log positions","version":1,"logs":{"/x":[{"head":{"len":99999999999}}]}}`,
		`{"kind":"dbtriage log positions","version":1,"more":1}`,
	} {
		must(t, os.WriteFile(file, []byte(text), 0o644))
		if _, err := LoadBookmark(file); !errors.Is(err, ErrState) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if s, err := LoadBookmark(file + ".none"); err != nil || len(s.Logs) != 0 {
		t.Errorf("no state: %v, %v", s, err)
	}
}

// TestKilled kills a program that reads a log with a state file again and again, while the log is
// written and rotated. What its reports hold together must be every event, and the state usable.
func TestKilled(t *testing.T) {
	if dir := os.Getenv("DBTRIAGE_TEST_KILLED"); dir != "" {
		runForKill(t, dir)
		return
	}
	dir := t.TempDir()
	log := filepath.Join(dir, "access.log")
	self, err := os.Executable()
	must(t, err)
	word := func(i int) string { // a route that stays itself
		return fmt.Sprintf("/%c/%c/%c", 'a'+i/400, 'a'+i/20%20, 'a'+i%20)
	}
	written, kills := 0, 0
	r := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for kills < 25 {
		cmd := exec.Command(self, "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "DBTRIAGE_TEST_KILLED="+dir)
		must(t, cmd.Start())
		gone := make(chan error, 1)
		go func() { gone <- cmd.Wait() }()
		f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		must(t, err)
		for end := time.Now().Add(time.Duration(20+r.IntN(120)) * time.Millisecond); time.Now().Before(end); {
			if written < 8000 {
				fmt.Fprintf(f, "1.2.3.4 - - [05/Mar/2024:10:00:00 +0000] \"GET %s HTTP/1.1\" 200 10 \"-\" \"-\"\n", word(written))
				written++
			}
			time.Sleep(200 * time.Microsecond)
		}
		f.Close()
		must(t, cmd.Process.Kill())
		<-gone
		kills++
		if _, err := LoadBookmark(filepath.Join(dir, "state.json")); err != nil {
			t.Fatalf("after kill %d: %v", kills, err)
		}
		if kills%5 == 0 {
			must(t, os.Rename(log, fmt.Sprintf("%s.%d", log, kills)))
		}
	}
	last := run(t, log, filepath.Join(dir, "state.json"))
	must(t, report(filepath.Join(dir, "report-last"), last))
	seen := map[string]bool{}
	reports, _ := filepath.Glob(filepath.Join(dir, "report-*"))
	for _, name := range reports {
		f, err := os.Open(name)
		must(t, err)
		for in := bufio.NewScanner(f); in.Scan(); {
			seen[in.Text()] = true
		}
		f.Close()
	}
	missing := 0
	for i := range written {
		if !seen[word(i)] {
			missing++
		}
	}
	t.Logf("%d events, %d kills, %d reports", written, kills, len(reports))
	if missing > 0 || len(reports) < 5 {
		t.Errorf("%d of %d events are in none of %d reports", missing, written, len(reports))
	}
}

// runForKill runs until it is killed.
func runForKill(t *testing.T, dir string) {
	for i := 0; ; i++ {
		state := filepath.Join(dir, "state.json")
		earlier, err := LoadBookmark(state)
		must(t, err)
		g, err := Grow([]Input{{Path: filepath.Join(dir, "access.log")}}, Options{Workers: 2}, earlier)
		must(t, err)
		g.Read(context.Background(), time.Now())
		must(t, report(filepath.Join(dir, fmt.Sprintf("report-%d-%d", os.Getpid(), i)), g.Snapshot()))
		must(t, g.Bookmark(earlier).Save(state))
		g.Close()
	}
}

// report puts the routes of a snapshot into a file that is there whole or not at all.
func report(name string, s *analyzers.Snapshot) error {
	if s.Digest.Web.Count == 0 {
		return nil
	}
	var b strings.Builder
	for key := range s.Digest.Endpoints {
		fmt.Fprintln(&b, key.Route)
	}
	tmp := filepath.Join(filepath.Dir(name), "tmp-"+filepath.Base(name))
	return errors.Join(os.WriteFile(tmp, []byte(b.String()), 0o644), os.Rename(tmp, name))
}

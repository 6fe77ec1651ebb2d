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

// A stateTest is a log that is read by one run after another.
type stateTest struct {
	*testing.T
	log, state string
	next       int
}

func newStateTest(t *testing.T) *stateTest {
	dir := t.TempDir()
	return &stateTest{T: t, log: filepath.Join(dir, "access.log"), state: filepath.Join(dir, "state.json")}
}

// add writes requests that are in no file yet.
func (s *stateTest) add(file string, n int) {
	s.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	must(s, err)
	f.WriteString(requests(s.next, n))
	must(s, f.Close())
	s.next += n
}

// age makes a file look silent for long.
func (s *stateTest) age(file string) {
	s.Helper()
	old := time.Now().Add(-5 * time.Minute)
	must(s, os.Chtimes(file, old, old))
}

func (s *stateTest) want(n int64, when string) {
	s.Helper()
	got := run(s, s.log, s.state)
	if got.Digest.Web.Count != n {
		s.Fatalf("%s: %d requests, want %d", when, got.Digest.Web.Count, n)
	}
	for _, src := range got.Sources {
		if len(src.Warnings) > 0 {
			s.Errorf("%s: %q", when, src.Warnings)
		}
	}
}

// What was read is known again as a copy, under another name, after a change of its times.
func TestStateKnowsCopies(t *testing.T) {
	s := newStateTest(t)
	s.add(s.log, 1000)
	s.want(1000, "first run")
	copyFile(t, s.log, s.log+".1")
	copyFile(t, s.log, s.log+"-20240305")
	s.add(s.log, 10)
	s.want(10, "a copy that is not yet truncated, and a backup")
	must(t, os.Truncate(s.log, 0))
	s.add(s.log, 10)
	s.want(10, "truncated")
	must(t, os.Rename(s.log, s.log+".2"))
	s.age(s.log + ".2")
	s.add(s.log, 1)
	s.want(1, "renamed")
	must(t, os.Chtimes(s.log+".2", time.Now(), time.Now()))
	s.want(0, "its times changed")
	must(t, os.Remove(s.log+".2"))
	s.want(0, "deleted")
}

// Who was slow to open the new log is read also when the old one was silent for long, line by line.
func TestStateLateWriter(t *testing.T) {
	for _, successor := range []bool{true, false} {
		s := newStateTest(t)
		s.add(s.log, 1000)
		s.want(1000, "first run")
		must(t, os.Rename(s.log, s.log+".1"))
		if successor {
			s.add(s.log, 0)
		}
		for range 3 {
			s.age(s.log + ".1")
			s.want(0, "silent")
			s.add(s.log+".1", 1)
			s.want(1, "one line")
		}
	}
}

// Rotated files that the first run found were there before; what is written to them later is not.
func TestStateRotatedBefore(t *testing.T) {
	s := newStateTest(t)
	s.add(s.log+".1", 500)
	s.add(s.log, 10)
	s.want(10, "first run")
	s.add(s.log, 3)
	s.want(3, "grown")
	must(t, os.Chtimes(s.log+".1", time.Now(), time.Now()))
	s.want(0, "touched")
	must(t, os.Rename(s.log+".1", s.log+".2"))
	must(t, os.Rename(s.log, s.log+".1"))
	s.add(s.log+".2", 2)
	s.add(s.log, 4)
	s.want(6, "rotated once more")
}

// A log that is away, or not to be read, for one run is read on in the next.
func TestStateLogAway(t *testing.T) {
	s := newStateTest(t)
	s.add(s.log, 1000)
	s.want(1000, "first run")
	away := filepath.Join(t.TempDir(), "away")
	for range 2 {
		must(t, os.Rename(s.log, away))
		s.want(0, "away")
		s.want(0, "still away")
		must(t, os.Rename(away, s.log))
		s.add(s.log, 5)
		s.want(5, "back")
	}
}

// What was compressed before it was read is read all the same, and told of only when it cannot be.
func TestStateCompressed(t *testing.T) {
	s := newStateTest(t)
	s.add(s.log, 1000)
	s.want(1000, "first run")
	s.add(s.log, 10)
	must(t, os.Rename(s.log, s.log+".1"))
	gzipped(t, s.log+".1")
	s.add(s.log, 5)
	s.want(15, "compressed at once")
	s.want(0, "nothing new")
	must(t, os.Rename(s.log+".1.gz", s.log+".2.gz"))
	must(t, os.Chtimes(s.log+".2.gz", time.Now(), time.Now()))
	s.want(0, "renamed and touched")
	s.add(s.log, 1)
	must(t, os.Rename(s.log, s.log+"-20240306"))
	s.add(s.log, 20)
	must(t, os.Rename(s.log, s.log+"-20240307"))
	gzipped(t, s.log+"-20240306")
	gzipped(t, s.log+"-20240307")
	s.add(s.log, 2)
	s.want(23, "two at a time, one of which was never seen")
	s.want(0, "nothing new after all")
	must(t, os.Rename(s.log, s.log+".1"))
	gzipped(t, s.log+".1")
	s.add(s.log, 7)
	s.want(7, "compressed after it was read")
}

// A run that is interrupted while it reads a compressed file leaves it to the next.
func TestStateCompressedInterrupted(t *testing.T) {
	s := newStateTest(t)
	s.add(s.log, 10)
	s.want(10, "first run")
	s.add(s.log, 5)
	must(t, os.Rename(s.log, s.log+".2"))
	gzipped(t, s.log+".2")
	s.add(s.log, 5)
	must(t, os.Rename(s.log, s.log+".1"))
	gzipped(t, s.log+".1")
	earlier, err := LoadBookmark(s.state)
	must(t, err)
	g, err := Grow([]Input{{Path: s.log}}, Options{Workers: 2}, earlier)
	must(t, err)
	defer g.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	g.Read(ctx, time.Now())
	must(t, g.Bookmark(earlier).Save(s.state))
	s.add(s.log, 1)
	s.want(11, "the next run")
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
		`{"kind":"dbtriage log positions","version":1}x`,
		`{"kind":"dbtriage log positions","version":1}{}`,
		`{"kind":"dbtriage log positions","version":1,"logs":{"/x":[{"lines":-2}]}}`,
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

// Of two runs with one state the second says that there is another, and which.
func TestStateIsLocked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	unlock, err := LockState(file)
	must(t, err)
	_, err = LockState(file)
	if !errors.Is(err, ErrStateBusy) || !strings.Contains(err.Error(), fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("%v", err)
	}
	unlock()
	unlock, err = LockState(file)
	must(t, err)
	unlock()
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
	reports := func() []string {
		names, err := filepath.Glob(filepath.Join(dir, "report-*"))
		must(t, err)
		return names
	}
	for kills < 25 || len(reports()) < 5 && kills < 250 { // on a slow machine few runs come to an end
		cmd := exec.Command(self, "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "DBTRIAGE_TEST_KILLED="+dir)
		started, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		// How long a program takes to start is the machine's business: the moments to kill it at are those after.
		if line, err := bufio.NewReader(started).ReadString('\n'); line != startedLine {
			t.Fatalf("the program that is to be killed says %q, %v", line, err)
		}
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
		if kills == 0 { // what is rotated before the first state is older than it
			for deadline := time.Now().Add(time.Minute); !exists(filepath.Join(dir, "state.json")) && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
		}
		must(t, cmd.Process.Kill())
		_ = cmd.Wait() // it says that the program was killed
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
	for _, name := range reports() {
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
	t.Logf("%d events, %d kills, %d reports", written, kills, len(reports()))
	if missing > 0 || len(reports()) < 5 {
		t.Errorf("%d of %d events are in none of %d reports", missing, written, len(reports()))
	}
}

const startedLine = "started\n"

// runForKill runs until it is killed.
func runForKill(t *testing.T, dir string) {
	fmt.Print(startedLine)
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

// A compressed log that is damaged counts as far as it goes, once, and the report says so.
func TestStateDamaged(t *testing.T) {
	s := newStateTest(t)
	s.add(s.log, 10)
	s.want(10, "first run")
	s.add(s.log, 20_000)
	must(t, os.Rename(s.log, s.log+".1"))
	gzipped(t, s.log+".1")
	info, err := os.Stat(s.log + ".1.gz")
	must(t, err)
	must(t, os.Truncate(s.log+".1.gz", info.Size()/2))
	s.add(s.log, 1)
	got := run(s, s.log, s.state)
	if n := got.Digest.Web.Count; n < 1000 || n > 19_000 || len(got.Sources[0].Warnings) != 1 || !strings.Contains(got.Sources[0].Warnings[0], "may be missing") {
		t.Errorf("%d requests, %q", n, got.Sources[0].Warnings)
	}
	s.want(0, "once")
}

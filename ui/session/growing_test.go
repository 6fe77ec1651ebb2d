package session

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors/logs"
)

// A growTest is a log that is written and followed by turns, at times of its own.
type growTest struct {
	*testing.T
	dir, path string
	g         *Growing
	now       time.Time
}

func newGrowTest(t *testing.T) *growTest {
	dir := t.TempDir()
	g := &growTest{T: t, dir: dir, path: filepath.Join(dir, "x.log"), now: time.Now()}
	g.start(nil)
	return g
}

func (g *growTest) start(s *Bookmark) {
	g.Helper()
	grow, err := Grow([]Input{{Path: g.path}}, Options{Workers: 2}, s)
	if err != nil {
		g.Fatal(err)
	}
	g.g = grow
	g.Cleanup(grow.Close)
}

func (g *growTest) append(text string) {
	g.Helper()
	f, err := os.OpenFile(g.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		g.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		g.Fatal(err)
	}
	f.Close()
}

// want reads and compares the events counted so far.
func (g *growTest) want(events int64, when string) {
	g.Helper()
	if p := g.g.Read(context.Background(), g.now); len(p) > 0 {
		g.Fatalf("%s: %v", when, p)
	}
	s := g.g.Snapshot()
	n := s.Digest.Statements.Count + s.Digest.Web.Count
	if n != events {
		g.Fatalf("%s: %d events, want %d", when, n, events)
	}
	if len(s.Sources) > 0 && s.Sources[0].Events != events {
		g.Errorf("%s: the source has %d events, want %d", when, s.Sources[0].Events, events)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// requests are n lines that differ from those of another first number.
func requests(first, n int) string {
	var b strings.Builder
	for i := first; i < first+n; i++ {
		fmt.Fprintf(&b, "1.2.3.4 - - [05/Mar/2024:10:00:00 +0000] \"GET /r?n=%08d HTTP/1.1\" 200 10 \"-\" \"-\"\n", i)
	}
	return b.String()
}

func TestFollowLines(t *testing.T) {
	g := newGrowTest(t)
	g.want(0, "no file")
	g.append("")
	g.want(0, "an empty file")
	g.append(requests(0, 3))
	g.want(3, "three lines")
	line := requests(3, 1)
	g.append(line[:40])
	g.want(3, "half a line")
	g.now = g.now.Add(10 * time.Second)
	g.want(3, "half a line, later")
	g.append(line[40:] + requests(4, 2))
	g.want(6, "its other half and two")

	must(t, os.Rename(g.path, g.path+".1"))
	g.want(6, "renamed")
	f, err := os.OpenFile(g.path+".1", os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	defer f.Close()
	f.WriteString(requests(6, 2))
	g.want(8, "written under the old name")
	g.append(requests(8, 1))
	f.WriteString(requests(9, 1))
	g.want(10, "written to both")
	g.now = g.now.Add(2 * time.Minute)
	g.want(10, "the old one is silent")
	f.WriteString(requests(10, 1))
	g.want(11, "and written to all the same")

	must(t, os.Truncate(g.path, 0))
	g.want(11, "truncated")
	g.append(requests(11, 1))
	g.want(12, "one after the truncation")
	must(t, os.Truncate(g.path, 0))
	g.append(requests(12, 5))
	g.want(17, "truncated and grown beyond")
	g.append("nonsense\n")
	g.want(17, "nonsense")
	if src := g.g.Snapshot().Sources[0]; src.Skipped != 1 || src.Skips[0].Line != 6 {
		t.Errorf("%+v", src)
	}
}

func TestFollowSlowLog(t *testing.T) {
	g := newGrowTest(t)
	g.append(record(1, "SELECT 1") + record(2, "SELECT 2"))
	g.want(1, "the last may go on")
	g.now = time.Now().Add(2 * time.Second)
	g.want(2, "silence")
	half := record(3, "SELECT 'a;\nb' FROM t")
	g.append(half[:len(half)-12])
	g.want(2, "half a statement")
	g.now = g.now.Add(20 * time.Second)
	g.want(2, "half a statement and silence")
	g.append(half[len(half)-12:] + record(4, "SELECT 4"))
	g.now = time.Now()
	g.want(3, "its other half")
	// The last statement is held back when the log is truncated.
	must(t, os.Truncate(g.path, 0))
	g.want(4, "truncated")
	g.append(record(5, "SELECT 5"))
	g.want(4, "anew")
	if p := g.g.Finish(context.Background()); len(p) > 0 {
		t.Fatal(p)
	}
	g.want(5, "finished")
}

func TestFollowInterrupted(t *testing.T) {
	g := newGrowTest(t)
	line := requests(0, 1)
	g.append(line + line[:50])
	g.want(1, "one and a half")
	g.append(line[50:] + line[:30])
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if p := g.g.Read(ctx, g.now); len(p) != 1 || p[0].Err != errInterrupted {
		t.Errorf("%v", p)
	}
	g.g.Finish(context.Background())
	if n := g.g.Snapshot().Sources[0]; n.Events != 1 || n.Skipped != 0 {
		t.Errorf("half a line was taken for complete: %+v", n)
	}
	g.want(2, "read on")
	g.append(line[30:])
	g.want(3, "and on")
}

// What a statement inherits comes from before the pause.
func TestFollowInherits(t *testing.T) {
	g := newGrowTest(t)
	const head = "# User@Host: a[a] @ b []  Id: 7\n# Query_time: 0.1  Lock_time: 0 Rows_sent: 1  Rows_examined: 1\n"
	g.append("# Time: 2024-03-05T10:00:00.000000Z\n" + head + "use shop;\nSELECT 1;\n" + head + "SELECT 2;\n")
	g.want(1, "first")
	g.append(head + "SELECT 3;\n")
	g.want(2, "second")
	state := saveAndLoad(t, g)
	g.start(state)
	g.append(head + "SELECT 4;\n")
	g.now = g.now.Add(2 * time.Second)
	g.want(2, "after a restart")
	for _, c := range g.g.Snapshot().Digest.Classes {
		uses := map[string]int64{}
		for name, u := range c.Databases.All() {
			uses[name] = u.Calls
		}
		if len(uses) != 1 || uses["shop"] != 2 || c.First != time.Date(2024, 3, 5, 10, 0, 0, 0, time.UTC).UnixMicro() {
			t.Errorf("%+v, first %d", uses, c.First)
		}
	}
}

func saveAndLoad(t testing.TB, g *growTest) *Bookmark {
	t.Helper()
	file := filepath.Join(g.dir, "state.json")
	must(t, g.g.Bookmark(nil).Save(file))
	s, err := LoadBookmark(file)
	must(t, err)
	return s
}

func TestCloneIsApart(t *testing.T) {
	g := newGrowTest(t)
	g.append(record(1, "SELECT 1") + record(2, "SELECT 2") + record(3, "SELECT 3"))
	g.want(2, "two")
	s := g.g.Snapshot()
	before := digestText(t, s.Digest)
	g.append(record(4, "SELECT 4") + record(5, "SELECT 5"))
	g.want(4, "four")
	if digestText(t, s.Digest) != before {
		t.Error("a snapshot has changed")
	}
}

// logrotate runs the real logrotate on a log.
func logrotate(t *testing.T, conf string) {
	t.Helper()
	bin, err := exec.LookPath("logrotate")
	if err != nil {
		if bin, err = exec.LookPath("/usr/sbin/logrotate"); err != nil {
			t.Skip("logrotate is not installed: apt install logrotate")
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "conf")
	must(t, os.WriteFile(file, []byte(conf), 0o644))
	if out, err := exec.Command(bin, "-f", "-s", filepath.Join(dir, "status"), file).CombinedOutput(); err != nil {
		t.Fatalf("logrotate: %v\n%s", err, out)
	}
}

// A writer fills a log until it is told to stop; it can be paused, and told to open the log again.
type writer struct {
	mu      sync.Mutex
	file    *os.File
	path    string
	written int
	stop    chan struct{}
	gone    chan struct{}
}

func startWriter(t *testing.T, path string) *writer {
	w := &writer{path: path, stop: make(chan struct{}), gone: make(chan struct{})}
	must(t, w.reopen())
	go func() {
		defer close(w.gone)
		for {
			select {
			case <-w.stop:
				return
			default:
			}
			w.mu.Lock()
			text := requests(w.written, 3)
			half := len(text) - 30
			_, err := w.file.WriteString(text[:half])
			if err == nil {
				_, err = w.file.WriteString(text[half:])
			}
			w.written += 3
			w.mu.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			time.Sleep(50 * time.Microsecond)
		}
	}()
	return w
}

func (w *writer) reopen() error {
	f, err := os.OpenFile(w.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if w.file != nil {
		w.file.Close()
	}
	w.file = f
	return err
}

func (w *writer) end() int {
	close(w.stop)
	<-w.gone
	return w.written
}

// follow follows a log in the background; events waits until so many are counted.
func follow(t *testing.T, path string) (events func(n int64)) {
	ctx, cancel := context.WithCancel(context.Background())
	g, err := Grow([]Input{{Path: path}}, Options{Workers: 2}, nil)
	must(t, err)
	var mu sync.Mutex
	var seen int64
	done := make(chan error)
	go func() {
		done <- Follow(ctx, g, time.Millisecond, false, func(s *analyzers.Snapshot, problems []Problem) error {
			mu.Lock()
			defer mu.Unlock()
			for _, p := range problems {
				t.Error(p)
			}
			seen = s.Digest.Web.Count
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		must(t, <-done)
		g.Close()
	})
	return func(n int64) {
		t.Helper()
		var have int64
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			mu.Lock()
			have = seen
			mu.Unlock()
			if have == n {
				return
			}
		}
		t.Fatalf("%d events, want %d", have, n)
	}
}

func TestLogrotateCreate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "access.log")
	w := startWriter(t, path)
	events := follow(t, path)
	for range 5 {
		time.Sleep(2 * logs.PollInterval)
		logrotate(t, path+" {\n su root root\n rotate 9\n create\n}\n")
		w.mu.Lock() // the signal to open the log again comes late
		must(t, w.reopen())
		w.mu.Unlock()
	}
	events(int64(w.end()))
	if _, err := os.Stat(path + ".5"); err != nil {
		t.Error(err)
	}
}

func TestLogrotateCopyTruncate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "access.log")
	w := startWriter(t, path)
	events := follow(t, path)
	for range 5 {
		time.Sleep(2 * logs.PollInterval)
		w.mu.Lock() // what is written between copy and truncation is lost whoever reads
		logrotate(t, path+" {\n su root root\n rotate 9\n copytruncate\n}\n")
		w.mu.Unlock()
	}
	events(int64(w.end()))
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(to, text, 0o644))
}

// gzipped puts the compressed form of a file in its place.
func gzipped(t testing.TB, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(text)
	must(t, z.Close())
	must(t, os.WriteFile(file+".gz", b.Bytes(), 0o644))
	must(t, os.Remove(file))
}

// Files that live shorter than the time between two looks are found under their rotated names, once.
func TestFollowShortLived(t *testing.T) {
	g := newGrowTest(t)
	must(t, os.WriteFile(g.path+".7", []byte(requests(9000, 5)), 0o644))
	g.append(requests(0, 10))
	g.want(10, "what was rotated before is left alone")
	total, next := 10, 10
	for i := range 30 {
		g.append(requests(next, 3))
		total, next = total+3, next+3
		must(t, os.Rename(g.path, fmt.Sprintf("%s.%d", g.path, 100+i)))
	}
	g.want(int64(total), "thirty rotations")
	g.append(requests(next, 4))
	must(t, os.Rename(g.path, g.path+".200"))
	gzipped(t, g.path+".200")
	g.append(requests(next+4, 1))
	g.want(int64(total+5), "rotated and compressed")
	copyFile(t, g.path, g.path+".201")
	copyFile(t, g.path+".110", g.path+".202")
	g.want(int64(total+5), "copies of what was read")
	gzipped(t, g.path+".110")
	g.now = g.now.Add(2 * time.Minute)
	g.want(int64(total+5), "compressed after it was read")
}

// Another file with the content of the log, and more, goes on where the log was.
func TestFollowReplaced(t *testing.T) {
	g := newGrowTest(t)
	g.append(requests(0, 100))
	g.want(100, "first")
	must(t, os.WriteFile(g.path+"~", []byte(requests(0, 110)), 0o644))
	must(t, os.Rename(g.path+"~", g.path))
	g.want(110, "replaced")
	g.append(requests(110, 1))
	g.want(111, "grown")
}

// A log may be of another format after rotation.
func TestFollowFormatChanges(t *testing.T) {
	g := newGrowTest(t)
	g.append(requests(0, 50))
	g.want(50, "lines")
	must(t, os.Rename(g.path, g.path+".1"))
	for i := range 50 {
		g.append(fmt.Sprintf(`{"time":"2024-03-05T10:00:%02dZ","method":"GET","uri":"/x","status":200,"request_time":0.1}`+"\n", i))
	}
	g.want(100, "JSON")
	must(t, os.Rename(g.path, g.path+".2"))
	g.append("nonsense\n" + requests(50, 1))
	g.want(101, "a log that begins with nonsense")
	if src := g.g.Snapshot().Sources[0]; src.Skipped != 1 {
		t.Errorf("%+v", src)
	}
}

// A log that is a link may be rotated where the link leads to.
func TestFollowLink(t *testing.T) {
	g := newGrowTest(t)
	must(t, os.Mkdir(filepath.Join(g.dir, "real"), 0o755))
	target := filepath.Join(g.dir, "real", "access.log")
	must(t, os.WriteFile(target, []byte(requests(0, 10)), 0o644))
	must(t, os.Symlink(target, g.path))
	g.want(10, "first")
	state := saveAndLoad(t, g)
	g.append(requests(10, 5))
	must(t, os.Rename(target, target+".1"))
	must(t, os.WriteFile(target, []byte(requests(15, 2)), 0o644))
	must(t, os.Rename(target, target+".0"))
	must(t, os.WriteFile(target, []byte(requests(17, 1)), 0o644))
	g.want(18, "rotated twice")
	g.start(state)
	g.want(8, "in another run")
}

// Settings, error logs and the like are read for each report, as a run that reads all once reads them.
func TestGrowingWithRecordings(t *testing.T) {
	dir := t.TempDir()
	log, settings, errorLog := filepath.Join(dir, "access.log"), filepath.Join(dir, "variables.txt"), filepath.Join(dir, "error.log")
	must(t, os.WriteFile(log, []byte(requests(0, 3)), 0o644))
	must(t, os.WriteFile(settings, []byte("Variable_name\tValue\nversion\t10.11.6-MariaDB\ninnodb_buffer_pool_size\t134217728\nmax_connections\t151\n"), 0o644))
	must(t, os.WriteFile(errorLog, nil, 0o644))
	g, err := Grow([]Input{{Path: log}, {Path: settings}, {Path: errorLog}}, Options{Workers: 2}, nil)
	must(t, err)
	defer g.Close()
	for i, want := range []int{2, 3, 3} {
		problems := g.Read(context.Background(), time.Now())
		s, more := g.Report(context.Background())
		problems = append(problems, more...)
		if i > 0 {
			problems = append(problems, g.Missing()...)
		}
		if len(problems) > 0 {
			t.Errorf("report %d: %v", i, problems)
		}
		if len(s.Sources) != want || s.Digest.Web.Count != 3 || s.Settings["max_connections"] == "" {
			t.Errorf("report %d: %d requests, %d sources %+v", i, s.Digest.Web.Count, len(s.Sources), s.Sources)
		}
		f, err := os.OpenFile(errorLog, os.O_APPEND|os.O_WRONLY, 0)
		must(t, err)
		for range 20 {
			fmt.Fprintf(f, "2026/11/30 12:00:01 [error] 12#12: *%d connect() failed (111: Connection refused) while connecting to upstream, client: 1.2.3.4, server: x, request: \"GET / HTTP/1.1\", upstream: \"http://127.0.0.1:9000/\", host: \"x\"\n", i)
		}
		f.Close()
	}
}

// followUntil follows until it is told to end, and returns what the last report says.
func followUntil(t *testing.T, g *Growing, ctx context.Context) (last *analyzers.Snapshot, problems []Problem) {
	t.Helper()
	must(t, Follow(ctx, g, time.Hour, true, func(s *analyzers.Snapshot, p []Problem) error {
		last, problems = s, p
		return nil
	}))
	return last, problems
}

// Whoever interrupts the first reading is told that it is not whole; later nothing is left out.
func TestFollowEnds(t *testing.T) {
	g := newGrowTest(t)
	g.append(requests(0, 50_000))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s, problems := followUntil(t, g.g, ctx)
	if len(problems) != 1 || problems[0].Err != errInterrupted || len(s.Sources) != 1 || !strings.Contains(fmt.Sprint(s.Sources[0].Warnings), "reading was stopped after") {
		t.Errorf("%v, %+v", problems, s.Sources)
	}
	g.start(nil)
	ctx, cancel = context.WithCancel(context.Background())
	line := requests(60_000, 1)
	var once sync.Once
	must(t, Follow(ctx, g.g, 0, true, func(now *analyzers.Snapshot, p []Problem) error {
		s, problems = now, p
		once.Do(func() { // the first reading is over
			time.AfterFunc(logs.PollInterval/4, func() {
				g.append(requests(50_000, 3) + line[:len(line)-1])
				cancel()
			})
		})
		return nil
	}))
	if len(problems) > 0 || s.Digest.Web.Count != 50_004 || len(s.Sources[0].Warnings) > 0 {
		t.Errorf("%v, %d requests, %q", problems, s.Digest.Web.Count, s.Sources[0].Warnings)
	}
}

// Logs that appear in a folder are followed too, but not what rotation makes of others.
func TestFollowFolder(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.log"), filepath.Join(dir, "b.log")
	must(t, os.WriteFile(a, []byte(requests(0, 10)), 0o644))
	find := func() []Input {
		all, err := Inputs([]string{dir}, nil)
		must(t, err)
		return all
	}
	g, err := Grow(find(), Options{Workers: 2}, nil)
	must(t, err)
	defer g.Close()
	g.Watch(find)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(4*logs.PollInterval, func() {
		must(t, os.WriteFile(b, []byte(requests(100, 5)), 0o644))
		must(t, os.Rename(a, a+".1"))
		must(t, os.WriteFile(a, []byte(requests(10, 2)), 0o644))
	})
	time.AfterFunc(8*logs.PollInterval, cancel)
	s, problems := followUntil(t, g, ctx)
	if len(problems) > 0 || s.Digest.Web.Count != 17 || len(s.Sources) != 2 {
		t.Errorf("%v, %d requests of %d logs", problems, s.Digest.Web.Count, len(s.Sources))
	}
}

// A rotated file that the user named is read with its log, once.
func TestGrowableNamed(t *testing.T) {
	dir := t.TempDir()
	log, state := filepath.Join(dir, "node"), filepath.Join(dir, "state")
	must(t, os.WriteFile(log, []byte(requests(0, 100)), 0o644))
	must(t, os.WriteFile(log+"-1", []byte(requests(500, 50)), 0o644))
	must(t, os.WriteFile(log+"-2", []byte(requests(700, 5)), 0o644))
	for i, want := range []int64{150, 0, 1, 2} {
		earlier, err := LoadBookmark(state)
		must(t, err)
		kept, rotated := Growable([]Input{{Path: log}, {Path: log + "-1"}, {Path: log + "-2", Found: true}})
		if len(kept) != 1 || len(rotated) != 2 {
			t.Fatalf("%v, %v", kept, rotated)
		}
		g, err := Grow(kept, Options{Workers: 2}, earlier)
		must(t, err)
		switch i {
		case 2: // each is written to
			copyAppend(t, log+"-1", requests(550, 1))
		case 3:
			must(t, os.Rename(log, log+".1"))
			copyAppend(t, log+".1", requests(100, 1))
			copyAppend(t, log, requests(101, 1))
		}
		g.Read(context.Background(), time.Now())
		if n := g.Snapshot().Digest.Web.Count; n != want {
			t.Errorf("run %d: %d requests, want %d", i, n, want)
		}
		must(t, g.Bookmark(earlier).Save(state))
		g.Close()
	}
}

func copyAppend(t testing.TB, file, text string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	must(t, err)
	_, err = f.WriteString(text)
	must(t, err)
	must(t, f.Close())
}

// Half a first line is no unknown format: the rest is waited for. The last line of a renamed log that is
// silent is complete without its end.
func TestGrowingHalfLines(t *testing.T) {
	g := newGrowTest(t)
	line := requests(0, 1)
	g.append(line[:40])
	g.want(0, "half a line")
	if p := g.g.Missing(); len(p) > 0 {
		t.Errorf("%v", p)
	}
	g.append(line[40 : len(line)-1])
	g.want(0, "without its end")
	must(t, os.Rename(g.path, g.path+".1"))
	g.append(requests(1, 1))
	g.want(1, "renamed")
	g.now = g.now.Add(2 * time.Minute)
	g.want(2, "and silent")
}

// Snapshot returns, for tests, what all that was read says together. It shares nothing with the Growing.
func (g *Growing) Snapshot() *analyzers.Snapshot {
	s := g.snapshot()
	s.Digest.Close()
	return s
}

package session

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/zstd"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/logs"
)

func record(second int, sql string) string {
	return fmt.Sprintf("# Time: 2024-03-05T09:00:%02d.000000Z\n# User@Host: a[a] @ b []  Id: 1\n# Query_time: 0.010000  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\n%s;\n", second, sql)
}

const request = `10.0.0.1 - - [05/Mar/2024:09:00:01 +0000] "GET /a HTTP/1.1" 200 5 "-" "-" rt=0.001 ua="-" us="-" ut="-"` + "\n"

// read reads what is written to files of these names, beside a good access log.
func read(t *testing.T, files map[string]string) (*analyzers.Snapshot, []Problem) {
	t.Helper()
	dir := t.TempDir()
	args := []string{filepath.Join(dir, "good.log")}
	files["good.log"] = strings.Repeat(request, 5)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if name != "good.log" {
			args = append(args, filepath.Join(dir, name))
		}
	}
	inputs, err := Inputs(args, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, problems := Read(context.Background(), inputs, Options{Workers: 2})
	if s.Digest.Web.Count < 5 {
		t.Errorf("the good log beside was not read: %d requests", s.Digest.Web.Count)
	}
	return s, problems
}

func source(t *testing.T, s *analyzers.Snapshot, name string) collectors.Source {
	t.Helper()
	for _, src := range s.Sources {
		if filepath.Base(src.Path) == name {
			return src
		}
	}
	t.Fatalf("no source %s in %v", name, s.Sources)
	return collectors.Source{}
}

func wantSkip(t *testing.T, src collectors.Source, line int64, why string) {
	t.Helper()
	for _, k := range src.Skips {
		if k.Line == line && strings.Contains(k.Why, why) {
			return
		}
	}
	t.Errorf("%s: no skip at line %d with %q in %v", src.Path, line, why, src.Skips)
}

func TestEmptyFile(t *testing.T) {
	_, problems := read(t, map[string]string{"empty.log": ""})
	if len(problems) != 1 || !problems[0].Passed || !strings.Contains(problems[0].Err.Error(), "empty") {
		t.Errorf("problems %v", problems)
	}
}

func TestPNG(t *testing.T) {
	_, problems := read(t, map[string]string{"x.log": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00"})
	var unknown *logs.UnknownFormatError
	if len(problems) != 1 || problems[0].Passed || !errors.As(problems[0].Err, &unknown) || len(unknown.Tried) < 5 || len(unknown.Head) == 0 {
		t.Errorf("problems %v", problems)
	}
}

func TestDirectoryWithoutLogs(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"notes.txt": "hello\n", "my.cnf": "[client]\nport=3306\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	inputs, err := Inputs([]string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, problems := Read(context.Background(), inputs, Options{Workers: 1})
	if len(s.Sources) != 0 || len(problems) != 2 || !problems[0].Passed || !problems[1].Passed {
		t.Errorf("sources %v, problems %v", s.Sources, problems)
	}
}

func TestTruncatedGzip(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	for i := range 5000 {
		io.WriteString(w, record(i%60, fmt.Sprintf("SELECT %d FROM t%d", i, i*7919)))
	}
	w.Close()
	s, problems := read(t, map[string]string{"slow.log.gz": z.String()[:z.Len()/2]})
	if n := source(t, s, "slow.log.gz").Events; n < 1000 || n >= 5000 {
		t.Errorf("%d events of half a file with 5000", n)
	}
	if len(problems) != 1 || !strings.Contains(problems[0].Err.Error(), "the compressed data is cut short") {
		t.Errorf("problems %v", problems)
	}
}

// A compressed log that is cut before its first whole record is told as that, also when a folder brings it.
func TestPackedCutInItsFirstRecord(t *testing.T) {
	var gz, zst bytes.Buffer
	zip := gzip.NewWriter(&gz)
	io.WriteString(zip, record(1, "SELECT 1")[:10])
	zip.Flush()
	standard, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(standard, record(1, "SELECT 1")[:10])
	standard.Flush()
	for name, packed := range map[string][]byte{"slow.log.gz": gz.Bytes(), "slow.log.zst": zst.Bytes()} {
		_, problems := read(t, map[string]string{name: string(packed)})
		if len(problems) != 1 || problems[0].Passed || !strings.HasSuffix(problems[0].Err.Error(), name+": the compressed data is cut short") {
			t.Errorf("%s: problems %v", name, problems)
		}
	}
}

func TestLineOf200MB(t *testing.T) {
	long := strings.Repeat("x", 200<<20)
	s, problems := read(t, map[string]string{"access.log": strings.Repeat(request, 2000) + long + "\n" + request})
	src := source(t, s, "access.log")
	if src.Events != 2001 || src.Skipped != 1 || len(problems) != 0 {
		t.Errorf("%d events, %d skipped, %v", src.Events, src.Skipped, problems)
	}
	wantSkip(t, src, 2001, "longer than")
}

func TestStatementOf200MB(t *testing.T) {
	log := record(1, "SELECT 1") + record(2, "INSERT INTO t VALUES ('"+strings.Repeat("x", 200<<20)+"')") + record(3, "SELECT 3")
	s, _ := read(t, map[string]string{"slow.log": log})
	src := source(t, s, "slow.log")
	if src.Events != 3 || len(src.Warnings) != 1 {
		t.Errorf("%d events, warnings %q", src.Events, src.Warnings)
	}
}

func TestTornHeadAndTail(t *testing.T) {
	log := "T 1 FROM t;\n" + record(1, "SELECT 1") + record(2, "SELECT 2")
	log = log[:len(log)-len("SELECT 2;\n")]
	s, _ := read(t, map[string]string{"slow.log": log})
	src := source(t, s, "slow.log")
	if src.Events != 1 || src.Skipped != 2 {
		t.Errorf("%d events, %d skipped", src.Events, src.Skipped)
	}
	wantSkip(t, src, 1, "before the first header")
	wantSkip(t, src, 6, "ends before the statement")
}

func TestMixedLogsInOneFile(t *testing.T) {
	log := strings.Repeat(request, 20) + "mysqld: ready for connections\n" + `{"level":"info"}` + "\n" + request
	s, _ := read(t, map[string]string{"access.log": log})
	src := source(t, s, "access.log")
	if src.Events != 21 || src.Skipped != 2 {
		t.Errorf("%d events, %d skipped", src.Events, src.Skipped)
	}
	wantSkip(t, src, 21, "")
	wantSkip(t, src, 22, "")
}

func TestFutureAndBackwardTime(t *testing.T) {
	log := record(30, "SELECT 1") + strings.Replace(record(1, "SELECT 2"), "2024", "2124", 1) + strings.Replace(record(2, "SELECT 3"), "2024", "1971", 1) + record(31, "SELECT 4")
	s, problems := read(t, map[string]string{"slow.log": log})
	src := source(t, s, "slow.log")
	if src.Events != 4 || len(problems) != 0 {
		t.Errorf("%d events, %v", src.Events, problems)
	}
	var n int64
	for _, c := range s.Digest.Series.Cells() {
		n += c.Statements
	}
	if n != 4 {
		t.Errorf("%d statements in the series", n)
	}
	if src.From >= src.To {
		t.Errorf("from %d to %d", src.From, src.To)
	}
}

// TestNoPermission must not run as root, who may read anything: it runs itself again as nobody.
func TestNoPermission(t *testing.T) {
	if os.Getuid() == 0 {
		dir, err := os.MkdirTemp("/tmp", "dbtriage-nobody-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		self, err := os.ReadFile("/proc/self/exe")
		if err != nil {
			t.Fatal(err)
		}
		bin := filepath.Join(dir, "test")
		if err := errors.Join(os.WriteFile(bin, self, 0o755), os.Chmod(dir, 0o777)); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(bin, "-test.run=^TestNoPermission$", "-test.v")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "TMPDIR="+dir)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("--- PASS: TestNoPermission")) {
			t.Errorf("as nobody: %v\n%s", err, out)
		}
		return
	}
	dir := t.TempDir()
	good, closed := filepath.Join(dir, "good.log"), filepath.Join(dir, "closed.log")
	if err := errors.Join(os.WriteFile(good, []byte(request), 0o644), os.WriteFile(closed, []byte(request), 0o000)); err != nil {
		t.Fatal(err)
	}
	inputs, err := Inputs([]string{closed, good}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, problems := Read(context.Background(), inputs, Options{Workers: 1})
	if len(problems) != 1 || problems[0].Passed || !errors.Is(problems[0].Err, fs.ErrPermission) {
		t.Errorf("problems %v", problems)
	}
	if len(s.Sources) != 1 || s.Sources[0].Events != 1 {
		t.Errorf("sources %v", s.Sources)
	}
}

func TestDockerWrappedSlowLog(t *testing.T) {
	var b strings.Builder
	for line := range strings.Lines(record(1, "SELECT 'a\"b\\\\n' FROM t") + record(2, "SELECT 2")) {
		fmt.Fprintf(&b, `{"log":%q,"stream":"stderr","time":"2024-03-05T09:00:01Z"}`+"\n", line)
	}
	s, problems := read(t, map[string]string{"container-json.log": b.String()})
	if src := source(t, s, "container-json.log"); src.Events != 2 || src.Format != "slow log" || len(problems) != 0 {
		t.Errorf("%+v, %v", src, problems)
	}
	for f := range s.Digest.Classes {
		if f != "select ? from t" && f != "select ?" {
			t.Errorf("fingerprint %q", f)
		}
	}
}

func TestStandardInput(t *testing.T) {
	inputs, err := Inputs([]string{"db=-"}, strings.NewReader(record(1, "SELECT 1")))
	if err != nil {
		t.Fatal(err)
	}
	s, problems := Read(context.Background(), inputs, Options{Workers: 2})
	if s.Digest.Statements.Count != 1 || len(problems) != 0 {
		t.Errorf("%d statements, %v", s.Digest.Statements.Count, problems)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	slow := strings.Repeat(record(1, "SELECT 1"), 1000)
	reads := 0
	in := Input{Path: "-", Open: func() (io.Reader, error) {
		return readerFunc(func(p []byte) (int, error) {
			if reads++; reads == 4 {
				cancel()
			}
			return copy(p, slow), nil
		}), nil
	}}
	s, problems := Read(ctx, []Input{in}, Options{Workers: 1})
	if len(problems) != 1 || problems[0].Err.Error() != "reading was stopped" {
		t.Errorf("problems %v", problems)
	}
	if w := strings.Join(s.Sources[0].Warnings, "\n"); !strings.Contains(w, "reading was stopped after") || strings.Contains(w, "context") {
		t.Errorf("the report warns: %s", w)
	}
	if s.Digest.Statements.Count == 0 {
		t.Error("what was read before the interruption is lost")
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Links in a folder are read when they lead to files; what is not followed is told.
func TestLinksInAFolder(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(elsewhere, "a.log"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"file": filepath.Join(elsewhere, "a.log"), "folder": elsewhere, "nowhere": filepath.Join(elsewhere, "none")} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	all, err := Inputs([]string{dir}, nil)
	if err != nil || len(all) != 3 {
		t.Fatalf("%d inputs, %v", len(all), err)
	}
	for _, in := range all {
		name := filepath.Base(in.Path)
		if in.Open == nil {
			if name != "file" {
				t.Errorf("%s is taken for a file", name)
			}
			continue
		}
		if _, err := in.Open(); err == nil || name == "file" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package analyzers

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	mysqllog "github.com/percona/go-mysql/log"
	"github.com/percona/go-mysql/log/slow"
	"github.com/percona/go-mysql/query"

	"dbtriage/collectors"
	"dbtriage/collectors/logs"
)

// shared returns the folder of sample logs that are not part of this repository.
func shared(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("DBTRIAGE_SHARED")
	if dir == "" {
		t.Skip("DBTRIAGE_SHARED is not set: the folder with the real sample logs is missing")
	}
	return dir
}

type seen struct {
	sql   string
	id    string
	admin bool
	us    int64
}

// readStatements reads every statement of a slow log in order.
func readStatements(t testing.TB, in io.Reader) []seen {
	t.Helper()
	var all []seen
	parts := logs.Parts[*[]seen]{
		New: func(int) *[]seen { return &[]seen{} },
		Sink: func(p *[]seen) logs.Sink {
			return logs.Sink{Statement: func(s *collectors.Statement) {
				_, id := Fingerprint(string(s.SQL))
				*p = append(*p, seen{string(s.SQL), id, s.Admin, s.QueryTime})
			}}
		},
		Append: func(total, part *[]seen, _ string) { *total = append(*total, *part...) },
	}
	got, _, err := logs.Scan(context.Background(), in, logs.SlowLog(), logs.ScanOptions{Workers: 2}, parts)
	if err != nil {
		t.Fatal(err)
	}
	all = *got
	return all
}

// Every file of pt-query-digest's own tests: as many events as the file has Query_time headers, and
// their times add up.
func TestCountsOfPtSamples(t *testing.T) {
	dir := filepath.Join(shared(t), "logs", "pt-samples")
	f, err := os.Open(filepath.Join(dir, "oracle.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Scan() // the names
	files := 0
	for lines.Scan() {
		col := strings.Split(lines.Text(), "\t")
		want, _ := strconv.Atoi(col[1])
		sum, _ := strconv.ParseFloat(col[4], 64)
		data, err := os.ReadFile(filepath.Join(dir, col[0]))
		if err != nil {
			t.Fatal(err)
		}
		got := readStatements(t, bytes.NewReader(data))
		var us int64
		for _, s := range got {
			us += s.us
		}
		if len(got) != want {
			t.Errorf("%s: %d events, %d headers", col[0], len(got), want)
		}
		if math.Abs(float64(us)/1e6-sum) > 1e-6 {
			t.Errorf("%s: Query_time sum %f, truth %f", col[0], float64(us)/1e6, sum)
		}
		files++
	}
	if files < 35 {
		t.Fatalf("only %d files in the oracle", files)
	}
}

func TestCountsOfRealLogs(t *testing.T) {
	dir := filepath.Join(shared(t), "logs")
	for name, want := range map[string]int64{"slow-mariadb-100m.log.zst": 167_532, "slow-mysql8-synthetic.log.zst": 59_999} {
		in, err := logs.Open(filepath.Join(dir, name), logs.Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		g := &Gatherer{Role: "db"}
		p, _, err := logs.Scan(context.Background(), in, in.Detected, logs.ScanOptions{Workers: 2}, g.Parts())
		in.Close()
		if err != nil {
			t.Fatal(err)
		}
		if p.Statements.Count != want {
			t.Errorf("%s: %d events, truth %d", name, p.Statements.Count, want)
		}
	}
}

// Ids are those of percona/go-mysql on every statement that its parser reads right. Where it does
// not, testdata/go-mysql-differs.tsv says for which statement of which file, and why.
func TestIdsEqualGoMySQL(t *testing.T) {
	root := filepath.Join(shared(t), "logs")
	known := differences(t)
	files, _ := filepath.Glob(filepath.Join(root, "pt-samples", "*.txt"))
	more, _ := filepath.Glob(filepath.Join(root, "slow-samples", "slow-logs", "*.log"))
	compared := 0
	big := unpacked(t, filepath.Join(root, "slow-mariadb-100m.log.zst"))
	for _, file := range append(append(files, more...), big) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ours, theirs := readStatements(t, bytes.NewReader(data)), goMySQL(t, file)
		name := filepath.Base(file)
		for i := range max(len(ours), len(theirs)) {
			key := fmt.Sprintf("%s\t%d", name, i)
			a, b := at(ours, i), at(theirs, i)
			if a.id == b.id {
				if known[key] != "" {
					t.Errorf("%s statement %d is listed as different but is not", name, i)
				}
				compared++
				continue
			}
			if known[key] == "" {
				t.Errorf("%s statement %d\n  ours   %s %q\n  theirs %s %q", name, i, a.id, a.sql, b.id, b.sql)
			}
		}
	}
	if compared < 167_532+300 {
		t.Errorf("only %d statements compared", compared)
	}
}

// unpacked returns the name of a decompressed copy of a file.
func unpacked(t *testing.T, file string) string {
	t.Helper()
	in, err := logs.Open(file, logs.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(filepath.Join(t.TempDir(), filepath.Base(file)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Name()
}

func at[T any](all []T, i int) T {
	if i < len(all) {
		return all[i]
	}
	var none T
	return none
}

func goMySQL(t *testing.T, file string) (all []seen) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := slow.NewSlowLogParser(f, mysqllog.Options{})
	done := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Errorf("panic: %v", r)
			}
		}()
		done <- p.Start()
	}()
	events := p.EventChan()
	for {
		select {
		case e, ok := <-events:
			if !ok {
				return all
			}
			all = append(all, seen{e.Query, idOf(e.Query), e.Admin, 0})
		case err := <-done:
			if err != nil {
				return all
			}
			done = nil
		}
	}
}

// idOf asks go-mysql itself, without our way round its panics; its answer on one is no id.
func idOf(sql string) (id string) {
	defer func() {
		if recover() != nil {
			id = "panic"
		}
	}()
	return query.Id(query.Fingerprint(sql))
}

func differences(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("testdata/go-mysql-differs.tsv")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		col := strings.SplitN(strings.TrimSpace(line), "\t", 3)
		if len(col) != 3 || col[2] == "" {
			t.Fatalf("go-mysql-differs.tsv: no reason in %q", line)
		}
		known[col[0]+"\t"+col[1]] = col[2]
	}
	return known
}

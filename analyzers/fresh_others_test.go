package analyzers

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A deviation is one way in which another reader errs on the fresh log: what the test sent and what
// the server's own table holds say that it does.
type deviation struct {
	why  string
	errs func(all []logged, i int) bool // on our record i
}

func holds(parts ...string) func([]logged, int) bool {
	return func(all []logged, i int) bool {
		for _, p := range parts {
			if strings.Contains(all[i].sql, p) {
				return true
			}
		}
		return false
	}
}

// afterStamp holds of a statement that sets timestamp, and of the two records behind it.
func afterStamp(all []logged, i int) bool {
	for k := max(0, i-2); k <= i; k++ {
		if holds("SET timestamp=")(all, k) {
			return true
		}
	}
	return false
}

// atBanner holds of the records before and behind a place where the server opened its log anew.
func atBanner(log []byte) func([]logged, int) bool {
	return func(all []logged, i int) bool {
		for _, l := range all[max(0, i-1) : i+1] {
			_, behind, ok := bytes.Cut(log, []byte(l.sql+";\n"))
			line, _, _ := bytes.Cut(behind, []byte("\n"))
			if ok && bytes.Contains(line, []byte("mariadbd, Version: ")) {
				return true
			}
		}
		return false
	}
}

// afterWarnings holds of records whose header ends in warnings.
func afterWarnings(log []byte) func([]logged, int) bool {
	return func(all []logged, i int) bool {
		at := bytes.Index(log, []byte(all[i].sql+";\n"))
		if at < 0 {
			return false
		}
		header := bytes.LastIndex(log[:at], []byte("\n# Rows_affected: "))
		return header > 0 && bytes.Contains(log[header:at], []byte("\n# Warnings\n"))
	}
}

// either compares two readings of one log, as multisets of statements. A statement that the other
// reader has not must be one on which it is known to err, and it may have no more than the remains
// of those.
func either(t *testing.T, ours []logged, theirs []string, known []deviation) {
	t.Helper()
	twins := map[string][]int{} // which of equal statements the other lost cannot be told
	for i, l := range ours {
		twins[plain(l.sql)] = append(twins[plain(l.sql)], i)
	}
	left := map[string]int{}
	for _, sql := range theirs {
		left[plain(sql)]++
	}
	reasons := make([]int, len(known))
	var lost []string
	same, shown := 0, 0
next:
	for _, l := range ours {
		if left[plain(l.sql)] > 0 {
			left[plain(l.sql)]--
			same++
			continue
		}
		lost = append(lost, plain(l.sql))
		for j, d := range known {
			if slices.ContainsFunc(twins[plain(l.sql)], func(i int) bool { return d.errs(ours, i) }) {
				reasons[j]++
				continue next
			}
		}
		if shown++; shown < 20 {
			t.Errorf("not in the other reading: %.300q", l.sql)
		}
	}
	for sql, n := range left {
		if n == 0 || strings.Contains(sql, "DROP TABLE forged") || remains(sql, lost) {
			continue
		}
		if shown++; shown < 20 {
			t.Errorf("only in the other reading, %d times: %.300q", n, sql)
		}
	}
	for j, d := range known {
		t.Logf("%5d records: %s", reasons[j], d.why)
		if reasons[j] == 0 {
			t.Errorf("nothing differs any more for the reason %q", d.why)
		}
	}
	if t.Logf("%5d records are the same", same); same < 2000 {
		t.Errorf("only %d records are the same", same)
	}
}

// plain leaves out what readers trim in their own ways.
func plain(sql string) string { return strings.Trim(sql, "; \t\r\n") }

// remains reports whether sql is what an error left of a lost statement: its first or last line is
// from one, or from the header before one.
func remains(sql string, lost []string) bool {
	lines := strings.Split(sql, "\n")
	first, last := lines[0], plain(lines[len(lines)-1])
	if strings.HasPrefix(first, "User@Host: ") || strings.HasSuffix(sql, "). started with:") || strings.HasPrefix(sql, "use `") && len(lines) == 1 {
		return true
	}
	for _, l := range lost {
		if strings.Contains(l, first) || strings.Contains(l, last) {
			return true
		}
	}
	return false
}

// ofMariaDB skips a test on the log of MySQL.
func ofMariaDB(t *testing.T, f *freshLog) {
	if f.mySQL {
		t.Skip("how other readers err is listed for a log of MariaDB")
	}
}

func TestFreshLogBesideGoMySQL(t *testing.T) {
	f := freshSlowLog(t)
	ofMariaDB(t, f)
	file := filepath.Join(t.TempDir(), "slow.log")
	if err := os.WriteFile(file, f.data, 0o644); err != nil {
		t.Fatal(err)
	}
	var theirs []string
	for _, s := range goMySQL(t, file) {
		theirs = append(theirs, s.sql)
	}
	ours, _ := readLogged(t, f.data, 0, 1)
	either(t, ours, theirs, []deviation{
		{"a restart banner merges its neighbours", atBanner(f.data)},
		{"warnings are taken for the statement", afterWarnings(f.data)},
		{"a line of the statement begins with #: the statement is cut there", holds("\n#", "# Query\n", "# it's")},
		{"a line begins with SET timestamp: it is left out, alone or of the statement", holds("SET timestamp=")},
		{"a line in a literal looks like a restart banner: it is left out", holds("started with:")},
	})
}

// TestFreshLogBesidePtQueryDigest has pt-query-digest print each event's text.
func TestFreshLogBesidePtQueryDigest(t *testing.T) {
	f := freshSlowLog(t)
	ofMariaDB(t, f)
	if _, err := exec.LookPath("pt-query-digest"); err != nil {
		t.Skip("no pt-query-digest here: install percona-toolkit to run this test")
	}
	ours, _ := readLogged(t, f.data, 0, 1)
	either(t, ours, ptEvents(t, f.data), []deviation{
		{"a restart banner merges its neighbours", atBanner(f.data)},
		{"warnings are taken for the statement", afterWarnings(f.data)},
		{"a line of the statement begins with #: it is left out", holds("\n#", "# Query\n", "# it's")},
		{"the statement sets timestamp: it is taken for the server's own line, and swallows the next records", afterStamp},
		{"a line in a literal looks like a restart banner: it is left out", holds("started with:")},
	})
}

// ptEvents returns the statements that pt-query-digest finds, through a filter that prints them.
func ptEvents(t *testing.T, log []byte) (all []string) {
	t.Helper()
	cmd := exec.Command("pt-query-digest", "--no-version-check", "--no-report", "--filter",
		`(print STDERR "EVENT ", unpack("H*", defined $event->{arg} ? $event->{arg} : ""), "\n") || 1`)
	cmd.Stdin = bytes.NewReader(log)
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("pt-query-digest: %v", err)
	}
	for line := range strings.Lines(out.String()) {
		if text, ok := strings.CutPrefix(line, "EVENT "); ok {
			sql, err := hex.DecodeString(strings.TrimSpace(text))
			if err != nil {
				t.Fatal(fmt.Errorf("pt-query-digest printed %.100q: %w", line, err))
			}
			all = append(all, string(sql))
		}
	}
	return all
}

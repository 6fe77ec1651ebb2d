package analyzers

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dbtriage/collectors"
	"dbtriage/collectors/logs"
)

// Damaged logs: a cut, a splice, a copy, flipped bytes, lost lines and garbage may destroy the records
// they hit and make the neighbours doubtful. Every other record must come out as if nothing had
// happened, and no record may come out of the middle of another. One case is left open: records of
// another server, or older ones, that follow a literal without an end are what a pasted log looks like.

// A stretch is one record of a clean log: its bytes and what was read of them.
type stretch struct {
	from, to int
	sql      string
	numbers  [5]int64
	end      int64
}

// A cleanLog is a log, or a window of one, with the records that it truly has.
type cleanLog struct {
	name      string
	data      []byte
	stretches []stretch
}

func newCleanLog(t testing.TB, name string, data []byte) *cleanLog {
	return &cleanLog{name, data, stretchesOf(t, data, 0)}
}

func stretchesOf(t testing.TB, data []byte, chunk int) []stretch {
	t.Helper()
	parts := logs.Parts[*[]stretch]{
		New: func(int) *[]stretch { return &[]stretch{} },
		Sink: func(p *[]stretch) logs.Sink {
			return logs.Sink{Statement: func(s *collectors.Statement) {
				*p = append(*p, stretch{int(s.Offset), 0, string(s.SQL), [5]int64{s.QueryTime, s.LockTime, s.RowsSent, s.RowsExamined, s.ThreadID}, s.End})
			}}
		},
		Append: func(total, part *[]stretch, _ string) { *total = append(*total, *part...) },
	}
	got, _, err := logs.Scan(context.Background(), bytes.NewReader(data), logs.SlowLog(), logs.ScanOptions{Workers: 1, Chunk: chunk}, parts)
	if err != nil {
		t.Fatal(err)
	}
	all := *got
	for i := range all {
		all[i].to = len(data)
		if i+1 < len(all) {
			all[i].to = all[i+1].from
		}
	}
	return all
}

// window returns some neighbouring records as a log of its own.
func (l *cleanLog) window(t testing.TB, r *rand.Rand) *cleanLog {
	const size = 24 << 10
	if len(l.data) <= size || len(l.stretches) < 4 {
		return l
	}
	first := r.IntN(len(l.stretches))
	from, to := l.stretches[first].from, l.stretches[first].to
	for _, s := range l.stretches[first:] {
		if s.to-from > size {
			break
		}
		to = s.to
	}
	return newCleanLog(t, fmt.Sprintf("%s from byte %d", l.name, from), l.data[from:to])
}

// A segment is a part of a mutated log: of a clean one, or of nothing but garbage.
type segment struct {
	log      *cleanLog
	from, to int
	garbage  []byte
}

func (l *cleanLog) segment(from, to int) segment { return segment{log: l, from: from, to: to} }

// A mutation makes one log out of one or two.
type mutation struct {
	name   string
	mutate func(a, b *cleanLog, r *rand.Rand) []segment
}

var mutations = []mutation{
	{"cut off the head", func(a, _ *cleanLog, r *rand.Rand) []segment {
		return []segment{a.segment(r.IntN(len(a.data)), len(a.data))}
	}},
	{"cut off the tail", func(a, _ *cleanLog, r *rand.Rand) []segment { return []segment{a.segment(0, r.IntN(len(a.data)))} }},
	{"splice", func(a, b *cleanLog, r *rand.Rand) []segment {
		return []segment{a.segment(0, r.IntN(len(a.data))), b.segment(r.IntN(len(b.data)), len(b.data))}
	}},
	{"append", func(a, b *cleanLog, r *rand.Rand) []segment {
		return []segment{a.segment(0, len(a.data)), b.segment(0, len(b.data))}
	}},
	{"copy", func(a, _ *cleanLog, r *rand.Rand) []segment {
		from, to := interval(r, len(a.data), len(a.data))
		return []segment{a.segment(0, to), a.segment(from, len(a.data))}
	}},
	{"lose a part", func(a, _ *cleanLog, r *rand.Rand) []segment {
		from, to := interval(r, len(a.data), 4096)
		return []segment{a.segment(0, from), a.segment(to, len(a.data))}
	}},
	{"lose lines", func(a, _ *cleanLog, r *rand.Rand) []segment {
		from, to := interval(r, len(a.data), 300)
		from = bytes.LastIndexByte(a.data[:from], '\n') + 1
		if i := bytes.IndexByte(a.data[to:], '\n'); i >= 0 {
			to += i + 1
		}
		return []segment{a.segment(0, from), a.segment(to, len(a.data))}
	}},
	{"flip bytes", func(a, _ *cleanLog, r *rand.Rand) []segment {
		segments, at := []segment{}, 0
		for range 1 + r.IntN(3) {
			i := at + r.IntN(max(1, len(a.data)-at))
			if i >= len(a.data) {
				break
			}
			flipped := a.data[i] ^ byte(1<<r.IntN(8))
			if r.IntN(2) == 0 {
				flipped = "'\"`\\/*#-\n;\x00\xe4"[r.IntN(12)]
			}
			segments = append(segments, a.segment(at, i), segment{garbage: []byte{flipped}})
			at = i + 1
		}
		return append(segments, a.segment(at, len(a.data)))
	}},
	{"insert garbage", func(a, _ *cleanLog, r *rand.Rand) []segment {
		i := r.IntN(len(a.data))
		garbage := make([]byte, 1+r.IntN(200))
		for k := range garbage {
			garbage[k] = byte(r.IntN(256))
		}
		if r.IntN(2) == 0 {
			garbage = []byte([]string{"\n", "\n\n\n", "\x00\x00\x00\x00", "'", "/*", "# ", "\n# Time: \n", "\n# User@Host: ", ";\n", "\n# Query_time: 1\n"}[r.IntN(10)])
		}
		return []segment{a.segment(0, i), {garbage: garbage}, a.segment(i, len(a.data))}
	}},
}

// joins holds of mutations that put one log behind another, which must be the newer one.
func (m *mutation) joins() bool { return m.name == "splice" || m.name == "append" }

func (l *cleanLog) newest() (us int64) {
	for _, s := range l.stretches {
		us = max(us, s.end)
	}
	return us
}

func interval(r *rand.Rand, n, most int) (from, to int) {
	from = r.IntN(n)
	return from, min(n, from+r.IntN(most)+1)
}

// build writes the segments down, and says which records must be found where, and where others may be.
func build(segments []segment) (data []byte, want map[int]stretch, doubtful [][2]int) {
	want = map[int]stretch{}
	for k, u := range segments {
		at := len(data)
		if u.log == nil {
			data = append(data, u.garbage...)
			doubtful = append(doubtful, [2]int{at, len(data)})
			continue
		}
		data = append(data, u.log.data[u.from:u.to]...)
		var inside []stretch
		for _, s := range u.log.stretches {
			if s.from >= u.from && s.to <= u.to {
				inside = append(inside, s)
			}
		}
		// The neighbours of damage are not held to anything.
		if (u.from > 0 || k > 0) && len(inside) > 0 {
			inside = inside[1:]
		}
		if (u.to < len(u.log.data) || k < len(segments)-1) && len(inside) > 0 {
			inside = inside[:len(inside)-1]
		}
		sure := [2]int{len(data), len(data)}
		if len(inside) > 0 {
			sure = [2]int{at + inside[0].from - u.from, at + inside[len(inside)-1].to - u.from}
		}
		doubtful = append(doubtful, [2]int{at, sure[0]}, [2]int{sure[1], len(data)})
		for _, s := range inside {
			want[at+s.from-u.from] = s
		}
	}
	return data, want, doubtful
}

// checkMutation reads a mutated log and returns what is wrong with the outcome.
func checkMutation(t testing.TB, segments []segment, chunk int) string {
	data, want, doubtful := build(segments)
	got := stretchesOf(t, data, 0)
	if pieces := stretchesOf(t, data, chunk); !slices.Equal(got, pieces) {
		return fmt.Sprintf("pieces of %d bytes: %d records, else %d", chunk, len(pieces), len(got))
	}
	for _, g := range got {
		w, ok := want[g.from]
		if ok {
			delete(want, g.from)
			if w.sql != g.sql || w.numbers != g.numbers {
				return fmt.Sprintf("byte %d\n  is   %v %.300q\n  want %v %.300q", g.from, g.numbers, g.sql, w.numbers, w.sql)
			}
			continue
		}
		if !slices.ContainsFunc(doubtful, func(d [2]int) bool { return g.from >= d[0] && g.from < d[1] }) {
			return fmt.Sprintf("byte %d: invented %v %.300q", g.from, g.numbers, g.sql)
		}
	}
	for at, w := range want {
		return fmt.Sprintf("byte %d: %d lost, one is %v %.300q", at, len(want), w.numbers, w.sql)
	}
	return ""
}

// cleanLogs are what mutations are made of.
func cleanLogs(t testing.TB, generous bool) (all []*cleanLog) {
	files, _ := filepath.Glob("../testdata/slowlogs/*.log")
	if dir := os.Getenv("DBTRIAGE_SHARED"); dir != "" && generous {
		more, _ := filepath.Glob(filepath.Join(dir, "logs", "pt-samples", "*.txt"))
		files = append(files, more...)
		for _, name := range []string{"slow-mariadb-100m.log.zst", "slow-mysql8-synthetic.log.zst"} {
			in, err := logs.Open(filepath.Join(dir, "logs", name), logs.Options{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			head := make([]byte, 400<<10)
			n, _ := in.Read(head)
			in.Close()
			head = head[:n]
			all = append(all, newCleanLog(t, name, head[:bytes.LastIndex(head, []byte(";\n"))+2]))
		}
	}
	for _, f := range files {
		if strings.Contains(f, "torn") || strings.Contains(f, "copied") {
			continue // damaged already; holds copies of itself in literals, whose parts are logs too
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, newCleanLog(t, filepath.Base(f), data))
	}
	return all
}

func TestMutatedLogs(t *testing.T) {
	clean := cleanLogs(t, true)
	bad := map[string]int{}
	const rounds = 4000
	for seed := range uint64(rounds) {
		r := rand.New(rand.NewPCG(seed, 1))
		a, b := clean[r.IntN(len(clean))].window(t, r), clean[r.IntN(len(clean))].window(t, r)
		m := mutations[seed%uint64(len(mutations))]
		if m.joins() && a.newest() > b.newest() {
			a, b = b, a
		}
		if why := checkMutation(t, m.mutate(a, b, r), 1+r.IntN(4000)); why != "" {
			bad[m.name]++
			// In a log of two servers the records behind a torn literal may be taken for a part of it.
			if !m.joins() || !strings.Contains(why, " lost, ") {
				t.Errorf("seed %d: %s: %s, %s: %s", seed, m.name, a.name, b.name, why)
			}
		}
	}
	t.Logf("of %d: %v", rounds, bad)
	for _, m := range mutations {
		if bad[m.name] > rounds/1000 {
			t.Errorf("%d of %d went wrong: %s", bad[m.name], rounds/len(mutations), m.name)
		}
	}
}

// A log copied through Windows tools has other line ends, and else says the same.
func TestCRLFLogs(t *testing.T) {
	for _, l := range cleanLogs(t, true) {
		if bytes.Contains(l.data, []byte("\r\n")) {
			continue
		}
		got := stretchesOf(t, bytes.ReplaceAll(l.data, []byte("\n"), []byte("\r\n")), 0)
		if len(got) != len(l.stretches) {
			t.Errorf("%s: %d records, want %d", l.name, len(got), len(l.stretches))
			continue
		}
		for i, g := range got {
			w := l.stretches[i]
			if sql := strings.ReplaceAll(g.sql, "\r\n", "\n"); sql != w.sql || g.numbers != w.numbers {
				t.Errorf("%s: record %d is %v %q, want %v %q", l.name, i, g.numbers, sql, w.numbers, w.sql)
			}
		}
	}
}

func FuzzMutatedLogs(f *testing.F) {
	clean := slices.DeleteFunc(cleanLogs(f, false), func(l *cleanLog) bool {
		return l.name == "forged.log" // holds a statement that was cut off: damaged already
	})
	for i := range mutations {
		f.Add(uint64(i), uint64(1))
	}
	f.Fuzz(func(t *testing.T, seed, stream uint64) {
		r := rand.New(rand.NewPCG(seed, stream))
		a, b := clean[r.IntN(len(clean))].window(t, r), clean[r.IntN(len(clean))].window(t, r)
		m := mutations[seed%uint64(len(mutations))]
		if m.joins() && a.newest() > b.newest() {
			a, b = b, a
		}
		if why := checkMutation(t, m.mutate(a, b, r), 1+r.IntN(4000)); why != "" && !(m.joins() && strings.Contains(why, " lost, ")) {
			t.Errorf("%s: %s: %s", m.name, a.name, why)
		}
	})
}

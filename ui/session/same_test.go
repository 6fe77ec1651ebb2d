package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/logs"
	"dbtriage/collectors/recorded"
	"dbtriage/rules"
)

// G15: TestSameAnswer has the sources of an incident grow second by second in front of a live session that
// records; then the recording is replayed, and the finished files are read as a batch. All three
// answer the same to the byte.
func TestSameAnswer(t *testing.T) {
	set := loadRules(t)
	t.Run("demo", func(t *testing.T) {
		dir := t.TempDir()
		unpack(t, "../../cmd/dbtriage/demo", dir)
		d := diagnoseDir(t, dir, set)
		sar := sarDuring(t, d.Snapshot.Digest)
		if err := os.WriteFile(filepath.Join(dir, "sar.json"), sar, 0o644); err != nil {
			t.Fatal(err)
		}
		sameAnswer(t, dir, set)
	})
	shared := os.Getenv("DBTRIAGE_SHARED")
	if shared == "" {
		t.Skip("set DBTRIAGE_SHARED to the folder that holds incidents/ to run this on recorded incidents")
	}
	for _, name := range []string{"05-hot-row-lock-contention", "08-host-cpu-hog", "14-n-plus-one"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			unpack(t, filepath.Join(shared, "incidents", "A", name), dir)
			sameAnswer(t, dir, set)
		})
	}
}

// unpack copies a folder, its compressed logs in plain text: only those can grow.
func unpack(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(from, path)
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if plain, ok := strings.CutSuffix(name, ".zst"); ok {
			r, err := zstd.NewReader(bytes.NewReader(data))
			if err != nil {
				return err
			}
			defer r.Close()
			if data, err = io.ReadAll(r); err != nil {
				return err
			}
			name = plain
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sarDuring is a recording of a busy host in the time of the logs.
func sarDuring(t *testing.T, d *analyzers.Digest) []byte {
	t.Helper()
	from, to := d.Span()
	var rows []string
	for at := from / 1e6; at <= to/1e6; at++ {
		when := time.Unix(at, 0).UTC()
		rows = append(rows, fmt.Sprintf(`{"timestamp": {"date": %q, "time": %q, "utc": 1, "interval": 1},
			"cpu-load": [{"cpu": "all", "usr": %d.5, "nice": 0.00, "sys": 9.37, "iowait": 0.25, "steal": 0.00, "idle": 10.00}],
			"queue": {"runq-sz": %d, "plist-sz": 200, "ldavg-1": 1.13, "ldavg-5": 1.0, "ldavg-15": 0.9, "blocked": 0}}`,
			when.Format("2006-01-02"), when.Format("15:04:05"), 60+at%20, 2+at%5))
	}
	return []byte(`{"sysstat": {"hosts": [{"nodename": "db01", "number-of-cpus": 2, "statistics": [` + strings.Join(rows, ",\n") + `]}]}}`)
}

// A growingFile is a log of which the test hands out more and more.
type growingFile struct {
	path string
	data []byte
	done int
}

func (g *growingFile) grow(t *testing.T, share float64) {
	t.Helper()
	upTo := min(int(share*float64(len(g.data))), len(g.data))
	f, err := os.OpenFile(g.path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(g.data[g.done:upTo]); err != nil {
		t.Fatal(err)
	}
	g.done = upTo
}

func sameAnswer(t *testing.T, dir string, set *rules.Set) {
	ctx := context.Background()
	os.Remove(filepath.Join(dir, "my.cnf")) // a live server tells its settings itself
	inputs, err := Inputs([]string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	conf, inputs := NginxConf(inputs)
	opt := Options{Workers: 2, Logs: logs.Options{NginxConf: conf}}
	batch, _ := Read(ctx, inputs, opt)
	from, to := batch.Digest.Span()

	// Take the logs away, to have them grow again; what was recorded becomes readings.
	var growing []*growingFile
	var tails []*tail
	for _, src := range batch.Sources {
		if src.Recording || src.Role == "" {
			continue
		}
		data, err := os.ReadFile(src.Path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(src.Path, 0); err != nil {
			t.Fatal(err)
		}
		growing = append(growing, &growingFile{path: src.Path, data: data})
		log := newTail(Input{Path: src.Path}, opt, collectors.NoTime)
		defer log.close()
		tails = append(tails, log)
	}
	readings := readingsOf(t, inputs)
	rec := filepath.Join(t.TempDir(), "all.rec")
	r, err := startRecording(recorded.RecorderOptions{File: rec}, opening{Host: "here", Interval: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	live := newHistory()
	end := to + 20e6
	next := 0
	for at := from; at <= end; at += 1e6 {
		for _, g := range growing {
			g.grow(t, float64(at-from)/float64(to-from))
		}
		tick := readTails(ctx, tails, time.UnixMicro(at), false)
		for ; next < len(readings) && (readings[next].At <= at || at+1e6 > end); next++ {
			tick.Readings = append(tick.Readings, readings[next])
		}
		if at+1e6 > end {
			last := readTails(ctx, tails, time.UnixMicro(at), true)
			tick.Parts = append(tick.Parts, last.Parts...)
			tick.Sources = append(tick.Sources, last.Sources...)
		}
		if err := r.write(tick, at+1e6 > end); err != nil {
			t.Fatal(err)
		}
		if err := live.add(tick); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.to.Close(); err != nil {
		t.Fatal(err)
	}
	liveSnapshot, err := live.snapshot(Look{Cursor: collectors.NoTime})
	if err != nil {
		t.Fatal(err)
	}
	replayed, err := ReadReplay(ctx, rec, analyzers.Window{From: collectors.NoTime, To: collectors.NoTime})
	if err != nil {
		t.Fatal(err)
	}
	want := answer(t, batch, set)
	if diff := cmp.Diff(want, answer(t, liveSnapshot, set)); diff != "" {
		t.Errorf("live is not as batch: %s", diff)
	}
	if diff := cmp.Diff(want, answer(t, replayed, set)); diff != "" {
		t.Errorf("the replay is not as batch: %s", diff)
	}
	again, problems := Read(ctx, []Input{{Path: rec}}, Options{})
	if len(problems) > 0 {
		t.Errorf("the recording as a batch: %v", problems)
	}
	if diff := cmp.Diff(want, answer(t, again, set)); diff != "" {
		t.Errorf("the recording as a batch is not as its sources: %s", diff)
	}
	info, err := os.Stat(rec)
	if err != nil {
		t.Fatal(err)
	}
	const most = 100e6 / 86400 // G9: of a recording, the logs of a busy shop included
	if rate := float64(info.Size()) / float64((end-from)/1e6); rate > 2*most {
		t.Errorf("the recording has %.0f bytes a second, the goal is %.0f", rate, most)
	}
	t.Logf("%d findings of %d statements and %d requests; %d readings; the recording has %d bytes a second",
		strings.Count(want, `"rule":`), batch.Digest.Statements.Count, batch.Digest.Web.Count, len(readings), info.Size()/((end-from)/1e6))
}

// readingsOf has the recordings of a folder as a live session would have read them.
func readingsOf(t *testing.T, inputs []Input) (all []collectors.Reading) {
	t.Helper()
	type key struct {
		source string
		second int64
	}
	at := map[key]int{}
	for _, in := range inputs {
		data, err := os.ReadFile(in.Path)
		if err != nil {
			t.Fatal(err)
		}
		f := recorded.Detect(data[:min(len(data), 32<<10)], filepath.Base(in.Path))
		if f == nil || strings.HasSuffix(in.Path, "slow.log") || strings.HasSuffix(in.Path, "access.log") {
			continue
		}
		host := ""
		settings := map[string]string{}
		var tables []collectors.Table
		_, err = recorded.Read(context.Background(), bytes.NewReader(data), f, recorded.Options{Base: filepath.Base(in.Path), Modified: modified(in), Zone: zone(in)}, recorded.Sink{
			Host: func(name string) { host = name },
			Sample: func(v collectors.Sample) {
				k := key{in.Path, v.At / 1e6}
				n, have := at[k]
				if !have {
					n = len(all)
					at[k] = n
					all = append(all, collectors.Reading{At: v.At, Source: in.Path, Host: host, Role: f.SeriesRole()})
				}
				all[n].Samples = append(all[n].Samples, v)
			},
			Setting:    func(name, value string) { settings[name] = value },
			Configured: func(string, string) {},
			Table:      func(t collectors.Table) { tables = append(tables, t) },
		})
		if err != nil {
			t.Logf("%s: %v", in.Path, err)
		}
		if len(settings) > 0 || len(tables) > 0 {
			r := collectors.Reading{Source: in.Path, Host: host, Role: f.Role, Tables: tables}
			if len(settings) > 0 {
				r.Settings = settings
			}
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b collectors.Reading) int { return int(min(max(a.At-b.At, -1), 1)) })
	return all
}

// answer is what a snapshot leads to, in JSON.
func answer(t *testing.T, s *analyzers.Snapshot, set *rules.Set) string {
	t.Helper()
	d, err := Judge(s, set, "en")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(struct {
		Verdict  rules.Verdict
		Findings []rules.Finding
		Gaps     []rules.Gap
	}{d.Judgement.Verdict, d.Judgement.Findings, d.Judgement.Gaps}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

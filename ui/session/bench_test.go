package session

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// busyTick is a second of a host, a server with all its status variables, and two logs.
func busyTick(rnd *rand.Rand, at int64, counters []float64) *tick {
	host := collectors.Reading{At: at, Source: "host", Role: "host"}
	for core := range 8 {
		for _, mode := range []string{"user", "system", "iowait", "steal", "idle"} {
			host.Samples = append(host.Samples, collectors.Sample{At: at, Name: "cpu." + mode, Instance: fmt.Sprint(core), Value: float64(rnd.IntN(1000)) / 1e3})
		}
	}
	for k := range 60 {
		host.Samples = append(host.Samples, collectors.Sample{At: at, Name: "host.value", Instance: fmt.Sprint(k), Value: float64(rnd.IntN(10000))})
	}
	for k := range 30 {
		host.Processes = append(host.Processes, collectors.Process{PID: int64(1000 + k), Name: "worker", CPU: float64(rnd.IntN(100)) / 100, Memory: 1 << 20})
	}
	db := collectors.Reading{At: at, Source: "mysql x", Role: "db"}
	for k := range counters {
		if k%4 == 0 {
			counters[k] += float64(rnd.IntN(1000))
		}
		db.Samples = append(db.Samples, collectors.Sample{At: at, Name: fmt.Sprintf("mysql.status.Counter_%d", k), Value: counters[k]})
	}
	for k := range 20 {
		db.Sessions = append(db.Sessions, collectors.Session{ID: int64(k), User: "app", Command: "Query", SQL: fmt.Sprintf("SELECT * FROM orders WHERE id = %d", rnd.IntN(1e6)), TimeUS: int64(rnd.IntN(1e6))})
	}
	t := &tick{At: at, Readings: []collectors.Reading{host, db}}
	d := analyzers.NewDigest()
	d.Statements.First, d.Statements.Last, d.Statements.Count = at, at, 100
	for k := range 20 {
		c := &analyzers.Class{
			Fingerprint: fmt.Sprintf("select * from t%d where id = ?", k), ID: fmt.Sprintf("%016X", k+1), Kind: analyzers.Read, First: at, Last: at,
			Worst: analyzers.Example{SQL: fmt.Sprintf("SELECT * FROM t%d WHERE id = %d", k, rnd.IntN(1e6)), Source: "slow.log", QueryTime: int64(rnd.IntN(1e6))},
		}
		for range 5 {
			us := int64(rnd.IntN(100000))
			c.Time.Add(us)
			d.Statements.Time.Add(us)
			d.Statements.TimeUS += us
		}
		d.Classes[c.Fingerprint] = c
		d.Series.At(at).Statements += 5
	}
	t.Parts = []logPart{{"slow.log", floor(at/1e6, sliceSeconds), d}}
	t.Sources = []SourceState{{Name: "slow.log", Kind: "log", State: "ok", Log: &collectors.Source{Path: "slow.log", Format: "mysql slow log", Role: "db"}}}
	return t
}

func busyHistory(tb testing.TB, seconds int) *history {
	tb.Helper()
	rnd := rand.New(rand.NewPCG(1, 2))
	counters := make([]float64, 600)
	h := newHistory()
	from := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).UnixMicro()
	for i := range seconds {
		if err := h.add(busyTick(rnd, from+int64(i)*1e6, counters)); err != nil {
			tb.Fatal(err)
		}
	}
	return h
}

// BenchmarkHistory measures what a second of everything costs to keep, and a look to answer.
func BenchmarkHistory(b *testing.B) {
	set := loadRules(b)
	b.Run("add", func(b *testing.B) {
		rnd := rand.New(rand.NewPCG(1, 2))
		counters := make([]float64, 600)
		h := newHistory()
		at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).UnixMicro()
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			t := busyTick(rnd, at, counters)
			b.StartTimer()
			if err := h.add(t); err != nil {
				b.Fatal(err)
			}
			at += 1e6
		}
	})
	h := busyHistory(b, 2*3600)
	b.Logf("two hours are kept in %d bytes of readings (%d chunks, %d summaries), %d of digests", h.readings.size, len(h.readings.chunks), len(h.readings.rolled), h.logs["slow.log"].size)
	for _, width := range []time.Duration{time.Minute, 5 * time.Minute, time.Hour, 0} {
		look := Look{Cursor: collectors.NoTime, Width: width.Microseconds()}
		b.Run("look/"+width.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.snapshot(look); err != nil {
					b.Fatal(err)
				}
			}
		})
		s, err := h.snapshot(look)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("judge/"+width.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Judge(s, set, "en"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package recorded

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dbtriage/collectors"
)

// differ says where two values differ; it is quick while they do not.
func differ(want, got any) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

// someTicks are like those of a host and a server under some load.
func someTicks(n int, seed uint64) []*Tick {
	rnd := rand.New(rand.NewPCG(seed, 1))
	var all []*Tick
	at := int64(1_800_000_000_000_000)
	counters := make([]float64, 600)
	for i := range n {
		at += 1e6 + int64(rnd.IntN(2000)) - 1000
		host := collectors.Reading{At: at, Source: "host", Role: "host", CostUS: int64(rnd.IntN(3000))}
		for core := range 8 {
			for _, mode := range []string{"user", "system", "iowait", "steal", "idle"} {
				host.Samples = append(host.Samples, collectors.Sample{At: at, Name: "cpu." + mode, Instance: fmt.Sprint(core), Value: float64(rnd.IntN(10000)) / 1e4})
			}
		}
		for k := range 30 {
			p := collectors.Process{PID: int64(1000 + 7*k), Name: "worker", User: "www", State: "S", Command: fmt.Sprintf("worker --number %d", k), Memory: int64(1<<20 + 4096*rnd.IntN(3)), CPU: float64(rnd.IntN(100)) / 100, OpenFiles: collectors.Unknown}
			if rnd.IntN(50) > 0 {
				host.Processes = append(host.Processes, p)
			}
		}
		db := collectors.Reading{At: at - 300, Source: "mysql 127.0.0.1:3306", Host: "db1", Role: "db", Sessions: []collectors.Session{}, Waits: []collectors.Wait{}}
		for k := range counters {
			if k%4 == 0 {
				counters[k] += float64(rnd.IntN(2000))
			}
			db.Samples = append(db.Samples, collectors.Sample{At: at - 300 + int64(k%2), Name: fmt.Sprintf("mysql.status.Counter_%d", k), Value: counters[k]})
		}
		for k := range rnd.IntN(20) {
			db.Sessions = append(db.Sessions, collectors.Session{ID: int64(k * 3), User: "app", Command: "Query", SQL: fmt.Sprintf("SELECT * FROM orders WHERE user_id = %d", rnd.IntN(1e6)), TimeUS: int64(rnd.IntN(1e6)), TransactionUS: -1})
		}
		if i%30 == 0 {
			db.Settings = map[string]string{"version": "10.11.6", "max_connections": fmt.Sprint(151 + i/90)}
			db.Tables = []collectors.Table{{Schema: "shop", Name: "orders", Rows: 7, Columns: []collectors.Column{{Name: "id"}}}}
		}
		if i%7 == 0 {
			db.Missing = []collectors.Missing{{What: "locks", Why: "denied", Provide: "GRANT PROCESS"}}
			host.Samples = append(host.Samples, collectors.Sample{At: at, Name: "odd", Value: []float64{math.Inf(1), math.Pi, -0.25, 1e300, math.Copysign(0, -1)}[i/7%5]})
		}
		t := &Tick{At: at + 500, Readings: []collectors.Reading{host, db}}
		if i%10 == 9 {
			t.Opaque = []Opaque{{"digest", "/var/log/slow.log", []byte{1, 2, 3, byte(i)}}}
		}
		all = append(all, t)
	}
	return all
}

func chunkOf(t testing.TB, w *ChunkWriter, ticks []*Tick) []byte {
	t.Helper()
	var out []byte
	for _, tick := range ticks {
		b, err := w.Append(tick)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b...)
	}
	return out
}

func TestChunks(t *testing.T) {
	ticks := someTicks(200, 1)
	w := NewChunkWriter()
	r := NewChunkReader()
	defer r.Close()
	for at := 0; at < len(ticks); at += 50 {
		w.Begin()
		data := chunkOf(t, w, ticks[at:at+50])
		t.Logf("%d bytes a tick", len(data)/50)
		if err := r.Begin(bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		for i, want := range ticks[at : at+50] {
			got, err := r.Next()
			if err != nil {
				t.Fatalf("tick %d: %v", at+i, err)
			}
			if diff := differ(want, got); diff != "" {
				t.Fatalf("tick %d: %s", at+i, diff)
			}
		}
		if _, err := r.Next(); err != io.EOF {
			t.Fatalf("behind the last tick: %v", err)
		}
	}
}

// TestTornChunk cuts a chunk at many places: the ticks that are whole are read.
func TestTornChunk(t *testing.T) {
	ticks := someTicks(12, 2)
	w := NewChunkWriter()
	var ends []int
	var data []byte
	for _, tick := range ticks {
		b, err := w.Append(tick)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, b...)
		ends = append(ends, len(data))
	}
	r := NewChunkReader()
	defer r.Close()
	for cut := 0; cut < len(data); cut += 5 {
		if err := r.Begin(bytes.NewReader(data[:cut])); err != nil {
			t.Fatal(err)
		}
		whole := 0
		for whole < len(ends) && ends[whole] <= cut {
			whole++
		}
		n := 0
		for {
			if _, err := r.Next(); err != nil {
				if err != io.EOF {
					t.Fatalf("cut at %d: %v", cut, err)
				}
				break
			}
			n++
		}
		if n != whole {
			t.Fatalf("cut at %d: %d ticks, not %d", cut, n, whole)
		}
	}
}

func FuzzChunk(f *testing.F) {
	w := NewChunkWriter()
	f.Add(chunkOf(f, w, someTicks(3, 3)))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewChunkReader()
		defer r.Close()
		if r.Begin(bytes.NewReader(data)) != nil {
			return
		}
		for range 1000 {
			if _, err := r.Next(); err != nil {
				return
			}
		}
	})
}

// FuzzTick feeds the bytes inside of the compression.
func FuzzTick(f *testing.F) {
	var m memory
	m.forget()
	w := tickWriter{text: map[string]uint64{}}
	m.write(&w, someTicks(1, 4)[0])
	f.Add(w.buf)
	f.Fuzz(func(t *testing.T, data []byte) {
		var m memory
		m.forget()
		r := tickReader{buf: data}
		if tick, err := m.read(&r); (err == nil) != (tick != nil) {
			t.Fatal("neither a tick nor an error, or both")
		}
	})
}

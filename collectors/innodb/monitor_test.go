package innodb

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dbtriage/collectors"
)

func read(t testing.TB, text []byte) *Monitor {
	t.Helper()
	m := &Monitor{}
	for line := range bytes.Lines(text) {
		m.Line(line)
	}
	return m
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func micros(text string) int64 {
	at, err := time.Parse(time.DateTime, text)
	if err != nil {
		panic(err)
	}
	return at.UnixMicro()
}

func TestDeadlock(t *testing.T) {
	m := read(t, file(t, "mariadb1011-deadlock.txt"))
	at := micros("2026-11-23 06:40:02")
	want := &Deadlock{At: at, Victim: 1, Locks: []Lock{
		{"dl.a", "PRIMARY", "X locks rec but not gap"}, {"dl.a", "PRIMARY", "X locks rec but not gap"},
	}}
	if diff := cmp.Diff(want, m.Deadlock); diff != "" || m.At != at {
		t.Errorf("printed at %d: %s", m.At, diff)
	}
	var tables []collectors.Sample
	m.Samples(5, 1000, func(s collectors.Sample) {
		if s.Instance != "" {
			tables = append(tables, s)
		}
	})
	if want := []collectors.Sample{{At: at + 1000, Name: "innodb.deadlock", Instance: "dl.a", Value: 1}}; !cmp.Equal(want, tables) {
		t.Errorf("%+v", tables)
	}
}

func TestNumbers(t *testing.T) {
	m := read(t, file(t, "mysql57-waits.txt"))
	want := map[string]float64{
		semaphoreWaits: 2, semaphoreWait: 241, hashWaits: 1, longestMetric: 5400, historyStatus: 987654, checkpointStatus: 6000,
		pendingReads: 7, pendingWrites: 6, pendingFsyncs: 3, queuedMetric: 5,
	}
	if diff := cmp.Diff(want, m.Numbers); diff != "" || m.Deadlock != nil || !m.Whole() {
		t.Errorf("%v %v %s", m.Deadlock, m.Whole(), diff)
	}
	for name := range m.Numbers {
		if _, known := collectors.MetricNamed(name); !known && name != historyStatus && name != checkpointStatus {
			t.Errorf("%s is no metric", name)
		}
	}
}

// A statement of a deadlock may hold anything.
func TestStatementLooksLikeTheMonitor(t *testing.T) {
	text := bytes.Replace(file(t, "mariadb1011-deadlock.txt"), []byte("update a set v=21 where id=1"),
		[]byte("update a set v='\nRECORD LOCKS of table x waiting\n--Thread 1 has waited for 9.00 seconds\nHistory list length 99\n' where id=1"), 1)
	m := read(t, text)
	if m.Numbers[historyStatus] != 1 || m.Numbers[semaphoreWaits] != 0 || m.Deadlock.Victim != 1 {
		t.Errorf("%+v %+v", m.Numbers, m.Deadlock)
	}
}

func FuzzMonitor(f *testing.F) {
	f.Add(file(f, "mariadb1011-deadlock.txt"))
	f.Add(file(f, "mysql57-waits.txt"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m := read(t, text)
		if m.Deadlock != nil && len(m.Deadlock.Locks) > maxLocks {
			t.Errorf("%d locks", len(m.Deadlock.Locks))
		}
		m.Samples(1, 0, func(s collectors.Sample) {
			if s.Value < 0 || s.Value != s.Value {
				t.Errorf("%+v", s)
			}
		})
	})
}

package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/rules"
)

func manyQueries(n int) *Report {
	d := analyzers.NewDigest()
	for i := range n {
		c := class(fmt.Sprintf("%016X", i), fmt.Sprintf("select * from t%d", i), analyzers.Read, 12, int64(1000+i), 12, 120)
		d.Classes[c.Fingerprint] = c
	}
	return New(&analyzers.Snapshot{Digest: d}, analyzers.Workload{}, timeline.Attribution{}, rules.Judgement{}, Options{})
}

// Long lists are encoded in batches: whatever their length, all rows are there and in order.
func TestJSONRows(t *testing.T) {
	for _, n := range []int{0, 1, rowBatch - 1, rowBatch, rowBatch + 1, 10 * rowBatch, 10*rowBatch + 7} {
		var out bytes.Buffer
		r := manyQueries(n)
		if err := WriteJSON(&out, r, Style{}); err != nil {
			t.Fatal(err)
		}
		var got struct{ Queries []struct{ ID string } }
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatalf("%d rows: %v", n, err)
		}
		if len(got.Queries) != n {
			t.Fatalf("%d rows, not %d", len(got.Queries), n)
		}
		for i, q := range got.Queries {
			if want := r.Classes[i].ID; q.ID != want {
				t.Fatalf("row %d of %d is %s, not %s", i, n, q.ID, want)
			}
		}
	}
}

var errFull = errors.New("no space left")

type fullAfter struct{ left int }

func (w *fullAfter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

// A writer that fails ends the writing, and what makes rows.
func TestJSONToFullDisk(t *testing.T) {
	for _, room := range []int{0, 100_000, 400_000} {
		if err := WriteJSON(&fullAfter{room}, manyQueries(20*rowBatch), Style{}); !errors.Is(err, errFull) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
}

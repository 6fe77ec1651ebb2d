package logs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dbtriage/collectors"
)

// What MySQL 9.7 counted of statements whose plan is known tells that plan: each is named by a comment in it.
func TestPlanOfCounters(t *testing.T) {
	want := map[string]collectors.StatementFlags{
		"full scan": collectors.FullScan, "full scan limit": collectors.FullScan, "index full scan": 0, "pk range": 0, "pk lookup": 0, "secondary range": 0,
		"filesort of range": collectors.Filesort, "group by tmp": 0, "order by pk limit": 0, "order by pk desc limit": 0, "union": 0,
		"full scan sort": collectors.FullScan | collectors.Filesort, "join full scan inner hash": collectors.FullScan, "show status": 0, "derived": collectors.Filesort,
		"update scan": collectors.FullScan, "max(id)": 0, "count star": 0, "exists": 0, "window": collectors.Filesort,
	}
	seen := 0
	_, _, err := Scan(context.Background(), strings.NewReader(string(readFile(t, "../../testdata/slowlogs/mysql97-extra.log"))), SlowLog(), ScanOptions{Workers: 1}, Parts[*int]{
		New: func(int) *int { return new(int) },
		Sink: func(*int) Sink {
			return Sink{Statement: func(st *collectors.Statement) {
				_, name, _ := strings.Cut(string(st.SQL), "/* ")
				name, _, _ = strings.Cut(name, " */")
				flags, known := want[name]
				if !known {
					return
				}
				if seen++; st.Flags != flags|collectors.PlanKnown {
					t.Errorf("%s: flags %08b, want %08b", name, st.Flags, flags|collectors.PlanKnown)
				}
			}}
		},
		Append: func(*int, *int, string) {},
	})
	if err != nil || seen != len(want) {
		t.Errorf("%d of %d statements, %v", seen, len(want), err)
	}
}

// What is read key by key in the order that MySQL writes says what the pairs say, whatever is left out, in another
// order or no number.
func TestExtraLikePairs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var pairs []string
		for _, k := range extraKeys {
			value := []string{"0", fmt.Sprint(r.IntN(1000)), fmt.Sprint(r.Int64N(1e12)), "1.5", "x", "-3", ""}[min(r.IntN(60), 6)]
			if value == "" {
				value = fmt.Sprint(r.IntN(5))
			}
			pairs = append(pairs, k.key+value)
		}
		for range r.IntN(3) {
			i, j := 1+r.IntN(len(pairs)-1), 1+r.IntN(len(pairs)-1)
			switch r.IntN(3) {
			case 0:
				pairs[i], pairs[j] = pairs[j], pairs[i]
			case 1:
				pairs = slices.Delete(pairs, i, i+1)
			case 2:
				pairs = slices.Insert(pairs, i, " Other_key: 7")
			}
		}
		text := strings.Join(pairs, "") + []string{"", " ", " Start: 2026-12-01T13:04:37.012080Z End: 2026-12-01T13:04:37.012107Z",
			"  Start: 2026-12-01T13:04:37.012080Z End: 2026-12-01T13:04:37.9Z", " Start: 2026-12-01T13:04:36.012080Z End: 2026-12-01T13:04:38.012107Z"}[r.IntN(5)]
		var got, want header
		for _, h := range []*header{&got, &want} {
			h.readTime([]byte("2026-12-01T13:04:37.000001Z"), &collectors.Statement{})
			h.end = collectors.NoTime
		}
		a, b := blankStatement, blankStatement
		if rest := got.readExtra([]byte(text), &a); len(rest) > 0 {
			got.readPairs(rest, &a)
		}
		want.readPairs([]byte(text), &b)
		if !reflect.DeepEqual(a, b) || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n got %+v %+v\nwant %+v %+v", text, a, got, b, want)
		}
	}
}

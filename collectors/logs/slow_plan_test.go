package logs

import (
	"context"
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

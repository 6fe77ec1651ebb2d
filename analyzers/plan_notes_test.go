package analyzers

import (
	"os"
	"testing"
)

// MariaDB writes notes on the plan only where one of them says yes: what has none needed nothing of it. The log was
// written by a server with log_slow_verbosity=query_plan, where one statement in twenty of a class read the whole
// table and the others used an index.
func TestPlanNotesLeftOut(t *testing.T) {
	log, err := os.ReadFile("../testdata/slowlogs/mariadb1011-plan-notes.log")
	if err != nil {
		t.Fatal(err)
	}
	d := scanFile(t, log, 1)
	scan := d.Classes["select c from t where a < ?"]
	if scan == nil || scan.Time.Count != 20 || scan.PlanKnown != 1 || scan.FullScans != 1 {
		t.Fatalf("%+v", scan)
	}
	for _, c := range []struct {
		engine      string
		known, none int64 // of the class, and of one that has no notes at all
	}{
		{"mariadb", 20, 1},
		{"", 20, 1},
		{"percona", 1, 0},
	} {
		n := PlanNotesOf(d, Engine{Name: c.engine})
		if got, none := n.Known(scan), n.Known(d.Classes["select database()"]); got != c.known || none != c.none {
			t.Errorf("%q: %d and %d statements are known, not %d and %d", c.engine, got, none, c.known, c.none)
		}
	}
}

// MySQL's log_slow_extra counts temporary tables and tells nothing of scans and sorts.
func TestPlanNotesOfTables(t *testing.T) {
	d := NewDigest()
	with, without := &Class{TmpTables: 3, TmpDiskTables: 2}, &Class{}
	for _, c := range []*Class{with, without} {
		for range 4 {
			c.Time.Add(1000)
		}
	}
	d.Classes["a"], d.Classes["b"] = with, without
	n := PlanNotesOf(d, Engine{Name: "mysql"})
	if n.TablesKnown(with) != 4 || n.TablesKnown(without) != 4 || n.Known(with) != 0 {
		t.Errorf("%d and %d tables, %d plans are known", n.TablesKnown(with), n.TablesKnown(without), n.Known(with))
	}
	with.TmpTables, with.TmpDiskTables = 0, 0
	if n := PlanNotesOf(d, Engine{Name: "mysql"}); n.TablesKnown(with) != 0 {
		t.Errorf("%d tables are known of a log that tells of none", n.TablesKnown(with))
	}
}

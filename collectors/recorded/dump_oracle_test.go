package recorded

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"dbtriage/collectors"
)

// TestDumpAgreesWithDictionary holds the indexes read from real dumps against what the same server's
// dictionary said of them.
func TestDumpAgreesWithDictionary(t *testing.T) {
	shared := os.Getenv("DBTRIAGE_SHARED")
	if shared == "" {
		t.Skip("set DBTRIAGE_SHARED to the folder that holds incidents/ to run this on recorded incidents")
	}
	dumps, _ := filepath.Glob(filepath.Join(shared, "incidents", "*", "*", "schema.sql"))
	compared := 0
	for _, path := range dumps {
		tables := map[string]collectors.Table{}
		for _, x := range hearFile(t, path).tables {
			tables[x.Schema+"."+x.Name] = x
		}
		for _, x := range hearFile(t, filepath.Join(filepath.Dir(path), "index-stats.tsv")).tables {
			have, ok := tables[x.Schema+"."+x.Name]
			if !ok || len(have.Indexes) != len(x.Indexes) {
				t.Errorf("%s: %s.%s has %d indexes, the dictionary %d", path, x.Schema, x.Name, len(have.Indexes), len(x.Indexes))
				continue
			}
			for _, want := range x.Indexes {
				same := slices.ContainsFunc(have.Indexes, func(ix collectors.Index) bool {
					return ix.Name == want.Name && ix.Unique == want.Unique && ix.Kind == want.Kind &&
						slices.EqualFunc(ix.Columns, want.Columns, func(a, b collectors.IndexColumn) bool { return a.Name == b.Name && a.Prefix == b.Prefix })
				})
				if !same {
					t.Errorf("%s: %s.%s: no %+v among %+v", path, x.Schema, x.Name, want, have.Indexes)
				}
				compared++
			}
		}
	}
	if compared == 0 {
		t.Fatal("no indexes to compare")
	}
	t.Logf("%d indexes of %d dumps", compared, len(dumps))
}

func hearFile(t *testing.T, path string) heard {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := hear(t, string(text), Options{})
	if err != nil || h.res.Skipped > 0 {
		t.Errorf("%s: %v %+v", path, err, h.res)
	}
	return h
}

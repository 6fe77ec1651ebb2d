package analyzers

import (
	"bytes"
	"os"
	"testing"
)

// TestAnyLog holds any slow log, named by DBTRIAGE_SLOWLOG, to what must be true of all: an event or a
// skip for each Query_time header, where no statement quotes one, and classes that are the events grouped by
// their own fingerprint. Logs of a server's regression tests have the shapes that nobody thinks of.
func TestAnyLog(t *testing.T) {
	file := os.Getenv("DBTRIAGE_SLOWLOG")
	if file == "" {
		t.Skip("set DBTRIAGE_SLOWLOG to a slow log")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all, res := readLogged(t, data, 0, 1)
	if headers := bytes.Count(data, []byte("\n# Query_time: ")); len(all)+int(res.Skipped) != headers {
		t.Errorf("%d events, %d Query_time headers; skipped %v", len(all), headers, res.Skips)
	}
	compareClasses(t, data, all)
}

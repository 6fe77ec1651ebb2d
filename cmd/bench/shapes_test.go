package main

import (
	"bytes"
	"context"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/collectors/logs"
)

// The log has the shapes and records that it is asked for.
func TestShapedLog(t *testing.T) {
	var log bytes.Buffer
	if err := shapedLog(&log, 5000, 8000); err != nil {
		t.Fatal(err)
	}
	g := &analyzers.Gatherer{Role: "db"}
	p, _, err := logs.Scan(context.Background(), &log, logs.SlowLog(), logs.ScanOptions{}, g.Parts())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.Classes) + p.Folded(); p.Statements.Count != 8000 || n != 5000 {
		t.Errorf("%d records in %d classes, want 8000 in 5000", p.Statements.Count, n)
	}
}

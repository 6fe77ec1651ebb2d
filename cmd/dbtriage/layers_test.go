package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// stages are the top-level folders in the order in which data flows. A package imports its own
// stage and those before it, never one behind.
var stages = []string{"collectors", "analyzers", "rules", "ui", "cmd"}

// banned are package names that say nothing; what would go there belongs to its only caller.
var banned = []string{"types", "model", "util", "utils", "common", "helpers", "internal"}

// TestImportsRunOneWay reads the sources itself: a test that shelled out to the go command could be
// answered from the test cache with the fault in place.
func TestImportsRunOneWay(t *testing.T) {
	root := "../.."
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if d.IsDir() {
			if rel != "." && strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" {
				return fs.SkipDir
			}
			if slices.Contains(banned, d.Name()) {
				t.Errorf("%s: the name says nothing; put the code where its caller is", rel)
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		files++
		for _, fault := range importFaults(t, rel, path) {
			t.Error(fault)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Fatalf("only %d Go files found: the test looks in the wrong place", files)
	}
}

func importFaults(t *testing.T, rel, path string) []string {
	t.Helper()
	own := stageOf(filepath.ToSlash(rel))
	if own < 0 {
		return []string{rel + ": Go code belongs in one of " + strings.Join(stages, ", ")}
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var faults []string
	for _, imp := range file.Imports {
		name, _ := strconv.Unquote(imp.Path.Value)
		if in, ok := strings.CutPrefix(name, "dbtriage/"); ok && stageOf(in) > own {
			faults = append(faults, rel+": imports "+in+", which comes later")
		}
	}
	return faults
}

func stageOf(path string) int {
	first, _, _ := strings.Cut(path, "/")
	return slices.Index(stages, first)
}

// The guard itself must bite.
func TestUpwardImportIsFound(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.go")
	if err := os.WriteFile(file, []byte("package logs\n\nimport _ \"dbtriage/ui/report\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := importFaults(t, "collectors/logs/x.go", file); len(got) != 1 {
		t.Errorf("an upward import gave %q", got)
	}
	if got := importFaults(t, "ui/report/x.go", file); len(got) != 0 {
		t.Errorf("an import within a stage gave %q", got)
	}
}

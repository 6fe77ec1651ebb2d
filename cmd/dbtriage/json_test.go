package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The JSON report of real logs is what docs/json.md promises.
func TestJSONKeepsItsSchema(t *testing.T) {
	schema := compileSchema(t, schemaText(t, "schema.json"))
	runs := [][]string{
		{"demo", "-f", "json"},
		{"demo", "-f", "json", "--samples", "--top", "2", "--lang", "zh"},
		{"analyze", "-f", "json", "../../testdata/slowlogs"},
	}
	if shared := os.Getenv("DBTRIAGE_SHARED"); shared != "" {
		logs := filepath.Join(shared, "logs")
		runs = append(runs, []string{"analyze", "-f", "json", filepath.Join(logs, "slow-mariadb-100m.log.zst"), filepath.Join(logs, "nginx-upstream-100m.log.zst")})
		incidents, err := filepath.Glob(filepath.Join(shared, "incidents", "A", "*"))
		if err != nil || len(incidents) < 22 {
			t.Fatalf("%d incidents, %v", len(incidents), err)
		}
		for _, dir := range incidents {
			runs = append(runs, []string{"analyze", "-f", "json", dir})
		}
	} else {
		t.Log("DBTRIAGE_SHARED is not set: the real incidents are left out")
	}
	for _, args := range runs {
		var out, stderr bytes.Buffer
		if code := run(args, strings.NewReader(""), &out, &stderr); code != exitOK {
			t.Errorf("%v: exit %d\n%s", args, code, stderr.String())
			continue
		}
		doc, err := jsonschema.UnmarshalJSON(io.Reader(&out))
		if err != nil {
			t.Errorf("%v: %v", args, err)
			continue
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// What compare writes of real logs is what docs/compare.md promises.
func TestComparisonKeepsItsSchema(t *testing.T) {
	schema := compileSchema(t, schemaText(t, "comparison.json"))
	runs := [][]string{
		{"--split", "2026-11-22T22:18:51Z", "demo"},
		{"--split", "2020-01-01", "demo"},
		{"demo/slow.log.zst", "demo/access.log.zst"},
		{"../../testdata/slowlogs", "demo"},
	}
	if shared := os.Getenv("DBTRIAGE_SHARED"); shared != "" {
		incident := func(name string) string { return filepath.Join(shared, "incidents", "A", name) }
		runs = append(runs, []string{incident("17-healthy-moderate"), incident("05-hot-row-lock-contention")}, []string{incident("13-max-connections-exhausted"), incident("18-healthy-busy")})
	}
	for _, args := range runs {
		var out, stderr bytes.Buffer
		if code := run(append([]string{"compare", "-f", "json"}, args...), strings.NewReader(""), &out, &stderr); code != exitOK {
			t.Errorf("%v: exit %d\n%s", args, code, stderr.String())
			continue
		}
		doc, err := jsonschema.UnmarshalJSON(io.Reader(&out))
		if err != nil {
			t.Errorf("%v: %v", args, err)
			continue
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func compileSchema(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func schemaText(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../ui/report", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

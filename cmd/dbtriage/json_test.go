package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"dbtriage/ui/report"
)

// The JSON report of real logs is what docs/json.md promises.
func TestJSONKeepsItsSchema(t *testing.T) {
	schema := compileSchema(t)
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

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema))
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

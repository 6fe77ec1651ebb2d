package report

import (
	"bytes"
	_ "embed" // for the schemas
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The JSON Schemas (draft 2020-12) of a report and of a comparison; docs/json.md and docs/compare.md are made from them.
var (
	//go:embed schema.json
	reportSchema []byte
	//go:embed comparison.json
	comparisonSchema []byte
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	return compiledOf(t, reportSchema)
}

func compiledOf(t *testing.T, schema []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJSONFitsSchema(t *testing.T) {
	schema := compiled(t)
	for _, c := range cases {
		r := c.report()
		r.Options.Samples = true
		got := render(t, "json", r, Style{})
		checkSafe(t, c.name, got)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(got))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// The schema is a guard only if it refuses.
func TestSchemaRefuses(t *testing.T) {
	schema := compiled(t)
	good := render(t, "json", incident(Options{}), Style{})
	for _, change := range [][2]string{
		{`"layer":"database"`, `"layer":"mysql"`}, {`"seen_in"`, `"seenin"`}, {`"share":0.94`, `"share":94`},
		{`"for":true`, `"pro":true`}, {`"client_and_buffering_s"`, `"client_s"`}, {`"since":"2026-11-22T13:57:00Z"`, `"since":1795355820`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good {
			t.Errorf("the report has no %s", change[0])
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(v) == nil {
			t.Errorf("the schema takes %s", change[1])
		}
	}
}

// A field is one property of an object in the schema, in the order it is written there.
type field struct {
	name string
	schema
}

type fields []field

type schema struct {
	Type        any      `json:"type"`
	Format      string   `json:"format"`
	Description string   `json:"description"`
	Enum        []any    `json:"enum"`
	Ref         string   `json:"$ref"`
	Required    []string `json:"required"`
	Properties  fields   `json:"properties"`
	Items       *schema  `json:"items"`
	Defs        fields   `json:"$defs"`

	target string // what Ref leads to, once resolved
}

// resolve notes what each reference in the schema leads to: an object, or an object or null.
func (s *schema) resolve(defs fields) {
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		for _, d := range defs {
			if d.name == name {
				s.target = d.kind()
			}
		}
	}
	for i := range s.Properties {
		s.Properties[i].resolve(defs)
	}
	if s.Items != nil {
		s.Items.resolve(defs)
	}
}

// UnmarshalJSON keeps the order of the properties, which a map would lose.
func (f *fields) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		one := field{name: name.(string)}
		if err := d.Decode(&one.schema); err != nil {
			return err
		}
		*f = append(*f, one)
	}
	return nil
}

func (s *schema) kind() string {
	var names []string
	switch v := s.Type.(type) {
	case string:
		names = append(names, v)
	case []any:
		for _, x := range v {
			names = append(names, x.(string))
		}
	}
	if s.Ref != "" {
		names = append(names, s.target)
	}
	out := strings.Join(names, " or ")
	if s.Format == "date-time" {
		out = strings.Replace(out, "string", "time", 1)
	}
	if s.Items != nil {
		out = strings.Replace(out, "array", "list of "+s.Items.kind()+"s", 1)
	}
	return out
}

// TestDocs keeps docs/json.md and docs/compare.md the pages that the schemas make.
func TestDocs(t *testing.T) {
	for _, page := range []struct {
		path, title, source string
		schema              []byte
	}{
		{"docs/json.md", "The JSON report", "schema.json", reportSchema},
		{"docs/compare.md", "The JSON of a comparison", "comparison.json", comparisonSchema},
	} {
		docs(t, page.path, page.title, page.source, page.schema)
	}
}

func docs(t *testing.T, name, title, source string, text []byte) {
	var root schema
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	root.resolve(root.Defs)
	var b strings.Builder
	b.WriteString("# " + title + "\n\n" + root.Description + "\n\nThis page is made from ui/report/" + source + " by `go test ./ui/report -run TestDocs -update`.\n")
	b.WriteString("\n## Top level\n\n" + tableOf(root.Properties, root.Required))
	for _, f := range root.Properties {
		section(&b, f.name, &f.schema)
	}
	for _, f := range root.Defs {
		section(&b, f.name, &f.schema)
	}
	path := "../../" + name
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(path)
	if err != nil || string(have) != b.String() {
		t.Errorf("%s is not what the schema says: run go test ./ui/report -run TestDocs -update (%v)", name, err)
	}
	for _, problem := range lint(b.String()) {
		t.Error(problem)
	}
}

// section writes the fields of an object, or of the objects of a list, then those inside them.
func section(b *strings.Builder, name string, s *schema) {
	if s.Items != nil {
		name, s = name+"[]", s.Items
	}
	if len(s.Properties) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n%s", name, tableOf(s.Properties, s.Required))
	for _, f := range s.Properties {
		section(b, name+"."+f.name, &f.schema)
	}
}

func tableOf(fs fields, required []string) string {
	var b strings.Builder
	b.WriteString("| name | type | meaning |\n| --- | --- | --- |\n")
	for _, f := range fs {
		text := f.Description
		if !slices.Contains(required, f.name) {
			text += " (optional)"
		}
		if f.Ref != "" {
			text += " (see " + f.Ref[strings.LastIndexByte(f.Ref, '/')+1:] + ")"
		}
		var values []string
		for _, v := range f.Enum {
			if v != nil {
				values = append(values, fmt.Sprint("`", v, "`"))
			}
		}
		if len(values) > 0 {
			text += ": " + strings.Join(values, ", ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.name, f.kind(), text)
	}
	return b.String()
}

package main

import (
	"bytes"
	"math"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dbtriage/analyzers/sqlshape"
)

// TestRecovery runs a small benchmark on a real server. Of the gate it asks what tables of some thousand rows can
// tell: reading all of one takes so few pages that an index, the expert's too, may take a few more.
func TestRecovery(t *testing.T) {
	if testing.Short() {
		t.Skip("builds dbtriage and starts a server")
	}
	for _, program := range append(programs, "go") {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s here: install mariadb-server to run this test on a real server", program)
		}
	}
	bin := filepath.Join(t.TempDir(), "dbtriage")
	if out, err := exec.Command("go", "build", "-o", bin, "dbtriage/cmd/dbtriage").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var table bytes.Buffer
	all, err := bench(t.Context(), &table, options{bin: bin, scale: testScale, seed: 1, verbosity: "full", detail: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		switch r.Adviser {
		case noneName:
			if r.PagesR != 0 || r.Indexes != 0 {
				t.Errorf("%s: %+v", r.Schema, r)
			}
		case expertName:
			if r.PagesR != 1 || r.Bytes == 0 {
				t.Errorf("%s: %+v", r.Schema, r)
			}
		case ours:
			if r.PagesR < leastInTest || r.BytesX > mostBytes || r.AdviserSeconds == 0 {
				t.Errorf("%s: recovers %.3f with %.2f times the bytes", r.Schema, r.PagesR, r.BytesX)
			}
		}
	}
	if len(all) != 5*len(schemas) {
		t.Errorf("%d results", len(all))
	}
	if t.Failed() {
		t.Log(table.String())
	}
	again, err := bench(t.Context(), &table, options{bin: bin, scale: testScale, seed: 1, verbosity: "full", only: "sbtest"})
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range again {
		for k, c := range r.Costs {
			if before := all[len(all)-len(again)+i].Costs[k]; before.Pages != c.Pages || before.Rows != c.Rows {
				t.Errorf("%s, %s: %v pages and %v rows, %v and %v the first time", r.Adviser, schemas[4].Templates[k].SQL, c.Pages, c.Rows, before.Pages, before.Rows)
			}
		}
	}
}

// TestSchemas: every statement is understood, every literal is used, and experts name columns that exist.
func TestSchemas(t *testing.T) {
	parser, err := sqlshape.NewParser()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range schemas {
		d := &draw{chance(1, "test"), 0, s.scaled(0.01)}
		used := map[string]bool{}
		for _, tpl := range s.Templates {
			for _, m := range placeholder.FindAllStringSubmatch(tpl.SQL, -1) {
				used[m[1]] = true
			}
			text := s.fill(tpl, d)
			if shape := parser.Parse(text); shape.Guessed || strings.ContainsAny(text, "{}") {
				t.Errorf("%s: %s", s.Name, text)
			}
			if strings.HasPrefix(text, "INSERT") != (reads(text) == "") {
				t.Errorf("%s is read as %q", text, reads(text))
			}
		}
		for name := range s.Literals {
			if !used[name] {
				t.Errorf("%s: no statement uses {%s}", s.Name, name)
			}
		}
		for _, x := range s.Expert {
			name, columns, _ := strings.Cut(strings.TrimSuffix(x, ")"), " (")
			for column := range strings.SplitSeq(columns, ", ") {
				if !s.has(name, column) {
					t.Errorf("%s: %s has no %s", s.Name, name, column)
				}
			}
		}
	}
}

func TestFill(t *testing.T) {
	s := &Schema{Literals: map[string]value{"k": upTo(1_000_000)}}
	d := &draw{chance(1, "test"), 0, nil}
	a, b, ok := strings.Cut(s.fill(Template{SQL: "{k} {k}"}, d), " ")
	if !ok || a != b {
		t.Errorf("{k} and {k} are %s and %s", a, b)
	}
	a, b, _ = strings.Cut(s.fill(Template{SQL: "{k1} {k2}"}, d), " ")
	if a == b {
		t.Errorf("{k1} and {k2} are both %s", a)
	}
}

func TestReads(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1": "SELECT 1",
		"UPDATE t SET a = 1, b = 'WHERE' WHERE c = 5": "SELECT * FROM t WHERE c = 5",
		"DELETE FROM t WHERE c = 5":                   "SELECT * FROM t WHERE c = 5",
		"INSERT INTO t (a) VALUES (1)":                "",
	} {
		if got := reads(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestPagesOf(t *testing.T) {
	plan := map[string]any{"query_block": map[string]any{"nested_loop": []any{
		map[string]any{"table": map[string]any{"r_engine_stats": map[string]any{"pages_accessed": 5.0, "pages_read_count": 3.0}}},
		map[string]any{"table": map[string]any{"r_engine_stats": map[string]any{"pages_accessed": 7.0}}},
	}}}
	if got := pagesOf(plan); got != 12 {
		t.Errorf("%v pages", got)
	}
}

// TestBaselines: simple advisers know the keys that are there, and nothing else.
func TestBaselines(t *testing.T) {
	s := &Schema{
		Name: "x",
		Tables: []Table{{Name: "t", Rows: 10, Columns: []Column{{"id INT", serial}, {"a INT", serial}, {"b INT", serial}, {"c INT", serial}}, Keys: []string{"PRIMARY KEY (id)"}},
			{Name: "u", Rows: 10, Columns: []Column{{"k INT", serial}, {"t_id INT", serial}}, Keys: []string{"PRIMARY KEY (k)"}}},
		Literals: map[string]value{},
		Templates: []Template{
			{"SELECT c FROM t WHERE a = 1 AND b = 2 AND c > 3 ORDER BY id", 1},
			{"SELECT c FROM t WHERE id = 5", 1},
			{"SELECT c FROM u JOIN t ON t.id = u.t_id WHERE u.k = 1", 1},
		},
	}
	indexes := func(ddl []string) string {
		for i := range ddl {
			_, ddl[i], _ = strings.Cut(strings.TrimPrefix(ddl[i], "ALTER TABLE "), "INDEX ")
			_, ddl[i], _ = strings.Cut(ddl[i], " ")
		}
		return strings.Join(ddl, " ")
	}
	if got, want := indexes(perColumn(s)), "(a) (b) (c) (t_id)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := indexes(equalOnly(s)), "(a, b)"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestJudge(t *testing.T) {
	schema := &Schema{Name: "x", Templates: []Template{{"SELECT 1", 3}, {"SELECT 2", 1}}}
	costs := func(a, b float64) measured { return measured{Bytes: 100, Costs: []cost{{Pages: a}, {Pages: b}}} }
	none, expert := costs(100, 100), costs(10, 70)
	r := score(schema, ours, costs(10, 100), none, expert)
	if math.Abs(r.PagesR-0.9) > 1e-9 || len(r.Harmful) > 0 || r.BytesX != 1 {
		t.Errorf("%+v", r)
	}
	if r := score(schema, ours, costs(10, 111), none, expert); len(r.Harmful) != 1 {
		t.Errorf("%+v", r)
	}
	for _, c := range []struct {
		change func(all []result)
		want   string
	}{
		{func(all []result) {}, ""},
		{func(all []result) { all[0].PagesR = 0.94 }, "recovers 0.940"},
		{func(all []result) { all[0].BytesX = 1.3 }, "1.30 times the bytes"},
		{func(all []result) { all[0].Harmful = []string{"SELECT 2"} }, "harms a statement"},
		{func(all []result) { all[1].PagesR = 0.99 }, "better than the best baseline in 0 of 1"},
	} {
		all := []result{{Schema: "x", Adviser: ours, PagesR: 0.99, BytesX: 1}, {Schema: "x", Adviser: equalOnlyName, PagesR: 0.9}}
		c.change(all)
		failed := judge(all)
		if c.want == "" && len(failed) > 0 || c.want != "" && !slices.ContainsFunc(failed, func(s string) bool { return strings.Contains(s, c.want) }) {
			t.Errorf("%q, want %q", failed, c.want)
		}
	}
}

// testScale is that of TestRecovery, and leastInTest what must be recovered of it: small tables get fewer indexes.
const (
	testScale   = 0.1
	leastInTest = 0.9
)

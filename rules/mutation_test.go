package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// TestMutants is the proof that the tests of the catalogue bite: it moves each parameter by its own
// step both ways, flips each comparison, negates each flag and removes each condition and each
// unless, one at a time. Some test of the rule must fail each time.
func TestMutants(t *testing.T) {
	set, err := LoadTested()
	if err != nil {
		t.Fatal(err)
	}
	killed, total := 0, 0
	for _, r := range set.rules {
		for what, mutant := range mutants(t, r) {
			total++
			if bites(mutant, set.tests[r.ID]) {
				killed++
			} else {
				t.Errorf("%s: no test fails after %s", r.ID, what)
			}
		}
	}
	t.Logf("%d of %d mutants killed", killed, total)
}

func bites(r *compiled, tests []Test) bool {
	m := &vm.VM{}
	return slices.ContainsFunc(tests, func(test Test) bool {
		_, ok := r.try(m, test)
		return !ok
	})
}

// mutants returns the changed rules by what was changed.
func mutants(t *testing.T, r *compiled) map[string]*compiled {
	out := map[string]*compiled{}
	for name, p := range r.Params {
		out["raising "+name] = r.with(name, p.Value+p.Step)
		out["lowering "+name] = r.with(name, p.Value-p.Step)
	}
	sc := newScope(r.Rule)
	for i, l := range r.Let {
		sc.env[l.ID] = r.lets[i].typ.exprType()
		sc.lets[l.ID] = r.lets[i].facts
	}
	for i, c := range r.When {
		for _, src := range flips(t, c.Expr) {
			d := *r
			d.when = slices.Clone(r.when)
			d.when[i] = recompile(t, sc, src)
			out["when "+c.ID+" became "+src] = &d
		}
		d := *r
		d.when = slices.Delete(slices.Clone(r.when), i, i+1)
		rule := *r.Rule
		rule.When = slices.Delete(slices.Clone(r.When), i, i+1)
		d.Rule = &rule
		out["removing when "+c.ID] = &d
	}
	for i, c := range r.Unless {
		for _, src := range flips(t, c.Expr) {
			d := *r
			d.unless = slices.Clone(r.unless)
			d.unless[i] = recompile(t, sc, src)
			out["unless "+c.ID+" became "+src] = &d
		}
		d := *r
		d.unless = slices.Delete(slices.Clone(r.unless), i, i+1)
		rule := *r.Rule
		rule.Unless = slices.Delete(slices.Clone(r.Unless), i, i+1)
		d.Rule = &rule
		out["removing unless "+c.ID] = &d
	}
	for i := range r.Requires {
		d := *r
		rule := *r.Rule
		rule.Requires = slices.Delete(slices.Clone(r.Requires), i, i+1)
		d.Rule = &rule
		if readElsewhere(r, r.Requires[i]) {
			continue
		}
		out["removing requires "+r.Requires[i]] = &d
	}
	return out
}

// readElsewhere reports whether a condition needs a required fact anyway.
func readElsewhere(r *compiled, name string) bool {
	for _, e := range slices.Concat(r.when, r.unless) {
		if slices.Contains(e.facts, name) {
			return true
		}
	}
	for i, l := range r.Let { // a let that is required for a text, over facts a condition reads
		if l.ID != name {
			continue
		}
		for _, f := range r.lets[i].facts {
			if !readElsewhere(r, f) {
				return false
			}
		}
		return true
	}
	return false
}

func recompile(t *testing.T, sc *scope, src string) *expression {
	t.Helper()
	e, err := sc.compile(src, conditionRole)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return e
}

// flips returns src with one comparison turned round, for each comparison in it, or negated when it
// is a flag.
func flips(t *testing.T, src string) []string {
	t.Helper()
	opposite := map[string]string{"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
	n := len(comparisonsIn(t, src))
	var out []string
	for i := range n {
		tree, err := parser.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		c := comparisonsOf(&tree.Node)[i]
		c.Operator = opposite[c.Operator]
		out = append(out, tree.Node.String())
	}
	if n == 0 {
		out = append(out, "!("+src+")")
	}
	return out
}

func comparisonsIn(t *testing.T, src string) []*ast.BinaryNode {
	t.Helper()
	tree, err := parser.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return comparisonsOf(&tree.Node)
}

type comparisonFinder struct{ found []*ast.BinaryNode }

func (f *comparisonFinder) Visit(node *ast.Node) {
	if b, ok := (*node).(*ast.BinaryNode); ok && slices.Contains(comparisons, b.Operator) {
		f.found = append(f.found, b)
	}
}

func comparisonsOf(root *ast.Node) []*ast.BinaryNode {
	f := &comparisonFinder{}
	ast.Walk(root, f)
	return f.found
}

// TestMutantsAreSeen checks the checker: a rule whose tests lack the case just below a limit is
// caught.
func TestMutantsAreSeen(t *testing.T) {
	set, err := LoadTested()
	if err != nil {
		t.Fatal(err)
	}
	r := set.byID["Q08"]
	weak := slices.DeleteFunc(slices.Clone(set.tests["Q08"]), func(c Test) bool { return strings.Contains(c.Name, "small table") })
	if bites(r.with("examined", r.Params["examined"].Value-r.Params["examined"].Step), weak) {
		t.Error("a weak test passes for a strong one")
	}
}

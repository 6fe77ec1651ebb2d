package rules

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// Mutate is the proof that the tests of the set bite: it moves each parameter by its own step both
// ways, turns each comparison round, in conditions and in the choice of a severity, negates each flag
// and removes each condition, unless and requirement, one at a time. Some test of the rule must fail
// each time; survivors are those where none does.
func (s *Set) Mutate() (total int, survivors []string, err error) {
	m := &vm.VM{}
	for _, r := range s.tested {
		all, err := mutants(r)
		if err != nil {
			return 0, nil, err
		}
		for what, mutant := range all {
			total++
			if !bites(m, mutant, s.tests[r.ID]) {
				survivors = append(survivors, r.ID+": no test fails after "+what)
			}
		}
	}
	slices.Sort(survivors)
	return total, survivors, nil
}

func bites(m *vm.VM, r *compiled, tests []Test) bool {
	return slices.ContainsFunc(tests, func(test Test) bool {
		_, ok := r.try(m, test)
		return !ok
	})
}

// mutants returns the changed rules by what was changed.
func mutants(r *compiled) (map[string]*compiled, error) {
	out := map[string]*compiled{}
	for name, p := range r.Params {
		out["raising "+name] = r.with(name, p.Value+p.Step)
		out["lowering "+name] = r.with(name, p.Value-p.Step)
	}
	sc := newScope(r.Rule, false)
	for i, l := range r.Let {
		sc.own[l.ID] = r.lets[i].typ.exprType()
		sc.lets[l.ID] = r.lets[i].facts
	}
	without := func(change func(d *compiled, rule *Rule)) *compiled {
		d, rule := *r, *r.Rule
		d.Rule = &rule
		change(&d, &rule)
		return &d
	}
	for i, c := range r.When {
		flipped, err := flips(sc, c.Expr, conditionRole)
		if err != nil {
			return nil, fmt.Errorf("%s: when.%s: %w", r.ID, c.ID, err)
		}
		for src, e := range flipped {
			out["when "+c.ID+" became "+src] = without(func(d *compiled, _ *Rule) {
				d.when = slices.Clone(r.when)
				d.when[i] = e
			})
		}
		out["removing when "+c.ID] = without(func(d *compiled, rule *Rule) {
			d.when = slices.Delete(slices.Clone(r.when), i, i+1)
			rule.When = slices.Delete(slices.Clone(r.When), i, i+1)
		})
	}
	for i, c := range r.Unless {
		flipped, err := flips(sc, c.Expr, conditionRole)
		if err != nil {
			return nil, fmt.Errorf("%s: unless.%s: %w", r.ID, c.ID, err)
		}
		for src, e := range flipped {
			out["unless "+c.ID+" became "+src] = without(func(d *compiled, _ *Rule) {
				d.unless = slices.Clone(r.unless)
				d.unless[i] = e
			})
		}
		out["removing unless "+c.ID] = without(func(d *compiled, rule *Rule) {
			d.unless = slices.Delete(slices.Clone(r.unless), i, i+1)
			rule.Unless = slices.Delete(slices.Clone(r.Unless), i, i+1)
		})
	}
	if r.severity != nil {
		flipped, err := flips(sc, r.Severity, severityRole)
		if err != nil {
			return nil, fmt.Errorf("%s: severity: %w", r.ID, err)
		}
		for src, e := range flipped {
			out["severity became "+src] = without(func(d *compiled, _ *Rule) { d.severity = e })
		}
	}
	for i, name := range r.Requires {
		if !readElsewhere(r, name) {
			out["removing requires "+name] = without(func(_ *compiled, rule *Rule) {
				rule.Requires = slices.Delete(slices.Clone(r.Requires), i, i+1)
			})
		}
	}
	return out, nil
}

// readElsewhere reports whether a condition needs a required fact anyway.
func readElsewhere(r *compiled, name string) bool {
	for _, e := range slices.Concat(r.when, r.unless) {
		if slices.Contains(e.facts, name) {
			return true
		}
	}
	// A let that is required for a text, over facts a condition reads.
	e := r.letOf(name)
	return e != nil && !slices.ContainsFunc(e.facts, func(f string) bool { return !readElsewhere(r, f) })
}

var opposite = map[string]string{"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}

// flips compiles src with one comparison turned round, for each comparison in it, or negated when it
// has none.
func flips(sc *scope, src string, as role) (map[string]*expression, error) {
	tree, err := parser.Parse(src)
	if err != nil {
		return nil, err
	}
	out := map[string]*expression{}
	add := func(changed string) {
		e, fault := sc.compile(changed, as)
		if fault != nil {
			err = fault
			return
		}
		out[changed] = e
	}
	found := comparisonsOf(&tree.Node)
	for _, c := range found {
		was := c.Operator
		c.Operator = opposite[was]
		add(tree.Node.String())
		c.Operator = was
	}
	if len(found) == 0 {
		add("!(" + src + ")")
	}
	return out, err
}

type comparisonFinder struct{ found []*ast.BinaryNode }

// Visit implements ast.Visitor.
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

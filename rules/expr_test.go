package rules

import (
	"maps"
	"testing"

	"github.com/expr-lang/expr/vm"
)

// A comparison says what its program would: in the cases of every rule's tests, and with its sides
// replaced by what lies around them.
func TestCompare(t *testing.T) {
	set, err := LoadTested()
	if err != nil {
		t.Fatal(err)
	}
	m, compared := &vm.VM{}, 0
	for _, r := range set.tested {
		for _, test := range set.tests[r.ID] {
			env := map[string]any{}
			for name, v := range test.Given {
				if f := factOf(r.Each, name); f != nil {
					env[name], _ = coerce(f.Type, v)
				}
			}
			env = r.evaluate(m, env).env
			for _, e := range append(append([]*expression{}, r.when...), r.unless...) {
				if e.op == "" {
					continue
				}
				for _, env := range around(env, e.facts) {
					got, ok := e.run(m, env)
					if !ok {
						continue
					}
					prog, err := e.program()
					if err != nil {
						t.Fatalf("%s: %s: %v", r.ID, e.src, err)
					}
					want, err := m.Run(prog, env)
					if compared++; err != nil || got != want {
						t.Errorf("%s: %s is %v, its program says %v %v", r.ID, e.src, got, want, err)
					}
				}
			}
		}
	}
	if compared < 5_000 {
		t.Errorf("only %d comparisons", compared)
	}
}

// around returns env, and copies of it in which one of the facts lies a little lower or higher.
func around(env map[string]any, facts []string) []map[string]any {
	out := []map[string]any{env}
	for _, name := range facts {
		v, isNumber := env[name].(float64)
		if !isNumber {
			continue
		}
		for _, factor := range []float64{-1, 0, 0.5, 0.999, 1.001, 2} {
			c := maps.Clone(env)
			c[name] = v * factor
			out = append(out, c)
		}
	}
	return out
}

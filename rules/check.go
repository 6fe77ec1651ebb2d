package rules

import (
	"fmt"
	"maps"
	"slices"

	"github.com/expr-lang/expr/vm"
)

// A Failure is a test of the catalogue that did not come out as it says.
type Failure struct {
	Rule, Test string
	Want, Got  string
}

// Error implements error.
func (f Failure) Error() string {
	return fmt.Sprintf("%s: %s: want %s, got %s", f.Rule, f.Test, f.Want, f.Got)
}

// Check runs every test of the set, on the rules as their files state them, and returns their number
// and those that fail. A set of Load holds the tests of a user's rules only, one of LoadTested all.
func (s *Set) Check() (tests int, failures []Failure) {
	m := &vm.VM{}
	for _, r := range s.tested {
		for _, t := range s.tests[r.ID] {
			tests++
			if f, ok := r.try(m, t); !ok {
				failures = append(failures, f)
			}
		}
	}
	return tests, failures
}

// Len returns the number of rules.
func (s *Set) Len() int { return len(s.rules) }

// try runs one test.
func (c *compiled) try(m *vm.VM, t Test) (Failure, bool) {
	env := map[string]any{}
	for name, v := range t.Given {
		if f := factOf(c.Each, name); f != nil {
			env[name], _ = coerce(f.Type, v)
		}
	}
	o := c.evaluate(m, env)
	got := map[Truth]string{True: "fire", False: "not_fire", Unknown: "unknown"}[o.truth]
	f := Failure{Rule: c.ID, Test: t.Name, Want: t.Expect, Got: got}
	if got != t.Expect {
		return f, false
	}
	if t.Why != "" && got == "not_fire" {
		// The reason must be the only one: a test of a guard that a condition already fails, or
		// of two conditions at once, proves nothing.
		reasons := c.reasons(o)
		f.Want, f.Got = "not_fire because of "+t.Why, fmt.Sprintf("not_fire because of %v", reasons)
		return f, slices.Equal(reasons, []string{t.Why})
	}
	if t.Severity != "" && o.severity != t.Severity {
		f.Want, f.Got = string(t.Severity), string(o.severity)
		return f, false
	}
	return f, true
}

// reasons lists the conditions that are false and the unlesses that are true.
func (c *compiled) reasons(o outcome) []string {
	var out []string
	for i, t := range o.when {
		if t == False {
			out = append(out, c.When[i].ID)
		}
	}
	for i, t := range o.unless {
		if t == True {
			out = append(out, c.Unless[i].ID)
		}
	}
	return out
}

// with returns a copy of the rule with one parameter changed.
func (c *compiled) with(param string, value float64) *compiled {
	d := *c
	d.params = maps.Clone(c.params)
	d.params[param] = value
	return &d
}

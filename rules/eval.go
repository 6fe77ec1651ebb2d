package rules

import (
	"slices"

	"github.com/expr-lang/expr/vm"
)

// An outcome is what a rule says of one subject.
type outcome struct {
	truth    Truth // True: the rule holds
	when     []Truth
	unless   []Truth
	missing  []string // facts that kept it unknown
	severity Severity
	env      map[string]any
}

// evaluate runs a rule on the facts of one subject. env holds those facts and the global ones; the
// rule's lets and parameters are added to it until forget takes them away.
func (c *compiled) evaluate(m *vm.VM, env map[string]any) outcome {
	o := outcome{env: env}
	env["p"] = c.params
	for i, e := range c.lets {
		if v, ok := e.run(m, env); ok {
			env[c.Let[i].ID] = v
		}
	}
	o.truth = True
	lacking := func(names []string) {
		for _, name := range names {
			if _, known := env[name]; !known {
				o.missing = append(o.missing, name)
			}
		}
	}
	for _, name := range c.Requires {
		if _, known := env[name]; !known {
			o.truth = o.truth.And(Unknown)
			before := len(o.missing)
			if e := c.letOf(name); e != nil {
				lacking(e.facts)
			}
			if len(o.missing) == before { // a fact itself, or a let of known facts without a value
				o.missing = append(o.missing, name)
			}
		}
	}
	for _, e := range c.when {
		t := e.truth(m, env)
		o.when = append(o.when, t)
		o.truth = o.truth.And(t)
		if t == Unknown {
			lacking(e.facts)
		}
	}
	for _, e := range c.unless {
		t := e.truth(m, env)
		o.unless = append(o.unless, t)
		o.truth = o.truth.And(t.Not())
		if t == Unknown {
			lacking(e.facts)
		}
	}
	slices.Sort(o.missing)
	o.missing = slices.Compact(o.missing)
	if o.truth == True {
		o.severity = c.severityOf(m, env)
	}
	return o
}

// forget takes the lets of the rule out of an environment, which are no names of facts.
func (c *compiled) forget(env map[string]any) {
	for _, l := range c.Let {
		delete(env, l.ID)
	}
	delete(env, "p")
}

// truth runs a condition.
func (e *expression) truth(m *vm.VM, env map[string]any) Truth {
	v, ok := e.run(m, env)
	if !ok {
		return Unknown
	}
	return truthOf(v == true)
}

func (c *compiled) severityOf(m *vm.VM, env map[string]any) Severity {
	if c.severity == nil {
		return Severity(c.Severity)
	}
	if v, ok := c.severity.run(m, env); ok {
		if s, isString := v.(string); isString && Severity(s).Rank() >= 0 {
			return Severity(s)
		}
	}
	return Info
}

// lookup finds a value that a text or an expression names, with its unit.
func (c *compiled) lookup(env map[string]any, name string) (v any, unit string, ok bool) {
	if unit, own := c.units[name]; own {
		if param, isParam := c.Params[trimParam(name)]; isParam && name != trimParam(name) {
			return param.Value, unit, true
		}
		v, ok = env[name]
		return v, unit, ok
	}
	v, ok = env[name]
	if f := factOf(c.Each, name); f != nil {
		unit = f.Unit
	}
	return v, unit, ok
}

func trimParam(name string) string {
	if len(name) > 2 && name[:2] == "p." {
		return name[2:]
	}
	return name
}

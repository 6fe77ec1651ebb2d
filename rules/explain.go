package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/vm"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
)

// IDs returns the ids of the rules in order.
func (s *Set) IDs() []string {
	ids := make([]string, 0, len(s.rules))
	for _, r := range s.rules {
		ids = append(ids, r.ID)
	}
	return ids
}

// Rule returns a rule as its YAML states it; ok is false when there is none of that id. It is not
// to be changed.
func (s *Set) Rule(id string) (r *Rule, ok bool) {
	c, ok := s.byID[id]
	if !ok {
		return nil, false
	}
	return c.Rule, true
}

// A FactUse is a fact that a rule reads, with what it means and how to provide it.
type FactUse struct {
	Name, Unit, From, Meaning, Provide string
}

// Facts returns the facts that the conditions of a rule read.
func (s *Set) Facts(id, lang string) []FactUse {
	c := s.byID[id]
	if c == nil {
		return nil
	}
	names := slices.Clone(c.Requires)
	for _, e := range slices.Concat(c.when, c.unless) {
		names = append(names, e.facts...)
	}
	slices.Sort(names)
	var out []FactUse
	for _, name := range slices.Compact(names) {
		f := factOf(c.Each, name)
		if f == nil {
			continue // a let: the facts it reads are the rule's too
		}
		key := f.Provide
		if key == "" {
			key = string(f.From)
		}
		out = append(out, FactUse{withCalls(f.Name), f.Unit, string(f.From), f.Meaning, provisions[key].In(lang)})
	}
	return out
}

// NotJudged says why a rule is not judged on a snapshot at all; empty when it is.
func (s *Set) NotJudged(id string, snap *analyzers.Snapshot) string {
	c := s.byID[id]
	switch managed := managedService(snap.Settings); {
	case c == nil:
		return ""
	case c.Disabled != "":
		return "disabled: " + c.Disabled
	case c.SelfHosted && managed != "":
		return "not on " + managed + ", where the operating system is not ours"
	case !gatesOpen(c.gates, snap.Engine.Name, snap.Engine.Version):
		v := snap.Engine.Version
		return fmt.Sprintf("for %s only: this is %s %d.%d.%d", strings.Join(c.Engines, ", "), snap.Engine.Name, v[0], v[1], v[2])
	}
	return ""
}

// A Trace is why a rule held or did not on one subject.
type Trace struct {
	Rule    string
	Subject Subject
	Holds   Truth
	Checks  []Checked
	Missing []string
	// Excepted is why an override keeps the rule silent about the subject.
	Excepted string
	// Lets are the values it computed, as people write them.
	Lets []Value
}

// A Value is a named number of a Trace.
type Value struct{ Name, Expr, Text string }

// A Checked is one condition of a Trace.
type Checked struct {
	ID     string
	Unless bool
	Expr   string
	Truth  Truth
	// Text says it with numbers: "share >= p.share: 3.1 % >= 1 %".
	Text string
}

// Explain evaluates one rule on every subject of a snapshot. Subjects on which it holds come first.
func (s *Set) Explain(id string, snap *analyzers.Snapshot, a timeline.Attribution, lang string) []Trace {
	c := s.byID[id]
	if c == nil {
		return nil
	}
	g := gather(snap, a, s.calls)
	subjects := g.subjects[c.Each]
	if c.Each == "global" {
		subjects = []subjectFacts{{Subject{Kind: "global"}, factMap{}}}
	}
	m := &vm.VM{}
	var out []Trace
	for _, sub := range subjects {
		env := maps.Clone(map[string]any(g.global))
		maps.Copy(env, sub.facts)
		o := c.evaluate(m, env)
		t := Trace{Rule: id, Subject: sub.subject, Holds: o.truth, Excepted: c.excepted(sub.subject)}
		for _, l := range c.Let {
			text := "?"
			if v, unit, ok := c.lookup(env, l.ID); ok {
				text = format(v, unit, lang)
			}
			t.Lets = append(t.Lets, Value{l.ID, l.Expr, text})
		}
		for _, name := range o.missing {
			t.Missing = append(t.Missing, withCalls(name))
		}
		for i, e := range c.when {
			t.Checks = append(t.Checks, c.checked(m, o, c.When[i], e, o.when[i], false, lang))
		}
		for i, e := range c.unless {
			t.Checks = append(t.Checks, c.checked(m, o, c.Unless[i], e, o.unless[i], true, lang))
		}
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b Trace) int { return int(b.Holds) - int(a.Holds) })
	return out
}

func (c *compiled) checked(m *vm.VM, o outcome, cond Condition, e *expression, t Truth, unless bool, lang string) Checked {
	k := Checked{ID: cond.ID, Unless: unless, Expr: cond.Expr, Truth: t}
	say := func(en, zh string) string { return Text{en, zh}.In(lang) }
	met := t == True
	switch {
	case t == Unknown:
		var missing []string
		for _, name := range e.facts {
			if _, known := o.env[name]; !known {
				missing = append(missing, withCalls(name))
			}
		}
		k.Text = fmt.Sprintf(say("unknown: %s", "未知：%s"), strings.Join(missing, ", "))
	case unless && met:
		msg, _ := fill(cond.Msg.In(lang), lang, func(name string) (any, string, bool) { return c.lookup(o.env, name) })
		k.Text = fmt.Sprintf(say("silent: %s", "不报告：%s"), msg)
	case e.op == "":
		k.Text = fmt.Sprintf(say("is %v", "为 %v"), met)
	case met || unless:
		k.Text = fmt.Sprintf(say("%s is %s, against %s", "%s 为 %s，对照 %s"), withCalls(e.left.src), c.side(m, e.left, e.right, o.env, lang), c.side(m, e.right, e.left, o.env, lang))
	default:
		k.Text = fmt.Sprintf(say("would hold if %s %s %s, is %s", "若 %s %s %s 则成立，现为 %s"),
			withCalls(e.left.src), e.op, c.side(m, e.right, e.left, o.env, lang), c.side(m, e.left, e.right, o.env, lang))
	}
	return k
}

// side writes the value of one side of a comparison, in the unit of the first name on either side.
func (c *compiled) side(m *vm.VM, e, other *expression, env map[string]any, lang string) string {
	v, ok := e.run(m, env)
	if !ok {
		return "?"
	}
	unit := ""
	for _, src := range []string{e.src, other.src} {
		if _, u, known := c.lookup(env, src); known && unit == "" {
			unit = u
		}
	}
	return format(v, unit, lang)
}

package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

var ruleID = regexp.MustCompile(`^[A-Z][A-Z0-9]*[0-9]+$`)

// isName reports whether s is a name as parts of rules have: small letters, digits and _, a letter first.
func isName(s string) bool {
	for i := range len(s) {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return s != "" && s[0] >= 'a' && s[0] <= 'z'
}

func isNameByte(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_' }

// check validates one rule and compiles it; at reports what is wrong with which field.
func check(r *Rule, trusted bool, at func(field string, err error)) *compiled {
	c := &compiled{Rule: r, units: map[string]string{}, params: map[string]any{}}
	checkHead(r, c, at)
	for name, p := range r.Params {
		checkParam(name, p, at)
		c.params[name] = p.Value
		c.units["p."+name] = p.Unit
	}
	sc := newScope(r, trusted)
	sure := map[string]bool{} // facts known whenever the rule holds
	for _, name := range always {
		sure[name] = true
	}
	compileLets(r, c, sc, at)
	for i, name := range r.Requires {
		name, _ = withNames(name)
		r.Requires[i] = name
		if _, isLet := sc.lets[name]; !isLet && factOf(r.Each, name) == nil {
			at("requires", fmt.Errorf("no fact or let %q for each: %s", name, r.Each))
		}
		sure[name] = true
	}
	c.when = compileConditions("when", r.When, sc, at)
	c.unless = compileConditions("unless", r.Unless, sc, at)
	if len(r.When) == 0 {
		at("when", errors.New("a rule needs a condition"))
	}
	var reads []string
	for _, e := range slices.Concat(c.when, c.unless) {
		if e != nil {
			reads = append(reads, e.facts...)
			for _, l := range e.lets {
				sure[l] = true
			}
		}
	}
	reads = append(reads, r.Requires...)
	for _, name := range r.Requires {
		reads = append(reads, sc.lets[name]...)
	}
	for _, name := range reads {
		sure[name] = true
		if f := factOf(r.Each, name); f != nil && !slices.Contains(c.inputs, f.From) {
			c.inputs = append(c.inputs, f.From)
		}
	}
	// A let of known facts is known too, unless it divides.
	for i, l := range r.Let {
		if e := c.letOf(l.ID); e != nil && !strings.Contains(r.Let[i].Expr, "/") {
			open := slices.ContainsFunc(slices.Concat(e.facts, e.lets), func(name string) bool { return !sure[name] })
			sure[l.ID] = sure[l.ID] || !open
		}
	}
	for _, u := range r.Unless {
		checkText("unless."+u.ID+".msg", u.Msg, true, at)
		c.checkPlaceholders("unless."+u.ID+".msg", u.Msg, sc, nil, at)
	}
	c.compileRest(sc, sure, at)
	return c
}

func checkHead(r *Rule, c *compiled, at func(string, error)) {
	require := func(field string, ok bool, format string, args ...any) {
		if !ok {
			at(field, fmt.Errorf(format, args...))
		}
	}
	require("id", ruleID.MatchString(r.ID), "%q is no id: letters, then a number", r.ID)
	require("version", r.Version > 0, "missing")
	_, err := time.Parse(time.DateOnly, r.Reviewed)
	require("reviewed", err == nil, "%q is no date like 2026-11-22", r.Reviewed)
	require("group", isName(r.Group), "%q is no name", r.Group)
	require("tier", r.Tier == 1 || r.Tier == 2, "is 1 or 2")
	require("each", slices.Contains(kinds, r.Each), "%q is none of %s", r.Each, strings.Join(kinds, ", "))
	layers := []Layer{LayerClient, LayerWeb, LayerApp, LayerCache, LayerDatabase, LayerHost, LayerNone, LayerUnknown}
	require("layer", slices.Contains(layers, r.Layer), "%q is no layer", r.Layer)
	require("confidence", r.Confidence > 0 && r.Confidence <= 1, "is above 0 and at most 1")
	require("sources", len(r.Sources) > 0, "missing")
	require("evidence", len(r.Evidence) > 0, "missing")
	require("advice", len(r.Advice) > 0, "missing")
	if d, err := time.ParseDuration(r.For); err != nil || d < 0 {
		at("for", fmt.Errorf("%q is no duration like 60s", r.For))
	} else {
		c.span = d.Seconds()
	}
	for _, e := range r.Engines {
		g, err := parseGate(e)
		if err != nil {
			at("engines", err)
		}
		c.gates = append(c.gates, g)
	}
}

func checkParam(name string, p *Param, at func(string, error)) {
	field := "params." + name
	switch {
	case p == nil:
		at(field, errors.New("missing"))
	case !isName(name):
		at(field, errors.New("is no name"))
	case p.Step <= 0:
		at(field, errors.New("step is above 0"))
	case p.Min >= p.Max || p.Value < p.Min || p.Value > p.Max:
		at(field, fmt.Errorf("value %v is not between min %v and max %v", p.Value, p.Min, p.Max))
	case p.Guess == (p.Source != ""):
		at(field, errors.New("has either a source or guess: true"))
	case !slices.Contains(units, p.Unit):
		at(field, fmt.Errorf("unknown unit %q", p.Unit))
	}
}

func compileLets(r *Rule, c *compiled, sc *scope, at func(string, error)) {
	for _, l := range r.Let {
		field := "let." + l.ID
		if !isName(l.ID) || l.ID == "p" || sc.typeOf(l.ID) != nil {
			at(field, errors.New("is no free name"))
			continue
		}
		if !slices.Contains(units, l.Unit) {
			at(field, fmt.Errorf("unknown unit %q", l.Unit))
		}
		e, err := sc.compile(l.Expr, valueRole)
		if err != nil {
			at(field, err)
			continue
		}
		c.lets = append(c.lets, e)
		c.units[l.ID] = l.Unit
		sc.own[l.ID] = e.typ.exprType()
		sc.lets[l.ID] = e.facts
	}
}

// letOf returns the expression of a let that compiled.
func (c *compiled) letOf(id string) *expression {
	i := slices.IndexFunc(c.Let, func(l Let) bool { return l.ID == id })
	if i < 0 || i >= len(c.lets) {
		return nil
	}
	return c.lets[i]
}

func compileConditions(part string, list []Condition, sc *scope, at func(string, error)) []*expression {
	var out []*expression
	seen := map[string]bool{}
	for _, cond := range list {
		field := part + "." + cond.ID
		if !isName(cond.ID) || seen[cond.ID] {
			at(field, errors.New("an id is a name and used once"))
		}
		seen[cond.ID] = true
		e, err := sc.compile(cond.Expr, conditionRole)
		if err != nil {
			at(field, err)
		}
		out = append(out, e)
	}
	return out
}

// compileRest compiles what a finding is made of.
func (c *compiled) compileRest(sc *scope, sure map[string]bool, at func(string, error)) {
	r := c.Rule
	surely := func(field string, names []string) {
		for _, name := range names {
			if !sure[name] && !strings.HasPrefix(name, "p.") {
				at(field, fmt.Errorf("%s may be unknown when the rule holds: use it in when or name it in requires", name))
			}
		}
	}
	checkText("title", r.Title, true, at)
	checkText("meaning", r.Meaning, true, at)
	c.checkPlaceholders("title", r.Title, sc, surely, at)
	c.checkPlaceholders("meaning", r.Meaning, sc, nil, at)
	var err error
	if Severity(r.Severity).Rank() < 0 {
		if c.severity, err = sc.compile(r.Severity, severityRole); err != nil {
			at("severity", err)
		} else {
			surely("severity", c.severity.facts)
		}
	}
	if r.Share != "" {
		if c.share, err = sc.compile(r.Share, valueRole); err != nil {
			at("share", err)
		}
	}
	for i, row := range r.Evidence {
		field := fmt.Sprintf("evidence.%d", i+1)
		checkText(field+".what", row.What, true, at)
		c.checkPlaceholders(field+".what", row.What, sc, nil, at)
		if !slices.Contains(units, row.Unit) {
			at(field, fmt.Errorf("unknown unit %q", row.Unit))
		}
		var e compiledEvidence
		if e.value, err = sc.compile(row.Expr, valueRole); err != nil {
			at(field+".expr", err)
		} else if e.value.typ != number {
			at(field+".expr", errors.New("is no number"))
		} else {
			c.names = append(c.names, e.value.facts...)
		}
		if row.Limit != "" {
			if e.limit, err = sc.compile(row.Limit, valueRole); err != nil {
				at(field+".limit", err)
			}
		}
		if row.LimitIf != "" {
			if e.limitIf, err = sc.compile(row.LimitIf, conditionRole); err != nil {
				at(field+".limit_if", err)
			}
		}
		c.evidence = append(c.evidence, e)
	}
	for i, row := range r.Advice {
		c.advice = append(c.advice, c.compileAdvice(fmt.Sprintf("advice.%d", i+1), row, sc, at))
	}
	slices.Sort(c.names)
	c.names = slices.Compact(c.names)
	for _, e := range slices.Concat(c.lets, c.when, c.unless, []*expression{c.severity, c.share}) {
		if e != nil {
			c.reads = append(c.reads, e.facts...)
		}
	}
	for _, e := range c.evidence {
		for _, side := range []*expression{e.value, e.limit, e.limitIf} {
			if side != nil {
				c.reads = append(c.reads, side.facts...)
			}
		}
	}
	c.reads = append(c.reads, r.Requires...)
}

func (c *compiled) compileAdvice(field string, row AdviceRow, sc *scope, at func(string, error)) (out compiledAdvice) {
	if !slices.Contains(adviceKinds, row.Kind) {
		at(field+".kind", fmt.Errorf("%q is none of %s", row.Kind, strings.Join(adviceKinds, ", ")))
	}
	if _, ok := rungs[row.Rung]; !ok {
		at(field+".rung", fmt.Errorf("%q is no rung", row.Rung))
	}
	for _, t := range []struct {
		name string
		text Text
	}{{"do", row.Do}, {"expect", row.Expect}, {"risk", row.Risk}, {"undo", row.Undo}, {"verify", row.Verify}} {
		checkText(field+"."+t.name, t.text, true, at)
		checkAlternatives(field+"."+t.name, t.text, at)
		c.checkPlaceholders(field+"."+t.name, t.text, sc, nil, at)
	}
	compile := func(name, src string, as role) *expression {
		if src == "" {
			return nil
		}
		e, err := sc.compile(src, as)
		if err != nil {
			at(field+"."+name, err)
			return nil
		}
		c.reads = append(c.reads, e.facts...)
		return e
	}
	if row.Otherwise && field == "advice.1" {
		at(field+".otherwise", errors.New("has no advice before it"))
	}
	if row.To != "" && row.Sets == "" {
		at(field+".to", errors.New("needs sets: the setting whose value it is"))
	}
	out.when = compile("if", row.If, conditionRole)
	out.to = compile("to", row.To, valueRole)
	out.memory = compile("memory", row.Memory, valueRole)
	if out.memory != nil && out.memory.typ != number {
		at(field+".memory", errors.New("is no number"))
	}
	return out
}

func checkText(field string, t Text, needed bool, at func(string, error)) {
	if needed && (strings.TrimSpace(t.EN) == "" || strings.TrimSpace(t.ZH) == "") {
		at(field, errors.New("is needed in en and zh"))
	}
}

// checkPlaceholders checks that both languages name the same values and that all exist.
func (c *compiled) checkPlaceholders(field string, t Text, sc *scope, also func(string, []string), at func(string, error)) {
	en, zh := placeholders(t.EN), placeholders(t.ZH)
	if !slices.Equal(en, zh) {
		at(field, fmt.Errorf("en has placeholders %v, zh has %v", en, zh))
	}
	for _, name := range en {
		_, isUnit := c.units[name]
		if !isUnit && factOf(c.Each, name) == nil {
			at(field, fmt.Errorf("no value {%s}", name))
		}
	}
	c.names = append(c.names, en...)
	if also != nil {
		also(field, en)
	}
}

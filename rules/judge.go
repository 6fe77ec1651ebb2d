package rules

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/vm"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
)

// provisionalConfidence bounds the confidence of a finding on less data than its rule asks for.
const provisionalConfidence = 0.5

// Judge says what the rules find in a snapshot and which of them could not be judged. It is pure:
// equal input gives equal output. lang is "zh" or English. Findings come in reading order, see
// compareFindings.
func Judge(s *analyzers.Snapshot, a timeline.Attribution, set *Set, lang string) ([]Finding, []Gap) {
	var parts []*judge
	for _, one := range s.Each() {
		g := gather(one, a, set.calls)
		j := &judge{server: one.Server, ownLogs: one.Digest != s.Digest, g: g, lang: lang, m: &vm.VM{}, global: maps.Clone(g.global), envs: map[string][]map[string]any{}}
		for _, r := range set.rules {
			j.rule(r)
		}
		j.weigh(one.Digest, s.Digest)
		parts = append(parts, j)
	}
	findings, gaps := together(parts)
	slices.SortStableFunc(findings, compareFindings)
	resolve(findings, set, parts[0].g, lang)
	slices.SortStableFunc(findings, compareFindings)
	return findings, gaps
}

// compareFindings puts findings in reading order: what is critical, then the trouble of the hour, then
// the risks that stand, then notes that ask for nothing; each with the most severe first, and causes before what
// only tells that something is slow or fails.
func compareFindings(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.chapter(), b.chapter()), cmp.Compare(b.Severity.Rank(), a.Severity.Rank()),
		cmp.Compare(min(len(a.BecauseOf), 1), min(len(b.BecauseOf), 1)), compareFlags(a.Symptom, b.Symptom),
		cmp.Compare(b.Share, a.Share), cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.ID, b.ID))
}

// compareFlags puts false before true.
func compareFlags(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func (f *Finding) chapter() int {
	switch {
	case f.Severity == Critical && !f.Standing:
		return 0
	case f.Severity == Critical:
		return 1
	case f.Severity == Info && len(f.Advice) == 0:
		return 4
	case !f.Standing:
		return 2
	}
	return 3
}

type judge struct {
	server   string // the one of several that is judged
	ownLogs  bool   // the statements are of no other
	g        *gathered
	lang     string
	m        *vm.VM
	global   map[string]any              // facts of the system, and for a moment the lets of a rule
	envs     map[string][]map[string]any // the same for each subject of a kind
	findings []Finding
	gaps     []Gap
}

// rule judges one rule on every subject of its kind.
func (j *judge) rule(r *compiled) {
	if r.Disabled != "" || r.SelfHosted && j.g.managed != "" || !gatesOpen(r.gates, j.g.engine.Name, j.g.engine.Version) {
		return
	}
	if r.Each == "global" {
		o := r.evaluate(j.m, j.global)
		switch o.truth {
		case True:
			j.found(r, Subject{Kind: "global"}, o)
		case Unknown:
			j.gap(r, Subject{Kind: "global"}, o.missing)
		}
		r.forget(j.global)
		return
	}
	subjects := j.g.subjects[r.Each]
	if len(subjects) == 0 {
		if missing := j.absentInputs(r.inputs); len(missing) > 0 {
			j.gap(r, Subject{Kind: r.Each}, nil)
		} else if key, ok := j.g.hidden[r.Each]; ok {
			j.gaps = append(j.gaps, Gap{Rule: r.ID, Subject: Subject{Kind: r.Each}, Missing: []string{r.Each}, Provide: provisions[key].In(j.lang)})
		}
		return
	}
	// Many subjects lack the same facts for the same reason: one gap says so for all of them.
	unknown := map[string]int{}
	envs := j.envsOf(r.Each)
	for i, sub := range subjects {
		o := r.evaluate(j.m, envs[i])
		switch o.truth {
		case True:
			j.found(r, sub.subject, o)
		case Unknown:
			unknown[strings.Join(o.missing, " ")]++
		}
		r.forget(envs[i])
	}
	for _, key := range slices.Sorted(maps.Keys(unknown)) {
		label := strconv.Itoa(unknown[key]) + " × " + r.Each
		j.gap(r, Subject{Kind: r.Each, Label: label}, strings.Fields(key))
	}
}

// envsOf returns what rules read of each subject of a kind: made once, since copying the facts of
// the system for every rule and subject would take most of the time of a judgement.
func (j *judge) envsOf(kind string) []map[string]any {
	if j.envs[kind] == nil {
		for _, sub := range j.g.subjects[kind] {
			env := make(map[string]any, len(j.g.global)+len(sub.facts)+16)
			maps.Copy(env, j.g.global)
			maps.Copy(env, sub.facts)
			j.envs[kind] = append(j.envs[kind], env)
		}
	}
	return j.envs[kind]
}

func (j *judge) absentInputs(from []input) []string {
	var out []string
	for _, in := range from {
		parts := []input{in}
		if in == bothLogs {
			parts = []input{slowLog, accessLog}
		}
		for _, in := range parts {
			if !j.g.present[in] && !slices.Contains(out, string(in)) {
				out = append(out, string(in))
			}
		}
	}
	slices.Sort(out)
	return out
}

// gap records that a rule could not be judged. Where a whole input is absent, that is what is
// missing, rather than each fact of it.
func (j *judge) gap(r *compiled, subject Subject, facts []string) {
	if slices.ContainsFunc(facts, func(name string) bool { return j.g.foreign[name] }) {
		return
	}
	missing := j.absentInputs(r.inputs)
	provide := missing
	if len(missing) == 0 {
		missing = nil
		for _, name := range facts {
			missing = append(missing, withCalls(name))
			f := factOf(r.Each, name)
			if f == nil {
				continue
			}
			key := cmp.Or(f.Provide, string(f.From))
			if key == ofContainers { // without them there is no limit to be told
				return
			}
			if !slices.Contains(provide, key) {
				provide = append(provide, key)
			}
		}
	}
	var how []string
	for _, key := range provide {
		how = append(how, provisions[key].In(j.lang))
	}
	sep := "; "
	if j.lang == "zh" {
		sep = "；"
	}
	j.gaps = append(j.gaps, Gap{Rule: r.ID, Subject: subject, Missing: append([]string{}, missing...), Provide: strings.Join(how, sep)})
}

// found makes the finding of a rule that holds.
func (j *judge) found(r *compiled, subject Subject, o outcome) {
	if r.excepted(subject) != "" {
		return
	}
	value := func(name string) (any, string, bool) { return r.lookup(o.env, name) }
	f := Finding{
		ID: r.ID, Rule: r.ID, Subject: subject,
		Severity: o.severity, Layer: r.Layer, Confidence: r.Confidence, Standing: r.Standing, Symptom: r.Symptom, Starves: r.Starves,
		ofServer: j.ofServer(r),
		Args:     map[string]any{}, BecauseOf: []string{}, Evidence: []Evidence{}, Advice: []Advice{},
	}
	if subject.ID != "" {
		f.ID += "@" + subject.ID
	}
	switch subject.Kind {
	case "query":
		f.tables = j.g.touched[subject.ID]
	case "table":
		f.tables = []string{strings.ToLower(subject.ID[strings.LastIndexByte(subject.ID, '.')+1:])}
	}
	if span, ok := j.g.span(r.inputs); !ok || span < r.span {
		f.Provisional = true
		f.Confidence = min(f.Confidence, provisionalConfidence)
	}
	f.Title, _ = fill(r.Title.In(j.lang), j.lang, value)
	for _, name := range r.names {
		if v, _, ok := value(name); ok {
			f.Args[withCalls(name)] = v
		}
	}
	f.Share = r.shareOf(j.m, o.env)
	for i, row := range r.Evidence {
		if e, ok := j.evidence(r, i, row, o.env); ok {
			f.Evidence = append(f.Evidence, e)
		}
	}
	for i, row := range r.Advice {
		if row.Otherwise && len(f.Advice) > 0 {
			continue
		}
		if cond := r.advice[i].when; cond != nil && cond.truth(j.m, o.env) != True {
			continue
		}
		if a, ok := row.in(j, value); ok && j.changes(&a, row, r.advice[i], o.env) {
			f.Advice = append(f.Advice, a)
		}
	}
	j.findings = append(j.findings, f)
}

// changes fills in which setting an advice changes and what memory it asks for; it is false when the
// setting has that value already.
func (j *judge) changes(a *Advice, row AdviceRow, c compiledAdvice, env map[string]any) bool {
	a.sets = row.Sets
	if c.memory != nil {
		v, ok := c.memory.run(j.m, env)
		if !ok {
			return false
		}
		a.memory = max(v.(float64), 0)
	}
	if words, managed := managedWords[j.g.managed]; managed && row.Kind == "cnf" {
		a.Do = words.In(j.lang) + a.Do
	}
	if c.to == nil {
		return true
	}
	to, ok := c.to.run(j.m, env)
	now, known := settingValue(j.g.settings, row.Sets)
	return !ok || !known || to != now
}

func (c *compiled) shareOf(m *vm.VM, env map[string]any) float64 {
	v, ok := env["share"], true
	if c.share != nil {
		v, ok = c.share.run(m, env)
	}
	if f, isNumber := v.(float64); ok && isNumber {
		return min(max(f, 0), 1)
	}
	return 0
}

func (j *judge) evidence(r *compiled, i int, row EvidenceRow, env map[string]any) (Evidence, bool) {
	v, ok := r.evidence[i].value.run(j.m, env)
	number, isNumber := v.(float64)
	if !ok || !isNumber {
		return Evidence{}, false
	}
	what, ok := fill(row.What.In(j.lang), j.lang, func(name string) (any, string, bool) { return r.lookup(env, name) })
	if !ok {
		return Evidence{}, false
	}
	e := Evidence{What: what, Value: &number, Unit: row.Unit, Source: row.Source, For: !row.Against}
	c := r.evidence[i]
	if c.limit != nil && (c.limitIf == nil || c.limitIf.truth(j.m, env) == True) {
		if v, ok := c.limit.run(j.m, env); ok {
			if n, isNumber := v.(float64); isNumber {
				e.Limit = &n
			}
		}
	}
	from := input("")
	for _, name := range r.evidence[i].value.facts {
		if f := factOf(r.Each, name); f != nil && (from == "" || f.From == bothLogs) {
			from = f.From
		}
	}
	e.Source = cmp.Or(e.Source, string(from))
	if j.g.book != "" {
		e.Source = strings.Replace(e.Source, string(slowLog), j.g.book, 1)
	}
	e.Window = j.g.windowText(from)
	if facts := r.evidence[i].value.facts; len(facts) == 1 && strings.HasSuffix(facts[0], "_before") {
		e.Window = interval(j.g.baseline)
	}
	return e, true
}

// in writes an advice; ok is false when it speaks of something unknown.
func (row AdviceRow) in(j *judge, value func(string) (any, string, bool)) (a Advice, ok bool) {
	ok = true
	text := func(t Text) string {
		s, known := fill(forServer(t.In(j.lang), j.lang, j.g.engine.Name, j.g.engine.Version), j.lang, value)
		ok = ok && known
		return s
	}
	a = Advice{
		Kind: row.Kind, Rung: row.Rung,
		Do: text(row.Do), Expect: text(row.Expect), Risk: text(row.Risk), Undo: text(row.Undo), Verify: text(row.Verify),
	}
	return a, ok
}

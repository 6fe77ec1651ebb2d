package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// An Override is one entry of overrides.yaml: how a user's installation differs from the rule.
type Override struct {
	Rule     string             `yaml:"rule"`
	Params   map[string]float64 `yaml:"params"`
	Severity string             `yaml:"severity"` // info, warning or critical
	Disable  bool               `yaml:"disable"`
	Except   []Exception        `yaml:"except"`
	Why      string             `yaml:"why"` // needed by all but except, whose entries have their own
}

// An Exception keeps a rule silent about some subjects.
type Exception struct {
	// Subject is a pattern of the subject's id or label, in which * stands for anything.
	Subject string `yaml:"subject"`
	Why     string `yaml:"why"`
}

type exception struct {
	parts []string // of the pattern between the stars
	why   string
}

// InForce says how the rules that judged differ from the program's own.
type InForce struct {
	Hash    string   `json:"hash"`    // of the files read, 12 hex digits; empty when there are none
	Changes []string `json:"changes"` // what each changed and where it says so
}

// InForce returns how the set differs from the program's own rules.
func (s *Set) InForce() InForce { return s.inForce }

func (f *InForce) add(format string, args ...any) {
	f.Changes = append(f.Changes, fmt.Sprintf(format, args...))
}

// sign sets the hash over the files that are not the program's.
func (f *InForce) sign(files []*ruleFile) {
	h := sha256.New()
	seen := false
	for _, file := range files {
		if !file.source.builtIn {
			seen = true
			fmt.Fprintf(h, "%s %d\n", file.name, len(file.text))
			h.Write(file.text)
		}
	}
	if seen {
		f.Hash = hex.EncodeToString(h.Sum(nil))[:12]
	}
	f.Changes = append([]string{}, f.Changes...)
}

// override applies the entries of a file to copies of the rules they name.
func (s *Set) override(f *ruleFile, fail func(error)) {
	var list []Override
	if err := decode(f.text, &list); err != nil {
		fail(fmt.Errorf("%s: %w", f.where(0), err))
		return
	}
	for _, o := range list {
		at := func(field string, err error) {
			fail(fmt.Errorf("%s: %s: %s: %w", f.where(lineOf(f.text, "rule", o.Rule, field)), o.Rule, field, err))
		}
		place := f.where(lineOf(f.text, "rule", o.Rule, ""))
		r := s.byID[o.Rule]
		if r == nil {
			at("rule", errors.New("there is no such rule"))
			continue
		}
		c, rule := *r, *r.Rule
		c.Rule = &rule
		s.apply(&c, o, place, at)
		s.byID[o.Rule] = &c
		s.rules[slices.Index(s.rules, r)] = &c
	}
}

func (s *Set) apply(c *compiled, o Override, place string, at func(string, error)) {
	if len(o.Params)+len(o.Except) == 0 && o.Severity == "" && !o.Disable {
		at("rule", errors.New("changes nothing: give params, severity, disable or except"))
	}
	if (len(o.Params) > 0 || o.Severity != "" || o.Disable) && strings.TrimSpace(o.Why) == "" {
		at("why", errors.New("missing: say why, the report shows it"))
	}
	params := maps.Clone(c.Params)
	c.params = maps.Clone(c.params)
	for _, name := range slices.Sorted(maps.Keys(o.Params)) {
		p, value := params[name], o.Params[name]
		if p == nil {
			at("params."+name, fmt.Errorf("the rule has no such parameter; it has %s", strings.Join(slices.Sorted(maps.Keys(params)), ", ")))
			continue
		}
		if value < p.Min || value > p.Max {
			at("params."+name, fmt.Errorf("%v is not between %v and %v", value, p.Min, p.Max))
			continue
		}
		changed := *p
		changed.Value, changed.Guess, changed.Source = value, false, place
		params[name] = &changed
		c.params[name] = value
		s.inForce.add("%s: %s = %s in place of %s (%s: %s)", c.ID, name, decimal(value), decimal(p.Value), place, o.Why)
	}
	c.Params = params
	if o.Severity != "" {
		if Severity(o.Severity).Rank() < 0 {
			at("severity", fmt.Errorf("%q is no severity: info, warning or critical", o.Severity))
		}
		c.Severity, c.severity = o.Severity, nil
		s.inForce.add("%s: severity %s (%s: %s)", c.ID, o.Severity, place, o.Why)
	}
	if o.Disable {
		c.Disabled = o.Why
		s.inForce.add("%s: disabled (%s: %s)", c.ID, place, o.Why)
	}
	for _, e := range o.Except {
		if strings.Trim(e.Subject, "* ") == "" || strings.TrimSpace(e.Why) == "" {
			at("except", errors.New("needs a subject, which * alone is not, and why"))
			continue
		}
		c.except = append(slices.Clip(c.except), exception{strings.Split(e.Subject, "*"), e.Why})
		s.inForce.add("%s: not for %s (%s: %s)", c.ID, e.Subject, place, e.Why)
	}
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// excepted returns why a rule is silent about a subject; empty when it is not.
func (c *compiled) excepted(sub Subject) string {
	for _, e := range c.except {
		if e.matches(sub.ID) || e.matches(sub.Label) {
			return e.why
		}
	}
	return ""
}

// matches reports whether text is the parts of the pattern in order, with anything in between.
func (e exception) matches(text string) bool {
	first, last := e.parts[0], e.parts[len(e.parts)-1]
	if len(e.parts) == 1 {
		return text == first
	}
	rest, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	for _, part := range e.parts[1 : len(e.parts)-1] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, last)
}

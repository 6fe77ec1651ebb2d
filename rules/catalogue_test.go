package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Catalogue writes the rules of the set as a page of documentation, in Markdown.
func (s *Set) Catalogue() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	guesses, params := 0, 0
	for _, r := range s.rules {
		for _, p := range r.Params {
			params++
			if p.Guess {
				guesses++
			}
		}
	}
	line("# Rules\n")
	line("%s", catalogueIntro)
	line("%[1]d rules; %[3]d of their %[2]d thresholds have no source but our own judgement, and are marked as guesses.\n", len(s.rules), params, guesses)
	line("| group | rules |\n| --- | --- |")
	groups := map[string][]*compiled{}
	for _, r := range s.rules {
		groups[r.Group] = append(groups[r.Group], r)
	}
	names := slices.Sorted(maps.Keys(groups))
	for _, g := range names {
		var ids []string
		for _, r := range groups[g] {
			ids = append(ids, fmt.Sprintf("[%s](#%s)", r.ID, strings.ToLower(r.ID)))
		}
		line("| %s | %s |", strings.ReplaceAll(g, "_", " "), strings.Join(ids, " "))
	}
	for _, g := range names {
		line("\n## %s", heading(g))
		for _, r := range groups[g] {
			r.describe(line)
		}
	}
	return b.String()
}

const catalogueIntro = `Each rule is an entry of a file in ` + "`rules/*.yaml`" + ` with its tests beside it; this page is made from them by
` + "`make update`" + `. A rule holds when all its conditions do and none of its guards (unless) does. When a number it needs is
unknown it is a gap that says how to provide it. Words in braces stand for what was measured. ` + "`dbtriage rules explain ID FILE…`" + `
shows the numbers behind a finding, or why there is none.

## Changing them

A folder given by ` + "`--rules DIR`" + `, or ` + "`~/.config/dbtriage/rules`" + `, holds rules of your own (` + "`name.yaml`" + ` and ` + "`name.test.yaml`" + `,
in the form of the program's) and ` + "`overrides.yaml`" + `:

` + "```yaml" + `
- rule: Q02
  params: {ratio: 2000}            # within the range the rule gives
  severity: info
  why: the reports of finance read much
- rule: R01
  disable: true
  why: the standby is run by another team
- rule: Q01
  except:
    - {subject: "select * from audit*", why: nightly export}
` + "```" + `

A subject is an id or a label as reports print them, with ` + "`*`" + ` for anything. What is wrong is refused with its line; what
is in force stands in every report. Rules of your own need tests that show them firing, silent for each guard, and unknown.
`

func heading(group string) string {
	text := strings.ReplaceAll(group, "_", " ")
	return strings.ToUpper(text[:1]) + text[1:]
}

// braced makes placeholders readable.
func braced(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

func (c *compiled) describe(line func(string, ...any)) {
	line("\n### %s\n\n**%s**\n\n%s\n", c.ID, braced(c.Title.EN), braced(c.Meaning.EN))
	about := []string{"layer " + string(c.Layer), "for each " + c.Each, "severity `" + c.Severity + "`"}
	if len(c.Engines) > 0 {
		about = append(about, strings.Join(c.Engines, ", "))
	}
	if c.SelfHosted {
		about = append(about, "not on managed services")
	}
	if c.Symptom {
		about = append(about, "a symptom: it makes no verdict sure")
	}
	if c.Standing {
		about = append(about, "a standing risk")
	}
	if c.span > 0 {
		about = append(about, "provisional on less than "+c.For)
	}
	if len(c.After) > 0 {
		about = append(about, "explained away by "+strings.Join(c.After, ", "))
	}
	line("%s\n", strings.Join(about, "; "))
	for _, w := range c.When {
		line("- when `%s`", w.Expr)
	}
	for _, u := range c.Unless {
		line("- unless `%s`: %s", u.Expr, braced(u.Msg.EN))
	}
	for _, l := range c.Let {
		line("- where `%s = %s`", l.ID, l.Expr)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Params)) {
		p := c.Params[name]
		source := p.Source
		if p.Guess {
			source = "a guess"
		}
		line("- `p.%s` = %s%s, %s", name, decimal(p.Value), unitWord(p.Unit), source)
	}
	line("")
	for i := range c.Advice {
		when := ""
		if c.Advice[i].Otherwise {
			when = ", where no other is given"
		}
		line("%d. %s *(%s%s)*", i+1, braced(forServer(c.Advice[i].Do.EN, "en", "", [3]int{})), c.Advice[i].Rung, when)
	}
	var sources []string
	for _, s := range c.Sources {
		if strings.HasPrefix(s, "https://") {
			s = "<" + s + ">"
		}
		sources = append(sources, s)
	}
	line("\nSources: %s", strings.Join(sources, ", "))
}

func unitWord(unit string) string {
	switch unit {
	case "", "ratio", "share", "plain":
		return ""
	case "per_s":
		return "/s"
	case "bytes_per_s":
		return " bytes/s"
	case "s":
		return " s"
	}
	return " " + unit
}

package rules

import (
	"fmt"
	"slices"
	"strings"
)

// What an advice says may depend on the server: "[[mariadb: A || mysql>=8.0: B]]" is A on MariaDB and B on MySQL
// and Percona Server from 8.0 on, and names both where the server is not known. The first that fits is taken.
const (
	alternativesOpen  = "[["
	alternativesClose = "]]"
	alternativesMark  = " || "
)

// An alternative is what a text says for some servers.
type alternative struct {
	gate gate
	text string
}

// cutAlternatives returns the first alternatives of a text with what stands around them; ok is false without any.
func cutAlternatives(s string) (before string, all []alternative, after string, ok bool, err error) {
	before, rest, ok := strings.Cut(s, alternativesOpen)
	if !ok {
		return s, nil, "", false, nil
	}
	inner, after, closed := strings.Cut(rest, alternativesClose)
	if !closed {
		return s, nil, "", false, fmt.Errorf("%q is not closed", alternativesOpen+rest)
	}
	for part := range strings.SplitSeq(inner, alternativesMark) {
		name, text, hasText := strings.Cut(part, ": ")
		if !hasText {
			return s, nil, "", false, fmt.Errorf("%q names no server, as \"mariadb: \" does", part)
		}
		g, err := parseGate(name)
		if err != nil {
			return s, nil, "", false, err
		}
		all = append(all, alternative{g, text})
	}
	return before, all, after, true, nil
}

// forServer writes a text for a server; engine is empty when it is not known.
func forServer(s, lang, engine string, version [3]int) string {
	before, all, after, ok, _ := cutAlternatives(s)
	if !ok {
		return s
	}
	written := ""
	if engine != "" {
		if i := slices.IndexFunc(all, func(a alternative) bool { return a.gate.fits(engine, version) }); i >= 0 {
			written = all[i].text
		}
	} else {
		format, or := "%s (%s)", " or "
		if lang == "zh" {
			format, or = "%s（%s）", "或 "
		}
		for i, a := range all {
			if slices.ContainsFunc(all[:i], func(b alternative) bool { return b.gate.engine == a.gate.engine }) {
				continue // an older version
			}
			if i > 0 {
				written += or
			}
			written += fmt.Sprintf(format, a.text, a.gate.product())
		}
	}
	return before + written + forServer(after, lang, engine, version)
}

// fits is whether a gate of an alternative is open: MySQL's is for Percona Server too.
func (g gate) fits(engine string, version [3]int) bool {
	if g.engine == "mysql" && engine == "percona" {
		g.engine = engine
	}
	if version == [3]int{} { // not known
		g.op = ""
	}
	return gatesOpen([]gate{g}, engine, version)
}

// product is how a gate is written for people: "MariaDB", "MySQL 8.0+".
func (g gate) product() string {
	name := map[string]string{"mysql": "MySQL", "mariadb": "MariaDB", "percona": "Percona Server"}[g.engine]
	if g.op == "" {
		return name
	}
	version := fmt.Sprintf("%d.%d", g.version[0], g.version[1])
	if g.version[2] > 0 {
		version += fmt.Sprintf(".%d", g.version[2])
	}
	if g.op == ">=" {
		return name + " " + version + "+"
	}
	return name + " " + g.op + " " + version
}

// checkAlternatives checks that both languages have alternatives for the same servers.
func checkAlternatives(field string, t Text, at func(string, error)) {
	gates := func(s string) (out []gate) {
		for {
			_, all, after, ok, err := cutAlternatives(s)
			if err != nil {
				at(field, err)
			}
			if !ok {
				return out
			}
			for _, a := range all {
				out = append(out, a.gate)
			}
			s = after
		}
	}
	if en, zh := gates(t.EN), gates(t.ZH); !slices.Equal(en, zh) {
		at(field, fmt.Errorf("en has alternatives for %v, zh for %v", en, zh))
	}
}

package rules

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A gate is one entry of a rule's engines: an engine and, if need be, a bound on its version.
type gate struct {
	engine  string
	op      string // "", >=, >, <, <=
	version [3]int
}

var gateSyntax = regexp.MustCompile(`^(mysql|mariadb|percona)\s*(?:(>=|<=|>|<)\s*([0-9]+(?:\.[0-9]+){0,2}))?$`)

func parseGate(s string) (gate, error) {
	m := gateSyntax.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return gate{}, fmt.Errorf("%q is no gate like mysql>=8.0.30", s)
	}
	return gate{engine: m[1], op: m[2], version: parseVersion(m[3])}, nil
}

func parseVersion(s string) (v [3]int) {
	for i, part := range strings.SplitN(s, ".", 3) {
		v[i], _ = strconv.Atoi(part)
	}
	return v
}

// gatesOpen reports whether a rule applies to a server. A server whose engine is not known, as with
// logs alone, gets every rule.
func gatesOpen(gates []gate, engine string, version [3]int) bool {
	if engine == "" || len(gates) == 0 {
		return true
	}
	for _, g := range gates {
		if g.engine != engine {
			continue
		}
		c := cmp.Or(cmp.Compare(version[0], g.version[0]), cmp.Compare(version[1], g.version[1]), cmp.Compare(version[2], g.version[2]))
		switch {
		case g.op == "", g.op == ">=" && c >= 0, g.op == ">" && c > 0, g.op == "<=" && c <= 0, g.op == "<" && c < 0:
			return true
		}
	}
	return false
}

package rules

import (
	"strings"
	"testing"
)

func TestForServer(t *testing.T) {
	const text = "Hide it: [[mariadb>=10.6: IGNORED || mysql>=8.0: INVISIBLE || mariadb: drop it || mysql: drop it]], then [[mariadb: A || mysql: B]]."
	for _, c := range []struct {
		engine  string
		version [3]int
		want    string
	}{
		{"mariadb", [3]int{10, 11, 6}, "Hide it: IGNORED, then A."},
		{"mariadb", [3]int{10, 5, 20}, "Hide it: drop it, then A."},
		{"mariadb", [3]int{}, "Hide it: IGNORED, then A."},
		{"mysql", [3]int{8, 4, 0}, "Hide it: INVISIBLE, then B."},
		{"percona", [3]int{8, 0, 36}, "Hide it: INVISIBLE, then B."},
		{"percona", [3]int{5, 7, 44}, "Hide it: drop it, then B."},
		{"", [3]int{}, "Hide it: IGNORED (MariaDB 10.6+) or INVISIBLE (MySQL 8.0+), then A (MariaDB) or B (MySQL)."},
	} {
		if got := forServer(text, "en", c.engine, c.version); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.engine, c.version, got, c.want)
		}
	}
	if got := forServer("[[mariadb: A || mysql: B]]", "zh", "", [3]int{}); got != "A（MariaDB）或 B（MySQL）" {
		t.Errorf("%q", got)
	}
}

func TestCheckAlternatives(t *testing.T) {
	for _, c := range []struct {
		text Text
		bad  bool
	}{
		{Text{"[[mariadb: A || mysql: B]]", "[[mariadb: 甲 || mysql: 乙]]"}, false},
		{Text{"[[mariadb: A || mysql: B]]", "甲"}, true},
		{Text{"[[mariadb: A", "[[mariadb: 甲"}, true},
		{Text{"[[oracle: A]]", "[[oracle: 甲]]"}, true},
		{Text{"[[mariadb]]", "[[mariadb]]"}, true},
	} {
		bad := false
		checkAlternatives("do", c.text, func(string, error) { bad = true })
		if bad != c.bad {
			t.Errorf("%+v: %v", c.text, bad)
		}
	}
}

// What one engine alone takes stands in brackets, so that a known server gets its own form.
func TestNoAdviceHasBothForms(t *testing.T) {
	for _, r := range load(t).rules {
		for _, a := range r.Advice {
			for _, text := range []Text{a.Do, a.Undo} {
				for _, s := range []string{text.EN, text.ZH} {
					if s = strings.NewReplacer("（", "(", "）", ")").Replace(s); strings.Contains(s, "(MySQL)") && strings.Contains(s, "(MariaDB)") {
						t.Errorf("%s: %s", r.ID, s)
					}
				}
			}
		}
	}
}

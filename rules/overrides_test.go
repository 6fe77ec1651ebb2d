package rules

import (
	"strings"
	"testing"
	"testing/fstest"

	"dbtriage/analyzers/timeline"
)

func overrides(text string) Source {
	return Source{Name: "/home/me/rules", FS: fstest.MapFS{"overrides.yaml": {Data: []byte(text)}}}
}

func TestOverridesRefuse(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no such rule", "- rule: Q2\n  disable: true\n  why: x\n", "/home/me/rules/overrides.yaml:1: Q2: rule: there is no such rule"},
		{"no such parameter", "- rule: Q01\n  severity: info\n  why: x\n- rule: Q02\n  why: x\n  params:\n    ratoi: 5\n", "overrides.yaml:7: Q02: params.ratoi: the rule has no such parameter; it has examined, min_calls, min_share, ratio"},
		{"out of range", "- rule: Q02\n  params: {ratio: 5}\n  why: x\n", "overrides.yaml:2: Q02: params.ratio: 5 is not between 10 and 1e+06"},
		{"no reason", "- rule: Q02\n  params: {ratio: 50}\n", "Q02: why: missing"},
		{"no severity", "- rule: Q02\n  severity: grave\n  why: x\n", `overrides.yaml:2: Q02: severity: "grave" is no severity`},
		{"nothing", "- rule: Q02\n  why: x\n", "Q02: rule: changes nothing"},
		{"everything excepted", "- rule: Q02\n  except:\n    - {subject: '*', why: x}\n", "overrides.yaml:2: Q02: except: needs a subject"},
		{"exception without a reason", "- rule: Q02\n  except:\n    - {subject: 'select*'}\n", "Q02: except: needs"},
		{"unknown key", "- rule: Q02\n  sevrity: info\n", `unknown field "sevrity"`},
		{"no yaml", "- rule: [\n", "/home/me/rules/overrides.yaml"},
	} {
		set, err := Load(overrides(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) || set != nil {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestOverrides(t *testing.T) {
	judged := func(text string) (*Set, []Finding, []Gap) {
		set, err := Load(overrides(text))
		if err != nil {
			t.Fatal(err)
		}
		findings, gaps := Judge(missingIndex(), timeline.Attribution{}, set, "en")
		return set, findings, gaps
	}
	const q2 = "Q02@0000000000000002"
	plain := load(t)
	if f := plain.InForce(); f.Hash != "" || len(f.Changes) > 0 {
		t.Errorf("%+v", f)
	}
	set, findings, _ := judged("- {rule: Q02, params: {ratio: 30000}, why: we know}\n")
	if finding(findings, q2) != nil {
		t.Error("the ratio was not raised")
	}
	f := set.InForce()
	if len(f.Hash) != 12 || len(f.Changes) != 1 || f.Changes[0] != "Q02: ratio = 30000 in place of 1000 (/home/me/rules/overrides.yaml:1: we know)" {
		t.Errorf("%+v", f)
	}
	if r, _ := set.Rule("Q02"); r.Params["ratio"].Source != "/home/me/rules/overrides.yaml:1" || r.Params["ratio"].Guess {
		t.Errorf("%+v", r.Params["ratio"])
	}
	if r, _ := plain.Rule("Q02"); r.Params["ratio"].Value != 1000 {
		t.Error("an override reaches another set")
	}
	tested, err := LoadTested(overrides("- {rule: Q02, params: {ratio: 30000}, why: we know}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if n, failures := tested.Check(); n < 500 || len(failures) > 0 {
		t.Errorf("of %d tests of the rules themselves: %v", n, failures)
	}
	_, findings, _ = judged("- {rule: Q02, severity: critical, why: we care}\n")
	if f := finding(findings, q2); f == nil || f.Severity != Critical {
		t.Errorf("%+v", f)
	}
	_, findings, gaps := judged("- {rule: Q02, disable: true, why: never}\n")
	if finding(findings, q2) != nil || gapOf(gaps, "Q02") != nil {
		t.Error("a disabled rule is judged")
	}
	for pattern, silent := range map[string]bool{
		"0000000000000002": true, "0000*": true, "*from orders*": true, "select*total*limit ?": true, "*shop_id": false, "*from stock*": false, "select id": false,
	} {
		_, findings, _ := judged("- rule: Q02\n  except:\n    - {subject: \"" + pattern + "\", why: reports}\n")
		if got := finding(findings, q2) == nil; got != silent {
			t.Errorf("%s: silent is %v", pattern, got)
		}
	}
	two, err := Load(overrides("- {rule: Q02, params: {ratio: 50}, why: a}\n"), overrides("- {rule: Q02, params: {ratio: 60}, why: b}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if r, _ := two.Rule("Q02"); r.Params["ratio"].Value != 60 || len(two.InForce().Changes) != 2 {
		t.Errorf("the later source does not win: %+v", r.Params["ratio"])
	}
}

// TestOwnRules refuses a rule of the user's whose tests do not come out.
func TestOwnRules(t *testing.T) {
	_, err := Load(files(goodRule, strings.Replace(goodTests, "share: 0.6", "share: 0.4", 1)))
	if err == nil || !strings.Contains(err.Error(), "Z99: fires: want fire, got not_fire") {
		t.Errorf("%v", err)
	}
	set, err := Load(files(goodRule, goodTests))
	if err != nil || len(set.InForce().Hash) != 12 {
		t.Errorf("%v", err)
	}
}

// TestNotJudged says why a rule is passed over.
func TestNotJudged(t *testing.T) {
	set, err := Load(overrides("- {rule: Q02, disable: true, why: never}\n"))
	if err != nil {
		t.Fatal(err)
	}
	rds := missingIndex()
	rds.Set("basedir", "/rdsdbbin/mysql")
	mysql := missingIndex()
	mysql.Set("version", "8.0.36")
	for _, c := range []struct {
		rule string
		why  string
	}{{"Q02", "disabled: never"}, {"H09", "not on Amazon RDS, where the operating system is not ours"}, {"Q01", ""}} {
		if got := set.NotJudged(c.rule, rds); got != c.why {
			t.Errorf("%s: %q, want %q", c.rule, got, c.why)
		}
	}
	if got := set.NotJudged("I01", mysql); got != "for mariadb only: this is mysql 8.0.36" {
		t.Errorf("%q", got)
	}
	for name, want := range map[string]string{"aurora_version": "Amazon Aurora", "cloudsql_iam_authentication": "Google Cloud SQL", "azure_server_name": "Azure Database", "datadir": ""} {
		if got := managedService(map[string]string{name: "x"}); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

package rules

import (
	"strings"
	"testing"
	"testing/fstest"
)

// goodRule and goodTests are the smallest rule that loads; each case below spoils one thing.
const goodRule = `- id: Z99
  version: 1
  reviewed: "2026-11-22"
  group: query
  tier: 1
  layer: database
  each: query
  title: {en: "{id} takes {share}", zh: "{id} 占 {share}"}
  meaning: {en: a test, zh: 测试}
  let:
    - {id: half, expr: share / 2, unit: share}
  params:
    limit: {value: 0.5, min: 0, max: 1, step: 0.1, unit: share, guess: true}
  when:
    - {id: costly, expr: share > p.limit}
  unless:
    - {id: counting, expr: aggregates, msg: {en: it counts, zh: 计数}}
  severity: 'share > 0.9 ? "critical" : "warning"'
  confidence: 0.5
  for: 60s
  evidence:
    - {what: {en: share, zh: 占比}, expr: share, limit: p.limit, unit: share}
  advice:
    - kind: sql
      rung: sql
      do: {en: look, zh: 看}
      expect: {en: knowledge, zh: 了解}
      risk: {en: none, zh: 无}
      undo: {en: nothing, zh: 无}
      verify: {en: look again, zh: 再看}
  sources: [test]
`

const goodTests = `- rule: Z99
  base: {share: 0.6, aggregates: false}
  tests:
    - {name: fires, expect: fire}
    - {name: counts, given: {aggregates: true}, expect: not_fire, why: counting}
    - {name: nothing, given: {share: null}, expect: unknown}
`

func TestLoadRefuses(t *testing.T) {
	tests := []struct {
		name, old, new string
		inTests        bool
		want           string
	}{
		{name: "unknown key", old: "group: query", new: "group: query\n  grup: x", want: `unknown field "grup"`},
		{name: "bad id", old: "id: Z99", new: "id: z-99", want: `z-99: id: "z-99" is no id`},
		{name: "no version", old: "version: 1", new: "version: 0", want: "z.yaml:2: Z99: version: missing"},
		{name: "bad date", old: `"2026-11-22"`, new: `"November"`, want: "Z99: reviewed:"},
		{name: "unknown layer", old: "layer: database", new: "layer: basement", want: `Z99: layer: "basement" is no layer`},
		{name: "unknown kind of subject", old: "each: query", new: "each: planet", want: `Z99: each: "planet"`},
		{name: "bad gate", old: "tier: 1", new: "tier: 1\n  engines: [\"oracle>=9\"]", want: `Z99: engines: "oracle>=9" is no gate`},
		{name: "unknown fact", old: "share > p.limit", new: "shear > p.limit", want: "z.yaml:15: Z99: when.costly: unknown name shear"},
		{name: "fact of another subject", old: "share > p.limit", new: "share_502 > p.limit", want: "unknown name share_502"},
		{name: "unknown parameter", old: "share > p.limit", new: "share > p.limt", want: "Z99: when.costly:"},
		{name: "wrong type", old: "share > p.limit", new: "fingerprint > p.limit", want: "Z99: when.costly: invalid operation"},
		{name: "condition that is no condition", old: "share > p.limit", new: "share + 1", want: "Z99: when.costly: expected bool"},
		{name: "and hides an unknown", old: "share > p.limit", new: "share > p.limit && calls > 3", want: `Z99: when.costly: "&&" would hide an unknown`},
		{name: "or hides an unknown", old: "share > p.limit", new: "share > p.limit or calls > 3", want: `"or" would hide an unknown`},
		{name: "default hides an unknown", old: "share > p.limit", new: `"(share ?? 1) > p.limit"`, want: "would hide an unknown"},
		{name: "choice in a condition", old: "share > p.limit", new: `"(share > 0 ? calls : 1) > p.limit"`, want: "?: is allowed in severity only"},
		{name: "division in a condition", old: "share > p.limit", new: "share / calls > p.limit", want: "division in a condition"},
		{name: "function not allowed", old: "share > p.limit", new: "len(fingerprint) > 3", want: "Z99: when.costly: unknown name len"},
		{name: "list", old: "share > p.limit", new: `"share in [1.0, 2.0]"`, want: "Z99: when.costly:"},
		{name: "too long", old: "share > p.limit", new: strings.Repeat("share + ", 60) + "1 > 2", want: "exceeds maximum"},
		{name: "let shadows a fact", old: "id: half", new: "id: calls", want: "Z99: let.calls: is no free name"},
		{name: "parameter out of range", old: "value: 0.5", new: "value: 1.5", want: "Z99: params.limit: value 1.5 is not between"},
		{name: "parameter without step", old: "step: 0.1, ", new: "", want: "Z99: params.limit: step is above 0"},
		{name: "parameter from nowhere", old: ", guess: true", new: "", want: "Z99: params.limit: has either a source or guess"},
		{name: "parameter guess and source", old: "guess: true", new: "guess: true, source: x", want: "has either a source or guess"},
		{name: "unit", old: "step: 0.1, unit: share", new: "step: 0.1, unit: furlong", want: `unknown unit "furlong"`},
		{name: "unknown severity", old: `"critical"`, new: `"fatal"`, want: `Z99: severity: "fatal" is no severity`},
		{name: "severity may be unknown", old: "share > 0.9", new: "lock_share > 0.9", want: "Z99: severity: lock_share may be unknown"},
		{name: "title may be unknown", old: `"{id} takes {share}", zh: "{id} 占 {share}"`, new: `"{lock_share}", zh: "{lock_share}"`, want: "Z99: title: lock_share may be unknown"},
		{name: "placeholders differ", old: `"{id} 占 {share}"`, new: `"{id} 占"`, want: "Z99: title: en has placeholders [id share], zh has [id]"},
		{name: "unknown placeholder", old: "{en: look, zh: 看}", new: "{en: \"{what}\", zh: \"{what}\"}", want: "Z99: advice.1.do: no value {what}"},
		{name: "language missing", old: "{en: look, zh: 看}", new: "{en: look}", want: "Z99: advice.1.do: is needed in en and zh"},
		{name: "unless without message", old: ", msg: {en: it counts, zh: 计数}", new: "", want: "Z99: unless.counting.msg: is needed in en and zh"},
		{name: "unknown rung", old: "rung: sql", new: "rung: chair", want: `Z99: advice.1.rung: "chair" is no rung`},
		{name: "otherwise of nothing", old: "rung: sql", new: "rung: sql\n      otherwise: true", want: "Z99: advice.1.otherwise: has no advice before it"},
		{name: "evidence that is no number", old: "expr: share, limit", new: "expr: fingerprint, limit", want: "Z99: evidence.1.expr: is no number"},
		{name: "cause that does not exist", old: "for: 60s", new: "for: 60s\n  after: [Z98]", want: `Z99: after: no rule "Z98"`},
		{name: "explains itself", old: "for: 60s", new: "for: 60s\n  after: [Z99]", want: "Z99: after: Z99 leads back here"},
		{name: "bad duration", old: "for: 60s", new: "for: soon", want: `Z99: for: "soon" is no duration`},
		{name: "requires an unknown fact", old: "for: 60s", new: "for: 60s\n  requires: [weather]", want: "Z99: requires: no fact or let"},
		{name: "no firing test", inTests: true, old: "- {name: fires, expect: fire}", new: "- {name: counts too, given: {aggregates: true}, expect: not_fire}", want: "Z99: tests: none expects fire"},
		{name: "no test of the unless", inTests: true, old: ", why: counting", new: "", want: "Z99: tests: none is silent because of counting"},
		{name: "no unknown test", inTests: true, old: "- {name: nothing, given: {share: null}, expect: unknown}", new: "", want: "Z99: tests: none expects unknown"},
		{name: "test of an unknown fact", inTests: true, old: "aggregates: true", new: "agregates: true", want: `no fact "agregates"`},
		{name: "test with a wrong type", inTests: true, old: "share: 0.6", new: "share: much", want: "share: much has the wrong type"},
		{name: "test of no rule", inTests: true, old: "rule: Z99", new: "rule: Z98", want: "tests: Z98: no such rule"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rule, cases := goodRule, goodTests
			if tt.inTests {
				cases = strings.Replace(cases, tt.old, tt.new, 1)
			} else {
				rule = strings.Replace(rule, tt.old, tt.new, 1)
			}
			if rule == goodRule && cases == goodTests {
				t.Fatal("the case changes nothing")
			}
			_, err := loadFrom(true, files(rule, cases))
			if err == nil {
				t.Fatalf("loaded; want an error with %q", tt.want)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q lacks %q", err, tt.want)
			}
		})
	}
}

func files(rule, cases string) Source {
	return Source{FS: fstest.MapFS{"z.yaml": {Data: []byte(rule)}, "z.test.yaml": {Data: []byte(cases)}}}
}

func TestLoadGood(t *testing.T) {
	s, err := loadFrom(true, files(goodRule, goodTests))
	if err != nil {
		t.Fatal(err)
	}
	if n, failures := s.Check(); n != 3 || len(failures) > 0 {
		t.Errorf("%d tests, failures %v", n, failures)
	}
}

// TestLoadMore adds a directory of the user's to the embedded rules; an id may be taken once only.
func TestLoadMore(t *testing.T) {
	s, err := Load(files(goodRule, goodTests))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Rule("Z99"); !ok {
		t.Error("the added rule is missing")
	}
	_, err = Load(files(goodRule, goodTests), Source{Name: "/etc/mine/", FS: fstest.MapFS{"y.yaml": {Data: []byte(goodRule)}}})
	if err == nil || !strings.Contains(err.Error(), "/etc/mine/y.yaml: Z99: id: this id is already taken") {
		t.Errorf("second Z99: %v", err)
	}
}

func TestGates(t *testing.T) {
	tests := []struct {
		gates   string
		engine  string
		version string
		open    bool
	}{
		{"mysql>=8.0.30", "", "", true},
		{"mysql>=8.0.30", "mysql", "8.0.30", true},
		{"mysql>=8.0.30", "mysql", "8.0.29", false},
		{"mysql>=8.0.30", "mariadb", "10.11", false},
		{"mysql<8 mariadb", "mariadb", "10.11", true},
		{"mysql<8", "mysql", "5.7.44", true},
	}
	for _, tt := range tests {
		var gates []gate
		for _, s := range strings.Fields(tt.gates) {
			g, err := parseGate(s)
			if err != nil {
				t.Fatal(err)
			}
			gates = append(gates, g)
		}
		if got := gatesOpen(gates, tt.engine, parseVersion(tt.version)); got != tt.open {
			t.Errorf("%s on %s %s: open %v, want %v", tt.gates, tt.engine, tt.version, got, tt.open)
		}
	}
}

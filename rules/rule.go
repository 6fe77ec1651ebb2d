package rules

// A Rule is one entry of the catalogue as its YAML file states it.
type Rule struct {
	ID       string   `yaml:"id"`
	Version  int      `yaml:"version"`
	Reviewed string   `yaml:"reviewed"` // when an expert last read it, YYYY-MM-DD
	Group    string   `yaml:"group"`
	Tier     int      `yaml:"tier"`
	Layer    Layer    `yaml:"layer"`
	Title    Text     `yaml:"title"`
	Meaning  Text     `yaml:"meaning"` // what it means, in a sentence or two
	Engines  []string `yaml:"engines"` // "mysql>=5.7", "mariadb>=10.4"; empty means every engine
	// Requires names facts without which the rule is a gap although no condition reads them.
	Requires []string `yaml:"requires"`
	Each     string   `yaml:"each"` // kind of subject

	Params map[string]*Param `yaml:"params"`
	Let    []Let             `yaml:"let"`
	When   []Condition       `yaml:"when"`
	Unless []Condition       `yaml:"unless"`

	Severity   string  `yaml:"severity"` // a constant, or an expression that chooses between constants
	Confidence float64 `yaml:"confidence"`
	For        string  `yaml:"for"` // with less data than this a finding is provisional
	// Share orders findings of one severity; the fact "share" of the subject when empty.
	Share string `yaml:"share"`
	// After names rules whose finding on the same subject, or on the whole system, explains this one.
	After []string `yaml:"after"`

	Evidence []EvidenceRow `yaml:"evidence"`
	Advice   []AdviceRow   `yaml:"advice"`

	Sources []string `yaml:"sources"`

	// Standing says that the rule speaks of a risk that stands, which is no reason for the trouble of
	// the hour: its findings come last of their severity and decide no verdict.
	Standing bool `yaml:"standing"`
	// Symptom says that the rule tells what became slower and not why: it holds as well on a host that others
	// use up, and makes no verdict sure.
	Symptom bool `yaml:"symptom"`
	// Starves says that programs wait for a core when the rule holds: what the application takes then may be
	// what it waits, and nothing in its time tells the two apart.
	Starves bool `yaml:"starves"`
	// SelfHosted says that the rule speaks of the server's operating system, which a managed service
	// does not let anyone change: there it does not apply.
	SelfHosted bool `yaml:"self_hosted"`

	// Disabled is why an override keeps the rule from being judged; empty when none does.
	Disabled string `yaml:"-"`
	// Where is the file the rule came from.
	Where string `yaml:"-"`
	own   bool   // a user's, not the program's
}

// A Param is a threshold: a number with its range, and where it comes from. Exactly one of Source
// and Guess is set.
type Param struct {
	Value  float64 `yaml:"value"`
	Min    float64 `yaml:"min"`
	Max    float64 `yaml:"max"`
	Step   float64 `yaml:"step"` // moving the value this far must break a test
	Unit   string  `yaml:"unit"`
	Source string  `yaml:"source"`
	Guess  bool    `yaml:"guess"`
}

// A Let is a named value computed from facts, parameters and the lets before it.
type Let struct {
	ID   string `yaml:"id"`
	Expr string `yaml:"expr"`
	Unit string `yaml:"unit"`
}

// A Condition is a named test. All are evaluated; none hides another's unknown.
type Condition struct {
	ID   string `yaml:"id"`
	Expr string `yaml:"expr"`
	Msg  Text   `yaml:"msg"` // why an unless makes the rule silent
}

// An EvidenceRow is a number that a finding shows and the limit it was held against. A row whose
// number is unknown is left out.
type EvidenceRow struct {
	What    Text   `yaml:"what"`
	Expr    string `yaml:"expr"`
	Limit   string `yaml:"limit"`
	LimitIf string `yaml:"limit_if"` // where the limit is told: it decides severity, or is one of several
	Unit    string `yaml:"unit"`
	Source  string `yaml:"source"`  // the input of its facts when empty
	Against bool   `yaml:"against"` // speaks against the finding
}

// An AdviceRow is one change. It is left out when If is false or unknown, or when a placeholder in
// it is unknown. Its texts may differ between servers; see forServer.
type AdviceRow struct {
	Kind      string `yaml:"kind"`
	Rung      string `yaml:"rung"`
	If        string `yaml:"if"`
	Otherwise bool   `yaml:"otherwise"` // given only where none before it is
	Sets      string `yaml:"sets"`      // the setting that it changes: of several advices on one only the first is given
	To        string `yaml:"to"`        // the value it sets it to; advice of the present value is not given
	Memory    string `yaml:"memory"`    // bytes it asks of the host: all advice together shares one budget
	Do        Text   `yaml:"do"`
	Expect    Text   `yaml:"expect"`
	Risk      Text   `yaml:"risk"`
	Undo      Text   `yaml:"undo"`
	Verify    Text   `yaml:"verify"`
}

// A Test is one case of a rule: facts in, outcome out.
type Test struct {
	Name string `yaml:"name"`
	// Given replaces facts of the group's base; null takes a fact away.
	Given    map[string]any `yaml:"given"`
	Expect   string         `yaml:"expect"`   // fire, not_fire or unknown
	Why      string         `yaml:"why"`      // the unless or the condition that keeps the rule silent
	Severity Severity       `yaml:"severity"` // of a rule that fires
}

// A TestGroup is all cases of one rule.
type TestGroup struct {
	Rule  string         `yaml:"rule"`
	Base  map[string]any `yaml:"base"` // facts every case starts from
	Tests []Test         `yaml:"tests"`
}

// kinds are the subjects a rule may speak of. The facts of the later ones come with the sources
// that can tell them.
var kinds = []string{"global", "query", "route", "upstream", "table", "user", "device", "mount", "interface", "process"}

// rungs are the steps of the ladder in the order they are climbed. Advice on a rung of the same
// height does not wait for one another.
var rungs = map[string]int{
	"observe": 0, "app": 0, "web": 0,
	"sql": 1, "index": 2, "schema": 3, "my.cnf": 4, "engine": 5, "hardware": 6,
	"cache": 7, "buffer": 7, "split": 8, "shard": 9, "distributed": 10,
}

// adviceKinds are the kinds of change.
var adviceKinds = []string{"sql", "index", "app", "web", "cnf", "design", "observe"}

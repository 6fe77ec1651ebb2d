package ui

// A step says what changes of one rung of the ladder ask for, as a rule: what may go wrong, and what
// it takes. The text of an advice tells its own.
type step struct{ risk, effort string }

const (
	riskHelp   = "what changes of this kind may break, as a rule; Enter tells the risk of this one"
	effortHelp = "what changes of this kind take, as a rule: a look, a setting, DDL, code, a project"
)

// ladder is the table of rungs. Risk and effort are guesses of experience, not measured.
var ladder = map[string]step{
	"observe":     {"none", "look"},
	"sql":         {"low", "code"},
	"index":       {"low", "DDL"},
	"web":         {"low", "config"},
	"app":         {"med", "code"},
	"cache":       {"med", "code"},
	"buffer":      {"med", "code"},
	"my.cnf":      {"med", "config"},
	"schema":      {"med", "DDL"},
	"engine":      {"med", "DDL"},
	"hardware":    {"low", "buy"},
	"split":       {"high", "project"},
	"shard":       {"high", "project"},
	"distributed": {"high", "project"},
}

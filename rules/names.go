package rules

import (
	"slices"
	"sync"

	"github.com/expr-lang/expr/types"
)

// A factType is what kind of value a fact has.
type factType uint8

const (
	number factType = iota // float64 in base units
	flag
	text
)

func (t factType) exprType() types.Type {
	return [...]types.Type{types.Float64, types.Bool, types.String}[t]
}

// An input is what a fact is derived from.
type input string

const (
	slowLog   input = "slow log"
	accessLog input = "access log"
	bothLogs  input = "slow log and access log" // joined on the time axis

	hostRecording     input = "host recording"
	serverStatusInput input = "server status"
	serverSettings    input = "server variables"
	sessionRecording  input = "sessions"
	replicaState      input = "replication state"
	tableSizes        input = "table sizes"
	anyInput          input = "any input"
	cacheRecording    input = "cache statistics"
	webRecording      input = "web server state"
	webErrors         input = "web server's error log"
	dbErrors          input = "database's error log"
)

// A fact is one name that rules may read. When it could not be measured it is absent from the map of
// its subject, and every expression that reads it is unknown.
type fact struct {
	Name    string
	Kind    string // of subject; "global" facts are visible to every rule
	Type    factType
	Unit    string
	From    input
	Meaning string
	Provide string // key of provisions; the input itself when empty
}

// facts is the table of all names that rules may read.
//
// A fact that is an aggregate over a series is absent when less than 80 % of its window was seen. Of
// single series and settings rules may also read functions, see series_calls.go.
var facts = slices.Concat(statementNames, inputNames, requestNames, jointNames, hostNames, deviceNames, serverNames,
	queryNames, replicaNames, routeNames, seriesNames, tableNames, upstreamNames)

// inputNames are the facts of the inputs themselves.
var inputNames = []fact{
	{"unread", "global", number, "count", anyInput, "parts of the sources that could not be read", ""},
	{"unread_first", "global", text, "", anyInput, "the first of them, and why", ""},
	{"recordings_apart", "global", flag, "", anyInput, "a recording covers another time than the logs", "recordings"},
}

// always are the facts that every subject of their kind has.
var always = []string{"id", "fingerprint", "kind", "tables", "access", "statement", "cheaper_by", "calls", "method", "route", "requests", "addr", "group_name", "attempts", "device",
	"mount", "interface", "process", "table", "table_sql"}

// factOf finds the fact that a rule of kind reads under name.
func factOf(kind, name string) *fact {
	if c, ok := callOf(name); ok {
		if c.check(kind) != nil {
			return nil
		}
		return c.fact()
	}
	byName := factsByName()
	if f := byName[factKey{kind, name}]; f != nil {
		return f
	}
	return byName[factKey{"global", name}]
}

// A factKey names a fact of one kind of subject.
type factKey struct{ kind, name string }

var factsByName = sync.OnceValue(func() map[factKey]*fact {
	out := make(map[factKey]*fact, len(facts))
	for i := range facts {
		out[factKey{facts[i].Kind, facts[i].Name}] = &facts[i]
	}
	return out
})

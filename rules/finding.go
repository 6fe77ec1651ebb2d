// Package rules judges a snapshot: findings, their evidence and advice, the gaps where a rule could
// not be judged, and the verdict on the layer at fault.
package rules

import (
	"slices"
	"strings"
)

// A Layer is where a fix is made or where time is spent.
type Layer string

// The layers of the JSON contract. None is the verdict on a healthy system, Unknown the one on too
// little data.
const (
	LayerClient   Layer = "client"
	LayerWeb      Layer = "web"
	LayerApp      Layer = "app"
	LayerCache    Layer = "cache"
	LayerDatabase Layer = "database"
	LayerHost     Layer = "host"
	LayerNone     Layer = "none"
	LayerUnknown  Layer = "unknown"
)

// A Severity orders findings.
type Severity string

// The severities, least first.
const (
	Info     Severity = "info"
	Warning  Severity = "warning"
	Critical Severity = "critical"
)

// Rank orders severities: 0 for info, 2 for critical, -1 for anything else.
func (s Severity) Rank() int {
	for i, v := range []Severity{Info, Warning, Critical} {
		if s == v {
			return i
		}
	}
	return -1
}

// A Subject is what a finding speaks of.
type Subject struct {
	Kind string `json:"kind"` // global, query, route, upstream, table, device, mount, interface, process
	ID   string `json:"id"`   // query id, "GET /orders/:id", address, schema.table; "" for global
	// Label is the subject as a person would name it: the fingerprint of a query, say.
	Label string `json:"label"`
}

// An Evidence is one measured number and the limit it was held against.
type Evidence struct {
	What   string   `json:"what"`
	Value  *float64 `json:"value"`
	Limit  *float64 `json:"limit"`
	Unit   string   `json:"unit"` // s, share, count, rows, bytes, bytes_per_s, per_s, ratio or ""
	Window string   `json:"window"`
	Source string   `json:"source"`
	For    bool     `json:"for"` // false: this speaks against the finding
}

// An Advice is one change with its expected effect, its risk, how to undo and how to check it.
type Advice struct {
	Kind   string `json:"kind"` // sql, index, app, web, cnf, design, observe
	Do     string `json:"do"`
	Expect string `json:"expect"`
	Risk   string `json:"risk"`
	Undo   string `json:"undo"`
	Verify string `json:"verify"`
	Rung   string `json:"rung"` // the step of the ladder: sql, index, schema, my.cnf … app, web, observe
	// Held is why a later rung waits, empty when it does not.
	Held string `json:"held,omitempty"`

	sets   string  // the setting that it changes
	memory float64 // bytes it asks of the host
}

// A Finding is a rule that held.
type Finding struct {
	ID          string         `json:"id"` // rule@subject, and of one of several servers rule@subject@server
	Rule        string         `json:"rule"`
	Subject     Subject        `json:"subject"`
	Severity    Severity       `json:"severity"`
	Layer       Layer          `json:"layer"`
	Confidence  float64        `json:"confidence"`
	Provisional bool           `json:"provisional"`
	Title       string         `json:"title"`
	Args        map[string]any `json:"args"`
	Evidence    []Evidence     `json:"evidence"`
	Advice      []Advice       `json:"advice"`
	BecauseOf   []string       `json:"because_of"`
	// Server is the address of the one of several servers that it is found on; empty with one, and for what
	// is the same of all.
	Server   string  `json:"server,omitempty"`
	Share    float64 `json:"-"` // of the time of its layer: orders findings of one severity
	Standing bool    `json:"-"` // a risk that stands and explains no trouble of the hour
	Symptom  bool    `json:"-"` // it tells what became slower and not why
	Starves  bool    `json:"-"` // programs wait for a core

	ofServer bool     // it is of the server that was judged, even where others have the like
	tables   []string // that its query names, or the one it is of: in lower case, without schema
}

// A Gap is a rule that could not be judged.
type Gap struct {
	Rule    string   `json:"rule"`
	Subject Subject  `json:"subject"`
	Missing []string `json:"missing"`
	Provide string   `json:"provide"`
	Server  string   `json:"server,omitempty"` // as of Finding
}

// Lacks says for people what is missing: a fact by its name in words, and a series by its name.
func (g Gap) Lacks() []string {
	var out []string
	for _, name := range g.Missing {
		if m := callSyntax.FindStringSubmatch(name); m != nil {
			name = m[2]
		} else if factOf(g.Subject.Kind, name) != nil {
			name = strings.ReplaceAll(strings.TrimSuffix(name, "_s"), "_", " ")
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// A Candidate is a layer that may be at fault.
type Candidate struct {
	Layer      Layer    `json:"layer"`
	Share      *float64 `json:"share"`
	Confidence float64  `json:"confidence"`
}

// A RuledOut is a layer that is not at fault, and why.
type RuledOut struct {
	Layer Layer  `json:"layer"`
	Why   string `json:"why"`
}

// A Verdict says which layer holds the system back.
type Verdict struct {
	Layer      Layer   // where the fix is made
	SeenIn     Layer   // where the time is spent
	Confidence float64 // 0–1
	Since      int64   // µs since the epoch; collectors.NoTime when it was so all along or is unknown
	Summary    string
	Candidates []Candidate
	RuledOut   []RuledOut
	Unknown    []string
}

// An Outcome is the kind of a verdict.
type Outcome string

// The outcomes of a verdict.
const (
	Fault       Outcome = "fault"        // a layer is at fault
	TwoSuspects Outcome = "two_suspects" // two layers share most of the time in question
	Undecided   Outcome = "undecided"    // it is known where the time is spent, and not why
	Healthy     Outcome = "healthy"
	TooLittle   Outcome = "not_enough_data"
)

// Outcome returns the kind of the verdict.
func (v *Verdict) Outcome() Outcome {
	switch {
	case v.Layer == LayerNone:
		return Healthy
	case v.Layer != LayerUnknown:
		return Fault
	case v.shared():
		return TwoSuspects
	case v.SeenIn != "" && v.SeenIn != LayerUnknown:
		return Undecided
	}
	return TooLittle
}

// shared reports whether two layers share the suspicion: neither can be ruled out, and together they lead.
func (v *Verdict) shared() bool {
	c := v.Candidates
	return len(c) > 1 && c[0].Share != nil && c[1].Share != nil && *c[1].Share >= ruledOutBelow && *c[0].Share+*c[1].Share >= leadShare
}

// A Judgement is all that the rules have to say of one snapshot.
type Judgement struct {
	Verdict  Verdict
	Findings []Finding // critical ones first, then the trouble of the hour, then standing risks
	Gaps     []Gap
	// InForce says which overrides of the rules the judgement rests on.
	InForce InForce
}

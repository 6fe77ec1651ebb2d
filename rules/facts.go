package rules

import (
	"math"
	"time"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// A factMap holds the facts of one subject by name. What is unknown is absent.
type factMap map[string]any

func (m factMap) num(name string, v float64) {
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		m[name] = v
	}
}

// ratio adds a/b when b is above zero.
func (m factMap) ratio(name string, a, b int64) {
	if b > 0 {
		m[name] = float64(a) / float64(b)
	}
}

func (m factMap) quantile(name string, t *analyzers.Timing, q float64) {
	if us, ok := t.Quantile(q); ok {
		m[name] = inSeconds(us)
	}
}

func (m factMap) mean(name string, t *analyzers.Timing) {
	if us, ok := t.Mean(); ok {
		m[name] = us / 1e6
	}
}

// subjectFacts are the facts of one query, route or upstream.
type subjectFacts struct {
	subject Subject
	facts   factMap
}

// gathered is everything rules may read of one snapshot.
type gathered struct {
	global   factMap
	subjects map[string][]subjectFacts
	present  map[input]bool
	windows  map[input]analyzers.Window
	// hidden says of a kind of subject that the input was read but does not show it, and which
	// provision changes that.
	hidden map[string]string
	// engine and version are of the server judged; logs alone do not tell, and leave them zero.
	engine  string
	version [3]int
}

// maxSubjects bounds the queries and routes that rules look at, by time: a rule that needs a share of
// at least 1 % can hold on a hundred of them at most, and the rest is what a cheap but frequent
// class may still break.
const maxSubjects = 200

// maxLabel bounds a subject's label, in characters.
const maxLabel = 120

// gather derives the facts of a snapshot and its attribution.
func gather(s *analyzers.Snapshot, a timeline.Attribution) *gathered {
	d := s.Digest
	if d == nil {
		d = analyzers.NewDigest()
	}
	g := &gathered{
		global: factMap{},
		present: map[input]bool{
			slowLog:   s.HasSlowLog() || d.Statements.Count > 0,
			accessLog: s.HasAccessLog() || d.Web.Count > 0,
		},
		windows: map[input]analyzers.Window{
			slowLog:   {From: d.Statements.First, To: d.Statements.Last},
			accessLog: {From: d.Web.First, To: d.Web.Last},
			bothLogs:  {From: collectors.NoTime, To: collectors.NoTime},
		},
	}
	g.present[bothLogs] = g.present[slowLog] && g.present[accessLog]
	if a.Bad.To > a.Bad.From {
		g.windows[bothLogs] = analyzers.Window{From: a.Bad.From * 1e6, To: a.Bad.To * 1e6}
	}
	g.subjects = map[string][]subjectFacts{
		"query":    queryFacts(d),
		"route":    routeFacts(d),
		"upstream": upstreamFacts(d),
	}
	if d.Web.Count > 0 && d.Web.UpstreamLogged == 0 {
		g.hidden = map[string]string{"upstream": "upstream"}
	}
	statementFacts(g.global, d)
	requestFacts(g.global, d)
	if g.present[bothLogs] {
		crossFacts(g.global, d, a)
	}
	return g
}

// span returns the seconds a rule's data covers: the shortest of the inputs it reads. ok is false
// when one of them has no times.
func (g *gathered) span(from []input) (s float64, ok bool) {
	s = math.Inf(1)
	for _, in := range from {
		w := g.windows[in]
		if w.From == collectors.NoTime || w.To == collectors.NoTime {
			return 0, false
		}
		s = min(s, inSeconds(w.To-w.From))
	}
	return s, len(from) > 0
}

// windowText writes the window of an input for evidence, as an ISO 8601 interval; "" when unknown.
func (g *gathered) windowText(in input) string {
	w := g.windows[in]
	if w.From == collectors.NoTime || w.To == collectors.NoTime {
		return ""
	}
	at := func(us int64) string { return time.UnixMicro(us).UTC().Format(time.RFC3339) }
	return at(w.From) + "/" + at(w.To)
}

func inSeconds(us int64) float64 { return float64(us) / 1e6 }

// spanOf returns the seconds between two instants, at least one; ok is false when either is unknown.
func spanOf(first, last int64) (s float64, ok bool) {
	if first == collectors.NoTime || last == collectors.NoTime || last < first {
		return 0, false
	}
	return max(inSeconds(last-first), 1), true
}

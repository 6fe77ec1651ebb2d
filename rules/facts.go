package rules

import (
	"math"
	"slices"
	"strings"
	"time"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
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
	baseline analyzers.Window // before the onset; without ends when there is none
	// foreign are calls of what this server does not have: its status or settings were read in full
	// and hold no such name. A rule that needs one does not apply to the server.
	foreign map[string]bool
	// hidden says of a kind of subject that the input was read but does not show it, and which
	// provision changes that.
	hidden map[string]string
	// book is where the server keeps the statements, when they are of no slow log.
	book string
	// engine is of the server judged; logs alone do not tell, and leave it zero.
	engine analyzers.Engine
	// managed names the service that runs the server; empty when we do.
	managed string
	// settings are the server's as they were read.
	settings map[string]string
	// touched are the tables that a query names, by its id: in lower case, without schema.
	touched map[string][]string
}

// maxSubjects bounds the queries and routes that rules look at, by time: a rule that needs a share of
// at least 1 % can hold on a hundred of them at most, and the rest is what a cheap but frequent
// class may still break.
const maxSubjects = 200

// maxLabel bounds a subject's label, in characters.
const maxLabel = 120

// gather derives the facts of a snapshot and its attribution, and those functions of series that
// some rule reads.
func gather(s *analyzers.Snapshot, a timeline.Attribution, calls []seriesCall) *gathered {
	d := s.Digest
	if d == nil {
		d = analyzers.NewDigest()
	}
	g := &gathered{
		global: factMap{}, book: s.Book(),
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
	g.baseline = noWindow
	if a.Onset != 0 && a.Baseline.To > a.Baseline.From {
		g.baseline = analyzers.Window{From: a.Baseline.From * 1e6, To: a.Baseline.To * 1e6}
	}
	g.present[bothLogs] = g.present[slowLog] && g.present[accessLog]
	if a.Bad.To > a.Bad.From {
		g.windows[bothLogs] = analyzers.Window{From: a.Bad.From * 1e6, To: a.Bad.To * 1e6}
	}
	span, _ := spanOf(d.Statements.First, d.Statements.Last)
	notes := analyzers.PlanNotesOf(d, s.Engine)
	statements := monitoringFacts(g.global, advise.Statements(d, maxSubjects), &d.Statements, notes, span)
	catalog := advise.NewCatalog(s.Tables)
	plan := advise.PlanIndexes(statements, catalog, s.Engine)
	g.subjects = map[string][]subjectFacts{
		"query":    queryFacts(d, statements, plan, notes),
		"route":    routeFacts(d),
		"upstream": upstreamFacts(d),
	}
	g.hidden = map[string]string{"mount": "filesystems", "interface": "network counters", "process": "processes", "table": "schema"}
	if d.Web.Count > 0 && d.Web.UpstreamLogged == 0 {
		g.hidden["upstream"] = "upstream"
	}
	statementFacts(g.global, d)
	requestFacts(g.global, d)
	loadFacts(g.global, d, a)
	g.recordings(s, a, calls)
	uses := tableUses(statements, &d.Statements)
	schemaFacts(g.global, statements, d.Statements.TimeUS)
	g.touched = map[string][]string{}
	for i := range statements {
		for _, t := range slices.Concat(statements[i].Shape.Writes, statements[i].Shape.Reads) {
			id := g.subjects["query"][i].subject.ID
			g.touched[id] = append(g.touched[id], strings.ToLower(t.Name))
		}
		habitFacts(g.subjects["query"][i].facts, &statements[i])
		g.subjects["query"][i].facts["locks_whole_table"] = locksWholeTable(catalog, &statements[i])
		if w := statements[i].Shape.Writes; len(w) == 1 {
			use := uses[strings.ToLower(w[0].Name)]
			g.subjects["query"][i].facts.num("table_read_share", use.reads/(use.reads+use.writes))
		}
	}
	g.subjects["table"] = tableSubjects(s.Tables, uses)
	charsetFacts(g.global, s.Tables)
	lackingIndexes(g.subjects["table"], plan, d.Statements.TimeUS)
	joinTypes(g.subjects["table"], statements, catalog)
	g.adviceFacts(d, statements, catalog, s.Tables)
	if g.present[bothLogs] {
		crossFacts(g.global, d, a)
	}
	changeFacts(g, d, statements, a)
	g.coverage(s)
	return g
}

// recordings adds what hosts and servers were recorded to do.
func (g *gathered) recordings(s *analyzers.Snapshot, a timeline.Attribution, calls []seriesCall) {
	by := recordings{}
	for _, role := range []string{"host", "db", "cache", "web"} {
		r := newRecording(s, a, role)
		by[role] = &r
	}
	host, server := by["host"], by["db"]
	g.engine = s.Engine
	g.managed, g.settings = managedService(s.Settings), s.Settings
	g.present[hostRecording] = host.seen
	g.present[serverStatusInput] = server.get("mysql.status.Uptime", "") != nil
	g.present[sessionRecording] = server.get("sessions.all", "") != nil || server.get("transactions.open", "") != nil
	g.present[replicaState] = g.present[sessionRecording] || server.get("replica.configured", "") != nil
	g.present[serverSettings] = settingsKnown(s.Settings)
	g.present[tableSizes] = sizesKnown(s.Tables)
	g.present[cacheRecording], g.present[webRecording] = by["cache"].seen, by["web"].seen
	errors := newErrorCount(s, a)
	for in, lines := range map[input]string{webErrors: "web.error.lines", dbErrors: "mysql.error.lines"} {
		_, g.present[in] = errors.total(lines)
		g.windows[in] = errors.window
	}
	g.windows[hostRecording] = host.span
	g.windows[serverStatusInput] = server.span
	g.windows[sessionRecording] = server.span
	g.windows[replicaState] = server.lately(a).span
	g.windows[cacheRecording], g.windows[webRecording] = by["cache"].span, by["web"].span
	hostFacts(g.global, host)
	appCPUFacts(g.global, host, a)
	serverFacts(g.global, s, server, server.lately(a))
	g.subjects["device"] = deviceFacts(host, diskRate(server))
	g.foreign = map[string]bool{}
	allStatus, allSettings := server.statusNames() >= fullStatus, len(s.Settings) >= fullSettings
	for _, c := range calls {
		if kind := c.kind(); kind != "global" {
			g.instances(kind, c, s, by)
			continue
		}
		if c.fn == "total" {
			if n, ok := errors.total(c.name); ok {
				g.global.num(c.ident(), n)
			}
			continue
		}
		switch _, set := s.Settings[c.name]; {
		case c.fn == "v":
			g.foreign[c.ident()] = allSettings && !set && !strings.Contains(c.name, ".")
		case !strings.Contains(c.name, "."):
			g.foreign[c.ident()] = allStatus && server.get("mysql.status."+c.name, "") == nil
		}
		put(g.global, c, s, by, "")
	}
	mountFacts(g.subjects["mount"], s)
	for _, kind := range instanceKinds {
		slices.SortStableFunc(g.subjects[kind], func(a, b subjectFacts) int {
			if kind == "device" { // the busiest come first already
				return 0
			}
			return strings.Compare(a.subject.ID, b.subject.ID)
		})
	}
}

// put adds the value of a call, if it is known.
func put(m factMap, c seriesCall, s *analyzers.Snapshot, by recordings, instance string) {
	v, ok := c.value(s, by, instance)
	if f, isNumber := v.(float64); ok && isNumber {
		m.num(c.ident(), f)
	} else if ok {
		m[c.ident()] = v
	}
}

// instances adds a call to each subject it has a series of.
func (g *gathered) instances(kind string, c seriesCall, s *analyzers.Snapshot, by recordings) {
	for _, name := range by[c.role()].instances(c.name) {
		i := slices.IndexFunc(g.subjects[kind], func(f subjectFacts) bool { return f.subject.ID == name })
		if i < 0 {
			if len(g.subjects[kind]) >= maxSubjects || kind == "device" { // an idle device is none
				continue
			}
			i = len(g.subjects[kind])
			g.subjects[kind] = append(g.subjects[kind], subjectFacts{
				Subject{Kind: kind, ID: name, Label: shorten(name, maxLabel)}, factMap{kind: shorten(name, maxName)},
			})
		}
		put(g.subjects[kind][i].facts, c, s, by, name)
	}
}

// timeless says of an input that it holds what is so all the time, or, an error log, what counts however
// short the time was.
func (in input) timeless() bool {
	return in == serverSettings || in == tableSizes || in == webErrors || in == dbErrors
}

// span returns the seconds a rule's data covers: the shortest of the inputs it reads. ok is false
// when one of them has no times.
func (g *gathered) span(from []input) (s float64, ok bool) {
	s = math.Inf(1)
	for _, in := range from {
		if in.timeless() {
			continue
		}
		w := g.windows[in]
		if w.From == collectors.NoTime || w.To == collectors.NoTime {
			return 0, false
		}
		s = min(s, inSeconds(w.To-w.From))
	}
	return s, len(from) > 0
}

// windowText writes the window of an input for evidence; "" when it has none.
func (g *gathered) windowText(in input) string {
	w, timed := g.windows[in]
	if !timed {
		return ""
	}
	return interval(w)
}

// interval writes a window as an ISO 8601 interval; "" when an end is not known.
func interval(w analyzers.Window) string {
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

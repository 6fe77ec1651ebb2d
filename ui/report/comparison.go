package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"dbtriage/analyzers/compare"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
	"dbtriage/rules"
	"dbtriage/ui/show"
)

// A Comparison is what changed from one report to another, in reading order.
type Comparison struct {
	compare.Comparison
	Options       Options
	Before, After *Report
	Layers        []compare.Layer // of each request; nil where the logs cannot tell on both sides
	Findings      []FindingChange
}

// A FindingState says what became of a finding.
type FindingState string

// The states of findings. Unjudged is one of AFTER whose rule could not be judged of BEFORE, or the other way.
const (
	FindingNew      FindingState = "new"
	FindingGone     FindingState = "gone"
	FindingUnjudged FindingState = "unjudged"
	FindingStayed   FindingState = "stayed"
)

// A FindingChange is a finding of either side; one of its two is nil unless it stayed.
type FindingChange struct {
	State         FindingState
	Before, After *rules.Finding
}

// Small reports whether it is a note that stayed or is gone: reports for people count those.
func (f FindingChange) Small() bool {
	return f.State != FindingNew && f.Finding().Severity == rules.Info
}

// findingsShown are those that a person is shown, and what there is besides.
func (c *Comparison) findingsShown(usual int) (shown []FindingChange, more string) {
	hidden := 0
	for _, f := range c.Findings {
		if f.Small() || f.State == FindingStayed && len(shown) >= usual && c.Options.Top == 0 {
			hidden++
			continue
		}
		shown = append(shown, f)
	}
	if hidden > 0 {
		more = fmt.Sprintf(Word(c.Options.Lang, "%s more, notes that are gone or stayed; -f json lists all"), show.Count(int64(hidden)))
	}
	return shown, more
}

// Finding is what is shown of it: as it is now, else as it was.
func (f FindingChange) Finding() *rules.Finding {
	if f.After != nil {
		return f.After
	}
	return f.Before
}

// NewComparison puts what changed between two reports into reading order.
func NewComparison(before, after *Report, c compare.Comparison) *Comparison {
	return &Comparison{Comparison: c, Options: after.Options, Before: before, After: after, Layers: layersOf(before, after), Findings: findingsOf(before, after)}
}

// layersOf divides the requests of both sides alike: what one of them cannot tell apart is one part.
func layersOf(before, after *Report) []compare.Layer {
	b, a := before.Attribution.Whole, after.Attribution.Whole
	was, is := before.portions(b), after.portions(a)
	for _, joined := range []struct {
		name  string
		parts []string
	}{{appAndBelow, []string{"app", "database"}}, {webAndBelow, []string{"client", "web", "app", "database", appAndBelow}}} {
		one := func(p compare.Portion) bool { return p.Name == joined.name }
		if slices.ContainsFunc(was, one) != slices.ContainsFunc(is, one) {
			was, is = join(was, joined.name, joined.parts), join(is, joined.name, joined.parts)
		}
	}
	return compare.Layers(was, is, b.Requests, a.Requests)
}

func (r *Report) portions(d timeline.Division) (out []compare.Portion) {
	for _, p := range r.Divide(d) {
		out = append(out, compare.Portion{Name: p.Name, US: p.US})
	}
	return out
}

// join makes one portion of some; unknown when one of them is.
func join(all []compare.Portion, name string, parts []string) []compare.Portion {
	if len(all) == 0 || slices.ContainsFunc(all, func(p compare.Portion) bool { return p.Name == name }) {
		return all
	}
	one := compare.Portion{Name: name}
	var out []compare.Portion
	for _, p := range all {
		switch {
		case !slices.Contains(parts, p.Name):
			out = append(out, p)
		case p.US < 0 || one.US < 0:
			one.US = -1
		default:
			one.US += p.US
		}
	}
	return append(out, one)
}

// findingsOf pairs findings by id: new ones first, then those gone, those that one side could not judge, and
// those that stayed, each as its side orders them.
func findingsOf(before, after *Report) []FindingChange {
	var out []FindingChange
	find := func(all []rules.Finding, id string) *rules.Finding {
		for i := range all {
			if all[i].ID == id {
				return &all[i]
			}
		}
		return nil
	}
	judged := func(gaps []rules.Gap, f *rules.Finding) bool {
		return !slices.ContainsFunc(gaps, func(g rules.Gap) bool {
			return g.Rule == f.Rule && (g.Subject.ID == "" || g.Subject.ID == f.Subject.ID)
		})
	}
	for i := range after.Findings {
		f := &after.Findings[i]
		c := FindingChange{State: FindingNew, Before: find(before.Findings, f.ID), After: f}
		if c.Before != nil {
			c.State = FindingStayed
		} else if !judged(before.Gaps, f) {
			c.State = FindingUnjudged
		}
		out = append(out, c)
	}
	for i := range before.Findings {
		f := &before.Findings[i]
		if find(after.Findings, f.ID) != nil {
			continue
		}
		c := FindingChange{State: FindingGone, Before: f}
		if !judged(after.Gaps, f) {
			c.State = FindingUnjudged
		}
		out = append(out, c)
	}
	order := []FindingState{FindingNew, FindingGone, FindingUnjudged, FindingStayed}
	slices.SortStableFunc(out, func(a, b FindingChange) int {
		return cmp.Compare(slices.Index(order, a.State), slices.Index(order, b.State))
	})
	return out
}

// A ComparisonFormat writes a comparison.
type ComparisonFormat struct {
	Name  string
	Write func(io.Writer, *Comparison, Style) error
}

// ComparisonFormats is the table of formats of a comparison, the default first.
var ComparisonFormats = []ComparisonFormat{
	{"text", WriteComparisonText},
	{"markdown", WriteComparisonMarkdown},
	{"json", WriteComparisonJSON},
}

// ComparisonNamed returns the format of that name.
func ComparisonNamed(name string) (ComparisonFormat, bool) {
	i := slices.IndexFunc(ComparisonFormats, func(f ComparisonFormat) bool { return f.Name == name })
	if i < 0 {
		return ComparisonFormat{}, false
	}
	return ComparisonFormats[i], true
}

var outcomes = map[compare.Outcome]string{
	compare.Failing: "AFTER fails more", compare.IsSlower: "AFTER is slower", compare.IsFaster: "AFTER is faster",
	compare.Recovered: "AFTER fails less", compare.Unchanged: "no change beyond noise", compare.Incomparable: "not comparable",
}

var reasons = map[compare.Reason]string{
	compare.NoEvents:     "there is no request or statement on either side",
	compare.EmptyBefore:  "there is no event in BEFORE",
	compare.EmptyAfter:   "there is no event in AFTER",
	compare.OtherLogs:    "no kind of log with durations is on both sides",
	compare.TooFew:       "fewer than 30 events on one side",
	compare.OtherMinimum: "the slow logs hold statements from different times on (long_query_time)",
}

// Summary says in a sentence what changed and whether it is better. The arrow is how "to" is drawn.
func (c *Comparison) Summary(arrow string) string {
	t := func(s string) string { return Word(c.Options.Lang, s) }
	out := t(outcomes[c.Outcome]) + ": "
	if c.Outcome == compare.Incomparable {
		return out + t(reasons[c.Why])
	}
	var parts []string
	if c.Outcome == compare.Failing || c.Outcome == compare.Recovered {
		parts = append(parts, fmt.Sprintf(t("%s %s of requests"), t(c.Failure), span2(c.FailureShare[0], c.FailureShare[1], "share", arrow)))
	}
	mix := c.byMix()
	if mix {
		parts = append(parts, fmt.Sprintf(t("what both sides have takes x%s as long"), show.Short(c.SameMix.Value)))
	}
	if c.Measure != "" {
		s := t(c.Measure) + " " + span2(c.Mean[0], c.Mean[1], "s", arrow) + times(compare.Factor(c.Mean[0], c.Mean[1]), " (", ")")
		s += c.atLoad()
		if mix {
			s += ", " + t("for other things are asked for")
		}
		parts = append(parts, s)
	}
	if cause := c.Cause(); cause != "" {
		parts = append(parts, cause)
	}
	return out + strings.Join(parts, "; ")
}

// byMix reports whether the mean changed and what both sides have did not.
func (c *Comparison) byMix() bool {
	raw := compare.TrendOf(c.Mean[0], c.Mean[1])
	return c.SameMix.Known && c.TimeTrend != raw && (raw == compare.Up || raw == compare.Down)
}

// otherCause reports whether what changed the most is new or gone, which says that the mix is another one.
func (c *Comparison) otherCause() bool {
	states := []compare.State{compare.New, compare.Gone}
	return len(c.Queries) > 0 && slices.Contains(states, c.Queries[0].State) || len(c.Endpoints) > 0 && slices.Contains(states, c.Endpoints[0].State)
}

// empty reports whether a side holds nothing to compare.
func (c *Comparison) empty() bool {
	recorded := func(f compare.Figure) bool { return f.Before.Known && f.After.Known }
	return (c.Why == compare.NoEvents || c.Why == compare.EmptyBefore || c.Why == compare.EmptyAfter) && len(c.Settings) == 0 && !slices.ContainsFunc(c.Figures, recorded)
}

// atLoad says at how many times the load the measure was taken; nothing when it is not known.
func (c *Comparison) atLoad() string {
	f := c.LoadFactor
	switch {
	case math.IsNaN(f):
		return ""
	case f >= 0.95 && f < 1.05:
		return " " + Word(c.Options.Lang, "at the same load")
	case f >= 0.1 && f < 100:
		f = math.Round(f*10) / 10
	}
	return " " + fmt.Sprintf(Word(c.Options.Lang, "at %s times the load"), show.Short(f))
}

func span2(before, after compare.Estimate, unit, arrow string) string {
	return Estimated(before, unit) + arrow + Estimated(after, unit)
}

// Estimated shows one number, or that it is not known.
func Estimated(e compare.Estimate, unit string) string {
	if !e.Known {
		return show.NoValue
	}
	if unit == "rows" || unit == "count" {
		return show.Short(e.Value)
	}
	return show.Measure(&e.Value, unit)
}

// times shows a factor between two texts; nothing when it is not known.
func times(factor float64, before, after string) string {
	if math.IsNaN(factor) || math.IsInf(factor, 0) {
		return ""
	}
	return before + "x" + show.Short(factor) + after
}

// leastNamed is the least share of a change that its largest part must have to be named as its cause.
const leastNamed = 0.3

// Cause says which layer holds a change of time, and the query or endpoint that does; empty when time did
// not change or nothing stands out.
func (c *Comparison) Cause() string {
	if c.TimeTrend != compare.Up && c.TimeTrend != compare.Down {
		return ""
	}
	t := func(s string) string { return Word(c.Options.Lang, s) }
	what := c.query()
	if c.Measure == "statement time" {
		return what
	}
	best := -1
	for i, l := range c.Layers {
		if !math.IsNaN(l.Share) && l.Share >= leastNamed && (best < 0 || l.Share > c.Layers[best].Share) {
			best = i
		}
	}
	if best < 0 {
		return c.endpoint()
	}
	l := c.Layers[best]
	out := fmt.Sprintf(t("%s of it is %s"), show.Share(min(l.Share, 1)), t(l.Name))
	if l.Name != "database" {
		what = c.endpoint()
	}
	if what != "" {
		out += ": " + what
	}
	return out
}

// query names the class of statements that contributed most to the change; empty when none stands out.
func (c *Comparison) query() string {
	if len(c.Queries) == 0 {
		return ""
	}
	q := &c.Queries[0]
	if !(q.Share >= leastNamed) || (q.Delta > 0) != (c.TimeTrend == compare.Up) {
		return ""
	}
	return how(c.Options.Lang, "query", q.ID+c.on(q), &q.Change)
}

// on names the tables of a class, as " on orders"; empty when they are not known.
func (c *Comparison) on(q *compare.Query) string {
	tables := c.After.Workload.TablesOf[q.Fingerprint]
	if len(tables) == 0 {
		tables = c.Before.Workload.TablesOf[q.Fingerprint]
	}
	if len(tables) == 0 {
		return ""
	}
	names := make([]string, 0, 3)
	for _, table := range tables[:min(len(tables), 3)] {
		_, name, ok := strings.Cut(table, ".")
		if !ok {
			name = table
		}
		names = append(names, name)
	}
	return " " + Word(c.Options.Lang, "on") + " " + strings.Join(names, ", ")
}

func (c *Comparison) endpoint() string {
	for i := range c.Endpoints {
		e := &c.Endpoints[i]
		if (e.Key.Role == "app") != (c.Measure == "application time") {
			continue
		}
		if !(e.Share >= leastNamed) || (e.Delta > 0) != (c.TimeTrend == compare.Up) {
			return ""
		}
		return how(c.Options.Lang, "endpoint", strings.TrimSpace(e.Key.Method+" "+e.Key.Route), &e.Change)
	}
	return ""
}

// how names a class or endpoint and, where it is not that it is slower, what became of it.
func how(lang, kind, name string, c *compare.Change) string {
	t := func(s string) string { return Word(lang, s) }
	out := t(kind) + " " + name
	switch c.State {
	case compare.New, compare.Gone, compare.Unsure:
		out += " (" + t(string(c.State)) + ")"
	case compare.More, compare.Fewer:
		out += " (" + t(string(c.State)) + times(c.After.Rate()/c.Before.Rate(), ", ", "") + ")"
	}
	return out
}

// Sure says how sure the outcome is, and why.
func (c *Comparison) Sure() string {
	t := func(s string) string { return Word(c.Options.Lang, s) }
	switch s := c.Sigmas(); {
	case c.Outcome == compare.Incomparable:
		return ""
	case c.Outcome == compare.Unchanged:
		if v := c.Visible(); !math.IsNaN(v) {
			return fmt.Sprintf(t("a change of %s or more would have been seen"), show.Share(v))
		}
		return ""
	case math.IsNaN(s):
		return t("LOW") + ": " + t("of this no noise is known")
	default:
		word := "MEDIUM"
		if s >= 6 && c.shortest() >= shortWindow {
			word = "HIGH"
		}
		return t(word) + ": " + fmt.Sprintf(t("%s standard errors from no change, where 3 may be chance"), show.Short(s))
	}
}

// shortWindow is the least number of seconds that both sides are to last: what comes and goes each minute
// is in both then.
const shortWindow = 60

func (c *Comparison) shortest() float64 {
	return math.Min(c.Comparison.Before.Seconds, c.Comparison.After.Seconds)
}

// Notes say what the reader of a comparison must know of it.
func (c *Comparison) Notes() []string {
	t := func(s string) string { return Word(c.Options.Lang, s) }
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(t(format), args...)) }
	b, a := c.Comparison.Before, c.Comparison.After
	if c.empty() {
		for _, r := range []*Report{c.Before, c.After} {
			if r.Emptied != "" {
				out = append(out, r.Emptied)
			}
		}
		return out
	}
	if m := c.SameMix; m.Known {
		raw := compare.TrendOf(c.Mean[0], c.Mean[1])
		if f := compare.Factor(c.Mean[0], c.Mean[1]); c.TimeTrend == raw && raw != compare.Same && math.Abs(math.Log(f/m.Value)) > math.Ln2/2 && !c.otherCause() {
			add("What both sides have takes x%s as long; the rest of the change of the mean is that other things are asked for.", show.Short(m.Value))
		}
	}
	for _, f := range c.Figures {
		if f.Trend != compare.Up {
			continue
		}
		switch grown := compare.Factor(f.Before, f.After); {
		case f.Name == "statements at once" && c.TimeTrend != compare.Up && c.Measure != "statement time" && !(grown < c.LoadFactor*compare.LeastFactor):
			add("The database works more all the same: from %s to %s statements at once%s.", show.Short(f.Before.Value), show.Short(f.After.Value), times(grown, " (", ")"))
		case f.Group == compare.Host && f.After.Value >= saturated[f.Name] && saturated[f.Name] > 0:
			add("The host of AFTER is short: %s %s, before %s. Every layer on it may wait for that.", t(f.Name), Estimated(f.After, f.Unit), Estimated(f.Before, f.Unit))
		}
	}
	for _, r := range []*Report{c.Before, c.After} {
		if r.busierThanWaited(r.Attribution.Whole) && len(c.Layers) > 0 {
			add("Statements took more time than requests waited for: some serve other programs.")
			break
		}
	}
	if both, ok := c.OtherThreshold(); ok {
		add("The shortest statements take %s and %s: with --min-time %s both sides count alike.", show.Duration(b.Shortest*1e6), show.Duration(a.Shortest*1e6), plainDuration(both))
	}
	if b.RateLimit != a.RateLimit && b.Statements > 0 && a.Statements > 0 {
		add("The slow logs hold one statement in %s and in %s: numbers of calls do not compare.", show.Count(max(b.RateLimit, 1)), show.Count(max(a.RateLimit, 1)))
	}
	for _, kind := range []struct {
		name string
		b, a int64
	}{{"access log", b.Requests, a.Requests}, {"application log", b.AppRequests, a.AppRequests}, {"slow log", b.Statements, a.Statements}} {
		if (kind.b < 0) != (kind.a < 0) {
			missing := "BEFORE"
			if kind.a < 0 {
				missing = "AFTER"
			}
			add("%s has no %s of its time: what it tells is left out.", missing, t(kind.name))
		}
	}
	if b.Window.From != collectors.NoTime && a.Window.To != collectors.NoTime && b.Window.From >= a.Window.To {
		add("BEFORE is later than AFTER: were they swapped?")
	}
	for _, side := range []struct {
		name string
		r    *Report
	}{{"BEFORE", c.Before}, {"AFTER", c.After}} {
		if at := side.r.Attribution; at.Onset != 0 && at.Change != "" {
			add("%s is not all of one kind: it changes at %s UTC (%s). To compare what is there before and since: --split %s", side.name, show.Clock(at.Onset), t(at.Change), strings.Replace(show.Instant(at.Onset*1e6), " ", "T", 1)+"Z")
		}
	}
	if s := c.shortest(); s < shortWindow && c.Outcome != compare.Incomparable {
		add("One side is %s long: what comes and goes each minute may look like a change.", show.Duration(s*1e6))
	}
	return out
}

// saturated says from which share on a figure of a host is worth a note; guesses of ours.
var saturated = map[string]float64{"processors used": 0.9, "waiting for I/O (PSI some)": 0.3, "waiting for I/O (iowait)": 0.3}

func plainDuration(seconds float64) string {
	return show.Exact(math.Ceil(seconds*1e3)) + "ms"
}

// Unknown says what the sides do not tell.
func (c *Comparison) Unknown() []string {
	t := func(s string) string { return Word(c.Options.Lang, s) }
	var out []string
	if c.empty() {
		return nil
	}
	if len(c.Layers) == 0 {
		out = append(out, t("Which layer: no access log with durations and upstream times on both sides."))
	} else if slices.ContainsFunc(c.Layers, func(l compare.Layer) bool { return l.Name == appAndBelow }) {
		out = append(out, t("Application or database: no slow log of the same time on both sides."))
	}
	both := func(f compare.Figure) bool { return f.Group == compare.Host && f.Before.Known && f.After.Known }
	if !slices.ContainsFunc(c.Figures, both) {
		out = append(out, t("The host: no recording of it on both sides."))
	}
	if !c.Before.Settings || !c.After.Settings {
		out = append(out, t("Settings: no variables of the server on both sides."))
	}
	return out
}

// partOf shows a share of a change, which may be negative.
func partOf(share float64) string {
	switch {
	case math.IsNaN(share):
		return show.NoValue
	case share < 0:
		return "-" + show.Share(-share)
	}
	return show.Share(share)
}

// shownQueries are the classes that a person is shown: sure changes and large ones.
func (c *Comparison) shownQueries(usual int) []*compare.Query {
	return shownOf(c.Queries, func(q *compare.Query) *compare.Change { return &q.Change }, c.Options.Top, usual)
}

func (c *Comparison) shownEndpoints(usual int) []*compare.Endpoint {
	return shownOf(c.Endpoints, func(e *compare.Endpoint) *compare.Change { return &e.Change }, c.Options.Top, usual)
}

// leastShown is the least part of all changes that is shown of what may be noise, leastSure that of what is
// none. What is new or gone is shown whatever its size: who deployed wants to see it.
const (
	leastShown = 0.05
	leastSure  = 0.01
)

func shownOf[T any](all []T, of func(*T) *compare.Change, asked, usual int) []*T {
	var gross float64
	for i := range all {
		gross += math.Abs(of(&all[i]).Delta)
	}
	var out []*T
	for i := range all {
		c := of(&all[i])
		size := math.Abs(c.Delta)
		appeared := c.State == compare.New || c.State == compare.Gone
		if appeared || c.Changed() && max(size, math.Abs(c.ByTime), math.Abs(c.ByCalls)) >= leastSure*gross || size >= leastShown*gross && size > 0 {
			out = append(out, &all[i])
		}
	}
	return top(out, asked, usual)
}

// rest says what is not shown of a list: how many, and what they contribute together.
func rest[T any](lang string, all []T, shown []*T, of func(*T) *compare.Change) string {
	if len(all) == len(shown) {
		return ""
	}
	var sum float64
	for i := range all {
		sum += of(&all[i]).Delta
	}
	for _, s := range shown {
		sum -= of(s).Delta
	}
	if math.Abs(sum) < 1e-9 { // what is left of adding up
		sum = 0
	}
	text := "%s more, unchanged, small or too few to say: %s together"
	if len(shown) == 0 {
		text = "%s in all: unchanged, small or too few to say, %s together"
	}
	return fmt.Sprintf(Word(lang, text), show.Count(int64(len(all)-len(shown))), perSecond(sum))
}

// perSecond shows seconds each second with their sign, as "+978ms/s".
func perSecond(s float64) string {
	return signed(s) + "/s"
}

func signed(s float64) string {
	switch {
	case math.IsNaN(s):
		return show.NoValue
	case s < 0:
		return "-" + show.Duration(-s*1e6)
	case s == 0:
		return "0ms"
	}
	return "+" + show.Duration(s*1e6)
}

// tally says how many changes there are of each state, as "1 slower, 2 new".
func tally[T any](lang string, all []T, of func(*T) *compare.Change) string {
	var out []string
	for _, state := range []compare.State{compare.New, compare.Gone, compare.Slower, compare.Faster, compare.More, compare.Fewer} {
		n := 0
		for i := range all {
			if of(&all[i]).State == state {
				n++
			}
		}
		if n > 0 {
			out = append(out, show.Count(int64(n))+" "+Word(lang, string(state)))
		}
	}
	if len(out) == 0 {
		return Word(lang, "none changed beyond noise")
	}
	return strings.Join(out, ", ")
}

func queryChange(q *compare.Query) *compare.Change       { return &q.Change }
func endpointChange(e *compare.Endpoint) *compare.Change { return &e.Change }

// sideLine says what a side is: its window, its numbers and its own verdict.
func (c *Comparison) sideLine(r *Report, p compare.Part) string {
	t := func(s string) string { return Word(c.Options.Lang, s) }
	out := show.NoValue
	if !math.IsNaN(p.Seconds) {
		out = show.Span(p.Window.From, p.Window.To, " – ") + " UTC (" + show.Duration(p.Seconds*1e6) + ")"
	}
	for _, n := range []struct {
		n    int64
		name string
	}{{p.Requests, "requests"}, {p.AppRequests, "application requests"}, {p.Statements, "statements"}} {
		if n.n >= 0 {
			out += ", " + show.Count(n.n) + " " + t(n.name)
		}
	}
	return out + ". " + r.Headline(c.Options.Lang)
}

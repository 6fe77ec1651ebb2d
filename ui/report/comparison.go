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
			return g.Rule == f.Rule && (g.Server == "" || g.Server == f.Server) && (g.Subject.ID == "" || g.Subject.ID == f.Subject.ID)
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

// leastNamed is the least share of a change that its largest part must have to be named as its cause.
const leastNamed = 0.3

// shortWindow is the least number of seconds that both sides are to last: what comes and goes each minute
// is in both then.
const shortWindow = 60

// saturated says from which share on a figure of a host is worth a note; guesses of ours.
var saturated = map[string]float64{"processors used": 0.9, "waiting for I/O (PSI some)": 0.3, "waiting for I/O (iowait)": 0.3}

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

package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"dbtriage/analyzers/compare"
	"dbtriage/collectors"
	"dbtriage/ui/show"
)

// A comparison in sentences.

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
			s += ", " + t("because the mix of requests changed")
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
			add("What both sides have takes x%s as long; the rest of the change in the mean is due to a different mix of requests.", show.Short(m.Value))
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

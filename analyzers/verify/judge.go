package verify

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"dbtriage/collectors"
	"dbtriage/collectors/mysql/scratch"
)

// What makes a verdict. An index must save this share of the work of the statements that it is for, and no other
// class may do that much more; both are those of the verify ladder of the index advisor. Work within slack, for
// each statement, is no harm: a few pages more of a statement that takes three are nothing that anyone feels. (A
// guess.) Half of the time of the statements that an index is for must have been measured, and a copy of fewer
// rows than minRows says nothing: it is read whole as quickly. (Both guesses.)
const (
	LeastGain   = 0.30
	MostHarm    = 0.10
	slack       = 100
	leastShare  = 0.5
	minRows     = 1_000
	rowsPerPage = 5
)

// A Verdict is what is to say of an index.
type Verdict string

// The verdicts.
const (
	Verified  Verdict = "verified"
	Rejected  Verdict = "rejected"
	Undecided Verdict = "undecided"
)

// A Run is what one sample took; Why says why it is not known.
type Run struct {
	scratch.Measurement
	Why string
}

// A Trial is all samples of a class, in the order of Class.Samples, before or after an index.
type Trial struct {
	Class *Class
	Runs  []Run
}

// Work is what a run takes, in units of reading one row in order. A page that is looked at costs as much as five
// rows: on MariaDB 10.11, all in memory, a scan took 0.155 µs a row, and a row found by a secondary index, with
// three pages, 2.3 µs. Pages alone would call a scan of 400 rows a page cheaper than the index that finds 200 of
// them. On a cold disk a page costs far more. Without a count of pages the rows are all that is known.
func Work(m *scratch.Measurement, pages bool) float64 {
	w := float64(m.Rows)
	if pages {
		w += rowsPerPage * float64(m.Pages)
	}
	return w
}

// A ClassResult is what an index does to a class: sums over the samples measured both before and after it.
type ClassResult struct {
	Class *Class
	// For says that the index is for this class, which its verdict rests on.
	For      bool
	Samples  int // measured both times
	Uses     int // of these, those whose plan reads the index
	Rows     [2]int64
	Pages    [2]int64 // collectors.Unknown where the server does not count them
	Work     [2]float64
	Keys     [2][]string // how the table of the index was read: index names, or the kind of access without one
	Worse    bool
	Unheard  map[string]int // why others were not measured, with their number
	NotTried string         // why none was
}

// Ratio is the work after the index as a share of that before; NaN where none was measured.
func (c *ClassResult) Ratio() float64 {
	if c.Samples == 0 {
		return math.NaN()
	}
	return (c.Work[1] + 1) / (c.Work[0] + 1) // what takes nothing stays as it is
}

// A Result is the verdict on one index.
type Result struct {
	*Candidate
	Verdict Verdict
	Why     string
	// Gain is the share of the work of the classes it is for that it saves, weighted by their time in the log;
	// NaN when not known. Measured is how much of that time was measured.
	Gain, Measured float64
	Classes        []ClassResult

	Copy     scratch.Copied
	Built    scratch.Built
	WasBuilt bool
}

// Scale is how many times as many rows the table has as its copy; NaN when not known.
func (r *Result) Scale() float64 {
	if r.Copy.Rows <= 0 || r.Copy.Of <= 0 {
		return math.NaN()
	}
	return float64(r.Copy.Of) / float64(r.Copy.Rows)
}

// Judge weighs what was measured before and after an index; after holds the classes that touch its table. A why
// that is not empty says why the index was not made.
func Judge(c *Candidate, before map[*Class]Trial, after []Trial, copied scratch.Copied, built *scratch.Built, why string) Result {
	r := Result{Candidate: c, Verdict: Undecided, Gain: math.NaN(), Measured: math.NaN(), Copy: copied}
	if built != nil {
		r.Built, r.WasBuilt = *built, true
	}
	for _, t := range after {
		r.Classes = append(r.Classes, compareTrials(c, before[t.Class], t))
	}
	r.choose()
	slices.SortStableFunc(r.Classes, func(a, b ClassResult) int {
		switch {
		case a.For && !b.For:
			return -1
		case b.For && !a.For:
			return 1
		}
		return cmp.Compare(b.Class.TimeUS, a.Class.TimeUS)
	})
	switch {
	case why != "":
		r.Why = why
		return r
	case copied.Rows < minRows:
		r.Why = fmt.Sprintf("the copy has only %d rows: reading them all is as quick", copied.Rows)
		return r
	}
	r.weigh()
	return r
}

// compareTrials adds up the samples that were measured both times.
func compareTrials(c *Candidate, before, after Trial) ClassResult {
	out := ClassResult{Class: after.Class, Unheard: map[string]int{}, NotTried: after.Class.Why}
	pages := true
	var both [][2]*scratch.Measurement
	for i := range after.Runs {
		b, a := &before.Runs[i], &after.Runs[i]
		switch {
		case b.Why != "":
			out.Unheard[b.Why]++
		case a.Why != "":
			out.Unheard[a.Why+" with the index"]++
		default:
			both = append(both, [2]*scratch.Measurement{&b.Measurement, &a.Measurement})
			pages = pages && b.Pages != collectors.Unknown && a.Pages != collectors.Unknown
		}
	}
	out.Samples = len(both)
	if !pages || len(both) == 0 {
		out.Pages = [2]int64{collectors.Unknown, collectors.Unknown}
	}
	for _, pair := range both {
		for side, m := range pair {
			out.Rows[side] += m.Rows
			out.Work[side] += Work(m, pages)
			if pages {
				out.Pages[side] += m.Pages
			}
			for _, a := range m.Plan {
				out.Keys[side] = appendKeys(out.Keys[side], c, &a)
			}
		}
		if slices.ContainsFunc(pair[1].Plan, func(a scratch.Access) bool { return a.Uses(c.Index.Name) }) {
			out.Uses++
		}
	}
	more := out.Work[1] - out.Work[0]
	out.Worse = out.Work[1] > (1+MostHarm)*out.Work[0] && more > slack*float64(out.Samples)
	return out
}

// appendKeys adds how a plan reads a table, each way once.
func appendKeys(keys []string, c *Candidate, a *scratch.Access) []string {
	ways := a.Keys
	if len(ways) == 0 && a.Kind != "" {
		ways = []string{"no index (" + a.Kind + ")"}
	}
	for _, k := range ways {
		if !slices.Contains(keys, k) && len(keys) < 8 {
			keys = append(keys, k)
		}
	}
	return keys
}

// choose says which classes the index is for: those that it was derived from, or that use it.
func (r *Result) choose() {
	for i := range r.Classes {
		c := &r.Classes[i]
		c.For = slices.Contains(r.Candidate.Classes, c.Class.ID) || !r.Advised && c.Uses > 0
	}
}

func (r *Result) weigh() {
	var time, measured, saved, all, tested float64
	used := false
	var tried, worse []string
	for i := range r.Classes {
		c := &r.Classes[i]
		if c.Worse {
			worse = append(worse, c.Class.ID)
		}
		w := float64(max(c.Class.TimeUS, 1))
		if all += w; c.Samples > 0 {
			tried = append(tried, c.Class.ID)
			tested += w
		}
		if !c.For {
			continue
		}
		if time += w; c.Samples == 0 {
			continue
		}
		measured += w
		saved += w * (1 - c.Ratio())
		used = used || c.Uses > 0
	}
	switch {
	case len(r.Classes) == 0:
		r.Why = "no SELECT, UPDATE or DELETE of the log touches its table"
	case len(tried) == 0:
		r.Why = "no statement on its table could be measured: " + reasons(r.Classes)
	case time == 0 && tested/all < leastShare:
		r.Why = fmt.Sprintf("none of those measured uses it, and only %.0f %% of the time of the statements on its table could be measured: %s", 100*tested/all, reasons(r.Classes))
	case time == 0:
		r.Verdict, r.Why = Rejected, fmt.Sprintf("none of the %d classes on its table that were measured uses it", len(tried))
	case measured == 0:
		r.Why = "no statement that it is for could be measured: " + reasons(r.Classes)
	}
	if r.Why != "" {
		return
	}
	r.Measured, r.Gain = measured/time, saved/measured
	switch {
	case !used:
		r.Verdict, r.Why = Rejected, "the optimizer does not choose it for the statements that it is for"
	case len(worse) > 0:
		r.Verdict, r.Why = Rejected, fmt.Sprintf("with it class %s takes more than %.0f %% more", strings.Join(worse, ", "), 100*MostHarm)
	case r.Measured < leastShare:
		r.Why = fmt.Sprintf("only %.0f %% of the time of the statements that it is for could be measured: %s", 100*r.Measured, reasons(r.Classes))
	case r.Gain < LeastGain:
		r.Verdict, r.Why = Rejected, fmt.Sprintf("it saves %.0f %% of the work, less than %.0f %%", math.Floor(100*max(r.Gain, 0)), 100*LeastGain)
	default:
		r.Verdict, r.Why = Verified, fmt.Sprintf("the optimizer chooses it and it saves %.0f %% of the work", math.Floor(100*r.Gain))
		if r.morePages() {
			r.Why += "; it reads fewer rows from more pages, which is slower where they are not in memory"
		}
	}
}

// morePages reports whether the statements that the index is for look at more pages with it.
func (r *Result) morePages() bool {
	var sum [2]int64
	for i := range r.Classes {
		if c := &r.Classes[i]; c.For && c.Samples > 0 && c.Pages[0] != collectors.Unknown {
			sum[0] += c.Pages[0]
			sum[1] += c.Pages[1]
		}
	}
	return sum[1] > sum[0]
}

// reasons says why samples were not measured, with their numbers; those of classes that the index is for.
func reasons(classes []ClassResult) string {
	count := map[string]int{}
	some := slices.ContainsFunc(classes, func(c ClassResult) bool { return c.For })
	for i := range classes {
		c := &classes[i]
		if some && !c.For {
			continue
		}
		if c.NotTried != "" {
			count[c.NotTried]++
		}
		for why, n := range c.Unheard {
			count[why] += n
		}
	}
	var out []string
	for why, n := range count {
		out = append(out, fmt.Sprintf("%s (%d)", why, n))
	}
	slices.Sort(out)
	if len(out) == 0 {
		return "nothing was"
	}
	return strings.Join(out, "; ")
}

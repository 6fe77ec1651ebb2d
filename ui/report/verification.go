package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"dbtriage/analyzers/verify"
	"dbtriage/collectors"
	"dbtriage/collectors/mysql/scratch"
	"dbtriage/ui/show"
)

// A Verification is what was found out of indexes on a copy of some data.
type Verification struct {
	Version      string // of the program that wrote it
	Server       string // its address
	From         string // address of the server that the rows were read from; empty where that is the same
	Engine       string // version of the server with the tables
	Scratch      string // the schema that held the copy
	Rows         int64  // copied of one table at most
	StatementUS  int64  // the time limit of a measured statement
	TookUS       int64  // from the first copy until the schema was dropped
	Sources      []collectors.Source
	Results      []verify.Result
	Tables       []scratch.Copied
	Beyond       int   // classes that touch the tables and were not measured
	Unread       int64 // statements that no parser understood
	Notes        []string
	ShowLiterals bool // --samples: the statements that were measured, with their literals
}

// VerificationFormats is the table of formats of a verification, the default first.
var VerificationFormats = []VerificationFormat{
	{"text", WriteVerificationText},
	{"markdown", WriteVerificationMarkdown},
	{"json", WriteVerificationJSON},
}

// A VerificationFormat writes a verification.
type VerificationFormat struct {
	Name  string
	Write func(io.Writer, *Verification, Style) error
}

// VerificationNamed returns the format of that name.
func VerificationNamed(name string) (VerificationFormat, bool) {
	for _, f := range VerificationFormats {
		if f.Name == name {
			return f, true
		}
	}
	return VerificationFormat{}, false
}

// Count returns how many indexes have a verdict.
func (v *Verification) Count(of verify.Verdict) (n int) {
	for i := range v.Results {
		if v.Results[i].Verdict == of {
			n++
		}
	}
	return n
}

// summary says in a sentence what came of the indexes.
func (v *Verification) summary() string {
	if len(v.Results) == 0 {
		return "no index to verify: none is advised for these statements"
	}
	var parts []string
	for _, of := range []verify.Verdict{verify.Verified, verify.Rejected, verify.Undecided} {
		if n := v.Count(of); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, of))
		}
	}
	noun := "index"
	if len(v.Results) > 1 {
		noun = "indexes"
	}
	return fmt.Sprintf("%s of %d %s", strings.Join(parts, ", "), len(v.Results), noun)
}

// about says where and on how much it was measured.
func (v *Verification) about() string {
	from := ""
	if v.From != "" {
		from = " with rows of " + v.From
	}
	return fmt.Sprintf("%s%s (%s), schema %s, at most %s rows a table, dropped after %s", v.Server, from, v.Engine, v.Scratch, show.Count(v.Rows), show.Duration(float64(v.TookUS)))
}

// notes are what the reader must know beside the verdicts.
func (v *Verification) notes() []string {
	out := slices.Clone(v.Notes)
	if v.Unread > 0 {
		out = append(out, fmt.Sprintf("%s statements were not understood: whether they touch the tables is not known.", show.Count(v.Unread)))
	}
	if v.Beyond > 0 {
		out = append(out, fmt.Sprintf("%d more classes touch the tables and were not measured: they take less time than those that were.", v.Beyond))
	}
	return out
}

var ways = map[scratch.Way]string{scratch.Whole: "the whole table", scratch.Strided: "runs from all over its key",
	scratch.Partners: "rows that the others refer to", scratch.First: "the first ones, which may differ from the rest"}

// copyText says what was copied of a table.
func copyText(c scratch.Copied) string {
	switch {
	case c.Refused != "":
		return "not copied: " + c.Refused
	case c.Way == scratch.Whole:
		return fmt.Sprintf("%s rows, %s", show.Count(c.Rows), ways[c.Way])
	}
	return fmt.Sprintf("%s of about %s rows: %s", show.Count(c.Rows), show.Count(c.Of), ways[c.Way])
}

// costText says what the index takes, on the copy and by proportion on the whole table.
func costText(r *verify.Result) string {
	if !r.WasBuilt {
		return ""
	}
	size := "its size is not known"
	if r.Built.Bytes >= 0 {
		size = show.Size(r.Built.Bytes)
	}
	out := fmt.Sprintf("%s, built in %s on %s rows", size, show.Duration(float64(r.Built.Took.Microseconds())), show.Count(r.Copy.Rows))
	if scale := r.Scale(); scale > 1 {
		out += fmt.Sprintf("; by proportion %s and %s on about %s (scaled, not measured)", show.Size(int64(float64(max(r.Built.Bytes, 0))*scale)),
			show.Duration(float64(r.Built.Took.Microseconds())*scale), show.Count(r.Copy.Of))
	}
	return out
}

// writesText says which logged statements would have to maintain the index.
func writesText(w verify.Writes) string {
	if w == (verify.Writes{}) {
		return "no logged statement would have to maintain it"
	}
	return fmt.Sprintf("%s logged statements would have to maintain it: %s INSERT, %s UPDATE of its columns, %s DELETE",
		show.Count(w.Inserts+w.Updates+w.Deletes), show.Count(w.Inserts), show.Count(w.Updates), show.Count(w.Deletes))
}

// unmeasured says why samples of a class were not measured; empty when all were.
func unmeasured(c *verify.ClassResult) string {
	if c.NotTried != "" {
		return "not measured: " + c.NotTried
	}
	var parts []string
	for why, n := range c.Unheard {
		parts = append(parts, fmt.Sprintf("%s (%d)", why, n))
	}
	slices.Sort(parts)
	if len(parts) == 0 {
		return ""
	}
	return "not measured: " + strings.Join(parts, "; ")
}

func keysText(keys []string) string { return cmp.Or(strings.Join(keys, ", "), show.NoValue) }

// eachText says how much a statement takes of n: the mean of the samples.
func eachText(n int64, samples int) string {
	if n < 0 || samples == 0 {
		return show.NoValue
	}
	return show.Short(float64(n) / float64(samples))
}

// workNote says what the column of work holds.
const workNote = "Pages and rows are of one statement, the mean of its samples, without → with the index. Work is rows + 5 × pages with the index over that without: what both cost in memory; on a cold disk a page costs more."

// changeText says how the work of a class changes.
func changeText(c *verify.ClassResult) string {
	r := c.Ratio()
	switch {
	case math.IsNaN(r):
		return show.NoValue
	case r >= 0.995 && r < 1.005:
		return "same"
	case r < 0.01:
		return "<x0.01"
	}
	return "x" + show.Short(r)
}

// inLog says how often the class is in the log and what that took.
func inLog(c *verify.ClassResult) string {
	noun := " calls"
	if c.Class.Calls == 1 {
		noun = " call"
	}
	return show.Count(c.Class.Calls) + noun + ", " + show.Duration(float64(c.Class.TimeUS))
}

// role says what the class is to the index.
func role(c *verify.ClassResult) string {
	switch {
	case c.Worse:
		return "worse"
	case c.For:
		return "for it"
	}
	return "beside"
}

func verdictColour(v verify.Verdict) colour {
	switch v {
	case verify.Verified:
		return good
	case verify.Rejected:
		return bad
	}
	return warn
}

// columnsText lists the columns of an index.
func columnsText(r *verify.Result) string {
	var names []string
	for _, c := range r.Index.Columns {
		name := c.Name
		if c.Prefix > 0 {
			name += fmt.Sprintf("(%d)", c.Prefix)
		}
		if c.Desc {
			name += " DESC"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

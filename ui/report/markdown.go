package report

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"slices"
	"strconv"
	"strings"

	"dbtriage/rules"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// markdownRows is how many rows of each list a Markdown report shows by itself.
const markdownRows = 20

// openFindings is how many findings show their evidence without being unfolded.
const openFindings = 5

// A doc writes Markdown. Each block writes the empty line that parts it from the next one.
type doc struct {
	w     *bufio.Writer
	r     *Report
	ascii bool
	err   error
	// raw writes an element of a page in HTML; nil in Markdown.
	raw func(element string)
}

// WriteMarkdown writes the report for a ticket. All text from logs is in code spans and fences that
// it cannot leave, or escaped.
func WriteMarkdown(w io.Writer, r *Report, style Style) error {
	d := &doc{w: bufio.NewWriter(w), r: r, ascii: style.ASCII}
	d.all()
	if err := d.w.Flush(); d.err == nil {
		d.err = err
	}
	return d.err
}

// all writes the whole report.
func (d *doc) all() {
	d.write("# " + d.word("Diagnosis") + ": " + d.text(d.r.Headline(d.r.Options.Lang)) + "\n")
	d.verdict()
	d.division()
	d.next()
	d.curves()
	d.findings()
	d.queries()
	d.endpoints()
	d.peers()
	d.workload()
	d.sources()
	d.gaps()
}

func (d *doc) write(s string) {
	if _, err := d.w.WriteString(s); err != nil && d.err == nil {
		d.err = err
	}
}

func (d *doc) word(en string) string   { return Word(d.r.Options.Lang, en) }
func (d *doc) phrase(en string) string { return Phrase(d.r.Options.Lang, en) }

// text, code and span are the ways for a string to get into the document: prose, and what stands in a code
// span of a table or elsewhere.
func (d *doc) text(s string) string {
	return mdText(s, d.ascii && !strings.HasPrefix(d.r.Options.Lang, "zh"))
}
func (d *doc) code(s string) string { return mdCode(s, d.ascii) }
func (d *doc) span(s string) string { return mdSpan(s, d.ascii) }

func (d *doc) heading(level int, text string) {
	d.write("\n" + strings.Repeat("#", level) + " " + text + "\n")
}

func (d *doc) para(text string) {
	if text != "" {
		d.write("\n" + text + "\n")
	}
}

// list writes items; an empty list writes nothing.
func (d *doc) list(items []string) {
	if len(items) == 0 {
		return
	}
	d.write("\n")
	for _, s := range items {
		d.write("- " + s + "\n")
	}
}

// table writes rows under a head; a head that begins with > is a column of numbers.
func (d *doc) table(head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	names, marks := make([]string, len(head)), make([]string, len(head))
	for i, h := range head {
		name, numbers := strings.CutPrefix(h, ">")
		names[i], marks[i] = d.word(name), "---"
		if numbers {
			marks[i] = "---:"
		}
	}
	d.write("\n| " + strings.Join(names, " | ") + " |\n| " + strings.Join(marks, " | ") + " |\n")
	for _, row := range rows {
		for i, cell := range row {
			if cell == "" {
				row[i] = " "
			}
		}
		d.write("| " + strings.Join(row, " | ") + " |\n")
	}
}

// folded writes what inside writes under a line that opens it.
func (d *doc) folded(summary string, inside func()) {
	if d.raw != nil {
		d.raw("<details>\n<summary>" + html.EscapeString(summary) + "</summary>")
		inside()
		d.raw("</details>")
		return
	}
	d.write("\n<details>\n<summary>" + summary + "</summary>\n")
	inside()
	d.write("\n</details>\n")
}

func (d *doc) verdict() {
	v := d.r.Verdict
	rows := [][]string{{d.word("Confidence"), sure(d.r.Options.Lang, v.Confidence)}}
	if s := d.r.Since(d.r.Options.Lang); s != "" {
		rows = append(rows, []string{d.word("Since"), d.text(s)})
	}
	if text := d.r.overrides(d.r.Options.Lang); text != "" {
		rows = append(rows, []string{d.word("Rules"), d.text(text)})
	}
	if len(v.Candidates) > 1 && v.Outcome() != rules.Healthy {
		rows = append(rows, []string{d.word("Suspects"), d.text(strings.Join(d.r.Suspects(d.r.Options.Lang), ", "))})
	}
	if v.Summary != "" {
		d.para("**" + d.text(v.Summary) + "**")
	}
	d.write("\n")
	for _, r := range rows {
		d.write("- " + r[0] + ": " + r[1] + "\n")
	}
	for _, o := range v.RuledOut {
		d.write("- " + d.word("Ruled out") + ": " + d.word(string(o.Layer)) + ": " + d.text(o.Why) + "\n")
	}
	for _, u := range v.Unknown {
		d.write("- " + d.word("Unknown") + ": " + d.text(u) + "\n")
	}
}

func (d *doc) division() {
	r, now := d.r, d.r.Now()
	d.heading(2, d.word("Where request time goes"))
	parts := r.Divide(now)
	if parts == nil {
		for _, s := range r.Undivided(r.Options.Lang) {
			d.para(d.text(s))
		}
		return
	}
	base := r.Attribution.Baseline
	var before []Part
	head := []string{"layer", ">now", ">per request", " "}
	if r.HasBaseline() {
		before = r.Divide(base)
		head = []string{"layer", ">before", ">now", ">per request", " "}
		d.para(d.word("before") + " " + show.Clock(base.From) + "–" + show.Clock(base.To) + ", " + d.word("now") + " " + show.Clock(now.From) + "–" + show.Clock(now.To) + " UTC")
	}
	var rows [][]string
	for _, q := range parts {
		name, shareNow, each, long := d.word(q.Name), show.NoValue, show.NoValue, 0.0
		if q.Layer != "" && q.Layer == r.Verdict.Layer {
			name = "**" + name + "**"
		}
		if s, ok := ratio(q.US, WholeOf(parts, now)); ok {
			shareNow, long, each = show.Share(s), s, show.Duration(float64(q.US)/float64(now.Requests))
		}
		row := []string{name}
		if before != nil {
			was := show.NoValue
			if b, ok := find(before, q.Name); ok {
				s, _ := ratio(b.US, WholeOf(before, base))
				was, each = show.Share(s), show.Duration(float64(b.US)/float64(base.Requests))+" → "+each
			}
			row = append(row, was)
		}
		rows = append(rows, append(row, d.text(shareNow), each, widget.Bar(long, 20, d.ascii)))
	}
	d.table(head, rows)
	if r.busierThanWaited(now) {
		d.para(d.word("Statements took more time than requests waited for: some serve other programs."))
	}
}

func (d *doc) next() {
	d.heading(2, d.word("Do next"))
	var items []string
	for _, f := range d.r.ToDo() {
		a, _ := FirstAdvice(f)
		items = append(items, d.text(a.Do)+" ("+d.text(f.Title)+")")
	}
	if len(items) > 0 {
		d.list(items)
		return
	}
	say, more := d.r.idle(d.r.Options.Lang)
	d.para(say)
	for _, m := range more {
		items = append(items, d.text(m))
	}
	d.list(items)
}

func (d *doc) curves() {
	if d.raw != nil {
		d.charts()
		return
	}
	curves, s := d.r.drawn(d.ascii, sparkCells)
	if len(curves) == 0 {
		return
	}
	const name = 16
	d.heading(2, d.word("Over time"))
	var b strings.Builder
	for _, c := range curves {
		fmt.Fprintf(&b, "%s%s %s %s\n", show.Left(d.word(c.name), name), show.Left(c.spark, sparkCells), d.word("peak"), c.peak)
	}
	if k := d.r.onsetAt(s, sparkCells); k >= 0 {
		b.WriteString(strings.Repeat(" ", name+k) + "^ " + d.word("onset") + " " + show.Clock(d.r.Attribution.Onset) + "\n")
	}
	fmt.Fprintf(&b, "%s UTC, %s %s", show.Instant(s.Start*1e6), d.word("one cell is"), show.Duration(float64(s.Width*1e6)))
	d.write("\n" + mdFence("text", b.String(), d.ascii && !strings.HasPrefix(d.r.Options.Lang, "zh")))
}

func (d *doc) findings() {
	d.heading(2, d.word("Findings"))
	if len(d.r.Findings) == 0 {
		d.para(d.word("No rule found anything."))
		return
	}
	shown := top(d.r.Findings, d.r.Options.Top, markdownRows)
	var rows [][]string
	for i, f := range shown {
		confidence := sure(d.r.Options.Lang, f.Confidence)
		if f.Provisional {
			confidence += ", " + d.word("provisional")
		}
		rows = append(rows, []string{strconv.Itoa(i + 1), d.word(string(f.Severity)), d.text(f.Title), d.code(f.Rule), d.word(string(f.Layer)), confidence})
	}
	d.table([]string{">#", "severity", "finding", "rule", "layer", "confidence"}, rows)
	if left := len(d.r.Findings) - len(shown); left > 0 {
		d.para("\\+" + strconv.Itoa(left) + " " + d.word("more; -f json lists all"))
	}
	open := top(shown, openFindings, 0)
	for i, f := range open {
		d.finding(i+1, f)
	}
	if rest := shown[len(open):]; len(rest) > 0 {
		d.folded(d.word("Evidence and advice of the other findings"), func() {
			for i, f := range rest {
				d.finding(len(open)+i+1, f)
			}
		})
	}
}

func (d *doc) finding(n int, f rules.Finding) {
	d.heading(3, strconv.Itoa(n)+". "+d.text(strings.TrimRight(f.Title, ".,;:!。")))
	if s := f.Subject; subjectLine(s, d.r.Options.Lang) != "" {
		line := d.text(d.word(s.Kind)) + " " + d.span(s.ID)
		if s.Label != "" && s.Label != s.ID {
			line += " " + d.span(s.Label)
		}
		d.para(line)
	}
	if len(f.BecauseOf) > 0 {
		ids := make([]string, len(f.BecauseOf))
		for i, id := range f.BecauseOf {
			ids[i] = d.span(id)
		}
		d.para(d.word("Because of") + " " + strings.Join(ids, ", "))
	}
	var rows [][]string
	for _, e := range f.Evidence {
		side := d.word("for")
		if !e.For {
			side = d.word("against")
		}
		limit := ""
		if e.Limit != nil {
			limit = measure(d.r.Options.Lang, e.Limit, e.Unit)
		}
		rows = append(rows, []string{side, d.text(e.What), d.text(measure(d.r.Options.Lang, e.Value, e.Unit)), d.text(limit), d.text(e.Window), d.code(d.phrase(e.Source))})
	}
	d.table([]string{"Evidence", "measure", ">value", ">limit", "window", "source"}, rows)
	for _, a := range f.Advice {
		items := []string{"**" + d.word("Do") + "**: " + d.text(a.Do)}
		for _, x := range []struct{ label, text string }{
			{"Held", a.Held}, {"Expect", a.Expect}, {"Risk", a.Risk}, {"Undo", a.Undo}, {"Verify", a.Verify},
		} {
			if x.text != "" {
				items = append(items, d.word(x.label)+": "+d.text(x.text))
			}
		}
		d.list(items)
		if len(f.Advice) > 1 && a.Do != f.Advice[len(f.Advice)-1].Do {
			d.para("---")
		}
	}
}

func (d *doc) gaps() {
	groups := d.r.GroupedGaps()
	if len(groups) == 0 {
		return
	}
	d.heading(2, d.word("Not judged"))
	var rows [][]string
	for _, g := range groups {
		ids := slices.Clone(g.Rules)
		for i := range ids {
			ids[i] = d.code(ids[i])
		}
		rows = append(rows, []string{d.text(phrases(d.r.Options.Lang, g.Missing)), d.text(g.Provide), strings.Join(ids, " ")})
	}
	d.table([]string{"Missing", "Provide", "Rules"}, rows)
}

// VerdictMarkdown is the verdict alone, for pasting into a conversation.
func VerdictMarkdown(r *Report) string {
	return inMarkdown(r, func(d *doc) {
		d.write("**" + d.text(r.Headline(r.Options.Lang)) + "**\n")
		d.verdict()
	})
}

// FindingMarkdown is one finding with its evidence and advice.
func FindingMarkdown(r *Report, n int, f rules.Finding) string {
	return inMarkdown(r, func(d *doc) { d.finding(n, f) })
}

func inMarkdown(r *Report, write func(d *doc)) string {
	var b strings.Builder
	d := &doc{w: bufio.NewWriter(&b), r: r}
	write(d)
	d.w.Flush()
	return strings.TrimSpace(b.String()) + "\n"
}

package report

import (
	"bufio"
	"io"
	"strings"

	"dbtriage/analyzers/compare"
	"dbtriage/ui/show"
)

// WriteComparisonMarkdown writes a comparison for a ticket. All text from logs is in code spans that it
// cannot leave, or escaped.
func WriteComparisonMarkdown(w io.Writer, c *Comparison, style Style) error {
	d := &doc{w: bufio.NewWriter(w), r: c.After, ascii: style.ASCII}
	d.comparison(c)
	if err := d.w.Flush(); d.err == nil {
		d.err = err
	}
	return d.err
}

func (d *doc) comparison(c *Comparison) {
	arrow := " → "
	if d.ascii {
		arrow = " -> "
	}
	d.write("# " + d.word("Comparison") + ": " + d.text(c.Summary(arrow)) + "\n")
	rows := [][]string{}
	if s := c.Sure(); s != "" {
		rows = append(rows, []string{d.word("How sure"), d.text(s)})
	}
	rows = append(rows, []string{"BEFORE", d.text(c.sideLine(c.Before, c.Comparison.Before))}, []string{"AFTER", d.text(c.sideLine(c.After, c.Comparison.After))})
	if unknown := c.Unknown(); len(unknown) > 0 {
		rows = append(rows, []string{d.word("Unknown"), d.text(strings.Join(unknown, " "))})
	}
	d.table([]string{"", ""}, rows)
	var notes []string
	for _, s := range c.Notes() {
		notes = append(notes, d.text(s))
	}
	d.list(notes)
	if c.empty() {
		return
	}
	d.layersChanged(c)
	d.figuresChanged(c)
	d.queriesChanged(c)
	d.endpointsChanged(c)
	d.settingsChanged(c)
	d.findingsChanged(c)
}

func (d *doc) layersChanged(c *Comparison) {
	if len(c.Layers) == 0 {
		return
	}
	d.heading(2, d.word("Layers, of each request"))
	var rows [][]string
	for _, l := range c.Layers {
		factor := ""
		if l.Before > 0 && l.After > 0 {
			factor = "x" + show.Short(l.After/l.Before)
		}
		rows = append(rows, []string{d.word(l.Name), show.Duration(l.Before * 1e6), show.Duration(l.After * 1e6), factor, d.text(signed(l.After - l.Before)), d.text(partOf(l.Share))})
	}
	d.table([]string{"layer", ">before", ">after", ">factor", ">change", ">of the change"}, rows)
}

func (d *doc) figuresChanged(c *Comparison) {
	if len(c.Figures) == 0 {
		return
	}
	d.heading(2, d.word("Figures"))
	var rows [][]string
	for _, f := range c.Figures {
		beyond := ""
		switch f.Trend {
		case compare.Up, compare.Down:
			beyond = d.word("yes")
		case compare.Few:
			beyond = d.word("too few")
		}
		rows = append(rows, []string{d.word(groupNames[f.Group]), d.word(f.Name), d.text(Estimated(f.Before, f.Unit)), d.text(Estimated(f.After, f.Unit)),
			times(compare.Factor(f.Before, f.After), "", ""), beyond})
	}
	d.table([]string{"", "measure", ">before", ">after", ">factor", "beyond noise"}, rows)
}

// changeCells are the columns that queries and endpoints share.
func (d *doc) changeCells(c *compare.Change) []string {
	return []string{d.word(string(c.State)), d.text(signed(c.Delta)), d.text(partOf(c.Share)), d.text(signed(c.ByCalls)), d.text(signed(c.ByTime)),
		show.Short(c.Before.Rate()), show.Short(c.After.Rate()), d.text(Estimated(c.Before.Mean, "s")), d.text(Estimated(c.After.Mean, "s")),
		times(compare.Factor(c.Before.Mean, c.After.Mean), "", "")}
}

func (d *doc) queriesChanged(c *Comparison) {
	if len(c.Queries) == 0 {
		return
	}
	d.heading(2, d.word("Queries"))
	d.para(d.text(tally(d.r.Options.Lang, c.Queries, queryChange)) + ".")
	shown := c.shownQueries(markdownRows)
	var rows [][]string
	for _, q := range shown {
		examined := ""
		if q.RowsTrend == compare.Up || q.RowsTrend == compare.Down {
			examined = d.text(span2(q.Rows[0], q.Rows[1], "rows", " → "))
		}
		rows = append(rows, append(d.changeCells(&q.Change), examined, d.code(q.ID), d.code(show.Cut(show.OneLine(q.Fingerprint, d.ascii), 100, "…"))))
	}
	d.table(append(changeColumns(), ">rows examined", "id", "query"), rows)
	if s := rest(d.r.Options.Lang, c.Queries, shown, queryChange); s != "" {
		d.para(d.text(s) + ".")
	}
}

// changeColumns head the cells of changeCells.
func changeColumns() []string {
	return []string{"", ">change/s", ">share", ">by calls", ">by time", ">calls/s before", ">calls/s after", ">mean before", ">mean after", ">factor"}
}

func (d *doc) endpointsChanged(c *Comparison) {
	if len(c.Endpoints) == 0 {
		return
	}
	d.heading(2, d.word("Endpoints"))
	d.para(d.text(tally(d.r.Options.Lang, c.Endpoints, endpointChange)) + ".")
	shown := c.shownEndpoints(markdownRows)
	var rows [][]string
	for _, e := range shown {
		rows = append(rows, append(d.changeCells(&e.Change), d.code(c.routeOf(e))))
	}
	d.table(append(changeColumns(), "route"), rows)
	if s := rest(d.r.Options.Lang, c.Endpoints, shown, endpointChange); s != "" {
		d.para(d.text(s) + ".")
	}
}

func (d *doc) settingsChanged(c *Comparison) {
	if len(c.Settings) == 0 {
		return
	}
	d.heading(2, d.word("Settings"))
	var rows [][]string
	for _, s := range c.Settings {
		rows = append(rows, []string{d.code(s.Name), d.code(show.Cut(show.OneLine(s.Before, d.ascii), 100, "…")), d.code(show.Cut(show.OneLine(s.After, d.ascii), 100, "…"))})
	}
	d.table([]string{"setting", "before", "after"}, rows)
}

func (d *doc) findingsChanged(c *Comparison) {
	shown, more := c.findingsShown(markdownRows)
	if len(shown) == 0 {
		return
	}
	d.heading(2, d.word("Findings"))
	var rows [][]string
	for _, f := range shown {
		found := f.Finding()
		severity := d.word(string(found.Severity))
		if f.State == FindingStayed && f.Before.Severity != f.After.Severity {
			severity = d.word(string(f.Before.Severity)) + " → " + severity
		}
		rows = append(rows, []string{d.word(string(f.State)), severity, d.text(found.Title), d.code(found.Rule)})
	}
	d.table([]string{"", "severity", "finding", "rule"}, rows)
	d.para(d.text(more))
}

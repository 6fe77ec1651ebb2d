package report

import (
	"io"
	"math"
	"strings"

	"dbtriage/analyzers/compare"
	"dbtriage/ui/show"
)

// WriteComparisonText writes a comparison for a terminal of 40 columns or more, the verdict first.
func WriteComparisonText(w io.Writer, c *Comparison, style Style) error {
	p := newPage(w, c.After, style)
	p.comparisonHead(c)
	if c.empty() {
		return p.finish()
	}
	p.layersChanged(c)
	p.figuresChanged(c)
	p.queriesChanged(c)
	p.endpointsChanged(c)
	p.settingsChanged(c)
	p.findingsChanged(c)
	return p.finish()
}

func (p *page) arrow() string { return p.either(" → ", " -> ") }

func outcomeColour(o compare.Outcome) colour {
	switch o {
	case compare.IsSlower, compare.Failing:
		return bad
	case compare.IsFaster, compare.Recovered, compare.Unchanged:
		return good
	}
	return warn
}

func (p *page) comparisonHead(c *Comparison) {
	p.labelled(0, p.word("VERDICT"), strong, c.Summary(p.arrow()), outcomeColour(c.Outcome), 0)
	if s := c.Sure(); s != "" {
		p.labelled(0, p.word("HOW SURE"), strong, s, plainText, 0)
	}
	p.labelled(0, "BEFORE", strong, c.sideLine(c.Before, c.Comparison.Before), plainText, 0)
	p.labelled(0, "AFTER", strong, c.sideLine(c.After, c.Comparison.After), plainText, 0)
	for _, list := range []struct {
		label string
		items []string
	}{{p.word("NOTE"), c.Notes()}, {p.word("UNKNOWN"), c.Unknown()}} {
		for _, s := range list.items {
			p.labelled(0, list.label, strong, s, plainText, 0)
			list.label = ""
		}
	}
}

// layersChanged writes what each request spends in each layer.
func (p *page) layersChanged(c *Comparison) {
	if len(c.Layers) == 0 {
		return
	}
	p.heading("LAYERS, OF EACH REQUEST", p.word("of the change"))
	for _, l := range c.Layers {
		mark, colour, width := "  ", plainText, 0.0
		if !math.IsNaN(l.Share) {
			width = max(0, min(l.Share, 1))
			if l.Share >= leastNamed && (c.TimeTrend == compare.Up || c.TimeTrend == compare.Down) {
				mark, colour = "> ", outcomeColour(c.Outcome)
			}
		}
		factor := ""
		if l.Before > 0 && l.After > 0 {
			factor = "x" + show.Short(l.After/l.Before)
		}
		cells := append(in(colour, left(mark+p.word(l.Name), 20)), p.pair(show.Duration(l.Before*1e6), show.Duration(l.After*1e6), 9, 9),
			right(factor, 8), right(signed(l.After-l.Before), 11), right(partOf(l.Share), 7))
		p.row(p.withBar(cells, width, colour), piece{}, 0)
	}
}

var groupNames = map[compare.Group]string{compare.Load: "load", compare.Time: "time", compare.Errors: "errors", compare.Host: "host", compare.Server: "server"}

// figuresChanged writes the numbers of both sides; what is beyond noise is marked.
func (p *page) figuresChanged(c *Comparison) {
	if len(c.Figures) == 0 {
		return
	}
	p.heading("FIGURES", p.word("* is beyond noise"))
	group := compare.Group("")
	for _, f := range c.Figures {
		label := ""
		if f.Group != group {
			group, label = f.Group, p.word(groupNames[f.Group])
		}
		mark, colour := "  ", plainText
		switch f.Trend {
		case compare.Up, compare.Down:
			mark, colour = "* ", strong
		case compare.Few:
			mark = "? "
		}
		head := in(faint, left("  "+label, 10))
		name := min(33, p.width-head[0].width)
		head = append(head, in(colour, left(p.cut(p.word(f.Name), name), name))...)
		p.row(append(append(head, p.pair(Estimated(f.Before, f.Unit), Estimated(f.After, f.Unit), 11, 11)),
			in(colour, left(show.Right(times(compare.Factor(f.Before, f.After), "", ""), 8)+" "+mark, 11))...), piece{}, 0)
	}
}

// changeHead and changeRow are the columns that queries and endpoints share.
func (p *page) changeHead() {
	p.row(in(faint, right(p.word("change/s"), 10), right(p.word("share"), 7), right(p.word("by calls"), 10), right(p.word("by time"), 10),
		left("  "+p.word("calls/s"), 19), left(p.word("mean"), meansWidth)), piece{}, 0)
}

// meansWidth is the room that two means and their ratio take.
const meansWidth = 24

func (p *page) changeRow(c *compare.Change) {
	factor := times(compare.Factor(c.Before.Mean, c.After.Mean), "  ", "")
	p.row([]cell{right(signed(c.Delta), 10), right(partOf(c.Share), 7), right(signed(c.ByCalls), 10), right(signed(c.ByTime), 10),
		left("  "+show.Short(c.Before.Rate())+p.arrow()+show.Short(c.After.Rate()), 19),
		left(Estimated(c.Before.Mean, "s")+p.arrow()+Estimated(c.After.Mean, "s")+factor, meansWidth)}, piece{}, 0)
}

func (p *page) stateOf(c *compare.Change) piece {
	colour := faint
	switch c.State {
	case compare.Slower, compare.New, compare.More:
		colour = warn
	case compare.Faster, compare.Gone, compare.Fewer:
		colour = good
	}
	return piece{"    " + show.Left(p.word(string(c.State)), 13), colour}
}

func (p *page) queriesChanged(c *Comparison) {
	if len(c.Queries) == 0 {
		return
	}
	p.heading("QUERIES", tally(p.lang, c.Queries, queryChange))
	shown := c.shownQueries(textRows)
	if len(shown) > 0 {
		p.changeHead()
	}
	for _, q := range shown {
		p.changeRow(&q.Change)
		state := p.stateOf(&q.Change)
		p.named(state.text, state.colour, q.ID+c.on(q)+rowsText(p.lang, q, p.arrow()), strong)
		p.named(strings.Repeat(" ", 17), plainText, q.Fingerprint, plainText)
	}
	if s := rest(p.lang, c.Queries, shown, queryChange); s != "" {
		p.hang("  ", faint, s, faint, 0)
	}
}

// rowsText says that calls examine other numbers of rows; empty when they do not.
func rowsText(lang string, q *compare.Query, arrow string) string {
	if q.RowsTrend != compare.Up && q.RowsTrend != compare.Down {
		return ""
	}
	return ", " + Word(lang, "rows a call") + " " + span2(q.Rows[0], q.Rows[1], "rows", arrow)
}

func (p *page) endpointsChanged(c *Comparison) {
	if len(c.Endpoints) == 0 {
		return
	}
	p.heading("ENDPOINTS", tally(p.lang, c.Endpoints, endpointChange))
	shown := c.shownEndpoints(textRows)
	if len(shown) > 0 {
		p.changeHead()
	}
	for _, e := range shown {
		p.changeRow(&e.Change)
		state := p.stateOf(&e.Change)
		p.named(state.text, state.colour, c.routeOf(e), strong)
	}
	if s := rest(p.lang, c.Endpoints, shown, endpointChange); s != "" {
		p.hang("  ", faint, s, faint, 0)
	}
}

func (c *Comparison) routeOf(e *compare.Endpoint) string {
	out := strings.TrimSpace(e.Key.Method + " " + e.Key.Route)
	if e.Key.Role == "app" {
		out += " (" + Word(c.Options.Lang, "app") + ")"
	}
	return out
}

func (p *page) settingsChanged(c *Comparison) {
	if len(c.Settings) == 0 {
		return
	}
	p.heading("SETTINGS", "")
	for _, s := range c.Settings {
		p.hang("  "+p.cut(s.Name, 40)+"  ", plainText, p.cut(s.Before, 60)+p.arrow()+p.cut(s.After, 60), strong, 2)
	}
}

func (p *page) findingsChanged(c *Comparison) {
	shown, more := c.findingsShown(textRows)
	if len(shown) == 0 {
		return
	}
	p.heading("FINDINGS", "")
	for _, f := range shown {
		word, colour := severityWord(f.Finding().Severity)
		was := ""
		if f.State == FindingStayed && f.Before.Severity != f.After.Severity {
			old, _ := severityWord(f.Before.Severity)
			was = p.word(old) + p.arrow()
		}
		p.hang("  "+show.Left(p.word(string(f.State)), 10), faintIf(f.State == FindingStayed), was+p.word(word)+" "+f.Finding().Title, colour, 2)
	}
	if more != "" {
		p.hang("  ", faint, more, faint, 0)
	}
}

func faintIf(is bool) colour {
	if is {
		return faint
	}
	return strong
}

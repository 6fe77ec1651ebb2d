package ui

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"dbtriage/rules"
	"dbtriage/ui/report"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

func advicePanels(v *view) []panel {
	return []panel{
		{name: "FINDINGS AND ADVICE", note: v.severityNote(), column: left, search: true, open: v.openFinding, table: v.findingTable(), least: 3},
		{name: "SELECTED", column: right, wide: true, text: v.selectedText, least: 5},
	}
}

func (v *view) severityNote() string {
	c, w, i := report.Severities(v.report.Findings)
	return fmt.Sprintf("critical %d, warnings %d, notes %d", c, w, i)
}

func (v *view) findingTable() *widget.Table {
	t := &widget.Table{Empty: "No rule found anything. ! lists the rules that could not be judged, and what they lack.", Columns: []widget.Column{
		{Name: "rule", Width: 5, Help: "id of the rule; dbtriage rules explain ID tells all about it"},
		{Name: "state", Width: 5, Help: "CRIT, WARN or INFO, as the rule says"},
		{Name: "finding", Width: 24, Flex: true, Help: "what was found, with its numbers"},
		{Name: "layer", Width: 8, Priority: 3, Help: "where the fix is made"},
		{Name: "of time", Width: 7, Right: true, Priority: 2, Help: "share of its layer's time that it is about: no change can bring more"},
		{Name: "sure", Width: 6, Right: true, Priority: 1, Help: "confidence from 0 to 1; ~ marks one from less data than the rule asks for"},
		{Name: "risk", Width: 4, Priority: 5, Help: riskHelp},
		{Name: "effort", Width: 7, Priority: 6, Help: effortHelp},
		{Name: "rung", Width: 8, Priority: 4, Help: "step of the ladder that its advice belongs to; held: a step before has more to gain"},
	}}
	for _, f := range v.report.Findings {
		word, role := severity(f.Severity)
		of := widget.Name(show.NoValue)
		if f.Share > 0 {
			of = widget.Number(show.Share(f.Share), f.Share)
		}
		sure := strconv.FormatFloat(f.Confidence, 'f', 2, 64)
		if f.Provisional {
			sure = "~" + sure
		}
		rung, text, first := "", f.Title, step{}
		if len(f.Advice) > 0 {
			rung = f.Advice[0].Rung
			first = ladder[rung]
			if f.Advice[0].Held != "" {
				rung = "held"
			}
			text = f.Advice[0].Do
		}
		title := f.Title
		if len(f.BecauseOf) > 0 {
			title = v.style.Either("└ ", "- ") + title
		}
		t.Rows = append(t.Rows, widget.Row{Key: f.ID, Copy: text, Cells: []widget.Cell{
			widget.Name(f.Rule), widget.Number(word, float64(f.Severity.Rank())).In(role), widget.Name(title), widget.Name(v.word(string(f.Layer))), of,
			widget.Number(sure, f.Confidence), widget.Name(first.risk), widget.Name(first.effort), widget.Name(rung),
		}})
	}
	return t
}

func (v *view) openFinding(key string) *page {
	for i, f := range v.report.Findings {
		if f.ID == key {
			p := &page{title: f.Rule + " " + f.Subject.ID, text: func(width int) []widget.Line { return v.findingInFull(f, width) }, md: report.FindingMarkdown(v.report, i+1, f)}
			if len(f.Advice) > 0 {
				p.copy = f.Advice[0].Do
			}
			p.query, p.raw = v.subjectOf(f)
			p.server = f.Server
			return p
		}
	}
	return nil
}

// subjectOf returns the class that a finding is about, or where the slowest request of its route stands.
func (v *view) subjectOf(f rules.Finding) (query string, raw spot) {
	switch f.Subject.Kind {
	case "query":
		for _, c := range v.on(f.Server).report.Classes {
			if c.ID == f.Subject.ID {
				return c.ID + c.Fingerprint, spot{}
			}
		}
	case "route":
		for _, e := range v.report.Endpoints {
			if strings.TrimSpace(e.Key.Method+" "+e.Key.Route) == f.Subject.ID {
				return "", spot{e.Worst.Source, e.Worst.Offset}
			}
		}
	}
	return "", spot{}
}

// findingText writes a finding: what, why, and what to do.
func (v *view) findingText(f rules.Finding, width int) []widget.Line {
	style := v.style
	word, role := severity(f.Severity)
	out := style.Paragraph(" "+v.word(word)+" ", role, f.Title, widget.Strong, width)
	facts := f.Rule + ", layer " + v.word(string(f.Layer)) + ", confidence " + strconv.FormatFloat(f.Confidence, 'f', 2, 64)
	if f.Provisional {
		facts += ", provisional: less data than the rule asks for"
	}
	out = append(out, style.Paragraph(" ", widget.Plain, facts, widget.Faint, width)...)
	if f.Subject.Label != "" && f.Subject.Label != f.Subject.ID {
		out = append(out, style.Paragraph(" "+show.Left(f.Subject.Kind, 8)+" ", widget.Faint, f.Subject.Label, widget.Plain, width)...)
	}
	if len(f.BecauseOf) > 0 {
		out = append(out, style.Paragraph(" because of ", widget.Faint, strings.Join(f.BecauseOf, ", "), widget.Plain, width)...)
	}
	for _, e := range f.Evidence {
		label, role := " for      ", widget.Plain
		if !e.For {
			label, role = " against  ", widget.Faint
		}
		text := e.What + ": " + show.Measure(e.Value, e.Unit)
		if e.Limit != nil {
			text += " (limit " + show.Measure(e.Limit, e.Unit) + ")"
		}
		out = append(out, style.Paragraph(label, widget.Faint, text, role, width)...)
	}
	for _, a := range f.Advice {
		out = append(out, style.Paragraph(" "+v.word("do")+"       ", widget.Strong, a.Do, widget.Strong, width)...)
		for _, part := range []struct{ label, text string }{{"held", a.Held}, {"expect", a.Expect}, {"risk", a.Risk}, {"undo", a.Undo}, {"check", a.Verify}} {
			if part.text != "" {
				out = append(out, style.Paragraph(" "+show.Left(part.label, 9), widget.Faint, part.text, widget.Plain, width)...)
			}
		}
	}
	return out
}

// findingInFull adds where the evidence is from and the values that the conditions were met with.
func (v *view) findingInFull(f rules.Finding, width int) []widget.Line {
	style := v.style
	out := append(v.findingText(f, width), nil, style.Rule("EVIDENCE", "value, limit, window, source", width))
	for _, e := range f.Evidence {
		text := show.Measure(e.Value, e.Unit)
		if e.Limit != nil {
			text += ", limit " + show.Measure(e.Limit, e.Unit)
		}
		out = append(out, style.Paragraph("  ", widget.Plain, e.What+": "+text, widget.Plain, width)...)
		out = append(out, style.Paragraph("    ", widget.Plain, strings.TrimSpace(e.Source+" "+e.Window), widget.Faint, width)...)
	}
	if len(f.Args) > 0 {
		out = append(out, nil, style.Rule("CONDITIONS MET WITH", "dbtriage rules explain "+f.Rule, width))
		for _, name := range slices.Sorted(maps.Keys(f.Args)) {
			out = append(out, style.Paragraph("  "+style.Fit(name, min(32, width/2))+" ", widget.Faint, valueText(f.Args[name]), widget.Plain, width)...)
		}
	}
	if f.Subject.Kind == "query" {
		own := v.on(f.Server)
		if c := own.class(f.Subject.ID); c != nil {
			out = append(out, nil, style.Rule("THE QUERY", "", width))
			out = append(out, own.classText(c, width)...)
		}
	}
	return out
}

func valueText(value any) string {
	switch x := value.(type) {
	case float64:
		return show.Exact(x)
	case nil:
		return show.NoValue
	}
	return fmt.Sprint(value)
}

// about returns the findings on one subject, most severe first.
func (v *view) about(kind, id string) []rules.Finding {
	var out []rules.Finding
	for _, f := range v.report.Findings {
		if f.Subject.Kind == kind && f.Subject.ID == id {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b rules.Finding) int { return cmp.Compare(b.Severity.Rank(), a.Severity.Rank()) })
	return out
}

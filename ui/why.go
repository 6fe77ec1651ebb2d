package ui

import (
	"fmt"
	"strings"

	"dbtriage/rules"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

// findingAsked is the finding of the page on top, or of the row under the cursor.
func (a *App) findingAsked() (f rules.Finding, ok bool) {
	key := ""
	if n := len(a.pages); n > 0 {
		key = a.pages[n-1].key
	} else if _, row, ok := a.row(); ok {
		key = row.Key
	}
	id, _, _ := strings.Cut(key, "/")
	for _, f := range a.view.report.Findings {
		if f.ID == key || f.ID == id {
			return f, true
		}
	}
	return f, false
}

// why shows which conditions of its rule a finding has met, with the numbers and the limits.
func (a *App) why(f rules.Finding) *page {
	st := a.view.state
	if st.Rules == nil {
		return nil
	}
	for _, t := range st.Rules.Explain(f.Rule, st.Diagnosis.Snapshot.Of(f.Server), st.Diagnosis.Attribution, a.options.Lang) {
		if t.Subject.ID == f.Subject.ID {
			r, _ := st.Rules.Rule(f.Rule)
			p := &page{title: "WHY " + f.Rule + " " + f.Subject.ID, text: func(width int) []widget.Line { return a.whyText(f, r, t, width) }}
			p.query, p.raw = a.view.subjectOf(f)
			p.server = f.Server
			return p
		}
	}
	return nil
}

func (a *App) whyText(f rules.Finding, r *rules.Rule, t rules.Trace, width int) []widget.Line {
	style := a.options.Theme.style()
	met, all := 0, 0
	for _, c := range t.Checks {
		if !c.Unless {
			if all++; c.Truth == rules.True {
				met++
			}
		}
	}
	out := style.Paragraph(" ", widget.Plain, f.Title, widget.Strong, width)
	out = append(out, style.Paragraph(" ", widget.Plain, fmt.Sprintf("%d of %d conditions are met, and nothing speaks against it", met, all), widget.Plain, width)...)
	for _, c := range t.Checks {
		label := "when"
		if c.Unless {
			label = "unless"
		}
		out = append(out, nil)
		out = append(out, style.Paragraph(" "+show.Left(label, 8), widget.Faint, c.Expr, widget.Plain, width)...)
		out = append(out, style.Paragraph(show.Left("", 9), widget.Faint, c.Text, widget.Strong, width)...)
	}
	if len(t.Lets) > 0 {
		out = append(out, nil, style.Rule("COMPUTED FROM", "", width))
	}
	for _, l := range t.Lets {
		out = append(out, style.Paragraph(" "+style.Fit(l.Name, 16)+" ", widget.Faint, l.Text+"  = "+l.Expr, widget.Plain, width)...)
	}
	out = append(out, nil)
	if r != nil {
		out = append(out, style.Paragraph(" ", widget.Plain, strings.TrimSpace(r.Meaning.In(a.options.Lang)), widget.Plain, width)...)
	}
	return append(out, widget.Text(widget.Faint, " dbtriage rules explain "+f.Rule+" tells all about the rule"))
}

package ui

import (
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors"
	"dbtriage/rules"
	"dbtriage/ui/report"
	"dbtriage/ui/show"
	"dbtriage/ui/widget"
)

func verdictPanels(v *view) []panel {
	todo := v.todoTable()
	proof := v.proofTable()
	if v.width < 60 { // the verdict, the layers in words, the first thing to do
		return []panel{
			{text: v.verdictText, least: 2, yield: 2, most: v.tall(4, 9)},
			{name: "LAYERS", text: v.layerWords, least: 3, yield: 3},
			{name: "PROOF", table: proof, least: 2, yield: 6, open: v.openProof, most: 6},
			{name: "DO NEXT", table: todo, least: 2, yield: 1, most: v.tall(3, 8), open: v.openFinding, lead: true},
		}
	}
	return []panel{
		{text: v.verdictText, least: 2, yield: 4, most: v.tall(5, 9)},
		{name: "LAYERS", column: left, table: v.layerTable(), least: 5, yield: 3, open: v.openLayer},
		{name: "PROOF", note: "weight, source; Enter opens", column: left, table: proof, least: 2, yield: 6, most: v.tall(7, 14), open: v.openProof, lead: true},
		{name: "DO NEXT", note: "of time, risk, effort, kind; y copies", column: left, table: todo, least: 2, yield: 5, most: v.tall(4, 10), open: v.openFinding},
		{name: "WHEN", note: v.axisNote(), column: left, wide: true, text: v.rankedText, least: 5, most: 12, yield: 7},
		{name: "SELECTED", column: right, wide: true, text: v.selectedText, least: 8, yield: 2},
		{name: "QUERIES", column: whole, wide: true, table: v.queryTable(), most: 8, least: 3, yield: 7, open: v.openQuery},
		{name: "ROUTES", column: whole, wide: true, table: v.routeTable(), most: 7, least: 3, yield: 8, open: v.openRoute},
	}
}

// tallFrom is the height from which a screen has room for more than what matters most.
const tallFrom = 32

// tall chooses between what fits 24 lines and what a higher screen may take.
func (v *view) tall(small, large int) int {
	if v.height < tallFrom {
		return small
	}
	return large
}

func verdictRole(v rules.Verdict) widget.Role {
	switch v.Layer {
	case rules.LayerNone:
		return widget.Good
	case rules.LayerUnknown, "":
		return widget.Warn
	}
	return widget.Crit
}

// verdictText is the headline, why, what is ruled out and what is not known.
func (v *view) verdictText(width int) []widget.Line {
	r, style := v.report, v.style
	ver := r.Verdict
	head := widget.Line{{Text: " " + v.word("VERDICT") + "  ", Role: widget.Strong}, {Text: r.Headline(v.options.Lang), Role: verdictRole(ver)}}
	if v.width < 60 {
		head[0].Text = " "
	}
	if ver.Confidence > 0 && v.width >= 60 {
		head = append(head, widget.Span{Text: "  " + v.word("confidence") + " " + v.word(show.Sureness(ver.Confidence)) + " " + strconv.FormatFloat(ver.Confidence, 'f', 2, 64), Role: widget.Strong})
	}
	if ver.Since != collectors.NoTime && ver.Since != 0 {
		head = append(head, widget.Span{Text: "  since " + instant(ver.Since).Format("15:04:05")})
	}
	if text := v.nextSuspect(); text != "" && v.width >= 100 {
		head = append(head, widget.Span{Text: "  " + text})
	}
	if text := v.measured(); text != "" && v.width >= 120 {
		head = append(head, widget.Span{Text: "  " + text, Role: widget.Faint})
	}
	if v.width < 60 {
		head = append(head, widget.Span{Text: "  " + strconv.FormatFloat(ver.Confidence, 'f', 2, 64), Role: widget.Strong})
	}
	if p := v.state.Progress; p.Total > 0 && p.Read < p.Total {
		head = append(head, widget.Span{Text: "  provisional", Role: widget.Warn})
	}
	most := 2
	if v.height < 20 {
		most = 1
	}
	if v.height >= 32 {
		most = 4
	}
	out := append([]widget.Line{head}, style.Limit(style.Paragraph("  ", widget.Plain, ver.Summary, widget.Plain, width-1), most, width-1)...)
	if len(ver.RuledOut) > 0 {
		out = append(out, style.Limit(style.Paragraph("  "+v.word("Ruled out")+": ", widget.Faint, strings.Join(r.RuledOut(v.options.Lang), "; "), widget.Plain, width-1), max(most-1, 1), width-1)...)
	}
	if len(ver.Unknown) > 0 {
		out = append(out, style.Limit(style.Paragraph("  "+v.word("Unknown")+": ", widget.Faint, strings.Join(ver.Unknown, " "), widget.Plain, width-1), max(most-1, 1), width-1)...)
	}
	return out
}

// nextSuspect names the layer that comes second.
func (v *view) nextSuspect() string {
	for _, c := range v.report.Verdict.Candidates {
		ver := &v.report.Verdict
		if c.Layer != ver.Layer && c.Layer != ver.SeenIn && c.Confidence >= leastSuspect && c.Confidence <= ver.Confidence {
			return "next suspect: " + v.word(string(c.Layer)) + " " + strconv.FormatFloat(c.Confidence, 'f', 2, 64)
		}
	}
	return ""
}

// leastSuspect is the confidence from which another layer is worth a word.
const leastSuspect = 0.1

// measured says of how many requests it is known what they waited for.
func (v *view) measured() string {
	d := &v.report.Digest.Web
	if d.Count == 0 {
		return ""
	}
	return "upstream times " + show.Share(float64(d.UpstreamLogged)/float64(d.Count))
}

// proofTable lists what speaks for the verdict, then what speaks against it.
func (v *view) proofTable() *widget.Table {
	t := &widget.Table{Bare: true, Empty: "No finding speaks for a layer at fault. 6 lists all that was noted.", Columns: []widget.Column{
		{Name: "proof", Width: 20, Flex: true, Help: "a finding, most severe first; AGAINST is evidence that speaks against one"},
		{Name: "weight", Width: 5, Right: true, Priority: 1, Help: "confidence from 0 to 1; negative: speaks against"},
		{Name: "source", Width: 12, Priority: 2, Help: "what the numbers are from"},
	}}
	ver := v.report.Verdict
	for _, f := range v.report.Findings {
		decided := ver.Layer != rules.LayerUnknown && ver.Layer != rules.LayerNone
		if f.Severity.Rank() < rules.Warning.Rank() || decided && f.Layer != ver.Layer && f.Layer != ver.SeenIn {
			continue
		}
		word, role := severity(f.Severity)
		t.Rows = append(t.Rows, widget.Row{Key: f.ID, Copy: f.Title, Cells: []widget.Cell{
			widget.Name(strconv.Itoa(len(t.Rows)+1) + " " + word + " " + f.Title).In(role), widget.Name(strconv.FormatFloat(f.Confidence, 'f', 2, 64)), widget.Name(v.sourceOf(f)),
		}})
	}
	proofs := len(t.Rows)
	for _, f := range v.report.Findings {
		if !slices.ContainsFunc(t.Rows[:proofs], func(r widget.Row) bool { return r.Key == f.ID }) {
			continue
		}
		for _, e := range f.Evidence {
			if !e.For && len(t.Rows) < 40 {
				text := "AGAINST " + e.What + " " + show.Measure(e.Value, e.Unit)
				t.Rows = append(t.Rows, widget.Row{Key: f.ID + "/" + e.What, Copy: text, Cells: []widget.Cell{
					widget.Name(text).In(widget.Faint), widget.Name("-" + strconv.FormatFloat(f.Confidence, 'f', 2, 64)), widget.Name(e.Source),
				}})
			}
		}
	}
	return t
}

func severity(s rules.Severity) (string, widget.Role) {
	switch s {
	case rules.Critical:
		return "CRIT", widget.Crit
	case rules.Warning:
		return "WARN", widget.Warn
	}
	return "INFO", widget.Plain
}

func (v *view) sourceOf(f rules.Finding) string {
	var words []string
	for _, e := range f.Evidence {
		if w := e.Source; w != "" && !strings.Contains(strings.Join(words, "+"), w) {
			words = append(words, w)
		}
	}
	return strings.Join(words, "+")
}

func (v *view) openProof(key string) *page {
	id, _, _ := strings.Cut(key, "/")
	if p := v.openFinding(key); p != nil {
		return p
	}
	return v.openFinding(id)
}

// todoTable lists the changes to make first.
func (v *view) todoTable() *widget.Table {
	empty := "Find the cause: no rule names it yet. 6 lists what was noted, ! what is missing."
	switch v.report.Verdict.Outcome() {
	case rules.Healthy, rules.TooLittle:
		empty = "Nothing: no rule asks for a change. 6 lists what was noted, ! what is missing."
	}
	t := &widget.Table{Bare: true, Empty: empty, Columns: []widget.Column{
		{Name: "do", Width: 52, Flex: true, Help: "the change; Enter shows what it brings, its risk, how to undo and how to check it"},
		{Name: "of time", Width: 5, Right: true, Priority: 1, Help: "share of its layer's time that the finding is about: no change can bring more"},
		{Name: "risk", Width: 4, Priority: 4, Help: riskHelp},
		{Name: "effort", Width: 7, Priority: 5, Help: effortHelp},
		{Name: "rung", Width: 8, Priority: 2, Help: "step of the ladder: first the statement, then index, design, settings, and hardware last"},
	}}
	for i, f := range v.report.Actionable() {
		a, _ := report.FirstAdvice(f)
		of := show.NoValue
		if f.Share > 0 {
			of = show.Share(f.Share)
		}
		do := a.Do
		if f.Server != "" {
			do = f.Server + ": " + do
		}
		t.Rows = append(t.Rows, widget.Row{Key: f.ID, Copy: a.Do, Cells: []widget.Cell{
			widget.Name(string(rune('A'+i%26)) + " " + do), widget.Name(of), widget.Name(ladder[a.Rung].risk), widget.Name(ladder[a.Rung].effort), widget.Name(a.Rung),
		}})
	}
	if v.report.Emptied != "" {
		t.Empty = "Take in more events: widen what was asked for, or leave it out."
	} else if len(t.Rows) == 0 && v.report.Verdict.Layer != rules.LayerNone {
		for i, g := range v.report.GroupedGaps() {
			if g.Provide != "" && i < 3 {
				t.Rows = append(t.Rows, widget.Row{Key: g.Provide, Copy: g.Provide, Cells: []widget.Cell{widget.Name("To know more: " + g.Provide), {}, {}, {}, widget.Name("observe")}})
			}
		}
	}
	return t
}

// selectedText shows the row of the cursor in full beside the lists.
func (v *view) selectedText(width int) []widget.Line {
	if v.page != nil {
		if p := v.page(); p != nil {
			return p.text(width)
		}
	}
	f, ok := v.findingOf(v.selected)
	if !ok {
		if todo := v.report.Actionable(); len(todo) > 0 {
			f = todo[0]
		} else if len(v.report.Findings) > 0 {
			f = v.report.Findings[0]
		} else {
			return []widget.Line{widget.Text(widget.Faint, "No rule found anything.")}
		}
	}
	return v.findingText(f, width)
}

func (v *view) findingOf(key string) (rules.Finding, bool) {
	id, _, _ := strings.Cut(key, "/")
	for _, f := range v.report.Findings {
		if f.ID == key || f.ID == id {
			return f, true
		}
	}
	if f, ok := v.weightiest(rules.Layer(key)); ok {
		return f, true
	}
	return rules.Finding{}, false
}

// Curves of the layers: time of one request in each, what the database does at once, how busy the host is.

package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors"
	"dbtriage/rules"
	"dbtriage/ui/show"
)

// textRows is how many rows of each list a text report shows by itself.
const textRows = 10

// headFindings is how many findings the first screen names.
const headFindings = 3

// WriteText writes the report for a terminal of 40 columns or more. On one of 80 its first 24 lines hold the
// verdict, where the time goes and what to do next.
func WriteText(w io.Writer, r *Report, style Style) error {
	p := newPage(w, r, style)
	shortened := p.verdict(r)
	p.division(r)
	p.next(r)
	p.verdictInFull(r, shortened)
	p.findings(r)
	p.queries(r)
	p.endpoints(r)
	p.peers(r)
	p.workload(r)
	p.curves(r)
	p.sources(r)
	p.gaps(r)
	return p.finish()
}

// Headline says the verdict in a few words.
func (r *Report) Headline(lang string) string {
	t := func(s string) string { return Word(lang, s) }
	v := r.Verdict
	switch v.Outcome() {
	case rules.Healthy:
		return t("HEALTHY: no layer holds the system back")
	case rules.TwoSuspects:
		return t("TWO SUSPECTS") + ": " + t(string(v.Candidates[0].Layer)) + " " + t("or") + " " + t(string(v.Candidates[1].Layer))
	case rules.Undecided:
		return t("UNDECIDED") + ", " + t("seen in") + " " + t(string(v.SeenIn))
	case rules.TooLittle:
		return t("NOT ENOUGH DATA for a verdict")
	}
	s := t(string(v.Layer))
	if s == string(v.Layer) {
		s = strings.ToUpper(s)
	}
	if !strings.HasPrefix(lang, "zh") {
		s += " "
	}
	s += t("is at fault")
	if seen := v.SeenIn; seen != "" && seen != v.Layer && seen != rules.LayerUnknown {
		s += ", " + t("seen in") + " " + t(string(seen))
	}
	return s
}

// colourOf is the colour of the verdict itself.
func (r *Report) colourOf() colour {
	switch r.Verdict.Layer {
	case rules.LayerNone:
		return good
	case rules.LayerUnknown:
		return warn
	}
	return bad
}

// sure says a confidence as a word and a number.
func sure(lang string, c float64) string {
	return Word(lang, show.Sureness(c)) + " " + strconv.FormatFloat(c, 'f', 2, 64)
}

// verdict writes the first lines and returns the labels of what had to be shortened.
func (p *page) verdict(r *Report) (shortened []string) {
	v := r.Verdict
	label := show.Left(p.word("VERDICT"), labelWidth)
	head := r.Headline(p.lang)
	conf := ""
	if v.Confidence > 0 {
		conf = p.word("confidence") + " " + sure(p.lang, v.Confidence)
	}
	gap := max(2, p.width-show.Columns(label)-show.Columns(head)-show.Columns(conf))
	if p.narrow() && show.Columns(label)+show.Columns(head)+gap+show.Columns(conf) > p.width {
		p.hang(label, strong, head, r.colourOf(), 0)
		if conf != "" {
			p.labelled(0, "", strong, conf, strong, 0)
		}
	} else {
		p.line(piece{label, strong}, piece{head, r.colourOf()}, piece{strings.Repeat(" ", gap) + conf, strong})
	}
	if since := r.Since(p.lang); since != "" {
		p.labelled(0, p.word("SINCE"), strong, since, plainText, 1)
	}
	show := func(label, text string, most int) {
		if text != "" && !p.labelled(0, p.word(label), strong, text, plainText, most) {
			shortened = append(shortened, label)
		}
	}
	show("WHY", v.Summary, 3)
	show("RULED OUT", strings.Join(r.RuledOut(p.lang), "; "), 2)
	show("UNKNOWN", strings.Join(v.Unknown, " "), 2)
	if text := r.overrides(p.lang); text != "" {
		p.labelled(0, p.word("RULES"), strong, text, plainText, 0)
	}
	return shortened
}

// overrides says which rules of the user's the findings rest on; empty without any.
func (r *Report) overrides(lang string) string {
	f := r.InForce
	if f.Hash == "" {
		return ""
	}
	return Word(lang, "overrides in force") + " (" + f.Hash + "): " + strings.Join(f.Changes, "; ")
}

// Since says when the verdict began to hold and what changed then; empty for a verdict without an
// onset of its own.
func (r *Report) Since(lang string) string {
	a, v := r.Attribution, r.Verdict
	if v.Layer == rules.LayerNone || v.Layer == rules.LayerUnknown && v.Since == collectors.NoTime {
		return ""
	}
	if v.Since == collectors.NoTime {
		return Word(lang, "all along, or not known")
	}
	s := show.Instant(v.Since) + " UTC"
	if to := r.Now().To * 1e6; to > v.Since {
		s = show.Span(v.Since, to, " – ") + " UTC (" + show.Duration(float64(to-v.Since)) + ")"
	}
	if a.Onset != 0 && a.Change != "" {
		s += ": " + Word(lang, a.Change)
		switch {
		case a.Ratio <= 0:
		case a.Change == "errors" || a.Change == "retries": // for them the ratio is a share
			s += " " + show.Share(a.Ratio)
		default:
			s += " x" + show.Short(a.Ratio)
		}
	}
	return s
}

func (r *Report) RuledOut(lang string) []string {
	out := make([]string, len(r.Verdict.RuledOut))
	for i, o := range r.Verdict.RuledOut {
		out[i] = Word(lang, string(o.Layer)) + ": " + o.Why
	}
	return out
}

// Suspects lists the layers that may be at fault; none of a healthy system, whose time is only divided among them.
func (r *Report) Suspects(lang string) []string {
	if r.Verdict.Outcome() == rules.Healthy {
		return nil
	}
	out := make([]string, len(r.Verdict.Candidates))
	for i, c := range r.Verdict.Candidates {
		out[i] = Word(lang, string(c.Layer)) + " " + strconv.FormatFloat(c.Confidence, 'f', 2, 64)
		if c.Share != nil {
			out[i] += " (" + show.Share(*c.Share) + " " + Word(lang, "of the time") + ")"
		}
	}
	return out
}

// verdictInFull repeats what the first screen had to shorten.
func (p *page) verdictInFull(r *Report, shortened []string) {
	if len(shortened) == 0 {
		return
	}
	p.heading("VERDICT IN FULL", "")
	v := r.Verdict
	for _, list := range []struct {
		label string
		items []string
	}{{"WHY", []string{v.Summary}}, {"SUSPECTS", r.Suspects(p.lang)}, {"RULED OUT", r.RuledOut(p.lang)}, {"UNKNOWN", v.Unknown}} {
		if list.label != "SUSPECTS" && !slices.Contains(shortened, list.label) {
			continue
		}
		for i, s := range list.items {
			label := ""
			if i == 0 {
				label = p.word(list.label)
			}
			p.labelled(0, label, strong, s, plainText, 0)
		}
	}
}

// Undivided says why request time cannot be divided, and what is known instead.
func (r *Report) Undivided(lang string) []string {
	out := []string{Word(lang, "No access log was read: what requests wait for is not known.")}
	switch {
	case r.AccessLog && r.Digest.Web.Count+r.Digest.App.Count == 0:
		out[0] = Word(lang, "No request was taken in: what requests wait for is not known.")
	case r.AccessLog:
		out[0] = Word(lang, "The access log carries no durations: what requests wait for is not known.")
	}
	if d := r.Now(); r.databaseUS(d) > 0 && d.Seconds() > 0 {
		out = append(out, fmt.Sprintf(Word(lang, "Statements took %s in these %s: %s at once."), show.Duration(float64(d.DBUS)),
			show.Duration(float64(d.Seconds())*1e6), show.Short(float64(d.DBUS)/1e6/float64(d.Seconds()))))
	}
	return out
}

// division writes where the request time went, before and since.
func (p *page) division(r *Report) {
	d, parts := r.Now(), r.Divide(r.Now())
	if parts == nil {
		p.heading("WHERE REQUEST TIME GOES", "")
		for _, s := range r.Undivided(p.lang) {
			p.hang("  ", plainText, s, plainText, 0)
		}
		return
	}
	note := show.Clock(d.From) + p.either("–", "-") + show.Clock(d.To) + " UTC, " + show.Short(float64(d.Requests)) + " " + p.word("requests")
	var before []Part
	base := r.Attribution.Baseline
	if r.HasBaseline() {
		before = r.Divide(base)
		note = show.Clock(base.From) + p.either("–", "-") + show.Clock(base.To) + p.either(" → ", " -> ") + show.Clock(d.From) + p.either("–", "-") + show.Clock(d.To) + " UTC"
	}
	p.heading("WHERE REQUEST TIME GOES", note)
	for _, q := range parts {
		p.divisionRow(r, q, WholeOf(parts, d), d.Requests, before, WholeOf(before, base), base.Requests)
	}
	if r.busierThanWaited(d) {
		p.labelled(2, "", plainText, p.word("Statements took more time than requests waited for: some serve other programs."), faint, 0)
	}
}

func (p *page) divisionRow(r *Report, q Part, wholeUS, requests int64, before []Part, baseUS, baseRequests int64) {
	shareNow, eachNow, width := show.NoValue, show.NoValue, 0.0
	if s, ok := ratio(q.US, wholeUS); ok {
		shareNow, width = show.Share(s), s
		eachNow = show.Duration(float64(q.US) / float64(requests))
	}
	mark, c := "  ", plainText
	if q.Layer != "" && (q.Layer == r.Verdict.Layer || q.Layer == r.Verdict.SeenIn) {
		mark, c = "> ", r.colourOf()
	}
	cells := in(c, left(mark+p.word(q.Name), 17))
	if before == nil {
		cells = append(cells, right(shareNow, 7), right(eachNow, 10))
		p.row(p.withBar(cells, width, c), piece{}, 0)
		return
	}
	shareWas, eachWas, change := show.NoValue, show.NoValue, ""
	if b, ok := find(before, q.Name); ok {
		if s, ok := ratio(b.US, baseUS); ok {
			was := float64(b.US) / float64(baseRequests)
			shareWas, eachWas = show.Share(s), show.Duration(was)
			if b.US > 0 && q.US > 0 {
				change = "x" + show.Short(float64(q.US)/float64(requests)/was)
			}
		}
	}
	cells = append(cells, p.pair(shareWas, shareNow, 6, 6), p.pair(eachWas, eachNow, 8, 8), right(change, 8))
	p.row(p.withBar(cells, width, c), piece{}, 0)
}

// next names the first things to do. Its lines are counted: the first screen ends with them.
func (p *page) next(r *Report) {
	p.heading("DO NEXT", "")
	todo := r.ToDo()
	if len(todo) == 0 {
		say, more := r.idle(p.lang)
		p.hang("", plainText, say, plainText, 0)
		for _, m := range more {
			p.hang("  - ", plainText, m, plainText, 1)
		}
		return
	}
	most := 2
	if len(todo) == headFindings {
		most = 1
	}
	for i, f := range todo {
		word, c := severityWord(f.Severity)
		p.named(show.Left(strconv.Itoa(i+1)+" "+p.word(word), 7), c, f.Title, strong)
		a, _ := FirstAdvice(f)
		p.hang("     "+p.either("→ ", "> "), plainText, a.Do, plainText, most)
	}
}

// ToDo returns the first of what can be acted on.
func (r *Report) ToDo() []rules.Finding {
	all := r.Actionable()
	return all[:min(len(all), headFindings)]
}

// Actionable returns the findings that can be acted on and are not the consequence of another. What is only worth
// a note is nothing to do next where the verdict rules out the layer that would be changed, and with it the one in
// which it is seen: of a statement, whoever sends it, that is the database. A note on a risk that stands can wait
// until no layer is at fault.
func (r *Report) Actionable() []rules.Finding {
	var out []rules.Finding
	for _, f := range r.Findings {
		seen := f.Layer
		if f.Subject.Kind == "query" || f.Subject.Kind == "table" {
			seen = rules.LayerDatabase
		}
		idle := f.Severity == rules.Info && (r.ruledOut(f.Layer) && r.ruledOut(seen) || f.Standing && r.Verdict.Outcome() == rules.Fault)
		if _, ok := FirstAdvice(f); ok && len(f.BecauseOf) == 0 && !idle {
			out = append(out, f)
		}
	}
	return out
}

func (r *Report) ruledOut(l rules.Layer) bool {
	return slices.ContainsFunc(r.Verdict.RuledOut, func(o rules.RuledOut) bool { return o.Layer == l })
}

// FirstAdvice returns the advice of a finding that can be followed now.
func FirstAdvice(f rules.Finding) (a rules.Advice, ok bool) {
	for _, a := range f.Advice {
		if a.Held == "" {
			return a, true
		}
	}
	return rules.Advice{}, false
}

func severityWord(s rules.Severity) (string, colour) {
	switch s {
	case rules.Critical:
		return "CRIT", bad
	case rules.Warning:
		return "WARN", warn
	}
	return "INFO", plainText
}

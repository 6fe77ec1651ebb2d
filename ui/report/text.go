package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors"
	"dbtriage/rules"
)

// textRows is how many rows of each list a text report shows by itself.
const textRows = 10

// headFindings is how many findings the first screen names.
const headFindings = 3

// WriteText writes the report for a terminal of 80 columns. Its first 24 lines hold the verdict,
// where the time goes and what to do next.
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

// headline says the verdict in a few words.
func (r *Report) headline(lang string) string {
	t := func(s string) string { return word(lang, s) }
	v := r.Verdict
	switch v.Layer {
	case rules.LayerNone:
		return t("HEALTHY: no layer holds the system back")
	case rules.LayerUnknown:
		if two(v.Candidates) {
			return t("TWO SUSPECTS") + ": " + t(string(v.Candidates[0].Layer)) + " " + t("or") + " " + t(string(v.Candidates[1].Layer))
		}
		if seen := v.SeenIn; seen != "" && seen != rules.LayerUnknown {
			return t("UNDECIDED") + ", " + t("seen in") + " " + t(string(seen))
		}
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

// two reports whether two layers share the suspicion: each holds a good part of the time and
// together they hold most of it.
func two(c []rules.Candidate) bool {
	if len(c) < 2 || c[0].Share == nil || c[1].Share == nil {
		return false
	}
	return *c[1].Share >= 0.2 && *c[0].Share+*c[1].Share >= 0.5
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
	return word(lang, sureness(c)) + " " + strconv.FormatFloat(c, 'f', 2, 64)
}

// verdict writes the first lines and returns the labels of what had to be shortened.
func (p *page) verdict(r *Report) (shortened []string) {
	v := r.Verdict
	label := left(p.word("VERDICT"), labelWidth)
	head := r.headline(p.lang)
	conf := ""
	if v.Confidence > 0 {
		conf = p.word("confidence") + " " + sure(p.lang, v.Confidence)
	}
	gap := max(2, pageWidth-columns(label)-columns(head)-columns(conf))
	p.line(piece{label, strong}, piece{head, r.colourOf()}, piece{strings.Repeat(" ", gap) + conf, strong})
	if since := r.since(p.lang); since != "" {
		p.labelled(0, p.word("SINCE"), strong, since, plainText, 1)
	}
	show := func(label, text string, most int) {
		if text != "" && !p.labelled(0, p.word(label), strong, text, plainText, most) {
			shortened = append(shortened, label)
		}
	}
	show("WHY", v.Summary, 3)
	show("RULED OUT", strings.Join(r.ruledOut(p.lang), "; "), 2)
	show("UNKNOWN", strings.Join(v.Unknown, " "), 2)
	return shortened
}

// since says when the verdict began to hold and what changed then; empty for a verdict without an
// onset of its own.
func (r *Report) since(lang string) string {
	a, v := r.Attribution, r.Verdict
	if v.Layer == rules.LayerNone || v.Layer == rules.LayerUnknown && v.Since == collectors.NoTime {
		return ""
	}
	if v.Since == collectors.NoTime {
		return word(lang, "all along, or not known")
	}
	s := instant(v.Since) + " UTC"
	if to := r.now().To * 1e6; to > v.Since {
		s = span(v.Since, to, " – ") + " UTC (" + duration(float64(to-v.Since)) + ")"
	}
	if a.Onset != 0 && a.Change != "" {
		s += ": " + word(lang, a.Change)
		switch {
		case a.Ratio <= 0:
		case a.Change == "errors" || a.Change == "retries": // for them the ratio is a share
			s += " " + share(a.Ratio)
		default:
			s += " x" + short(a.Ratio)
		}
	}
	return s
}

func (r *Report) ruledOut(lang string) []string {
	out := make([]string, len(r.Verdict.RuledOut))
	for i, o := range r.Verdict.RuledOut {
		out[i] = word(lang, string(o.Layer)) + ": " + o.Why
	}
	return out
}

// suspects lists the layers that may be at fault.
func (r *Report) suspects(lang string) []string {
	out := make([]string, len(r.Verdict.Candidates))
	for i, c := range r.Verdict.Candidates {
		out[i] = word(lang, string(c.Layer)) + " " + strconv.FormatFloat(c.Confidence, 'f', 2, 64)
		if c.Share != nil {
			out[i] += " (" + share(*c.Share) + " " + word(lang, "of the time") + ")"
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
	}{{"WHY", []string{v.Summary}}, {"SUSPECTS", r.suspects(p.lang)}, {"RULED OUT", r.ruledOut(p.lang)}, {"UNKNOWN", v.Unknown}} {
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

// undivided says why request time cannot be divided, and what is known instead.
func (r *Report) undivided(lang string) []string {
	out := []string{word(lang, "No access log was read: what requests wait for is not known.")}
	if r.AccessLog {
		out[0] = word(lang, "The access log carries no durations: what requests wait for is not known.")
	}
	if d := r.now(); r.databaseUS(d) > 0 && d.Seconds() > 0 {
		out = append(out, fmt.Sprintf(word(lang, "Statements took %s in these %s: %s at once."), duration(float64(d.DBUS)),
			duration(float64(d.Seconds())*1e6), short(float64(d.DBUS)/1e6/float64(d.Seconds()))))
	}
	return out
}

// division writes where the request time went, before and since.
func (p *page) division(r *Report) {
	d, parts := r.now(), r.divide(r.now())
	if parts == nil {
		p.heading("WHERE REQUEST TIME GOES", "")
		for _, s := range r.undivided(p.lang) {
			p.hang("  ", plainText, s, plainText, 0)
		}
		return
	}
	note := clock(d.From) + p.either("–", "-") + clock(d.To) + " UTC, " + short(float64(d.Requests)) + " " + p.word("requests")
	var before []part
	base := r.Attribution.Baseline
	if r.hasBaseline() {
		before = r.divide(base)
		note = clock(base.From) + p.either("–", "-") + clock(base.To) + p.either(" → ", " -> ") + clock(d.From) + p.either("–", "-") + clock(d.To) + " UTC"
	}
	p.heading("WHERE REQUEST TIME GOES", note)
	for _, q := range parts {
		p.divisionRow(r, q, wholeOf(parts, d), d.Requests, before, wholeOf(before, base), base.Requests)
	}
	if r.busierThanWaited(d) {
		p.labelled(2, "", plainText, p.word("Statements took more time than requests waited for: some serve other programs."), faint, 0)
	}
}

func (p *page) divisionRow(r *Report, q part, wholeUS, requests int64, before []part, baseUS, baseRequests int64) {
	arrow := p.either(" → ", " -> ")
	shareNow, eachNow, width := noValue, noValue, 0.0
	if s, ok := ratio(q.us, wholeUS); ok {
		shareNow, width = share(s), s
		eachNow = duration(float64(q.us) / float64(requests))
	}
	mark, c := "  ", plainText
	if q.layer != "" && (q.layer == r.Verdict.Layer || q.layer == r.Verdict.SeenIn) {
		mark, c = "> ", r.colourOf()
	}
	name := left(mark+p.word(q.name), 17)
	if before == nil {
		p.line(piece{name, c}, piece{right(shareNow, 7) + right(eachNow, 10) + "   ", plainText}, piece{bar(width, 42, p.style.ASCII), c})
		return
	}
	shareWas, eachWas, change := noValue, noValue, ""
	if b, ok := find(before, q.name); ok {
		if s, ok := ratio(b.us, baseUS); ok {
			was := float64(b.us) / float64(baseRequests)
			shareWas, eachWas = share(s), duration(was)
			if b.us > 0 && q.us > 0 {
				change = "x" + short(float64(q.us)/float64(requests)/was)
			}
		}
	}
	p.line(piece{name, c},
		piece{right(shareWas, 6) + arrow + left(shareNow, 6) + right(eachWas, 8) + arrow + left(eachNow, 8) + right(change, 8) + "  ", plainText},
		piece{bar(width, 17, p.style.ASCII), c})
}

// next names the first things to do. Its lines are counted: the first screen ends with them.
func (p *page) next(r *Report) {
	p.heading("DO NEXT", "")
	todo := r.todo()
	if len(todo) == 0 {
		p.text(p.word("Nothing: no rule asks for a change."))
		for _, g := range top(r.groupedGaps(), headFindings, 0) {
			p.hang("  - ", plainText, p.word("To know more: ")+g.Provide, plainText, 1)
		}
		return
	}
	most := 2
	if len(todo) == headFindings {
		most = 1
	}
	for i, f := range todo {
		word, c := severityWord(f.Severity)
		p.line(piece{left(strconv.Itoa(i+1)+" "+p.word(word), 7), c}, piece{p.cut(f.Title, pageWidth-7), strong})
		a, _ := firstAdvice(f)
		p.hang("     "+p.either("→ ", "> "), plainText, a.Do, plainText, most)
	}
}

// todo returns the first findings that can be acted on and are not the consequence of another.
func (r *Report) todo() []rules.Finding {
	var out []rules.Finding
	for _, f := range r.Findings {
		if _, ok := firstAdvice(f); ok && len(f.BecauseOf) == 0 && len(out) < headFindings {
			out = append(out, f)
		}
	}
	return out
}

// firstAdvice returns the advice of a finding that can be followed now.
func firstAdvice(f rules.Finding) (a rules.Advice, ok bool) {
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

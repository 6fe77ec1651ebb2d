package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"dbtriage/rules"
	"dbtriage/ui/show"
)

// findings writes each finding with its evidence and advice.
func (p *page) findings(r *Report) {
	c, w, i := Severities(r.Findings)
	p.heading("FINDINGS", fmt.Sprintf("%d %s, %d %s, %d %s", c, p.word("critical"), w, p.word("warning"), i, p.word("info")))
	if len(r.Findings) == 0 {
		p.text(p.word("No rule found anything."))
		return
	}
	shown := top(r.Findings, r.Options.Top, textRows)
	for n, f := range shown {
		if n > 0 {
			p.blank()
		}
		p.finding(n+1, f)
	}
	if left := len(r.Findings) - len(shown); left > 0 {
		p.blank()
		p.line(piece{"+" + strconv.Itoa(left) + " " + p.word("more; -f json lists all"), faint})
	}
}

func (p *page) finding(n int, f rules.Finding) {
	word, c := severityWord(f.Severity)
	head := show.Left(show.Right(strconv.Itoa(n), 2)+" "+p.word(word), 8)
	for i, l := range show.Wrap(p.oneLine(f.Title), p.width-show.Columns(head)) {
		if i > 0 {
			head = strings.Repeat(" ", show.Columns(head))
		}
		p.line(piece{head, c}, piece{l, strong})
	}
	facts := []string{f.Rule, p.word("layer") + " " + p.word(string(f.Layer)), p.word("confidence") + " " + sure(p.lang, f.Confidence)}
	if f.Provisional {
		facts = append(facts, p.word("provisional"))
	}
	p.named("   ", faint, strings.Join(facts, p.either(" · ", " | ")), faint)
	if s := subjectLine(f.Subject, p.lang); s != "" {
		p.named("   ", plainText, s, plainText)
	}
	if len(f.BecauseOf) > 0 {
		p.labelled(3, p.word("because of"), plainText, strings.Join(f.BecauseOf, ", "), plainText, 0)
	}
	common := commonOrigin(f.Evidence)
	if common != (origin{}) {
		p.labelled(3, p.word("from"), plainText, p.origin(common), plainText, 0)
	}
	for _, e := range f.Evidence {
		label := p.word("for")
		if !e.For {
			label = p.word("against")
		}
		p.labelled(3, label, plainText, p.evidence(e, common), plainText, 0)
	}
	for _, a := range f.Advice {
		p.advice(a)
	}
}

// subjectLine names what a finding speaks of, or nothing when it is the whole system.
func subjectLine(s rules.Subject, lang string) string {
	switch {
	case s.Kind == "global" || s.Kind == "" && s.ID == "":
		return ""
	case s.Label != "" && s.Label != s.ID:
		return Word(lang, s.Kind) + " " + s.ID + ": " + s.Label
	}
	return Word(lang, s.Kind) + " " + s.ID
}

// An origin is where an evidence comes from.
type origin struct{ source, window string }

// commonOrigin returns the origin that all evidence shares, so that it need be said but once.
func commonOrigin(all []rules.Evidence) (common origin) {
	for i, e := range all {
		o := origin{e.Source, e.Window}
		if i > 0 && o != common {
			return origin{}
		}
		common = o
	}
	return common
}

// origin says where from and when; a window within one day loses its date.
func (p *page) origin(o origin) string {
	from, to, ok := strings.Cut(o.window, "/")
	a, errA := time.Parse(time.RFC3339, from)
	b, errB := time.Parse(time.RFC3339, to)
	window := o.window
	if ok && errA == nil && errB == nil {
		layout := "15:04:05"
		if a.Format(time.DateOnly) != b.Format(time.DateOnly) {
			layout = "01-02 15:04"
		}
		window = a.UTC().Format(layout) + p.either("–", "-") + b.UTC().Format(layout)
	}
	return strings.TrimSpace(Phrase(p.lang, o.source) + " " + window)
}

// evidence says one measured number, its limit, and its origin where that is its own.
func (p *page) evidence(e rules.Evidence, common origin) string {
	s := e.What + ": " + measure(p.lang, e.Value, e.Unit)
	if e.Limit != nil {
		s += " (" + p.word("limit") + " " + measure(p.lang, e.Limit, e.Unit) + ")"
	}
	if o := (origin{e.Source, e.Window}); common == (origin{}) && o != common {
		s += ", " + p.origin(o)
	}
	return s
}

func (p *page) advice(a rules.Advice) {
	p.labelled(3, p.word("do"), strong, a.Do, strong, 0)
	for _, f := range []struct{ label, text string }{
		{"held", a.Held}, {"expect", a.Expect}, {"risk", a.Risk}, {"undo", a.Undo}, {"verify", a.Verify},
	} {
		if f.text != "" {
			p.labelled(3, p.word(f.label), plainText, f.text, plainText, 0)
		}
	}
}

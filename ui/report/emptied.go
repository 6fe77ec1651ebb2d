package report

import (
	"fmt"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/rules"
	"dbtriage/ui/show"
)

// emptied says what has left nothing of the logs that were read: a filter, or that a run before this
// one has reported all there is. It is empty when events were taken in, or something else was read.
func emptied(s *analyzers.Snapshot, d *analyzers.Digest, lang string) string {
	if !d.Empty() || s.Series != nil {
		return ""
	}
	var events int64
	logs, parts, first, last := 0, false, collectors.NoTime, collectors.NoTime
	for _, src := range s.Sources {
		if src.Recording {
			continue
		}
		logs++
		parts = parts || src.Part
		events += src.Events
		if src.From != collectors.NoTime && src.To != collectors.NoTime {
			if first == collectors.NoTime || src.From < first {
				first = src.From
			}
			last = max(last, src.To)
		}
	}
	switch {
	case logs == 0:
		return ""
	case events == 0 && s.Resumed:
		return Word(lang, "Nothing was logged since the run before, which had read all there is (--state).")
	case s.Asked == "" || events == 0 && first == collectors.NoTime:
		return ""
	}
	out := fmt.Sprintf(Word(lang, "Nothing of %s events is in %s."), show.Count(events), s.Asked)
	if parts { // how many there are in all is not known
		out = fmt.Sprintf(Word(lang, "Nothing in the logs is in %s."), s.Asked)
	}
	if first != collectors.NoTime {
		out += fmt.Sprintf(Word(lang, " The logs cover %s UTC."), show.Span(first, last, " – "))
	}
	return out
}

// idle says that there is nothing to do, and what would tell more.
func (r *Report) idle(lang string) (say string, more []string) {
	if r.Emptied != "" {
		return Word(lang, "Take in more events: widen what was asked for, leave it out, or wait until more is logged."), nil
	}
	for _, g := range top(r.GroupedGaps(), headFindings, 0) {
		more = append(more, Word(lang, "To know more: ")+g.Provide)
	}
	switch r.Verdict.Outcome() {
	case rules.Healthy, rules.TooLittle:
		return Word(lang, "Nothing: no rule asks for a change."), more
	}
	return Word(lang, "Find the cause: no rule names it yet."), more
}

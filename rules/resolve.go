package rules

import (
	"fmt"
	"slices"
)

// heldByCause and heldByRung say why an advice waits.
var (
	heldByCause = Text{"explained by %s: settle that first", "由 %s 引起：请先处理它"}
	heldByRung  = Text{"wait for %s: an earlier step of the ladder with more to gain", "先做 %s：它在阶梯中更靠前且收益更大"}

	heldByHealth = Text{"not now: by the verdict nothing waits for the %s", "暂不需要：按结论，没有请求在等%s"}
	heldByFault  = Text{"not now: by the verdict the fault is in the %s", "暂不需要：按结论，问题在%s"}

	heldBySame     = Text{"%s is to be changed for %s already: one change of it at a time", "%s 已因 %s 需要调整：一次只改一处"}
	heldByMemory   = Text{"needs %s of memory, of which the host has %s to give", "需要 %s 内存，而主机只能再给 %s"}
	heldByNoMemory = Text{"needs %s of memory: give a recording of the host first, which says what it has", "需要 %s 内存：请先提供主机记录，确认余量"}
)

// ladderHolds is the first rung whose advice can be held back. Rewriting one statement and indexing
// for another do not wait for each other; what changes the table or the whole system waits for both.
var ladderHolds = rungs["schema"]

// resolve puts findings in relation: causes explain consequences, the same advice on one subject is
// given once, later rungs wait. Findings come in reading order.
func resolve(findings []Finding, set *Set, g *gathered, lang string) {
	markCauses(findings, set, lang)
	mergeAdvice(findings)
	holdLadder(findings, lang)
	holdSame(findings, lang)
	holdMemory(findings, g, lang)
}

// The rungs that a note waits on until something is held back: more hardware, a cache, a buffer. What comes after
// them is planned ahead of need.
var firstForNeed, lastForNeed = rungs["hardware"], rungs["buffer"]

// HoldUnneeded holds the advice of notes that only pays where the layer is short, when the verdict is that the
// system is healthy or that another layer is at fault.
func HoldUnneeded(findings []Finding, v *Verdict, lang string) {
	for i := range findings {
		f := &findings[i]
		why := ""
		switch {
		case f.Severity != Info, f.Standing:
		case v.Outcome() == Healthy:
			why = fmt.Sprintf(heldByHealth.In(lang), layerWord(f.Layer, lang))
		case v.Outcome() == Fault && v.Layer != f.Layer:
			why = fmt.Sprintf(heldByFault.In(lang), layerWord(v.Layer, lang))
		}
		if why == "" {
			continue
		}
		for k := range f.Advice {
			a := &f.Advice[k]
			if rung := rungs[a.Rung]; a.Held == "" && rung >= firstForNeed && rung <= lastForNeed {
				a.Held = why
			}
		}
	}
}

// layerWord names a layer in a sentence.
func layerWord(l Layer, lang string) string {
	say := sayings[lang]
	if say == nil {
		say = sayings["en"]
	}
	return say["layer."+string(l)]
}

// holdSame lets one finding, the first, speak of each setting: others wait until its change has
// shown its effect.
func holdSame(findings []Finding, lang string) {
	type key struct{ server, setting string }
	first := map[key]string{}
	for i := range findings {
		f := &findings[i]
		for n := range f.Advice {
			a := &f.Advice[n]
			if a.sets == "" || a.Held != "" {
				continue
			}
			k := key{f.Server, a.sets}
			if id, taken := first[k]; taken && id != f.ID {
				a.Held = fmt.Sprintf(heldBySame.In(lang), a.sets, id)
				continue
			}
			first[k] = f.ID
		}
	}
}

// holdMemory gives what memory the host can spare to the advice that asks for some, in order: all
// of it together leaves a tenth of the host's memory free.
func holdMemory(findings []Finding, g *gathered, lang string) {
	available, ok1 := g.global["mem_available"].(float64)
	total, ok2 := g.global["mem_total"].(float64)
	left := max(available-poolReserve*total, 0)
	for i := range findings {
		for k := range findings[i].Advice {
			a := &findings[i].Advice[k]
			switch {
			case a.memory == 0 || a.Held != "":
			case !ok1 || !ok2:
				a.Held = fmt.Sprintf(heldByNoMemory.In(lang), formatBytes(a.memory))
			case a.memory > left:
				a.Held = fmt.Sprintf(heldByMemory.In(lang), formatBytes(a.memory), formatBytes(left))
			default:
				left -= a.memory
			}
		}
	}
}

// markCauses fills BecauseOf, takes explained findings down to info and holds their advice.
func markCauses(findings []Finding, set *Set, lang string) {
	asFound := slices.Clone(findings)
	for i := range findings {
		f := &findings[i]
		r := set.byID[f.Rule]
		for k := range asFound {
			cause := &asFound[k]
			if slices.Contains(r.After, cause.Rule) && cause.concerns(f) && cause.explains(f) {
				f.BecauseOf = append(f.BecauseOf, cause.ID)
			}
		}
		if len(f.BecauseOf) == 0 {
			continue
		}
		slices.Sort(f.BecauseOf)
		f.Severity = Info
		for k := range f.Advice {
			f.Advice[k].Held = fmt.Sprintf(heldByCause.In(lang), f.BecauseOf[0])
		}
	}
}

// explains reports whether what a finding says of its subject reaches another's: that of the system or of a device
// of its host reaches everything in it, that of a table the statements that name it, and a warning of a table the
// system, as one of a statement does that takes most of the statement time.
func (f *Finding) explains(o *Finding) bool {
	switch {
	case f.Subject.Kind == o.Subject.Kind && f.Subject.ID == o.Subject.ID:
		return true
	case f.Subject.Kind == "global", f.Subject.Kind == "device":
		return true
	case f.Subject.Kind == "table" && o.Subject.Kind == "query":
		return slices.ContainsFunc(f.tables, func(name string) bool { return slices.Contains(o.tables, name) })
	case o.Subject.Kind == "global":
		return f.Severity.Rank() >= Warning.Rank() && (f.Subject.Kind == "table" || f.Subject.Kind == "query" && f.Share >= leadShare)
	}
	return false
}

// mergeAdvice keeps the first of equal advice on one subject.
func mergeAdvice(findings []Finding) {
	type key struct{ server, kind, id, do string }
	seen := map[key]bool{}
	for i := range findings {
		f := &findings[i]
		f.Advice = slices.DeleteFunc(f.Advice, func(a Advice) bool {
			k := key{f.Server, f.Subject.Kind, f.Subject.ID, a.Do}
			again := seen[k]
			seen[k] = true
			return again
		})
	}
}

// holdLadder holds advice back while an open finding has advice on an earlier rung and more to gain. A risk to the
// data or the service is no step of it: no gain in time outweighs one. Findings of one rule are settled alike.
func holdLadder(findings []Finding, lang string) {
	for i := range findings {
		f := &findings[i]
		if f.Standing && f.Severity != Info {
			continue
		}
		for k := range f.Advice {
			a := &f.Advice[k]
			if rungs[a.Rung] < ladderHolds || a.Held != "" {
				continue
			}
			for o := range findings {
				if findings[o].Rule != f.Rule && findings[o].waitsBefore(f, rungs[a.Rung]) {
					a.Held = fmt.Sprintf(heldByRung.In(lang), findings[o].ID)
					break
				}
			}
		}
	}
}

// waitsBefore reports whether f is open, has advice on the ladder below rung, and more to gain than
// other. On one subject the earlier rung goes first at equal gain.
func (f *Finding) waitsBefore(other *Finding, rung int) bool {
	same := f.Subject == other.Subject
	if !f.concerns(other) || len(f.BecauseOf) > 0 || f.Severity == Info || f.Standing || f.Share < other.Share || f.Share == other.Share && !same {
		return false
	}
	return slices.ContainsFunc(f.Advice, func(a Advice) bool { return rungs[a.Rung] > 0 && rungs[a.Rung] < rung })
}

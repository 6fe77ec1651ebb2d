package session

import (
	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/rules"
)

// A Diagnosis is a snapshot with all that follows from it.
type Diagnosis struct {
	Snapshot    *analyzers.Snapshot
	Workload    analyzers.Workload
	Attribution timeline.Attribution
	Judgement   rules.Judgement
}

// Judge derives the diagnosis of a snapshot. It is pure: the same snapshot gives the same one.
func Judge(s *analyzers.Snapshot, set *rules.Set, lang string) (Diagnosis, error) {
	w, err := analyzers.NewWorkload(s.Digest)
	if err != nil {
		return Diagnosis{}, err
	}
	d := Diagnosis{Snapshot: s, Workload: w, Attribution: timeline.Attribute(s)}
	d.Judgement.Findings, d.Judgement.Gaps = rules.Judge(s, d.Attribution, set, lang)
	d.Judgement.Verdict = rules.Decide(s, d.Attribution, d.Judgement.Findings, lang)
	rules.HoldUnneeded(d.Judgement.Findings, &d.Judgement.Verdict, lang)
	d.Judgement.InForce = set.InForce()
	return d, nil
}

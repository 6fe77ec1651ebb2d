package rules

import "slices"

// A Standing is a finding as a live screen shows it, and what it needs to be shown steadily.
type Standing struct {
	Finding Finding
	Since   int64 // µs since the epoch at which it was first found
	LastAt  int64 // and last; before the judgement that is shown when it is going away
	// Calm counts the judgements in a row that did not find it, or found it less severe.
	Calm int
}

// calmAfter is how many judgements in a row must be without a finding, or find it less severe,
// before it goes or its severity falls. What is worse shows at once.
const calmAfter = 3

// Settle says what is shown after a judgement at an instant: new findings at once, provisional for
// as long as the judgement says so; findings that are gone only after three judgements without them,
// as findings that stand. It is pure, and keeps the order of the judgement, with what is going away
// behind. Only a live screen is settled: reports say what was found.
func Settle(before []Standing, now []Finding, at int64) []Standing {
	out := make([]Standing, 0, len(now))
	for _, f := range now {
		s := Standing{Finding: f, Since: at, LastAt: at}
		if i := indexOf(before, f.ID); i >= 0 {
			old := before[i]
			s.Since = old.Since
			if f.Severity.Rank() < old.Finding.Severity.Rank() && old.Calm+1 < calmAfter {
				s.Calm = old.Calm + 1
				s.Finding.Severity = old.Finding.Severity
			}
		}
		out = append(out, s)
	}
	for _, old := range before {
		if indexOf(out, old.Finding.ID) < 0 && old.Calm+1 < calmAfter {
			old.Calm++
			out = append(out, old)
		}
	}
	return out
}

func indexOf(list []Standing, id string) int {
	return slices.IndexFunc(list, func(s Standing) bool { return s.Finding.ID == id })
}

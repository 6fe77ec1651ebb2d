package advise

import (
	"slices"
)

// minRows is the size below which reading the whole table is as good as an index, and readPerRow how
// many rows read for each one needed are no waste worth an index.
const (
	minRows    = 1_000
	readPerRow = 3
	lockBound  = 0.3 // share of Lock_time above which the plan is not what is slow
)

// unworthy says why a class gains nothing from an index; "" when it may.
func unworthy(st *Statement, cands []*candidate) string {
	c := st.Class
	if len(cands) == 0 {
		return "no condition"
	}
	if c.Time.Sum > 0 && float64(c.LockUS)/float64(c.Time.Sum) > lockBound {
		return "locks"
	}
	if !slices.ContainsFunc(cands, func(x *candidate) bool { return x.known == nil || x.known.Rows < 0 || x.known.Rows >= minRows }) {
		return "small table"
	}
	if c.RowsExaminedKnown == 0 {
		return ""
	}
	if examinedMean(c) <= readPerRow*neededMean(c) {
		return "few rows read"
	}
	return ""
}

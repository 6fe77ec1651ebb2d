package advise

import (
	"slices"

	"dbtriage/analyzers/sqlshape"
)

// MergeFactor says how many of a class's writes go to the same row within analyzers.RepeatSpan seconds, and so
// become one: an UPDATE that adds a constant to a column of the rows that equal a key. ok is false for
// other statements, and where repeats were not counted.
func MergeFactor(st *Statement) (factor float64, ok bool) {
	if _, counts := st.Shape.Step(); !counts || st.Shape.Verb != "update" || len(st.Shape.Blocks) != 1 {
		return 0, false
	}
	b := &st.Shape.Blocks[0]
	if !slices.ContainsFunc(b.Where, func(p sqlshape.Predicate) bool { return p.Kind == sqlshape.Equal }) {
		return 0, false
	}
	return st.Class.Repeats.PerSpan()
}

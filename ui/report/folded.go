package report

import (
	"iter"

	"dbtriage/analyzers"
)

// allClasses yields every class by total time, longest first: those kept whole, and between and
// behind them those that the memory bound keeps as counts and sums. Of the latter one is reused.
func (r *Report) allClasses() iter.Seq[*analyzers.Class] {
	if r.Digest.Folded() == 0 || r.Options.Top > 0 && r.Options.Top <= len(r.Classes) {
		return func(yield func(*analyzers.Class) bool) {
			for _, c := range top(r.Classes, r.Options.Top, 0) {
				if !yield(c) {
					return
				}
			}
		}
	}
	return func(yield func(*analyzers.Class) bool) {
		next, stop := iter.Pull(r.Digest.FoldedClasses())
		defer stop()
		left := r.Options.Top
		whole := r.Classes
		folded, ok := next()
		for len(whole) > 0 || ok {
			var c *analyzers.Class
			if !ok || len(whole) > 0 && whole[0].Time.Sum >= folded.Time.Sum {
				c, whole = whole[0], whole[1:]
			} else {
				c = folded
			}
			if !yield(c) {
				return
			}
			if left--; left == 0 {
				return
			}
			if c == folded {
				folded, ok = next()
			}
		}
	}
}

// fingerprintOf is null for a class kept as counts and sums whose text cannot be read again.
func (r *Report) fingerprintOf(c *analyzers.Class) *string {
	if !c.Folded || c.Fingerprint != "" {
		text := c.Fingerprint // the class of a row is used again for the next one
		return &text
	}
	if r.Options.Text == nil {
		return nil
	}
	sql, ok := r.Options.Text(c.Worst.Source, c.Worst.Offset)
	if !ok {
		return nil
	}
	text, id := analyzers.Fingerprint(sql)
	if id != c.ID {
		return nil // the file is no longer what it was
	}
	return &text
}

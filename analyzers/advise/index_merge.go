package advise

import (
	"cmp"
	"slices"
)

// mergeCandidates folds candidates that a wider one of the same table serves too.
func mergeCandidates(all []*candidate) []*candidate {
	slices.SortStableFunc(all, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.width(), a.width()), cmp.Compare(b.gainUS(), a.gainUS()))
	})
	var out []*candidate
	for _, c := range all {
		i := slices.IndexFunc(out, func(w *candidate) bool {
			if w.home != c.home {
				return false
			}
			groups, ok := refine(w.groups, c.groups)
			if ok {
				w.groups = groups
			}
			return ok
		})
		if i < 0 {
			out = append(out, c)
			continue
		}
		w := out[i]
		for _, u := range c.uses {
			if !slices.ContainsFunc(w.uses, func(have use) bool { return have.class == u.class }) {
				w.uses = append(w.uses, u)
			}
		}
		w.extends = cmp.Or(w.extends, c.extends)
	}
	return out
}

func (c *candidate) width() (n int) {
	for _, g := range c.groups {
		n += len(g)
	}
	return n
}

// refine puts the columns of wide into an order that begins with those of narrow; ok is false when
// there is none.
func refine(wide, narrow [][]indexColumn) (out [][]indexColumn, ok bool) {
	w, n := slices.Clone(wide), slices.Clone(narrow)
	for len(n) > 0 {
		if len(w) == 0 {
			return nil, false
		}
		both, onlyW, onlyN := split(w[0], n[0])
		switch {
		case len(both) == 0, len(onlyW) > 0 && len(onlyN) > 0:
			return nil, false
		case len(onlyN) > 0: // the wide one says which of them come first
			out, w, n[0] = append(out, both), w[1:], onlyN
		case len(onlyW) > 0:
			out, w[0], n = append(out, both), onlyW, n[1:]
		default:
			out, w, n = append(out, both), w[1:], n[1:]
		}
	}
	return append(out, w...), true
}

func split(a, b []indexColumn) (both, onlyA, onlyB []indexColumn) {
	for _, c := range a {
		if slices.Contains(b, c) {
			both = append(both, c)
		} else {
			onlyA = append(onlyA, c)
		}
	}
	for _, c := range b {
		if !slices.Contains(a, c) {
			onlyB = append(onlyB, c)
		}
	}
	return both, onlyA, onlyB
}

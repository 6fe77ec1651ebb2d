package advise

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// A traffic is a statement with the tables that it reads and writes.
type traffic struct {
	st            *Statement
	reads, writes []sqlshape.Table // homes
}

func trafficOf(statements []Statement, catalog *Catalog) []traffic {
	out := make([]traffic, len(statements))
	for i := range statements {
		t := &out[i]
		t.st = &statements[i]
		for _, table := range t.st.Shape.Reads {
			t.reads = append(t.reads, catalog.home(table, t.st.Schema))
		}
		for _, table := range t.st.Shape.Writes {
			t.writes = append(t.writes, catalog.home(table, t.st.Schema))
		}
	}
	return out
}

// gain estimates what of the class's time an index takes away, by the rows it leads to against those read now.
func (u *use) gain(c *candidate) {
	u.gainUS = mostGain * float64(u.class.Time.Sum)
	examined := examinedMean(u.class)
	if examined <= 0 || math.IsNaN(u.rows) {
		return
	}
	each := rowByLookUp
	if c.covers {
		each = 1
	}
	u.gainUS = min(u.gainUS, float64(u.class.Time.Sum)*max(0, 1-each*u.rows/examined))
}

func (c *candidate) gainUS() (sum float64) {
	for _, u := range c.uses {
		sum += u.gainUS
	}
	return sum
}

// choose picks the indexes to make, those that gain most first, and tells the classes of the others why not.
func choose(all []*candidate, traffic []traffic, catalog *Catalog, known knowledge, p *Plan) {
	slices.SortStableFunc(all, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.gainUS(), a.gainUS()), cmp.Compare(a.home.String(), b.home.String()))
	})
	perTable, added := map[sqlshape.Table]int{}, 0
	var chosen []*candidate
	hours := hoursOf(traffic)
	for _, c := range all {
		payUS := writePenalty * float64(c.writes(traffic))
		c.uses = slices.DeleteFunc(c.uses, func(u use) bool {
			w := nearly(chosen, c, u, known, payUS)
			if w != nil {
				w.uses = append(w.uses, u)
			}
			return w != nil
		})
		if len(c.uses) == 0 {
			continue
		}
		why := ""
		net, workload := c.gainUS()-payUS, c.timeOn(traffic)
		switch {
		case c.gainUS() <= 0:
			why = "most rows match"
		case net <= 0:
			why = "writes cost more"
		case c.known != nil && net < leastGain*workload && (hours == 0 || net < leastPerHour*hours),
			c.widened && net < coverShare*workload:
			why = "little to gain"
		case c.extends == "" && (added >= maxIndexes || perTable[c.home] >= maxPerTable):
			why = "beyond the limit"
		}
		if why != "" {
			for _, u := range c.uses {
				p.Classes[u.class.ID].Why = why
				if u.or != nil {
					u.or.broken = true
				}
			}
			continue
		}
		if c.extends == "" { // else there are as many as before
			perTable[c.home]++
			added++
		}
		chosen = append(chosen, c)
	}
	names := map[string]bool{}
	for _, c := range chosen {
		c.uses = slices.DeleteFunc(c.uses, func(u use) bool { return u.or != nil && u.or.broken })
		if len(c.uses) == 0 {
			continue
		}
		x := c.index(traffic, ambiguous(c.home, all, catalog), names)
		p.Indexes = append(p.Indexes, x)
		for _, u := range c.uses {
			give(p, x, u)
		}
	}
	slices.SortStableFunc(p.Indexes, func(a, b *Index) int {
		return cmp.Or(cmp.Compare(b.TimeUS, a.TimeUS), cmp.Compare(a.Home.String(), b.Home.String()))
	})
}

// ambiguous reports whether the name of a table alone does not say which one it is.
func ambiguous(home sqlshape.Table, all []*candidate, catalog *Catalog) bool {
	one, twice := catalog.bare[strings.ToLower(home.Name)]
	return twice && one == nil || slices.ContainsFunc(all, func(c *candidate) bool {
		return c.home != home && strings.EqualFold(c.home.Name, home.Name) && !strings.EqualFold(c.home.Schema, home.Schema)
	})
}

// give tells a class that an index serves it.
func give(p *Plan, x *Index, u use) {
	plan := p.Classes[u.class.ID]
	plan.Why = ""
	plan.GainUS = max(plan.GainUS, u.gainUS)
	if !slices.Contains(x.Classes, u.class.ID) {
		x.Classes = append(x.Classes, u.class.ID)
		x.TimeUS += u.class.Time.Sum
		plan.Indexes = append(plan.Indexes, x)
	}
}

// nearly returns a chosen index that does nearly all for a class that a candidate would: it finds the rows that are
// then sorted, or its first columns leave so few rows that what is left to gain is not worth the writes to another.
func nearly(chosen []*candidate, c *candidate, u use, known knowledge, payUS float64) *candidate {
	examined := examinedMean(u.class)
	if examined <= 0 || c.known == nil {
		return nil
	}
	for _, w := range chosen {
		if w.known != c.known {
			continue
		}
		if u.byRange != nil {
			if groups, ok := refine(w.groups, u.byRange); ok {
				w.groups = groups
				return w
			}
		}
		var prefix []string
		for _, name := range w.columns() {
			if !slices.Contains(u.equal, name) {
				break
			}
			prefix = append(prefix, name)
		}
		if rows, ok := known.rows(c.known, prefix); ok && len(prefix) > 0 {
			left := float64(u.class.Time.Sum) * rowByLookUp * rows / examined
			if left <= max((1-mostGain)*float64(u.class.Time.Sum), payUS) {
				return w
			}
		}
	}
	return nil
}

// timeOn is the time of the statements that read or write the table of a candidate, in µs.
func (c *candidate) timeOn(all []traffic) (us float64) {
	for _, t := range all {
		if slices.Contains(t.reads, c.home) || slices.Contains(t.writes, c.home) {
			us += float64(t.st.Class.Time.Sum)
		}
	}
	return us
}

// hoursOf is how long the statements were logged; 0 when their times are not known.
func hoursOf(all []traffic) float64 {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for _, t := range all {
		c := t.st.Class
		if c.First != collectors.NoTime && c.Last != collectors.NoTime && c.Last > 0 {
			first, last = min(first, c.First), max(last, c.Last)
		}
	}
	if last <= first {
		return 0
	}
	return float64(last-first) / 3.6e9
}

package rules

import (
	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
	"slices"
)

const (
	// minCallsEachSide is how often a class must have run before and after the onset to be compared.
	minCallsEachSide = 5
	// slowerTwice is by how much the mean of a class must have grown to count as slowed (X03, Q21).
	slowerTwice = 2
	// minCompared is how many classes must be comparable before a share of them is known.
	minCompared = 3
	// appearsWithin is how long before or after the onset, in seconds, a new class is seen for the
	// first time to have come with it.
	appearsBefore, appearsWithin = 5, 600
)

// changeFacts adds what changed at the onset: of each class and of all together. Without an onset
// there is nothing to compare.
func changeFacts(g *gathered, d *analyzers.Digest, statements []advise.Statement, a timeline.Attribution) {
	if a.Onset == 0 || a.Baseline.To <= a.Baseline.From || d.Statements.Count == 0 || !covers(&d.Statements, a.Baseline.From*1e6, a.Baseline.To*1e6) {
		return
	}
	compared, slowed := 0, 0
	for i := range statements {
		m := g.subjects["query"][i].facts
		c := statements[i].Class
		if c.First != 0 {
			first := c.First / 1e6
			m["appeared"] = first >= a.Onset-appearsBefore && first <= a.Onset+appearsWithin
		}
		before, now, ok := aroundOnset(c, a)
		m["compared"] = ok
		if !ok {
			continue
		}
		m.num("mean_before_s", before)
		m.num("mean_now_s", now)
		compared++
		if before > 0 {
			m.num("slower", now/before)
			if now > slowerTwice*before {
				slowed++
			}
		}
	}
	g.global.num("classes_compared", float64(compared))
	if compared >= minCompared {
		g.global.num("slowed_share", float64(slowed)/float64(compared))
	}
	if a.Bad.To > a.Bad.From && a.Baseline.Statements > 0 {
		g.global.num("query_growth", float64(a.Bad.Statements)/float64(a.Bad.To-a.Bad.From)/(float64(a.Baseline.Statements)/float64(a.Baseline.To-a.Baseline.From)))
	}
}

// aroundOnset returns the mean time of a class before and after the onset, from slices that lie whole
// on one side; ok is false with too few statements on either.
func aroundOnset(c *analyzers.Class, a timeline.Attribution) (before, now float64, ok bool) {
	var calls, us [2]int64
	for _, s := range c.Slices.Cells {
		switch {
		case s.Start+c.Slices.Width <= a.Onset && s.Start+c.Slices.Width > a.Baseline.From:
			calls[0], us[0] = calls[0]+s.Calls, us[0]+s.TimeUS
		case s.Start >= a.Onset && s.Start < a.Bad.To:
			calls[1], us[1] = calls[1]+s.Calls, us[1]+s.TimeUS
		}
	}
	if calls[0] < minCallsEachSide || calls[1] < minCallsEachSide {
		return 0, 0, false
	}
	return inSeconds(us[0]) / float64(calls[0]), inSeconds(us[1]) / float64(calls[1]), true
}

// coverage adds what is known of the inputs themselves.
func (g *gathered) coverage(s *analyzers.Snapshot) {
	g.present[anyInput] = len(s.Sources) > 0 || s.Series != nil
	g.windows[anyInput] = noWindow
	if !g.present[anyInput] {
		return
	}
	g.global.num("unread", float64(len(s.Missing)))
	if len(s.Missing) > 0 {
		g.global["unread_first"] = shorten(s.Missing[0].What+": "+s.Missing[0].Why, maxLabel)
	}
	logs := g.present[slowLog] || g.present[accessLog]
	for role, in := range map[string]input{"host": hostRecording, "db": serverStatusInput} {
		if logs && s.HasRecording(role) {
			apart, _ := g.global["recordings_apart"].(bool)
			g.global["recordings_apart"] = apart || !g.present[in] && !g.present[sessionRecording] && len(s.Settings) == 0 && timed(s, role)
		}
	}
}

// timed reports whether a recording of a role covers some time; a schema or a list of settings has none.
func timed(s *analyzers.Snapshot, role string) bool {
	return slices.ContainsFunc(s.Sources, func(src collectors.Source) bool {
		return src.Role == role && src.Recording && src.From != collectors.NoTime
	})
}

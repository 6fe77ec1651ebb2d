package rules

import (
	"slices"

	"dbtriage/analyzers"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
	"dbtriage/collectors/errorlog"
)

// An errorCount counts the messages of error logs over the time of the other logs: what went wrong
// before the trouble began may be what began it. Without other logs it is all there is.
type errorCount struct {
	set    *analyzers.SeriesSet
	window analyzers.Window
	server string // the one of several that is judged: error logs of others are left out
}

func newErrorCount(s *analyzers.Snapshot, a timeline.Attribution) errorCount {
	c := errorCount{s.Series, noWindow, s.Server}
	if a.Whole.To > a.Whole.From {
		c.window = analyzers.Window{From: a.Whole.From * 1e6, To: a.Whole.To * 1e6}
	}
	return c
}

// total is how many messages there were of all servers; ok is false when no log had begun by then. A
// log that ends before the window does was silent: it is written to only when there is something to say.
func (c errorCount) total(name string) (n float64, ok bool) {
	for _, key := range c.set.Keys() {
		if key.Role != errorlog.SeriesRole || key.Name != name || key.Instance != "" || c.ofOther(key.Host) {
			continue
		}
		points := c.set.Get(key).Points
		if c.window.To != collectors.NoTime && points[0].Start*1e6 >= c.window.To {
			continue
		}
		ok = true
		for _, p := range points {
			if c.window.Holds(p.LastAt) {
				n += p.Sum
			}
		}
	}
	return n, ok
}

// ofOther reports whether an error log is of another server than the one that is judged. One whose server is not
// known may be of any.
func (c errorCount) ofOther(host string) bool {
	if c.server == "" || host == "" || host == c.server {
		return false
	}
	return slices.ContainsFunc(c.set.Keys(), func(key analyzers.SeriesKey) bool { return key.Role == "db" && key.Host == host })
}

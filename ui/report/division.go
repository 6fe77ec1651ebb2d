package report

import (
	"math"

	"dbtriage/analyzers/timeline"
	"dbtriage/rules"
)

// A Part is the request time that one layer took.
type Part struct {
	Name  string // a layer, or what cannot be divided further
	Layer rules.Layer
	US    int64 // negative when unknown
}

// The names of parts that are more than one layer.
const (
	appAndBelow = "app and below"
	webAndBelow = "web and below"
)

// Divide returns the parts of a window's request time in the order a request meets them. They sum
// to the request time; what the logs cannot tell apart is one part. It returns nil when the request
// time itself is unknown.
func (r *Report) Divide(d timeline.Division) []Part {
	s, ok := d.Shares()
	if !ok || !r.AccessLog || d.Requests <= 0 || d.RequestUS <= 0 {
		return nil
	}
	if r.Digest.Web.UpstreamLogged == 0 {
		return []Part{{webAndBelow, "", d.RequestUS}}
	}
	out := []Part{
		{"client", rules.LayerClient, d.ClientUS},
		{"web", rules.LayerWeb, d.WebUS},
	}
	if r.databaseUS(d) < 0 || !r.Attribution.Overlap {
		return append(out, Part{appAndBelow, "", d.UpstreamUS})
	}
	inDB := int64(math.Round(s.Database * float64(d.RequestUS)))
	return append(out,
		Part{"app", rules.LayerApp, d.UpstreamUS - inDB},
		Part{"database", rules.LayerDatabase, inDB})
}

// WholeOf is what the parts of a window are shares of. Logs round each time to a millisecond, so the
// parts of very short requests may sum to more than the request time.
func WholeOf(parts []Part, d timeline.Division) int64 {
	var sum int64
	for _, p := range parts {
		sum += max(p.US, 0)
	}
	return max(sum, d.RequestUS)
}

// databaseUS returns the time of the statements in a window, negative when no slow log tells it.
func (r *Report) databaseUS(d timeline.Division) int64 {
	if !r.SlowLog {
		return timeline.Absent
	}
	return d.DBUS
}

// busierThanWaited reports whether statements took more time than requests waited for, so that some
// of them served something else.
func (r *Report) busierThanWaited(d timeline.Division) bool {
	return r.Attribution.Overlap && d.Background() > 0
}

// HasBaseline reports whether there is a window before the bad one.
func (r *Report) HasBaseline() bool {
	a := r.Attribution
	return a.Onset != 0 && a.Baseline.To > a.Baseline.From
}

// Now returns the window that the verdict is about.
func (r *Report) Now() timeline.Division {
	if r.Attribution.Bad.To > r.Attribution.Bad.From {
		return r.Attribution.Bad
	}
	return r.Attribution.Whole
}

// find returns the part of that name; ok is false when there is none or its time is unknown.
func find(parts []Part, name string) (p Part, ok bool) {
	for _, p := range parts {
		if p.Name == name {
			return p, p.US >= 0
		}
	}
	return Part{}, false
}

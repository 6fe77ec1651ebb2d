package advise

import (
	"cmp"
	"math"
	"slices"

	"dbtriage/analyzers"
)

// Day figures of the demand estimate, from the lecture notes.
const (
	secondsPerDay = 86_400
	// NodeUse is how busy a server is planned to be at the peak.
	NodeUse = 0.6
	// linkUse is how busy a network link is planned to be, and gigabit its bytes per second.
	linkUse = 0.8
	gigabit = 125_000_000
)

// A Demand is what users ask of a system.
type Demand struct {
	Users   float64 // daily active users
	Actions float64 // a user's requests a day
	Queries float64 // statements a request
	// Hours is how much of a day is busy when the load is taken to be even.
	Hours float64
	// PeakShare of the day's load comes in PeakTime of the day.
	PeakShare, PeakTime float64
}

// NewDemand returns the usual assumptions: ten busy hours; 80 % in 20 % of the day.
func NewDemand(users, actions, queries float64) Demand {
	return Demand{Users: users, Actions: actions, Queries: queries, Hours: 10, PeakShare: 0.8, PeakTime: 0.2}
}

// Total is the statements of a day.
func (d Demand) Total() float64 { return d.Users * d.Actions * d.Queries }

// Even is the statements per second when the load is even over the busy hours.
func (d Demand) Even() float64 { return d.Total() / (d.Hours * 3600) }

// PeakRequests is the requests per second at the peak.
func (d Demand) PeakRequests() float64 { return d.Peak() / d.Queries }

// Peak is the statements per second at the peak.
func (d Demand) Peak() float64 { return d.PeakShare * d.Total() / (d.PeakTime * secondsPerDay) }

// Servers returns how many servers of a capacity carry a peak at 60 % use, and one to spare. Each of them does
// all the writes, the primary first and the replicas again, and its part of the reads. ok is false where the
// writes leave no room for that: then no number of replicas carries it.
func Servers(reads, writes, capacity float64) (n int, ok bool) {
	limit := capacity * NodeUse
	if reads+writes <= 0 || limit <= 0 {
		return 0, false
	}
	if writes > limit || writes == limit && reads > 0 {
		return 0, false
	}
	n = 1
	if reads > 0 {
		n = int(math.Ceil(min(reads/(limit-writes), mostServers)))
	}
	return n + 1, n < mostServers
}

// mostServers bounds what is planned.
const mostServers = 1 << 20

// A ServerPlan is servers in shards: each shard has a primary, its replicas and one of them to spare.
type ServerPlan struct{ Shards, Each int }

// Total is the servers of all shards.
func (p ServerPlan) Total() int { return p.Shards * p.Each }

// FewestServers returns the plan that needs fewest servers, in a power of two of shards, so that one can be split
// in two later. It is zero where nothing is asked for.
func FewestServers(reads, writes, capacity float64) (best ServerPlan) {
	for shards := 1; shards <= mostServers; shards *= 2 {
		n, ok := Servers(reads/float64(shards), writes/float64(shards), capacity)
		if p := (ServerPlan{shards, n}); ok && (best.Shards == 0 || p.Total() < best.Total()) {
			best = p
		}
	}
	return best
}

// LinkLimit is how many answers of a size, in bytes, a gigabit link carries per second at 80 % use:
// 50,000 of 2,000 bytes.
func LinkLimit(bytes float64) float64 {
	if bytes <= 0 {
		return 0
	}
	return gigabit * linkUse / bytes
}

// A Prior is a capacity that stands in for a measurement.
type Prior struct {
	Name string
	Rate float64 // statements per second
}

// Priors are the lecture notes' figures for one MySQL server; the estimate is good to an order of
// magnitude.
var Priors = []Prior{{"modest", 500}, {"typical", 1000}, {"good", 3000}, {"strong", 5000}}

// A Knee is the load at which a server begins to queue.
type Knee struct {
	Rate float64 // statements per second
	// Seen says that time grew beyond it; else the server was never driven that far, and its capacity is
	// at least Rate.
	Seen bool
}

// What makes a knee: statements take twice as long as at moderate load, in bins of enough cells, and
// at well above the lowest rates; where the rate hardly changed, it is not the rate that slowed them.
const (
	kneeGrowth = 2.0
	kneeSpread = 1.5
	kneeCells  = 8
	kneeBins   = 10
	// Statements queue when they run side by side: with fewer than kneeRunning of them at a time on average it is
	// other statements that take longer, not a queue.
	kneeRunning = 1.0
)

// KneeOf finds the knee in a log of every statement: the highest rate at which the mean time is still
// below twice that of moderate load. ok is false when the log is too short to tell, or when time grew at
// moderate rates too, so that something else than load slowed it.
func KneeOf(series *analyzers.SecondSeries) (k Knee, ok bool) {
	type cell struct{ rate, us float64 }
	var cells []cell
	for _, c := range series.Cells() {
		if c.Statements > 0 {
			cells = append(cells, cell{float64(c.Statements) / float64(series.Width()), float64(c.QueryUS) / float64(c.Statements)})
		}
	}
	if len(cells) < kneeCells*3 {
		return k, false
	}
	slices.SortFunc(cells, func(a, b cell) int { return cmp.Or(cmp.Compare(a.rate, b.rate), cmp.Compare(a.us, b.us)) })
	size := max(len(cells)/kneeBins, kneeCells)
	type bin struct{ rate, us float64 }
	var bins []bin
	for from := 0; from+size <= len(cells); from += size {
		part := cells[from : from+size]
		us := make([]float64, size)
		for i, c := range part {
			us[i] = c.us
		}
		slices.Sort(us)
		bins = append(bins, bin{part[size-1].rate, us[size/2]})
	}
	if len(bins) < 3 {
		return k, false
	}
	base := bins[0].us
	for i, b := range bins {
		if i <= len(bins)/2 {
			base = min(base, b.us)
		}
	}
	slow := slices.IndexFunc(bins, func(b bin) bool { return b.us > kneeGrowth*base })
	switch {
	case slow < 0:
		return Knee{Rate: bins[len(bins)-1].rate}, true
	case slow == 0, bins[slow].rate < kneeSpread*bins[0].rate, bins[slow].rate*bins[slow].us/1e6 < kneeRunning, slices.ContainsFunc(bins[slow:], func(b bin) bool { return b.us <= kneeGrowth*base }):
		return k, false
	}
	return Knee{Rate: bins[slow-1].rate, Seen: true}, true
}

package compare

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"dbtriage/analyzers"
)

// A Use is what one class or endpoint did on one side.
type Use struct {
	Calls   int64
	TimeUS  int64
	Seconds float64  // of the side
	Mean    Estimate // seconds by each call
	P95     Estimate

	rate Estimate
}

// Rate is calls a second; NaN when the side's length is not known.
func (u Use) Rate() float64 { return float64(u.Calls) / u.Seconds }

// Load is seconds of its time each second.
func (u Use) Load() float64 { return float64(u.TimeUS) / 1e6 / u.Seconds }

func useOf(t *analyzers.Timing, calls int64, slices *analyzers.Slices, seconds float64) Use {
	var cells []cell
	for _, c := range slices.Cells {
		cells = append(cells, cell{floor(c.Start, slices.Width), float64(c.Calls), float64(c.TimeUS) / 1e6})
	}
	return Use{Calls: calls, TimeUS: t.Sum, Seconds: seconds, Mean: mean(t, cells), P95: quantile(t, 0.95), rate: rate(calls, seconds, cells)}
}

// A State is what became of a class or endpoint.
type State string

// The states, the surest first.
const (
	New      State = "new"
	Gone     State = "gone"
	Slower   State = "slower"
	Faster   State = "faster"
	More     State = "more calls"
	Fewer    State = "fewer calls"
	AsLoad   State = "as the load"
	NoChange State = "unchanged"
	Unsure   State = "few calls"
)

// A Change is what became of one class or endpoint.
type Change struct {
	Before, After Use
	// Delta is the change of its load, in seconds each second, so that windows of different lengths
	// compare. It is exactly ByCalls, what comes of more or fewer calls, and ByTime, what comes of each
	// taking longer or shorter:
	//
	//	Δ(rate·mean) = Δrate·mean before + rate after·Δmean
	//
	// What is new or gone has no other mean to compare with: all of it is calls.
	Delta, ByCalls, ByTime float64
	Share                  float64 // of the change of all; NaN where changes cancel out
	Calls, Time            Trend
	State                  State
}

// decompose splits the change of a load.
func decompose(before, after Use) (delta, byCalls, byTime float64) {
	rateBefore, rateAfter := before.Rate(), after.Rate()
	if before.Calls == 0 {
		rateBefore = 0
	}
	if after.Calls == 0 {
		rateAfter = 0
	}
	meanOf := func(u, other Use) float64 {
		switch {
		case u.Calls > 0:
			return float64(u.TimeUS) / 1e6 / float64(u.Calls)
		case other.Calls > 0:
			return float64(other.TimeUS) / 1e6 / float64(other.Calls)
		}
		return 0
	}
	meanBefore, meanAfter := meanOf(before, after), meanOf(after, before)
	byCalls, byTime = (rateAfter-rateBefore)*meanBefore, rateAfter*(meanAfter-meanBefore)
	return byCalls + byTime, byCalls, byTime
}

// changeOf judges one class; load is the factor by which all calls became more, NaN when not known.
func changeOf(before, after Use, load float64) Change {
	c := Change{Before: before, After: after, Share: math.NaN()}
	c.Delta, c.ByCalls, c.ByTime = decompose(before, after)
	c.Time = TrendOf(before.Mean, after.Mean)
	c.Calls = TrendOf(before.rate, after.rate)
	if max(before.Calls, after.Calls) < FewCalls {
		c.Calls = Few
	}
	c.State = c.state(load)
	return c
}

func (c *Change) state(load float64) State {
	switch {
	case c.Before.Calls == 0 && c.After.Calls == 0:
		return NoChange
	case c.Before.Calls == 0:
		if c.After.Rate()*c.Before.Seconds >= unseen {
			return New
		}
		return Unsure
	case c.After.Calls == 0:
		if c.Before.Rate()*c.After.Seconds >= unseen {
			return Gone
		}
		return Unsure
	}
	time, calls := NoChange, NoChange
	switch c.Time {
	case Up:
		time = Slower
	case Down:
		time = Faster
	}
	beyondLoad := math.IsNaN(load) || load <= 0 || matters(c.Before.Rate()*load, c.After.Rate())
	switch {
	case c.Calls == Up && beyondLoad && !(c.After.Rate() < c.Before.Rate()*load):
		calls = More
	case c.Calls == Down && beyondLoad && !(c.After.Rate() > c.Before.Rate()*load):
		calls = Fewer
	case c.Calls == Up || c.Calls == Down:
		calls = AsLoad
	}
	// Of two changes the larger factor names it: the parts of the load would name another one when
	// the sides are swapped.
	times := func(before, after float64) float64 { return math.Abs(math.Log(after / before)) }
	switch {
	case time != NoChange && (calls == NoChange || calls == AsLoad || times(c.Before.Mean.Value, c.After.Mean.Value) >= times(c.Before.Rate(), c.After.Rate())):
		return time
	case calls != NoChange && calls != AsLoad:
		return calls
	case c.Time == Few || c.Time == Unknown:
		return Unsure
	}
	return calls
}

// Changed reports whether it differs beyond noise, and beyond a change of load that all calls share.
func (c *Change) Changed() bool {
	return c.State != NoChange && c.State != Unsure && c.State != AsLoad
}

// A Query is a class of statements on both sides.
type Query struct {
	ID          string
	Fingerprint string // empty where the memory bound kept only counts
	Kind        analyzers.Kind
	Change
	Rows      [2]Estimate // examined by each call, before and after
	RowsTrend Trend
}

// leastRows and leastRowsFactor are guesses of ours: logs keep no spread of the rows that calls examine.
const (
	leastRows       = 10
	leastRowsFactor = 2
)

func rowsTrend(r [2]Estimate) Trend {
	switch {
	case !r[0].Known || !r[1].Known:
		return Unknown
	case r[0].Few || r[1].Few:
		return Few
	case math.Abs(r[1].Value-r[0].Value) < leastRows:
		return Same
	case r[1].Value >= leastRowsFactor*r[0].Value:
		return Up
	case r[0].Value >= leastRowsFactor*r[1].Value:
		return Down
	}
	return Same
}

// queries pairs the classes of both sides by id: of what the memory bound folded nothing else is known.
func queries(before, after *side, load float64) []Query {
	type pair struct {
		q    Query
		uses [2]Use
	}
	all := map[string]*pair{}
	for i, x := range []*side{before, after} {
		add := func(c *analyzers.Class) {
			p := all[c.ID]
			if p == nil {
				p = &pair{q: Query{ID: c.ID, Kind: c.Kind}}
				p.uses[1-i].Seconds = [2]*side{before, after}[1-i].db.seconds
				all[c.ID] = p
			}
			if p.q.Fingerprint == "" {
				p.q.Fingerprint = strings.Clone(c.Fingerprint)
			}
			p.uses[i] = useOf(&c.Time, c.Time.Count, &c.Slices, x.db.seconds)
			p.q.Rows[i] = per(c.RowsExamined, c.RowsExaminedKnown)
		}
		for _, c := range x.d.Classes {
			add(c)
		}
		for c := range x.d.FoldedClasses() {
			add(c)
		}
	}
	out := make([]Query, 0, len(all))
	for _, p := range all {
		for i, x := range []*side{before, after} {
			if p.uses[i].Calls == 0 {
				p.uses[i].rate = rate(0, x.db.seconds, nil)
			}
		}
		p.q.Change = changeOf(p.uses[0], p.uses[1], load)
		if p.q.ID == analyzers.OtherID { // what is in it is not the same twice
			p.q.State = Unsure
		}
		p.q.RowsTrend = rowsTrend(p.q.Rows)
		out = append(out, p.q)
	}
	slices.SortFunc(out, func(a, b Query) int {
		return cmp.Or(byDelta(&a.Change, &b.Change), strings.Compare(a.ID, b.ID))
	})
	shareOut(out, func(q *Query) *Change { return &q.Change })
	return out
}

// An Endpoint is a route on both sides.
type Endpoint struct {
	Key analyzers.EndpointKey
	Change
}

func endpoints(before, after *side, load map[string]float64) []Endpoint {
	keys := map[analyzers.EndpointKey]bool{}
	for _, x := range []*side{before, after} {
		for k := range x.d.Endpoints {
			keys[k] = true
		}
	}
	byRole := map[string][]Endpoint{}
	for k := range keys {
		var uses [2]Use
		read := true
		for i, x := range []*side{before, after} {
			s := &x.web
			if k.Role == "app" {
				s = &x.app
			}
			read = read && s.read
			uses[i] = Use{Seconds: s.seconds, rate: rate(0, s.seconds, nil)}
			if e := x.d.Endpoints[k]; e != nil {
				uses[i] = useOf(&e.Time, e.Requests, &e.Slices, s.seconds)
			}
		}
		if read { // else it is the log that is new
			byRole[k.Role] = append(byRole[k.Role], Endpoint{k, changeOf(uses[0], uses[1], load[k.Role])})
		}
	}
	var out []Endpoint
	order := func(a, b Endpoint) int {
		return cmp.Or(byDelta(&a.Change, &b.Change), strings.Compare(a.Key.Role, b.Key.Role), strings.Compare(a.Key.Route, b.Key.Route), strings.Compare(a.Key.Method, b.Key.Method))
	}
	for _, list := range byRole {
		slices.SortFunc(list, order) // sums of floats depend on it
		shareOut(list, func(e *Endpoint) *Change { return &e.Change })
		out = append(out, list...)
	}
	slices.SortFunc(out, order)
	return out
}

// byDelta orders by what was contributed to the change, whichever way, the largest first.
func byDelta(a, b *Change) int {
	size := func(c *Change) float64 {
		if math.IsNaN(c.Delta) {
			return -1
		}
		return math.Abs(c.Delta)
	}
	return cmp.Or(cmp.Compare(size(b), size(a)), cmp.Compare(b.After.TimeUS+b.Before.TimeUS, a.After.TimeUS+a.Before.TimeUS))
}

// leastNet is the least part of all changes, whichever way, that must be left in the sum for shares of
// it to say anything.
const leastNet = 0.2

// shareOut gives each change its share of the sum, where they do not cancel out.
func shareOut[T any](list []T, of func(*T) *Change) {
	var net, gross float64
	for i := range list {
		d := of(&list[i]).Delta
		net += d
		gross += math.Abs(d)
	}
	if gross == 0 || math.IsNaN(net) || math.Abs(net) < leastNet*gross {
		return
	}
	for i := range list {
		c := of(&list[i])
		c.Share = c.Delta / net
	}
}

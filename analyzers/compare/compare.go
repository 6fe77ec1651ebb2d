// Package compare says what changed between two snapshots, what the change consists of, and whether it
// is more than noise. All of it is a function of the two.
package compare

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"dbtriage/analyzers"
)

// An Outcome says whether AFTER is better.
type Outcome string

// The outcomes. More errors come before time: answers that fail at once are quick.
const (
	Failing      Outcome = "failing"      // more requests fail
	IsSlower     Outcome = "slower"       // the same takes longer, or what is new does
	IsFaster     Outcome = "faster"       // the same takes less, or what took long is gone
	Recovered    Outcome = "recovered"    // fewer requests fail
	Unchanged    Outcome = "unchanged"    // nothing beyond noise
	Incomparable Outcome = "incomparable" // see Why
)

// A Reason says why two sides cannot be compared.
type Reason string

// The reasons.
const (
	NoEvents     Reason = "no events" // on either side; recordings may tell something
	EmptyBefore  Reason = "nothing before"
	EmptyAfter   Reason = "nothing after"
	OtherLogs    Reason = "other logs"
	TooFew       Reason = "too few"
	OtherMinimum Reason = "other threshold"
)

// A Part is one side in numbers.
type Part struct {
	Window                            analyzers.Window
	Seconds                           float64 // of the window; NaN when not known
	Requests, AppRequests, Statements int64   // -1 when no such log was read
	Shortest                          float64 // statement, in seconds; NaN without any
	RateLimit                         int64   // largest N of one statement in N is logged
}

// A Comparison is what changed from one snapshot to another.
type Comparison struct {
	Outcome Outcome
	Why     Reason // of Incomparable

	// Measure is what the outcome on time was decided by: "request time", "application time" or
	// "statement time"; empty when there was nothing. Mean is its mean.
	Measure   string
	Mean      [2]Estimate
	TimeTrend Trend // as decided, see decide
	// Failure is what the outcome on failures was decided by: "5xx", "retries" or "application 5xx", as a
	// share of requests; empty when no log tells.
	Failure      string
	FailureShare [2]Estimate
	FailureTrend Trend
	// LoadFactor is how many times as many events of the measure come each second; NaN when not known.
	LoadFactor float64
	// SameMix is by which factor time grew for what both sides have, weighted as AFTER has it; NaN when
	// too little is on both sides. Where the mean changed and this did not, other things were asked for.
	SameMix Estimate

	Before, After Part
	Figures       []Figure
	Queries       []Query    // by what they contribute, largest first
	Endpoints     []Endpoint // likewise, shares by role
	Settings      []Setting
}

// Of compares two snapshots.
func Of(before, after *analyzers.Snapshot) Comparison {
	b, a := sideOf(before), sideOf(after)
	c := Comparison{
		Before: partOf(b), After: partOf(a), Figures: compareFigures(b, a), Settings: settings(before, after),
		LoadFactor: math.NaN(),
	}
	c.failures(b, a)
	factor := func(x, y *stream) float64 { return Factor(x.rate(), y.rate()) }
	if b.db.read && a.db.read {
		c.Queries = queries(b, a, factor(&b.db, &a.db))
	}
	c.Endpoints = endpoints(b, a, map[string]float64{"web": factor(&b.web, &a.web), "app": factor(&b.app, &a.app)})
	c.measure(b, a)
	c.decide()
	return c
}

func partOf(x *side) Part {
	p := Part{Window: x.window, Seconds: secondsOf(x.window), Requests: -1, AppRequests: -1, Statements: -1, Shortest: math.NaN(), RateLimit: x.d.Statements.MaxRateLimit}
	if x.web.read {
		p.Requests = x.web.count
	}
	if x.app.read {
		p.AppRequests = x.app.count
	}
	if x.db.read {
		p.Statements = x.db.count
	}
	if x.db.count > 0 {
		p.Shortest = float64(x.db.time.Min) / 1e6
	}
	return p
}

// leastFailures is the least difference in the share of failed requests that is called one: a tenth of
// what an objective of 99 % allows, a guess of ours.
const leastFailures = 0.001

// failures picks what failures are decided by: what there is more of, else what there is less of.
func (c *Comparison) failures(b, a *side) {
	rank := map[Trend]int{Unknown: 0, Few: 1, Same: 2, Down: 3, Up: 4}
	for _, f := range []struct {
		name string
		of   func(*side) Estimate
	}{{"5xx", serverErrors}, {"retries", retries}, {"application 5xx", appErrors}} {
		share := [2]Estimate{f.of(b), f.of(a)}
		if t := failureTrend(share); rank[t] > rank[c.FailureTrend] {
			c.Failure, c.FailureShare, c.FailureTrend = f.name, share, t
		}
	}
}

func failureTrend(s [2]Estimate) Trend {
	t := TrendOf(s[0], s[1])
	if (t == Up || t == Down) && math.Abs(s[1].Value-s[0].Value) < leastFailures {
		return Same
	}
	return t
}

// measure picks what time is decided by: of the logs that both sides have, the one nearest to users.
func (c *Comparison) measure(b, a *side) {
	for _, m := range []struct {
		name          string
		before, after *stream
		changes       []*Change
	}{
		{"request time", &b.web, &a.web, c.ofRole("web")},
		{"application time", &b.app, &a.app, c.ofRole("app")},
		{"statement time", &b.db, &a.db, c.ofQueries()},
	} {
		if m.before.time.Count == 0 || m.after.time.Count == 0 {
			continue
		}
		c.Measure, c.Mean = m.name, [2]Estimate{m.before.mean(), m.after.mean()}
		c.LoadFactor = Factor(m.before.rate(), m.after.rate())
		c.SameMix = sameMix(m.changes)
		c.TimeTrend = timeTrend(c.Mean, c.SameMix, m.changes)
		return
	}
}

func (c *Comparison) ofRole(role string) (out []*Change) {
	for i := range c.Endpoints {
		if c.Endpoints[i].Key.Role == role {
			out = append(out, &c.Endpoints[i].Change)
		}
	}
	return out
}

func (c *Comparison) ofQueries() (out []*Change) {
	for i := range c.Queries {
		out = append(out, &c.Queries[i].Change)
	}
	return out
}

// leastCommon is the least share of AFTER's time in what both sides have enough of, for SameMix to speak
// for all; a guess of ours.
const leastCommon = 0.5

// sameMix estimates by which factor time grew for what both sides have, at the mix of AFTER (a Paasche
// index): Σ rate·mean after over Σ rate after·mean before.
func sameMix(changes []*Change) Estimate {
	var was, is, squares, all, rates, tick float64
	for _, ch := range changes {
		b, a := ch.Before, ch.After
		all += a.Load()
		if !b.Mean.Known || !a.Mean.Known || b.Mean.Few || a.Mean.Few {
			continue
		}
		rate := a.Rate()
		was += rate * b.Mean.Value
		is += rate * a.Mean.Value
		rates += rate
		tick = math.Max(tick, math.Max(a.Mean.Tick, b.Mean.Tick))
		eb, ea := rate*(b.Mean.High-b.Mean.Value), rate*(a.Mean.High-a.Mean.Value)
		squares += eb*eb + ea*ea
	}
	if !(was > 0) || !(is >= leastCommon*all) {
		return Estimate{}
	}
	slack := math.Sqrt(squares) / was
	v := is / was
	return Estimate{Value: v, Low: v - slack, High: v + slack, Known: true, Tick: tick * rates / was}
}

// timeTrend decides whether things take longer. What both sides have decides, at one mix: a mean also falls
// when quick statements come more often, and rises when they are cached away. The mean itself decides where
// little is on both sides, or where what is new, gone or rare makes most of the change.
func timeTrend(mean [2]Estimate, mix Estimate, changes []*Change) Trend {
	raw := TrendOf(mean[0], mean[1])
	if raw == Unknown || raw == Few {
		return raw
	}
	if !mix.Known {
		return raw
	}
	switch TrendOf(about(1, 0), mix) {
	case Up:
		return Up
	case Down:
		return Down
	}
	var all, other float64
	for _, ch := range changes {
		all += ch.Delta
		if ch.State == New || ch.State == Gone || ch.State == Unsure {
			other += ch.Delta
		}
	}
	switch {
	case raw == Up && all > 0 && other >= all/2, raw == Down && all < 0 && other <= all/2:
		return raw
	}
	return Same
}

// thresholdFactor and thresholdFloor say when two slow logs are cut at different times: their shortest
// statements are so far apart, and the longer one is no statement that is quick. Both are guesses of ours.
const (
	thresholdFactor = 10
	thresholdFloor  = 0.005
)

// OtherThreshold reports whether the slow logs hold statements from different times on, and from when
// both do, in seconds.
func (c *Comparison) OtherThreshold() (both float64, ok bool) {
	low, high := math.Min(c.Before.Shortest, c.After.Shortest), math.Max(c.Before.Shortest, c.After.Shortest)
	return high, high >= thresholdFloor && high >= thresholdFactor*low
}

// decide puts the parts of the outcome together.
func (c *Comparison) decide() {
	c.Outcome = Incomparable
	has := func(p Part) bool { return max(p.Requests, p.AppRequests, p.Statements) > 0 }
	_, cut := c.OtherThreshold()
	switch {
	case !has(c.Before) && !has(c.After):
		c.Why = NoEvents
	case !has(c.Before):
		c.Why = EmptyBefore
	case !has(c.After):
		c.Why = EmptyAfter
	case c.Measure == "" && (c.FailureTrend == Up || c.FailureTrend == Down || c.FailureTrend == Same):
		c.decideFailures(Unchanged)
	case c.Measure == "":
		c.Why = OtherLogs
	case c.Mean[0].Few || c.Mean[1].Few:
		c.Why = TooFew
	case c.Measure == "statement time" && cut:
		c.Why, c.TimeTrend = OtherMinimum, Unknown
	case c.TimeTrend == Up:
		c.decideFailures(IsSlower)
	case c.TimeTrend == Down:
		c.decideFailures(IsFaster)
	default:
		c.decideFailures(Unchanged)
	}
}

func (c *Comparison) decideFailures(time Outcome) {
	c.Outcome = time
	switch {
	case c.FailureTrend == Up:
		c.Outcome = Failing
	case c.FailureTrend == Down && time != IsSlower:
		c.Outcome = Recovered
	}
}

// Sigmas is how many standard errors the change that decided is beyond none, where 3 are the limit; NaN
// when not known.
func (c *Comparison) Sigmas() float64 {
	switch c.Outcome {
	case Failing, Recovered:
		return Apart(c.FailureShare[0], c.FailureShare[1])
	case Incomparable:
		return math.NaN()
	}
	e := Apart(c.Mean[0], c.Mean[1])
	if c.SameMix.Known {
		if m := Apart(about(1, 0), c.SameMix); c.TimeTrend == TrendOf(about(1, 0), c.SameMix) && !math.IsNaN(m) {
			e = m
		}
	}
	return e
}

// A Portion is the time that one layer took of all requests of a side; negative when unknown.
type Portion struct {
	Name string
	US   int64
}

// A Layer is one layer's time for each request on both sides, in seconds; NaN when unknown.
type Layer struct {
	Name          string
	Before, After float64
	Share         float64 // of the change of all layers; NaN where they cancel out
}

// Layers compares how request time divides; both sides name the same layers.
func Layers(before, after []Portion, requestsBefore, requestsAfter int64) []Layer {
	each := func(us, n int64) float64 {
		if us < 0 || n <= 0 {
			return math.NaN()
		}
		return float64(us) / 1e6 / float64(n)
	}
	var out []Layer
	var net, gross float64
	for _, b := range before {
		i := slices.IndexFunc(after, func(p Portion) bool { return p.Name == b.Name })
		if i < 0 {
			continue
		}
		l := Layer{Name: b.Name, Before: each(b.US, requestsBefore), After: each(after[i].US, requestsAfter), Share: math.NaN()}
		net += l.After - l.Before
		gross += math.Abs(l.After - l.Before)
		out = append(out, l)
	}
	if gross > 0 && math.Abs(net) >= leastNet*gross {
		for i := range out {
			out[i].Share = (out[i].After - out[i].Before) / net
		}
	}
	return out
}

// A Setting is a variable of the server that differs.
type Setting struct{ Name, Before, After string }

// passing are variables that differ between any two servers, sessions or instants and change nothing.
var passing = []string{
	"timestamp", "hostname", "server_uuid", "server_id", "server_uid", "pid_file", "pseudo_thread_id", "rand_seed1", "rand_seed2", "last_insert_id",
	"insert_id", "identity", "error_count", "warning_count", "in_transaction", "last_gtid", "report_host", "socket", "port", "bind_address", "datadir",
	"tmpdir", "slow_query_log_file", "general_log_file", "log_error", "log_bin_basename", "log_bin_index", "relay_log_basename", "relay_log_index",
	"innodb_tmpdir", "innodb_data_home_dir", "innodb_log_group_home_dir", "innodb_undo_directory", "plugin_dir", "slave_load_tmpdir", "replica_load_tmpdir",
}

// settings lists what both sides know and tell differently, by name; of several servers after the address.
func settings(before, after *analyzers.Snapshot) []Setting {
	var out []Setting
	differing := func(server string, before, after map[string]string) {
		for name, b := range before {
			a, ok := after[name]
			if !ok || sameValue(a, b) || slices.Contains(passing, name) || strings.HasPrefix(name, "gtid_") {
				continue
			}
			out = append(out, Setting{server + name, b, a})
		}
	}
	differing("", before.Settings, after.Settings)
	if before.Several() && after.Several() {
		for _, b := range before.Servers {
			for _, a := range after.Servers {
				if a.Address == b.Address {
					differing(a.Address+" ", b.Settings, a.Settings)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Setting) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// sameValue reports whether two texts are one value: option files write 1G and on, servers 1073741824 and ON.
func sameValue(a, b string) bool {
	return plainValue(a) == plainValue(b)
}

func plainValue(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "on", "true", "yes":
		return "1"
	case "off", "false", "no":
		return "0"
	}
	for suffix, shift := range map[string]uint{"k": 10, "m": 20, "g": 30, "t": 40} {
		if digits, ok := strings.CutSuffix(s, suffix); ok {
			if n, err := strconv.ParseInt(digits, 10, 64); err == nil && n < 1<<20 {
				return strconv.FormatInt(n<<shift, 10)
			}
		}
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return s
}

// Visible is the least change of the measure, as a share of it, that would have been seen; NaN when not
// known.
func (c *Comparison) Visible() float64 {
	b, a := c.Mean[0], c.Mean[1]
	if !b.Known || !a.Known || b.Value <= 0 {
		return math.NaN()
	}
	return math.Max(math.Max(math.Hypot(b.High-b.Value, a.High-a.Value), math.Max(b.Tick, a.Tick)/2)/b.Value, LeastFactor-1)
}

package compare

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// A kind is statements of one class in a sample log: how many a second, and how long each takes.
type kind struct {
	id     string
	rate   float64
	meanUS float64
}

// t0 is when sample logs begin.
const t0 = 1_795_000_000

// logOf makes a snapshot of a slow log. Times scatter by a fifth about their mean.
func logOf(seconds int64, kinds ...kind) *analyzers.Snapshot {
	d := analyzers.NewDigest()
	rng := rand.New(rand.NewPCG(1, uint64(seconds)))
	for _, k := range kinds {
		c := &analyzers.Class{ID: k.id, Fingerprint: "select " + k.id, Kind: analyzers.Read}
		n := int64(k.rate * float64(seconds))
		for i := range n {
			at := (t0 + i*seconds/n) * 1e6
			us := int64(math.Max(1, k.meanUS*(1+rng.NormFloat64()/5)))
			c.Time.Add(us)
			cell := d.Series.At(at)
			cell.Statements++
			cell.Reads++
			cell.QueryUS += us
			d.Statements.Count++
			d.Statements.Reads++
			d.Statements.TimeUS += us
			d.Statements.Time.Add(us)
		}
		d.Classes[c.Fingerprint] = c
	}
	if d.Statements.Count > 0 {
		d.Statements.First, d.Statements.Last = t0*1e6, (t0+seconds)*1e6-1
	}
	return &analyzers.Snapshot{Window: unbounded, Digest: d, Sources: []collectors.Source{{Path: "slow.log", Role: "db"}}}
}

var unbounded = analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}

func find(t *testing.T, c Comparison, id string) Query {
	t.Helper()
	for _, q := range c.Queries {
		if q.ID == id {
			return q
		}
	}
	t.Fatalf("no query %s", id)
	return Query{}
}

func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-9*math.Max(1, math.Max(math.Abs(a), math.Abs(b)))
}

// The two parts of each change are all of it, and the changes of all classes are that of the whole.
func TestDecompositionAddsUp(t *testing.T) {
	before := logOf(60, kind{"A", 10, 1000}, kind{"B", 5, 2000}, kind{"GONE", 3, 500}, kind{"C", 0.1, 100})
	after := logOf(300, kind{"A", 20, 3000}, kind{"B", 1, 2100}, kind{"NEW", 2, 9000}, kind{"C", 0.2, 100})
	c := Of(before, after)
	var sum float64
	for _, q := range c.Queries {
		if !near(q.Delta, q.ByCalls+q.ByTime) {
			t.Errorf("%s: %v is not %v + %v", q.ID, q.Delta, q.ByCalls, q.ByTime)
		}
		load := func(u Use) float64 { return float64(u.TimeUS) / 1e6 / u.Seconds }
		if !near(q.Delta, load(q.After)-load(q.Before)) {
			t.Errorf("%s: %v is not the change of its load", q.ID, q.Delta)
		}
		sum += q.Delta
	}
	whole := float64(after.Digest.Statements.TimeUS)/300e6 - float64(before.Digest.Statements.TimeUS)/60e6
	if !near(sum, whole) {
		t.Errorf("changes sum to %v, the whole changed by %v", sum, whole)
	}
	a := find(t, c, "A")
	if a.ByCalls < 0.009 || a.ByCalls > 0.011 || a.ByTime < 0.038 || a.ByTime > 0.042 {
		t.Errorf("A: 10/s of 1 ms to 20/s of 3 ms is 10 ms/s of calls and 40 ms/s of time, not %v and %v", a.ByCalls, a.ByTime)
	}
}

func TestStates(t *testing.T) {
	before := logOf(60, kind{"SLOWER", 10, 1000}, kind{"FASTER", 10, 2000}, kind{"GONE", 3, 500}, kind{"MORE", 5, 100}, kind{"SAME", 10, 300}, kind{"RARE", 0.2, 100})
	after := logOf(300, kind{"SLOWER", 10, 3000}, kind{"FASTER", 10, 1000}, kind{"NEW", 2, 9000}, kind{"MORE", 50, 100}, kind{"SAME", 10, 300}, kind{"RARE", 0.2, 100_000})
	want := map[string]State{"SLOWER": Slower, "FASTER": Faster, "GONE": Gone, "NEW": New, "MORE": More, "RARE": Unsure}
	c := Of(before, after)
	for id, state := range want {
		if got := find(t, c, id).State; got != state {
			t.Errorf("%s is %q", id, got)
		}
	}
	if s := find(t, c, "SAME").State; s != NoChange && s != Fewer { // of a load that grew it has less
		t.Errorf("SAME is %q", s)
	}
}

// One call of a class in a short window is no news; what would have been seen hundreds of times is.
func TestNewTakesMoreThanChance(t *testing.T) {
	c := Of(logOf(10, kind{"A", 10, 1000}), logOf(300, kind{"A", 10, 1000}, kind{"ONCE", 0.1, 1000}))
	if s := find(t, c, "ONCE").State; s != Unsure {
		t.Errorf("30 calls in 300 s where one is expected in the 10 s before: %q", s)
	}
	c = Of(logOf(600, kind{"A", 10, 1000}), logOf(300, kind{"A", 10, 1000}, kind{"ONCE", 0.1, 1000}))
	if s := find(t, c, "ONCE").State; s != New {
		t.Errorf("30 calls in 300 s and none in 600 s before: %q", s)
	}
}

// Swapped, what was slower is faster, what was new is gone, and each change is the other way.
func TestSwap(t *testing.T) {
	x := logOf(60, kind{"A", 10, 1000}, kind{"B", 5, 2000}, kind{"X", 3, 500})
	y := logOf(300, kind{"A", 20, 3000}, kind{"B", 5, 2000}, kind{"Y", 2, 9000})
	there, back := Of(x, y), Of(y, x)
	if there.Outcome != IsSlower || back.Outcome != IsFaster {
		t.Errorf("%q and %q", there.Outcome, back.Outcome)
	}
	other := map[State]State{New: Gone, Gone: New, Slower: Faster, Faster: Slower, More: Fewer, Fewer: More, NoChange: NoChange, AsLoad: AsLoad, Unsure: Unsure}
	for _, q := range there.Queries {
		p := find(t, back, q.ID)
		if !near(q.Delta, -p.Delta) || other[q.State] != p.State {
			t.Errorf("%s: %v %q, swapped %v %q", q.ID, q.Delta, q.State, p.Delta, p.State)
		}
	}
	if s := Of(x, x); s.Outcome != Unchanged || s.TimeTrend != Same {
		t.Errorf("a log beside itself is %q", s.Outcome)
	}
}

// Two halves of the same load are no change, whatever their lengths.
func TestNoiseIsNoChange(t *testing.T) {
	for seconds := int64(40); seconds < 400; seconds += 40 {
		c := Of(logOf(seconds, kind{"A", 10, 1000}, kind{"B", 2, 30_000}), logOf(400, kind{"A", 10, 1000}, kind{"B", 2, 30_000}))
		if c.Outcome != Unchanged {
			t.Errorf("%d s beside 400 s: %q", seconds, c.Outcome)
		}
		for _, q := range c.Queries {
			if q.Changed() {
				t.Errorf("%d s: %s is %q", seconds, q.ID, q.State)
			}
		}
	}
}

// Times that are slow together are as few as their batches: a mean that swings from minute to minute is not
// known to the width that single calls would give it.
func TestBatchesWidenTheLimits(t *testing.T) {
	var swinging, even []cell
	var timing analyzers.Timing
	for i := range int64(400) {
		each := 0.001
		if i/100%2 == 1 {
			each = 0.003
		}
		swinging = append(swinging, cell{i, 100, 100 * each})
		even = append(even, cell{i, 100, 100 * (0.001 + 0.002*float64(i%2))})
		for range 100 {
			timing.Add(int64(each * 1e6))
		}
	}
	wide, narrow := mean(&timing, swinging), mean(&timing, even)
	if w, n := wide.High-wide.Low, narrow.High-narrow.Low; w < 10*n {
		t.Errorf("limits of %v where slow calls come together, %v where they do not", w, n)
	}
}

// N+1: more and more quick statements make the mean fall; nothing is faster. What is cached away makes it rise.
func TestAnotherMixIsNoChange(t *testing.T) {
	before := logOf(60, kind{"SLOW", 5, 10_000}, kind{"QUICK", 5, 100})
	after := logOf(60, kind{"SLOW", 5, 10_000}, kind{"QUICK", 100, 100})
	for name, c := range map[string]Comparison{"more quick ones": Of(before, after), "fewer quick ones": Of(after, before)} {
		raw := TrendOf(c.Mean[0], c.Mean[1])
		if raw == Same || c.TimeTrend != Same || c.Outcome != Unchanged {
			t.Errorf("%s: the mean is %q, the outcome %q", name, raw, c.Outcome)
		}
		if !c.SameMix.Known || math.Abs(c.SameMix.Value-1) > 0.05 {
			t.Errorf("%s: what both have takes x%v", name, c.SameMix.Value)
		}
	}
}

func TestNothingToCompare(t *testing.T) {
	some, none := logOf(60, kind{"A", 10, 1000}), logOf(60)
	web := &analyzers.Snapshot{Window: unbounded, Digest: analyzers.NewDigest(), Sources: []collectors.Source{{Path: "access.log", Role: "web"}}}
	web.Digest.Web.Count, web.Digest.Web.First, web.Digest.Web.Last = 100, t0*1e6, (t0+60)*1e6
	for _, c := range []struct {
		name          string
		before, after *analyzers.Snapshot
		why           Reason
	}{
		{"nothing before", none, some, EmptyBefore},
		{"nothing after", some, none, EmptyAfter},
		{"nothing at all", &analyzers.Snapshot{}, &analyzers.Snapshot{}, NoEvents},
		{"other logs", some, web, OtherLogs},
		{"few statements", logOf(60, kind{"A", 0.2, 1000}), some, TooFew},
		{"a threshold of a second", some, logOf(60, kind{"A", 10, 1_500_000}), OtherMinimum},
	} {
		got := Of(c.before, c.after)
		if got.Outcome != Incomparable || got.Why != c.why {
			t.Errorf("%s: %q, %q", c.name, got.Outcome, got.Why)
		}
		for _, f := range got.Figures {
			for _, e := range []Estimate{f.Before, f.After} {
				if e.Known && (math.IsNaN(e.Value) || math.IsInf(e.Value, 0)) {
					t.Errorf("%s: %s is known as %v", c.name, f.Name, e.Value)
				}
			}
			if (!f.Before.Known || !f.After.Known) && f.Trend != Unknown {
				t.Errorf("%s: %s is %q and one side does not tell it", c.name, f.Name, f.Trend)
			}
		}
	}
}

// A part of a side that no log tells is unknown, and never 0.
func TestUnknownIsNotZero(t *testing.T) {
	c := Of(logOf(60, kind{"A", 10, 1000}), logOf(60, kind{"A", 10, 1000}))
	for _, f := range c.Figures {
		if f.Name == "requests a second" || f.Name == "answers of 5xx" || f.Group == Host {
			t.Errorf("%s is told by a slow log", f.Name)
		}
	}
	if c.Before.Requests != -1 || c.FailureTrend != Unknown || len(c.Endpoints) != 0 {
		t.Errorf("%d requests, failures %q", c.Before.Requests, c.FailureTrend)
	}
	if d, calls, time := decompose(Use{Seconds: math.NaN()}, Use{Seconds: 10}); d != 0 || calls != 0 || time != 0 {
		t.Errorf("nothing became %v", d)
	}
	if !math.IsNaN(Factor(Estimate{Known: true}, about(1, 0))) {
		t.Error("a factor of zero is known")
	}
}

// A log that begins after a side has ended does not say that nothing was asked for; one that covers it does.
func TestSilence(t *testing.T) {
	for _, c := range []struct {
		from, to int64
		want     int64
	}{{t0 + 100, t0 + 200, -1}, {t0 - 100, t0 + 200, 0}, {collectors.NoTime, collectors.NoTime, -1}} {
		s := logOf(60, kind{"A", 10, 1000})
		web := collectors.Source{Path: "access.log", Role: "web", From: c.from, To: c.to}
		if c.from != collectors.NoTime {
			web.From, web.To = c.from*1e6, c.to*1e6
		}
		s.Sources = append(s.Sources, web)
		got := Of(s, s)
		if got.Before.Requests != c.want {
			t.Errorf("a log from %d to %d: %d requests", c.from-t0, c.to-t0, got.Before.Requests)
		}
	}
}

// A log that counts whole milliseconds does not tell less than half of one.
func TestTick(t *testing.T) {
	var a, b, c, d analyzers.Timing
	for i := range int64(10_000) {
		a.Add(1000)
		b.Add(1000 + i%4/3*1000)
		c.Add(1001)
		d.Add(1001 + i%4/3*1000)
	}
	if got := TrendOf(mean(&a, nil), mean(&b, nil)); got != Same {
		t.Errorf("1 ms and 1.25 ms by whole milliseconds: %q", got)
	}
	if got := TrendOf(mean(&c, nil), mean(&d, nil)); got != Up {
		t.Errorf("1 ms and 1.25 ms by microseconds: %q", got)
	}
}

// Errors that come at once make requests quick: more of them is never better.
func TestFailuresComeFirst(t *testing.T) {
	side := func(us, failed, retried int64) *analyzers.Snapshot {
		d := analyzers.NewDigest()
		w := &d.Web
		for i := range int64(3000) {
			w.Time.Add(us + i%7*100)
			w.Count++
			c := d.Series.At((t0 + i/50) * 1e6)
			c.Requests++
			c.RequestUS += us
			if i%100 < failed {
				w.Status[502]++
				c.Errors5xx++
			}
			if i%100 < retried {
				w.Retried++
				c.Retried++
			}
		}
		w.First, w.Last = t0*1e6, (t0+60)*1e6-1
		return &analyzers.Snapshot{Window: unbounded, Digest: d, Sources: []collectors.Source{{Path: "access.log", Role: "web"}}}
	}
	for _, c := range []struct {
		name          string
		before, after *analyzers.Snapshot
		outcome       Outcome
		failure       string
	}{
		{"faster and failing", side(50_000, 0, 0), side(5_000, 30, 0), Failing, "5xx"},
		{"only retried", side(5_000, 0, 0), side(5_000, 0, 50), Failing, "retries"},
		{"mended", side(5_000, 30, 0), side(5_000, 0, 0), Recovered, "5xx"},
		{"mended and slower", side(5_000, 30, 0), side(50_000, 0, 0), IsSlower, "5xx"},
		{"as before", side(5_000, 1, 0), side(5_000, 1, 0), Unchanged, "5xx"},
	} {
		if got := Of(c.before, c.after); got.Outcome != c.outcome || got.Failure != c.failure {
			t.Errorf("%s: %q by %q", c.name, got.Outcome, got.Failure)
		}
	}
}

func TestSettings(t *testing.T) {
	before := &analyzers.Snapshot{Settings: map[string]string{"innodb_buffer_pool_size": "1G", "max_connections": "150", "hostname": "a", "slow_query_log": "ON", "only_before": "1"}}
	after := &analyzers.Snapshot{Settings: map[string]string{"innodb_buffer_pool_size": "1073741824", "max_connections": "500", "hostname": "b", "slow_query_log": "1", "only_after": "1"}}
	want := []Setting{{"max_connections", "150", "500"}}
	if got := Of(before, after).Settings; !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}

func TestLayers(t *testing.T) {
	got := Layers([]Portion{{"app", 8_000_000}, {"database", 6_000_000}}, []Portion{{"app", 20_000_000}, {"database", 312_000_000}}, 10_000, 20_000)
	if len(got) != 2 || !near(got[0].Share+got[1].Share, 1) || got[1].Share < 0.98 || !near(got[1].After, 0.0156) {
		t.Errorf("%+v", got)
	}
	for _, l := range Layers([]Portion{{"app", -1}, {"database", 0}}, []Portion{{"app", 5}, {"database", 0}}, 0, 9) {
		if !math.IsNaN(l.Before) || !math.IsNaN(l.Share) {
			t.Errorf("unknown is %+v", l)
		}
	}
}

// A window that reaches far out of its log tells no rate of the time in which there was none.
func TestRateIsOfTheLog(t *testing.T) {
	log := logOf(60, kind{"A", 10, 1000})
	log.Window = analyzers.Window{From: (t0 - 86_400) * 1e6, To: (t0 + 61) * 1e6}
	if r := sideOf(log).db.rate(); r.Value < 9 || r.Value > 11 {
		t.Errorf("10 a second are %v", r.Value)
	}
}

// What was recorded of both hosts is compared; of one alone there is no change.
func TestHost(t *testing.T) {
	host := func(name string, idle float64) *analyzers.Snapshot {
		s := &analyzers.Snapshot{Window: unbounded, Series: analyzers.NewSeriesSet()}
		for i := range int64(60) {
			s.Series.Add(name, "host", collectors.Sample{At: (t0 + i) * 1e6, Name: "cpu.idle", Value: idle + float64(i%3)/100})
		}
		return s
	}
	figure := func(c Comparison) (f Figure) {
		for _, f := range c.Figures {
			if f.Name == "processors used" {
				return f
			}
		}
		return f
	}
	if f := figure(Of(host("old", 0.9), host("new", 0.2))); f.Trend != Up || math.Abs(f.Before.Value-0.09) > 1e-3 || math.Abs(f.After.Value-0.79) > 1e-3 {
		t.Errorf("%+v", f)
	}
	if f := figure(Of(host("old", 0.9), &analyzers.Snapshot{Window: unbounded})); f.Trend != Unknown || !f.Before.Known || f.After.Known {
		t.Errorf("of one host: %+v", f)
	}
	if f := figure(Of(host("old", 0.9), host("new", 0.899))); f.Trend != Same {
		t.Errorf("a tenth of a percent: %+v", f)
	}
}

// Several servers are compared each with itself, in figures and settings.
func TestServersApart(t *testing.T) {
	of := func(pool string, rate float64) *analyzers.Snapshot {
		s := &analyzers.Snapshot{Digest: analyzers.NewDigest(), Series: analyzers.NewSeriesSet(), Window: analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}}
		for n, address := range []string{"a:1", "b:1"} {
			for i := range int64(60) {
				s.Series.Add(address, "db", collectors.Sample{At: i * 1e6, Name: "mysql.status.Questions", Value: rate * float64(n+1) * float64(i)})
			}
			s.AddServer(analyzers.Server{Address: address, Settings: map[string]string{"innodb_buffer_pool_size": pool + address[:1]}})
		}
		return s
	}
	c := Of(of("1", 10), of("2", 30))
	want := map[string][2]float64{"a:1: questions a second": {10, 30}, "b:1: questions a second": {20, 60}}
	for _, f := range c.Figures {
		if w, ok := want[f.Name]; ok && f.Before.Value == w[0] && f.After.Value == w[1] {
			delete(want, f.Name)
		}
	}
	if len(want) > 0 {
		t.Errorf("not compared: %v in %+v", want, c.Figures)
	}
	if s := c.Settings; len(s) != 2 || s[0] != (Setting{"a:1 innodb_buffer_pool_size", "1a", "2a"}) || s[1].Name != "b:1 innodb_buffer_pool_size" {
		t.Errorf("%+v", s)
	}
}

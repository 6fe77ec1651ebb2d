package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"dbtriage/analyzers/advise"
	"dbtriage/collectors/loadtest"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
)

const capacityLong = `Capacity estimates what users will ask of a database, and how many servers that
takes: daily users x actions x statements, once spread evenly over the busy hours
and once with 80 % of it in 20 % of the day. It is good to an order of magnitude.

What was measured beats the estimate: give a slow log of every statement
(long_query_time=0), or the output of ab, wrk or locust (CSV).`

const capacityExample = `  dbtriage capacity --dau 100k --actions 100 --queries 3
  dbtriage capacity --dau 5M --actions 200 --write-share 1 --merge 12
  dbtriage capacity --dau 2M --actions 40 --queries 5 slow.log wrk.txt
  dbtriage capacity --dau 1M --actions 30 --cache-keys 3M --cache-value 2k -f json`

type capacityFlags struct {
	users, actions, queries, hours, peakShare, peakTime amount
	writeShare, merge                                   amount
	response, cacheKeys, cacheValue                     amount
	server, format                                      string
}

// An amount is a flag's number; it may end in k, M or G.
type amount float64

func (a *amount) String() string { return strconv.FormatFloat(float64(*a), 'f', -1, 64) }
func (a *amount) Type() string   { return "number" }

func (a *amount) Set(s string) error {
	scale := 1.0
	for suffix, by := range map[string]float64{"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9} {
		if digits, ok := strings.CutSuffix(s, suffix); ok {
			s, scale = digits, by
			break
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || f < 0 || f*scale > 1e15 {
		return badValue{"is not a number", "use one such as 250, 100k or 5M"}
	}
	*a = amount(f * scale)
	return nil
}

func newCapacity(s streams) *cobra.Command {
	f := capacityFlags{queries: 1, hours: 10, peakShare: 0.8, peakTime: 0.2, merge: 1, server: "typical", writeShare: -1}
	cmd := &cobra.Command{
		Use: "capacity [FILE...]", Short: "Estimate load and servers from users, or from what was measured",
		Long: capacityLong, Example: capacityExample,
		RunE: func(cmd *cobra.Command, args []string) error { return capacity(cmd.Context(), s, args, &f) },
	}
	fl := cmd.Flags()
	fl.Var(&f.users, "dau", "daily active users")
	fl.Var(&f.actions, "actions", "requests of each user a day")
	fl.Var(&f.queries, "queries", "statements of each request")
	fl.Var(&f.hours, "hours", "busy hours of a day, when the load is even")
	fl.Var(&f.peakShare, "peak-share", "share of the day's load in the busiest part of it")
	fl.Var(&f.peakTime, "peak-time", "length of that busiest part, as a share of the day")
	fl.Var(&f.writeShare, "write-share", "share of the statements that write (default: as measured)")
	fl.Var(&f.merge, "merge", "writes that a write buffer merges into one")
	fl.Var(&f.response, "response-bytes", "mean size of an answer, for the network")
	fl.Var(&f.cacheKeys, "cache-keys", "entries of a cache, for its memory")
	fl.Var(&f.cacheValue, "cache-value", "bytes of an entry")
	fl.StringVar(&f.server, "server", f.server, "capacity of one server where none was measured: "+priorNames())
	addFormat(cmd, &f.format, []string{"text", "json"})
	return cmd
}

func priorNames() string {
	var names []string
	for _, p := range advise.Priors {
		names = append(names, fmt.Sprintf("%s (%.0f/s)", p.Name, p.Rate))
	}
	return strings.Join(names, ", ")
}

// A capacityPlan is the answer; null is what was neither asked for nor measured.
type capacityPlan struct {
	Demand   *demandPart   `json:"demand"`
	Measured *measuredPart `json:"measured"`
	// Peak is what the plan is made for: measured, or else estimated.
	Peak struct {
		Rate float64 `json:"per_s"`
		From string  `json:"from"`
	} `json:"peak"`
	// Writes reach one primary, after merging.
	Writes   *float64 `json:"writes_per_s"`
	Capacity struct {
		Rate    float64 `json:"per_s"`
		From    string  `json:"from"`
		AtLeast bool    `json:"at_least"` // never driven to its limit
	} `json:"capacity"`
	Use       float64   `json:"utilisation"` // of one server
	Nodes     int       `json:"nodes"`       // servers in all
	Shards    int       `json:"shards"`      // in which they stand
	WritesFit *bool     `json:"writes_fit_one_primary"`
	Link      *linkPart `json:"network"`
	Cache     *float64  `json:"cache_bytes"`
	Notes     []string  `json:"notes"`
}

type demandPart struct {
	Users   float64 `json:"users"`
	Actions float64 `json:"actions"`
	Queries float64 `json:"queries"`
	Total   float64 `json:"statements_per_day"`
	Even    float64 `json:"even_per_s"`
	Peak    float64 `json:"peak_per_s"`
}

type measuredPart struct {
	Seconds    float64  `json:"seconds"`
	Mean       float64  `json:"mean_per_s"`
	Peak       float64  `json:"peak_per_s"`
	WriteShare *float64 `json:"write_share"`
}

type linkPart struct {
	Bytes float64 `json:"response_bytes"`
	Limit float64 `json:"gigabit_limit_per_s"`
}

func capacity(ctx context.Context, s streams, args []string, f *capacityFlags) error {
	if err := f.check(args); err != nil {
		return err
	}
	var p capacityPlan
	p.Notes = []string{}
	tests, logs, err := loadTests(args, s.in)
	if err != nil {
		return err
	}
	var knee *advise.Knee
	if len(logs) > 0 {
		if knee, err = p.measure(ctx, s, logs); err != nil {
			return err
		}
	}
	p.demand(f)
	p.capacity(f, tests, knee)
	p.conclude(f)
	if f.format == "json" {
		enc := json.NewEncoder(s.out)
		enc.SetIndent("", "  ")
		return enc.Encode(p)
	}
	return p.write(s.out)
}

func (f *capacityFlags) check(args []string) error {
	_, known := f.prior()
	switch {
	case (f.users == 0 || f.actions == 0) && len(args) == 0:
		return hinted{errors.New("neither users nor a measurement was given"), "give --dau and --actions, or a slow log; see 'dbtriage capacity --help'"}
	case !known:
		return hinted{fmt.Errorf("--server %q is not known", f.server), "use one of " + priorNames()}
	case f.hours <= 0 || f.hours > 24:
		return hinted{fmt.Errorf("--hours %v is not a part of a day", f.hours), "give 1 to 24"}
	case f.peakShare > 1 || f.peakTime <= 0 || f.peakTime > 1:
		return hinted{errors.New("--peak-share and --peak-time are shares"), "give numbers up to 1, such as 0.8 and 0.2"}
	case f.writeShare > 1:
		return hinted{errors.New("--write-share is a share"), "give a number up to 1"}
	case f.merge < 1 || f.queries == 0:
		return hinted{errors.New("--merge and --queries are at least 1"), "leave them out for 1"}
	}
	return nil
}

func (f *capacityFlags) prior() (advise.Prior, bool) {
	i := slices.IndexFunc(advise.Priors, func(p advise.Prior) bool { return p.Name == f.server })
	if i < 0 {
		return advise.Prior{}, false
	}
	return advise.Priors[i], true
}

// loadTests tells the results of load tests among the files from logs.
func loadTests(args []string, stdin io.Reader) (tests []loadtest.Result, logs []session.Input, err error) {
	inputs, err := session.Inputs(args, stdin)
	if err != nil {
		return nil, nil, hinted{err, "check the name"}
	}
	for _, in := range inputs {
		if in.Open != nil {
			logs = append(logs, in)
			continue
		}
		file, err := os.Open(in.Path)
		if err != nil {
			return nil, nil, err
		}
		res, err := loadtest.Read(file)
		file.Close()
		switch {
		case err == nil:
			tests = append(tests, res)
		case errors.Is(err, loadtest.ErrUnknown):
			logs = append(logs, in)
		default:
			return nil, nil, fmt.Errorf("%s: %w", in.Path, err)
		}
	}
	return tests, logs, nil
}

// measure takes rates from logs. Only a log of every statement tells them.
func (p *capacityPlan) measure(ctx context.Context, s streams, inputs []session.Input) (*advise.Knee, error) {
	opt, err := (&inputFlags{}).options(&filterFlags{})
	if err != nil {
		return nil, err
	}
	snapshot, problems := session.Read(ctx, inputs, opt)
	failed := tell(s.err, problems)
	st := &snapshot.Digest.Statements
	if st.Count == 0 || st.Count == st.WithoutTime {
		if failed {
			return nil, errTold
		}
		return nil, hinted{errors.New("the files hold no statement with a time"), "give a slow log, or the output of ab, wrk or locust"}
	}
	if !st.Whole() {
		p.Notes = append(p.Notes, "the log does not hold every statement (long_query_time above 0, or a rate limit): the rates measured from it are lower bounds")
	}
	seconds := max(float64(st.Last-st.First)/1e6, 1)
	m := &measuredPart{Seconds: seconds, Mean: float64(st.Count) / seconds}
	for _, c := range snapshot.Digest.Series.Cells() {
		m.Peak = max(m.Peak, float64(c.Statements)/float64(snapshot.Digest.Series.Width()))
	}
	if n := st.Reads + st.Writes; n > 0 {
		share := float64(st.Writes) / float64(n)
		m.WriteShare = &share
	}
	p.Measured = m
	if k, ok := advise.KneeOf(snapshot.Digest.Series); ok {
		return &k, nil
	}
	return nil, nil
}

func (p *capacityPlan) demand(f *capacityFlags) {
	if f.users > 0 && f.actions > 0 {
		d := advise.NewDemand(float64(f.users), float64(f.actions), float64(f.queries))
		d.Hours, d.PeakShare, d.PeakTime = float64(f.hours), float64(f.peakShare), float64(f.peakTime)
		p.Demand = &demandPart{d.Users, d.Actions, d.Queries, d.Total(), d.Even(), d.Peak()}
		p.Peak.Rate, p.Peak.From = d.Peak(), "estimated from users"
	}
	if p.Measured == nil {
		return
	}
	if p.Demand != nil && p.Measured.Peak > 0 {
		ratio := p.Demand.Peak / p.Measured.Peak
		word := "agree within an order of magnitude"
		if ratio > 10 || ratio < 0.1 {
			word = "differ by more than an order of magnitude: check users, actions and queries, or whether the log holds a busy hour"
		}
		p.Notes = append(p.Notes, fmt.Sprintf("estimate and measurement (ratio %s) %s; the plan uses the measurement", show.Significant(ratio), word))
	}
	p.Peak.Rate, p.Peak.From = p.Measured.Peak, "measured"
}

// capacity takes the capacity of one server from the best source there is.
func (p *capacityPlan) capacity(f *capacityFlags, tests []loadtest.Result, knee *advise.Knee) {
	prior, _ := f.prior()
	c := &p.Capacity
	c.Rate, c.From = prior.Rate, "assumed, a "+prior.Name+" server"
	if knee != nil && (knee.Seen || knee.Rate > c.Rate) {
		c.Rate, c.From, c.AtLeast = knee.Rate, "measured in the log", !knee.Seen
	}
	for _, t := range tests {
		rate, seen := t.Knee()
		c.Rate, c.From, c.AtLeast = rate*float64(f.queries), "load test by "+t.Tool, !seen
		p.Notes = append(p.Notes, fmt.Sprintf("%s: %s requests a second, taken as %s statements each", t.Tool, show.Short(rate), f.queries.String()))
		if t.FailedShare() > 0.01 {
			p.Notes = append(p.Notes, fmt.Sprintf("%s of the requests of that test failed: its rate is no capacity until they do not", show.Share(t.FailedShare())))
		}
	}
}

func (p *capacityPlan) conclude(f *capacityFlags) {
	if p.Peak.Rate > 0 && p.Capacity.Rate > 0 {
		share := float64(f.writeShare)
		if share < 0 && p.Measured != nil && p.Measured.WriteShare != nil {
			share = *p.Measured.WriteShare
		}
		load := p.Peak.Rate
		if share >= 0 {
			writes := p.Peak.Rate * share / float64(f.merge)
			load = p.Peak.Rate*(1-share) + writes
			fit := writes <= p.Capacity.Rate*advise.NodeUse
			p.Writes, p.WritesFit = &writes, &fit
			p.servers(load-writes, writes, float64(f.merge))
		} else {
			p.servers(load, 0, 1)
			p.Notes = append(p.Notes, "every server repeats all writes: give --write-share, else all statements are taken for reads")
		}
		p.Use = load / p.Capacity.Rate
	}
	if f.response > 0 {
		p.Link = &linkPart{float64(f.response), advise.LinkLimit(float64(f.response))}
	}
	if f.cacheKeys > 0 {
		bytes := advise.CacheBytes(float64(f.cacheKeys), float64(f.cacheValue))
		p.Cache = &bytes
	}
}

// servers plans replicas where they carry the peak, and shards where they do not. The writes are those that are left
// of merged times as many.
func (p *capacityPlan) servers(reads, writes, merged float64) {
	best := advise.FewestServers(reads, writes, p.Capacity.Rate)
	p.Shards, p.Nodes = best.Shards, best.Total()
	n, ok := advise.Servers(reads, writes, p.Capacity.Rate)
	switch {
	case ok:
		p.Shards, p.Nodes = 1, n
		if best.Total() < n {
			p.Notes = append(p.Notes, fmt.Sprintf("each replica repeats all writes: %d shards of %d servers, %d in all, carry the same", best.Shards, best.Each, best.Total()))
		}
	case best.Shards > 0:
		p.Notes = append(p.Notes, fmt.Sprintf("replicas cannot help: each repeats all writes, and these alone keep a server %s busy; merge at least %.0f of them into one in a buffer (--merge), or shard",
			show.Share(writes/p.Capacity.Rate), math.Ceil(merged*writes/(p.Capacity.Rate*advise.NodeUse))))
	}
}

func (p *capacityPlan) write(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	if d := p.Demand; d != nil {
		row("DEMAND", "%s users x %s actions x %s statements = %s a day", show.Short(d.Users), show.Short(d.Actions), show.Short(d.Queries), show.Short(d.Total))
		row("", "%s/s spread evenly over the busy hours", rate(d.Even))
		row("", "%s/s at the peak", rate(d.Peak))
	}
	if m := p.Measured; m != nil {
		row("MEASURED", "%s/s on average, %s/s in the busiest second, over %s", rate(m.Mean), rate(m.Peak), show.Duration(m.Seconds*1e6))
		if m.WriteShare != nil {
			row("", "%s of the statements write", show.Share(*m.WriteShare))
		}
	}
	if p.Peak.Rate > 0 {
		row("PEAK", "%s/s, %s", rate(p.Peak.Rate), p.Peak.From)
		least := ""
		if p.Capacity.AtLeast {
			least = "at least "
		}
		row("CAPACITY", "%s%s/s for one server, %s", least, rate(p.Capacity.Rate), p.Capacity.From)
		row("USE", "%s of one server", show.Share(p.Use))
		if p.Writes != nil {
			row("WRITES", "%s/s reach the primary", rate(*p.Writes))
		}
		switch {
		case p.Shards > 1:
			row("SERVERS", "%d in %d shards of %d: each at most 60 %% busy at the peak, and one to spare in each shard", p.Nodes, p.Shards, p.Nodes/p.Shards)
		case p.Nodes > 0:
			row("SERVERS", "%d: each at most 60 %% busy at the peak, and one to spare", p.Nodes)
		}
	}
	if p.Link != nil {
		row("NETWORK", "1 Gb/s carries %s answers of %s bytes a second at 80 %% use", rate(p.Link.Limit), show.Short(p.Link.Bytes))
	}
	if p.Cache != nil {
		row("CACHE", "%s: keys x (value + 80 B)", show.Size(int64(*p.Cache)))
	}
	for _, note := range p.Notes {
		row("NOTE", "%s", note)
	}
	return t.Flush()
}

// rate writes a rate exactly enough to check it by hand.
func rate(f float64) string {
	if f < 10_000 {
		return strconv.FormatFloat(f, 'f', 2, 64)
	}
	return show.Count(int64(math.Round(f)))
}

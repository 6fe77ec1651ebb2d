package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
	"dbtriage/collectors/loadtest"
	"dbtriage/ui/report"
	"dbtriage/ui/session"
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
	server, format, output, lang                        string
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
	fl.StringVarP(&f.output, "output", "o", "", "write to this `FILE` instead of standard output")
	addLang(cmd, &f.lang)
	return cmd
}

func priorNames() string {
	var names []string
	for _, p := range advise.Priors {
		names = append(names, fmt.Sprintf("%s (%.0f/s)", p.Name, p.Rate))
	}
	return strings.Join(names, ", ")
}

func capacity(ctx context.Context, s streams, args []string, f *capacityFlags) error {
	if err := f.check(args); err != nil {
		return err
	}
	prior, _ := f.prior()
	in := advise.SizingInput{Queries: float64(f.queries), Prior: prior, WriteShare: float64(f.writeShare), Merge: float64(f.merge)}
	tests, logs, err := loadTests(args, s.in)
	if err != nil {
		return err
	}
	in.Tests = tests
	if len(logs) > 0 {
		if in.Digest, err = statementsOf(ctx, s, logs); err != nil {
			return err
		}
	}
	if f.users > 0 && f.actions > 0 {
		d := advise.NewDemand(float64(f.users), float64(f.actions), float64(f.queries))
		d.Hours, d.PeakShare, d.PeakTime = float64(f.hours), float64(f.peakShare), float64(f.peakTime)
		in.Demand = &d
	}
	c := report.Capacity{Sizing: advise.NewSizing(in), Response: float64(f.response)}
	if f.cacheKeys > 0 {
		c.Cache = advise.CacheBytes(float64(f.cacheKeys), float64(f.cacheValue))
	}
	return writeReport(s, f.output, func(w, terminal io.Writer) error {
		if f.format == "json" {
			return report.WriteCapacityJSON(w, &c)
		}
		return report.WriteCapacityText(w, &c, f.lang, report.Style{Colour: colour("auto", terminal), Width: widthOf(terminal)})
	})
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

// statementsOf reads logs for their rates. Only a log of every statement tells them.
func statementsOf(ctx context.Context, s streams, inputs []session.Input) (*analyzers.Digest, error) {
	opt, err := (&inputFlags{}).options(&filterFlags{})
	if err != nil {
		return nil, err
	}
	snapshot, problems := session.Read(ctx, inputs, opt)
	failed := tell(s.err, problems)
	st := &snapshot.Digest.Statements
	switch {
	case st.Count > st.WithoutTime:
		return snapshot.Digest, nil
	case failed:
		return nil, errTold
	}
	return nil, hinted{errors.New("the files hold no statement with a time"), "give a slow log, or the output of ab, wrk or locust"}
}

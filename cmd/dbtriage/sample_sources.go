package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/host"
	"dbtriage/collectors/mysql"
	"dbtriage/ui/show"
)

// A sampleSource is what sample reads at each row.
type sampleSource struct {
	read  func(ctx context.Context, at time.Time) (collectors.Reading, error)
	close func()
	// needed sources end the run when they fail; others leave their columns empty.
	needed bool
	said   string // the last trouble that was told
}

// sources prepares to read what the groups need.
func (f *sampleFlags) sources(groups []sampleGroup) ([]*sampleSource, error) {
	var out []*sampleSource
	var probes []string
	for _, g := range groups {
		probes = append(probes, g.probes...)
	}
	if len(probes) > 0 {
		sampler := host.New(host.Options{Probes: probes})
		out = append(out, &sampleSource{read: sampler.Read, close: func() {}, needed: true})
	}
	if slices.ContainsFunc(groups, sampleGroup.ofServer) {
		server, err := f.server()
		if err != nil {
			return nil, err
		}
		rates := serverRates{}
		out = append(out, &sampleSource{close: server.Close, read: func(ctx context.Context, at time.Time) (collectors.Reading, error) {
			r, err := server.Read(ctx, at)
			r.Samples = append(r.Samples, rates.of(r.Samples, at)...)
			return r, err
		}})
	}
	return out, nil
}

// server prepares to read the one database server that is named, or the one of the option files.
func (f *sampleFlags) server() (*mysql.Server, error) {
	if len(f.servers) > 1 {
		return nil, hinted{errors.New("sample reads one server"), "watch several with dbtriage live"}
	}
	if len(f.servers) == 0 {
		f.servers = []string{""}
	}
	configs, err := f.configs()
	if err != nil {
		return nil, err
	}
	return mysql.New(configs[0], "status", "replica"), nil
}

// readSources reads all at once and returns what they know.
func readSources(ctx context.Context, all []*sampleSource, at time.Time, tell io.Writer) (samples, error) {
	var out samples
	for _, src := range all {
		r, err := src.read(ctx, at)
		if err != nil && (src.needed || errors.Is(err, context.Canceled)) {
			return nil, err
		}
		said := ""
		if err != nil {
			said = err.Error()
		}
		if said != "" && said != src.said {
			fmt.Fprintf(tell, "dbtriage: note: %s\n", show.Line(said))
		}
		src.said = said
		out = append(out, r.Samples...)
	}
	return out, nil
}

// serverRates remembers the counters of a server between two rows.
type serverRates struct {
	at     time.Time
	before map[string]float64
}

const (
	statusPrefix = "mysql.status."
	ratePrefix   = "mysql.rate."
)

// of returns how fast each counter grew since the row before, per second. One that fell was reset, as all
// are by a restart, and has no rate.
func (s *serverRates) of(now samples, at time.Time) samples {
	var out samples
	seconds := at.Sub(s.at).Seconds()
	counters := map[string]float64{}
	for _, x := range now {
		name, ok := strings.CutPrefix(x.Name, statusPrefix)
		if !ok {
			continue
		}
		counters[name] = x.Value
		if before, known := s.before[name]; known && x.Value >= before {
			out = append(out, collectors.Sample{At: x.At, Name: ratePrefix + name, Value: (x.Value - before) / seconds})
		}
	}
	if counters["Uptime"] < s.before["Uptime"] {
		out = nil
	}
	s.at, s.before = at, counters
	return out
}

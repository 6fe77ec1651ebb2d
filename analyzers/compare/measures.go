package compare

import (
	"cmp"
	"math"
	"slices"

	"dbtriage/analyzers"
)

// A Group is what a figure is about.
type Group string

// The groups of figures, in the order in which they are shown.
const (
	Load   Group = "load"
	Time   Group = "time"
	Errors Group = "errors"
	Host   Group = "host"
	Server Group = "server"
)

// A Figure is one number of both sides.
type Figure struct {
	Group         Group
	Name          string
	Unit          string // per_s, s, share, count, rows, bytes
	Before, After Estimate
	Trend         Trend
}

// figures are compared in this order; of the hosts' and the server's see gauges.
var figures = []struct {
	group Group
	name  string
	unit  string
	of    func(x *side) Estimate
}{
	{Load, "requests a second", "per_s", func(x *side) Estimate { return x.web.rate() }},
	{Load, "application requests a second", "per_s", func(x *side) Estimate { return x.app.rate() }},
	{Load, "statements a second", "per_s", func(x *side) Estimate { return x.db.rate() }},
	{Load, "reads a second", "per_s", func(x *side) Estimate {
		return x.kind(x.d.Statements.Reads, func(c *analyzers.Second) int64 { return c.Reads })
	}},
	{Load, "writes a second", "per_s", func(x *side) Estimate {
		return x.kind(x.d.Statements.Writes, func(c *analyzers.Second) int64 { return c.Writes })
	}},
	{Load, "requests at once", "count", func(x *side) Estimate { return x.atOnce(&x.web) }},
	{Load, "statements at once", "count", func(x *side) Estimate { return x.atOnce(&x.db) }},
	{Time, "request time, mean", "s", func(x *side) Estimate { return x.web.mean() }},
	{Time, "request time, median", "s", func(x *side) Estimate { return quantile(x.web.time, 0.5) }},
	{Time, "request time, p95", "s", func(x *side) Estimate { return quantile(x.web.time, 0.95) }},
	{Time, "request time, p99", "s", func(x *side) Estimate { return quantile(x.web.time, 0.99) }},
	{Time, "upstream time, p95", "s", func(x *side) Estimate { return quantile(&x.d.Web.Upstream, 0.95) }},
	{Time, "application time, mean", "s", func(x *side) Estimate { return x.app.mean() }},
	{Time, "statement time, mean", "s", func(x *side) Estimate { return x.db.mean() }},
	{Time, "statement time, p95", "s", func(x *side) Estimate { return quantile(x.db.time, 0.95) }},
	{Time, "rows examined a statement", "rows", func(x *side) Estimate { return per(x.d.Statements.RowsExamined, x.d.Statements.Count) }},
	{Errors, "answers of 5xx", "share", serverErrors},
	{Errors, "retried requests", "share", retries},
	{Errors, "application answers of 5xx", "share", appErrors},
}

func serverErrors(x *side) Estimate {
	return share(fiveHundreds(x.d.Web.Status), x.d.Web.Count, x.cellsOf(func(c *analyzers.Second) (int64, int64) { return c.Requests, c.Errors5xx * 1e6 }))
}

func retries(x *side) Estimate {
	return share(x.d.Web.Retried, x.d.Web.Count, x.cellsOf(func(c *analyzers.Second) (int64, int64) { return c.Requests, c.Retried * 1e6 }))
}

func appErrors(x *side) Estimate {
	return share(fiveHundreds(x.d.App.Status), x.d.App.Count, x.cellsOf(func(c *analyzers.Second) (int64, int64) { return c.AppRequests, c.AppErrors5xx * 1e6 }))
}

func fiveHundreds(status map[int64]int64) (n int64) {
	for code, k := range status {
		if code >= 500 && code < 600 {
			n += k
		}
	}
	return n
}

func (x *side) kind(n int64, of func(*analyzers.Second) int64) Estimate {
	if !x.db.read {
		return Estimate{}
	}
	return rate(n, x.db.seconds, x.cellsOf(func(c *analyzers.Second) (int64, int64) { return of(c), 0 }))
}

// atOnce is the load of a stream; its limits are those of the sums of the batches.
func (x *side) atOnce(s *stream) Estimate {
	v := s.load()
	if math.IsNaN(v) || s.count == 0 {
		return Estimate{}
	}
	times := make([]cell, len(s.cells))
	for i, c := range s.cells {
		times[i] = cell{start: c.start, n: c.sum}
	}
	e := about(v, 0)
	if len(batches(times)) >= leastBatches {
		e = about(v, errorOfCount(0, times)/s.seconds)
	} else {
		e.Few = true
	}
	return e
}

// gauges are figures that were sampled, of the machine of a role.
var gauges = []struct {
	group      Group
	name, unit string
	role       string
	series     string
	counter    bool // its growth each second is the figure
	inverse    bool // what is missing to 1
}{
	{Host, "processors used", "share", "host", "cpu.idle", false, true},
	{Host, "waiting for I/O (iowait)", "share", "host", "cpu.iowait", false, false},
	{Host, "waiting for I/O (PSI some)", "share", "host", "psi.io.some", false, false},
	{Host, "waiting for a core (PSI some)", "share", "host", "psi.cpu.some", false, false},
	{Host, "memory available", "bytes", "host", "mem.available", false, false},
	{Server, "questions a second", "per_s", "db", "mysql.status.Questions", true, false},
	{Server, "connections a second", "per_s", "db", "mysql.status.Connections", true, false},
	{Server, "threads running", "count", "db", "mysql.status.Threads_running", false, false},
	{Server, "rows read a second", "per_s", "db", "mysql.status.Innodb_rows_read", true, false},
	{Server, "pages read from disk a second", "per_s", "db", "mysql.status.Innodb_buffer_pool_reads", true, false},
	{Server, "waits for row locks a second", "per_s", "db", "mysql.status.Innodb_row_lock_waits", true, false},
	{Server, "temporary tables on disk a second", "per_s", "db", "mysql.status.Created_tmp_disk_tables", true, false},
}

// serversOf are the addresses of the database servers of both sides where one of them has several; else none.
func serversOf(before, after *analyzers.Snapshot) []string {
	if !before.Several() && !after.Several() {
		return nil
	}
	var out []string
	for _, v := range slices.Concat(before.Servers, after.Servers) {
		out = append(out, v.Address)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// machine is the host of a role that has the most series.
func machine(s *analyzers.SeriesSet, role string) (host string) {
	best, count := 0, map[string]int{}
	for _, k := range s.Keys() {
		if k.Role == role {
			if count[k.Host]++; count[k.Host] > best {
				best, host = count[k.Host], k.Host
			}
		}
	}
	return host
}

// gauge estimates a figure of the machine of a role, or of one of several database servers.
func (x *side) gauge(role, server, name string, counter, inverse bool) Estimate {
	s := x.s.Series
	host := cmp.Or(server, machine(s, role))
	series := s.Get(analyzers.SeriesKey{Host: host, Role: role, Name: name})
	if counter {
		v, ok := series.Rate(x.window, s.Restarts(host))
		if !ok {
			return Estimate{}
		}
		return counted(v, series, x.window)
	}
	a, ok := series.In(x.window)
	if !ok {
		return Estimate{}
	}
	e := sampled(a.Values, a.Mean)
	if inverse {
		e.Value, e.Low, e.High = 1-e.Value, 1-e.High, 1-e.Low
	}
	return e
}

// counted estimates the growth of a counter by its steps in the window.
func counted(perSecond float64, s *analyzers.Series, w analyzers.Window) Estimate {
	var steps []float64
	for i := 1; i < len(s.Points); i++ {
		before, now := &s.Points[i-1], &s.Points[i]
		if d := now.Last - before.Last; w.Holds(before.LastAt) && w.Holds(now.LastAt) && d >= 0 && now.LastAt > before.LastAt {
			steps = append(steps, d*1e6/float64(now.LastAt-before.LastAt))
		}
	}
	return sampled(steps, perSecond)
}

// leastHostShare is the least difference of shares of a host that is shown as one; a guess of ours.
const leastHostShare = 0.02

func compareFigures(before, after *side) []Figure {
	var out []Figure
	add := func(f Figure) {
		if !f.Before.Known && !f.After.Known {
			return
		}
		f.Trend = TrendOf(f.Before, f.After)
		switch {
		case f.Unit == "rows" && (f.Trend == Up || f.Trend == Down):
			f.Trend = rowsTrend([2]Estimate{f.Before, f.After})
		case f.Group == Host && f.Unit == "share" && (f.Trend == Up || f.Trend == Down) && math.Abs(f.After.Value-f.Before.Value) < leastHostShare:
			f.Trend = Same
		}
		out = append(out, f)
	}
	for _, f := range figures {
		add(Figure{Group: f.group, Name: f.name, Unit: f.unit, Before: f.of(before), After: f.of(after)})
	}
	servers := serversOf(before.s, after.s)
	for _, g := range gauges {
		of := []string{""}
		if g.role == "db" && len(servers) > 0 {
			of = servers
		}
		for _, server := range of {
			name := g.name
			if server != "" {
				name = server + ": " + name // first: tables cut long names at their end
			}
			add(Figure{Group: g.group, Name: name, Unit: g.unit, Before: before.gauge(g.role, server, g.series, g.counter, g.inverse), After: after.gauge(g.role, server, g.series, g.counter, g.inverse)})
		}
	}
	return out
}

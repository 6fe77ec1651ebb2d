package report

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"text/tabwriter"

	"dbtriage/analyzers/advise"
	"dbtriage/ui/show"
)

// A Capacity is a sizing with what else was asked: 0 is what was not.
type Capacity struct {
	advise.Sizing
	Response float64 // bytes of an answer
	Cache    float64 // bytes of a cache
}

// peakFrom and capacityFrom say where a figure comes from.
func (c *Capacity) peakFrom() string {
	switch {
	case c.Measured != nil:
		return "measured"
	case c.Demand != nil:
		return "estimated from users"
	}
	return ""
}

func (c *Capacity) capacityFrom() string {
	switch c.Capacity.From {
	case advise.FromLog:
		return "measured in the log"
	case advise.FromTest:
		return "load test by " + c.Tests[len(c.Tests)-1].Tool
	}
	return "assumed, a " + c.Prior.Name + " server"
}

// notes are what a reader has to know of the figures.
func (c *Capacity) notes() []string {
	notes := []string{}
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	if c.Measured != nil && !c.Measured.Whole {
		add("the log does not hold every statement (long_query_time above 0, or a rate limit): the rates measured from it are lower bounds")
	}
	if c.Measured != nil && c.Demand != nil && c.Measured.Peak > 0 {
		ratio := c.Demand.Peak() / c.Measured.Peak
		word := "agree within an order of magnitude"
		if ratio > 10 || ratio < 0.1 {
			word = "differ by more than an order of magnitude: check users, actions and queries, or whether the log holds a busy hour"
		}
		add("estimate and measurement (ratio %s) %s; the plan uses the measurement", show.Significant(ratio), word)
	}
	for _, t := range c.Tests {
		knee, _ := t.Knee()
		add("%s: %s requests a second, taken as %s statements each", t.Tool, show.Short(knee), strconv.FormatFloat(c.Queries, 'f', -1, 64))
		if t.FailedShare() > 0.01 {
			add("%s of the requests of that test failed: its rate is no capacity until they do not", show.Share(t.FailedShare()))
		}
	}
	if c.Peak == 0 || c.Capacity.Rate == 0 {
		return notes
	}
	switch {
	case c.Replicas > c.Best.Total():
		add("each replica repeats all writes: %d shards of %d servers, %d in all, carry the same", c.Best.Shards, c.Best.Each, c.Best.Total())
	case c.Replicas == 0 && c.Best.Shards > 0:
		add("replicas cannot help: each repeats all writes, and these alone keep a server %s busy; merge at least %.0f of them into one in a buffer (--merge), or shard",
			show.Share(c.Writes/c.Capacity.Rate), math.Ceil(c.Merge*c.Writes/(c.Capacity.Rate*advise.NodeUse)))
	}
	if !c.Split {
		add("every server repeats all writes: give --write-share, else all statements are taken for reads")
	}
	return notes
}

// Text writes it as lines of names and figures.
func (c *Capacity) Text(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	if d := c.Demand; d != nil {
		row("DEMAND", "%s users x %s actions x %s statements = %s a day", show.Short(d.Users), show.Short(d.Actions), show.Short(d.Queries), show.Short(d.Total()))
		row("", "%s/s spread evenly over the busy hours", exactRate(d.Even()))
		row("", "%s/s at the peak", exactRate(d.Peak()))
	}
	if m := c.Measured; m != nil {
		row("MEASURED", "%s/s on average, %s/s in the busiest second, over %s", exactRate(m.Mean), exactRate(m.Peak), show.Duration(m.Seconds*1e6))
		if m.Split {
			row("", "%s of the statements write", show.Share(m.WriteShare))
		}
	}
	if c.Peak > 0 {
		row("PEAK", "%s/s, %s", exactRate(c.Peak), c.peakFrom())
		least := ""
		if c.Capacity.AtLeast {
			least = "at least "
		}
		row("CAPACITY", "%s%s/s for one server, %s", least, exactRate(c.Capacity.Rate), c.capacityFrom())
		row("USE", "%s of one server", show.Share(c.Use))
		if c.Split {
			row("WRITES", "%s/s reach the primary", exactRate(c.Writes))
		}
		switch servers := c.Servers(); {
		case servers.Shards > 1:
			row("SERVERS", "%d in %d shards of %d: each at most 60 %% busy at the peak, and one to spare in each shard", servers.Total(), servers.Shards, servers.Each)
		case servers.Total() > 0:
			row("SERVERS", "%d: each at most 60 %% busy at the peak, and one to spare", servers.Total())
		}
	}
	if c.Response > 0 {
		row("NETWORK", "1 Gb/s carries %s answers of %s bytes a second at 80 %% use", exactRate(advise.LinkLimit(c.Response)), show.Short(c.Response))
	}
	if c.Cache > 0 {
		row("CACHE", "%s: keys x (value + 80 B)", show.Size(int64(c.Cache)))
	}
	for _, note := range c.notes() {
		row("NOTE", "%s", note)
	}
	return t.Flush()
}

// exactRate writes a rate exactly enough to check it by hand.
func exactRate(f float64) string {
	if f < 10_000 {
		return strconv.FormatFloat(f, 'f', 2, 64)
	}
	return show.Count(int64(math.Round(f)))
}

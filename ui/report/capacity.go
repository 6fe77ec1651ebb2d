package report

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"dbtriage/analyzers/advise"
	"dbtriage/ui/show"
)

// A Capacity is a sizing with what else was asked: 0 is what was not.
type Capacity struct {
	advise.Sizing
	Response float64 // bytes of an answer
	Cache    float64 // bytes of a cache
}

// WriteCapacityText writes how many servers it takes, in lines of labels and figures.
func WriteCapacityText(out io.Writer, c *Capacity, lang string, style Style) error {
	p := newPage(out, &Report{Options: Options{Lang: lang}}, style)
	before := ""
	row := func(label, format string, args ...any) {
		name := p.word(label)
		if label == before {
			name = ""
		}
		before = label
		p.labelled(0, name, strong, fmt.Sprintf(p.word(format), args...), plainText, 0)
	}
	if d := c.Demand; d != nil {
		row("DEMAND", "%s users x %s actions x %s statements = %s a day", show.Short(d.Users), show.Short(d.Actions), show.Short(d.Queries), show.Short(d.Total()))
		row("DEMAND", "%s/s spread evenly over the busy hours", exactRate(d.Even()))
		row("DEMAND", "%s/s at the peak", exactRate(d.Peak()))
	}
	if m := c.Measured; m != nil {
		row("MEASURED", "%s/s on average, %s/s in the busiest second, over %s", exactRate(m.Mean), exactRate(m.Peak), show.Duration(m.Seconds*1e6))
		if m.Split {
			row("MEASURED", "%s of the statements write", show.Share(m.WriteShare))
		}
	}
	if c.Peak > 0 {
		row("PEAK", "%s/s, %s", exactRate(c.Peak), c.peakFrom(lang))
		format := "%s/s for one server, %s"
		if c.Capacity.AtLeast {
			format = "at least %s/s for one server, %s"
		}
		row("CAPACITY", format, exactRate(c.Capacity.Rate), c.capacityFrom(lang))
		use := "%s of one server"
		if c.Capacity.AtLeast {
			use = "at most %s of one server"
		}
		row("USE", use, show.Share(c.Use))
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
		if c.Demand != nil {
			rate := c.Demand.PeakRequests()
			row("NETWORK", "%s/s at the peak take %s of that", exactRate(rate), show.Share(rate/advise.LinkLimit(c.Response)))
		}
	}
	if c.Cache > 0 {
		row("CACHE", "%s: keys x (value + 80 B)", show.Size(int64(c.Cache)))
	}
	for _, note := range c.notes(lang) {
		p.labelled(0, p.word("NOTE"), strong, note, plainText, 0)
	}
	return p.finish()
}

// peakFrom and capacityFrom say where a figure comes from.
func (c *Capacity) peakFrom(lang string) string {
	switch {
	case c.Measured != nil:
		return Word(lang, "measured")
	case c.Demand != nil:
		return Word(lang, "estimated from users")
	}
	return ""
}

func (c *Capacity) capacityFrom(lang string) string {
	switch c.Capacity.From {
	case advise.FromLog:
		return Word(lang, "measured in the log")
	case advise.FromTest:
		return fmt.Sprintf(Word(lang, "load test by %s"), c.Capacity.Tool)
	}
	return fmt.Sprintf(Word(lang, "assumed, a %s server"), c.Prior.Name)
}

// notes are what a reader has to know of the figures.
func (c *Capacity) notes(lang string) []string {
	notes := []string{}
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(Word(lang, format), args...)) }
	if c.Measured != nil && !c.Measured.Whole {
		add("the log does not hold every statement (long_query_time above 0, or a rate limit): the rates measured from it are lower bounds")
	}
	if c.OneClass > 0 {
		add("statements slow down with the rate in this log, but one class takes %s of their time: what slows it (dbtriage analyze) comes first, and the capacity is not taken from it", show.Share(c.OneClass))
	}
	if c.Measured != nil && c.Demand != nil && c.Measured.Peak > 0 {
		ratio := c.Demand.Peak() / c.Measured.Peak
		if ratio > 10 || ratio < 0.1 {
			add("estimate and measurement (ratio %s) differ by more than an order of magnitude: check users, actions and queries, or whether the log holds a busy hour; the plan uses the measurement", ratioText(ratio))
		} else {
			add("estimate and measurement (ratio %s) agree within an order of magnitude; the plan uses the measurement", ratioText(ratio))
		}
	}
	for _, t := range c.Tests {
		knee, _ := t.Knee()
		if knee == 0 {
			add("%s: %s of the requests failed: an error is no answer, and this rate no capacity", t.Tool, show.Share(t.FailedShare()))
			continue
		}
		add("%s: %s requests a second, taken as %s statements each", t.Tool, show.Short(knee), strconv.FormatFloat(c.Queries, 'f', -1, 64))
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
	if c.Capacity.AtLeast {
		add("the server was never driven to its limit: use and servers are upper bounds")
	}
	if !c.Split {
		add("every server repeats all writes: give --write-share, else all statements are taken for reads")
	}
	return notes
}

// ratioText keeps two digits of a ratio, however small.
func ratioText(f float64) string {
	if f < 1 {
		return strconv.FormatFloat(f, 'g', 2, 64)
	}
	return show.Significant(f)
}

// exactRate writes a rate exactly enough to check it by hand.
func exactRate(f float64) string {
	if f < 10_000 {
		return strconv.FormatFloat(f, 'f', 2, 64)
	}
	return show.Count(int64(math.Round(f)))
}

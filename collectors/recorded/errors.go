package recorded

import (
	"fmt"
	"slices"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/errorlog"
)

func errorFormat(d *errorlog.Dialect) Format {
	return Format{
		Name: d.Name, Role: d.Role, series: errorlog.SeriesRole,
		sniff: func(head []byte, _ string) bool { return d.Sniff(head) },
		read:  func(r *reader) error { return readErrors(r, d) },
	}
}

// maxUpstreams bounds the upstreams that are told apart.
const maxUpstreams = 256

// An errorCounter adds up the entries of one second.
type errorCounter struct {
	*reader
	dialect *errorlog.Dialect
	second  int64
	counts  map[errorKey]float64
	peers   []string
}

type errorKey struct{ kind, upstream string }

// readErrors makes samples of an error log: the messages of each kind in each second, for each
// upstream and for all. Each series begins with a 0 where the log begins: what did not happen since
// then is known.
func readErrors(r *reader, d *errorlog.Dialect) error {
	zone := r.opt.Location
	if r.opt.Zone != 0 {
		zone = time.FixedZone("", int(r.opt.Zone/1e6))
	}
	if zone == nil {
		zone = time.UTC
	}
	c := &errorCounter{reader: r, dialect: d, second: collectors.NoTime, counts: map[errorKey]float64{}}
	begun, last := false, collectors.NoTime
	err := r.each(func(line []byte) error {
		e, ok := d.Parse(line, zone)
		switch {
		case !ok && len(line) == 0:
		case !ok && (!begun || d.Whole), ok && e.Undated && !begun:
			r.skip("no message of a " + d.Name)
		case ok:
			if e.Undated {
				e.At = last
			}
			if last = e.At; !begun {
				c.zeros(e.At)
				begun = true
			}
			c.add(e)
		}
		return nil
	})
	c.flush()
	return err
}

func (c *errorCounter) zeros(at int64) {
	for _, k := range c.dialect.Kinds {
		c.sample(at, c.dialect.Prefix+k.Name, "", 0)
	}
	c.sample(at, c.dialect.Prefix+errorlog.Other, "", 0)
	c.res.Events = 0
}

func (c *errorCounter) add(e errorlog.Entry) {
	if second := e.At - e.At%1e6; second != c.second {
		c.flush()
		c.second = second
	}
	c.res.Events++
	c.counts[errorKey{"lines", ""}]++
	if e.Kind == "" {
		return
	}
	c.counts[errorKey{e.Kind, ""}]++
	if e.Upstream == "" {
		return
	}
	if !slices.Contains(c.peers, e.Upstream) {
		if len(c.peers) >= maxUpstreams {
			c.warn(fmt.Sprintf("more than %d upstreams: the rest is counted with the whole only", maxUpstreams))
			return
		}
		c.peers = append(c.peers, e.Upstream)
	}
	c.counts[errorKey{e.Kind, e.Upstream}]++
}

func (c *errorCounter) flush() {
	events := c.res.Events
	for k, n := range c.counts {
		c.sample(c.second, c.dialect.Prefix+k.kind, k.upstream, n)
	}
	c.res.Events = events
	clear(c.counts)
}

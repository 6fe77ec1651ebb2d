package rules

import (
	"fmt"
	"math"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
	"dbtriage/analyzers/sqlshape"
	"dbtriage/analyzers/timeline"
	"dbtriage/collectors"
)

// Tables below both sizes are not asked how to be sharded: whoever wants to can.
const (
	shardRows  = 1_000_000
	shardBytes = 1 << 30
)

// adviceFacts adds the results of the arithmetic of advice: what a cache would save and a write buffer
// merge, the size of a pool, the load a server can take, and columns to shard by. What rests on every
// statement being logged stays unknown where not every one is.
func (g *gathered) adviceFacts(d *analyzers.Digest, statements []advise.Statement, catalog *advise.Catalog, tables []collectors.Table) {
	t := &d.Statements
	if len(statements) > 0 && t.TimeUS > 0 {
		g.global.ratio("top_query_share", statements[0].Class.Time.Sum, t.TimeUS)
	}
	linkFacts(g.global, d)
	clockFacts(g.global, d)
	g.shardFacts(tables, statements, catalog)
	if !t.Whole() {
		return
	}
	for i := range statements {
		st := &statements[i]
		m := g.subjects["query"][i].facts
		cacheFacts(m, st, statements, catalog)
		if factor, ok := advise.MergeFactor(st); ok {
			m.num("write_merge_factor", factor)
		}
	}
	g.poolFacts(d)
}

func cacheFacts(m factMap, st *advise.Statement, all []advise.Statement, catalog *advise.Catalog) {
	c, ok := advise.CacheOf(st, all, catalog)
	if !ok {
		return
	}
	m["cache_locking"] = c.Locking
	m["cache_key"] = shorten(c.Key, maxName)
	m.num("cache_hit_share", c.HitShare)
	m.num("cache_hit_share_most", c.HitShareEver)
	m.num("cache_keys", c.Keys)
	m.num("cache_reads_per_write", float64(c.Reads)/float64(max(c.Writes, 1)))
	if c.Bytes > 0 {
		m.num("cache_bytes", c.Bytes)
	}
}

// poolFacts adds the size of a pool, and what the server can take.
func (g *gathered) poolFacts(d *analyzers.Digest) {
	number := func(name string) float64 { v, _ := g.global[name].(float64); return v }
	peak := number("peak_qps")
	in := advise.PoolInput{Rate: peak, MeanS: number("db_mean_s"), Cores: number("cores"), MaxConnections: number("v__max_connections")}
	if p, ok := advise.PoolSize(in); ok {
		g.global.num("pool_size", p.Size)
		g.global.num("pool_little", p.Little)
		if p.Cores > 0 {
			g.global.num("pool_cores", p.Cores)
		}
	}
	k, ok := advise.KneeOf(d.Series)
	if !ok || peak <= 0 {
		return
	}
	g.global.num("capacity_rate", k.Rate)
	g.global["capacity_seen"] = k.Seen
	if k.Seen {
		g.global.num("capacity_utilisation", peak/k.Rate)
		if n := d.Statements.Reads + d.Statements.Writes; n > 0 {
			writes := peak * float64(d.Statements.Writes) / float64(n)
			g.global.num("capacity_write_utilisation", writes/k.Rate)
			if servers, ok := advise.Servers(peak-writes, writes, k.Rate); ok {
				g.global.num("capacity_nodes", float64(servers))
			}
			g.global.num("capacity_shards", float64(advise.FewestServers(peak-writes, writes, k.Rate).Shards))
		}
	}
}

// clockFacts adds how far the logs' clocks stand apart, and stalls that come by the clock.
func clockFacts(m factMap, d *analyzers.Digest) {
	if k, ok := timeline.SkewOf(d); ok {
		m.num("clock_skew_s", math.Abs(k.Seconds))
		m.num("clock_likeness", k.Correlation)
		m.num("clock_likeness_now", k.AtZero)
		m["clock_offset"] = fmt.Sprintf("db=%+gs", -k.Seconds)
	}
	if st, ok := timeline.StallsOf(d); ok {
		m.num("stall_count", float64(st.Count))
		m.num("stall_period_s", st.Period)
		m.num("stall_length_s", st.Length)
		m.num("stall_ratio", st.Ratio)
	} else if d.Series != nil && len(d.Series.Cells()) > 0 {
		m.num("stall_count", 0)
	}
}

// linkFacts adds how much of a gigabit the answers of the web server take in its busiest second.
func linkFacts(m factMap, d *analyzers.Digest) {
	if d.Web.Count == 0 || d.Web.BytesSent <= 0 || d.Series == nil {
		return
	}
	mean := float64(d.Web.BytesSent) / float64(d.Web.Count)
	var peak float64
	for _, c := range d.Series.Cells() {
		peak = max(peak, float64(c.Requests)/float64(d.Series.Width()))
	}
	m.num("response_bytes_mean", mean)
	m.num("link_rate_limit", advise.LinkLimit(mean))
	if peak > 0 {
		m.num("link_utilisation", peak/advise.LinkLimit(mean))
	}
}

// shardFacts adds to large tables the column that most of their statements would stay on one shard by.
func (g *gathered) shardFacts(tables []collectors.Table, statements []advise.Statement, catalog *advise.Catalog) {
	known := map[string]*collectors.Table{}
	for i := range tables {
		t := &tables[i]
		known[shorten(tableName(t), maxLabel)] = t
	}
	for _, sub := range g.subjects["table"] {
		t := known[sub.subject.ID]
		if t == nil || t.Rows < shardRows && t.DataBytes+t.IndexBytes < shardBytes {
			continue
		}
		k, ok := advise.BestShardKey(sqlshape.Table{Schema: t.Schema, Name: t.Name}, t.Schema, statements, catalog)
		if !ok {
			continue
		}
		m := sub.facts
		m["shard_key"] = shorten(k.Column, maxName)
		m.num("shard_local_share", k.LocalShare)
		m.num("shard_statements", float64(k.Statements))
		m["shard_key_updated"] = k.Updated
		m["shard_by_time"] = k.Kind == "time"
		m["shard_key_skewed"] = !math.IsNaN(k.TopShare) && k.TopShare > maxTopShare
		if k.Distinct > 0 {
			m.num("shard_key_values", float64(k.Distinct))
		}
		m["shard_name"] = shorten(strings.ToLower(t.Name)+"_00", maxName)
	}
}

// maxTopShare is how much one value of a shard key may hold before its shard is the hot one.
// Source: RULES W09.
const maxTopShare = 0.01

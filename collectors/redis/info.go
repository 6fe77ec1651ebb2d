package redis

import (
	"math"
	"strconv"
	"strings"

	"dbtriage/collectors"
)

// maxFields bounds the fields of an INFO; version 7 has some two hundred, and one for each database.
const maxFields = 5_000

// parseInfo reads "name:value" lines.
func parseInfo(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		if ok && name != "" && name[0] != '#' && len(out) < maxFields {
			out[name] = value
		}
	}
	return out
}

// A gauge is a sample that is one field.
type gauge struct {
	metric string
	fields []string // the first that is there; versions and forks differ in words
	scale  float64
}

var gauges = []gauge{
	{"redis.memory", []string{"used_memory"}, 1},
	{"redis.memory_rss", []string{"used_memory_rss"}, 1},
	{"redis.fragmentation", []string{"mem_fragmentation_ratio"}, 1},
	{"redis.clients", []string{"connected_clients"}, 1},
	{"redis.clients_max", []string{"maxclients"}, 1},
	{"redis.blocked_clients", []string{"blocked_clients"}, 1},
	{"redis.replicas", []string{"connected_slaves", "connected_replicas"}, 1},
	{"redis.link_silent", []string{"master_last_io_seconds_ago", "primary_last_io_seconds_ago"}, 1},
	{"redis.loading", []string{"loading"}, 1},
	{"redis.unsaved", []string{"rdb_changes_since_last_save"}, 1},
	{"redis.fork_time", []string{"latest_fork_usec"}, 1e-6},
}

// rates are samples that are the growth of one field.
var rates = []gauge{
	{"redis.commands", []string{"total_commands_processed"}, 1},
	{"redis.evictions", []string{"evicted_keys"}, 1},
	{"redis.expired", []string{"expired_keys"}, 1},
	{"redis.rejected", []string{"rejected_connections"}, 1},
	{"redis.connections", []string{"total_connections_received"}, 1},
	{"redis.net_in", []string{"total_net_input_bytes"}, 1},
	{"redis.net_out", []string{"total_net_output_bytes"}, 1},
	{"redis.delayed_fsyncs", []string{"aof_delayed_fsync"}, 1},
}

// add makes samples and settings of the fields of INFO.
func (r *Redis) add(out *collectors.Reading, values map[string]string) {
	num := func(names ...string) (v float64, ok bool) {
		for _, name := range names {
			if v, err := strconv.ParseFloat(values[name], 64); err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
				return v, true
			}
		}
		return 0, false
	}
	put := func(name string, v float64) {
		out.Samples = append(out.Samples, collectors.Sample{At: out.At, Name: name, Instance: r.opt.Instance, Value: v})
	}
	for _, g := range gauges {
		if v, ok := num(g.fields...); ok && v >= 0 {
			put(g.metric, v*g.scale)
		}
	}
	if limit, ok := num("maxmemory"); ok && limit > 0 {
		put("redis.memory_max", limit)
		if used, ok := num("used_memory"); ok {
			put("redis.memory_used", used/limit)
		}
	}
	put("redis.keys", keys(values))
	putFlag := func(name string, is bool) { put(name, map[bool]float64{true: 1}[is]) }
	if role := values["role"]; role != "" {
		putFlag("redis.is_replica", isReplica(role))
	}
	for _, field := range []string{"master_link_status", "primary_link_status"} {
		if status := values[field]; status != "" {
			putFlag("redis.link_up", status == "up")
		}
	}
	if _, told := values["rdb_bgsave_in_progress"]; told {
		putFlag("redis.saving", values["rdb_bgsave_in_progress"] == "1" || values["aof_rewrite_in_progress"] == "1")
		putFlag("redis.save_failed", values["rdb_last_bgsave_status"] == "err" || values["aof_last_bgrewrite_status"] == "err" || values["aof_last_write_status"] == "err")
	}
	r.addRates(out, num, put)
	r.addSettings(out, values)
}

func (r *Redis) addRates(out *collectors.Reading, num func(...string) (float64, bool), put func(string, float64)) {
	counts := map[string]float64{}
	count := func(as string, names ...string) {
		if v, ok := num(names...); ok {
			counts[as] += v
		}
	}
	for _, c := range rates {
		count(c.metric, c.fields...)
	}
	count("hits", "keyspace_hits")
	count("misses", "keyspace_misses")
	count("cpu", "used_cpu_user")
	count("cpu", "used_cpu_sys")
	uptime, ok := num("uptime_in_seconds")
	if !ok {
		uptime = -1
	}
	g := r.counters.Advance(out.At, uptime, counts)
	for _, c := range rates {
		if v, ok := g.Rate(c.metric); ok {
			put(c.metric, v)
		}
	}
	if v, ok := g.Rate("cpu"); ok {
		put("redis.cpu", v)
	}
	hits, ok1 := g.Rate("hits")
	misses, ok2 := g.Rate("misses")
	if ok1 && ok2 {
		put("redis.lookups", hits+misses)
	}
	if share, ok := g.Share("hits", "misses"); ok {
		put("redis.hit_rate", share)
	}
}

// isReplica knows the old word and the new one.
func isReplica(role string) bool { return role == "slave" || role == "replica" }

// keys adds up lines like "db0:keys=10,expires=0,avg_ttl=0".
func keys(values map[string]string) float64 {
	var sum float64
	for name, v := range values {
		rest, isDB := strings.CutPrefix(name, "db")
		if _, err := strconv.Atoi(rest); !isDB || err != nil {
			continue
		}
		text, _, _ := strings.Cut(strings.TrimPrefix(v, "keys="), ",")
		if n, err := strconv.ParseUint(text, 10, 63); err == nil {
			sum += float64(n)
		}
	}
	return sum
}

// settingFields are what is told of a server's settings, when it changes.
var settingFields = []string{"redis_version", "valkey_version", "redis_mode", "server_mode", "maxmemory", "maxmemory_policy", "role", "aof_enabled", "mem_allocator", "os"}

func (r *Redis) addSettings(out *collectors.Reading, values map[string]string) {
	prefix := "redis."
	if r.opt.Instance != "" {
		prefix += r.opt.Instance + "."
	}
	told, changed := map[string]string{}, r.told == nil
	for _, name := range settingFields {
		if v, ok := values[name]; ok {
			told[prefix+name] = v
			changed = changed || r.told[prefix+name] != v
		}
	}
	if changed {
		out.Settings, r.told = told, told
	}
}

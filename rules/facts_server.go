package rules

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// recordings are what was sampled, by role.
type recordings map[string]*recording

// value computes one function of a series or a setting; instance is empty but for calls of an
// instance's series. ok is false when it is unknown.
func (c seriesCall) value(s *analyzers.Snapshot, by recordings, instance string) (v any, ok bool) {
	if c.fn == "v" {
		return settingValue(s.Settings, c.name)
	}
	r := by[c.role()]
	if strings.Contains(c.name, ".") {
		return r.function(c.fn, r.get(c.name, instance))
	}
	series := r.get("mysql.status."+c.name, "")
	restarts := r.set.Restarts(r.host)
	switch c.fn {
	case "r":
		return found(series.Rate(r.window, restarts))
	case "rb":
		if r.baseline == noWindow {
			return nil, false
		}
		return found(series.Rate(r.baseline, restarts))
	case "d":
		grown, _, ok := series.Delta(r.window, restarts)
		return grown, ok
	case "last":
		return latest(series, r.window)
	}
	return r.function(c.fn, series)
}

// A server has some 350 status variables and 500 settings in its oldest version that is still met:
// with this many at hand, one that is not among them does not exist there.
const (
	fullStatus   = 200
	fullSettings = 200
)

// statusNames counts the status variables that were recorded.
func (r *recording) statusNames() int {
	n := 0
	for _, key := range r.set.Keys() {
		if r.seen && r.holds(key) && strings.HasPrefix(key.Name, "mysql.status.") {
			n++
		}
	}
	return n
}

func found(v float64, ok bool) (any, bool) { return v, ok }

// latest is the last reading of a window: one is enough.
func latest(series *analyzers.Series, w analyzers.Window) (any, bool) {
	a, _ := series.In(w)
	return a.Last, len(a.Values) > 0
}

// function computes one function of a gauge.
func (r *recording) function(fn string, series *analyzers.Series) (any, bool) {
	switch fn {
	case "trend":
		return found(series.Trend())
	case "span":
		return found(series.Seconds())
	case "before":
		if r.baseline == noWindow {
			return nil, false
		}
		a, ok := series.In(r.baseline)
		return a.Mean, ok
	}
	a, ok := series.In(r.window)
	if !ok {
		return nil, false
	}
	switch fn {
	case "p95":
		return found(a.Quantile(0.95))
	case "mean":
		return a.Mean, true
	case "peak":
		return a.Max, true
	}
	return a.Last, true
}

// sizeSuffixes are what option files and my_print_defaults write for powers of 1024.
var sizeSuffixes = map[string]float64{"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

func settingValue(settings map[string]string, name string) (any, bool) {
	value, ok := settings[name]
	if !ok {
		return nil, false
	}
	switch t, _ := settingType(name); t {
	case number:
		unit := 1.0
		if n := len(value); n > 1 && sizeSuffixes[strings.ToUpper(value[n-1:])] > 0 {
			unit = sizeSuffixes[strings.ToUpper(value[n-1:])]
			value = value[:n-1]
		}
		v, err := strconv.ParseFloat(value, 64)
		return v * unit, err == nil
	case flag:
		switch strings.ToUpper(value) {
		case "ON", "1", "YES", "TRUE":
			return true, true
		case "OFF", "0", "NO", "FALSE":
			return false, true
		}
		return true, name == "log_bin" && value != "" // an option file names the files of the log there
	}
	if name == "query_cache_type" && len(value) == 1 {
		value = map[string]string{"0": "OFF", "1": "ON", "2": "DEMAND"}[value]
	}
	return shorten(strings.ToUpper(value), maxName), true
}

// poolReserve is the share of memory that advice leaves free for the system.
const poolReserve = 0.1

// serverFacts adds what follows from sessions, settings and the dictionary.; lately is the server up to the end
// of the logs.
func serverFacts(m factMap, s *analyzers.Snapshot, server, lately *recording) {
	if server.seen || len(s.Settings) > 0 || len(s.Tables) > 0 {
		m["table_sizes_known"] = sizesKnown(s.Tables)
	}
	if sizesKnown(s.Tables) {
		tableFacts(m, s.Tables)
		splitFacts(m, s.Tables)
	}
	replicaFacts(m, s.Settings, lately)
	countedFacts(m, server)
	each, ok := bytesPerConnection(server.get("mysql.status.Memory_used", ""), server.get("mysql.status.Threads_connected", ""))
	m.known("bytes_per_connection", each, ok)
	if pool, ok := settingValue(s.Settings, "innodb_buffer_pool_size"); ok {
		poolFacts(m, pool.(float64))
	}
	for name, metric := range map[string]string{
		"idle_transactions": "transactions.idle", "idle_transaction_age_s": "transactions.idle_age",
		"waits_for_idle": "locks.waits_for_idle", "metadata_waits": "sessions.metadata_waits",
	} {
		if a, ok := server.get(metric, "").In(server.window); ok {
			m.num(name, a.Max)
		}
	}
	most := 0.0
	for _, table := range server.instances("locks.waits_for_idle") {
		if a, _ := server.get("locks.waits_for_idle", table).In(server.window); a.Max > most {
			most = a.Max
			m["blocked_table"] = shorten(table, maxName)
		}
	}
	deadlockFacts(m, server)
}

// maxDeadlockTables bounds the tables that are named.
const maxDeadlockTables = 4

func deadlockFacts(m factMap, server *recording) {
	var tables []string
	for _, table := range server.instances("innodb.deadlock") {
		if _, ok := server.get("innodb.deadlock", table).In(server.window); ok && len(tables) < maxDeadlockTables {
			tables = append(tables, shorten(table, maxName))
		}
	}
	m["deadlock_known"] = len(tables) > 0
	if len(tables) > 0 {
		m["deadlock_tables"] = strings.Join(tables, ", ")
	}
}

// poolChunk is the unit in which a buffer pool grows, by default.
const poolChunk = 128 << 20

// poolFacts computes what a larger buffer pool may be: at most what the server's manual gives a host
// of its size, or its container, and never memory that others use now.
func poolFacts(m factMap, pool float64) {
	data, dataKnown := m["innodb_bytes"].(float64)
	m["data_fits_pool"] = dataKnown && data <= pool
	available, ok1 := m["mem_available"].(float64)
	total, ok2 := m["mem_total"].(float64)
	if !ok1 || !ok2 {
		return
	}
	if allowed, ok := m["db_memory_allowed"].(float64); ok && allowed < total {
		total = allowed
		if left, ok := m["db_memory_left"].(float64); ok {
			available = min(available, left)
		}
	}
	share := 0.75
	if total <= 4<<30 {
		share = 0.5
	}
	m.num("buffer_pool_most", share*total)
	budget := max(min(share*total, pool+available-poolReserve*total), 0)
	m.num("buffer_pool_budget", budget)
	want := 2 * pool
	if dataKnown {
		want = 1.1 * data
	}
	m.num("buffer_pool_want", min(want, budget))
	target := math.Floor(min(math.Ceil(want/poolChunk)*poolChunk, budget)/poolChunk) * poolChunk
	m.num("buffer_pool_target", target)
	m["buffer_pool_target_mib"] = strconv.FormatInt(int64(target)>>20, 10)
}

// settingsKnown reports whether the server's settings were given; those of hosts and caches have a
// dot in their names.
func settingsKnown(settings map[string]string) bool {
	for name := range settings {
		if !strings.Contains(name, ".") {
			return true
		}
	}
	return false
}

// sizesKnown reports whether the dictionary's sizes were given, and not only definitions.
func sizesKnown(tables []collectors.Table) bool {
	return slices.ContainsFunc(tables, func(t collectors.Table) bool { return t.DataBytes >= 0 })
}

// systemSchemas are the server's own.
var systemSchemas = []string{"mysql", "information_schema", "performance_schema", "sys"}

func tableFacts(m factMap, tables []collectors.Table) {
	var innodb, others int64
	var names []string
	for _, t := range tables {
		switch {
		case slices.Contains(systemSchemas, strings.ToLower(t.Schema)):
		case strings.EqualFold(t.Engine, "InnoDB"):
			innodb += max(t.DataBytes, 0) + max(t.IndexBytes, 0)
		case strings.EqualFold(t.Engine, "MyISAM"), strings.EqualFold(t.Engine, "Aria"), strings.EqualFold(t.Engine, "MEMORY"):
			others++
			names = append(names, t.Schema+"."+t.Name)
		}
	}
	m.num("innodb_bytes", float64(innodb))
	m.num("myisam_count", float64(others))
	if others > 0 {
		m["myisam_tables"] = shorten(strings.Join(names[:min(len(names), 5)], ", "), maxName)
	}
}

// diskRate is what the servers read and write per second; negative when unknown.
func diskRate(server *recording) float64 {
	if server.server == "" {
		return diskRateOf(server)
	}
	total := 0.0
	for _, key := range server.set.Keys() {
		if key.Role != server.role || key.Name != "mysql.status.Uptime" {
			continue
		}
		one := *server
		one.server, one.host = key.Host, key.Host
		rate := diskRateOf(&one)
		if rate < 0 {
			return rate
		}
		total += rate
	}
	return total
}

func diskRateOf(server *recording) float64 {
	restarts := server.set.Restarts(server.host)
	read, ok1 := server.get("mysql.status.Innodb_data_read", "").Rate(server.window, restarts)
	written, ok2 := server.get("mysql.status.Innodb_data_written", "").Rate(server.window, restarts)
	log, _ := server.get("mysql.status.Innodb_os_log_written", "").Rate(server.window, restarts)
	if !ok1 || !ok2 {
		return -1
	}
	return read + written + log
}

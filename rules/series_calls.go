package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"dbtriage/collectors"
)

// A rule reads a series or a setting by a function: r("Connections"), p95("cpu.run_queue"),
// v("max_connections"). Each such call is a fact of its own, so that one which is unknown makes the
// expression unknown: before an expression is compiled its calls become names, r__Connections.

// A seriesCall is one function of one series or setting.
type seriesCall struct{ fn, name string }

// seriesFunctions are the functions over the window that is judged: the bad one, or all.
var seriesFunctions = map[string]string{
	"r":    "growth per second of a counter of the server",
	"d":    "growth of a counter of the server",
	"last": "latest value",
	"p95":  "95th percentile of a gauge",
	"mean": "mean of a gauge",
	"peak": "largest value of a gauge",
	"v":    "setting of the server",

	"rb":     "growth per second of a counter of the server before the onset",
	"before": "mean of a gauge before the onset",
	"trend":  "growth per second of a gauge over all that was recorded, at the end of its 95 % interval that is nearer to none",
	"span":   "seconds over which a gauge was recorded",

	"total": "number of messages in an error log",
}

var (
	callSyntax = regexp.MustCompile(`\b(r|d|rb|last|p95|mean|peak|v|before|trend|span|total)\("([^"]*)"\)`)
	callName   = regexp.MustCompile(`\b(r|d|rb|last|p95|mean|peak|v|before|trend|span|total)__([A-Za-z0-9_]+)\b`)
)

// instanceKinds are the kinds of subject whose facts are series with an instance: in a rule for each
// mount last("fs.used") is that of the mount.
var instanceKinds = []string{"device", "mount", "interface", "process"}

func (c seriesCall) ident() string { return c.fn + "__" + strings.ReplaceAll(c.name, ".", "__") }

// String writes the call as rules do.
func (c seriesCall) String() string { return c.fn + `("` + c.name + `")` }

// callOf returns the call of a name that stands for one.
func callOf(ident string) (c seriesCall, ok bool) {
	fn, name, ok := strings.Cut(ident, "__")
	if _, known := seriesFunctions[fn]; !ok || !known {
		return c, false
	}
	return seriesCall{fn, strings.ReplaceAll(name, "__", ".")}, true
}

// withNames puts names in place of the calls in an expression.
func withNames(src string) (string, []seriesCall) {
	if !strings.Contains(src, `("`) { // most names are plain
		return src, nil
	}
	var calls []seriesCall
	out := callSyntax.ReplaceAllStringFunc(src, func(s string) string {
		m := callSyntax.FindStringSubmatch(s)
		c := seriesCall{m[1], m[2]}
		calls = append(calls, c)
		return c.ident()
	})
	return out, calls
}

// withCalls is the way back, for people.
func withCalls(src string) string {
	return callName.ReplaceAllStringFunc(src, func(s string) string {
		c, _ := callOf(s)
		return c.String()
	})
}

// A statusKind says how a status variable moves.
type statusKind uint8

const (
	counting statusKind = iota // it grows until the server restarts
	gauge
)

// serverStatus are the status variables that rules may read. A name that is not here does not load:
// a misspelled one would be unknown for ever.
var serverStatus = statusTable(`
	counting Aborted_clients Aborted_connects Access_denied_errors Binlog_bytes_written Binlog_cache_disk_use Binlog_cache_use
	counting Bytes_received Bytes_sent Com_commit Com_delete Com_delete_multi Com_insert Com_insert_select Com_load Com_replace
	counting Com_replace_select Com_rollback Com_select Com_stmt_close Com_stmt_prepare Com_update Com_update_multi
	counting Connection_errors_max_connections Connections Created_tmp_disk_tables Created_tmp_tables Executed_triggers
	counting Handler_read_first Handler_read_key Handler_read_next Handler_read_prev Handler_read_rnd Handler_read_rnd_next
	gauge    Innodb_buffer_pool_bytes_data Innodb_buffer_pool_pages_data Innodb_buffer_pool_pages_dirty
	gauge    Innodb_buffer_pool_pages_free Innodb_buffer_pool_pages_total
	counting Innodb_buffer_pool_read_ahead Innodb_buffer_pool_read_ahead_evicted Innodb_buffer_pool_read_requests
	counting Innodb_buffer_pool_reads Innodb_buffer_pool_wait_free Innodb_data_fsyncs Innodb_data_read Innodb_data_written
	gauge    Innodb_checkpoint_age Innodb_checkpoint_max_age
	counting Innodb_deadlocks Innodb_log_waits Innodb_os_log_written Innodb_pages_written
	gauge    Innodb_history_list_length Innodb_page_size Innodb_row_lock_current_waits
	counting Innodb_row_lock_time Innodb_row_lock_waits
	counting Key_reads Key_read_requests
	gauge    Max_used_connections Memory_used Open_files Open_tables Open_table_definitions Prepared_stmt_count
	counting Opened_table_definitions Opened_tables Qcache_hits Qcache_inserts Qcache_lowmem_prunes Questions
	counting Select_full_join Select_range_check Select_scan Sort_merge_passes Sort_rows
	gauge    Slaves_connected Slaves_running Slave_open_temp_tables
	counting Table_locks_waited Table_open_cache_misses Table_open_cache_overflows Threads_created
	gauge    Threads_connected Threads_running Threadpool_threads Uptime Uptime_since_flush_status wsrep_cluster_size
`)

func statusTable(table string) map[string]statusKind {
	out := map[string]statusKind{}
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		for _, name := range words[min(1, len(words)):] {
			out[name] = map[string]statusKind{"counting": counting, "gauge": gauge}[words[0]]
		}
	}
	return out
}

// serverVariables are the settings that rules may read, with the type of their values.
var serverVariables = settingsTable(`
	number auto_increment_increment back_log binlog_cache_size binlog_expire_logs_seconds eq_range_index_dive_limit expire_logs_days
	number innodb_autoinc_lock_mode innodb_buffer_pool_size innodb_flush_log_at_trx_commit innodb_flush_neighbors innodb_force_recovery
	number innodb_io_capacity innodb_io_capacity_max innodb_lock_wait_timeout innodb_log_buffer_size innodb_log_file_size
	number innodb_log_files_in_group innodb_lru_scan_depth innodb_max_dirty_pages_pct innodb_read_ahead_threshold
	number innodb_redo_log_capacity interactive_timeout join_buffer_size key_buffer_size long_query_time max_connections
	number max_heap_table_size max_prepared_stmt_count open_files_limit query_cache_size read_buffer_size read_rnd_buffer_size
	number replica_parallel_workers server_id slave_parallel_threads slave_parallel_workers sort_buffer_size sync_binlog
	number table_definition_cache table_open_cache thread_cache_size thread_pool_size tmp_table_size wait_timeout
	flag   innodb_adaptive_hash_index innodb_file_per_table innodb_numa_interleave log_bin performance_schema skip_name_resolve
	flag   slow_query_log userstat
	text   binlog_format binlog_row_image character_set_server innodb_checksum_algorithm innodb_doublewrite innodb_flush_method log_output query_cache_type
	text   read_only slave_exec_mode slave_skip_errors super_read_only thread_handling version_malloc_library
`)

// hostSettings are the settings of the machine that rules may read.
var hostSettings = settingsTable(`
	number host.swappiness host.somaxconn host.numa_nodes host.port_range
	text   host.transparent_hugepage
`)

func settingsTable(table string) map[string]factType {
	types := map[string]factType{"number": number, "flag": flag, "text": text}
	out := map[string]factType{}
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		for _, name := range words[min(1, len(words)):] {
			out[name] = types[words[0]]
		}
	}
	return out
}

// cacheSettings are those of the only server of its kind.
var cacheSettings = settingsTable(`
	text   redis.maxmemory_policy
`)

// settingType returns the type of a setting's values; ok is false for one that rules may not read.
func settingType(name string) (t factType, ok bool) {
	for _, table := range []map[string]factType{serverVariables, hostSettings, cacheSettings} {
		if t, ok = table[name]; ok {
			break
		}
	}
	return t, ok
}

// check refuses a call that can never be known in a rule for each of a kind.
func (c seriesCall) check(each string) error {
	m, isMetric := collectors.MetricNamed(c.name)
	status, isStatus := serverStatus[c.name]
	gaugesOnly := !slices.Contains([]string{"r", "d", "rb", "last"}, c.fn)
	switch {
	case isMetric && (c.fn == "total") != strings.Contains(c.name, ".error."):
		return fmt.Errorf("%s: total counts messages of error logs, and nothing else does", c)
	case c.fn == "total" && isMetric:
	case c.fn == "v":
		if _, known := settingType(c.name); !known {
			return fmt.Errorf("%s: no such setting in the table of settings", c)
		}
	case strings.Contains(c.name, "."):
		switch {
		case !isMetric:
			return fmt.Errorf("%s: no such metric", c)
		case c.fn == "r" || c.fn == "d" || c.fn == "rb":
			return fmt.Errorf("%s: a metric is a rate already", c)
		case m.Of != "" && m.Of != "core" && (m.Of != each || !slices.Contains(instanceKinds, m.Of)):
			return fmt.Errorf("%s: it is of a %s", c, m.Of)
		}
	case !isStatus:
		return fmt.Errorf("%s: no such status variable in the table of them", c)
	case !gaugesOnly && c.fn != "last" && status != counting:
		return fmt.Errorf("%s: is a gauge, which does not count", c)
	case gaugesOnly && status == counting:
		return fmt.Errorf("%s: is a counter: r or d says how it grows", c)
	}
	return nil
}

// kind is the kind of subject that the call has a value for.
func (c seriesCall) kind() string {
	if m, ok := collectors.MetricNamed(c.name); ok && slices.Contains(instanceKinds, m.Of) {
		return m.Of
	}
	return "global"
}

// metricUnits are the units of facts by those of metrics.
var metricUnits = map[string]string{"s": "s", "bytes": "bytes", "share": "share", "count": "count", "count/s": "per_s", "bytes/s": "bytes_per_s"}

// metricRoles says by the first part of a metric's name whose it is; the host's are all others.
var metricRoles = map[string]string{
	"sessions": "db", "transactions": "db", "locks": "db", "replica": "db", "server": "db", "mysql": "db", "innodb": "db", "table": "db",
	"redis": "cache", "memcached": "cache", "web": "web", "nginx": "web",
}

// role is of whom the call reads a series.
func (c seriesCall) role() string {
	first, _, isMetric := strings.Cut(c.name, ".")
	switch role := metricRoles[first]; {
	case !isMetric:
		return "db"
	case role == "":
		return "host"
	default:
		return role
	}
}

// fact is the row that the table of facts would have for the call.
func (c seriesCall) fact() *fact {
	f := &fact{Name: c.ident(), Kind: c.kind(), Type: number, Unit: "count", From: serverStatusInput, Meaning: seriesFunctions[c.fn] + ": " + c.name}
	switch {
	case c.fn == "v":
		f.Type, _ = settingType(c.name)
		f.From, f.Unit = serverSettings, ""
		if strings.HasPrefix(c.name, "host.") {
			f.From, f.Provide = hostRecording, "host settings"
		}
		if _, ok := cacheSettings[c.name]; ok {
			f.From = cacheRecording
		}
		if f.Type == number && (strings.HasSuffix(c.name, "_size") && !slices.Contains([]string{"thread_cache_size", "thread_pool_size"}, c.name) || c.name == "innodb_redo_log_capacity") {
			f.Unit = "bytes"
		}
	case strings.Contains(c.name, "."):
		m, _ := collectors.MetricNamed(c.name)
		f.From = map[string]input{"host": hostRecording, "db": sessionRecording, "cache": cacheRecording, "web": webRecording}[c.role()]
		f.Provide = livelyMetric(c.name)
		f.Meaning = seriesFunctions[c.fn] + ": " + m.Meaning
		f.Unit = metricUnits[m.Unit]
		if c.fn == "trend" {
			f.Unit = map[string]string{"bytes": "bytes_per_s", "count": "per_s"}[f.Unit]
		}
	case c.fn == "r", c.fn == "rb", c.fn == "trend":
		f.Unit = "per_s"
	}
	if c.fn == "total" {
		f.From = map[string]input{"db": dbErrors, "web": webErrors}[c.role()]
	}
	if c.fn == "span" {
		f.Unit = "s"
	}
	if c.fn == "before" || c.fn == "rb" {
		f.Provide = "baseline"
	}
	return f
}

// ofContainers marks what is measured only where a container bounds a program, or maxmemory a cache: that it is not
// known is no gap.
const ofContainers = "containers"

// livelyMetric names the provision of a metric that the usual recordings of its input do not hold.
func livelyMetric(name string) string {
	switch name {
	case "process.cores_allowed", "process.throttled", "process.memory_allowed", "process.memory_left", "redis.memory_used":
		return ofContainers
	case "cpu.throttled", "disk.rotational", "limit.conntrack_max", "limit.conntrack_used", "mem.oom_kills", "net.speed",
		"process.files_limit", "process.open_files", "raid.degraded", "tcp.listen_drops", "tcp.listen_overflows":
		return "host settings" // sar, vmstat, iostat and top tell none of them
	case "server.answers", "server.connect", "server.refused":
		return "server asked"
	}
	first, _, _ := strings.Cut(name, ".")
	switch first {
	case "fs":
		return "filesystems"
	case "tcp", "limit":
		return "network counters"
	case "process":
		return "processes"
	case "replica":
		return "replicas"
	}
	return ""
}

// dbNames are how the server's process is called.
var dbNames = []string{"mysqld", "mariadbd"}

// callsOf returns the calls among names, each once.
func callsOf(names []string) []seriesCall {
	var out []seriesCall
	for _, name := range names {
		if c, ok := callOf(name); ok && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

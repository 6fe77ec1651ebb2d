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
}

var (
	callSyntax = regexp.MustCompile(`\b(r|d|last|p95|mean|peak|v)\("([^"]*)"\)`)
	callName   = regexp.MustCompile(`\b(r|d|last|p95|mean|peak|v)__([A-Za-z0-9_]+)\b`)
)

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
var serverStatus = map[string]statusKind{
	"Aborted_clients": counting, "Aborted_connects": counting,
	"Com_commit": counting, "Com_stmt_close": counting, "Com_stmt_prepare": counting,
	"Connection_errors_max_connections": counting, "Connections": counting,
	"Created_tmp_disk_tables": counting, "Created_tmp_tables": counting,
	"Handler_read_first": counting, "Handler_read_key": counting, "Handler_read_next": counting, "Handler_read_prev": counting,
	"Handler_read_rnd": counting, "Handler_read_rnd_next": counting,
	"Innodb_buffer_pool_pages_free": gauge, "Innodb_buffer_pool_pages_total": gauge,
	"Innodb_buffer_pool_read_ahead": counting, "Innodb_buffer_pool_read_requests": counting, "Innodb_buffer_pool_reads": counting,
	"Innodb_buffer_pool_wait_free": counting,
	"Innodb_data_fsyncs":           counting, "Innodb_data_read": counting, "Innodb_data_written": counting,
	"Innodb_deadlocks": counting, "Innodb_history_list_length": gauge, "Innodb_log_waits": counting,
	"Innodb_os_log_written": counting, "Innodb_page_size": gauge,
	"Innodb_row_lock_time": counting, "Innodb_row_lock_waits": counting, "Innodb_row_lock_current_waits": gauge,
	"Max_used_connections": gauge, "Open_tables": gauge, "Qcache_hits": counting, "Qcache_inserts": counting, "Qcache_lowmem_prunes": counting,
	"Questions": counting, "Select_full_join": counting, "Select_range_check": counting, "Sort_merge_passes": counting,
	"Table_locks_waited": counting, "Table_open_cache_misses": counting, "Table_open_cache_overflows": counting,
	"Threads_connected": gauge, "Threads_created": counting, "Threads_running": gauge, "Uptime": gauge,
}

// serverVariables are the settings that rules may read, with the type of their values.
var serverVariables = map[string]factType{
	"innodb_buffer_pool_size": number, "innodb_lru_scan_depth": number, "max_connections": number, "log_bin": flag,
	"innodb_flush_log_at_trx_commit": number, "innodb_log_buffer_size": number,
	"performance_schema": flag, "userstat": flag, "query_cache_size": number, "query_cache_type": text,
	"table_open_cache": number, "thread_cache_size": number, "tmp_table_size": number, "wait_timeout": number,
	"join_buffer_size": number, "sort_buffer_size": number, "read_buffer_size": number, "read_rnd_buffer_size": number,
}

// check refuses a call that can never be known.
func (c seriesCall) check() error {
	switch kind, known := serverStatus[c.name]; {
	case c.fn == "v":
		if _, known := serverVariables[c.name]; !known {
			return fmt.Errorf("%s: no such setting in the table of settings", c)
		}
	case strings.Contains(c.name, "."):
		m, known := collectors.MetricNamed(c.name)
		switch {
		case !known:
			return fmt.Errorf("%s: no such metric", c)
		case c.fn == "r" || c.fn == "d":
			return fmt.Errorf("%s: a metric is a rate already", c)
		case m.Of != "" && m.Of != "core":
			return fmt.Errorf("%s: it is of a %s", c, m.Of)
		}
	case !known:
		return fmt.Errorf("%s: no such status variable in the table of them", c)
	case (c.fn == "r" || c.fn == "d") && kind != counting:
		return fmt.Errorf("%s: is a gauge, which does not count", c)
	case c.fn != "r" && c.fn != "d" && c.fn != "last" && kind == counting:
		return fmt.Errorf("%s: is a counter: r or d says how it grows", c)
	}
	return nil
}

// fact is the row that the table of facts would have for the call.
func (c seriesCall) fact() *fact {
	f := &fact{Name: c.ident(), Kind: "global", Type: number, Unit: "count", From: serverStatusInput, Meaning: seriesFunctions[c.fn] + ": " + c.name}
	switch {
	case c.fn == "v":
		f.Type, f.From, f.Unit = serverVariables[c.name], serverSettings, ""
		if f.Type == number && (strings.HasSuffix(c.name, "_size") && c.name != "thread_cache_size") {
			f.Unit = "bytes"
		}
	case strings.Contains(c.name, "."):
		m, _ := collectors.MetricNamed(c.name)
		f.From = hostRecording
		if strings.HasPrefix(c.name, "sessions.") || strings.HasPrefix(c.name, "transactions.") || strings.HasPrefix(c.name, "locks.") {
			f.From = sessionRecording
		}
		f.Meaning = seriesFunctions[c.fn] + ": " + m.Meaning
		f.Unit = map[string]string{"s": "s", "bytes": "bytes", "share": "share", "count": "count", "count/s": "per_s", "bytes/s": "bytes_per_s"}[m.Unit]
	case c.fn == "r":
		f.Unit = "per_s"
	}
	return f
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

package rules

import (
	"sync"

	"github.com/expr-lang/expr/types"
)

// A factType is what kind of value a fact has.
type factType uint8

const (
	number factType = iota // float64 in base units
	flag
	text
)

func (t factType) exprType() types.Type {
	return [...]types.Type{types.Float64, types.Bool, types.String}[t]
}

// An input is what a fact is derived from.
type input string

const (
	slowLog   input = "slow log"
	accessLog input = "access log"
	bothLogs  input = "slow log and access log" // joined on the time axis

	hostRecording     input = "host recording"
	serverStatusInput input = "server status"
	serverSettings    input = "server variables"
	sessionRecording  input = "sessions"
	replicaState      input = "replication state"
	tableSizes        input = "table sizes"
	anyInput          input = "any input"
	cacheRecording    input = "cache statistics"
	webRecording      input = "web server state"
	webErrors         input = "web server's error log"
	dbErrors          input = "database's error log"
)

// A fact is one name that rules may read. When it could not be measured it is absent from the map of
// its subject, and every expression that reads it is unknown.
type fact struct {
	Name    string
	Kind    string // of subject; "global" facts are visible to every rule
	Type    factType
	Unit    string
	From    input
	Meaning string
	Provide string // key of provisions; the input itself when empty
}

// provisions say how to get what is missing.
var provisions = map[string]Text{
	string(slowLog): {
		"give a slow log (slow_query_log=ON; long_query_time=0 for a few minutes shows every statement)",
		"请提供慢日志（slow_query_log=ON；短时间设 long_query_time=0 可看到全部语句）",
	},
	string(accessLog): {
		"give the Nginx access log of the same time",
		"请提供同一时段的 Nginx 访问日志",
	},
	string(bothLogs): {
		"give a slow log and an access log that cover the same time",
		"请提供覆盖同一时段的慢日志和访问日志",
	},
	string(hostRecording): {
		"give a recording of the host of the same time: sar -A -o FILE 1, then sadf -j FILE -- -A",
		"请提供同一时段的主机记录：sar -A -o FILE 1，再 sadf -j FILE -- -A",
	},
	string(serverStatusInput): {
		"record the server's counters at the same time: mysqladmin ext -i1 > FILE, or pt-stalk",
		"同时记录服务器计数器：mysqladmin ext -i1 > FILE，或使用 pt-stalk",
	},
	string(serverSettings): {
		"give the settings: mysql -e 'SHOW GLOBAL VARIABLES' > FILE",
		"请提供参数：mysql -e 'SHOW GLOBAL VARIABLES' > FILE",
	},
	string(sessionRecording): {
		"let pt-stalk record sessions at the same time: its -processlist, -transactions and -lock-waits",
		"同时用 pt-stalk 记录会话：-processlist、-transactions、-lock-waits 文件",
	},
	string(replicaState): {
		"let dbtriage ask the server for its replication state: dbtriage live or record --mysql, or SHOW REPLICA STATUS beside pt-stalk",
		"让 dbtriage 读取服务器的复制状态：dbtriage live 或 record --mysql，或随 pt-stalk 保存 SHOW REPLICA STATUS",
	},
	string(tableSizes): {
		"give the table sizes: mysql -B -e 'SELECT * FROM information_schema.TABLES' > FILE",
		"请提供表大小：mysql -B -e 'SELECT * FROM information_schema.TABLES' > FILE",
	},
	string(anyInput): {
		"give a log or a recording",
		"请提供日志或记录",
	},
	string(cacheRecording): {
		"let dbtriage ask the cache at the same time: dbtriage live or record, on the host that reaches it",
		"让 dbtriage 同时读取缓存状态：在能访问它的主机上运行 dbtriage live 或 record",
	},
	string(webRecording): {
		"let dbtriage read Nginx's stub_status at the same time: dbtriage live or record, on its host",
		"同时让 dbtriage 读取 Nginx 的 stub_status：在该主机上运行 dbtriage live 或 record",
	},
	string(webErrors): {
		"give Nginx's error log of the same time: error_log in nginx.conf, often /var/log/nginx/error.log",
		"请提供同一时段的 Nginx 错误日志：nginx.conf 的 error_log，常为 /var/log/nginx/error.log",
	},
	string(dbErrors): {
		"give the database's error log of the same time: SELECT @@log_error, or the journal of its service",
		"请提供同一时段的数据库错误日志：SELECT @@log_error，或其服务的 journal",
	},
	"host settings": {
		"let dbtriage read the host itself: dbtriage live or record",
		"让 dbtriage 直接读取主机：dbtriage live 或 record",
	},
	"server asked": {
		"let dbtriage ask the server at the same time: dbtriage live or record --mysql",
		"同时让 dbtriage 访问服务器：dbtriage live 或 record --mysql",
	},
	"connections that vary": {
		"record the server's counters over a time in which the number of connections varies (Memory_used and Threads_connected; MariaDB, MySQL 8.0.28+)",
		"在连接数有变化的时段记录服务器计数器（Memory_used 与 Threads_connected；MariaDB、MySQL 8.0.28+）",
	},
	"recordings": {
		"record host or server beside the logs",
		"在记录日志的同时记录主机或服务器",
	},
	"cache status": {
		"log $upstream_cache_status in the access log",
		"在访问日志中记录 $upstream_cache_status",
	},
	"app workers": {
		"let dbtriage read the host that runs the application, where it counts the workers: dbtriage live or record there",
		"在运行应用的主机上运行 dbtriage live 或 record，以统计 worker 数",
	},
	"filesystems": {
		"record the file systems: sar -A (sadf -j … -- -A), or dbtriage live or record on the host",
		"记录文件系统：sar -A（sadf -j … -- -A），或在主机上运行 dbtriage live、record",
	},
	"network counters": {
		"record the kernel's network counters: sar -A, or dbtriage live or record on the host",
		"记录内核网络计数器：sar -A，或在主机上运行 dbtriage live、record",
	},
	"replicas": {
		"let dbtriage ask the server for its replication state: dbtriage live or record --mysql",
		"让 dbtriage 读取服务器的复制状态：dbtriage live 或 record --mysql",
	},
	"schema": {
		"give the schema: mysqldump --no-data > schema.sql, or analyze --schema",
		"请提供表结构：mysqldump --no-data > schema.sql，或 analyze --schema",
	},
	"index use": {
		"give the use of indexes: userstat=ON for some days, then mysql -B -e 'SELECT * FROM information_schema.INDEX_STATISTICS'",
		"请提供索引使用统计：userstat=ON 运行数日后执行 mysql -B -e 'SELECT * FROM information_schema.INDEX_STATISTICS'",
	},
	"longer": {
		"record longer: a trend needs hours, better days",
		"请记录更久：趋势至少需要数小时，最好数天",
	},
	ofContainers: {
		"run dbtriage on the host whose containers bound the programs",
		"在承载这些容器的主机上运行 dbtriage",
	},
	"processes": {
		"record the processes at the same time: top -b -d 5 > FILE, or pt-stalk",
		"同时记录进程：top -b -d 5 > FILE，或使用 pt-stalk",
	},
	"rows": {
		"log the rows: any MySQL or MariaDB slow log has Rows_sent and Rows_examined; Rows_affected needs MariaDB or Percona Server",
		"需要日志中的行数：MySQL/MariaDB 慢日志含 Rows_sent、Rows_examined；Rows_affected 需要 MariaDB 或 Percona Server",
	},
	"plan": {
		"log the plan: MariaDB log_slow_verbosity=query_plan,innodb,explain; Percona log_slow_verbosity=full; MySQL 8.0.14+ log_slow_extra=ON",
		"需要执行计划信息：MariaDB log_slow_verbosity=query_plan,innodb,explain；Percona log_slow_verbosity=full；MySQL 8.0.14+ log_slow_extra=ON",
	},
	"times": {
		"keep the lines with times (# Time:, SET timestamp): rates need them",
		"日志中需要时间行（# Time:、SET timestamp），否则无法计算速率",
	},
	"all": {
		"log every statement for a few minutes: SET GLOBAL long_query_time=0 (only new sessions see it) with log_slow_rate_limit=1, then set it back",
		"短时间记录全部语句：SET GLOBAL long_query_time=0（仅对新会话生效）且 log_slow_rate_limit=1，之后改回",
	},
	"enough": {
		"give a longer log: at least 100 statements are needed to see a threshold",
		"请提供更长的日志：至少 100 条语句才能看出阈值",
	},
	"upstream": {
		"log the upstream: add $request_time $upstream_addr $upstream_status $upstream_connect_time $upstream_header_time $upstream_response_time to log_format",
		"请在 log_format 中加入 $request_time $upstream_addr $upstream_status $upstream_connect_time $upstream_header_time $upstream_response_time",
	},
	"timeout": {
		"tell proxy_read_timeout (nginx -T): the slowest answers show no round limit",
		"请给出 proxy_read_timeout（nginx -T）：最慢的响应没有显出整数上限",
	},
	"baseline": {
		"give logs that begin before the trouble, so that there is a baseline",
		"请提供从故障之前开始的日志，以便有基线可比",
	},
	"peers": {
		"give a log in which other peers of the same upstream answered too",
		"请提供同一上游其他节点也有应答的日志",
	},
	"clocks": {
		"give logs of at least two minutes in which the load changes",
		"请提供至少两分钟、负载有变化的日志",
	},
	"parse": {
		"nothing to provide: the logged statement is truncated or could not be parsed",
		"无需提供：该语句文本被截断或无法解析",
	},
	"connections": {
		"log thread ids (Id: or Thread_id:) of every statement",
		"日志中需要每条语句的线程号（Id: 或 Thread_id:）",
	},
}

// facts is the table of all names that rules may read.
//
// A fact that is an aggregate over a series is absent when less than 80 % of its window was seen. Of
// single series and settings rules may also read functions, see series_calls.go.
var facts = []fact{
	// The statements of the slow log as a whole.
	{"statements_logged", "global", flag, "", serverStatusInput, "a slow log with statements was read", ""},
	{"counted_workload", "global", text, "", serverStatusInput, "read-heavy, write-heavy or balanced, by the server's counters of statements", ""},
	{"counted_reads", "global", number, "per_s", serverStatusInput, "reads a second by these", ""},
	{"counted_writes", "global", number, "per_s", serverStatusInput, "writes a second by these", ""},
	{"db_statements", "global", number, "count", slowLog, "statements in the slow log", ""},
	{"db_span_s", "global", number, "s", slowLog, "time from the first to the last statement", "times"},
	{"db_qps", "global", number, "per_s", slowLog, "logged statements per second", "times"},
	{"db_load", "global", number, "ratio", slowLog, "statements running at a time, on average", "times"},
	{"db_mean_s", "global", number, "s", slowLog, "mean statement time", ""},
	{"db_p95_s", "global", number, "s", slowLog, "95th percentile of statement time", ""},
	{"reads", "global", number, "count", slowLog, "statements that read rows", ""},
	{"writes", "global", number, "count", slowLog, "statements that write rows", ""},
	{"read_write_ratio", "global", number, "ratio", slowLog, "reads per write", ""},
	{"workload", "global", text, "", slowLog, "read-heavy, balanced or write-heavy", ""},
	{"peak_qps", "global", number, "per_s", slowLog, "statements in the busiest second", "times"},
	{"min_query_s", "global", number, "s", slowLog, "shortest statement in the log", ""},
	{"log_cut", "global", flag, "", slowLog, "a long_query_time hides short statements", "enough"},
	{"log_threshold_s", "global", number, "s", slowLog, "estimate of long_query_time from the shortest statement; 0 when short ones are logged", "enough"},
	{"log_complete", "global", flag, "", slowLog, "every statement is logged: no threshold, no rate limit", "enough"},
	{"rate_limit", "global", number, "count", slowLog, "one in how many statements or sessions is logged", ""},
	{"connections", "global", number, "count", slowLog, "distinct connections seen", "connections"},
	{"clock_skew_s", "global", number, "s", bothLogs, "how far the clocks of web server and database stand apart, by the offset at which both rates move together", "clocks"},
	{"clock_likeness", "global", number, "ratio", bothLogs, "correlation of both rates at that offset", "clocks"},
	{"clock_likeness_now", "global", number, "ratio", bothLogs, "correlation as the times stand", "clocks"},
	{"clock_offset", "global", text, "", bothLogs, "what to give to --offset to put them right", "clocks"},
	{"stall_count", "global", number, "count", slowLog, "times of slowness at regular intervals, 0 when there are none", "times"},
	{"stall_period_s", "global", number, "s", slowLog, "from one such stall to the next", "times"},
	{"stall_length_s", "global", number, "s", slowLog, "length of such a stall", "times"},
	{"stall_ratio", "global", number, "ratio", slowLog, "time of a request or statement in them over that between them", "times"},
	{"top_query_share", "global", number, "share", slowLog, "share of statement time of the class with most of it", ""},
	{"pool_size", "global", number, "count", slowLog, "connections that the peak needs: Little's law at 70 % use, at most 2 × cores + 1 and four fifths of max_connections", "all"},
	{"pool_little", "global", number, "count", slowLog, "statements at a time at the peak, divided by 0.7", "all"},
	{"pool_cores", "global", number, "count", hostRecording, "2 × cores + 1 disk", ""},
	{"capacity_rate", "global", number, "per_s", slowLog, "statements per second before their time doubles, or the most that was seen", "all"},
	{"capacity_seen", "global", flag, "", slowLog, "the time was seen to double beyond that rate", "all"},
	{"capacity_utilisation", "global", number, "share", slowLog, "peak over that rate, where it was seen", "all"},
	{"capacity_write_utilisation", "global", number, "share", slowLog, "the writes' part of it", "all"},
	{"capacity_nodes", "global", number, "count", slowLog, "servers that carry the peak at 60 % use, each with all writes and its part of the reads, and one to spare", "all"},
	{"capacity_shards", "global", number, "count", slowLog, "shards with which fewest servers carry the peak", "all"},
	{"response_bytes_mean", "global", number, "bytes", accessLog, "mean size of an answer", ""},
	{"link_rate_limit", "global", number, "per_s", accessLog, "answers of that size that a gigabit carries at 80 % use", ""},
	{"link_utilisation", "global", number, "share", accessLog, "answers in the busiest second over that limit", ""},
	{"new_connection_rate", "global", number, "per_s", slowLog, "distinct connections per second", "connections"},
	{"connections_per_statement", "global", number, "share", slowLog, "distinct connections for each statement, when every statement is logged", "all"},
	{"ping_share", "global", number, "share", slowLog, "statements that only test a connection (SELECT 1)", "all"},
	{"inserts_commits", "global", number, "count", slowLog, "INSERT and COMMIT statements, when every statement is logged", "all"},
	{"read_mean_s", "global", number, "s", slowLog, "mean time of statements that read, when every statement is logged", "all"},
	{"insert_commit_share", "global", number, "share", slowLog, "share of statement time spent in INSERT and COMMIT, when every statement is logged", "all"},
	{"insert_commit_mean_s", "global", number, "s", slowLog, "mean time of INSERT and COMMIT, which feel the disk but seldom a row lock, when every statement is logged", "all"},

	{"monitoring_share", "global", number, "share", slowLog, "share of statement time of what only looks at the server: SHOW, and reads of its own schemas", ""},
	{"monitoring_load", "global", number, "ratio", slowLog, "such statements running at a time, on average", "times"},
	{"joins_unlogged", "global", flag, "", serverStatusInput, "every statement is logged with notes on its plan, and none but the monitoring's joins without an index", ""},
	{"monitoring_statement", "global", text, "", slowLog, "the one of them that takes most time", ""},
	{"monitoring_id", "global", text, "", slowLog, "its class", ""},

	{"heavy_schemas", "global", number, "count", slowLog, "schemas whose statements take more than a quarter of the time each", ""},
	{"heavy_schema_names", "global", text, "", slowLog, "their names", ""},
	{"schemas_joined", "global", flag, "", slowLog, "some statement uses tables of two schemas", ""},
	{"db_p50_s", "global", number, "s", slowLog, "median statement time", ""},
	{"db_p99_s", "global", number, "s", slowLog, "99th percentile of statement time", ""},
	{"classes_compared", "global", number, "count", slowLog, "query classes that ran before and after the onset", "baseline"},
	{"slowed_share", "global", number, "share", slowLog, "those of them whose mean time more than doubled", "baseline"},
	{"query_growth", "global", number, "ratio", slowLog, "statements per second in the bad window over those before", "baseline"},

	// The inputs themselves.
	{"unread", "global", number, "count", anyInput, "parts of the sources that could not be read", ""},
	{"unread_first", "global", text, "", anyInput, "the first of them, and why", ""},
	{"recordings_apart", "global", flag, "", anyInput, "a recording covers another time than the logs", "recordings"},

	// The requests of the web server as a whole.
	{"web_requests", "global", number, "count", accessLog, "requests in the access log", ""},
	{"web_span_s", "global", number, "s", accessLog, "time from the first to the last request", ""},
	{"web_rps", "global", number, "per_s", accessLog, "requests per second", ""},
	{"web_p95_s", "global", number, "s", accessLog, "95th percentile of request time", "upstream"},
	{"web_upstream_p95_s", "global", number, "s", accessLog, "95th percentile of the time the application took", "upstream"},
	{"web_connect_new_share", "global", number, "share", accessLog, "proxied requests that opened a new connection to the application", "upstream"},
	{"web_connect_p50_s", "global", number, "s", accessLog, "median time to connect to the application", "upstream"},
	{"web_connect_p95_s", "global", number, "s", accessLog, "95th percentile of the time to connect to the application", "upstream"},
	{"web_retry_share", "global", number, "share", accessLog, "proxied requests that needed more than one attempt", "upstream"},
	{"web_upstream_logged", "global", number, "share", accessLog, "requests whose record carries upstream times", ""},
	{"web_peers", "global", number, "count", accessLog, "upstream addresses that answered", "upstream"},
	{"static_share", "global", number, "share", accessLog, "requests for files: pictures, styles, scripts, fonts", ""},
	{"static_bytes_share", "global", number, "share", accessLog, "bytes sent for them", ""},
	{"static_upstream_share", "global", number, "share", accessLog, "requests for them that the application answered", "upstream"},
	{"upstream_now_s", "global", number, "s", accessLog, "mean application time of a request in the bad window", "upstream"},
	{"upstream_before_s", "global", number, "s", accessLog, "mean application time of a request before the onset", "baseline"},
	{"upstream_at_a_time", "global", number, "ratio", accessLog, "requests that are with the application at a time, on average in the bad window", "upstream"},
	{"web_request_growth", "global", number, "ratio", accessLog, "requests per second in the bad window over those before", "baseline"},
	{"web_5xx_share", "global", number, "share", accessLog, "requests answered 5xx", ""},
	{"web_499_share", "global", number, "share", accessLog, "requests whose client left before the answer", ""},

	// Both on one time axis. "Bad" is the window after the onset of trouble, or all of it.
	{"bad_upstream_s", "global", number, "s", bothLogs, "application time of the requests in the bad window", ""},
	{"db_share_of_upstream", "global", number, "share", bothLogs, "statement time divided by application time in the bad window, when every statement is logged", "all"},
	{"db_share_at_least", "global", number, "share", bothLogs, "the same as a lower bound from whatever is logged", ""},
	{"bad_db_mean_s", "global", number, "s", bothLogs, "mean statement time in the bad window", ""},
	{"bad_db_load", "global", number, "ratio", bothLogs, "statements running at a time in the bad window, on average", ""},
	{"queries_per_request", "global", number, "ratio", bothLogs, "statements per request in the bad window, when every statement is logged", "all"},
	{"queries_per_request_before", "global", number, "ratio", bothLogs, "statements per request before the onset", "baseline"},
	{"request_growth", "global", number, "ratio", bothLogs, "requests per second in the bad window over those before", "baseline"},

	// The host over the bad window, or over all of the recording. CPU counts user and system time:
	// waiting for I/O and what a hypervisor takes are not use.
	{"host_name", "global", text, "", hostRecording, "the host that was recorded; of several the busiest", ""},
	{"cores", "global", number, "count", hostRecording, "cores that may be used", ""},
	{"cpu_p95", "global", number, "share", hostRecording, "95th percentile of CPU use", ""},
	{"cpu_mean", "global", number, "share", hostRecording, "mean CPU use", ""},
	{"busiest_core", "global", number, "share", hostRecording, "mean use of the core that is used most", ""},
	{"db_thread", "global", number, "ratio", hostRecording, "cores used by the busiest thread of the database", "processes"},
	{"db_memory", "global", number, "bytes", hostRecording, "resident memory of the database's process", "processes"},
	{"db_memory_trend", "global", number, "bytes_per_s", hostRecording, "growth of that memory that is sure", "processes"},
	{"db_memory_allowed", "global", number, "bytes", hostRecording, "memory that the database's container allows", ofContainers},
	{"db_memory_left", "global", number, "bytes", hostRecording, "least that was left of it", ofContainers},
	{"app_process", "global", text, "", hostRecording, "the process that answers requests and whose CPU use grew most at the onset", "processes"},
	{"app_cores", "global", number, "count", hostRecording, "cores that it uses since the onset", "processes"},
	{"app_cores_before", "global", number, "count", hostRecording, "cores that it used before the onset", "processes"},
	{"app_cpu_s", "global", number, "s", hostRecording, "CPU time that it spends on a request since the onset", "processes"},
	{"app_cpu_before_s", "global", number, "s", hostRecording, "CPU time that it spent on a request before the onset", "processes"},
	{"app_cpu_growth", "global", number, "ratio", hostRecording, "CPU time that it spends on a request since the onset, divided by that before", "processes"},
	{"app_more_s", "global", number, "s", hostRecording, "by how much requests wait longer in the application since the onset, beside its processes", "processes"},
	{"app_cpu_part", "global", number, "share", hostRecording, "part of what requests wait longer in the application that its CPU time explains", "processes"},
	{"app_more_share", "global", number, "share", hostRecording, "part of what requests take longer since the onset that the application holds, beside its processes", "processes"},
	{"app_workers", "global", number, "count", hostRecording, "processes that run the web application", "app workers"},
	{"solid_state", "global", flag, "", hostRecording, "no device of the host spins", "host settings"},
	{"disk_await_worst", "global", number, "s", hostRecording, "95th percentile of the time of a request on the slowest device", ""},
	{"cpu_before", "global", number, "share", hostRecording, "mean CPU use before the onset", "baseline"},
	{"cpu_busy_before", "global", flag, "", hostRecording, "the CPU was nearly as busy before the onset", ""},
	{"cpu_owner", "global", text, "", hostRecording, "who uses most of the CPU that is used: database, app, other, mixed or unknown", ""},
	{"db_cores", "global", number, "count", hostRecording, "cores that the database's process uses", "processes"},
	{"used_cores", "global", number, "count", hostRecording, "cores that all processes use", "processes"},
	{"other_process", "global", text, "", hostRecording, "the process besides the database that uses most CPU", "processes"},
	{"other_cores", "global", number, "count", hostRecording, "cores that it uses", "processes"},
	{"run_queue_p95", "global", number, "count", hostRecording, "95th percentile of tasks running or waiting for a core", ""},
	{"run_queue_per_core", "global", number, "ratio", hostRecording, "the same for each core", ""},
	{"psi_cpu", "global", number, "share", hostRecording, "time in which some task waited for a core", ""},
	{"iowait_mean", "global", number, "share", hostRecording, "mean time idle with I/O outstanding", ""},
	{"steal_p95", "global", number, "share", hostRecording, "95th percentile of the time taken by the hypervisor", ""},
	{"steal_mean", "global", number, "share", hostRecording, "mean time taken by the hypervisor", ""},
	{"mem_total", "global", number, "bytes", hostRecording, "memory of the host", ""},
	{"mem_available", "global", number, "bytes", hostRecording, "least memory that was to be had without swapping", ""},
	{"mem_used_share", "global", number, "share", hostRecording, "largest share of memory that was not to be had", ""},
	{"swap_rate", "global", number, "bytes_per_s", hostRecording, "mean rate of swapping in and out", ""},
	{"swap_time_share", "global", number, "share", hostRecording, "share of the time in which it swapped", ""},

	// One block device over the same window.
	{"device", "device", text, "", hostRecording, "its name", ""},
	{"util_p95", "device", number, "share", hostRecording, "95th percentile of the time with a request in flight", ""},
	{"await_p95", "device", number, "s", hostRecording, "95th percentile of the mean time of a request", ""},
	{"util_p50", "device", number, "share", hostRecording, "median of the time with a request in flight", ""},
	{"await_p50", "device", number, "s", hostRecording, "median time of a request", ""},
	{"queue_p50", "device", number, "count", hostRecording, "median of the requests in flight", ""},
	{"await_mean", "device", number, "s", hostRecording, "mean time of a request", ""},
	{"await_before", "device", number, "s", hostRecording, "usual (median) time of a request before the onset", "baseline"},
	{"usual", "device", flag, "", hostRecording, "requests take at most 5 ms, and not four times as long as before the onset", ""},
	{"slow_before", "device", flag, "", hostRecording, "requests took nearly as long before the onset", ""},
	{"queue_mean", "device", number, "count", hostRecording, "mean requests in flight", ""},
	{"iops", "device", number, "per_s", hostRecording, "requests per second", ""},
	{"read_rate", "device", number, "bytes_per_s", hostRecording, "read", ""},
	{"write_rate", "device", number, "bytes_per_s", hostRecording, "written", ""},
	{"throughput", "device", number, "bytes_per_s", hostRecording, "read and written", ""},
	{"db_disk_rate", "device", number, "bytes_per_s", serverStatusInput, "what InnoDB reads and writes, wherever that is", ""},
	{"db_disk_share", "device", number, "share", serverStatusInput, "the same over what the device moves, at most 1", ""},

	// The server.
	{"buffer_pool_budget", "global", number, "bytes", hostRecording, "largest buffer pool that leaves a tenth of memory free beside all else that runs", ""},
	{"buffer_pool_want", "global", number, "bytes", hostRecording, "how large the buffer pool should be within what the host can give, to the byte", ""},
	{"buffer_pool_most", "global", number, "bytes", hostRecording, "the most that the manual gives a pool on a host of its size: three quarters, half up to 4 GiB", ""},
	{"buffer_pool_target", "global", number, "bytes", hostRecording, "buffer pool to have: all InnoDB data and a tenth, twice the present one where their size is unknown, never above the budget", ""},
	{"buffer_pool_target_mib", "global", text, "", hostRecording, "the same in MiB, for a statement", ""},
	{"data_fits_pool", "global", flag, "", serverStatusInput, "all InnoDB data is known to fit into the buffer pool", ""},
	{"innodb_bytes", "global", number, "bytes", tableSizes, "data and indexes of InnoDB tables", ""},
	{"old_charset_tables", "global", number, "count", tableSizes, "tables with text that cannot hold every character", "schema"},
	{"old_charset_names", "global", text, "", tableSizes, "the largest of these, each with its first such column", "schema"},
	{"myisam_tables", "global", text, "", tableSizes, "tables of engines with table locks", ""},
	{"myisam_count", "global", number, "count", tableSizes, "number of these", ""},
	{"table_sizes_known", "global", flag, "", serverStatusInput, "the dictionary's table sizes were given", ""},
	{"idle_transactions", "global", number, "count", sessionRecording, "most transactions without a running statement at a time", ""},
	{"idle_transaction_age_s", "global", number, "s", sessionRecording, "largest age of one", ""},
	{"waits_for_idle", "global", number, "count", sessionRecording, "most sessions that waited for a lock of a session without a statement", ""},
	{"blocked_table", "global", text, "", sessionRecording, "the table most of them waited for", ""},
	{"deadlock_tables", "global", text, "", sessionRecording, "tables whose rows the deadlocks were about, as InnoDB's monitor tells the latest", ""},
	{"deadlock_known", "global", flag, "", sessionRecording, "the monitor told of a deadlock in the window", ""},
	{"metadata_waits", "global", number, "count", sessionRecording, "most sessions that waited for a metadata lock at a time", ""},

	// One query class.
	{"id", "query", text, "", slowLog, "query id", ""},
	{"fingerprint", "query", text, "", slowLog, "the statement with constants as ?", ""},
	{"kind", "query", text, "", slowLog, "read, write or other", ""},
	{"tables", "query", text, "", slowLog, "tables the statement names", ""},
	{"tables_sql", "query", text, "", slowLog, "these tables as a statement needs them, in quotes where they must be", "parse"},
	{"statement", "query", text, "", slowLog, "its first word and its tables", ""},
	{"cheaper_by", "query", text, "", slowLog, "what can make it cheaper: its plan; fewer calls, where it is known to read hardly a row that it does not need; fewer and shorter transactions, where such a one writes or locks (writes); the flush of a COMMIT; of what else has no plan, who sends it (sender); little, where a small load is no cause to change a program", ""},
	{"calls", "query", number, "count", slowLog, "executions", ""},
	{"rate", "query", number, "per_s", slowLog, "executions per second over the time in which it ran", "times"},
	{"load", "query", number, "ratio", slowLog, "how many of it run at a time, on average over the log", "times"},
	{"time_s", "query", number, "s", slowLog, "total time", ""},
	{"share", "query", number, "share", slowLog, "share of all statement time", ""},
	{"mean_s", "query", number, "s", slowLog, "mean time", ""},
	{"p50_s", "query", number, "s", slowLog, "median time", ""},
	{"p95_s", "query", number, "s", slowLog, "95th percentile of time", ""},
	{"p99_s", "query", number, "s", slowLog, "99th percentile of time", ""},
	{"max_s", "query", number, "s", slowLog, "longest execution", ""},
	{"lock_share", "query", number, "share", slowLog, "Lock_time divided by Query_time; no InnoDB row locks on MariaDB 10.11", ""},
	{"rows_sent_mean", "query", number, "rows", slowLog, "rows sent per execution", "rows"},
	{"rows_sent_max", "query", number, "rows", slowLog, "most rows sent by one execution", "rows"},
	{"bytes_sent_mean", "query", number, "count", slowLog, "bytes sent per execution", "plan"},
	{"rows_affected_mean", "query", number, "rows", slowLog, "rows changed per execution", "rows"},
	{"rows_examined_mean", "query", number, "rows", slowLog, "rows read per execution", "rows"},
	{"rows_examined_max", "query", number, "rows", slowLog, "most rows read by one execution", "rows"},
	{"rows_examined_share", "query", number, "share", slowLog, "share of all rows read", "rows"},
	{"examined_per_row", "query", number, "ratio", slowLog, "rows read for each row sent or changed", "rows"},
	{"pages_read_mean", "query", number, "count", slowLog, "pages read from disk per execution", "plan"},
	{"counts_all", "query", flag, "", slowLog, "counts rows", ""},
	{"found_rows", "query", flag, "", slowLog, "has SQL_CALC_FOUND_ROWS", ""},
	{"in_list", "query", number, "count", slowLog, "values in its longest IN list", "parse"},
	{"json_filter", "query", flag, "", slowLog, "finds rows by a path into JSON", "parse"},
	{"json_column", "query", text, "", slowLog, "the column of that path", "parse"},
	{"hinted", "query", flag, "", slowLog, "names an index to use or ignore", "parse"},
	{"hint_index", "query", text, "", slowLog, "that index", "parse"},
	{"dependent_subquery", "query", flag, "", slowLog, "the logged plan runs a subquery for each row", "plan"},
	{"outer_rows", "query", number, "rows", slowLog, "rows of the outer query by the logged plan", "plan"},
	{"table_read_share", "query", number, "share", slowLog, "reads among the statements on the table it writes", "parse"},
	{"appeared", "query", flag, "", slowLog, "seen first when the trouble began", "baseline"},
	{"compared", "query", flag, "", slowLog, "it ran often enough before the onset and since to be compared", "baseline"},
	{"mean_before_s", "query", number, "s", slowLog, "mean time before the onset", "baseline"},
	{"mean_now_s", "query", number, "s", slowLog, "mean time in the bad window", "baseline"},
	{"slower", "query", number, "ratio", slowLog, "the one over the other", "baseline"},
	{"estimate_off", "query", number, "ratio", slowLog, "rows that the logged plan expected of a table over those it met, whichever way round is larger", "plan"},
	{"full_scan_share", "query", number, "share", slowLog, "executions with a full table scan", "plan"},
	{"full_join_share", "query", number, "share", slowLog, "executions that joined without an index", "plan"},
	{"tmp_table_share", "query", number, "share", slowLog, "executions with a temporary table", "plan"},
	{"tmp_disk_share", "query", number, "share", slowLog, "executions with a temporary table on disk", "plan"},
	{"filesort_share", "query", number, "share", slowLog, "executions that sorted", "plan"},
	{"filesort_disk_share", "query", number, "share", slowLog, "executions that sorted on disk", "plan"},
	{"unused_key", "query", flag, "", slowLog, "the logged plan reads a whole table although a key of it could apply", "plan"},
	{"unused_key_names", "query", text, "", slowLog, "the keys that could apply but are not used", "plan"},
	{"offset_share", "query", number, "share", slowLog, "executions with an OFFSET", ""},
	{"offset_mean", "query", number, "rows", slowLog, "mean OFFSET of those that have one, 0 when none has", ""},
	{"offset_max", "query", number, "rows", slowLog, "largest OFFSET", ""},
	{"order_by_rand", "query", flag, "", slowLog, "sorts by RAND()", "parse"},
	{"aggregates", "query", flag, "", slowLog, "groups, counts or sums, so it reads many rows for few results", "parse"},
	{"counts_by_key", "query", flag, "", slowLog, "groups, counts or sums the rows that equal a value, and has no index to find them", "parse"},
	{"access", "query", text, "", slowLog, "the table and columns it finds rows by, or else its tables", ""},
	{"index_evident", "query", flag, "", slowLog, "an index would serve it that is not known to exist", "parse"},
	{"index_schema_known", "query", flag, "", slowLog, "the columns and indexes of that index's table were read", "parse"},
	{"index_table", "query", text, "", slowLog, "the table of that index", "parse"},
	{"index_columns", "query", text, "", slowLog, "the columns of that index: equality, then one range or the ORDER BY", "parse"},
	{"index_name", "query", text, "", slowLog, "a name for that index", "parse"},
	{"index_ddl", "query", text, "", slowLog, "the statement that makes it", "parse"},
	{"index_undo", "query", text, "", slowLog, "the statement that drops it", "parse"},
	{"index_writes", "query", number, "count", slowLog, "logged statements that would have to maintain it", "parse"},
	{"index_classes", "query", number, "count", slowLog, "query classes that it serves", "parse"},
	{"index_gain_share", "query", number, "share", slowLog, "statement time that it is estimated to take off this query", "parse"},
	{"index_also_ddl", "query", text, "", slowLog, "the statements that make the others that it lacks too: on another table, or for another branch of OR", "parse"},
	{"index_also_undo", "query", text, "", slowLog, "the statements that drop those", "parse"},
	{"index_prefix", "query", text, "", slowLog, "the text column of which only the beginning is indexed", "parse"},
	{"index_extends", "query", text, "", slowLog, "an index that it makes redundant", "schema"},
	{"key_assumed", "query", flag, "", slowLog, "no schema was read, and a column named id is taken for the primary key, which would serve", "parse"},
	{"index_served", "query", text, "", slowLog, "an index of the schema that serves the statement as it is", "schema"},
	{"function_condition", "query", flag, "", slowLog, "a condition hides a column under a function, arithmetic or a cast", "parse"},
	{"function_column", "query", text, "", slowLog, "that table and column", "parse"},
	{"function_name", "query", text, "", slowLog, "the function, or the kind of expression", "parse"},
	{"function_written", "query", text, "", slowLog, "that condition with its constants as ?", "parse"},
	{"function_rewrite", "query", text, "", slowLog, "the same with the column bare, where such a form is known", "parse"},
	{"cast_condition", "query", flag, "", slowLog, "a string column is compared with a number, so every row is cast", "schema"},
	{"cast_column", "query", text, "", slowLog, "that table and column", "schema"},
	{"wildcard_condition", "query", flag, "", slowLog, "LIKE with a wildcard in front", "parse"},
	{"wildcard_column", "query", text, "", slowLog, "its table and column", "parse"},
	{"or_condition", "query", flag, "", slowLog, "an OR of which some branch can use no index is all that finds rows", "parse"},
	{"unbounded", "query", flag, "", slowLog, "neither WHERE nor LIMIT bounds its rows", "parse"},
	{"cartesian", "query", flag, "", slowLog, "joins tables without a condition between them", "parse"},
	{"select_star", "query", flag, "", slowLog, "selects all columns by *", "parse"},
	{"not_in_subquery", "query", flag, "", slowLog, "has NOT IN (SELECT …)", "parse"},
	{"single_row_insert_share", "query", number, "share", slowLog, "executions that insert one row", ""},
	{"single_row_insert_rate", "query", number, "per_s", slowLog, "single-row inserts per second over the time in which it ran", "times"},
	{"long_run_share", "query", number, "share", slowLog, "executions inside runs of one session that does nothing else", ""},
	{"long_run_mean", "query", number, "count", slowLog, "mean length of such runs, 0 when there is none", ""},
	{"chance_run", "query", number, "count", slowLog, "mean length such runs would have if statements came in random order", ""},
	{"run_max", "query", number, "count", slowLog, "length of the longest such run", ""},
	{"counter_update", "query", flag, "", slowLog, "adds a constant to a column of the rows that equal a key", "parse"},
	{"counter_column", "query", text, "", slowLog, "the column it adds to", "parse"},
	{"write_merge_factor", "query", number, "ratio", slowLog, "additions to the same rows within ten seconds, which a buffer makes one write of", "all"},
	{"cache_hit_share", "query", number, "share", slowLog, "executions within ten seconds of one with the same parameters", "all"},
	{"cache_hit_share_most", "query", number, "share", slowLog, "executions that are not the first with their parameters", "all"},
	{"cache_keys", "query", number, "count", slowLog, "different parameter sets, to some 12 %", "all"},
	{"cache_bytes", "query", number, "bytes", slowLog, "memory of a cache of all of them: keys × (answer + 80 B)", "plan"},
	{"cache_key", "query", text, "", slowLog, "a template for the keys of a cache", "all"},
	{"cache_locking", "query", flag, "", slowLog, "it locks what it reads", "all"},
	{"cache_reads_per_write", "query", number, "ratio", slowLog, "statements that read its tables for each that writes them", "all"},
	{"checks_secret", "query", flag, "", slowLog, "a condition compares a password, a token or the like", "parse"},
	{"reads_balance", "query", flag, "", slowLog, "it reads a balance or what is in stock, by the names in it", "parse"},
	{"money", "query", flag, "", slowLog, "the counter's name speaks of money or stock", "parse"},
	{"keyed_lock", "query", flag, "", slowLog, "changes or locks the rows of one table that equal a key", "parse"},

	{"indexes_lacking", "table", number, "count", slowLog, "indexes that its statements lack", "schema"},
	{"lacking_columns", "table", text, "", slowLog, "the columns of the one that saves most", "schema"},
	{"lacking_ddl", "table", text, "", slowLog, "the statement that makes it", "schema"},
	{"lacking_undo", "table", text, "", slowLog, "the statement that drops it", "schema"},
	{"lacking_queries", "table", number, "count", slowLog, "query classes that it serves", "schema"},
	{"lacking_writes", "table", number, "count", slowLog, "logged statements that would have to maintain it", "schema"},
	{"lacking_share", "table", number, "share", slowLog, "statement time of these classes", "schema"},
	{"join_differs", "table", flag, "", slowLog, "statements join a column with one of another type or collation", "schema"},
	{"join_column", "table", text, "", slowLog, "that column", "schema"},
	{"join_other", "table", text, "", slowLog, "the one it is joined with", "schema"},
	{"join_how", "table", text, "", slowLog, "type or collation", "schema"},
	{"join_query", "table", text, "", slowLog, "a query that joins them", "schema"},

	// The server's place in a replication.
	{"replicas_connected", "global", number, "count", serverStatusInput, "replicas that read this server's binary log", "replicas"},
	{"cluster_size", "global", number, "count", serverStatusInput, "members of its Galera cluster, 0 without one", "replicas"},
	{"is_replica", "global", flag, "", serverStatusInput, "the server is set up to follow another", "replicas"},
	{"replica_lag", "global", number, "s", replicaState, "how far it is behind, at the end", "replicas"},
	{"replica_lag_least", "global", number, "s", replicaState, "the least that it was behind in its last three readings", "replicas"},
	{"io_thread", "global", flag, "", replicaState, "the thread that fetches from the primary runs", "replicas"},
	{"sql_thread", "global", flag, "", replicaState, "the thread that applies runs", "replicas"},
	{"read_only", "global", flag, "", serverSettings, "clients may not write", ""},
	{"apply_workers", "global", number, "count", serverSettings, "threads that apply a primary's changes", ""},
	{"binlog_retention_s", "global", number, "s", serverSettings, "how long the binary log is kept, 0 for ever", ""},
	{"bytes_per_connection", "global", number, "bytes", serverStatusInput, "memory that each further connection was seen to take", "connections that vary"},

	// One route of the web server.
	{"method", "route", text, "", accessLog, "request method", ""},
	{"route", "route", text, "", accessLog, "normalised path", ""},
	{"requests", "route", number, "count", accessLog, "requests", ""},
	{"rate", "route", number, "per_s", accessLog, "requests per second over the log", ""},
	{"share", "route", number, "share", accessLog, "share of all request time", "upstream"},
	{"mean_s", "route", number, "s", accessLog, "mean request time", "upstream"},
	{"p50_s", "route", number, "s", accessLog, "median request time", "upstream"},
	{"p95_s", "route", number, "s", accessLog, "95th percentile of request time", "upstream"},
	{"p99_s", "route", number, "s", accessLog, "99th percentile of request time", "upstream"},
	{"upstream_p95_s", "route", number, "s", accessLog, "95th percentile of application time", "upstream"},
	{"upstream_max_s", "route", number, "s", accessLog, "longest application time", "upstream"},
	{"connect_p95_s", "route", number, "s", accessLog, "95th percentile of connect time", "upstream"},
	{"client_p95_s", "route", number, "s", accessLog, "95th percentile of the time spent on the client and buffering", "upstream"},
	{"client_share", "route", number, "share", accessLog, "share of the route's time spent on the client and buffering", "upstream"},
	{"client_share_of_all", "route", number, "share", accessLog, "that time as a share of all request time", "upstream"},
	{"bytes_mean", "route", number, "count", accessLog, "bytes per response", ""},
	{"retry_share", "route", number, "share", accessLog, "requests with more than one attempt", "upstream"},
	{"share_5xx", "route", number, "share", accessLog, "requests answered 5xx", ""},
	{"share_499", "route", number, "share", accessLog, "requests whose client left before the answer", ""},
	{"share_502", "route", number, "share", accessLog, "requests answered 502", ""},
	{"share_503", "route", number, "share", accessLog, "requests answered 503", ""},
	{"share_504", "route", number, "share", accessLog, "requests answered 504", ""},
	{"cache_miss_share", "route", number, "share", accessLog, "requests that missed the web server's cache, of those it looked up", "cache status"},
	{"upstream_share_of_all", "route", number, "share", accessLog, "application time of the route of all application time", "upstream"},
	{"timeout_s", "route", number, "s", accessLog, "round limit at which the slowest answers stop: the likely proxy_read_timeout", "timeout"},

	// One file system, network interface, or the processes of one name. Their numbers are series.
	{"mount", "mount", text, "", hostRecording, "where the file system is mounted", "filesystems"},
	{"mount_written", "mount", flag, "", hostRecording, "data, binary logs, temporary files or logs of the server are there, or others that are judged", "filesystems"},
	{"interface", "interface", text, "", hostRecording, "name of the network interface", "network counters"},
	{"process", "process", text, "", hostRecording, "name of the processes", "processes"},

	// One table of the dictionary.
	{"table", "table", text, "", tableSizes, "schema and name", ""},
	{"table_sql", "table", text, "", tableSizes, "the same as a statement needs it, in quotes where it must be", ""},
	{"table_locks", "table", flag, "", tableSizes, "it is MyISAM or Aria, which lock all of a table for each write", ""},
	{"engine", "table", text, "", tableSizes, "storage engine, in capitals", ""},
	{"table_rows", "table", number, "rows", tableSizes, "rows, an estimate on InnoDB", ""},
	{"table_bytes", "table", number, "bytes", tableSizes, "data and indexes", ""},
	{"row_bytes", "table", number, "bytes", tableSizes, "mean size of a row", ""},
	{"tree_depth", "table", number, "count", tableSizes, "pages read from the root to a row, estimated", ""},
	{"free_bytes", "table", number, "bytes", tableSizes, "allocated and not used", ""},
	{"free_share", "table", number, "share", tableSizes, "allocated and not used of its size", ""},
	{"share", "table", number, "share", slowLog, "share of statement time of the statements that name it", ""},
	{"table_reads", "table", number, "count", slowLog, "statements that read it", ""},
	{"table_writes", "table", number, "count", slowLog, "statements that write it", ""},
	{"table_workload", "table", text, "", slowLog, "read-heavy, balanced or write-heavy, of the statements that use it", ""},
	{"table_write_share", "table", number, "share", slowLog, "writes among the statements that use it", ""},
	{"column_count", "table", number, "count", tableSizes, "columns", "schema"},
	{"text_columns", "table", number, "count", tableSizes, "columns of TEXT, BLOB or JSON", "schema"},
	{"has_text_time", "table", flag, "", tableSizes, "a column named as a time is VARCHAR", "schema"},
	{"text_time", "table", text, "", tableSizes, "that column", "schema"},
	{"has_float_money", "table", flag, "", tableSizes, "a column named as money is FLOAT or DOUBLE", "schema"},
	{"float_money", "table", text, "", tableSizes, "that column", "schema"},
	{"ids_used", "table", number, "share", tableSizes, "AUTO_INCREMENT of what its type holds", "schema"},
	{"next_id", "table", number, "count", tableSizes, "AUTO_INCREMENT", "schema"},
	{"id_column", "table", text, "", tableSizes, "the column that is numbered", "schema"},
	{"shard_key", "table", text, "", slowLog, "the column by which most statements on it stay on one shard", ""},
	{"shard_local_share", "table", number, "share", slowLog, "statements that name one value of that column", ""},
	{"shard_statements", "table", number, "count", slowLog, "statements that use the table", ""},
	{"shard_key_values", "table", number, "count", tableSizes, "different values of that column", "schema"},
	{"shard_key_updated", "table", flag, "", slowLog, "some statement changes that column", ""},
	{"shard_key_skewed", "table", flag, "", slowLog, "one value of it is known to take more than 1 % of some class", ""},
	{"shard_by_time", "table", flag, "", slowLog, "that column is a time", ""},
	{"shard_name", "table", text, "", slowLog, "a name for the first of them", ""},
	{"has_key", "table", flag, "", tableSizes, "has a primary key or a unique one of columns that are not null", "schema"},
	{"key_random", "table", flag, "", tableSizes, "the primary key begins with values in no order, as UUIDs in text", "schema"},
	{"key_column", "table", text, "", tableSizes, "the first column of the primary key", "schema"},
	{"index_count", "table", number, "count", tableSizes, "indexes beside the primary key", "schema"},
	{"duplicate_index", "table", flag, "", tableSizes, "two indexes are the same", "schema"},
	{"duplicate_index_name", "table", text, "", tableSizes, "the one that may go", "schema"},
	{"duplicate_index_sql", "table", text, "", tableSizes, "that name, quoted for a statement", "schema"},
	{"duplicate_index_beside", "table", text, "", tableSizes, "the one that stays", "schema"},
	{"redundant_index", "table", flag, "", tableSizes, "an index is the beginning of another", "schema"},
	{"redundant_index_name", "table", text, "", tableSizes, "the shorter one", "schema"},
	{"redundant_index_sql", "table", text, "", tableSizes, "that name, quoted for a statement", "schema"},
	{"redundant_index_beside", "table", text, "", tableSizes, "the longer one", "schema"},
	{"suffixed_index", "table", flag, "", tableSizes, "an index ends in the primary key, which InnoDB appends by itself", "schema"},
	{"suffixed_index_name", "table", text, "", tableSizes, "that index", "schema"},
	{"suffixed_index_beside", "table", text, "", tableSizes, "its columns without the key", "schema"},
	{"coarse_index", "table", flag, "", tableSizes, "an index of one column has very few different values", "schema"},
	{"coarse_index_name", "table", text, "", tableSizes, "that index", "schema"},
	{"coarse_index_sql", "table", text, "", tableSizes, "that name, quoted for a statement", "schema"},
	{"coarse_index_beside", "table", text, "", tableSizes, "its column", "schema"},
	{"unused_index", "table", flag, "", tableSizes, "an index was not read since the server started", "index use"},
	{"unused_index_name", "table", text, "", tableSizes, "the first of them", "index use"},
	{"unused_index_sql", "table", text, "", tableSizes, "that name, quoted for a statement", "index use"},
	{"unused_indexes", "table", number, "count", tableSizes, "how many were not", "index use"},
	{"split_tables", "global", number, "count", tableSizes, "tables of the largest horizontal split, by their names", ""},
	{"split_name", "global", text, "", tableSizes, "what they are called without the number", ""},
	{"split_numbered", "global", flag, "", tableSizes, "each of them numbers its own rows", "schema"},

	// One upstream peer.
	{"addr", "upstream", text, "", accessLog, "address", ""},
	{"group_name", "upstream", flag, "", accessLog, "it is no address but the name of a group of which no server was live", ""},
	{"attempts", "upstream", number, "count", accessLog, "attempts sent to it", ""},
	{"share", "upstream", number, "share", accessLog, "share of the time of all attempts", "upstream"},
	{"attempt_share", "upstream", number, "share", accessLog, "share of all attempts", ""},
	{"p50_s", "upstream", number, "s", accessLog, "median response time", "upstream"},
	{"p95_s", "upstream", number, "s", accessLog, "95th percentile of response time", "upstream"},
	{"failed_share", "upstream", number, "share", accessLog, "attempts answered 502, 503, 504 or not at all", ""},
	{"connect_p50_s", "upstream", number, "s", accessLog, "median connect time", "upstream"},
	{"connect_p95_s", "upstream", number, "s", accessLog, "95th percentile of connect time", "upstream"},
	{"other_peers", "upstream", number, "count", accessLog, "other peers with enough attempts to compare with", ""},
	{"peers_p95_s", "upstream", number, "s", accessLog, "median of the other peers' 95th percentiles", "peers"},
}

// always are the facts that every subject of their kind has.
var always = []string{"id", "fingerprint", "kind", "tables", "access", "statement", "cheaper_by", "calls", "method", "route", "requests", "addr", "group_name", "attempts", "device",
	"mount", "interface", "process", "table", "table_sql"}

// factOf finds the fact that a rule of kind reads under name.
func factOf(kind, name string) *fact {
	if c, ok := callOf(name); ok {
		if c.check(kind) != nil {
			return nil
		}
		return c.fact()
	}
	byName := factsByName()
	if f := byName[factKey{kind, name}]; f != nil {
		return f
	}
	return byName[factKey{"global", name}]
}

// A factKey names a fact of one kind of subject.
type factKey struct{ kind, name string }

var factsByName = sync.OnceValue(func() map[factKey]*fact {
	out := make(map[factKey]*fact, len(facts))
	for i := range facts {
		out[factKey{facts[i].Kind, facts[i].Name}] = &facts[i]
	}
	return out
})

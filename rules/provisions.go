package rules

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

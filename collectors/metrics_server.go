package collectors

// serverMetrics are of a database server, beside the status variables under their own names.
var serverMetrics = []Metric{
	{"sessions.all", "count", "", "connections of the server, from its process list"},
	{"sessions.sleeping", "count", "", "connections without a statement"},
	{"sessions.metadata_waits", "count", "", "sessions that wait for a metadata lock"},
	{"transactions.open", "count", "", "transactions begun and not ended"},
	{"transactions.waiting", "count", "", "transactions that wait for a row lock"},
	{"transactions.idle", "count", "", "transactions older than a second that run no statement"},
	{"transactions.idle_age", "s", "", "age of the oldest of these; 0 without one"},
	{"locks.waits_for_idle", "count", "table", "waits for a row lock held by a session that runs no statement"},

	{"innodb.deadlock", "count", "table", "1 at the time of a deadlock, for each table whose rows were waited for"},
	{"innodb.semaphore_waits", "count", "", "threads that wait for a latch of InnoDB"},
	{"innodb.semaphore_wait", "s", "", "longest of these waits"},
	{"innodb.hash_index_waits", "count", "", "threads that wait for a latch of the adaptive hash index"},
	{"innodb.longest_transaction", "s", "", "age of the oldest transaction"},
	{"innodb.pending_reads", "count", "", "pages that are being read"},
	{"innodb.pending_writes", "count", "", "pages that are being written"},
	{"innodb.pending_fsyncs", "count", "", "fsync calls under way"},
	{"innodb.queued", "count", "", "statements that innodb_thread_concurrency keeps waiting"},

	{"table.rows_read", "count/s", "table", "rows read, as performance_schema or userstat counts them"},
	{"table.rows_changed", "count/s", "table", "rows inserted, updated and deleted, likewise"},
	{"table.io_wait", "share", "table", "time in the storage engine for the table, of one session's; performance_schema only"},

	{"replica.connected", "count", "", "replicas that read this server's binary log"},
	{"replica.configured", "count", "", "replication channels of which this server is a replica"},
	{"replica.lag", "s", "", "how far it is behind; absent when the server says NULL"},
	{"replica.io_running", "count", "", "1 when the thread that fetches runs on every channel"},
	{"replica.sql_running", "count", "", "1 when the thread that applies runs on every channel"},
	{"server.answers", "count", "", "1 when the server answered us, be it that it refused; 0 when it is down, or did not in time"},
	{"server.connect", "s", "", "time to connect and log in"},
	{"server.refused", "count", "", "1 when the server had no connection left for us"},
}

// ReplicaSource is the setting that says whom a replica follows, one channel after the other, and how it
// finds its place: "10.0.0.5:3306 by GTID". A server that is no replica has none.
const ReplicaSource = "replica.source"

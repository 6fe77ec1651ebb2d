package collectors

// A Sample is one value of one series at one instant, in base units: seconds, bytes, shares of 1,
// counts, or any of these per second.
type Sample struct {
	At       int64  // µs since the epoch
	Name     string // of the table Metrics, or "mysql.status.<Name>" and "mysql.variable.<name>"
	Instance string // device, network interface, core or mount point; empty for the whole
	Value    float64
}

// A Table is what the dictionary of a server says of one table. A number is Unknown where it is NULL.
type Table struct {
	Schema, Name, Engine  string
	Rows                  int64 // an estimate on InnoDB
	DataBytes, IndexBytes int64
}

// A Metric says what the samples of one name mean.
type Metric struct {
	Name string
	Unit string // s, bytes, share, count; with "/s" behind it a rate
	// Of says what Instance names: core, device, interface, mount, process, table; empty when there is none.
	Of      string
	Meaning string
}

// Metrics is the table of what hosts are measured by, live or from recordings. Rates and shares are
// of the time since the sample before. Server status comes beside it under the server's own names,
// cumulative as the server counts.
var Metrics = []Metric{
	{"cpu.user", "share", "core", "time in user mode, niced included"},
	{"cpu.system", "share", "core", "time in the kernel"},
	{"cpu.iowait", "share", "core", "idle with I/O outstanding; not used capacity"},
	{"cpu.steal", "share", "core", "taken by the hypervisor"},
	{"cpu.idle", "share", "core", "idle without I/O outstanding"},
	{"cpu.run_queue", "count", "", "tasks running or waiting for a core"},
	{"cpu.blocked", "count", "", "tasks in uninterruptible sleep"},
	{"cpu.context_switches", "count/s", "", "context switches"},
	{"cpu.interrupts", "count/s", "", "interrupts"},
	{"cpu.load1", "count", "", "load average over a minute"},
	{"cpu.load5", "count", "", "load average over five minutes"},
	{"cpu.load15", "count", "", "load average over a quarter of an hour"},
	{"cpu.cores", "count", "", "cores that may be used: the smaller of online and cgroup quota"},
	{"cpu.throttled", "share", "", "cgroup periods in which the quota ran out"},

	{"psi.cpu.some", "share", "", "time in which some task waited for a core"},
	{"psi.memory.some", "share", "", "time in which some task waited for memory"},
	{"psi.memory.full", "share", "", "time in which all tasks waited for memory"},
	{"psi.io.some", "share", "", "time in which some task waited for I/O"},
	{"psi.io.full", "share", "", "time in which all tasks waited for I/O"},

	{"mem.total", "bytes", "", "memory that may be used: the smaller of RAM and cgroup limit"},
	{"mem.available", "bytes", "", "memory that can be had without swapping"},
	{"mem.free", "bytes", "", "memory that nobody uses"},
	{"mem.cached", "bytes", "", "page cache"},
	{"mem.dirty", "bytes", "", "waiting to be written back"},
	{"mem.swap_total", "bytes", "", "swap space"},
	{"mem.swap_used", "bytes", "", "swap space in use"},
	{"mem.swap_in", "bytes/s", "", "read from swap"},
	{"mem.swap_out", "bytes/s", "", "written to swap"},
	{"mem.oom_kills", "count/s", "", "processes killed for want of memory"},

	{"disk.reads", "count/s", "device", "read requests completed"},
	{"disk.writes", "count/s", "device", "write requests completed"},
	{"disk.requests", "count/s", "device", "requests completed, where reads and writes are not told apart"},
	{"disk.read_bytes", "bytes/s", "device", "read"},
	{"disk.write_bytes", "bytes/s", "device", "written"},
	{"disk.read_await", "s", "device", "mean time of a read, queue included"},
	{"disk.write_await", "s", "device", "mean time of a write, queue included"},
	{"disk.await", "s", "device", "mean time of a request, queue included"},
	{"disk.queue", "count", "device", "mean requests in flight"},
	{"disk.util", "share", "device", "time with a request in flight; misleads on devices that work in parallel"},
	{"disk.rotational", "count", "device", "1 for a spinning disk"},

	{"fs.size", "bytes", "mount", "size"},
	{"fs.used", "share", "mount", "used of what users may use"},
	{"fs.inodes_used", "share", "mount", "inodes used"},

	{"net.rx_bytes", "bytes/s", "interface", "received"},
	{"net.tx_bytes", "bytes/s", "interface", "sent"},
	{"net.rx_packets", "count/s", "interface", "packets received"},
	{"net.tx_packets", "count/s", "interface", "packets sent"},
	{"net.drops", "count/s", "interface", "packets dropped in either direction"},
	{"net.errors", "count/s", "interface", "packets with errors in either direction"},
	{"net.speed", "bytes/s", "interface", "link speed; absent when unknown, as on virtual links"},

	{"tcp.segments_out", "count/s", "", "segments sent"},
	{"tcp.retransmits", "count/s", "", "segments sent again"},
	{"tcp.listen_overflows", "count/s", "", "connections that found an accept queue full"},
	{"tcp.listen_drops", "count/s", "", "connections dropped by a listener"},
	{"tcp.time_wait", "count", "", "sockets in TIME_WAIT"},
	{"tcp.established", "count", "", "connections established"},
	{"limit.files_used", "count", "", "open file handles of the host"},
	{"limit.files_max", "count", "", "open file handles allowed"},
	{"limit.conntrack_used", "count", "", "tracked connections"},
	{"limit.conntrack_max", "count", "", "tracked connections allowed"},
	{"limit.somaxconn", "count", "", "longest accept queue"},

	{"process.cpu", "count", "process", "cores used by all processes of one name"},
	{"process.memory", "bytes", "process", "resident memory of all processes of one name, shared pages counted in each"},

	{"sessions.all", "count", "", "connections of the server, from its process list"},
	{"sessions.sleeping", "count", "", "connections without a statement"},
	{"sessions.metadata_waits", "count", "", "sessions that wait for a metadata lock"},
	{"transactions.open", "count", "", "transactions begun and not ended"},
	{"transactions.waiting", "count", "", "transactions that wait for a row lock"},
	{"transactions.idle", "count", "", "transactions older than a second that run no statement"},
	{"transactions.idle_age", "s", "", "age of the oldest of these; 0 without one"},
	{"locks.waits_for_idle", "count", "table", "waits for a row lock held by a session that runs no statement"},
}

// MetricNamed returns the row of a name; ok is false when there is none.
func MetricNamed(name string) (m Metric, ok bool) {
	for _, m := range Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return m, false
}

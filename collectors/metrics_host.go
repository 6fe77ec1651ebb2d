package collectors

// hostMetrics are of the machine: processors, memory, disks, network, limits.
var hostMetrics = []Metric{
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
}

// processMetrics are of the processes of one name together.
var processMetrics = []Metric{
	{"process.cpu", "count", "process", "cores used by all processes of one name"},
	{"process.memory", "bytes", "process", "resident memory of all processes of one name, shared pages counted in each"},
}

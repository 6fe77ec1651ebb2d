package main

import (
	"strconv"
	"strings"

	"dbtriage/collectors"
	"dbtriage/ui/show"
)

// A sampleGroup is one subject of the rows that sample prints.
type sampleGroup struct {
	name    string
	probes  []string // of collectors/host, which its columns need
	columns []sampleColumn
}

// A sampleColumn is one number of a row.
type sampleColumn struct {
	head  string
	name  string // in CSV, in base units
	width int
	wide  bool // left out on a narrow terminal
	least bool // kept when even the others are too wide, beside a database server's
	value func(samples) (float64, bool)
	show  func(float64) string
	// weight is what a value counts for in the average beside its time; nil is 1. A mean time of
	// requests counts by the requests.
	weight func(samples) (float64, bool)
}

// sampleGroups is the table of what sample can print, in the order of a row.
var sampleGroups = []sampleGroup{
	{"cpu", []string{"cpu", "load", "pressure"}, []sampleColumn{
		{head: "usr%", name: "cpu_user", width: 5, least: true, value: of("cpu.user"), show: percent},
		{head: "sys%", name: "cpu_system", width: 5, value: of("cpu.system"), show: percent},
		{head: "wio%", name: "cpu_iowait", width: 5, value: of("cpu.iowait"), show: percent},
		{head: "stl%", name: "cpu_steal", width: 5, wide: true, value: of("cpu.steal"), show: percent},
		{head: "run", name: "cpu_run_queue", width: 4, value: of("cpu.run_queue"), show: show.Short},
		{head: "csw/s", name: "cpu_context_switches", width: 6, wide: true, value: of("cpu.context_switches"), show: show.Short},
		{head: "load", name: "cpu_load1", width: 5, wide: true, value: of("cpu.load1"), show: show.Short},
		{head: "wait%", name: "psi_cpu_some", width: 5, wide: true, value: of("psi.cpu.some"), show: percent},
	}},
	{"mem", []string{"cgroup limits", "memory", "paging"}, []sampleColumn{
		{head: "avail", name: "mem_available", width: 6, least: true, value: of("mem.available"), show: show.Short},
		{head: "cache", name: "mem_cached", width: 6, wide: true, value: of("mem.cached"), show: show.Short},
		{head: "swap/s", name: "mem_swap", width: 6, wide: true, value: sumOf("mem.swap_in", "mem.swap_out"), show: show.Short},
	}},
	{"disk", []string{"disks"}, []sampleColumn{
		{head: "r/s", name: "disk_reads", width: 6, wide: true, value: total("disk.reads", physical), show: show.Short},
		{head: "w/s", name: "disk_writes", width: 6, wide: true, value: total("disk.writes", physical), show: show.Short},
		{head: "rB/s", name: "disk_read_bytes", width: 6, value: total("disk.read_bytes", physical), show: show.Short},
		{head: "wB/s", name: "disk_write_bytes", width: 6, value: total("disk.write_bytes", physical), show: show.Short},
		{head: "await", name: "disk_await", width: 7, value: awaitOfAll, show: func(s float64) string { return show.Duration(s * 1e6) }, weight: requestsOfAll},
		{head: "util%", name: "disk_util", width: 5, least: true, value: largest("disk.util", physical), show: percent},
	}},
	{"net", []string{"network", "tcp"}, []sampleColumn{
		{head: "rxB/s", name: "net_rx_bytes", width: 6, value: total("net.rx_bytes", outward), show: show.Short},
		{head: "txB/s", name: "net_tx_bytes", width: 6, value: total("net.tx_bytes", outward), show: show.Short},
		{head: "retr/s", name: "tcp_retransmits", width: 6, wide: true, value: of("tcp.retransmits"), show: show.Short},
		{head: "drop/s", name: "net_drops", width: 6, wide: true, value: total("net.drops", outward), show: show.Short},
	}},
	{"mysql", nil, []sampleColumn{
		{head: "stmt/s", name: "mysql_statements", width: 6, least: true, value: rateOf("Questions"), show: show.Short},
		{head: "txn/s", name: "mysql_transactions", width: 6, wide: true, value: rateOf("Com_commit", "Com_rollback"), show: show.Short},
		{head: "rd/s", name: "mysql_reads", width: 6, least: true, value: rateOf(readCommands...), show: show.Short},
		{head: "wr/s", name: "mysql_writes", width: 6, least: true, value: rateOf(writeCommands...), show: show.Short},
		{head: "slow/s", name: "mysql_slow", width: 6, wide: true, value: rateOf("Slow_queries"), show: show.Short},
		{head: "run", name: "mysql_threads_running", width: 4, least: true, value: of(statusPrefix + "Threads_running"), show: show.Short},
		{head: "conn", name: "mysql_threads_connected", width: 5, least: true, value: of(statusPrefix + "Threads_connected"), show: show.Short},
		{head: "new/s", name: "mysql_connects", width: 5, wide: true, value: rateOf("Connections"), show: show.Short},
		{head: "hit%", name: "mysql_pool_hit", width: 5, least: true, value: poolHit, show: percent, weight: rateOf("Innodb_buffer_pool_read_requests")},
		{head: "pgrd/s", name: "mysql_pages_read", width: 6, wide: true, value: rateOf("Innodb_buffer_pool_reads"), show: show.Short},
		{head: "tmpd/s", name: "mysql_disk_tmp_tables", width: 6, wide: true, value: rateOf("Created_tmp_disk_tables"), show: show.Short},
		{head: "lock/s", name: "mysql_row_lock_waits", width: 6, least: true, value: rateOf("Innodb_row_lock_waits"), show: show.Short},
		{head: "lag", name: "mysql_replica_lag", width: 6, wide: true, value: of("replica.lag"), show: show.Short},
	}},
}

// ofServer says that the group is read from a database server.
func (g sampleGroup) ofServer() bool { return len(g.probes) == 0 }

// readCommands and writeCommands are the counters of statements that read and that change rows.
var (
	readCommands  = []string{"Com_select", "Qcache_hits"}
	writeCommands = []string{"Com_insert", "Com_insert_select", "Com_update", "Com_update_multi", "Com_delete", "Com_delete_multi", "Com_replace", "Com_replace_select", "Com_load"}
)

// rate adds up how fast counters of the server grow. MySQL 8 has no query cache: one that is not there
// counts nothing, but the first must be.
func rateOf(counters ...string) func(samples) (float64, bool) {
	return func(all samples) (sum float64, ok bool) {
		if _, ok = of(ratePrefix + counters[0])(all); !ok {
			return 0, false
		}
		for _, name := range counters {
			v, _ := of(ratePrefix + name)(all)
			sum += v
		}
		return sum, true
	}
}

// poolHit is the share of page requests that the buffer pool served; there is none without requests.
func poolHit(all samples) (float64, bool) {
	reads, ok1 := rateOf("Innodb_buffer_pool_reads")(all)
	requests, ok2 := rateOf("Innodb_buffer_pool_read_requests")(all)
	return 1 - reads/max(requests, 1e-9), ok1 && ok2 && requests > 0
}

// samples are those of one reading.
type samples []collectors.Sample

func percent(share float64) string { return strconv.FormatFloat(share*100, 'f', 1, 64) }

// of picks the value of the whole host.
func of(name string) func(samples) (float64, bool) {
	return func(all samples) (float64, bool) {
		for _, s := range all {
			if s.Name == name && s.Instance == "" {
				return s.Value, true
			}
		}
		return 0, false
	}
}

func sumOf(a, b string) func(samples) (float64, bool) {
	return func(all samples) (float64, bool) {
		x, ok1 := of(a)(all)
		y, ok2 := of(b)(all)
		return x + y, ok1 && ok2
	}
}

// total adds up what is kept of the instances of a metric.
func total(name string, keep func(instance string) bool) func(samples) (float64, bool) {
	return func(all samples) (sum float64, ok bool) {
		for _, s := range all {
			if s.Name == name && s.Instance != "" && keep(s.Instance) {
				sum, ok = sum+s.Value, true
			}
		}
		return sum, ok
	}
}

func largest(name string, keep func(instance string) bool) func(samples) (float64, bool) {
	return func(all samples) (most float64, ok bool) {
		for _, s := range all {
			if s.Name == name && s.Instance != "" && keep(s.Instance) {
				most, ok = max(most, s.Value), true
			}
		}
		return most, ok
	}
}

// requestsOfAll is the requests per second of all disks.
func requestsOfAll(all samples) (float64, bool) {
	r, ok1 := total("disk.reads", physical)(all)
	w, ok2 := total("disk.writes", physical)(all)
	return r + w, ok1 && ok2
}

// awaitOfAll is the mean time of a request of all disks; there is none without requests.
func awaitOfAll(all samples) (float64, bool) {
	var time, requests float64
	for _, s := range all {
		if s.Name != "disk.await" || !physical(s.Instance) {
			continue
		}
		n, _ := requestsOfAll(of1(all, s.Instance))
		time, requests = time+s.Value*n, requests+n
	}
	return time / max(requests, 1e-9), requests > 0
}

// of1 returns the samples of one instance.
func of1(all samples, instance string) samples {
	var out samples
	for _, s := range all {
		if s.Instance == instance {
			out = append(out, s)
		}
	}
	return out
}

// physical tells disks from what is made of them, which would count twice.
func physical(device string) bool {
	for _, made := range [...]string{"dm-", "md", "zram", "drbd", "bcache"} {
		if strings.HasPrefix(device, made) {
			return false
		}
	}
	return true
}

// outward tells interfaces that lead out of the host from the loopback and from what is made of them.
func outward(name string) bool {
	for _, inner := range [...]string{"lo", "veth", "docker", "br-", "virbr", "bond", "team", "tun", "tap", "cni", "flannel", "cali", "ifb"} {
		if name == inner || inner != "lo" && strings.HasPrefix(name, inner) {
			return false
		}
	}
	return true
}

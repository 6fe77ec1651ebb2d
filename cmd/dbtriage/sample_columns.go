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
	value func(samples) (float64, bool)
	show  func(float64) string
	// weight is what a value counts for in the average beside its time; nil is 1. A mean time of
	// requests counts by the requests.
	weight func(samples) (float64, bool)
}

// sampleGroups is the table of what sample can print, in the order of a row.
var sampleGroups = []sampleGroup{
	{"cpu", []string{"cpu", "load", "pressure"}, []sampleColumn{
		{head: "usr%", name: "cpu_user", width: 5, value: of("cpu.user"), show: percent},
		{head: "sys%", name: "cpu_system", width: 5, value: of("cpu.system"), show: percent},
		{head: "wio%", name: "cpu_iowait", width: 5, value: of("cpu.iowait"), show: percent},
		{head: "stl%", name: "cpu_steal", width: 5, wide: true, value: of("cpu.steal"), show: percent},
		{head: "run", name: "cpu_run_queue", width: 4, value: of("cpu.run_queue"), show: show.Short},
		{head: "csw/s", name: "cpu_context_switches", width: 6, wide: true, value: of("cpu.context_switches"), show: show.Short},
		{head: "load", name: "cpu_load1", width: 5, wide: true, value: of("cpu.load1"), show: show.Short},
		{head: "wait%", name: "psi_cpu_some", width: 5, wide: true, value: of("psi.cpu.some"), show: percent},
	}},
	{"mem", []string{"cgroup limits", "memory", "paging"}, []sampleColumn{
		{head: "avail", name: "mem_available", width: 6, value: of("mem.available"), show: show.Short},
		{head: "cache", name: "mem_cached", width: 6, wide: true, value: of("mem.cached"), show: show.Short},
		{head: "swap/s", name: "mem_swap", width: 6, wide: true, value: sumOf("mem.swap_in", "mem.swap_out"), show: show.Short},
	}},
	{"disk", []string{"disks"}, []sampleColumn{
		{head: "r/s", name: "disk_reads", width: 6, wide: true, value: total("disk.reads", physical), show: show.Short},
		{head: "w/s", name: "disk_writes", width: 6, wide: true, value: total("disk.writes", physical), show: show.Short},
		{head: "rB/s", name: "disk_read_bytes", width: 6, value: total("disk.read_bytes", physical), show: show.Short},
		{head: "wB/s", name: "disk_write_bytes", width: 6, value: total("disk.write_bytes", physical), show: show.Short},
		{head: "await", name: "disk_await", width: 7, value: awaitOfAll, show: func(s float64) string { return show.Duration(s * 1e6) }, weight: requestsOfAll},
		{head: "util%", name: "disk_util", width: 5, value: largest("disk.util", physical), show: percent},
	}},
	{"net", []string{"network", "tcp"}, []sampleColumn{
		{head: "rxB/s", name: "net_rx_bytes", width: 6, value: total("net.rx_bytes", outward), show: show.Short},
		{head: "txB/s", name: "net_tx_bytes", width: 6, value: total("net.tx_bytes", outward), show: show.Short},
		{head: "retr/s", name: "tcp_retransmits", width: 6, wide: true, value: of("tcp.retransmits"), show: show.Short},
		{head: "drop/s", name: "net_drops", width: 6, wide: true, value: total("net.drops", outward), show: show.Short},
	}},
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

package recorded

import "strings"

const (
	percent = 0.01
	kB      = 1024
	ms      = 0.001
	sector  = 512
	page    = 4096 // sar counts swap in pages; other sizes are rare
)

// sarActivities is what is read of sar, by the names of sadf's JSON.
var sarActivities = map[string]func(o *sarObject, v any){
	"cpu-load":                   sarCPU,
	"cpu-load-all":               sarCPU,
	"process-and-context-switch": single(func(o *sarObject) { o.put("cpu.context_switches", "", 1, "cswch") }),
	"interrupts":                 sarInterrupts,
	"queue":                      single(sarQueue),
	"memory":                     single(sarMemory),
	"swap-pages":                 single(sarSwap),
	"disk":                       sarDisk,
	"network":                    sarNetwork,
	"psi":                        sarPSI,
	"filesystems":                sarFilesystems,
	"kernel":                     single(func(o *sarObject) { o.put("limit.files_used", "", 1, "file-nr", "file-sz") }),
}

// single reads an activity that is one object.
func single(read func(o *sarObject)) func(o *sarObject, v any) {
	return func(o *sarObject, v any) { o.list(v, func() { read(o) }) }
}

func sarCPU(o *sarObject, v any) {
	o.list(v, func() {
		core := o.text("cpu")
		if core == "all" || core == "-1" {
			core = ""
		}
		// cpu-load has usr as user or usr without guest; nice is apart in both.
		if _, all := o.in["usr"]; all {
			o.sum("cpu.user", core, percent, "usr", "nice", "guest", "gnice")
			o.sum("cpu.system", core, percent, "sys", "irq", "soft")
		} else {
			o.sum("cpu.user", core, percent, "user", "nice")
			o.sum("cpu.system", core, percent, "system")
		}
		o.put("cpu.iowait", core, percent, "iowait")
		o.put("cpu.steal", core, percent, "steal")
		o.put("cpu.idle", core, percent, "idle")
	})
}

func sarInterrupts(o *sarObject, v any) {
	o.list(v, func() {
		if name := o.text("intr"); name == "sum" || name == "all" {
			o.put("cpu.interrupts", "", 1, "value", "all")
		}
	})
}

func sarQueue(o *sarObject) {
	o.put("cpu.run_queue", "", 1, "runq-sz")
	o.put("cpu.blocked", "", 1, "blocked")
	o.put("cpu.load1", "", 1, "ldavg-1")
	o.put("cpu.load5", "", 1, "ldavg-5")
	o.put("cpu.load15", "", 1, "ldavg-15")
}

func sarMemory(o *sarObject) {
	o.put("mem.free", "", kB, "memfree", "kbmemfree")
	o.put("mem.available", "", kB, "avail", "kbavail")
	o.put("mem.cached", "", kB, "cached", "kbcached")
	o.put("mem.dirty", "", kB, "dirty", "kbdirty")
	free, hasFree := o.num("swpfree", "kbswpfree")
	used, hasUsed := o.num("swpused", "kbswpused")
	if hasFree && hasUsed {
		o.sample(o.at, "mem.swap_total", "", (free+used)*kB)
		o.sample(o.at, "mem.swap_used", "", used*kB)
	}
	// sar does not write the size of memory, only shares of it to a hundredth of a percent: the
	// larger share is the more exact.
	memUsed, ok1 := o.num("memused", "kbmemused")
	memShare, ok2 := o.num("memused-percent")
	commit, ok3 := o.num("commit", "kbcommit")
	commitShare, ok4 := o.num("commit-percent")
	switch {
	case ok3 && ok4 && hasFree && hasUsed && commitShare > memShare && commitShare >= 1:
		o.sample(o.at, "mem.total", "", (commit/commitShare*100-free-used)*kB)
	case ok1 && ok2 && memShare >= 1:
		o.sample(o.at, "mem.total", "", memUsed/memShare*100*kB)
	}
}

func sarSwap(o *sarObject) {
	o.put("mem.swap_in", "", page, "pswpin")
	o.put("mem.swap_out", "", page, "pswpout")
}

func sarDisk(o *sarObject, v any) {
	o.list(v, func() {
		name := o.text("disk-device", "DEV", "device")
		if name == "" {
			return
		}
		if _, has := o.in["rkB"]; has {
			o.put("disk.read_bytes", name, kB, "rkB")
			o.put("disk.write_bytes", name, kB, "wkB")
		} else {
			o.put("disk.read_bytes", name, sector, "rd_sec")
			o.put("disk.write_bytes", name, sector, "wr_sec")
		}
		o.put("disk.requests", name, 1, "tps")
		o.put("disk.await", name, ms, "await")
		o.put("disk.queue", name, 1, "aqu-sz", "avgqu-sz")
		o.put("disk.util", name, percent, "util-percent", "util")
	})
}

func sarNetwork(o *sarObject, v any) {
	net := object(v)
	o.list(net["net-dev"], func() {
		name := o.text("iface")
		o.put("net.rx_bytes", name, kB, "rxkB")
		o.put("net.tx_bytes", name, kB, "txkB")
		o.put("net.rx_packets", name, 1, "rxpck")
		o.put("net.tx_packets", name, 1, "txpck")
		// The share of the link is of the busier direction; the speed follows where it is not lost
		// in rounding.
		share, ok := o.num("ifutil-percent")
		rx, ok1 := o.num("rxkB")
		tx, ok2 := o.num("txkB")
		if ok && ok1 && ok2 && share >= 5 {
			o.sample(o.at, "net.speed", name, max(rx, tx)*kB/share*100)
		}
	})
	o.list(net["net-edev"], func() {
		o.sum("net.drops", o.text("iface"), 1, "rxdrop", "txdrop")
		o.sum("net.errors", o.text("iface"), 1, "rxerr", "txerr")
	})
	o.list(net["net-sock"], func() { o.put("tcp.time_wait", "", 1, "tcp-tw") })
	o.list(net["net-tcp"], func() { o.put("tcp.segments_out", "", 1, "oseg") })
	o.list(net["net-etcp"], func() { o.put("tcp.retransmits", "", 1, "retrans") })
}

func sarPSI(o *sarObject, v any) {
	for part, metric := range map[string]string{"psi-cpu": "psi.cpu", "psi-io": "psi.io", "psi-mem": "psi.memory"} {
		o.list(object(v)[part], func() {
			// The one without a number is of the interval itself.
			o.put(metric+".some", "", percent, "some_avg", "some_avg10")
			if metric != "psi.cpu" {
				o.put(metric+".full", "", percent, "full_avg", "full_avg10")
			}
		})
	}
}

func sarFilesystems(o *sarObject, v any) {
	o.list(v, func() {
		name := strings.TrimSpace(o.text("mountpoint", "filesystem"))
		if name == "" {
			return
		}
		free, ok1 := o.num("MBfsfree")
		used, ok2 := o.num("MBfsused")
		if ok1 && ok2 {
			o.sample(o.at, "fs.size", name, (free+used)*1024*kB)
		}
		o.put("fs.used", name, percent, "ufsused-percent", "%ufsused", "fsused-percent", "%fsused")
		o.put("fs.inodes_used", name, percent, "Iused-percent", "%Iused")
	})
}

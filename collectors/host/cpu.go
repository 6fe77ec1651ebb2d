package host

import (
	"bytes"
	"fmt"
	"strconv"
)

// cpuModes are the columns of a cpu line of /proc/stat; guest time is in user and nice already.
const (
	cpuUser = iota
	cpuNice
	cpuSystem
	cpuIdle
	cpuIowait
	cpuIRQ
	cpuSoftIRQ
	cpuSteal
	cpuModes
)

var cpuModeNames = [cpuModes]string{"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"}

// readCPU reads /proc/stat: time by mode for all cores and each, the run queue, switches, interrupts.
func readCPU(p *pass) {
	text, err := p.read(p.inProc("stat"))
	if err != nil {
		p.miss("processors", err, "")
		return
	}
	online, bad := 0, 0
	for line := range bytes.Lines(text) {
		name, rest := field(line)
		if core, ok := bytes.CutPrefix(name, []byte("cpu")); ok {
			var modes [cpuModes]uint64
			// Kernels before 2.6.11 have no steal; what comes before is there in all.
			if numbers(rest, modes[:]) < cpuSteal {
				bad++
				continue
			}
			if len(core) > 0 {
				online++
			}
			p.cpuTime(string(core), &modes)
			continue
		}
		w, _ := field(rest)
		n, ok := number(w)
		if !ok {
			continue
		}
		switch string(name) {
		case "ctxt":
			p.rate("cpu.context_switches", "", n, 1)
		case "intr":
			p.rate("cpu.interrupts", "", n, 1)
		case "procs_running":
			p.put("cpu.run_queue", "", float64(n-min(n, 1))) // without the task that reads
		case "procs_blocked":
			p.put("cpu.blocked", "", float64(n))
		}
	}
	if bad > 0 || online == 0 {
		p.miss("processors", fmt.Errorf("%s: %d lines are no processor's", p.inProc("stat"), bad), "")
	}
	if online > 0 {
		p.online = online
		p.put("cpu.cores", "", p.limits.cores(online))
	}
}

// cpuTime puts the shares of one core, or of all where it has no name.
func (p *pass) cpuTime(core string, modes *[cpuModes]uint64) {
	var grown [cpuModes]float64
	total, seen := 0.0, false
	for i, n := range modes {
		// Idle and iowait of a core may go back a little (proc(5)): that is no time.
		by, _, ok := p.grown(cpuModeNames[i], core, n)
		if ok {
			grown[i], seen = by, true
			total += by
		}
	}
	if !seen || total == 0 {
		return
	}
	p.put("cpu.user", core, (grown[cpuUser]+grown[cpuNice])/total)
	p.put("cpu.system", core, (grown[cpuSystem]+grown[cpuIRQ]+grown[cpuSoftIRQ])/total)
	p.put("cpu.iowait", core, grown[cpuIowait]/total)
	p.put("cpu.steal", core, grown[cpuSteal]/total)
	p.put("cpu.idle", core, grown[cpuIdle]/total)
}

// readLoad reads the load averages.
func readLoad(p *pass) {
	text, err := p.read(p.inProc("loadavg"))
	if err != nil {
		p.miss("load averages", err, "")
		return
	}
	for _, name := range [...]string{"cpu.load1", "cpu.load5", "cpu.load15"} {
		var w []byte
		w, text = field(text)
		v, err := strconv.ParseFloat(string(w), 64)
		if err != nil || !(v >= 0 && v <= 1e9) {
			p.miss("load averages", fmt.Errorf("%s: %q is no load", p.inProc("loadavg"), w), "")
			return
		}
		p.put(name, "", v)
	}
}

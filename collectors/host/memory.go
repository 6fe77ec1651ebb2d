package host

import (
	"errors"
	"fmt"
	"math"
)

// kiB is the unit of /proc/meminfo.
const kiB = 1024

// readMemory reads /proc/meminfo, bounded by what the cgroup allows.
func readMemory(p *pass) {
	path := p.inProc("meminfo")
	text, err := p.read(path)
	if err != nil {
		p.miss("memory", err, "")
		return
	}
	in := map[string]uint64{}
	pairs(text, func(name []byte, n uint64) { in[string(name)] = n })
	total, ok := in["MemTotal"]
	if !ok || total == 0 {
		p.miss("memory", fmt.Errorf("%s has no MemTotal", path), "")
		return
	}
	whole := float64(total) * kiB
	available, known := in["MemAvailable"]
	if !known {
		p.miss("available memory", errors.New("kernels before 3.14 do not tell"), "")
	}
	left := float64(available) * kiB
	if limit := p.limits.memory; limit != nil && float64(limit.bytes) < whole {
		whole = float64(limit.bytes)
		if free, ok := p.leftBelow(limit); ok && free < left {
			left = free
		}
		left = math.Min(left, whole)
	}
	p.put("mem.total", "", whole)
	if known {
		p.put("mem.available", "", left)
	}
	put := func(metric, name string) {
		if n, ok := in[name]; ok {
			p.put(metric, "", float64(n)*kiB)
		}
	}
	put("mem.free", "MemFree")
	put("mem.cached", "Cached")
	put("mem.dirty", "Dirty")
	put("mem.swap_total", "SwapTotal")
	if swap, ok := in["SwapTotal"]; ok {
		p.put("mem.swap_used", "", float64(swap-min(in["SwapFree"], swap))*kiB)
	}
	if pages, ok := in["HugePages_Total"]; ok {
		p.put("mem.huge_pages", "", float64(pages)*float64(in["Hugepagesize"])*kiB)
		p.put("mem.huge_pages_free", "", float64(in["HugePages_Free"])*float64(in["Hugepagesize"])*kiB)
	}
}

// readPaging reads from /proc/vmstat what went to and came from swap, and who was killed.
func readPaging(p *pass) {
	text, err := p.read(p.inProc("vmstat"))
	if err != nil {
		p.miss("swapping and OOM kills", err, "")
		return
	}
	kills := false
	pairs(text, func(name []byte, n uint64) {
		switch string(name) {
		case "pswpin":
			p.rate("mem.swap_in", "", n, pageSize)
		case "pswpout":
			p.rate("mem.swap_out", "", n, pageSize)
		case "oom_kill":
			kills = true
			p.rate("mem.oom_kills", "", n, 1)
		}
	})
	if !kills {
		p.miss("OOM kills", errors.New("kernels before 4.13 do not count them"), "dmesg -T | grep -i 'killed process'")
	}
}

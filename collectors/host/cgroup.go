package host

import (
	"bytes"
	"path/filepath"
	"strconv"
	"strings"
)

// limits are what the cgroups of our own process allow, the tightest of each kind up to the root.
type limits struct {
	quota  float64 // cores; 0 without one
	cpus   int     // that the cpuset has; 0 when not known
	memory *memoryLimit
	// throttled is the cpu.stat of the cgroup with the tightest quota; "" without a quota.
	throttled string
}

// A memoryLimit is the tightest limit and where its use stands.
type memoryLimit struct {
	bytes      uint64
	used, stat string // files
	inactive   string // name of the reclaimable part in stat
}

// cores returns how many cores may be used of those that are online.
func (l *limits) cores(online int) float64 {
	n := float64(online)
	if l.cpus > 0 {
		n = min(n, float64(l.cpus))
	}
	if l.quota > 0 {
		n = min(n, l.quota)
	}
	return n
}

// A hierarchy is one mounted tree of cgroups and our place in it.
type hierarchy struct {
	mount, dir  string // directories below the roots
	v2          bool
	controllers string // of v1, with commas around each
}

// readLimits looks for quotas, sets and limits from our own cgroup up to the root of its tree.
func readLimits(p *pass) {
	trees, err := p.hierarchies("self")
	if err != nil {
		p.miss("cgroup limits", err, "")
		return
	}
	p.limits = p.limitsIn(trees)
}

// limitsIn looks from the cgroups of a process up to the root of each tree.
func (p *pass) limitsIn(trees []hierarchy) (l limits) {
	for _, t := range trees {
		for dir := t.dir; ; dir = filepath.Dir(dir) {
			p.limitsOf(&l, t, dir)
			if dir == t.mount || len(dir) <= len(t.mount) {
				break
			}
		}
	}
	return l
}

func (p *pass) limitsOf(l *limits, t hierarchy, dir string) {
	has := func(controller string) bool { return t.v2 || strings.Contains(t.controllers, ","+controller+",") }
	if has("cpu") {
		if quota, ok := p.quota(t.v2, dir); ok && (l.quota == 0 || quota < l.quota) {
			l.quota, l.throttled = quota, filepath.Join(dir, "cpu.stat")
		}
	}
	if has("cpuset") {
		name := "cpuset.cpus.effective"
		if !t.v2 {
			name = "cpuset.effective_cpus"
		}
		if list, ok := p.word(filepath.Join(dir, name)); ok {
			if n := cpuList(list); n > 0 && (l.cpus == 0 || n < l.cpus) {
				l.cpus = n
			}
		}
	}
	if has("memory") {
		m := memoryLimit{used: "memory.current", stat: "memory.stat", inactive: "inactive_file"}
		name := "memory.max"
		if !t.v2 {
			name, m.used, m.inactive = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
		}
		// "max" is no number, and v1 writes a number near 2^63 for no limit: both bound nothing.
		n, ok := p.count(filepath.Join(dir, name))
		if ok && n < 1<<62 && (l.memory == nil || n < l.memory.bytes) {
			m.bytes, m.used, m.stat = n, filepath.Join(dir, m.used), filepath.Join(dir, m.stat)
			l.memory = &m
		}
	}
}

// quota returns the cores that a cgroup may use; ok is false without a quota.
func (s *Sampler) quota(v2 bool, dir string) (cores float64, ok bool) {
	var of [2]uint64 // quota and period, µs
	if v2 {
		text, err := s.read(filepath.Join(dir, "cpu.max"))
		if err != nil || numbers(text, of[:]) != 2 {
			return 0, false // "max 100000"
		}
	} else {
		var ok1, ok2 bool
		of[0], ok1 = s.count(filepath.Join(dir, "cpu.cfs_quota_us")) // -1 is none
		of[1], ok2 = s.count(filepath.Join(dir, "cpu.cfs_period_us"))
		if !ok1 || !ok2 {
			return 0, false
		}
	}
	if of[0] == 0 || of[1] == 0 {
		return 0, false
	}
	return float64(of[0]) / float64(of[1]), true
}

// hierarchies finds the mounted trees and the place of a process in each. A container may see its own
// part only: the root of the mount is then a part of the path.
func (s *Sampler) hierarchies(pid string) ([]hierarchy, error) {
	text, err := s.read(s.inProc(pid + "/cgroup"))
	if absent(err) {
		return nil, nil // a kernel without cgroups
	}
	if err != nil {
		return nil, err
	}
	paths := map[string]string{} // by list of controllers, "" is v2
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimRight(line, "\n"), ":", 3)
		if len(parts) == 3 {
			paths[parts[1]] = parts[2]
		}
	}
	text, err = s.read(s.inProc("self/mountinfo"))
	if err != nil {
		return nil, err
	}
	var out []hierarchy
	for line := range bytes.Lines(text) {
		m, ok := parseMount(line)
		if !ok || m.kind != "cgroup" && m.kind != "cgroup2" {
			continue
		}
		t := hierarchy{mount: s.at(m.point), v2: m.kind == "cgroup2"}
		own, have := paths[""]
		if !t.v2 {
			own, have = "", false
			options := "," + m.super + ","
			for list, path := range paths {
				if named(list, options) {
					own, have, t.controllers = path, true, ","+list+","
				}
			}
		}
		if !have {
			continue
		}
		if rest, inside := strings.CutPrefix(own, m.root); inside && m.root != "/" {
			own = rest
		}
		if strings.Contains(own, "..") { // outside of our namespace
			own = ""
		}
		t.dir = filepath.Join(t.mount, own)
		out = append(out, t)
	}
	return out, nil
}

// named reports whether the options of a mount name every controller of a list.
func named(list, options string) bool {
	if list == "" {
		return false
	}
	for c := range strings.SplitSeq(list, ",") {
		if !strings.Contains(options, ","+c+",") {
			return false
		}
	}
	return true
}

// cpuList counts the cores of a list such as "0-3,8"; 0 when it is none.
func cpuList(list string) int {
	n := 0
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(part, "-")
		a, err1 := strconv.ParseUint(from, 10, 16)
		b, err2 := a, error(nil)
		if isRange {
			b, err2 = strconv.ParseUint(to, 10, 16)
		}
		if err1 != nil || err2 != nil || b < a {
			return 0
		}
		n += int(b-a) + 1
	}
	return n
}

// readThrottling reads in which part of its periods the quota ran out.
func readThrottling(p *pass) {
	if p.limits.throttled == "" {
		return
	}
	if err := p.throttling("cpu.throttled", "", p.limits.throttled); err != nil {
		p.miss("throttling", err, "")
	}
}

// throttling puts the part of its periods in which the quota of a cgroup ran out, as its cpu.stat says.
func (p *pass) throttling(metric, instance, file string) error {
	text, err := p.read(file)
	if err != nil {
		return err
	}
	var periods, throttled uint64
	pairs(text, func(name []byte, n uint64) {
		switch string(name) {
		case "nr_periods":
			periods = n
		case "nr_throttled":
			throttled = n
		}
	})
	all, _, ok1 := p.grown(metric+" periods", instance, periods)
	some, _, ok2 := p.grown(metric, instance, throttled)
	if !ok1 || !ok2 {
		return nil
	}
	// Without a period nothing ran, and nothing was held back.
	share := 0.0
	if all > 0 {
		share = min(some/all, 1)
	}
	p.put(metric, instance, share)
	return nil
}

// leftBelow returns what may still be had below a limit: page cache that nobody uses is given back.
func (s *Sampler) leftBelow(l *memoryLimit) (left float64, ok bool) {
	used, ok := s.count(l.used)
	if !ok {
		return 0, false
	}
	text, err := s.read(l.stat)
	if err != nil {
		return 0, false
	}
	var inactive uint64
	pairs(text, func(name []byte, n uint64) {
		if string(name) == l.inactive {
			inactive = n
		}
	})
	used -= min(used, inactive)
	return float64(l.bytes - min(used, l.bytes)), true
}

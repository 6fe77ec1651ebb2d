package host

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"time"
)

// A container is what the cgroups of a part of a web system allow it, where they are not our own.
type container struct {
	program string
	limits  limits
}

// containersEvery is how often it is looked which programs run in which cgroups.
const containersEvery = 10 * time.Second

// readContainers reads the limits of database, web server, cache and application, as they are seen from
// outside of their containers. Of several processes of a program the first counts.
func readContainers(p *pass) {
	if p.since >= p.containersDue {
		p.containersDue = p.since + containersEvery
		p.containers = p.findContainers()
	}
	for i := range p.containers {
		c := &p.containers[i]
		if c.limits.quota > 0 {
			p.put("process.cores_allowed", c.program, c.limits.quota)
			_ = p.throttling("process.throttled", c.program, c.limits.throttled) // it has just ended
		}
		if m := c.limits.memory; m != nil {
			if left, ok := p.leftBelow(m); ok {
				p.put("process.memory_allowed", c.program, float64(m.bytes))
				p.put("process.memory_left", c.program, left)
			}
		}
	}
}

func (p *pass) findContainers() []container {
	own, err := p.read(p.inProc("self/cgroup"))
	if err != nil {
		return nil // a kernel without cgroups, or what was said of our own
	}
	own = bytes.Clone(own)
	var parts []*process
	for _, q := range p.processes.known {
		if kindOf(q.program) != "" {
			parts = append(parts, q)
		}
	}
	slices.SortFunc(parts, func(a, b *process) int {
		return cmp.Or(cmp.Compare(a.program, b.program), cmp.Compare(a.PID, b.PID))
	})
	var out []container
	for i, q := range parts {
		if i > 0 && parts[i-1].program == q.program {
			continue
		}
		pid := strconv.FormatInt(q.PID, 10)
		if text, err := p.read(p.inProc(pid + "/cgroup")); err != nil || bytes.Equal(text, own) {
			continue // ended, or bounded as we are
		}
		trees, err := p.hierarchies(pid)
		if err != nil {
			continue
		}
		l := p.limitsIn(trees)
		if l.quota == p.limits.quota && l.throttled == p.limits.throttled {
			l.quota = 0 // a quota of us both, which is told already
		}
		if m, ours := l.memory, p.limits.memory; m != nil && ours != nil && m.used == ours.used {
			l.memory = nil
		}
		if l.quota > 0 || l.memory != nil {
			out = append(out, container{q.program, l})
		}
	}
	return out
}

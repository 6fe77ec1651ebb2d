package host

import (
	"cmp"
	"os"
	"slices"
	"strconv"
)

const (
	// busyEnough is what a process other than a database must use for a look at its threads.
	busyEnough = 0.5
	maxThreads = 4096
)

// readThreads finds the busiest thread of each database server, and of the busiest process: one core
// that is full while others idle is one thread at its end.
func readThreads(p *pass) {
	var look []*process
	var busiest *process
	for _, q := range p.processes.known {
		switch {
		case q.kernel:
		case kindOf(q.program) == "database":
			look = append(look, q)
		case q.CPU >= busyEnough && (busiest == nil || q.CPU > busiest.CPU):
			busiest = q
		}
	}
	if busiest != nil {
		look = append(look, busiest)
	}
	slices.SortFunc(look, func(a, b *process) int { return cmp.Compare(a.PID, b.PID) })
	most := map[string]float64{}
	for _, q := range look {
		if cores, ok := p.busiestThread(q); ok {
			q.BusiestCore = cores
			most[q.program] = max(most[q.program], cores)
		}
	}
	for name, cores := range most {
		p.put("process.busiest_thread", name, cores)
	}
}

// busiestThread returns the cores that the busiest thread used since it was last asked.
func (p *pass) busiestThread(q *process) (cores float64, ok bool) {
	dir := p.ofProcess(q, "task")
	f, err := os.Open(dir)
	if err != nil {
		return 0, false
	}
	names, err := f.Readdirnames(maxThreads)
	f.Close()
	if err != nil {
		return 0, false
	}
	before, seconds := q.threads, (p.since - q.threadsAt).Seconds()
	q.threads, q.threadsAt = make(map[string]uint64, len(names)), p.since
	var most uint64
	for _, name := range names {
		if _, err := strconv.ParseUint(name, 10, 32); err != nil {
			continue
		}
		text, err := p.read(dir + "/" + name + "/stat")
		if err != nil {
			continue // it has ended
		}
		st, parsed := parseStat(text)
		if !parsed {
			continue
		}
		q.threads[name] = st.ticks
		// A thread that is new did all its work since.
		most = max(most, st.ticks-min(before[name], st.ticks))
	}
	if before == nil || seconds <= 0 {
		return 0, false
	}
	return min(float64(most)/userHZ/seconds, 1), true
}

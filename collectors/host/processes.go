package host

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"dbtriage/collectors"
)

// processes is what is kept of the processes between rounds.
type processes struct {
	known map[int64]*process
	round int
	since time.Duration        // of the last round
	list  []collectors.Process // as last read, and never changed again
}

// A process is one that was seen in the last round.
type process struct {
	collectors.Process
	program string // its name in the series
	start   uint64 // in ticks since boot: a number used again is another process
	round   int
	ticks   uint64
	active  bool // used a tick since the round before, or waits for a disk
	kernel  bool // a thread of the kernel

	detailed  bool
	refreshAt int // round in which what changes slowly is read anew
	io        ioCount
	threads   map[string]uint64 // ticks by thread
	threadsAt time.Duration
}

const (
	// userHZ is the tick of /proc on every machine that servers are made of.
	userHZ       = 100
	maxProcesses = 65_536
)

var pageSize = float64(os.Getpagesize())

// readProcesses reads one file of every process, and more of those that matter.
func readProcesses(p *pass) {
	dir, err := os.Open(p.proc)
	if err != nil {
		p.miss("processes", err, "")
		return
	}
	names, err := dir.Readdirnames(-1) // in no order and without a look at each, unlike os.ReadDir
	dir.Close()
	if err != nil {
		p.miss("processes", err, "")
		return
	}
	ps := &p.processes
	ps.round++
	seconds := (p.since - ps.since).Seconds()
	var all []*process
	for _, name := range names {
		pid, err := strconv.ParseInt(name, 10, 32)
		if err != nil || pid <= 0 {
			continue
		}
		if len(all) == maxProcesses {
			p.miss("some processes", fmt.Errorf("there are more than %d", maxProcesses), "")
			break
		}
		if q := p.process(pid, name, seconds); q != nil {
			all = append(all, q)
		}
	}
	ps.since = p.since
	for pid, q := range ps.known {
		if q.round != ps.round {
			delete(ps.known, pid)
		}
	}
	if len(all) == 0 {
		p.miss("processes", fmt.Errorf("%s lists none", p.proc), "")
		return
	}
	if ps.known[1] == nil {
		p.miss("processes of others", errors.New("/proc hides them (hidepid)"), "run it as root: sudo dbtriage")
	}
	p.traffic(all)
	chosen := choose(all)
	p.detail(chosen)
	p.putPrograms(all)
	ps.list = make([]collectors.Process, len(chosen))
	for i, q := range chosen {
		ps.list[i] = q.Process
	}
}

// process reads /proc/PID/stat; nil when the process has ended.
func (p *pass) process(pid int64, dir string, seconds float64) *process {
	text, err := p.read(p.proc + "/" + dir + "/stat")
	if err != nil {
		return nil
	}
	st, ok := parseStat(text)
	if !ok {
		return nil
	}
	ps := &p.processes
	q := ps.known[pid]
	if fresh := q == nil || q.start != st.start; fresh {
		q = newProcess(pid, st)
		ps.known[pid] = q
		// One that began since the round before did all its work since.
		if ps.round > 1 && seconds > 0 {
			q.CPU = float64(st.ticks) / userHZ / seconds
		}
		q.active = true
	} else if seconds > 0 {
		ticks := st.ticks - min(q.ticks, st.ticks)
		q.CPU = float64(ticks) / userHZ / seconds
		q.active = ticks > 0 || st.state == 'D'
	}
	if q.Name != string(st.name) { // it may take another name, and another program
		q.Name, q.detailed = string(st.name), false
		q.program = programName(q.Name, "")
		if interpreted(q.Name) {
			q.Command = p.command(dir)
			q.program = programName(q.Name, q.Command)
		}
	}
	q.round, q.ticks = ps.round, st.ticks
	q.Parent, q.Threads, q.State = int64(st.parent), int64(st.threads), string(st.state)
	q.Memory = int64(float64(st.pages) * pageSize)
	return q
}

func newProcess(pid int64, st stat) *process {
	const unknown = collectors.Unknown
	return &process{start: st.start, kernel: st.flags&kernelThread != 0, Process: collectors.Process{
		PID: pid, CPU: float64(unknown), Swapped: unknown, ReadBytes: float64(unknown), WriteBytes: float64(unknown),
		OpenFiles: unknown, FilesLimit: unknown, BusiestCore: float64(unknown),
	}}
}

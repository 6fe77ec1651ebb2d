package host

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"dbtriage/collectors"
)

// Of all processes those are listed that use most, and the parts of a web system.
const (
	mostByCPU, mostByMemory, mostByDisk = 20, 20, 10
	mostListed                          = 100
	// slowRounds is after how many rounds open files, limits and swap are read again.
	slowRounds = 10
	maxCommand = 4096
)

// choose returns the processes worth a list, the busiest first.
func choose(all []*process) []*process {
	picked := map[*process]bool{}
	top := func(n int, by func(q *process) float64) {
		slices.SortFunc(all, func(a, b *process) int {
			return cmp.Or(cmp.Compare(by(b), by(a)), cmp.Compare(a.PID, b.PID))
		})
		for _, q := range all[:min(n, len(all))] {
			if by(q) > 0 {
				picked[q] = true
			}
		}
	}
	top(mostByDisk, func(q *process) float64 { return max(q.ReadBytes, 0) + max(q.WriteBytes, 0) })
	top(mostByMemory, func(q *process) float64 { return float64(q.Memory) })
	top(mostByCPU, func(q *process) float64 { return q.CPU })
	var out []*process
	for _, q := range all { // in the order of the last sort
		if picked[q] || kindOf(q.program) != "" {
			out = append(out, q)
		}
	}
	return out[:min(len(out), mostListed)]
}

// An ioCount is what a process moved to and from storage when it was last read.
type ioCount struct {
	read, written uint64
	since         time.Duration
	known         bool
}

// traffic reads what the processes moved that did anything: a process that moves much uses ticks or
// waits for the disk.
func (p *pass) traffic(all []*process) {
	var denied error
	for _, q := range all {
		if q.kernel || !q.active && kindOf(q.program) == "" {
			q.ReadBytes, q.WriteBytes = quiet(q.ReadBytes), quiet(q.WriteBytes)
			continue
		}
		text, err := p.read(p.ofProcess(q, "io"))
		if err != nil {
			if errors.Is(err, fs.ErrPermission) {
				denied = err
			}
			continue
		}
		now := ioCount{since: p.since, known: true}
		pairs(text, func(name []byte, n uint64) {
			switch string(name) {
			case "read_bytes":
				now.read = n
			case "write_bytes":
				now.written = n
			}
		})
		if seconds := (now.since - q.io.since).Seconds(); q.io.known && seconds > 0 {
			q.ReadBytes = float64(now.read-min(q.io.read, now.read)) / seconds
			q.WriteBytes = float64(now.written-min(q.io.written, now.written)) / seconds
		}
		q.io = now
	}
	if denied != nil {
		p.miss("disk I/O of other users' processes", denied, "")
	}
}

// quiet is the rate of a process that did nothing: none, where it is known at all.
func quiet(rate float64) float64 { return min(rate, 0) }

func (p *pass) ofProcess(q *process, file string) string {
	return p.proc + "/" + strconv.FormatInt(q.PID, 10) + "/" + file
}

// detail reads what a list tells of a process beside its stat.
func (p *pass) detail(chosen []*process) {
	var deniedFiles, deniedMaps error
	for _, q := range chosen {
		if q.kernel {
			continue
		}
		if !q.detailed {
			q.detailed = true
			if q.Command == "" {
				q.Command = p.command(strconv.FormatInt(q.PID, 10))
			}
			q.User = p.user(q)
			if kind := kindOf(q.program); kind == "database" || kind == "web" {
				err := p.allocator(q)
				if errors.Is(err, fs.ErrPermission) {
					deniedMaps = err
				}
			}
		}
		if p.processes.round < q.refreshAt {
			continue
		}
		// Not all in one round: the numbers spread them.
		q.refreshAt = p.processes.round + slowRounds + int(q.PID%slowRounds)/2
		q.Swapped = p.swapped(q)
		q.FilesLimit = p.filesLimit(q)
		n, err := openFiles(p.ofProcess(q, "fd"))
		if errors.Is(err, fs.ErrPermission) {
			deniedFiles = err
		}
		q.OpenFiles = n
	}
	if deniedFiles != nil {
		p.denied.files = deniedFiles
	}
	if deniedMaps != nil {
		p.denied.maps = deniedMaps
	}
	if err := p.denied.files; err != nil {
		p.miss("open files of other users' processes", err, "")
	}
	if err := p.denied.maps; err != nil {
		p.miss("malloc library of other users' processes", err, "")
	}
}

// denied is what was refused once and is not asked in every round.
type denied struct{ files, maps error }

// command returns the command line of a process, its arguments apart by blanks.
func (p *pass) command(dir string) string {
	text, err := p.read(p.proc + "/" + dir + "/cmdline")
	if err != nil {
		return ""
	}
	text = bytes.TrimRight(text, "\x00")
	return strings.ToValidUTF8(strings.ReplaceAll(string(text[:min(len(text), maxCommand)]), "\x00", " "), "\uFFFD")
}

func (p *pass) user(q *process) string {
	info, err := os.Stat(p.ofProcess(q, ""))
	if err != nil {
		return ""
	}
	uid, ok := owner(info)
	if !ok {
		return ""
	}
	if name := p.userName(uid); name != "" {
		return name
	}
	return strconv.FormatInt(uid, 10)
}

func (p *pass) swapped(q *process) int64 {
	text, err := p.read(p.ofProcess(q, "status"))
	if err != nil {
		return collectors.Unknown
	}
	swapped := collectors.Unknown
	pairs(text, func(name []byte, n uint64) {
		if string(name) == "VmSwap" {
			swapped = int64(n) * kiB
		}
	})
	return swapped
}

// filesLimit returns the soft limit of open files; Unknown when it cannot be read or there is none.
func (p *pass) filesLimit(q *process) int64 {
	text, err := p.read(p.ofProcess(q, "limits"))
	if err != nil {
		return collectors.Unknown
	}
	_, rest, ok := bytes.Cut(text, []byte("Max open files"))
	w, _ := field(rest)
	n, isNumber := number(w)
	if !ok || !isNumber {
		return collectors.Unknown
	}
	return int64(n)
}

// openFiles counts the entries of a directory of open files. Since Linux 6.2 its size is their number.
func openFiles(dir string) (int64, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return collectors.Unknown, err
	}
	f, err := os.Open(dir)
	if err != nil {
		return collectors.Unknown, err
	}
	defer f.Close()
	if info.Size() > 0 && info.Size() < 4096 {
		return info.Size(), nil
	}
	names, err := f.Readdirnames(-1)
	if err != nil {
		return collectors.Unknown, err
	}
	return int64(len(names)), nil
}

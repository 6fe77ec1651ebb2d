package session

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// An ownMeter measures what the program takes itself.
type ownMeter struct {
	cpu  time.Duration
	wall time.Time
	last float64
}

// leastMeasured is the shortest time over which the use of the processor says something: a key that is
// answered takes all of a core for some milliseconds.
const leastMeasured = 900 * time.Millisecond

// measure returns the cost over the last second or so; the first says nothing of the processor.
func (m *ownMeter) measure(now time.Time) OwnCost {
	var u syscall.Rusage
	cost := OwnCost{Memory: residentBytes(), CPU: m.last}
	if !m.wall.IsZero() && now.Sub(m.wall) < leastMeasured {
		return cost
	}
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return cost
	}
	cpu := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	if wall := now.Sub(m.wall); !m.wall.IsZero() && wall > 0 {
		cost.CPU = float64(cpu-m.cpu) / float64(wall)
	}
	m.cpu, m.wall, m.last = cpu, now, cost.CPU
	return cost
}

// residentBytes returns the resident memory of the program; 0 where the system does not tell.
func residentBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// worked runs do and returns the processor time that it took; where the system does not tell that of
// one thread, the time it took.
func worked(do func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := time.Now()
	before, ok := threadTime()
	do()
	after, _ := threadTime()
	if !ok {
		return time.Since(start)
	}
	return after - before
}

package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// A meter tells how much of the host's processors others used than the incident: beside strangers at
// work a diagnosis rightly says other things.
type meter struct {
	at        time.Time
	busy, own float64 // seconds of processor time so far
}

// ticks is how many clock ticks /proc counts a second (USER_HZ, the same on all of Linux's ABIs).
const ticks = 100

func (s *Stage) meter() meter {
	m := meter{at: time.Now(), busy: busySeconds()}
	for _, pid := range append(s.procs.pids(), os.Getpid()) {
		m.own += processSeconds(pid)
	}
	return m
}

// others is how many cores strangers used between two readings; negative when it cannot be told.
func (m meter) others(since meter) float64 {
	if m.busy == 0 || since.busy == 0 {
		return -1
	}
	return max(0, ((m.busy-since.busy)-(m.own-since.own))/m.at.Sub(since.at).Seconds())
}

// busySeconds is the time that all processors worked since boot, waiting and steal left out.
func busySeconds() float64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	var sum float64
	for i, f := range bytes.Fields(line) {
		switch i {
		case 1, 2, 3, 6, 7: // user nice system irq softirq
			n, _ := strconv.ParseFloat(string(f), 64)
			sum += n
		}
	}
	return sum / ticks
}

// processSeconds is the time that a process worked; 0 when it is gone.
func processSeconds(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(text, []byte(") ")) // the name before may hold blanks
	fields := bytes.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(string(fields[11]), 64)
	system, _ := strconv.ParseFloat(string(fields[12]), 64)
	return (user + system) / ticks
}

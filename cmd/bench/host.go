package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"dbtriage/collectors/host"
)

// What collecting a host costs is measured in a process of its own, so that nothing else is counted.
const (
	hostTitle    = "own cost of collecting the host"
	hostSeconds  = 20
	hostInterval = time.Second
	// moreProcesses is what the machine gets for the second measurement: idle ones, as most are.
	moreProcesses = 500
)

// A hostCost is what hostSeconds of collection took.
type hostCost struct {
	Seconds   float64
	CPU       float64 // seconds
	RSS       int64   // KiB, at the most
	Readings  int
	Samples   int // of the last reading
	Processes int // on the machine
}

// benchHost prints what reading all of the host each second takes.
func benchHost(w io.Writer) error {
	fmt.Fprintf(w, "%s, all probes each %v, for %d s\n", hostTitle, hostInterval, hostSeconds)
	fmt.Fprintf(w, "%-28s %12s %10s %10s\n", "", "% of a core", "peak RSS", "samples")
	for _, more := range []int{0, moreProcesses} {
		cost, err := costOfHost(more)
		if err != nil {
			return fmt.Errorf("cost of collecting the host: %w", err)
		}
		fmt.Fprintf(w, "%-28s %12.2f %7.0f MB %10d\n", fmt.Sprintf("%d processes", cost.Processes), 100*cost.CPU/cost.Seconds, float64(cost.RSS)/1024, cost.Samples)
	}
	fmt.Fprintln(w)
	return nil
}

// costOfHost has a child collect while so many more processes sleep.
func costOfHost(more int) (cost hostCost, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), (hostSeconds+30)*time.Second)
	defer cancel()
	var sleepers []*exec.Cmd
	defer func() {
		cancel()
		for _, s := range sleepers {
			_ = s.Wait()
		}
	}()
	for range more {
		s := exec.CommandContext(ctx, "sleep", "3600")
		if err := s.Start(); err != nil {
			return cost, err
		}
		sleepers = append(sleepers, s)
	}
	self, err := os.Executable()
	if err != nil {
		return cost, err
	}
	out, err := exec.CommandContext(ctx, self, "-collect-host").Output()
	if err != nil {
		return cost, err
	}
	return cost, json.Unmarshal(out, &cost)
}

// collectHost is the child: it collects and prints what that took.
func collectHost(w io.Writer) error {
	var cost hostCost
	sampler := host.New(host.Options{})
	start, before := time.Now(), ownTime()
	tick := time.NewTicker(hostInterval)
	defer tick.Stop()
	for now := range tick.C {
		r, err := sampler.Read(context.Background(), now)
		if err != nil {
			return err
		}
		cost.Readings, cost.Samples = cost.Readings+1, len(r.Samples)
		if cost.Readings == hostSeconds {
			break
		}
	}
	cost.Seconds, cost.CPU = time.Since(start).Seconds(), (ownTime() - before).Seconds()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return err
	}
	cost.RSS = int64(use.Maxrss)
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if c := e.Name()[0]; c >= '0' && c <= '9' {
			cost.Processes++
		}
	}
	return json.NewEncoder(w).Encode(cost)
}

func ownTime() time.Duration {
	var use syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &use)
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

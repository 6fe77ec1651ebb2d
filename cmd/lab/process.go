package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Processes are what an incident has started. Each runs in a group of its own and dies with us.
type Processes struct {
	Nice    int        // of what is started; below 0 only root may
	Zone    string     // of their clocks
	mu      sync.Mutex // faults start processes beside the rest
	running []*process
}

type process struct {
	name string
	cmd  *exec.Cmd
	done chan struct{}
	err  error // once done is closed
}

// Start starts a program; its output goes to out, which may be nil.
func (p *Processes) Start(name string, out io.Writer, program string, args ...string) (*process, error) {
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = ownGroup()
	cmd.Env = environment(p.Zone)
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if p.Nice != 0 {
		if err := renice(cmd.Process.Pid, p.Nice); err != nil {
			fmt.Fprintf(os.Stderr, "lab: warning: niceness of %s: %v\n", name, err)
		}
	}
	proc := &process{name: name, cmd: cmd, done: make(chan struct{})}
	go func() {
		proc.err = cmd.Wait()
		close(proc.done)
	}()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = append(p.running, proc)
	return proc, nil
}

// environment is that of a host in a zone, whatever ours is.
func environment(zone string) []string {
	return append(os.Environ(), "TZ="+zone, "LC_ALL=C", "S_TIME_FORMAT=ISO")
}

// renice sets the niceness of a process and of the session it shares: with autogroups Linux weighs
// sessions against each other and niceness only counts inside of one.
func renice(pid, nice int) error {
	if err := syscall.Setpriority(syscall.PRIO_PGRP, pid, nice); err != nil {
		return err
	}
	err := os.WriteFile(fmt.Sprintf("/proc/%d/autogroup", pid), []byte(strconv.Itoa(nice)), 0)
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, os.ErrNotExist) {
		return nil // asked too often, or there are none
	}
	return err
}

// Stop asks a process to end and kills its group when it does not within ten seconds.
func (p *process) Stop(sig syscall.Signal) {
	select {
	case <-p.done:
		return // its id may be another's by now
	default:
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, sig)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
}

// StopAll ends everything, the last started first.
func (p *Processes) StopAll() {
	p.mu.Lock()
	all := p.running
	p.running = nil
	p.mu.Unlock()
	for _, proc := range slices.Backward(all) {
		proc.Stop(syscall.SIGTERM)
	}
}

// pids are those of what has been started.
func (p *Processes) pids() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []int
	for _, proc := range p.running {
		out = append(out, proc.cmd.Process.Pid)
	}
	return out
}

// errEnded is what waiting for a server gives when its process is gone.
var errEnded = errors.New("ended before it was ready")

// wait polls until ready or the process has ended.
func (p *process) wait(limit time.Duration, ready func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s: %w (%v)", p.name, errEnded, p.err)
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: not ready after %s: %w", p.name, limit, err)
		}
	}
}

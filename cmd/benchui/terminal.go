package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"

	"dbtriage/ui/termout/emulate"
)

// clockTick is the unit of processor times in /proc, 100 a second on every Linux.
const clockTick = 10 * time.Millisecond

// A running is a program on a pseudo terminal.
type running struct {
	cmd    *exec.Cmd
	master *os.File
	start  time.Time

	mu    sync.Mutex
	bytes int
	term  *emulate.Terminal
}

func startOn(args []string, width, height int) (*running, error) {
	r := &running{cmd: exec.Command(args[0], args[1:]...), start: time.Now(), term: emulate.New(width, height)}
	r.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "CI=")
	master, err := pty.StartWithSize(r.cmd, &pty.Winsize{Rows: uint16(height), Cols: uint16(width)})
	if err != nil {
		return nil, err
	}
	r.master = master
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := master.Read(buf)
			if err != nil {
				return
			}
			r.mu.Lock()
			r.bytes += n
			_, _ = r.term.Write(buf[:n])
			r.mu.Unlock()
		}
	}()
	return r, nil
}

func (r *running) written() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bytes
}

func (r *running) waitFor(text string, most time.Duration) (time.Duration, error) {
	return r.waitForMatch(regexp.MustCompile(regexp.QuoteMeta(text)), most)
}

// waitForMatch returns how long after the start the screen has shown what matches.
func (r *running) waitForMatch(text *regexp.Regexp, most time.Duration) (time.Duration, error) {
	for time.Since(r.start) < most {
		r.mu.Lock()
		found := text.MatchString(r.term.Text())
		r.mu.Unlock()
		if found {
			return time.Since(r.start), nil
		}
		time.Sleep(time.Millisecond)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return 0, fmt.Errorf("%q was not shown after %v:\n%s", text, most, r.term.Text())
}

func (r *running) key(k string) { _, _ = r.master.WriteString(k) }

// cpu is the processor time taken so far.
func (r *running) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * clockTick
}

// memory is the resident memory in bytes.
func (r *running) memory() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", r.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

func (r *running) alive() bool { return r.cmd.Process.Signal(syscall.Signal(0)) == nil }

func (r *running) end() {
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func() { _ = r.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(3 * time.Second):
		_ = r.cmd.Process.Kill()
	}
	r.master.Close()
}

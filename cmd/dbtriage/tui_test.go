package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"dbtriage/ui/termout/emulate"
)

// built is the program as users run it: what happens before main counts too.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "dbtriage-tui")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "dbtriage")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", &exec.Error{Name: string(out), Err: err}
	}
	return path, nil
})

// A terminalRun is the program on a pseudo terminal that answers no queries, and what it shows.
type terminalRun struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	slave  *os.File
	before *term.State

	mu    sync.Mutex
	term  *emulate.Terminal
	raw   []byte
	ended chan error
}

// onPTY starts the program; the terminal answers nothing that it is asked.
func onPTY(t *testing.T, width, height int, args ...string) *terminalRun {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return programOnPTY(t, width, height, path, args...)
}

func programOnPTY(t *testing.T, width, height int, path string, args ...string) *terminalRun {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	if err := pty.Setsize(slave, &pty.Winsize{Rows: uint16(height), Cols: uint16(width)}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(int(slave.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	r := &terminalRun{t: t, master: master, slave: slave, before: before, term: emulate.New(width, height), ended: make(chan error, 1)}
	r.cmd = exec.Command(path, args...)
	r.cmd.Stdin, r.cmd.Stdout, r.cmd.Stderr = slave, slave, slave
	r.cmd.Dir = t.TempDir()
	r.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8", "LC_ALL=", "CI=", "NO_COLOR=", "TMUX=")
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go r.read()
	go func() { r.ended <- r.cmd.Wait() }()
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		master.Close()
		slave.Close()
	})
	return r
}

func (r *terminalRun) read() {
	buf := make([]byte, 32<<10)
	for {
		n, err := r.master.Read(buf)
		if err != nil {
			return
		}
		r.mu.Lock()
		r.raw = append(r.raw, buf[:n]...)
		_, _ = r.term.Write(buf[:n])
		r.mu.Unlock()
	}
}

func (r *terminalRun) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.term.Text()
}

// written is how many bytes have come so far.
func (r *terminalRun) written() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.raw)
}

// largestFrame is how many bytes the largest frame so far has.
func (r *terminalRun) largestFrame() (most int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for frame := range bytes.SplitSeq(r.raw, []byte("\x1b[?2026h")) {
		most = max(most, len(frame))
	}
	return most
}

// waitFor waits until the screen shows text.
func (r *terminalRun) waitFor(text string) {
	r.t.Helper()
	for end := time.Now().Add(30 * time.Second); !strings.Contains(r.text(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("%q is not shown:\n%s", text, r.text())
		}
	}
}

// waitSent waits until text has come behind the first bytes.
func (r *terminalRun) waitSent(behind int, text string) {
	r.t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		r.mu.Lock()
		sent := r.raw[behind:]
		ok := bytes.Contains(sent, []byte(text))
		r.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(end) {
			r.t.Fatalf("%q does not come: %q", text, sent)
		}
	}
}

func (r *terminalRun) keys(keys string) {
	r.t.Helper()
	if _, err := r.master.WriteString(keys); err != nil {
		r.t.Fatal(err)
	}
}

// wait waits for the end of the program and returns its exit code.
func (r *terminalRun) wait() int {
	r.t.Helper()
	select {
	case <-r.ended:
		return r.cmd.ProcessState.ExitCode()
	case <-time.After(30 * time.Second):
		r.t.Fatalf("it does not end; it shows\n%s", r.text())
		return -1
	}
}

// restored checks that the terminal is as it was before the program.
func (r *terminalRun) restored() {
	r.t.Helper()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		r.mu.Lock()
		ok := !r.term.AltScreen && r.term.CursorShown && !r.term.Paste && !r.term.Mouse
		r.mu.Unlock()
		if ok {
			break
		}
		if time.Now().After(end) {
			r.t.Fatal("a mode of the terminal was not taken back")
		}
	}
	after, err := term.GetState(int(r.slave.Fd()))
	if err != nil {
		r.t.Fatal(err)
	}
	if *after != *r.before {
		r.t.Errorf("the line discipline is %+v, it was %+v", after, r.before)
	}
}

// G1: nothing is asked of the terminal, and one that answers nothing delays nothing: the library's own
// question would wait five seconds. This guards the order of package initialisation too.
func TestSilentTerminal(t *testing.T) {
	if _, err := built(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--version"}, {"demo", "--tui"}} {
		start := time.Now()
		r := onPTY(t, 80, 24, args...)
		if args[0] == "--version" {
			r.waitFor("dbtriage")
			r.wait()
		} else {
			r.waitFor("[1 Verdict]")
			t.Logf("first frame after %v", time.Since(start))
			r.waitFor("DATABASE is at fault")
			r.keys("q")
			r.wait()
		}
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("%v took %v on a terminal that answers nothing", args, took)
		}
		for _, o := range r.term.Other {
			t.Errorf("%v sent %q to the terminal", args, o)
		}
	}
}

// A reader goes through every screen, filters, freezes, opens, exports and quits.
func TestWholeProgram(t *testing.T) {
	r := onPTY(t, 100, 30, "demo", "--tui")
	r.waitFor("DATABASE is at fault")
	for _, step := range []struct{ keys, shows string }{
		{"2", "No figures of a host"}, {"3", "No figures of a server"}, {"4", "QUERIES"}, {"5", "ROUTES"}, {"6", "FINDINGS AND ADVICE"}, {"7", "EVENTS"},
		{"4", "#A3F28DC"},
		{"/kind:write\r", "fit the filter"}, {"\x1b", "start transaction"},
		{"s", "SORT QUERIES BY"}, {"calls\r", "calls▾"}, {"S", "calls▴"},
		{"1\r", "EVIDENCE"}, {"q", "LAYERS"},
		{" ", "FROZEN"}, {"[", "FROZEN"}, {"L", "BATCH"},
		{"m", "baseline"}, {"c", "COMPARED WITH"}, {"\x1b", "LAYERS"},
		{"!", "can this be trusted"}, {"\x1b", "LAYERS"}, {"?", "the same on every screen"}, {"\x1b", "LAYERS"},
		{":timeline\r", "EVENTS"}, {"1", "LAYERS"}, {"i", "WHY Q02"}, {"\x1b", "LAYERS"},
		{"t@onset\r", "FROZEN"}, {"L", "BATCH"}, {"z", "PROOF"}, {"z", "LAYERS"},
		{"y", "OSC 52"}, {"x\x15ticket.md\r", "The report is in ticket.md"},
	} {
		r.keys(step.keys)
		r.waitFor(step.shows)
	}
	r.keys("q")
	if code := r.wait(); code != exitOK {
		t.Errorf("exit %d", code)
	}
	r.restored()
	report, err := os.ReadFile(filepath.Join(r.cmd.Dir, "ticket.md"))
	if err != nil || !strings.HasPrefix(string(report), "# Diagnosis: DATABASE is at fault") || strings.Contains(string(report), "\x1b") {
		t.Errorf("the report: %v\n%.200s", err, report)
	}
	copied := 0
	for _, o := range r.term.Other {
		if strings.HasPrefix(o, "]52;c;") {
			copied++
		} else {
			t.Errorf("it sent %q", o)
		}
	}
	if copied != 1 {
		t.Errorf("the clipboard was written %d times", copied)
	}
}

// G13: however the program ends, the terminal is as it was.
func TestTerminalIsRestored(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(r *terminalRun)
		code int
	}{
		{"Ctrl-C", func(r *terminalRun) { r.keys("\x03") }, exitOK},
		{"SIGTERM", func(r *terminalRun) { _ = r.cmd.Process.Signal(syscall.SIGTERM) }, exitOK},
		{"SIGHUP", func(r *terminalRun) { _ = r.cmd.Process.Signal(syscall.SIGHUP) }, exitOK},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := onPTY(t, 80, 24, "demo", "--tui")
			r.waitFor("DATABASE is at fault")
			c.end(r)
			if code := r.wait(); code != c.code {
				t.Errorf("exit %d:\n%s", code, r.text())
			}
			r.restored()
		})
	}
}

// A terminal that was stopped and resized shows one right frame at the end (G10).
func TestResizes(t *testing.T) {
	r := onPTY(t, 80, 24, "demo", "--tui")
	r.waitFor("DATABASE is at fault")
	for i := range 50 {
		size := pty.Winsize{Rows: uint16(10 + i%30), Cols: uint16(40 + 3*i)}
		if i == 49 {
			size = pty.Winsize{Rows: 40, Cols: 120}
			r.mu.Lock()
			r.term.Resize(120, 40)
			r.mu.Unlock()
		}
		if err := pty.Setsize(r.slave, &size); err != nil {
			t.Fatal(err)
		}
		_ = r.cmd.Process.Signal(syscall.SIGWINCH)
		time.Sleep(20 * time.Millisecond)
	}
	r.waitFor("[1 Verdict] 2 Host")
	r.keys("4")
	r.waitFor("[4 Queries]")
	r.waitFor("y copy")
	r.keys("\x03")
	r.wait()
	r.restored()
}

// G3: a frozen screen costs no bytes.
func TestNothingChangedCostsNothing(t *testing.T) {
	r := onPTY(t, 80, 24, "demo", "--tui")
	r.waitFor("DATABASE is at fault")
	r.keys(" ")
	r.waitFor("FROZEN")
	time.Sleep(300 * time.Millisecond)
	before := r.written()
	time.Sleep(1500 * time.Millisecond)
	if n := r.written() - before; n != 0 {
		t.Errorf("%d bytes were written though nothing changed", n)
	}
	r.keys("q")
	r.wait()
}

// G5: q is handled while the terminal does not read.
func TestQuitOnStalledTerminal(t *testing.T) {
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	defer master.Close()
	defer slave.Close()
	if err := pty.Setsize(slave, &pty.Winsize{Rows: 50, Cols: 200}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "demo", "--tui")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.Env = append(os.Environ(), "TERM=xterm", "LANG=C.UTF-8", "CI=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	time.Sleep(700 * time.Millisecond) // nobody reads: the terminal is full
	for range 30 {
		if _, err := master.WriteString("7456"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	start := time.Now()
	if _, err := master.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
		t.Logf("q ended it after %v", time.Since(start))
	case <-time.After(15 * time.Second):
		_ = cmd.Process.Kill()
		t.Fatal("q is not handled while the terminal does not read")
	}
}

// Without a terminal the UI says what to do instead.
func TestNoTerminal(t *testing.T) {
	var stderr strings.Builder
	if code := run([]string{"demo", "--tui"}, strings.NewReader(""), &strings.Builder{}, &stderr); code != exitUsage || !strings.Contains(stderr.String(), "hint") {
		t.Errorf("exit %d: %s", code, stderr.String())
	}
}

// A program that is stopped, by Ctrl-Z or by a signal, gives the terminal to the shell, and takes it again
// when it goes on. One that could not know that it would be stopped takes it again all the same.
func TestStopsAndGoesOn(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	r := programOnPTY(t, 80, 24, bash, "--norc", "--noprofile", "-i")
	pidFile := filepath.Join(r.cmd.Dir, "pid")
	r.keys("PS1='READY '; sh -c 'echo $$ >pid; exec " + path + " demo --tui'\r")
	r.waitFor("DATABASE is at fault")
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	alternate := func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.term.AltScreen
	}
	for i, c := range []struct {
		name string
		stop func()
		key  string
		show string
	}{
		{"Ctrl-Z", func() { r.keys("\x1a") }, "4", "QUERIES"},
		{"SIGTSTP", func() { _ = syscall.Kill(pid, syscall.SIGTSTP) }, "5", "ROUTES"},
		{"SIGTSTP again", func() { _ = syscall.Kill(pid, syscall.SIGTSTP) }, "7", "EVENTS"},
		{"SIGSTOP", func() { _ = syscall.Kill(pid, syscall.SIGSTOP) }, "4", "QUERIES"},
	} {
		before := r.written()
		c.stop()
		r.waitSent(before, "Stopped")
		if c.name != "SIGSTOP" && alternate() {
			t.Errorf("%s: the shell writes on the screen of the program", c.name)
		}
		said := "shell" + strconv.Itoa(i)
		r.keys("echo she''ll" + strconv.Itoa(i) + "\r") // a line discipline that is not raw
		r.waitSent(before, said)
		before = r.written()
		r.keys("fg\r")
		r.waitSent(before, "\x1b[2J")
		r.keys(c.key)
		r.waitFor(c.show)
		if !alternate() || strings.Contains(r.text(), said) {
			t.Errorf("%s: what the shell wrote is still there:\n%s", c.name, r.text())
		}
	}
	before := r.written()
	r.keys("q")
	r.waitSent(before, "READY")
	r.keys("exit\r")
	r.wait()
}

// Without a shell nobody would have a stopped program go on: it is not stopped.
func TestStopsOnlyUnderAShell(t *testing.T) {
	r := onPTY(t, 80, 24, "demo", "--tui")
	r.waitFor("DATABASE is at fault")
	r.keys("\x1a")
	r.waitFor("There is no shell")
	r.keys("4")
	r.waitFor("QUERIES")
	_ = r.cmd.Process.Signal(syscall.SIGTSTP)
	r.waitFor("There is no shell")
	// What it was not asked about: stopped, and given another line discipline.
	_ = r.cmd.Process.Signal(syscall.SIGSTOP)
	time.Sleep(100 * time.Millisecond)
	if err := term.Restore(int(r.slave.Fd()), r.before); err != nil {
		t.Fatal(err)
	}
	_ = r.cmd.Process.Signal(syscall.SIGCONT)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if now, err := term.GetState(int(r.slave.Fd())); err == nil && *now != *r.before {
			break
		}
		if time.Now().After(end) {
			t.Fatal("it does not take the terminal again")
		}
	}
	r.keys("5")
	r.waitFor("ROUTES")
	r.keys("q")
	if code := r.wait(); code != exitOK {
		t.Errorf("exit %d", code)
	}
	r.restored()
}

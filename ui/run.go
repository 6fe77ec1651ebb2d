package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	tea "github.com/charmbracelet/bubbletea"
	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"dbtriage/ui/show"
	"dbtriage/ui/termout"
)

// Run shows the UI on a terminal until the reader quits or ctx ends, and leaves the terminal as it was,
// after a panic too.
func Run(ctx context.Context, source Source, in, out *os.File, opt Options) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tty, err := makeRaw(in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tty.restore()) }()
	screen := termout.Open(out, opt.Mouse)
	defer screen.Close()
	stops := make(chan os.Signal, 1)
	opt.Terminal = Terminal{
		Send: screen.Send, Repaint: screen.Repaint,
		Suspend: func() bool {
			if !underShell() {
				return false
			}
			screen.Suspend()
			_ = tty.restore()
			stop()
			_ = tty.raw()
			screen.Resume()
			return true
		},
		Resume: func() { _ = tty.raw(); screen.Resume() },
		Cost:   func() Cost { s := screen.Stats(); return Cost{Bytes: s.Last, Slow: s.Slow} },
	}
	app := New(source, opt)
	app.ctx = ctx
	p := &painted{app: app, screen: screen}
	// The screen paints; bubbletea reads keys and runs commands.
	program := tea.NewProgram(p, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out),
		tea.WithoutRenderer(), tea.WithoutSignalHandler(), tea.WithoutCatchPanics())
	go sizes(ctx, out, func(width, height int) { program.Send(tea.WindowSizeMsg{Width: width, Height: height}) })
	signal.Notify(stops, syscall.SIGTSTP, syscall.SIGCONT)
	defer signal.Stop(stops)
	go stopped(ctx, stops, func(got os.Signal) { program.Send(signalMsg{got}) })
	_, err = program.Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, p.failed)
}

// sizes tells the size of a terminal now and whenever it changes, until ctx ends.
func sizes(ctx context.Context, out *os.File, tell func(width, height int)) {
	changed := make(chan os.Signal, 1)
	signal.Notify(changed, syscall.SIGWINCH)
	defer signal.Stop(changed)
	for {
		if width, height, err := term.GetSize(int(out.Fd())); err == nil && width > 0 && height > 0 {
			tell(width, height)
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// underShell reports whether a shell would notice that the program is stopped: one with job control gives
// each job a process group of its own. Without it nobody would have it go on.
func underShell() bool {
	session, err := unix.Getsid(0)
	return err == nil && session != unix.Getpgrp()
}

// stop stops the job that the program is part of, and returns when it goes on. SIGTSTP would not do: once
// signal.Notify has asked for it, the runtime never gives it back to the kernel.
func stop() {
	goes := make(chan os.Signal, 1)
	signal.Notify(goes, syscall.SIGCONT)
	defer signal.Stop(goes)
	if syscall.Kill(0, syscall.SIGSTOP) == nil {
		<-goes
	}
}

// A signalMsg is a signal to stop, or that the program was stopped and goes on.
type signalMsg struct{ os.Signal }

// stopped tells of signals until ctx ends.
func stopped(ctx context.Context, signals <-chan os.Signal, tell func(os.Signal)) {
	for {
		select {
		case <-ctx.Done():
			return
		case got := <-signals:
			tell(got)
		}
	}
}

// A tty is the line discipline of a terminal.
type tty struct {
	in    *os.File
	cook  *term.State // as it was before
	taken bool        // it is raw now
}

// makeRaw has a terminal hand over keys as they are pressed, without showing them.
func makeRaw(in *os.File) (*tty, error) {
	t := &tty{in: in}
	return t, t.raw()
}

func (t *tty) raw() error {
	cook, err := term.MakeRaw(int(t.in.Fd()))
	if err == nil && !t.taken { // a shell that went on in between may have taken it away
		t.cook, t.taken = cook, true
	}
	return err
}

// restore gives the terminal its line discipline back.
func (t *tty) restore() error {
	t.taken = false
	return term.Restore(int(t.in.Fd()), t.cook)
}

// painted is an App whose frames go to a screen. A panic ends it with an error, so that the terminal is
// given back first.
type painted struct {
	app    *App
	screen *termout.Screen
	failed error
}

func (p *painted) Init() tea.Cmd { return p.guard(p.app.Init()) }

func (p *painted) Update(msg tea.Msg) (m tea.Model, cmd tea.Cmd) {
	m = p
	defer func() {
		if r := recover(); r != nil {
			p.failed = fault(r)
			cmd = tea.Quit
		}
	}()
	if f, ok := msg.(commandFault); ok {
		p.failed = f.error
		return p, tea.Quit
	}
	_, cmd = p.app.Update(msg)
	if p.failed == nil {
		p.screen.Show(p.app.Lines(), p.app.width)
	}
	return p, p.guard(cmd)
}

// View has nothing to do: Update has handed over the frame.
func (p *painted) View() string { return "" }

// A commandFault is a panic in a command.
type commandFault struct{ error }

// guard makes a panic in a command a message.
func (p *painted) guard(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = commandFault{fault(r)}
			}
		}()
		return cmd()
	}
}

// fault describes a panic: what, and where.
func fault(r any) error {
	var where []string
	for _, l := range strings.Split(string(debug.Stack()), "\n") {
		if strings.Contains(l, ".go:") && !strings.Contains(l, "runtime/") && len(where) < 8 {
			where = append(where, strings.TrimSpace(l))
		}
	}
	return fmt.Errorf("this is a fault of dbtriage: %s\n  %s", show.Line(fmt.Sprint(r)), strings.Join(where[min(2, len(where)):], "\n  "))
}

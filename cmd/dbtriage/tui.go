package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"dbtriage/collectors"
	"dbtriage/ui"
	"dbtriage/ui/session"
	_ "dbtriage/ui/termout/quiet"
)

// tuiFlags are the flags of every command that opens the terminal UI.
type tuiFlags struct {
	color   string
	ascii   bool
	samples bool
	mouse   bool
	events  string // file of what happened beside the system
	noted   []session.Event
	lang    string
	inputs  []session.Input // that are read
	// explain asks a server for the plan of a statement; nil without a server.
	explain func(ctx context.Context, schema, statement string) (columns []string, rows [][]string, err error)
}

func (f *tuiFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.color, "color", "auto", "colours of the terminal UI and of reports as text: auto, never, 16, 256 or always")
	fl.StringVar(&f.events, "events", "", "put what this `FILE` tells on the time line, deployments for instance: lines of a time and a text")
	fl.BoolVar(&f.mouse, "mouse", false, "take the mouse: wheel and clicks; the terminal then selects text with Shift only")
	_ = cmd.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "never", "16", "256", "always"}, cobra.ShellCompDirectiveNoFileComp))
}

// check looks at the flags whose values are words.
func (f *tuiFlags) check() error {
	if err := f.checkColor(); err != nil {
		return err
	}
	if f.events == "" {
		return nil
	}
	var err error
	if f.noted, err = session.ReadEvents(f.events); err != nil {
		return fmt.Errorf("--events: %w", err)
	}
	return nil
}

func (f *tuiFlags) checkColor() error {
	if _, ok := ui.Palettes[f.color]; !ok && f.color != "auto" && f.color != "" {
		return hinted{fmt.Errorf("--color %q is not known", f.color), "use auto, never, 16, 256 or always"}
	}
	return nil
}

// errNoTerminal says that there is nothing to show the UI on.
var errNoTerminal = hinted{errors.New("standard input and output are no terminal"), "without one use --plain, or analyze for a report"}

// onTerminal reports whether the UI can be shown.
func onTerminal(s streams) (in, out *os.File, ok bool) {
	in, okIn := s.in.(*os.File)
	out, okOut := s.out.(*os.File)
	ok = okIn && okOut && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd())) && os.Getenv("TERM") != "dumb"
	return in, out, ok
}

// open shows a session in the terminal UI until the reader quits. look is what it shows from the start.
// The screen is there at once: start runs beside it.
func (f *tuiFlags) open(ctx context.Context, s streams, look session.Look, start func() (*session.Session, error)) error {
	in, out, ok := onTerminal(s)
	if !ok {
		return errNoTerminal
	}
	// A terminal that hangs up ends the program as SIGTERM does.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	source := startSession(start)
	err := ui.Run(ctx, source, in, out, ui.Options{
		Theme: ui.ThemeOf(f.color, f.ascii, os.Getenv), Lang: f.lang, Version: versionText(), Samples: f.samples, Mouse: f.mouse, Tmux: os.Getenv("TMUX") != "", Look: look,
		Explain: f.explain, Inputs: f.inputs,
	})
	return errors.Join(err, source.close())
}

// A startingSession is a session that may not have started yet: reading the rules takes longer than
// the first frame should.
type startingSession struct {
	states chan *session.State
	done   chan struct{}

	mu      sync.Mutex
	session *session.Session // nil until it has started
	asked   *session.Look    // before it had
	closed  bool
	err     error
}

func startSession(start func() (*session.Session, error)) *startingSession {
	s := &startingSession{states: make(chan *session.State), done: make(chan struct{})}
	go s.run(start)
	return s
}

func (s *startingSession) run(start func() (*session.Session, error)) {
	defer close(s.done)
	defer close(s.states)
	started, err := start()
	s.mu.Lock()
	s.session, s.err = started, err
	if started != nil && s.asked != nil {
		started.Ask(*s.asked)
	}
	if started != nil && s.closed {
		started.Close()
	}
	s.mu.Unlock()
	if started == nil {
		return
	}
	for st := range started.States() {
		s.mu.Lock()
		closed := s.closed
		s.mu.Unlock()
		if !closed {
			s.states <- st
		}
	}
	if err := started.Wait(); err != nil {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
	}
}

// States returns where states come from.
func (s *startingSession) States() <-chan *session.State { return s.states }

// Ask has the session show what look asks for.
func (s *startingSession) Ask(look session.Look) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = &look
	if s.session != nil {
		s.session.Ask(look)
	}
}

// close ends the session and returns what was wrong with it.
func (s *startingSession) close() error {
	s.mu.Lock()
	s.closed = true
	if s.session != nil {
		s.session.Close()
	}
	s.mu.Unlock()
	for range s.states { // what nobody looks at any more
	}
	<-s.done
	return s.err
}

// browse shows what analyze reads in the terminal UI, from the first megabytes on.
func (f *analyzeFlags) browse(ctx context.Context, s streams, inputs []session.Input, opt session.Options) error {
	f.tui.ascii, f.tui.samples, f.tui.lang, f.tui.inputs = f.ascii, f.samples, f.lang, inputs
	if err := f.tui.check(); err != nil {
		return err
	}
	if _, _, ok := onTerminal(s); !ok {
		return errNoTerminal
	}
	look := session.Look{Cursor: collectors.NoTime}
	return f.tui.open(ctx, s, look, func() (*session.Session, error) {
		set, err := s.rules.load()
		if err != nil {
			return nil, err
		}
		return session.StartBatch(ctx, inputs, session.BatchOptions{Options: opt, Rules: set, Lang: f.lang, Look: look, Events: f.tui.noted}), nil
	})
}

package main

import (
	"context"
	"errors"
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

// tuiFlags are the flags of every command that opens the terminal UI, and of reports as text.
type tuiFlags struct {
	color, lang    string
	ascii, samples bool
	mouse          bool
	events         string // file of what happened beside the system
}

func (f *tuiFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	addLang(cmd, &f.lang)
	f.color = "auto"
	addChoice(cmd, &f.color, "color", "", []string{"auto", "never", "16", "256", "always"}, "`COLOURS` of the terminal UI and of reports as text: auto, never, 16, 256 or always")
	fl.BoolVar(&f.ascii, "ascii", false, "use ASCII characters only")
	fl.BoolVar(&f.samples, "samples", false, "show the slowest statement of each query with its literals")
	fl.StringVar(&f.events, "events", "", "show events such as deployments on the timeline: each line of `FILE` is a time and a text")
	fl.BoolVar(&f.mouse, "mouse", false, "enable the mouse wheel and clicks; text is then selected with Shift")
}

// noted reads the file of --events, if there is one.
func (f *tuiFlags) noted() ([]session.Event, error) {
	if f.events == "" {
		return nil, nil
	}
	noted, err := session.ReadEvents(f.events)
	if err != nil {
		return nil, fileError("--events", f.events, err)
	}
	return noted, nil
}

// A screen is what the terminal UI is opened with beside its flags.
type screen struct {
	look   session.Look    // what is shown from the start
	inputs []session.Input // that are read
	// explain asks a server, the first without an address, for the plan of a statement; nil without a server.
	explain func(ctx context.Context, address, schema, statement string) (columns []string, rows [][]string, err error)
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

// open shows a session in the terminal UI until the reader quits. The screen is there at once: start runs
// beside it.
func (f *tuiFlags) open(ctx context.Context, s streams, show screen, start func() (*session.Session, error)) error {
	in, out, ok := onTerminal(s)
	if !ok {
		return errNoTerminal
	}
	// A terminal that hangs up ends the program as SIGTERM does.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	source := startSession(start)
	err := ui.Run(ctx, source, in, out, ui.Options{
		Theme: ui.ThemeOf(f.color, f.ascii, os.Getenv), Lang: f.lang, Version: versionText(), Samples: f.samples, Mouse: f.mouse, Tmux: os.Getenv("TMUX") != "", Look: show.look,
		Explain: show.explain, Inputs: show.inputs,
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
	noted, err := f.noted()
	if err != nil {
		return err
	}
	if _, _, ok := onTerminal(s); !ok {
		return errNoTerminal
	}
	look := session.Look{Cursor: collectors.NoTime}
	return f.open(ctx, s, screen{look: look, inputs: inputs}, func() (*session.Session, error) {
		set, err := s.rules.load()
		if err != nil {
			return nil, err
		}
		return session.StartBatch(ctx, inputs, session.BatchOptions{Options: opt, Rules: set, Lang: f.lang, Look: look, Events: noted}), nil
	})
}

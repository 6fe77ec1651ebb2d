package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
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
	lang    string
}

func (f *tuiFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.color, "color", "auto", "colours of the terminal UI: auto, never, 16, 256 or always")
	_ = cmd.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "never", "16", "256", "always"}, cobra.ShellCompDirectiveNoFileComp))
}

// check looks at the flags whose values are words.
func (f *tuiFlags) check() error {
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
func (f *tuiFlags) open(ctx context.Context, s streams, source *session.Session, look session.Look) error {
	defer source.Close()
	in, out, ok := onTerminal(s)
	if !ok {
		return errNoTerminal
	}
	// A terminal that hangs up ends the program as SIGTERM does.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	err := ui.Run(ctx, source, in, out, ui.Options{
		Theme: ui.ThemeOf(f.color, f.ascii, os.Getenv), Lang: f.lang, Version: versionText(), Samples: f.samples, Tmux: os.Getenv("TMUX") != "", Look: look,
	})
	source.Close()
	return errors.Join(err, source.Wait())
}

// browse shows what analyze reads in the terminal UI, from the first megabytes on.
func (f *analyzeFlags) browse(ctx context.Context, s streams, inputs []session.Input, opt session.Options) error {
	f.tui.ascii, f.tui.samples, f.tui.lang = f.ascii, f.samples, f.lang
	if err := f.tui.check(); err != nil {
		return err
	}
	if _, _, ok := onTerminal(s); !ok {
		return errNoTerminal
	}
	set, err := s.rules.load()
	if err != nil {
		return err
	}
	host, _ := os.Hostname()
	look := session.Look{Cursor: collectors.NoTime}
	return f.tui.open(ctx, s, session.StartBatch(ctx, inputs, session.BatchOptions{Host: host, Options: opt, Rules: set, Lang: f.lang, Look: look}), look)
}

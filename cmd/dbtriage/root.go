package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// The exit codes of every command.
const (
	exitOK       = 0
	exitFindings = 1 // what --fail-on names
	exitUsage    = 2 // wrong usage, or input that could not be read
)

// version is set by the build; without it, what the Go toolchain recorded is used.
var version = ""

// A streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
	rules    *ruleFolders // what --rules named
}

// errFindings ends a run that is what --fail-on names; it needs no words.
var errFindings = errors.New("what --fail-on names")

// errTold ends a run that failed and has said why.
var errTold = errors.New("told")

// A hinted error carries the next step for whoever reads it at a terminal.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// run executes one command line and returns its exit code.
func run(args []string, in io.Reader, out, stderr io.Writer) int {
	ctx, stop := untilSignal(stderr)
	defer stop()
	root := newRoot(streams{in, out, stderr, &ruleFolders{}})
	help := catchHelp(root, out)
	root.SetArgs(args)
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		plainUsages(root)
	}
	err := root.ExecuteContext(ctx)
	if err == nil {
		err = help.failed
	}
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.Is(err, errTold):
		return exitUsage
	}
	fmt.Fprintf(stderr, "dbtriage: error: %v\n", err)
	var h hinted
	if errors.As(err, &h) {
		fmt.Fprintf(stderr, "dbtriage: hint: %s\n", h.hint)
	}
	return exitUsage
}

// grace is how long a program that was told to end has for what it is at.
const grace = 10 * time.Second

// untilSignal returns a context that ends with Ctrl-C or SIGTERM. A second one ends the program at once,
// and so does SIGTERM, which is sent once, when the program is still busy after its grace.
func untilSignal(stderr io.Writer) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-ctx.Done():
		case got := <-signals:
			signal.Stop(signals)
			if got == syscall.SIGTERM {
				time.AfterFunc(grace, func() {
					fmt.Fprintln(stderr, "dbtriage: error: terminated before it was done")
					os.Exit(exitUsage)
				})
			}
			cancel()
		}
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}

const rootLong = `dbtriage says which layer holds a web system back - client, web server,
application, cache, database or host - and proves it from the logs.

It only reads: it never changes a server, but for index verify, which writes to a
scratch schema that you name. Reports hold no literals of your statements unless
you ask for --samples.`

const rootExample = `  dbtriage demo
  dbtriage analyze slow.log access.log
  dbtriage analyze -f markdown -o report.md /var/log/nginx /var/log/mysql
  dbtriage compare --split 15:04 slow.log access.log
  zcat slow.log.*.gz | dbtriage analyze --since 2h -`

// exitCodes ends the help of every command. Commands that use 1, or mean something else by the others, say so
// in their annotations.
const exitCodes = `
Exit codes:
  0  {{with index .Annotations "exit 0"}}{{.}}{{else}}fine{{end}}{{with index .Annotations "exit 1"}}
  1  {{.}}{{end}}
  2  {{with index .Annotations "exit 2"}}{{.}}{{else}}wrong usage, or input that could not be read{{end}}
`

// exitFinding is what analyze and its like exit with 1 for.
const exitFinding = "a finding is at least as severe as --fail-on asks"

func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "dbtriage",
		Short:         "Say which layer holds a web system back, and prove it",
		Long:          rootLong,
		Example:       rootExample,
		Version:       versionText(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noOther,
	}
	watch := liveFlags{every: 10 * time.Second}
	watch.sourceFlags.add(root)
	watch.tuiFlags.add(root)
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		if _, _, ok := onTerminal(s); !ok {
			if cmd.Flags().NFlag() > 0 {
				return hinted{errNoTerminal.error, "without one use dbtriage live --plain, or analyze for a report"}
			}
			return cmd.Help()
		}
		return live(cmd.Context(), s, &watch)
	}
	root.PersistentPreRunE = checkFlagPairs
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetVersionTemplate("dbtriage {{.Version}}\n")
	root.SetUsageTemplate(root.UsageTemplate() + exitCodes)
	root.SetFlagErrorFunc(wrongFlag)
	s.rules.add(root.Flags())
	root.AddCommand(newAnalyze(s), newLive(s), newRecord(s), newReplay(s), newCompare(s), newDiscover(s), newSample(s), newDemo(s), newRules(s), newMySQL(s), newIndex(s), newCapacity(s), newVersion(s))
	root.SetHelpCommand(newHelp())
	strictCompletion(root)
	return root
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"dbtriage/analyzers"
	"dbtriage/collectors/logs"
	"dbtriage/rules"
	"dbtriage/ui/report"
	"dbtriage/ui/session"
)

// outputFlags are the flags of every command that writes a report or opens it in the terminal UI.
type outputFlags struct {
	format, output, sort string
	top                  rowCount
	failOn               string
	openTUI              bool
	tuiFlags
}

func (f *outputFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	addFormat(cmd, &f.format, formatNames())
	fl.StringVarP(&f.output, "output", "o", "", "write the report to this `FILE` instead of standard output")
	fl.Var(&f.top, "top", "list at most `N` queries, endpoints, tables and peers (JSON: all, else ten)")
	f.sort = report.Orders[0]
	addChoice(cmd, &f.sort, "sort", "", report.Orders, "list queries and endpoints by `KEY`: "+strings.Join(report.Orders, ", "))
	fl.BoolVar(&f.openTUI, "tui", false, "show the result in the terminal UI")
	addChoice(cmd, &f.failOn, "fail-on", "", []string{"warning", "critical"}, "exit with 1 when a finding is at least `SEVERITY`: warning or critical")
	f.tuiFlags.add(cmd)
	cmd.Annotations = map[string]string{"exit 1": exitFinding}
}

func formatNames() []string {
	var names []string
	for _, f := range report.Formats {
		names = append(names, f.Name)
	}
	return names
}

// report judges a snapshot and writes what there is to say.
func (f *outputFlags) report(s streams, snapshot *analyzers.Snapshot, set *rules.Set) ([]rules.Finding, error) {
	d, err := session.Judge(snapshot, set, f.lang)
	if err != nil {
		return nil, err
	}
	var again logs.Rereader
	defer again.Close()
	r := report.New(d.Snapshot, d.Workload, d.Attribution, d.Judgement, report.Options{
		Samples: f.samples, Top: int(f.top), Sort: f.sort, Lang: f.lang, Version: versionText(), Text: again.Statement,
	})
	return d.Judgement.Findings, f.write(s, r)
}

func (f *outputFlags) verdictError(findings []rules.Finding) error {
	if f.failOn == "" {
		return nil
	}
	for _, finding := range findings {
		if finding.Severity.Rank() >= rules.Severity(f.failOn).Rank() {
			return errFindings
		}
	}
	return nil
}

// write puts the report where it belongs.
func (f *outputFlags) write(s streams, r *report.Report) error {
	format, _ := report.Named(f.format)
	return writeReport(s, f.output, func(w, terminal io.Writer) error {
		return format.Write(w, r, report.Style{Colour: colour(f.color, terminal), Width: widthOf(terminal), ASCII: f.ascii})
	})
}

// writeReport has a report written to a file that was named, or to standard output, which may be a terminal:
// write is told which.
func writeReport(s streams, output string, write func(w, terminal io.Writer) error) error {
	if output == "" {
		return write(s.out, s.out)
	}
	if err := writeFile(output, func(w io.Writer) error { return write(w, nil) }); err != nil {
		return fmt.Errorf("-o %s: %w", output, err)
	}
	return nil
}

// colour reports whether the text report for w is coloured: as --color says, else when w is a terminal
// that wants colours; see https://no-color.org.
func colour(asked string, w io.Writer) bool {
	if asked != "auto" && asked != "" {
		return asked != "never"
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && columns(w) > 0
}

// columns returns the width of the terminal that w is, 0 when it is none.
func columns(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	n, _, err := term.GetSize(int(f.Fd()))
	if err != nil || n <= 0 {
		return 80
	}
	return n
}

// widthOf returns how wide a report for w may be: COLUMNS, else the terminal's width; 0 is the usual.
func widthOf(w io.Writer) int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		if _, ok := w.(*os.File); ok {
			return n
		}
	}
	return columns(w)
}

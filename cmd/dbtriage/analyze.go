package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
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

const analyzeLong = `Analyze reads MySQL and MariaDB slow logs, Nginx access logs and request logs of
the application, of any size, and prints a diagnosis. The format of each file is
told by its content. A directory brings every log in it; "-" is standard input;
.gz, .zst and .bz2 are read as they are; "web=", "app=" or "db=" before a file
names its role.

For a verdict across layers give the slow log and the access log of the same
time, the latter with $request_time and the $upstream_… times in its format. What
was recorded then tells the host from the database: sar as "sadf -j FILE -- -A",
a directory of pt-stalk, mysqladmin ext -i1, SHOW GLOBAL VARIABLES. The error logs
of Nginx and the server tell crashes, refusals and exhausted limits. Advice about
indexes needs the tables: mysqldump --no-data, and information_schema.TABLES,
STATISTICS and COLUMNS as mysql -B prints them.`

const analyzeExample = `  dbtriage analyze slow.log access.log
  dbtriage analyze --since 2h -f markdown -o ticket.md /var/log/nginx /var/log/mysql
  dbtriage analyze -f json slow.log | jq '.queries[:3]'
  dbtriage analyze --state /var/lib/dbtriage.state -o report.txt /var/log/mysql/slow.log
  dbtriage analyze --fail-on critical access.log || page-someone`

// analyzeFlags are the flags of analyze, and of demo, which is analyze on a bundled incident.
type analyzeFlags struct {
	format, output, lang string
	filterFlags
	inputFlags
	growFlags
	sort           string
	top            int
	samples, ascii bool
	failOn         string
	openTUI        bool
	tui            tuiFlags
	unread         []session.Input // arguments that name nothing
}

func (f *analyzeFlags) addOutput(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVarP(&f.format, "format", "f", report.Formats[0].Name, "report format: "+formatNames())
	fl.StringVarP(&f.output, "output", "o", "", "write the report to this `FILE` instead of standard output")
	fl.StringVar(&f.lang, "lang", "en", "language of the report: en or zh")
	fl.IntVar(&f.top, "top", 0, "list at most `N` queries, endpoints, tables and peers (JSON: all, else ten)")
	fl.StringVar(&f.sort, "sort", report.Orders[0], "list queries and endpoints by `KEY`: "+strings.Join(report.Orders, ", "))
	fl.BoolVar(&f.samples, "samples", false, "show the slowest statement of each class with its literals")
	fl.BoolVar(&f.ascii, "ascii", false, "use ASCII characters only")
	fl.BoolVar(&f.openTUI, "tui", false, "show the result in the terminal UI")
	f.tui.add(cmd)
	fl.StringVar(&f.failOn, "fail-on", "", "exit with 1 when a finding is at least `SEVERITY`: warning or critical")
	for name, values := range map[string][]string{"format": strings.Split(formatNames(), ", "), "lang": {"en", "zh"}, "sort": report.Orders, "fail-on": {"warning", "critical"}} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
}

func formatNames() string {
	var names []string
	for _, f := range report.Formats {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

func newAnalyze(s streams) *cobra.Command {
	var f analyzeFlags
	cmd := &cobra.Command{
		Use:     "analyze FILE...",
		Short:   "Diagnose from log files",
		Long:    analyzeLong,
		Example: analyzeExample,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return hinted{errors.New("no file was named"), "name a slow log, an access log or a directory of them; '-' is standard input"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return analyze(cmd.Context(), s, args, &f) },
	}
	f.addOutput(cmd)
	f.filterFlags.add(cmd)
	f.growFlags.add(cmd)
	f.inputFlags.add(cmd)
	return cmd
}

// analyze is the whole batch run.
func analyze(ctx context.Context, s streams, args []string, f *analyzeFlags) error {
	opt, err := f.options()
	if err != nil {
		return err
	}
	f.tellMissing(s.err)
	args, later := f.split(args)
	inputs, err := session.Inputs(args, s.in)
	inputs = append(inputs, later...)
	if err != nil {
		if len(inputs) == 0 {
			return hinted{err, "check the name; a directory or a quoted pattern works too"}
		}
		f.unread = session.Unreadable(err) // told with what else cannot be read
		if !f.grows() {
			inputs = append(inputs, f.unread...)
		}
	}
	if err := f.checkOffsets(opt.Offsets, inputs); err != nil {
		return err
	}
	inputs = f.prepare(inputs, &opt)
	beNice()
	if f.openTUI {
		return f.browse(ctx, s, inputs, opt)
	}
	read := diagnose
	if f.grows() {
		read = grow
	}
	failed, err := read(ctx, s, inputs, opt, f)
	if err == nil && failed {
		return errTold
	}
	return err
}

func (f *analyzeFlags) options() (opt session.Options, err error) {
	if f.tui.events != "" && !f.openTUI {
		return opt, hinted{errors.New("--events is for the time line of the terminal UI"), "add --tui"}
	}
	if opt, err = f.inputFlags.options(&f.filterFlags); err != nil {
		return opt, err
	}
	return opt, f.check()
}

// check looks at the flags whose values are words.
func (f *analyzeFlags) check() error {
	if _, ok := report.Named(f.format); !ok {
		return hinted{fmt.Errorf("--format %q is not known", f.format), "use one of " + formatNames()}
	}
	if f.sort != "" && !slices.Contains(report.Orders, f.sort) {
		return hinted{fmt.Errorf("--sort %q is not known", f.sort), "use one of " + strings.Join(report.Orders, ", ")}
	}
	if f.top < 0 {
		return hinted{fmt.Errorf("--top %d is no number of rows", f.top), "use 1 or more; 0 is as many as the format lists by itself"}
	}
	if err := f.tui.checkColor(); err != nil {
		return err
	}
	if f.follow && f.every <= 0 {
		return hinted{fmt.Errorf("--every %v is no interval", f.every), "use a duration such as 10s"}
	}
	if f.failOn != "" && rules.Severity(f.failOn).Rank() < 1 {
		return hinted{fmt.Errorf("--fail-on %q is no severity", f.failOn), "use warning or critical"}
	}
	if !slices.Contains([]string{"en", "zh"}, f.lang) {
		return hinted{fmt.Errorf("--lang %q is not known", f.lang), "use en or zh"}
	}
	return nil
}

// diagnose reads, judges and reports. failed says that some input was not read to its end, which it
// has told.
func diagnose(ctx context.Context, s streams, inputs []session.Input, opt session.Options, f *analyzeFlags) (failed bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var set *rules.Set
	loaded := make(chan error, 1)
	go func() { // while the logs are read; what is wrong with a rule ends that at once
		var err error
		if set, err = s.rules.load(); err != nil {
			cancel()
		}
		loaded <- err
	}()
	read, stop := progress(s.err, totalSize(inputs))
	opt.Progress = read
	snapshot, problems := session.Read(ctx, inputs, opt)
	stop()
	if err := <-loaded; err != nil {
		return false, err
	}
	failed = tell(s.err, problems)
	if len(snapshot.Sources) == 0 && failed {
		return true, nil
	}
	f.tellUnused(s.err, snapshot.Sources)
	findings, err := f.report(s, snapshot, set)
	if err != nil {
		return failed, err
	}
	return failed, f.verdictError(findings)
}

// report judges a snapshot and writes what there is to say.
func (f *analyzeFlags) report(s streams, snapshot *analyzers.Snapshot, set *rules.Set) ([]rules.Finding, error) {
	d, err := session.Judge(snapshot, set, f.lang)
	if err != nil {
		return nil, err
	}
	var again logs.Rereader
	defer again.Close()
	r := report.New(d.Snapshot, d.Workload, d.Attribution, d.Judgement, report.Options{
		Samples: f.samples, Top: f.top, Sort: f.sort, Lang: f.lang, Version: versionText(), Text: again.Statement,
	})
	return d.Judgement.Findings, f.write(s, r)
}

func (f *analyzeFlags) verdictError(findings []rules.Finding) error {
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
func (f *analyzeFlags) write(s streams, r *report.Report) error {
	format, _ := report.Named(f.format)
	return writeReport(s, f.output, func(w, terminal io.Writer) error {
		return format.Write(w, r, report.Style{Colour: colour(f.tui.color, terminal), Width: widthOf(terminal), ASCII: f.ascii})
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

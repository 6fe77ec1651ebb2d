package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dbtriage/analyzers"
	"dbtriage/analyzers/compare"
	"dbtriage/collectors"
	"dbtriage/rules"
	"dbtriage/ui/report"
	"dbtriage/ui/session"
)

const compareLong = `Compare says what changed between two times and whether it is better: after a
deployment, an index or an incident. BEFORE and AFTER are each a log, a directory
of logs and recordings, or a recording of record, read as analyze reads them.
--before and --after take several files each; --split cuts one set of logs at an
instant, such as that of the deployment.

Changes are ranked by the time they add or save each second, so that windows of
different lengths compare, and are split into more calls and slower calls. What
may be noise is not called a change: that takes three standard errors, ten percent
and thirty calls.`

const compareExample = `  dbtriage compare monday/ tuesday/
  dbtriage compare --split 2026-11-22T14:00:00Z slow.log access.log
  dbtriage compare --before slow.log.1 access.log.1 --after slow.log access.log
  dbtriage compare --split 15:04 -f markdown -o ticket.md /var/log/nginx /var/log/mysql
  dbtriage compare --fail-on slower baseline/ candidate/ || roll-back`

// The values of --fail-on of compare.
const (
	failSlower = "slower"
	failWorse  = "worse"
)

type compareFlags struct {
	format, output, lang string
	filterFlags
	inputFlags
	split  string
	sides  []sideArg
	top    rowCount
	ascii  bool
	color  string
	failOn string
}

// A sideArg is a file that --before or --after named, and how many arguments stood before the flag: those
// behind it, up to the next one, are files of the same side.
type sideArg struct {
	after bool
	file  string
	at    int
}

// A sideValue is --before or --after.
type sideValue struct {
	f     *compareFlags
	after bool
	args  func() int // arguments that were read so far
}

func (v *sideValue) String() string { return "" }
func (v *sideValue) Type() string   { return "FILE..." }
func (v *sideValue) Set(file string) error {
	if file == "" {
		return errors.New("names no file")
	}
	v.f.sides = append(v.f.sides, sideArg{v.after, file, v.args()})
	return nil
}

func newCompare(s streams) *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:         "compare BEFORE AFTER",
		Short:       "Say what changed between two times, and whether it is better",
		Long:        compareLong,
		Example:     compareExample,
		Annotations: map[string]string{"exit 1": "AFTER is slower, or worse, as --fail-on asks"},
		RunE:        func(cmd *cobra.Command, args []string) error { return runCompare(cmd.Context(), s, args, &f) },
	}
	s.rules.add(cmd.Flags())
	fl := cmd.Flags()
	fl.Var(&sideValue{&f, false, fl.NArg}, "before", "files of the BEFORE side, where there are several: `FILE...`")
	fl.Var(&sideValue{&f, true, fl.NArg}, "after", "files of the AFTER side, where there are several: `FILE...`")
	fl.StringVar(&f.split, "split", "", "compare what the files hold before this `TIME` with what they hold from then on")
	addFormat(cmd, &f.format, comparisonNames())
	fl.StringVarP(&f.output, "output", "o", "", "write to this `FILE` instead of standard output")
	addLang(cmd, &f.lang)
	fl.Var(&f.top, "top", "list at most `N` queries and endpoints (JSON: all, else what changed, up to ten)")
	fl.BoolVar(&f.ascii, "ascii", false, "use ASCII characters only")
	f.color = "auto"
	addChoice(cmd, &f.color, "color", "", []string{"auto", "never", "always"}, "`COLOURS` of the text: auto, never or always")
	addChoice(cmd, &f.failOn, "fail-on", "", []string{failSlower, failWorse}, "exit with 1 when AFTER is `WHAT`: slower, or worse (slower or more errors)")
	f.filterFlags.add(cmd)
	f.inputFlags.add(cmd)
	return cmd
}

func comparisonNames() (names []string) {
	for _, f := range report.ComparisonFormats {
		names = append(names, f.Name)
	}
	return names
}

var errSides = errors.New("compare takes two sides")

// sets returns the arguments of both sides; with --split they are the same.
func (f *compareFlags) sets(args []string) (before, after []string, err error) {
	switch {
	case f.split != "" && len(f.sides) > 0:
		return nil, nil, hinted{errors.New("--split cuts one set of files in two: it does not go with --before and --after"), "leave one of them out"}
	case f.split != "" && len(args) == 0:
		return nil, nil, hinted{errors.New("no file was named"), "name the logs to cut: dbtriage compare --split TIME slow.log access.log"}
	case f.split != "" && slices.ContainsFunc(args, standardInput):
		return nil, nil, hinted{errors.New("--split reads its files twice, and standard input can be read once"), "write it to a file first"}
	case f.split != "":
		return args, args, nil
	case len(f.sides) == 0 && len(args) == 2:
		before, after = args[:1], args[1:]
	case len(f.sides) == 0:
		return nil, nil, hinted{fmt.Errorf("%w, BEFORE and AFTER, and not %d", errSides, len(args)), "several files: --before FILE... --after FILE...; one set of logs cut at an instant: --split TIME FILE..."}
	case f.sides[0].at > 0:
		return nil, nil, hinted{fmt.Errorf("%s is of neither side", args[0]), "name files behind --before and --after"}
	default:
		for i, side := range f.sides {
			end := len(args)
			if i+1 < len(f.sides) {
				end = f.sides[i+1].at
			}
			files := append([]string{side.file}, args[side.at:end]...)
			if side.after {
				after = append(after, files...)
			} else {
				before = append(before, files...)
			}
		}
	}
	switch {
	case len(before) == 0:
		return nil, nil, hinted{errSides, "name BEFORE too, with --before FILE..."}
	case len(after) == 0:
		return nil, nil, hinted{errSides, "name AFTER too, with --after FILE..."}
	case slices.ContainsFunc(before, standardInput) && slices.ContainsFunc(after, standardInput):
		return nil, nil, hinted{errors.New("standard input can be read once"), "give one side as files"}
	}
	return before, after, nil
}

func standardInput(arg string) bool {
	_, path, ok := strings.Cut(arg, "=")
	return arg == "-" || ok && path == "-"
}

// windows are the times that both sides are read of.
func (f *compareFlags) windows(asked analyzers.Window, now time.Time) (before, after analyzers.Window, err error) {
	if f.split == "" {
		return asked, asked, nil
	}
	at, err := parseTime(f.split, now)
	if err != nil {
		return asked, asked, fmt.Errorf("--split: %w", err)
	}
	if asked == (analyzers.Window{}) {
		asked = analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}
	}
	us := at.UnixMicro()
	if asked.From != collectors.NoTime && us <= asked.From || asked.To != collectors.NoTime && us >= asked.To {
		return asked, asked, hinted{fmt.Errorf("--split %s is not between --since and --until", f.split), "give an instant inside of them"}
	}
	return analyzers.Window{From: asked.From, To: us}, analyzers.Window{From: us, To: asked.To}, nil
}

// runCompare reads both sides, compares them and writes what changed.
func runCompare(ctx context.Context, s streams, args []string, f *compareFlags) error {
	before, after, err := f.sets(args)
	if err != nil {
		return err
	}
	opt, err := f.inputFlags.options(&f.filterFlags)
	if err != nil {
		return err
	}
	f.nginxConf.tellMissing(s.err)
	first, second, err := f.windows(opt.Filter.Window, time.Now())
	if err != nil {
		return err
	}
	var inputs [2][]session.Input
	for i, args := range [][]string{before, after} {
		if inputs[i], err = sideInputs(args, s.in); err != nil {
			return err
		}
	}
	if err := f.checkOffsets(opt.Offsets, slices.Concat(inputs[0], inputs[1])); err != nil {
		return err
	}
	set, err := s.rules.load()
	if err != nil {
		return err
	}
	beNice()
	var read [2]*session.Diagnosis
	failed := false
	for i, w := range []analyzers.Window{first, second} {
		side := opt
		side.Filter.Window = w
		d, bad, err := f.read(ctx, s, inputs[i], side, set, i == 0 || f.split == "")
		if err != nil {
			return err
		}
		read[i], failed = d, failed || bad
	}
	f.tellUnused(s.err, slices.Concat(read[0].Snapshot.Sources, read[1].Snapshot.Sources))
	if failed && (len(read[0].Snapshot.Sources) == 0 || len(read[1].Snapshot.Sources) == 0) {
		return errTold
	}
	c := compare.Of(read[0].Snapshot, read[1].Snapshot)
	if err := f.write(s, report.NewComparison(f.report(read[0]), f.report(read[1]), c)); err != nil {
		return err
	}
	if failed {
		return errTold
	}
	return f.verdictError(&c)
}

// sideInputs expands the arguments of a side; one that names nothing is an error, for half a side compares
// to nothing.
func sideInputs(args []string, stdin io.Reader) ([]session.Input, error) {
	inputs, err := session.Inputs(args, stdin)
	if err != nil {
		return nil, hinted{err, "check the name; a directory or a quoted pattern works too"}
	}
	return inputs, nil
}

// read reads and judges one side. Of the files that are cut in two problems are told once.
func (f *compareFlags) read(ctx context.Context, s streams, inputs []session.Input, opt session.Options, set *rules.Set, say bool) (*session.Diagnosis, bool, error) {
	inputs = f.prepare(inputs, &opt)
	progressed, stop := progress(s.err, totalSize(inputs))
	opt.Progress = progressed
	snapshot, problems := session.Read(ctx, inputs, opt)
	stop()
	to := s.err
	if !say {
		to = io.Discard
	}
	failed := tell(to, problems)
	d, err := session.Judge(snapshot, set, f.lang)
	return &d, failed, err
}

func (f *compareFlags) report(d *session.Diagnosis) *report.Report {
	return report.New(d.Snapshot, d.Workload, d.Attribution, d.Judgement, report.Options{Top: int(f.top), Lang: f.lang, Version: versionText()})
}

func (f *compareFlags) write(s streams, c *report.Comparison) error {
	format, _ := report.ComparisonNamed(f.format)
	return writeReport(s, f.output, func(w io.Writer, toTerminal io.Writer) error {
		return format.Write(w, c, report.Style{Colour: colour(f.color, toTerminal), Width: widthOf(toTerminal), ASCII: f.ascii})
	})
}

// verdictError says what --fail-on makes of a comparison. What could not be compared is no pass.
func (f *compareFlags) verdictError(c *compare.Comparison) error {
	switch {
	case f.failOn == "":
		return nil
	case c.Outcome == compare.Incomparable:
		return hinted{fmt.Errorf("--fail-on %s: BEFORE and AFTER cannot be compared", f.failOn), "the verdict above says why"}
	case c.TimeTrend == compare.Up, f.failOn == failWorse && c.FailureTrend == compare.Up:
		return errFindings
	}
	return nil
}

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
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"dbtriage/collectors"
	"dbtriage/ui/show"
)

const sampleLong = `Sample prints what this host does, a row each INTERVAL (seconds or a duration;
1s), COUNT times (without it until Ctrl-C), and the averages at the end. With
--mysql or --only mysql the row has what a database server does: statements,
transactions, rows of SELECTs to writes, sessions, buffer pool, locks, lag.

Numbers are of the interval that ends at the time of the row; k, M and G are
powers of 1000, and "--" is not known or, for a mean, of nothing. Disks and
interfaces are added up, util% is the busiest disk's; -f json lists each. A
terminal narrower than the row shows the main columns; a pipe has all.`

const sampleExample = `  dbtriage sample 5 12
  dbtriage sample --only cpu,disk 1
  dbtriage sample --only cpu,mysql --mysql dbtriage@127.0.0.1:3306 1
  dbtriage sample -f csv 10 360 > hour.csv
  dbtriage sample -f json 1 | jq '.samples[] | select(.name == "disk.await")'`

type sampleFlags struct {
	mysqlFlags
	only   []string
	format string
}

// sampleFormats is the table of how rows are written.
var sampleFormats = []struct {
	name string
	new  func(w io.Writer, columns []sampleColumn) rowWriter
}{
	{"text", newTextRows},
	{"csv", newCSVRows},
	{"json", newJSONRows},
}

// A rowWriter writes the rows of one run.
type rowWriter interface {
	row(r sampleRow) error
	end() error
}

// A sampleRow is one reading and the time that it is of.
type sampleRow struct {
	at      time.Time
	seconds float64
	samples samples
}

func newSample(s streams) *cobra.Command {
	var f sampleFlags
	cmd := &cobra.Command{
		Use:     "sample [INTERVAL [COUNT]]",
		Short:   "Print what this host does, like sar",
		Long:    sampleLong,
		Example: sampleExample,
		Args:    cobra.MaximumNArgs(2),
		RunE:    func(cmd *cobra.Command, args []string) error { return sample(cmd.Context(), s, args, &f) },
	}
	fl := cmd.Flags()
	fl.StringSliceVar(&f.only, "only", nil, "print only these `GROUPS`: "+strings.Join(groupNames(), ", "))
	addFormat(cmd, &f.format, sampleFormatNames())
	f.mysqlFlags.add(fl)
	_ = cmd.RegisterFlagCompletionFunc("only", func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexByte(typed, ',')+1]
		var out []string
		for _, name := range groupNames() {
			if !slices.Contains(strings.Split(before, ","), name) {
				out = append(out, before+name)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	})
	return cmd
}

func groupNames() []string {
	var names []string
	for _, g := range sampleGroups {
		names = append(names, g.name)
	}
	return names
}

func sampleFormatNames() []string {
	var names []string
	for _, f := range sampleFormats {
		names = append(names, f.name)
	}
	return names
}

// shortestInterval is where reading itself would begin to be seen in the numbers.
const shortestInterval = 100 * time.Millisecond

// sampleTimes reads INTERVAL and COUNT; count is 0 for no end.
func sampleTimes(args []string) (interval time.Duration, count int, err error) {
	interval = time.Second
	if len(args) > 0 {
		interval, err = time.ParseDuration(args[0])
		if seconds, wrong := strconv.ParseFloat(args[0], 64); wrong == nil {
			interval, err = time.Duration(seconds*float64(time.Second)), nil
		}
		if err != nil || interval < shortestInterval || interval > 24*time.Hour {
			return 0, 0, hinted{fmt.Errorf("INTERVAL %q is not a time", args[0]), "give seconds or a duration from 100ms to 24h: 1, 0.5, 2s"}
		}
	}
	if len(args) > 1 {
		count, err = strconv.Atoi(args[1])
		if err != nil || count < 1 {
			return 0, 0, hinted{fmt.Errorf("COUNT %q is not a number of rows", args[1]), "give a whole number from 1; leave it out to go on until Ctrl-C"}
		}
	}
	return interval, count, nil
}

// chosenGroups returns the groups that --only names; without it all of the host, and those of a server
// that is named.
func (f *sampleFlags) chosenGroups() ([]sampleGroup, error) {
	for _, name := range f.only {
		if !slices.Contains(groupNames(), name) {
			return nil, hinted{fmt.Errorf("--only %q is not known", name), "use some of " + strings.Join(groupNames(), ",")}
		}
	}
	var out []sampleGroup
	ofServer := false
	for _, g := range sampleGroups {
		if len(f.only) == 0 && (!g.ofServer() || len(f.servers) > 0 || f.defaultsFile != "") || slices.Contains(f.only, g.name) {
			out = append(out, g)
			ofServer = ofServer || g.ofServer()
		}
	}
	if flag := f.given(); flag != "" && !ofServer {
		return nil, hinted{fmt.Errorf("%s changes nothing: no column is of a server", flag), "add --mysql SERVER, or mysql to --only"}
	}
	return out, nil
}

// serverHint says what to do about a server that cannot be read.
func (f *sampleFlags) serverHint(err error) string {
	named := f.defaultsFile != "" || !slices.Equal(f.servers, []string{""})
	if e := (*collectors.SourceError)(nil); named && errors.As(err, &e) && e.Provide != "" {
		return e.Provide
	}
	return "name the server as --mysql user@host:port, with the password in ~/.my.cnf"
}

func sample(ctx context.Context, s streams, args []string, f *sampleFlags) error {
	interval, count, err := sampleTimes(args)
	if err != nil {
		return err
	}
	groups, err := f.chosenGroups()
	if err != nil {
		return err
	}
	i := slices.Index(sampleFormatNames(), f.format)
	var columns []sampleColumn
	for _, g := range groups {
		columns = append(columns, g.columns...)
	}
	out := sampleFormats[i].new(s.out, columns)
	sources, err := f.sources(groups)
	if err != nil {
		return err
	}
	defer func() {
		for _, src := range sources {
			src.close()
		}
	}()
	before := time.Now()
	for _, src := range sources {
		first, err := src.read(ctx, before)
		if err != nil && src.needed {
			return hinted{err, "sample reads /proc of Linux; in a container it must be mounted"}
		}
		if err != nil {
			return hinted{err, f.serverHint(err)}
		}
		tellMissing(s.err, first.Missing)
	}
	for at := range grid(ctx, before, interval) {
		all, err := readSources(ctx, sources, at, s.err)
		if errors.Is(err, context.Canceled) {
			break
		}
		if err != nil {
			return err
		}
		if err := out.row(sampleRow{at, at.Sub(before).Seconds(), all}); err != nil {
			return err
		}
		before = at
		if count--; count == 0 {
			break
		}
	}
	return out.end()
}

// grid yields the instants at whole intervals after start until ctx ends. An instant that was slept
// through is left out, and the row after it is of two intervals: the grid never drifts.
func grid(ctx context.Context, start time.Time, interval time.Duration) func(yield func(time.Time) bool) {
	return func(yield func(time.Time) bool) {
		timer := time.NewTimer(interval)
		defer timer.Stop()
		for k := time.Duration(1); ; k++ {
			timer.Reset(time.Until(start.Add(k * interval)))
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			}
			now := time.Now()
			k = max(k, now.Sub(start)/interval)
			if !yield(now) {
				return
			}
		}
	}
}

// tellMissing says once what the rows will lack.
func tellMissing(w io.Writer, missing []collectors.Missing) {
	for _, m := range missing {
		fmt.Fprintf(w, "dbtriage: note: no %s: %s\n", m.What, show.Line(m.Why))
		if m.Provide != "" {
			fmt.Fprintf(w, "dbtriage: hint: %s\n", m.Provide)
		}
	}
}

// terminalSize returns the size of a terminal; ok is false when w is none.
func terminalSize(w io.Writer) (width, height int, ok bool) {
	f, ok := w.(*os.File)
	if !ok {
		return 0, 0, false
	}
	width, height, err := term.GetSize(int(f.Fd()))
	return width, height, err == nil && width > 0
}

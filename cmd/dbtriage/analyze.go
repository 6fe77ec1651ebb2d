package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"dbtriage/rules"
	"dbtriage/ui/session"
)

const analyzeLong = `Analyze reads MySQL and MariaDB slow logs, Nginx access logs and request logs of
the application, of any size, and prints a diagnosis. The format of each file is
told by its content. A directory stands for every log in it; "-" is standard input;
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
	outputFlags
	filterFlags
	inputFlags
	followFlags
	unread []session.Input // arguments that name nothing
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
	s.rules.add(cmd.Flags())
	f.outputFlags.add(cmd)
	f.filterFlags.add(cmd)
	f.followFlags.add(cmd)
	f.inputFlags.add(cmd)
	return cmd
}

// analyze is the whole batch run.
func analyze(ctx context.Context, s streams, args []string, f *analyzeFlags) error {
	opt, err := f.inputFlags.options(&f.filterFlags)
	if err != nil {
		return err
	}
	f.nginxConf.tellMissing(s.err)
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
		read = followLogs
	}
	failed, err := read(ctx, s, inputs, opt, f)
	if err == nil && failed {
		return errTold
	}
	return err
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

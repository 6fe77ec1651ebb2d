package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
	"dbtriage/analyzers/verify"
	"dbtriage/collectors"
	"dbtriage/collectors/logs"
	"dbtriage/collectors/mysql"
	"dbtriage/collectors/mysql/scratch"
	"dbtriage/ui/report"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
)

const indexVerifyLong = `Verify proves an index before it is built. It copies a part of the tables into a
scratch schema, runs statements of the slow log there without
and with the index, and says by the pages and rows that they take whether the index
is worth it: verified, rejected or undecided. Without --ddl it verifies the indexes
that dbtriage advises for the log.

This is the only command that writes. It writes only to the schema that
--scratch-schema names, which must not exist: it is made, and dropped at the end,
on Ctrl-C, an error and a timeout too. Reading the tables and building indexes on
the copy is work for the server: better name a test server, with the same data or
with --from where that is, than a primary at its peak. Replicas, read-only servers
and Galera nodes are refused; --from may name one.

An UPDATE or DELETE is judged by the SELECT of its rows. Reports hold no literals
of your statements unless you ask for --samples.`

const indexVerifyExample = `  dbtriage index verify --mysql dbtriage@127.0.0.1 --scratch-schema dbtriage_scratch slow.log
  dbtriage index verify --mysql /run/mysqld/mysqld.sock --scratch-schema scratch \
      --ddl 'ALTER TABLE shop.orders ADD INDEX ix_status (status, created_at)' slow.log
  dbtriage index verify --mysql db-test --from replica-2 --scratch-schema scratch -f markdown -o ticket.md slow.log*
  dbtriage index verify --mysql db-test --scratch-schema scratch --fail-on rejected slow.log`

const failRejected = "rejected"

type indexVerifyFlags struct {
	mysqlFlags
	scratch, from  string
	ddl            []string
	rows           int64
	timeout, limit time.Duration
	allowBinlog    bool
	format, output string
	samples, ascii bool
	color, failOn  string

	asked []verify.Asked // what --ddl makes
}

func newIndexVerify(s streams) *cobra.Command {
	var f indexVerifyFlags
	cmd := &cobra.Command{
		Use:         "verify --mysql SERVER --scratch-schema NAME SLOWLOG...",
		Short:       "Measure statements of a slow log without and with an index, on a copy",
		Long:        indexVerifyLong,
		Example:     indexVerifyExample,
		Annotations: map[string]string{"exit 1": "an index is rejected, where --fail-on asks"},
		RunE:        func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, args) },
	}
	fl := cmd.Flags()
	f.mysqlFlags.add(fl)
	fl.Lookup("mysql").Usage = "the `SERVER` with the tables, which is written to: user@host:port, or the path of its socket"
	fl.StringVar(&f.scratch, "scratch-schema", "", "make, use and drop a schema of this `NAME`, the only place that is written to")
	fl.StringVar(&f.from, "from", "", "read tables and rows from this `SERVER` and write only to that of --mysql, a test server say")
	fl.StringArrayVar(&f.ddl, "ddl", nil, "verify the index that this `STATEMENT` makes, instead of those advised; may be given again")
	fl.Int64Var(&f.rows, "rows", 200_000, "copy at most `N` rows of a table; of a larger one a sample from all over it")
	f.timeout, f.limit = 15*time.Minute, 5*time.Second
	addInterval(cmd, &f.timeout, "timeout", time.Second, "end after this `DURATION` with what is known by then")
	addInterval(cmd, &f.limit, "statement-timeout", time.Millisecond, "give a measured statement up after this `DURATION`")
	fl.BoolVar(&f.allowBinlog, "allow-binlog", false, "write to the binary log, and so to replicas, where the user may not switch it off for a session")
	addFormat(cmd, &f.format, verificationNames())
	fl.StringVarP(&f.output, "output", "o", "", "write to this `FILE` instead of standard output")
	fl.BoolVar(&f.samples, "samples", false, "show the statements that were measured, with their literals")
	fl.BoolVar(&f.ascii, "ascii", false, "use ASCII characters only")
	f.color = "auto"
	addChoice(cmd, &f.color, "color", "", []string{"auto", "never", "always"}, "`COLOURS` of the text: auto, never or always")
	addChoice(cmd, &f.failOn, "fail-on", "", []string{failRejected}, "exit with 1 when an index is `VERDICT`: rejected")
	s.rules.add(fl)
	for _, name := range []string{"scratch-schema", "ddl", "mysql", "from"} {
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	return cmd
}

func verificationNames() (names []string) {
	for _, f := range report.VerificationFormats {
		names = append(names, f.Name)
	}
	return names
}

// check looks at what can be wrong before anything is read.
func (f *indexVerifyFlags) check(args []string) error {
	switch {
	case len(args) == 0:
		return hinted{errors.New("no slow log was named"), "name the log whose statements are to be measured"}
	case slices.ContainsFunc(args, standardInput):
		return hinted{errors.New("the log is read twice, and standard input can be read once"), "write it to a file first"}
	case len(f.servers) == 0 && f.defaultsFile == "":
		return hinted{errors.New("no server was named"), "name the one with the tables: --mysql user@host:port, or the path of its socket"}
	case len(f.servers) > 1:
		return hinted{errors.New("--mysql names more than one server"), "name the one with the tables"}
	case f.scratch == "":
		return hinted{errors.New("no scratch schema was named"), "name one that does not exist: --scratch-schema dbtriage_scratch; it is made, and dropped at the end"}
	case len([]rune(f.scratch)) > 64 || strings.TrimRight(f.scratch, " ") != f.scratch || strings.ContainsAny(f.scratch, "\x00/\\."):
		return hinted{fmt.Errorf("--scratch-schema %q is not a name for a schema", f.scratch), "use letters, digits and underscores, at most 64"}
	case f.rows < 1:
		return hinted{fmt.Errorf("--rows %d is not a number of rows", f.rows), "use 1 or more, such as 200000"}
	}
	for _, ddl := range f.ddl {
		asked, err := verify.ParseDDL(ddl)
		if err != nil {
			return hinted{fmt.Errorf("--ddl %q: %w", ddl, err), "for example --ddl 'ALTER TABLE shop.orders ADD INDEX ix_status (status)'"}
		}
		f.asked = append(f.asked, asked...)
	}
	return nil
}

// run reads the logs and the dictionary, measures, and writes the report.
func (f *indexVerifyFlags) run(ctx context.Context, s streams, args []string) error {
	if err := f.check(args); err != nil {
		return err
	}
	inputs, err := session.Inputs(args, s.in)
	if err != nil {
		return hinted{err, "check the name; a quoted pattern works too"}
	}
	target, source, err := f.both()
	if err != nil {
		return err
	}
	beNice()
	read, stop := progress(s.err, totalSize(inputs))
	snapshot, problems := session.Read(ctx, inputs, session.Options{Workers: runtime.GOMAXPROCS(0), Progress: read})
	stop()
	if failed := tell(s.err, problems); failed {
		return errTold
	}
	if snapshot.Digest.Statements.Count == 0 {
		return hinted{errors.New("the logs hold no statement"), "name a slow log of MySQL or MariaDB; long_query_time=0 for some minutes catches all"}
	}
	if err := readDictionary(ctx, s.err, source, snapshot); err != nil {
		return err
	}
	statements := advise.Statements(snapshot.Digest, maxVerified)
	catalog := advise.NewCatalog(snapshot.Tables)
	asked := f.asked
	if len(f.ddl) == 0 {
		if asked, err = advised(statements, catalog, snapshot); err != nil {
			return err
		}
	}
	v := &report.Verification{Version: versionText(), Server: target.Address(), Engine: snapshot.Settings["version"], Scratch: f.scratch, Rows: f.rows,
		StatementUS: f.limit.Microseconds(), Sources: snapshot.Sources, ShowLiterals: f.samples}
	if f.from != "" {
		v.From = source.Address()
	}
	plan := verify.NewPlan(asked, statements, catalog)
	v.Beyond, v.Unread = plan.Beyond, plan.Unread
	if err := gather(ctx, plan, snapshot.Sources); err != nil {
		return err
	}
	err = f.measure(ctx, s.err, target, source, plan, v)
	var left undropped
	if err != nil && !errors.As(err, &left) {
		return err
	}
	if err := f.write(s, v); err != nil {
		return err
	}
	if left.error != nil {
		return left.error
	}
	if ctx.Err() != nil {
		return errors.New("interrupted: what was not measured by then is undecided")
	}
	if f.failOn == failRejected && v.Count(verify.Rejected) > 0 {
		return errFindings
	}
	return nil
}

// both say how to log in to the server that is written to and to the one with the tables, which may be the same.
func (f *indexVerifyFlags) both() (target, source mysql.Config, err error) {
	if f.from != "" {
		if len(f.servers) == 0 {
			f.servers = []string{""} // the option file says which
		}
		f.servers = append(f.servers, f.from)
	}
	configs, err := f.configs()
	if err != nil {
		return target, source, err
	}
	return configs[0], configs[len(configs)-1], nil
}

// maxVerified bounds the classes that are looked at, by time: as many as the rules look at.
const maxVerified = 200

// dictionaryLimit bounds each question about tables: it is asked once.
const dictionaryLimit = 10 * time.Second

// readDictionary asks the server for its tables, indexes and columns, and for what it is.
func readDictionary(ctx context.Context, stderr io.Writer, c mysql.Config, to *analyzers.Snapshot) error {
	c.Timeout = dictionaryLimit
	server := mysql.New(c, "variables", "tables", "indexes", "columns")
	defer server.Close()
	r, err := server.Read(ctx, time.Now())
	if err != nil {
		return withHint(err)
	}
	for _, m := range r.Missing {
		fmt.Fprintf(stderr, "dbtriage: note: %s: %s\n", m.What, show.Line(m.Why))
	}
	for name, value := range r.Settings {
		to.Set(name, value)
	}
	for _, t := range r.Tables {
		to.AddTable(t)
	}
	return nil
}

// withHint adds the next step where an error carries one.
func withHint(err error) error {
	var source *collectors.SourceError
	var refusal *scratch.Refusal
	switch {
	case errors.As(err, &refusal) && refusal.Provide != "":
		return hinted{err, show.Line(refusal.Provide)}
	case errors.As(err, &source) && source.Provide != "":
		return hinted{err, source.Provide}
	}
	return err
}

// advised are the indexes that dbtriage itself advises.
func advised(statements []advise.Statement, catalog *advise.Catalog, s *analyzers.Snapshot) (out []verify.Asked, err error) {
	for _, x := range advise.PlanIndexes(statements, catalog, s.Engine).Indexes {
		asked, err := verify.ParseDDL(x.DDL())
		if err != nil {
			return nil, fmt.Errorf("the advised %s: %w", x.DDL(), err)
		}
		asked[0].Classes = x.Classes
		if i := slices.IndexFunc(statements, func(st advise.Statement) bool { return st.Class.ID == x.Classes[0] }); i >= 0 {
			asked[0].Schema = statements[i].Schema
		}
		out = append(out, asked...)
	}
	return out, nil
}

// gather reads the slow logs again for samples of the classes that are to be measured.
func gather(ctx context.Context, plan *verify.Plan, sources []collectors.Source) error {
	g := verify.NewGatherer(plan)
	var all []*verify.Gathered
	for _, src := range sources {
		if src.Role != "db" || src.Recording {
			continue
		}
		in, err := logs.Open(src.Path, logs.Options{}, nil)
		if err != nil {
			return err
		}
		got, err := g.Gather(ctx, in, runtime.GOMAXPROCS(0))
		in.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", src.Path, err)
		}
		all = append(all, got)
	}
	plan.Take(all)
	return nil
}

// An undropped error says that all was measured and the scratch schema is still there.
type undropped struct{ error }

// measure does the work on the server. Whatever comes, the scratch schema is gone behind it or its error says how
// to drop it. That the time was up is no error: what is not known by then is undecided.
func (f *indexVerifyFlags) measure(ctx context.Context, stderr io.Writer, target, source mysql.Config, plan *verify.Plan, v *report.Verification) (err error) {
	if !slices.ContainsFunc(plan.Candidates, func(x *verify.Candidate) bool { return x.Why == "" }) {
		for _, x := range plan.Candidates {
			v.Results = append(v.Results, verify.Judge(x, nil, nil, scratch.Copied{}, nil, x.Why))
		}
		return nil
	}
	begun := time.Now()
	within, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	say := func(format string, args ...any) {
		fmt.Fprintln(stderr, "dbtriage: "+show.Line(fmt.Sprintf(format, args...)))
	}
	opt := scratch.Options{Schema: f.scratch, Rows: f.rows, Statement: f.limit, AllowBinlog: f.allowBinlog}
	if f.from != "" {
		opt.From = &source
	}
	sc, err := scratch.Open(within, target, opt)
	if err != nil {
		return withHint(interrupted(ctx, err, f.timeout))
	}
	defer func() {
		gone := sc.Close()
		switch {
		case gone == nil:
			say("schema %s is dropped", f.scratch)
		case err != nil: // told here, for the error that follows has a hint of its own
			say("error: %v; drop it by hand: %s", gone, sc.DropByHand())
		default:
			err = undropped{withHint(gone)}
		}
		v.Notes = append(v.Notes, sc.Notes...)
		v.TookUS = time.Since(begun).Microseconds()
	}()
	copied, err := sc.Copy(within, plan.Tables, func(table string) { say("copying %s", table) })
	if err != nil {
		return withHint(interrupted(ctx, err, f.timeout))
	}
	v.Tables = copied
	plan.Copied(copied)
	r := runner{sc, plan, map[*verify.Class]verify.Trial{}}
	say("measuring %d classes", len(plan.Classes))
	for _, class := range plan.Classes {
		r.before[class] = r.try(within, class)
	}
	for _, x := range plan.Candidates {
		if x.Why == "" {
			say("index %s on %s", x.Index.Name, x.Table)
		}
		result, err := r.verify(within, x)
		if err != nil && within.Err() == nil {
			return err
		}
		v.Results = append(v.Results, result)
	}
	if within.Err() != nil {
		v.Notes = append(v.Notes, "The run ended before all was measured.")
	}
	return nil
}

// interrupted says who ended the work where it was not the server.
func interrupted(ctx context.Context, err error, timeout time.Duration) error {
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted before anything was measured")
	case errors.Is(err, context.DeadlineExceeded):
		return hinted{fmt.Errorf("%v were over before anything was measured", timeout), "give more time with --timeout, or fewer rows with --rows"}
	}
	return err
}

// A runner measures the classes of a plan.
type runner struct {
	*scratch.Scratch
	plan   *verify.Plan
	before map[*verify.Class]verify.Trial
}

// notReached is why something was not measured when the time was up or someone ended the run.
const notReached = "the run ended before"

// try measures each sample of a class.
func (r *runner) try(ctx context.Context, c *verify.Class) verify.Trial {
	t := verify.Trial{Class: c}
	for i := range c.Samples {
		run := verify.Run{Why: c.Why}
		if run.Why == "" {
			run = r.once(ctx, c, &c.Samples[i])
		}
		t.Runs = append(t.Runs, run)
	}
	return t
}

func (r *runner) once(ctx context.Context, c *verify.Class, s *verify.Sample) (run verify.Run) {
	sql, why := c.Statement(s)
	if why != "" {
		return verify.Run{Why: why}
	}
	var err error
	if run.Measurement, err = r.Measure(ctx, sql); err != nil {
		if run.Why = scratch.Reason(err); ctx.Err() != nil {
			run.Why = notReached
		}
	}
	return run
}

// verify makes an index, measures the classes of its table with it, and takes it away again.
func (r *runner) verify(ctx context.Context, x *verify.Candidate) (verify.Result, error) {
	copied := r.plan.InScratch[x.Table]
	judge := func(after []verify.Trial, built *scratch.Built, why string) verify.Result {
		return verify.Judge(x, r.before, after, copied, built, why)
	}
	switch {
	case x.Why != "":
		return judge(nil, nil, x.Why), nil
	case ctx.Err() != nil:
		return judge(nil, nil, notReached), nil
	}
	built, err := r.AddIndex(ctx, x.Table.Name, x.Index)
	if err != nil {
		result, unfit := judge(nil, nil, scratch.Reason(err)), scratch.Unfit(err)
		if _, server := mysql.ErrorNumber(err); server {
			result.Why, err = "the server does not make it: "+result.Why, nil
		}
		if unfit {
			result.Verdict = verify.Rejected
		}
		return result, err
	}
	var after []verify.Trial
	for _, c := range r.plan.Classes {
		if c.Touches(x.Table) {
			after = append(after, r.try(ctx, c))
		}
	}
	return judge(after, &built, ""), r.DropIndex(ctx, x.Table.Name, x.Index.Name)
}

func (f *indexVerifyFlags) write(s streams, v *report.Verification) error {
	format, _ := report.VerificationNamed(f.format)
	return writeReport(s, f.output, func(w io.Writer, toTerminal io.Writer) error {
		return format.Write(w, v, report.Style{Colour: colour(f.color, toTerminal), Width: widthOf(toTerminal), ASCII: f.ascii})
	})
}

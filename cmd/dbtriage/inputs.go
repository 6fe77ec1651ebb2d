package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dbtriage/collectors"
	"dbtriage/collectors/logs"
	"dbtriage/collectors/recorded"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
)

// inputFlags say how files are to be read; what reads files as analyze does has them.
type inputFlags struct {
	logFormat string
	nginxConf nginxConfFlag
	schema    string
	fields    map[string]string
	offsets   []string
	cpus      int
}

func (f *inputFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.logFormat, "log-format", "", "Nginx log_format `STRING` of the access logs")
	f.nginxConf.add(fl)
	fl.StringVar(&f.schema, "schema", "", "definitions of the tables: `FILE` written by mysqldump --no-data, or by hand")
	fl.StringToStringVar(&f.fields, "field", nil, "names in JSON and LTSV logs, as `CANONICAL=NAME` (duration=took_ms)")
	fl.Lookup("field").DefValue = "" // help would print the empty map
	fl.StringArrayVar(&f.offsets, "offset", nil, "add to the times of a log, `SOURCE=±DURATION` (db=-3s, slow.log=+1h)")
	fl.IntVar(&f.cpus, "cpus", 0, "use `N` processors (default: all there are)")
}

// options are what the flags and those of the filter ask of reading.
func (f *inputFlags) options(filter *filterFlags) (opt session.Options, err error) {
	if opt.Filter, err = filter.filter(time.Now()); err != nil {
		return opt, err
	}
	if f.logFormat != "" {
		if _, err := logs.CompileLogFormat(f.logFormat); err != nil {
			return opt, hinted{fmt.Errorf("--log-format: %w", err), "give it as nginx.conf has it, in single quotes for the shell"}
		}
	}
	for _, text := range f.offsets {
		o, err := session.ParseOffset(text)
		if err != nil {
			return opt, hinted{fmt.Errorf("--offset: %w", err), "name a file of the arguments, or web, app or db"}
		}
		opt.Offsets = append(opt.Offsets, o)
	}
	for name := range f.fields {
		if names := logs.FieldNames(); !slices.Contains(names, name) {
			return opt, hinted{fmt.Errorf("--field %s: no field is named so", name), "the names before the '=' are " + strings.Join(names, ", ")}
		}
	}
	opt.Logs = logs.Options{LogFormat: f.logFormat, Fields: f.fields}
	if opt.Logs.NginxConf, err = f.nginxConf.read(); err != nil {
		return opt, err
	}
	if f.cpus < 0 {
		return opt, hinted{fmt.Errorf("--cpus %d is not a number of processors", f.cpus), "use 1 or more; without the flag all there are work"}
	}
	if f.cpus > 0 {
		runtime.GOMAXPROCS(f.cpus)
	}
	opt.Workers = runtime.GOMAXPROCS(0)
	collectLate()
	if f.schema != "" {
		if err := checkSchema(f.schema); err != nil {
			return opt, err
		}
	}
	return opt, nil
}

// prepare adds the schema that was named to inputs, and has logs read by the nginx.conf among them, which is no
// log itself.
func (f *inputFlags) prepare(inputs []session.Input, opt *session.Options) []session.Input {
	if f.schema != "" {
		inputs = append(inputs, session.Input{Path: f.schema})
	}
	if f.nginxConf.path == "" {
		opt.Logs.NginxConf, inputs = session.NginxConf(inputs)
	}
	return inputs
}

// checkOffsets looks for the sources that offsets are for.
func (f *inputFlags) checkOffsets(offsets []session.Offset, inputs []session.Input) error {
	for _, o := range offsets {
		if o.Fits(inputs) {
			continue
		}
		names := slices.Clone(session.Roles)
		for _, in := range inputs[:min(len(inputs), maxPassed)] {
			names = append(names, filepath.Base(in.Path))
		}
		return hinted{fmt.Errorf("--offset %s: no input is named so", o.Source), "name one of " + show.Line(strings.Join(names, ", "))}
	}
	return nil
}

// checkSchema says at once when a file holds no definitions.
func checkSchema(path string) error {
	in, err := logs.Open(path, logs.Options{}, nil)
	if in != nil {
		in.Close()
	}
	var unknown *logs.UnknownFormatError
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return fileError("--schema", path, err)
	}
	if errors.As(err, &unknown) {
		if found := recorded.Detect(unknown.Head, filepath.Base(path)); found != nil && found.Name == recorded.FormatSchema {
			return nil
		}
		err = fmt.Errorf("%s holds no CREATE TABLE", path)
	} else if err == nil {
		err = fmt.Errorf("%s is a log", path)
	}
	return hinted{fmt.Errorf("--schema: %w", err), "make one with: mysqldump --no-data --databases NAME > schema.sql"}
}

// tellUnused says when the user's own log_format fits none of the logs.
func (f *inputFlags) tellUnused(w io.Writer, sources []collectors.Source) {
	for _, given := range []struct{ flag, value, format string }{
		{"--log-format", f.logFormat, logs.FormatGiven}, {"--nginx-conf", f.nginxConf.path, logs.FormatOfConf},
	} {
		uses := func(src collectors.Source) bool { return src.Format == given.format }
		if given.value != "" && !slices.ContainsFunc(sources, uses) {
			fmt.Fprintf(w, "dbtriage: note: %s fits none of the logs; their formats were told by content\n", given.flag)
		}
	}
}

func totalSize(inputs []session.Input) int64 {
	var total int64
	for _, in := range inputs {
		if info, err := os.Stat(in.Path); in.Open == nil && err == nil {
			total += info.Size()
		}
	}
	return total
}

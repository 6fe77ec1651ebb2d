// Package recorded reads recordings as samples, settings and tables. Most were made by other programs: sar's
// files, vmstat, iostat, those of pt-stalk, dumps of the dictionary, option files. dbtriage's own format lies in
// frame*.go, and recorder.go writes it.
package recorded

import (
	"context"
	"fmt"
	"io"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/errorlog"
)

// A Sink takes what a recording holds, in the order it is found. None of its functions may be nil.
type Sink struct {
	Host    func(name string) // what follows was recorded on this host
	Sample  func(collectors.Sample)
	Setting func(name, value string)
	// Configured takes what a server was told to start with: what it says itself (Setting) is better.
	Configured func(name, value string)
	Table      func(collectors.Table)
	// Sessions and Waits are what a server listed at an instant; nil when nobody wants to know.
	Sessions func(at int64, all []collectors.Session)
	Waits    func(at int64, all []collectors.Wait)
}

// A Format is one kind of recording.
type Format struct {
	Name string
	Role string // host, db or web
	// series is the role of its series, where that is another; see SeriesRole.
	series string
	// sniff looks at the first bytes. The base name of the file counts only where the text cannot
	// tell: a file of time stamps without rows.
	sniff func(head []byte, base string) bool
	read  func(r *reader) error
}

// Formats is the table of recordings, in the order in which they are tried.
var Formats = []Format{
	{Name: "sadf -j", Role: "host", sniff: sniffSar, read: readSar},
	{Name: "sar", Role: "host", sniff: sniffSarBinary, read: readSarBinary},
	{Name: "top -b", Role: "host", sniff: sniffTop, read: readTop},
	{Name: "vmstat", Role: "host", sniff: sniffVmstat, read: readVmstat},
	{Name: "iostat -x", Role: "host", sniff: sniffIostat, read: readIostat},
	{Name: "/proc", Role: "host", sniff: sniffProc, read: readProc},
	{Name: "server status", Role: "db", sniff: sniffStatus, read: readStatus},
	{Name: "server variables", Role: "db", sniff: sniffVariables, read: readVariables},
	{Name: "process list", Role: "db", sniff: sniffProcesslist, read: readProcesslist},
	{Name: "transactions", Role: "db", sniff: sniffTransactions, read: readTransactions},
	{Name: "lock waits", Role: "db", sniff: sniffLockWaits, read: readLockWaits},
	{Name: "InnoDB monitor", Role: "db", sniff: sniffInnoDB, read: readInnoDB},
	{Name: "replica status", Role: "db", sniff: sniffReplica, read: readReplica},
	{Name: "table sizes", Role: "db", sniff: sniffTables, read: readTables},
	{Name: "index columns", Role: "db", sniff: sniffIndexes, read: readIndexes},
	{Name: "table columns", Role: "db", sniff: sniffColumns, read: readColumns},
	{Name: FormatSchema, Role: "db", sniff: sniffSchema, read: readSchema},
	{Name: "option file", Role: "db", sniff: sniffOptions, read: readOptions},
	errorFormat(&errorlog.Nginx),
	errorFormat(&errorlog.MySQL),
}

// FormatSchema names definitions of tables: mysqldump --no-data, or a schema written by hand.
const FormatSchema = "schema"

// Detect tells the format of a recording from its first bytes and the base name of its file; nil
// means that it is none.
func Detect(head []byte, base string) *Format {
	for i := range Formats {
		if Formats[i].sniff(head, base) {
			return &Formats[i]
		}
	}
	return nil
}

// SeriesRole is the role under which its samples are kept: that of the server, but of error logs
// errorlog.SeriesRole.
func (f *Format) SeriesRole() string {
	if f.series != "" {
		return f.series
	}
	return f.Role
}

// maxSkips is how many skips of one recording are kept.
const maxSkips = 5

// A Result is what came of reading a recording.
type Result struct {
	Bytes    int64
	Events   int64 // samples, settings and tables
	Skipped  int64
	Skips    []collectors.Skip
	Warnings []string
	Host     string
	From, To int64 // first and last sample; collectors.NoTime when none
}

// Options are what a reader may be told.
type Options struct {
	Base string // name of the file, from which pt-stalk's files take their time
	// Modified is when the file was last written, in microseconds since the epoch: the instant of the
	// last of its rows where neither text nor name has one. NoTime when unknown.
	Modified int64
	// Zone is how far the host's clock is ahead of UTC, in microseconds: names of files and the
	// server's own times are local.
	Zone int64
	// Location is the zone of times that say none, where Zone is 0; nil is UTC.
	Location *time.Location
}

// Read reads a recording to its end. After an error the result holds what was read until then.
func Read(ctx context.Context, in io.Reader, f *Format, opt Options, sink Sink) (Result, error) {
	r := newReader(ctx, in, opt, sink)
	err := f.read(r)
	r.res.Bytes = r.offset
	if err != nil {
		err = fmt.Errorf("%s: %w", f.Name, err)
	}
	return r.res, err
}

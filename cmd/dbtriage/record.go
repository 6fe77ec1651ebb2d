package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dbtriage/collectors/recorded"
	"dbtriage/ui/session"
	"dbtriage/ui/show"
)

const recordLong = `Record reads this host and what is named each second and keeps it for replay,
analyze and a look back after an incident. It writes files by day into a folder,
deletes the oldest when there are too many, and uses little: a few thousandths
of a core. What was written survives a kill at any moment; after a power cut up
to a minute may be missing.`

const recordExample = `  dbtriage record --slow-log /var/log/mysql/slow.log --access-log /var/log/nginx/access.log
  dbtriage record --for 10m --out incident && dbtriage replay -f markdown incident
  dbtriage record --out /var/lib/dbtriage --max-size 500M --max-age 7d
  dbtriage replay /var/lib/dbtriage`

type recordFlags struct {
	sourceFlags
	out     string
	maxSize string
	maxAge  time.Duration
	length  time.Duration // 0 is until it is stopped
}

func newRecord(s streams) *cobra.Command {
	var f recordFlags
	cmd := &cobra.Command{
		Use:     "record",
		Short:   "Keep what hosts, servers and logs say, for replay",
		Long:    recordLong,
		Example: recordExample,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return record(cmd.Context(), s, &f) },
	}
	f.sourceFlags.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.out, "out", defaultFolder(), "write into this `FOLDER`")
	fl.StringVar(&f.maxSize, "max-size", "1G", "keep at most this many `BYTES` (500M, 2G); 0 sets no limit")
	addInterval(cmd, &f.length, "for", time.Second, "stop after this `DURATION` (10m)")
	f.maxAge = 14 * 24 * time.Hour
	addInterval(cmd, &f.maxAge, "max-age", 0, "delete files older than this `AGE`; 0 keeps all")
	return cmd
}

// defaultFolder is where recordings are kept: of the system for root, else of the user.
func defaultFolder() string {
	if os.Geteuid() == 0 {
		return "/var/lib/dbtriage"
	}
	if dir := os.Getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "dbtriage")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "dbtriage-recordings"
	}
	return filepath.Join(home, ".local", "state", "dbtriage")
}

// recorderMemory is where the collector begins to work harder; it is no limit.
const recorderMemory = 14 << 20

func record(ctx context.Context, s streams, f *recordFlags) error {
	size, err := parseBytes(f.maxSize)
	if err != nil {
		return hinted{fmt.Errorf("--max-size %q: %w", f.maxSize, err), "use a number of bytes with K, M or G behind it: 500M"}
	}
	opt, err := f.options()
	if err != nil {
		return err
	}
	f.nginxConf.tellMissing(s.err)
	opt.Record = &recorded.RecorderOptions{Dir: f.out, MaxBytes: size, MaxAge: f.maxAge}
	beNice()
	debug.SetGCPercent(liveGC)
	debug.SetMemoryLimit(recorderMemory)
	releaseStartPagesLater()
	runtime.GOMAXPROCS(1) // a recorder works little: sharing that out costs a quarter more, and a megabyte
	if f.length > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithCancel(ctx) // no deadline: readers tell that from being stopped
		defer time.AfterFunc(f.length, stop).Stop()
		defer stop()
	}
	file, broken := "", ""
	err = session.Record(ctx, opt, func(r session.RecordReport) {
		if r.File != file {
			file = r.File
			fmt.Fprintf(s.err, "dbtriage: recording to %s\n", show.Line(file))
		}
		for _, src := range r.Sources {
			if src.State != "ok" && src.State != "waiting" {
				fmt.Fprintf(s.err, "dbtriage: note: %s: %s\n", show.Line(src.Name), show.Line(sourceText(src)))
			}
		}
		why := ""
		if r.Err != nil {
			why = r.Err.Error()
		}
		if why == "" && broken != "" {
			fmt.Fprintf(s.err, "dbtriage: recording again; %d ticks were lost\n", r.Lost)
		}
		broken = why
	})
	return recordError(err)
}

func recordError(err error) error {
	switch {
	case errors.Is(err, recorded.ErrLocked):
		return hinted{err, "stop the other one, or record to another place"}
	case errors.Is(err, fs.ErrExist):
		return hinted{err, "name a file that does not exist yet: recordings are never written over"}
	case errors.Is(err, fs.ErrPermission):
		return hinted{err, "name a place you may write to, or run it as root"}
	}
	return err
}

// parseBytes reads 500M or 2G; the units are powers of 1024.
func parseBytes(text string) (int64, error) {
	number := strings.TrimRight(strings.ToUpper(text), "IB")
	shift := 0
	for i, unit := range "KMGT" {
		if before, ok := strings.CutSuffix(number, string(unit)); ok {
			number, shift = before, 10*(i+1)
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n >= 0 && n <= 1e18) || n > 1e6 && shift >= 40 { // NaN is neither
		return 0, errors.New("not a number of bytes")
	}
	return int64(n * float64(int64(1)<<shift)), nil
}

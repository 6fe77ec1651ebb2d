package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"dbtriage/analyzers"
)

// filterFlags are the flags that leave events out.
type filterFlags struct {
	since, until   string
	db, user, host string
	route, status  string
	minTime        time.Duration
}

func (f *filterFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.since, "since", "", "leave out what ended before this `TIME` (2026-11-22T15:04:05Z, 15:04, 15m or 2d ago)")
	fl.StringVar(&f.until, "until", "", "leave out what ended at or after this `TIME`")
	fl.StringVar(&f.db, "db", "", "count only statements in this `SCHEMA`")
	fl.StringVar(&f.user, "user", "", "count only statements of this database `USER`")
	fl.StringVar(&f.host, "host", "", "count only statements of the client `HOST`, as the slow log names it")
	fl.StringVar(&f.route, "route", "", "count only requests of this `ROUTE`; '*' stands for any text (/api/*)")
	fl.StringVar(&f.status, "status", "", "count only requests with this `STATUS`: 404, 5xx or 500-504")
	fl.DurationVar(&f.minTime, "min-time", 0, "count only what took at least this `DURATION` (250ms)")
}

func (f *filterFlags) filter(now time.Time) (filter analyzers.Filter, err error) {
	filter = analyzers.Filter{DB: f.db, User: f.user, Host: f.host, MinTime: f.minTime.Microseconds()}
	if filter.Window, err = window(f.since, f.until, now); err != nil {
		return filter, err
	}
	if f.route != "" {
		filter.Route = analyzers.ParseRoute(f.route)
	}
	if f.status != "" {
		if filter.Status, err = analyzers.ParseStatus(f.status); err != nil {
			return filter, hinted{fmt.Errorf("--status: %w", err), "use 404, 5xx or 500-504"}
		}
	}
	if f.minTime < 0 {
		return filter, hinted{fmt.Errorf("--min-time %v is negative", f.minTime), "use a duration such as 250ms"}
	}
	return filter, nil
}

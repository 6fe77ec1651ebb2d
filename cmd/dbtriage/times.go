package main

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// timeLayouts are the forms of an absolute time; without a zone it is UTC, as in reports.
var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "02/Jan/2006:15:04:05 -0700"}

// unixSeconds is how a slow log writes a time: SET timestamp=1795385880.
var unixSeconds = regexp.MustCompile(`^\d{10}(\.\d{1,6})?$`)

// parseTime reads an absolute time, also as logs write it, a time of today such as 15:04, or how long ago, such as
// 15m or 2d.
func parseTime(text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(inHours(text)); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	if unixSeconds.MatchString(text) {
		s, _ := strconv.ParseFloat(text, 64)
		return time.UnixMicro(int64(math.Round(s * 1e6))), nil
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			y, m, d := now.UTC().Date()
			return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC), nil
		}
	}
	return time.Time{}, hinted{fmt.Errorf("%q is not a time", text), "use 2026-11-22T15:04:05Z, \"2026-11-22 15:04\", 15:04 (today, UTC), 15m or 2d (ago), or as logs have it"}
}

// inHours turns the days that a duration begins with, as 2d or 1d12h, into the hours that Go knows.
func inHours(text string) string {
	days, rest, ok := strings.Cut(text, "d")
	n, err := strconv.ParseUint(days, 10, 16)
	if !ok || err != nil {
		return text
	}
	return strconv.FormatUint(24*n, 10) + "h" + rest
}

func window(since, until string, now time.Time) (w analyzers.Window, err error) {
	if since == "" && until == "" {
		return w, nil
	}
	w = analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}
	if since != "" {
		t, err := parseTime(since, now)
		if err != nil {
			return w, err
		}
		w.From = t.UnixMicro()
	}
	if until != "" {
		t, err := parseTime(until, now)
		if err != nil {
			return w, err
		}
		w.To = t.UnixMicro()
	}
	if w.From != collectors.NoTime && w.To != collectors.NoTime && w.From >= w.To {
		return w, fmt.Errorf("--since %s is not before --until %s", since, until)
	}
	return w, nil
}

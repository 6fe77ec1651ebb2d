package main

import (
	"fmt"
	"time"

	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// timeLayouts are the forms of an absolute time; without a zone it is UTC, as in reports.
var timeLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"}

// parseTime reads an absolute time, a time of today such as 15:04, or how long ago, such as 15m.
func parseTime(text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
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
	return time.Time{}, hinted{fmt.Errorf("%q is not a time", text), "use 2026-11-22T15:04:05Z, \"2026-11-22 15:04\", 15:04 (today, UTC) or 15m (ago)"}
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

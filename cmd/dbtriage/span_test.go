package main

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	now := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2026-11-22T14:04:05.5Z":     "2026-11-22T14:04:05.5Z",
		"2026-11-22T22:04:05+08:00":  "2026-11-22T14:04:05Z",
		"2026-11-22 14:04":           "2026-11-22T14:04:00Z",
		"2026-11-22":                 "2026-11-22T00:00:00Z",
		"14:04":                      "2026-11-22T14:04:00Z",
		"90m":                        "2026-11-22T13:30:00Z",
		"2d":                         "2026-11-20T15:00:00Z",
		"1d12h":                      "2026-11-21T03:00:00Z",
		"22/Nov/2026:22:18:30 +0800": "2026-11-22T14:18:30Z",
		"1795385880":                 "2026-11-22T22:18:00Z",
		"1795385880.25":              "2026-11-22T22:18:00.25Z",
		"-15m":                       "", "d": "", "2dd": "", "-2d": "", "yesterday": "", "179538588": "", "99999999d": "",
	} {
		got, err := parseTime(text, now)
		if want == "" {
			if err == nil {
				t.Errorf("%q is %s", text, got)
			}
			continue
		}
		if s := got.UTC().Format(time.RFC3339Nano); err != nil || s != want {
			t.Errorf("%q: %s (%v), want %s", text, s, err, want)
		}
	}
}

package logs

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	const second = int64(1795382081_000_000)
	for _, c := range []struct {
		text string
		want int64 // 0: not a time
	}{
		{"22/Nov/2026:21:14:41 +0000", second},
		{"[22/Nov/2026:21:14:41 +0000]", second},
		{"23/Nov/2026:02:44:41 +0530", second},
		{"22/Nov/2026:13:14:41 -0800", second},
		{"2026-11-22T21:14:41+00:00", second},
		{"2026-11-22T21:14:41Z", second},
		{"2026-11-22 21:14:41", second},
		{"2026-11-22 21:14:41,123", second + 123_000},
		{"2026-11-22T22:14:41.123456789+01:00", second + 123_456},
		{"2026-11-22 22:14:41.5 +0100", second + 500_000},
		{"2026-11-22T23:14:41+02", second},
		{"2026-11-22 21:14:41 UTC", second},
		{"1795382081", second},
		{"1795382081.250", second + 250_000},
		{"1795382081250", second + 250_000},
		{"1795382081250000", second + 250_000},
		{"1795382081250000000", second + 250_000},
		{"1.795382081e9", 0},
		{"29/Feb/2024:00:00:00 +0000", 1709164800_000_000},
		{"29/Feb/2023:00:00:00 +0000", 0},
		{"22/Foo/2026:21:14:41 +0000", 0},
		{"22/Nov/2026:24:14:41 +0000", 0},
		{"22/Nov/2026:21:14:41 0000", 0},
		{"01/Jan/1970:00:00:00 +0100", 0},
		{"2026-11-22", 0},
		{"2026-11-22T21:14:41.", 0},
		{"2026-11-22T21:14:41+1", 0},
		{"2026", 0},
		{"", 0},
		{"-", 0},
	} {
		var k clock
		for range 2 { // the second time it is remembered
			got, ok := k.read([]byte(c.text))
			if ok != (c.want != 0) || ok && got != c.want {
				t.Errorf("%q is %d %v, want %d", c.text, got, ok, c.want)
			}
		}
	}
}

// TestCivil compares the calendar with the standard library's over a hundred years of days.
func TestCivil(t *testing.T) {
	for day := time.Unix(0, 0).UTC(); day.Year() < 2101; day = day.AddDate(0, 0, 1) {
		got, ok := civil(int64(day.Year()), int64(day.Month()), int64(day.Day()))
		if !ok || got != day.Unix()/86400 {
			t.Fatalf("%s is day %d %v, want %d", day.Format(time.DateOnly), got, ok, day.Unix()/86400)
		}
	}
}

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		text string
		unit unit
		want int64 // -1: not a duration
	}{
		{"0.003", seconds, 3000},
		{"12", seconds, 12_000_000},
		{"0.0000019", seconds, 1},
		{"0.123456789123456789123456789", seconds, 123_456},
		{"12.5", milliseconds, 12_500},
		{"1500", nanoseconds, 1},
		{"1.5e-05", seconds, 15},
		{"2E+3", milliseconds, 2_000_000},
		{"1e-300", seconds, 0},
		{"12.5ms", seconds, 12_500},
		{"12 ms", seconds, 12_000},
		{"350µs", seconds, 350},
		{"1h2m3.5s", seconds, 3_723_500_000},
		{"1e300", seconds, -1},
		{"99999999999999999999", seconds, -1},
		{"-1", seconds, -1},
		{"1x", seconds, -1},
		{"ms", seconds, -1},
		{".", seconds, -1},
		{"", seconds, -1},
		{"1e", seconds, -1},
	} {
		got, ok := duration([]byte(c.text), c.unit)
		if ok != (c.want >= 0) || ok && got != c.want {
			t.Errorf("%q is %d %v, want %d", c.text, got, ok, c.want)
		}
	}
}

package rules

import "testing"

func TestFormat(t *testing.T) {
	tests := []struct {
		v      any
		unit   string
		en, zh string
	}{
		{0.0853, "s", "85.3 ms", "85.3 ms"},
		{0.00035, "s", "350 µs", "350 µs"},
		{3.4, "s", "3.4 s", "3.4 秒"},
		{0.99999, "s", "1 s", "1 秒"},
		{720.0, "s", "12 min", "12 分钟"},
		{0.0, "s", "0 s", "0 秒"},
		{0.93, "share", "93 %", "93 %"},
		{0.0123, "share", "1.2 %", "1.2 %"},
		{0.0004, "share", "0.04 %", "0.04 %"},
		{1.0, "share", "100 %", "100 %"},
		{229.6, "per_s", "230/s", "230/秒"},
		{12842.0, "ratio", "12,842", "12,842"},
		{256820.0, "rows", "256,820", "25.7 万"},
		{1652000.0, "rows", "1.65 million", "165 万"},
		{0.0, "count", "0", "0"},
		{-12842.0, "count", "-12,842", "-12,842"},
		{"read-heavy", "", "read-heavy", "读多写少"},
		{"orders", "", "orders", "orders"},
	}
	for _, tt := range tests {
		if got := format(tt.v, tt.unit, "en"); got != tt.en {
			t.Errorf("%v %s: %q, want %q", tt.v, tt.unit, got, tt.en)
		}
		if got := format(tt.v, tt.unit, "zh"); got != tt.zh {
			t.Errorf("%v %s in zh: %q, want %q", tt.v, tt.unit, got, tt.zh)
		}
	}
}

func TestShorten(t *testing.T) {
	for in, want := range map[string]string{"": "", "abc": "abc", "abcd": "abcd", "abcde": "abc…", "语句语句语": "语句语…"} {
		if got := shorten(in, 4); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

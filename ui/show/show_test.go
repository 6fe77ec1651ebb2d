package show

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Duration(-1), "--"}, {Duration(0), "0ms"}, {Duration(1), "1µs"}, {Duration(999.6), "1ms"}, {Duration(91_234), "91.2ms"}, {Duration(999_600), "1s"},
		{Duration(2_306_000), "2.31s"}, {Duration(59.96e6), "1m00s"}, {Duration(723e6), "12m03s"}, {Duration(3600e6), "1h00m"}, {Duration(90_061e6), "1d01h"},
		{Share(0), "0%"}, {Share(0.0001), "<0.1%"}, {Share(0.054), "5.4%"}, {Share(0.0996), "10%"}, {Share(0.999), ">99%"}, {Share(1), "100%"},
		{Count(0), "0"}, {Count(-1234), "-1,234"}, {Count(1234567), "1,234,567"},
		{Short(999), "999"}, {Short(9999), "9,999"}, {Short(12345), "12.3k"}, {Short(4.56e6), "4.56M"}, {Short(2.5e9), "2.5G"},
		{Size(1023), "1023 B"}, {Size(64 << 20), "64 MiB"}, {Measure(nil, "s"), "--"}, {Measure(number(-0.5), "s"), "-500ms"}, {Measure(number(41196), "ratio"), "41,196x"},
		{Measure(number(0.25), ""), "0.25"}, {Measure(number(12), "count"), "12"}, {Measure(number(3.25), "per_s"), "3.25/s"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestLayout(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int
		want []string
	}{
		{"", 5, []string{""}}, {"one two", 7, []string{"one two"}}, {"one two", 6, []string{"one", "two"}}, {"one two", 3, []string{"one", "two"}},
		{"abcdefgh", 3, []string{"abc", "def", "gh"}}, {"慢查询日志", 4, []string{"慢查", "询日", "志"}}, {"a 慢查询", 5, []string{"a 慢", "查询"}},
	} {
		if diff := cmp.Diff(c.want, Wrap(c.text, c.n)); diff != "" {
			t.Errorf("wrap(%q, %d): %s", c.text, c.n, diff)
		}
	}
	if got := Cut("慢查询日志", 5, "…"); got != "慢查…" {
		t.Errorf("cut: %q", got)
	}
	if got := CutLeft("/var/log/mysql/slow.log", 12, "…"); got != "…ql/slow.log" {
		t.Errorf("cutLeft: %q", got)
	}
}

func number(f float64) *float64 { return &f }

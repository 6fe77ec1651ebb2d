package report

import (
	"testing"

	"dbtriage/rules"
)

// Units that are English words are Chinese in Chinese evidence.
func TestMeasureInChinese(t *testing.T) {
	rows, none := 49021.0, (*float64)(nil)
	p := &page{lang: "zh"}
	if got, want := p.evidence(rules.Evidence{What: "行数", Value: &rows, Limit: &rows, Unit: "rows"}, origin{}), "行数: 49,021 行 (界限 49,021 行)"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	for _, c := range []struct{ lang, unit, want string }{
		{"en", "rows", "49,021 rows"}, {"en", "per_s", "49k/s"}, {"zh", "per_s", "49k/秒"}, {"zh", "bytes_per_s", "47.9 KiB/秒"}, {"zh", "count", "49,021"},
	} {
		if got := measure(c.lang, &rows, c.unit); got != c.want {
			t.Errorf("%s %s: %q, not %q", c.lang, c.unit, got, c.want)
		}
	}
	if got := measure("zh", none, "rows"); got != "--" {
		t.Errorf("%q for what is unknown", got)
	}
}

package report

import (
	"strings"

	"dbtriage/ui/show"
)

// measure shows the number of an evidence in its unit, in a language.
func measure(lang string, v *float64, unit string) string {
	s := show.Measure(v, unit)
	if lang != "zh" {
		return s
	}
	if n, ok := strings.CutSuffix(s, " rows"); ok {
		return n + " 行"
	}
	if unit == "per_s" || unit == "bytes_per_s" {
		if n, ok := strings.CutSuffix(s, "/s"); ok {
			return n + "/秒"
		}
	}
	return s
}

// Package show writes numbers, times and hostile text the way people read them on a terminal.
package show

import (
	"math"
	"strconv"
	"strings"
	"time"

	"dbtriage/collectors"
)

// NoValue stands where a number is not known: it is never shown as 0.
const NoValue = "--"

// Duration shows microseconds with three significant digits: 850µs, 91.2ms, 2.31s, 12m03s, 3h05m,
// 2d03h. Negative ones are unknown.
func Duration(us float64) string {
	switch {
	case us < 0 || math.IsNaN(us) || math.IsInf(us, 0):
		return NoValue
	case us == 0:
		return "0ms"
	case us < 999.5:
		return Significant(us) + "µs"
	case us < 999.5e3:
		return Significant(us/1e3) + "ms"
	case us < 59.95e6:
		return Significant(us/1e6) + "s"
	}
	s := int64(math.Round(us / 1e6))
	switch {
	case s < 3600:
		return pair(s/60, "m", s%60, "s")
	case s < 86400:
		return pair(s/3600, "h", s/60%60, "m")
	}
	return pair(s/86400, "d", s/3600%24, "h")
}

func pair(a int64, au string, b int64, bu string) string {
	out := strconv.FormatInt(a, 10) + au
	if b < 10 {
		out += "0"
	}
	return out + strconv.FormatInt(b, 10) + bu
}

// Significant shows a number below 1000 with three significant digits and no trailing zeros after
// the point; larger ones as a whole number.
func Significant(f float64) string {
	digits := 0
	switch a := math.Abs(f); {
	case a < 9.995:
		digits = 2
	case a < 99.95:
		digits = 1
	}
	s := strconv.FormatFloat(f, 'f', digits, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Share shows a fraction of one as a percentage.
func Share(f float64) string {
	p := f * 100
	switch {
	case math.IsNaN(p) || math.IsInf(p, 0):
		return NoValue
	case p == 0:
		return "0%"
	case p > 0 && p < 0.05:
		return "<0.1%"
	case p < 9.95:
		return strconv.FormatFloat(p, 'f', 1, 64) + "%"
	case f < 1 && p >= 99.5:
		return ">99%"
	}
	return strconv.FormatFloat(p, 'f', 0, 64) + "%"
}

// Count shows a whole number with commas.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Short shows a number in at most six characters: 999, 9,999, 12.3k, 4.56M.
func Short(f float64) string {
	a := math.Abs(f)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return NoValue
	case a < 999.5:
		return Significant(f)
	case a < 9999.5:
		return Count(int64(math.Round(f)))
	case a < 999.5e3:
		return Significant(f/1e3) + "k"
	case a < 999.5e6:
		return Significant(f/1e6) + "M"
	case a < 999.5e9:
		return Significant(f/1e9) + "G"
	case a < 999.5e12:
		return Significant(f/1e12) + "T"
	}
	return strconv.FormatFloat(f, 'e', 1, 64)
}

// Size shows bytes in powers of 1024.
func Size(n int64) string {
	f := float64(n)
	for _, unit := range []string{"B", "KiB", "MiB", "GiB"} {
		if f < 1023.5 {
			return Significant(f) + " " + unit
		}
		f /= 1024
	}
	return Significant(f) + " TiB"
}

// Measure shows the number of an evidence in its unit.
func Measure(v *float64, unit string) string {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return NoValue
	}
	switch unit {
	case "s":
		if *v < 0 {
			return "-" + Duration(-*v*1e6)
		}
		return Duration(*v * 1e6)
	case "share":
		return Share(*v)
	case "per_s":
		return Short(*v) + "/s"
	case "bytes":
		return Size(int64(*v))
	case "bytes_per_s":
		return Size(int64(*v)) + "/s"
	case "ratio":
		return Exact(*v) + "x"
	case "rows":
		return Exact(*v) + " rows"
	}
	if *v == math.Trunc(*v) && math.Abs(*v) < 1e15 {
		return Count(int64(*v))
	}
	return Short(*v)
}

// Exact shows all digits before the point of a number that has many of them.
func Exact(f float64) string {
	if a := math.Abs(f); a >= 999.5 && a < 1e9 {
		return Count(int64(math.Round(f)))
	}
	return Short(f)
}

// Sureness puts a confidence into a word.
func Sureness(c float64) string {
	switch {
	case c >= 0.8:
		return "HIGH"
	case c >= 0.5:
		return "MEDIUM"
	}
	return "LOW"
}

// Instant shows microseconds since the epoch as a date and time in UTC.
func Instant(us int64) string {
	if us == collectors.NoTime {
		return NoValue
	}
	return time.UnixMicro(us).UTC().Format("2006-01-02 15:04:05")
}

// Span shows two instants with the date once where one is enough.
func Span(from, to int64, dash string) string {
	a, b := Instant(from), Instant(to)
	if len(a) == len(b) && len(a) == len("2006-01-02 15:04:05") && a[:10] == b[:10] {
		b = b[11:]
	}
	return a + dash + b
}

// Clock shows seconds since the epoch as a time of day in UTC.
func Clock(s int64) string { return time.Unix(s, 0).UTC().Format("15:04:05") }

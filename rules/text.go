package rules

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Text is one sentence in every language the tool speaks. It may hold {name} placeholders, where
// name is a fact, a let or p.param; each is written with its unit in the manner of the language.
type Text struct {
	EN string `yaml:"en"`
	ZH string `yaml:"zh"`
}

// In returns the text in lang, which is "zh" or anything else for English.
func (t Text) In(lang string) string {
	if lang == "zh" {
		return t.ZH
	}
	return t.EN
}

var placeholder = regexp.MustCompile(`\{([a-z][a-z0-9_.]*)\}`)

// placeholders returns the sorted distinct names that s refers to.
func placeholders(s string) []string {
	var names []string
	for {
		_, rest, more := strings.Cut(s, "{")
		if !more {
			break
		}
		end := 0
		for end < len(rest) && (isNameByte(rest[end]) || rest[end] == '.') {
			end++
		}
		if s = rest[end:]; strings.HasPrefix(s, "}") && end > 0 && rest[0] >= 'a' && rest[0] <= 'z' {
			names = append(names, rest[:end])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// fill writes the placeholders of s; ok is false when a value is unknown.
func fill(s, lang string, value func(name string) (v any, unit string, ok bool)) (out string, ok bool) {
	ok = true
	out = placeholder.ReplaceAllStringFunc(s, func(m string) string {
		v, unit, known := value(m[1 : len(m)-1])
		if !known {
			ok = false
			return "?"
		}
		return format(v, unit, lang)
	})
	return out, ok
}

// units are the units that numbers may have; format knows how to write each.
// "plain" is a whole number as a statement or an option file takes it, without thousands marks.
var units = []string{"", "s", "share", "count", "rows", "per_s", "ratio", "bytes", "bytes_per_s", "plain"}

// words are the Chinese of the few values of text facts that are words of ours.
var words = map[string]string{
	"read-heavy": "读多写少", "balanced": "读写均衡", "write-heavy": "写多读少",
	"read": "读", "write": "写", "other": "其他",
}

// format writes one value for a person.
func format(v any, unit, lang string) string {
	f, isNumber := v.(float64)
	if !isNumber {
		s := fmt.Sprint(v)
		if word, ok := words[s]; ok && lang == "zh" {
			return word
		}
		return s
	}
	switch unit {
	case "s":
		return formatDuration(f, lang)
	case "share":
		switch p := 100 * f; {
		case p != 0 && math.Abs(p) < 1:
			return significant(p, 2) + " %"
		case math.Abs(p) < 10:
			return significant(p, 2) + " %"
		default:
			return strconv.FormatFloat(p, 'f', 0, 64) + " %"
		}
	case "per_s":
		if lang == "zh" {
			return formatCount(f, lang) + "/秒"
		}
		return formatCount(f, lang) + "/s"
	case "bytes":
		return formatBytes(f)
	case "plain":
		return strconv.FormatFloat(math.Round(f), 'f', 0, 64)
	case "bytes_per_s":
		return formatBytes(f) + "/s"
	}
	return formatCount(f, lang)
}

func formatDuration(s float64, lang string) string {
	zh := lang == "zh"
	pick := func(en, cn string) string {
		if zh {
			return cn
		}
		return en
	}
	switch a := math.Abs(s); {
	case a == 0:
		return "0 " + pick("s", "秒")
	case a < 0.0009995:
		return significant(s*1e6, 3) + " µs"
	case a < 0.9995:
		return significant(s*1e3, 3) + " ms"
	case a < 120:
		return significant(s, 3) + pick(" s", " 秒")
	case a < 7200:
		return significant(s/60, 3) + pick(" min", " 分钟")
	case a < 2*86400:
		return significant(s/3600, 3) + pick(" h", " 小时")
	}
	return significant(s/86400, 3) + pick(" days", " 天")
}

// formatBytes writes a size in the units that settings take: 512M is 512 MiB.
func formatBytes(f float64) string {
	for i, unit := range []string{" B", " KiB", " MiB", " GiB", " TiB"} {
		if scaled := f / math.Pow(1024, float64(i)); math.Abs(scaled) < 1023.5 || i == 4 {
			return significant(scaled, 3) + unit
		}
	}
	return ""
}

// formatCount groups by thousands up to a million and shortens beyond, by millions in English and by
// ten thousands in Chinese.
func formatCount(f float64, lang string) string {
	switch a := math.Abs(f); {
	case a < 1000:
		return significant(f, 3)
	case lang == "zh" && a >= 1e8:
		return significant(f/1e8, 3) + " 亿"
	case lang == "zh" && a >= 1e5:
		return significant(f/1e4, 3) + " 万"
	case a >= 1e9:
		return significant(f/1e9, 3) + " billion"
	case a >= 1e6:
		return significant(f/1e6, 3) + " million"
	}
	digits := strconv.FormatFloat(math.Abs(f), 'f', 0, 64)
	var b strings.Builder
	if f < 0 {
		b.WriteByte('-')
	}
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// significant rounds to n significant digits without an exponent and without trailing zeros.
func significant(f float64, n int) string {
	if f == 0 {
		return "0"
	}
	decimals := max(0, n-1-int(math.Floor(math.Log10(math.Abs(f)))))
	s := strconv.FormatFloat(f, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// shorten cuts s to at most n runes, the last of which is an ellipsis when something was cut.
func shorten(s string, n int) string {
	count := 0
	cut := 0
	for i := range s {
		count++
		if count == n {
			cut = i
		}
		if count > n {
			return s[:cut] + "…"
		}
	}
	return s
}

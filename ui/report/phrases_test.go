package report

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What readers say is found where they say it: literals that are handed to a warning or a skip.
var sayings = regexp.MustCompile(`(?:\bwarn\(|\bskip\(|skipRecord\(|Warnings = append\(|return \[\]string\{|out = append\(out, |\bwhy\w* += |schemaUnknown = |Field: +)[^"\n]*"((?:[^"\\]|\\.)*)"`)

// Every sentence of a reader of sources is there in Chinese.
func TestPhrasesAreTranslated(t *testing.T) {
	verb := regexp.MustCompile(`%[a-z.0-9]*[a-z]`)
	seen := 0
	for _, dir := range []string{"../../collectors/logs", "../../collectors/recorded", "../session", "../../analyzers"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range sayings.FindAllStringSubmatch(string(text), -1) {
				en := strings.ReplaceAll(m[1], `\"`, `"`)
				if !strings.Contains(strings.TrimSpace(en), " ") {
					continue // a name, or a part
				}
				seen++
				// As it stands, with numbers for its verbs, or before or behind what it is put together with.
				said := verb.ReplaceAllString(en, "17")
				if en == "%s: %v" || slices.ContainsFunc([]string{en, said, said + "17", "17" + said, said + "17) and played one after the other: analyze shows them side by side"}, func(s string) bool { return Phrase("zh", s) != s }) {
					continue
				}
				if kinds := strings.Contains(en, "%d %s: %s"); !kinds {
					t.Errorf("%s: %q has no Chinese", filepath.Base(path), en)
				}
			}
		}
	}
	if seen < 60 {
		t.Errorf("%d sentences found: does the pattern still fit the code?", seen)
	}
}

// Both languages leave as much open, and a pattern hands it over in order.
func TestPhrase(t *testing.T) {
	for en, zh := range chinesePhrases {
		if strings.Count(en, anything) != strings.Count(zh, anything) {
			t.Errorf("%q leaves %d things open, its Chinese %d", en, strings.Count(en, anything), strings.Count(zh, anything))
		}
	}
	for _, c := range [][2]string{
		{"slow log", "慢日志"},
		{"reading stopped after 12 bytes: the compressed data is cut short", "读取 12 字节后停止：the compressed data is cut short"},
		{"it is a copy of a.log: what both hold is counted twice; name one of them", "它是 a.log 的副本：相同内容被计了两次，只指定其中一个"},
		{"performance_schema counts statements without timing each: percentiles are of means over ten seconds", "performance_schema 只计数，不记录每条语句的耗时：分位数来自每十秒的平均值"},
		{"nobody says this", "nobody says this"},
	} {
		if got := Phrase("zh-CN", c[0]); got != c[1] {
			t.Errorf("%q: %q", c[0], got)
		}
		if got := Phrase("en", c[0]); got != c[0] {
			t.Errorf("%q", got)
		}
	}
	if got := phrases("zh", slices.Clone([]string{"sessions", "slow log"})); got != "会话、慢日志" {
		t.Errorf("%q", got)
	}
}

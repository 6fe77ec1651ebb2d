package report

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/rules"
	"dbtriage/ui/show"
)

// Every word that a format asks for by name is in the table, and so are the layers and severities.
func TestChineseIsComplete(t *testing.T) {
	need := map[string]string{}
	for _, l := range []rules.Layer{rules.LayerClient, rules.LayerWeb, rules.LayerApp, rules.LayerCache, rules.LayerDatabase, rules.LayerHost, rules.LayerNone, rules.LayerUnknown} {
		need[string(l)] = "a layer"
	}
	for _, s := range []rules.Severity{rules.Info, rules.Warning, rules.Critical} {
		need[string(s)] = "a severity"
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no sources", err)
	}
	asked := regexp.MustCompile(`(?:word\((?:lang, |r\.Options\.Lang, )?|heading\(|\bt\(|show\(|add\(|row\((?:"[A-Z]+", )?|Word\(lang, )"([^"]+)"`)
	heads := regexp.MustCompile(`d\.table\(\[\]string\{([^}]*)\}`)
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asked.FindAllSubmatch(b, -1) {
			need[string(m[1])] = f
		}
		for _, m := range heads.FindAllSubmatch(b, -1) {
			for _, h := range strings.Split(string(m[1]), ",") {
				need[strings.Trim(h, ` ">`)] = f
			}
		}
	}
	same := regexp.MustCompile(`^(p\d\d|max|5xx|R:W|#|)$`)
	for en, where := range need {
		if same.MatchString(en) {
			continue
		}
		if _, ok := chinese[en]; !ok {
			t.Errorf("%s: no Chinese for %q", where, en)
		}
	}
	for en, zh := range chinese {
		if strings.Count(en, "%s") != strings.Count(zh, "%s") {
			t.Errorf("%q and %q take different values", en, zh)
		}
	}
}

// The column of rows never mixes a ratio with a total: of 205 rows that 100 updates read, each read two.
func TestExaminedToSent(t *testing.T) {
	for _, c := range []struct {
		sent, examined int64
		want           string
	}{{100, 205, "2.05:1"}, {0, 205, "2.05/call"}, {0, 0, show.NoValue}, {7, 0, "0:1"}} {
		if got := ExaminedToSent(class("A", "a", analyzers.Write, 100, 1, c.sent, c.examined)); got != c.want {
			t.Errorf("%d examined, %d sent: %s", c.examined, c.sent, got)
		}
	}
}

package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"dbtriage": func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs the command as its users do; see testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(env *testscript.Env) error {
		logs, err := os.Getwd()
		if err != nil {
			return err
		}
		env.Setenv("LOGS", strings.TrimSuffix(logs, "/cmd/dbtriage")+"/testdata/slowlogs")
		env.Setenv("DEMO", logs+"/demo")
		env.Setenv("PACKED", logs+"/testdata/packed")
		return nil
	}})
}

// Every command line of the README must run: what it shows must be true.
func TestReadmeExamples(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^    (dbtriage .*)$`).FindAllStringSubmatch(string(readme), -1)
	if len(lines) < 3 {
		t.Fatalf("only %d examples found in the README", len(lines))
	}
	slow, err := demoLogs.ReadFile("demo/slow.log.zst")
	if err != nil {
		t.Fatal(err)
	}
	access, err := demoLogs.ReadFile("demo/access.log.zst")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for name, data := range map[string][]byte{"slow.log": slow, "access.log": access} {
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range lines {
		command, _, _ := strings.Cut(l[1], "  #")
		command, _, _ = strings.Cut(command, " | ")
		var stderr strings.Builder
		if code := run(strings.Fields(command)[1:], strings.NewReader(""), io.Discard, &stderr); code != exitOK {
			t.Errorf("%s: exit %d\n%s", command, code, stderr.String())
		}
	}
}

// The transcript in the README is the beginning of what the program prints.
func TestReadmeTranscript(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "$ dbtriage demo\n")
	shown, _, ok := strings.Cut(rest, "```")
	var out strings.Builder
	if code := run([]string{"demo"}, strings.NewReader(""), &out, io.Discard); code != exitOK {
		t.Fatalf("demo: exit %d", code)
	}
	if !ok || len(shown) < 500 || !strings.HasPrefix(out.String(), shown) {
		t.Errorf("the README shows\n%s\nthe demo prints\n%s", shown, out.String()[:min(out.Len(), 2*len(shown))])
	}
}

package main

import (
	"strings"
	"testing"

	"dbtriage/analyzers"
	"dbtriage/collectors"
	"dbtriage/collectors/mysql"
	"dbtriage/rules"
	"dbtriage/ui/session"
)

// What live says about a missing input fits live: it names flags of live, and does not ask for what was
// named already. Every input is one that gaps name.
func TestInsteadIsForLive(t *testing.T) {
	set, err := rules.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, err := session.Judge(&analyzers.Snapshot{Window: analyzers.Window{From: collectors.NoTime, To: collectors.NoTime}, Digest: analyzers.NewDigest()}, set, "en")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, g := range d.Judgement.Gaps {
		for _, m := range g.Missing {
			known[m] = true
		}
	}
	flags := newLive(streams{rules: &ruleFolders{}}).Flags()
	none := sourceFlags{noHost: true}
	for missing, advice := range none.instead("en") {
		if !known[missing] && missing != "web server state" { // told only beside other figures of a web server

			t.Errorf("no gap names %q", missing)
		}
		for _, word := range strings.FieldsFunc(advice, func(r rune) bool { return strings.ContainsRune(" ,;", r) }) {
			if name, ok := strings.CutPrefix(word, "--"); ok && flags.Lookup(name) == nil {
				t.Errorf("%s: live has no --%s", missing, name)
			}
		}
		if none.instead("zh")[missing] == "" {
			t.Errorf("%s has no Chinese advice", missing)
		}
	}
	named := sourceFlags{slowLogs: []string{"a"}, accessLogs: []string{"b"}, redis: []string{"c"}, nginxStatus: "d", webErrors: []string{"e"}, dbErrors: []string{"f"}, mysql: mysqlFlags{known: []mysql.Config{{}}}}
	for missing, advice := range named.instead("en") {
		if strings.Contains(advice, "--") || !strings.Contains(advice, "sources (!)") {
			t.Errorf("%s, which is named: %s", missing, advice)
		}
	}
}

// The terminal UI names the server that does not answer, and flags of live for the rest.
func TestServerThatIsDown(t *testing.T) {
	r := onPTY(t, 120, 50, "live", "--no-host", "--mysql", "nobody@127.0.0.1:1")
	r.waitFor("[1 Verdict]")
	r.keys("3")
	r.waitFor("LOST")
	r.waitFor("127.0.0.1:1")
	r.keys("4")
	r.waitFor("No statements of the server yet")
	r.keys("!")
	r.waitFor("NOT JUDGED")
	r.waitFor("--access-log FILE")
	r.waitFor("the server shows none of it yet")
	for _, unfit := range []string{"mysqladmin ext", "SHOW GLOBAL VARIABLES", "pt-stalk"} {
		if text := r.text(); strings.Contains(text, unfit) {
			t.Errorf("live is told to give %s:\n%s", unfit, text)
		}
	}
	r.keys("\x03")
	r.wait()
	r.restored()
}

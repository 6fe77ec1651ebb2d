package main

import (
	"fmt"
	"os"
	"strings"
)

// A contender is a command that reads a file named FILE in its arguments.
type contender struct {
	name string
	args []string
	// most bounds the megabytes it is given, 0 for all: some tools would take minutes. Speed is
	// compared in MB/s, and only tools whose cost grows in step with the file are bounded.
	most int64
	slow bool // it runs once, not several times
	// optional contenders are not spoken of where they are not installed.
	optional bool
}

// A suite is one input and who reads it.
type suite struct {
	title      string
	sample     string // a file below DBTRIAGE_SHARED/logs
	fallback   string // of this repository, when there is no shared folder
	megabytes  int64  // the sample is repeated until it has so many; 0 takes it as it is
	times      int64  // how often the contenders read it, if more than once
	vary       copier // how each round of it differs, if it does
	generate   generator
	compress   string // gz or zst: what the file is packed with; MB/s are those of what is in it
	contenders []contender
}

// alpPattern is what alp must be told to read the sample: it knows no key=value pairs.
const alpPattern = `^\S+ \S+ \S+ \[(?P<time>[^\]]+)\] "(?P<method>\S+) (?P<uri>\S+) [^"]*" (?P<status>\d+) (?P<body_bytes>\d+) "[^"]*" "[^"]*" rt=(?P<response_time>\S+)`

// alpGroups tell alp which paths are one route; it has no rules of its own. Each is asked of each path
// until one fits.
var alpGroups = func() string {
	groups := []string{"^/static/img/.+"}
	for _, of := range []string{"carts", "comments", "invoices", "items", "orders", "projects", "reports", "tags", "teams", "users"} {
		groups = append(groups, "^/api/v1/"+of+"/[0-9]+")
	}
	return strings.Join(append(groups, "^/api/v2/[a-z]+/[0-9]+/[a-z]+/[0-9]+", "^/blog/.+", "^/s/[^/]+/[a-z]+"), ",")
}()

const alpFewGroups = "/static/.+,/api/v[0-9]/[a-z]+/.+,/[a-z]+/.+"

const tenTimes = "cat FILE FILE FILE FILE FILE FILE FILE FILE FILE FILE"

func suites(bin, loop string) []suite {
	analyze := func(cpus int) []string {
		return []string{bin, "analyze", "-f", "json", "-o", os.DevNull, "--cpus", fmt.Sprint(cpus), "FILE"}
	}
	alp := func(groups string) []string {
		return []string{"alp", "regexp", "--limit", "1000000", "--matching-groups", groups, "--pattern", alpPattern, "--file", "FILE"}
	}
	floor := []contender{
		{name: "wc -l", args: []string{"wc", "-l", "FILE"}},
		{name: "read, IndexByte", args: []string{loop, "-loop", "FILE"}},
		{name: "grep -c", args: []string{"grep", "-c", "Query_time", "FILE"}},
	}
	own := []contender{
		{name: "dbtriage, 1 core", args: analyze(1)},
		{name: "dbtriage, 2 cores", args: analyze(2)},
	}
	beside := func(others ...contender) []contender {
		return append(append(append([]contender{}, floor...), own...), others...)
	}
	return []suite{
		{title: "slow log", sample: "slow-mariadb-100m.log.zst", fallback: "cmd/dbtriage/demo/slow.log.zst", megabytes: 900, contenders: beside(
			contender{name: "mysqldumpslow", args: []string{"mysqldumpslow", "FILE"}, most: 100},
			contender{name: "pt-query-digest", args: []string{"pt-query-digest", "--no-version-check", "--limit", "100%", "FILE"}, most: 30},
			contender{name: "slp", args: []string{"slp", "my", "--file", "FILE"}, most: 60, optional: true},
		)},
		{title: "slow log, ten times as long, through a pipe", sample: "slow-mariadb-100m.log.zst", megabytes: 900, times: 10, contenders: []contender{
			{name: "wc -l", args: []string{"sh", "-c", tenTimes + " | wc -l"}},
			{name: "dbtriage, 2 cores", args: []string{"sh", "-c", tenTimes + " | " + bin + " analyze -f json -o /dev/null --cpus 2 -"}},
		}},
		{title: "slow log of MySQL 8", sample: "slow-mysql8-synthetic.log.zst", megabytes: 400, contenders: beside()},
		{title: "slow log, zst", sample: "slow-mariadb-100m.log.zst", megabytes: 300, compress: "zst", contenders: []contender{
			{name: "zstd -dc", args: []string{"sh", "-c", "zstd -dcq FILE >/dev/null"}},
			{name: "decoder alone", args: []string{loop, "-loop", "FILE"}},
			{name: "dbtriage, 2 cores", args: analyze(2)},
		}},
		{title: "slow log, gz", sample: "slow-mariadb-100m.log.zst", megabytes: 300, compress: "gz", contenders: []contender{
			{name: "gzip -dc", args: []string{"sh", "-c", "gzip -dc FILE >/dev/null"}},
			{name: "decoder alone", args: []string{loop, "-loop", "FILE"}},
			{name: "dbtriage, 2 cores", args: analyze(2)},
		}},
		{title: "slow log of 25,000 shapes", generate: shapes(25_000, 400_000), contenders: beside( // JSON has all of them, text those that matter
			contender{name: "dbtriage, as text", args: []string{bin, "analyze", "-o", os.DevNull, "FILE"}},
		)},
		{title: "slow log of a million shapes", generate: shapes(1_000_000, 1_000_000), contenders: beside()},
		{title: "slow log of statements of 100 MB", generate: hugeStatements, contenders: beside()},
		{title: "slow log of one second", generate: oneSecond, contenders: beside()},
		{title: "slow log in which every line is damaged", generate: malformedSlow, contenders: beside()},
		{title: "nginx access log", sample: "nginx-upstream-100m.log.zst", fallback: "cmd/dbtriage/demo/access.log.zst", megabytes: 600, vary: varyAccess, contenders: beside(
			contender{name: "goaccess", args: []string{"goaccess", "--no-global-config", "--log-format=COMBINED", "-o", "/tmp/dbtriage-bench.json", "FILE"}, slow: true}, // the more clients, the slower
			contender{name: "alp", args: alp(alpGroups), most: 60, optional: true},
			contender{name: "alp, three routes", args: alp(alpFewGroups), most: 60, optional: true},
		)},
		{title: "nginx access log of a million routes", generate: manyRoutes, contenders: beside()},
		{title: "access log in which every line is damaged", generate: malformedAccess, contenders: beside()},
		{title: "web JSON log", sample: "nginx-json-40k.log.zst", megabytes: 400, contenders: beside()},
		{title: "web LTSV log", sample: "nginx-ltsv-40k.log.zst", megabytes: 400, contenders: beside()},
	}
}

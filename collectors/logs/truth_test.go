package logs

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"dbtriage/collectors"
)

// The truth tests read whole real logs and compare what they add up to with a count that another
// program makes from the same bytes.

// A tallied sum is a number of lines or attempts and the µs they took.
type tallied struct{ n, us int64 }

// tallies adds up a log by status, by the first two segments of the path, and by upstream.
type tallies map[string]tallied

func (m tallies) add(key string, n, us int64) {
	t := m[key]
	m[key] = tallied{t.n + n, t.us + us}
}

func (m tallies) request(req *collectors.Request) {
	m.add(fmt.Sprintf("status %03d", req.Status), 1, max(0, req.RequestTime))
	path, _, _ := strings.Cut(string(req.Path), "?")
	segments := strings.Split(path, "/")
	m.add("route "+strings.Join(segments[1:min(3, len(segments))], "/"), 1, max(0, req.RequestTime))
	for _, t := range req.Tries {
		m.add("upstream "+string(t.Addr), 1, max(0, t.Response))
		status := "-"
		if t.Status >= 0 {
			status = fmt.Sprintf("%03d", t.Status)
		}
		m.add("upstream status "+status, 1, max(0, t.Connect))
	}
}

// tallyLog parses every line of a log, of which none may be skipped.
func tallyLog(t *testing.T, log io.Reader, wantFormat string) tallies {
	t.Helper()
	r := bufio.NewReaderSize(log, 1<<20)
	head, _ := r.Peek(64 << 10)
	head = head[:bytes.LastIndexByte(head, '\n')]
	name, role, newParser := detect(Options{}, strings.Split(string(head), "\n")...)
	if name != wantFormat || role != "web" {
		t.Fatalf("detected as %q %q, want %q", name, role, wantFormat)
	}
	parse := newParser()
	m := tallies{}
	var req collectors.Request
	var from, to int64
	lines := bufio.NewScanner(r)
	n, noUpstream := 0, 0
	for lines.Scan() {
		n++
		if why := parse(lines.Bytes(), &req); why != "" {
			t.Fatalf("line %d: %s: %q", n, why, lines.Bytes())
		}
		if !req.UpstreamLogged {
			noUpstream++
		}
		if n == 1 {
			from = req.End
		}
		to = max(to, req.End)
		m.request(&req)
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
	if noUpstream > 1 { // the last line may end early
		t.Errorf("%d of %d lines have no upstream times", noUpstream, n)
	}
	if n == 0 || from > to || to-from > 3600_000_000 {
		t.Errorf("%d lines from %d to %d", n, from, to)
	}
	return m
}

// tallyBy runs a program over the log and reads the tallies it prints: key, tab, count, tab, µs.
func tallyBy(t *testing.T, log io.Reader, program string, args ...string) tallies {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s counts independently here: install it to run this test", program)
	}
	cmd := exec.Command(program, args...)
	cmd.Stdin = log
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	m := tallies{}
	for line := range strings.Lines(string(out)) {
		var n, us int64
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 3 {
			t.Fatalf("%s printed %q", program, line)
		}
		if _, err := fmt.Sscan(f[1]+" "+f[2], &n, &us); err != nil {
			t.Fatalf("%s printed %q: %v", program, line, err)
		}
		m[f[0]] = tallied{n, us}
	}
	return m
}

func compare(t *testing.T, got, want tallies) {
	t.Helper()
	for key, w := range want {
		if got[key] != w {
			t.Errorf("%s: got %v, want %v", key, got[key], w)
		}
	}
	for key, g := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: got %v, want nothing", key, g)
		}
	}
	if len(want) < 5 {
		t.Errorf("only %d keys to compare", len(want))
	}
}

// awkTally is the part of the awk programs that adds up and prints. Times become whole milliseconds
// first, so that awk's floats stay exact.
const awkTally = `
function ms(x) { return int(x * 1000 + 0.5) }
function add(key, x) { n[key]++; us[key] += ms(x) * 1000 }
function line(status, path, rt, addr, ust, ut, uct,   s, a, b, c, d, k, i) {
	add("status " status, rt)
	sub(/\?.*/, "", path)
	k = split(path, s, "/")
	add("route " s[2] (k > 2 ? "/" s[3] : ""), rt)
	if (addr == "-" || addr == "") return
	k = split(addr, a, /, | : /); split(ust, b, /, | : /); split(ut, c, /, | : /); split(uct, d, /, | : /)
	for (i = 1; i <= k; i++) {
		add("upstream " a[i], c[i] == "-" ? 0 : c[i])
		add("upstream status " b[i], uct == "" || d[i] == "-" ? 0 : d[i])
	}
}
END { for (key in n) printf "%s\t%d\t%.0f\n", key, n[key], us[key] }
`

func TestTruthCombined(t *testing.T) {
	file := sharedLog(t, "nginx-upstream-100m.log.zst")
	want := tallyBy(t, open(t, file), "awk", awkTally+`
		BEGIN { FS = "\"" }
		{ split($2, r, " "); split($3, s, " "); split($7, k, "[= ]"); line(s[1], r[2], k[3], $8, $10, $12, $14) }`)
	compare(t, tallyLog(t, open(t, file), "combined"), want)
}

func TestTruthLTSV(t *testing.T) {
	file := sharedLog(t, "nginx-ltsv-40k.log.zst")
	want := tallyBy(t, open(t, file), "awk", awkTally+`
		BEGIN { FS = "\t" }
		{
			for (i = 1; i <= NF; i++) { c = index($i, ":"); v[substr($i, 1, c - 1)] = substr($i, c + 1) }
			line(v["status"], v["uri"], v["reqtime"], v["upaddr"], v["upstatus"], v["apptime"], "")
		}`)
	compare(t, tallyLog(t, open(t, file), "web LTSV"), want)
}

func TestTruthJSON(t *testing.T) {
	file := sharedLog(t, "nginx-json-40k.log.zst")
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq reads the log independently here: install it to run this test")
	}
	jq := exec.Command("jq", "-r", `[.status, .uri, .request_time, .upstream_addr, .upstream_status,
		.response_time, .upstream_connect_time] | @tsv`)
	jq.Stdin = open(t, file)
	rows, err := jq.Output()
	if err != nil {
		t.Fatal(err)
	}
	want := tallyBy(t, bytes.NewReader(rows), "awk", awkTally+`
		BEGIN { FS = "\t" }
		{ line($1, $2, $3, $4, $5, $6, $7) }`)
	compare(t, tallyLog(t, open(t, file), "web JSON"), want)
}

// TestTruthIncidents parses every line of the recorded incidents' access logs.
func TestTruthIncidents(t *testing.T) {
	for _, file := range sharedFiles(t, "incidents/A/*/access.log.zst") {
		tallyLog(t, open(t, file), "combined")
	}
}

// TestTruthAgree reads the same requests as three logs: by the names of their tail, by the compiled
// log_format, and as JSON. All must say the same.
func TestTruthAgree(t *testing.T) {
	text := bufio.NewScanner(open(t, sharedLog(t, "nginx-upstream-100m.log.zst")))
	object := bufio.NewScanner(open(t, sharedLog(t, "nginx-json-40k.log.zst")))
	byName, byFormat, byJSON := combined(), logFormatParser(t), webJSON()
	var a, b, c collectors.Request
	n := 0
	for text.Scan() && object.Scan() {
		n++
		whyA, whyB, whyC := byName(text.Bytes(), &a), byFormat(text.Bytes(), &b), byJSON(object.Bytes(), &c)
		for _, try := range a.Tries {
			if try.Redirected { // to a GET, which is what $request_method is from then on
				c.Method = a.Method
			}
		}
		if whyA+whyB+whyC != "" || show(&a) != show(&b) || show(&a) != show(&c) {
			if n > 1 && whyC == whyTornObject { // the last line ends early
				break
			}
			t.Fatalf("line %d: %q\nby name   %s%s\nby format %s%s\nJSON      %s%s", n, text.Bytes(),
				whyA, show(&a), whyB, show(&b), whyC, show(&c))
		}
	}
	if n < 30_000 {
		t.Errorf("only %d lines to compare", n)
	}
}

package logs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dbtriage/collectors"
)

// show prints a request on one line, durations and instants in µs, "?" for what is unknown.
func show(req *collectors.Request) string {
	n := func(v int64) string {
		if v == collectors.Unanswered {
			return "none"
		}
		if v == collectors.Unknown || v == collectors.NoTime {
			return "?"
		}
		return fmt.Sprint(v)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "end=%s rt=%s status=%s bytes=%s %q %q client=%q cache=%q", n(req.End), n(req.RequestTime),
		n(req.Status), n(req.BytesSent), req.Method, req.Path, req.Client, req.Cache)
	if req.UpstreamLogged {
		b.WriteString(" upstream")
	}
	for _, t := range req.Tries {
		sep := ","
		if t.Redirected {
			sep = " :"
		}
		fmt.Fprintf(&b, "%s %q %s c=%s h=%s r=%s", sep, t.Addr, n(t.Status), n(t.Connect), n(t.Header), n(t.Response))
	}
	return b.String()
}

// detect tries the formats in their order, as the sniffer does.
func detect(opt Options, lines ...string) (name, role string, newParser func() LineParser) {
	sample := make([][]byte, len(lines))
	for i, l := range lines {
		sample[i] = []byte(l)
	}
	for _, f := range LineFormats {
		if newParser, role, ok := f.Detect(opt, sample); ok {
			return f.Name, role, newParser
		}
	}
	return "", "", nil
}

func parseOne(newParser func() LineParser, line string) string {
	var req collectors.Request
	if why := newParser()([]byte(line), &req); why != "" {
		return "skip: " + why
	}
	return show(&req)
}

const (
	plainLine = `203.0.113.9 - - [22/Nov/2026:21:14:41 +0000] "GET /a?b=1 HTTP/1.1" 200 612 "-" "curl/8.5.0"`
	keyedLine = plainLine + ` rt=0.003 ua="10.0.0.1:80" us="200" ut="0.002" uct="0.000" uht="0.001" cs=MISS`
	jsonLine  = `{"time":"2026-11-22T21:14:41+00:00","remote_addr":"203.0.113.9","method":"GET","uri":"/a?b=1","status":200,"body_bytes":612,"ua":"curl","request_time":0.003,"upstream_addr":"10.0.0.1:80","upstream_status":"200","response_time":"0.002"}`
	ltsvLine  = "time:22/Nov/2026:21:14:41 +0000\thost:203.0.113.9\treq:GET /a HTTP/1.1\tstatus:200\tmethod:GET\turi:/a\tsize:612\treqtime:0.003\tcache:-\tapptime:-\tupaddr:-\tupstatus:-"
	appLine   = `{"ts":1795382081.25,"level":"info","msg":"request","method":"GET","route":"/items/:id","status":200,"duration_ms":12.5}`
)

func TestDetect(t *testing.T) {
	other := `{"ts":1795382081.25,"level":"info","msg":"started"}`
	for _, c := range []struct {
		what, want string
		opt        Options
		lines      []string
	}{
		{"combined", "combined web", Options{}, []string{plainLine}},
		{"common", "combined web", Options{}, []string{`203.0.113.9 - - [22/Nov/2026:21:14:41 +0000] "GET / HTTP/1.1" 200 612`}},
		{"combined with pairs", "combined web", Options{}, []string{keyedLine}},
		{"JSON", "web JSON web", Options{}, []string{jsonLine}},
		{"LTSV", "web LTSV web", Options{}, []string{ltsvLine}},
		{"app JSON", "app JSON app", Options{}, []string{appLine}},
		{"app JSON among other messages", "app JSON app", Options{}, []string{other, other, appLine, other}},
		{"app LTSV", "app LTSV app", Options{}, []string{"time:2026-11-22T21:14:41Z\tpath:/a\tduration:0.25\tstatus:200"}},
		{"torn first line", "combined web", Options{}, []string{"1.1\" 200 5", plainLine}},
		{"half of the lines", " ", Options{}, []string{plainLine, "x", "y", plainLine}},
		{"messages without requests", " ", Options{}, []string{other, other}},
		{"JSON without path", " ", Options{}, []string{`{"time":"2026-11-22T21:14:41Z","duration":0.5}`}},
		{"JSON without duration", " ", Options{}, []string{`{"time":"2026-11-22T21:14:41Z","path":"/a","status":200}`}},
		{"nothing", " ", Options{}, nil},
		{"empty lines", " ", Options{}, []string{"", ""}},
		{"plain text", " ", Options{}, []string{"hello world, this is a long enough line of text to be one"}},
		{"a format that does not fit", "combined web", Options{LogFormat: `$time_iso8601 $status`}, []string{plainLine}},
		{"a format that fits", "nginx log_format web", Options{LogFormat: `$time_iso8601 $status`}, []string{"2026-11-22T21:14:41+00:00 200"}},
		{"a format of nginx.conf", "nginx.conf log_format web",
			Options{NginxConf: "http { log_format a '$status'; log_format b '$time_iso8601' ' $status'; }"},
			[]string{"2026-11-22T21:14:41+00:00 200"}},
		{"ingress", "ingress-nginx web", Options{}, []string{plainLine + ` 120 0.012 [shop-web-80] [] 10.1.2.3:8080, 10.1.2.4:8080 0, 31 0.001, 0.011 502, 200 5f2c`}},
	} {
		name, role, _ := detect(c.opt, c.lines...)
		if got := name + " " + role; got != c.want {
			t.Errorf("%s: detected as %q, want %q", c.what, got, c.want)
		}
	}
}

// A duration whose name tells no unit means the same in every kind of log: seconds, and where all are whole
// numbers milliseconds.
func TestBareDurations(t *testing.T) {
	const json, ltsv = `{"time":"2026-11-22T21:14:41Z","path":"/a","remote_addr":"1.1.1.1","body_bytes_sent":5,"status":200,"duration":`, "time:2026-11-22T21:14:41Z\thost:1.1.1.1\tsize:5\tstatus:200\treqtime:-\tduration:"
	const app = `{"time":"2026-11-22T21:14:41Z","path":"/a","duration":`
	for _, c := range []struct {
		lines []string
		want  int64
	}{
		{[]string{plainLine + " response_time=2.500"}, 2_500_000},
		{[]string{plainLine + " took=0.001", plainLine + " took=3"}, 1000},
		{[]string{plainLine + " latency=2s"}, 2_000_000},
		{[]string{plainLine + " duration=12"}, 12_000},
		{[]string{plainLine + " duration_us=12"}, 12},
		{[]string{plainLine + " duration=12", plainLine + " duration=0.5"}, 12_000_000},
		{[]string{json + "12}"}, 12_000}, {[]string{json + "0.5}"}, 500_000}, {[]string{json + "12}", json + "0.5}"}, 12_000_000},
		{[]string{ltsv + "12"}, 12_000}, {[]string{ltsv + "0.5"}, 500_000},
		{[]string{app + "12}"}, 12_000}, {[]string{app + "0.5}"}, 500_000},
	} {
		_, _, newParser := detect(Options{}, c.lines...)
		var req collectors.Request
		if why := newParser()([]byte(c.lines[0]), &req); why != "" || req.RequestTime != c.want {
			t.Errorf("%q: %d µs, not %d %s", c.lines, req.RequestTime, c.want, why)
		}
	}
}

// TestDetectIncidents runs the formats on every file of the recorded incidents: only the access
// logs may be taken for one.
func TestDetectIncidents(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(shared(t), "incidents", "A", "*", "*"))
	stalk, _ := filepath.Glob(filepath.Join(shared(t), "incidents", "A", "*", "stalk", "*"))
	samples, _ := filepath.Glob(filepath.Join(shared(t), "logs", "*", "*"))
	files = append(append(files, stalk...), samples...)
	access := 0
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.IsDir() {
			continue
		}
		head := readHead(t, file, 256<<10)
		if i := bytes.LastIndexByte(head, '\n'); i >= 0 {
			head = head[:i]
		}
		lines := strings.Split(string(head), "\n")
		name, role, _ := detect(Options{}, lines...)
		want := ""
		if strings.HasPrefix(filepath.Base(file), "access.log") {
			want = "combined"
			access++
			if role != "web" {
				t.Errorf("%s: role %q", file, role)
			}
		}
		if name != want {
			t.Errorf("%s: detected as %q, want %q", file, name, want)
		}
	}
	if access == 0 {
		t.Errorf("no access log among %d files", len(files))
	}
}

func TestDetectBinary(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + strings.Repeat("\x00\xff\n{\"\t:", 50)
	if name, _, _ := detect(Options{}, strings.Split(png, "\n")...); name != "" {
		t.Errorf("a PNG was detected as %s", name)
	}
}

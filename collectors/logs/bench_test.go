package logs

import (
	"bytes"
	"strings"
	"testing"

	"dbtriage/collectors"
)

// benchLines are short logs in which neighbouring lines differ as in a real one.
var benchLines = map[string][]string{
	"combined": {
		head + `"GET /static/img/f26c198c58e3417ca4318084e42f7e7d.png HTTP/1.1" 200 6 "https://shop.example/orders/263" "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1" rt=0.000 ua="-" us="-" ut="-" uct="-" uht="-" cs=-`,
		head + `"GET /api/v1/carts/392910 HTTP/1.1" 200 615 "https://shop.example/carts/3156" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36" rt=0.005 ua="127.0.0.1:18082" us="200" ut="0.005" uct="0.000" uht="0.005" cs=-`,
		head + `"GET /api/v2/items/13433/teams/768630?page=43&sort=created_at&dir=desc HTTP/1.1" 200 273 "-" "curl/8.5.0" rt=0.003 ua="127.0.0.1:18083, 127.0.0.1:18082" us="502, 200" ut="0.000, 0.003" uct="-, 0.000" uht="-, 0.003" cs=MISS`,
	},
	"json": {
		jsonLine,
		`{"time":"2026-11-22T21:14:41+00:00","remote_addr":"203.0.113.9","remote_user":"","method":"GET","uri":"/api/v2/items/13433/teams/768630?page=43&sort=created_at&dir=desc","proto":"HTTP/1.1","status":200,"body_bytes":273,"referer":"https://shop.example/teams/171","ua":"weird \"quoted\" \\agent\t","request_time":0.003,"upstream_addr":"127.0.0.1:18083, 127.0.0.1:18082","upstream_status":"502, 200","response_time":"0.000, 0.003","upstream_connect_time":"-, 0.000","upstream_header_time":"-, 0.003"}`,
		`{"time":"2026-11-22T21:14:42+00:00","remote_addr":"203.0.113.9","remote_user":"","method":"GET","uri":"/health","proto":"HTTP/1.1","status":204,"body_bytes":0,"referer":"","ua":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36","request_time":0.000,"upstream_addr":"","upstream_status":"","response_time":"","upstream_connect_time":"","upstream_header_time":""}`,
	},
	"ltsv": {
		ltsvLine,
		"time:22/Nov/2026:21:14:42 +0000\thost:203.0.113.9\tforwardedfor:203.0.113.9\treq:GET /api/v2/items/13433/teams/768630?page=43 HTTP/1.1\tstatus:200\tmethod:GET\turi:/api/v2/items/13433/teams/768630?page=43\tsize:273\treferer:https://shop.example/teams/171\tua:Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\treqtime:0.003\tcache:-\truntime:-\tapptime:0.000, 0.003\tupaddr:127.0.0.1:18083, 127.0.0.1:18082\tupstatus:502, 200\tvhost:shop.example",
	},
	"app": {
		appLine,
		`{"ts":1795382082.5,"level":"info","msg":"request","method":"POST","route":"/cart/:id/add","status":201,"duration_ms":3.25,"trace":{"id":"5f2c","span":"a1"}}`,
	},
}

// benchFormat is the log_format of benchLines["combined"].
const benchFormat = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" ` +
	`rt=$request_time ua="$upstream_addr" us="$upstream_status" ut="$upstream_response_time" uct="$upstream_connect_time" uht="$upstream_header_time" cs=$upstream_cache_status`

func logFormatParser(t testing.TB) LineParser {
	newParser, err := CompileLogFormat(benchFormat)
	if err != nil {
		t.Fatal(err)
	}
	return newParser()
}

func benchmark(b *testing.B, parse LineParser, log []string) {
	lines := make([][]byte, len(log))
	total := int64(0)
	for i, l := range log {
		lines[i] = []byte(l)
		total += int64(len(l)) + 1
	}
	b.SetBytes(total)
	b.ReportAllocs()
	var req collectors.Request
	for b.Loop() {
		for _, l := range lines {
			if why := parse(l, &req); why != "" {
				b.Fatal(why)
			}
		}
	}
}

func BenchmarkCombined(b *testing.B)  { benchmark(b, combined(), benchLines["combined"]) }
func BenchmarkLogFormat(b *testing.B) { benchmark(b, logFormatParser(b), benchLines["combined"]) }
func BenchmarkJSON(b *testing.B)      { benchmark(b, webJSON(), benchLines["json"]) }
func BenchmarkLTSV(b *testing.B)      { benchmark(b, webLTSV(), benchLines["ltsv"]) }
func BenchmarkAppJSON(b *testing.B)   { benchmark(b, appJSON(), benchLines["app"]) }

// BenchmarkShared parses the first 16 MB of real logs, one core, lines cut included.
func BenchmarkShared(b *testing.B) {
	for name, parse := range map[string]LineParser{
		"nginx-upstream-100m.log.zst": combined(),
		"nginx-json-40k.log.zst":      webJSON(),
		"nginx-ltsv-40k.log.zst":      webLTSV(),
	} {
		b.Run(name, func(b *testing.B) {
			log := readHead(b, sharedLog(b, name), 16<<20)
			b.SetBytes(int64(len(log)))
			b.ReportAllocs()
			var req collectors.Request
			for b.Loop() {
				for rest := log; len(rest) > 0; {
					end := bytes.IndexByte(rest, '\n')
					if end < 0 {
						break
					}
					if why := parse(rest[:end], &req); why != "" {
						b.Fatal(why)
					}
					rest = rest[end+1:]
				}
			}
		})
	}
}

// TestNoAllocation holds the parsers to their promise on lines they have seen the like of.
func TestNoAllocation(t *testing.T) {
	for name, parse := range map[string]LineParser{
		"combined": combined(), "json": webJSON(), "ltsv": webLTSV(), "app": appJSON(),
	} {
		var req collectors.Request
		lines := [][]byte{}
		for _, l := range append(benchLines[name], "torn") {
			lines = append(lines, []byte(l))
		}
		run := func() {
			for _, l := range lines {
				parse(l, &req)
			}
		}
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// BenchmarkLexer follows the literals of a statement, as is done where a record ends.
func BenchmarkLexer(b *testing.B) {
	text := []byte("INSERT INTO t (a, b, c) VALUES " + strings.Repeat(`(1, 'it''s a \'text\'', "x"), `, 20) + "/* end */ (2, '', '')")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		l := literalLexer{text: text}
		if l.advance(len(text)); l.open != 0 {
			b.Fatal("it is closed")
		}
	}
}

package logs

import (
	"reflect"
	"strings"
	"testing"
)

func TestLogFormat(t *testing.T) {
	const end = "end=1795382081000000 "
	for _, c := range []struct{ format, line, want string }{
		{`$time_local|$status|$request_time`, `22/Nov/2026:21:14:41 +0000|200|0.003`, end + `rt=3000 status=200 bytes=? "" "" client="" cache=""`},
		{`$status $time_local $request_time`, `200 22/Nov/2026:21:14:41 +0000 0.003`, end + `rt=3000 status=200 bytes=? "" "" client="" cache=""`},
		{`${msec} $request $status`, `1795382081.000 GET /a b HTTP/1.1 200`, end + `rt=? status=200 bytes=? "GET" "/a b" client="" cache=""`},
		{`$time_iso8601\t$status\t$upstream_addr\t$upstream_response_time`, "2026-11-22T21:14:41+00:00\t502\t10.0.0.1:80, 10.0.0.2:80\t0.001, 0.002\r",
			end + `rt=? status=502 bytes=? "" "" client="" cache="" upstream, "10.0.0.1:80" ? c=? h=? r=1000, "10.0.0.2:80" ? c=? h=? r=2000`},
		{`$msec $status $upstream_addr $upstream_response_time $upstream_cache_status.`, `1795382081.000 200 unix:/a, b:1 : c:1 0.001, 0.002 : - HIT.`,
			end + `rt=? status=200 bytes=? "" "" client="" cache="HIT" upstream, "unix:/a" ? c=? h=? r=1000, "b:1" ? c=? h=? r=2000 : "c:1" ? c=? h=? r=?`},
		{`$msec $status $upstream_response_length $upstream_bytes_received $upstream_response_time $request_time`, `1795382081.000 200 0, 13456 : 7 -, 1 0.001, 0.002 0.003`,
			end + `rt=3000 status=200 bytes=? "" "" client="" cache="" upstream, "" ? c=? h=? r=1000, "" ? c=? h=? r=2000`},
		{`$msec,$status,$upstream_addr,$upstream_response_time,$http_user_agent,$request,$request_time`, `1795382081.000,200,a:1, b:2,0.001, 0.002,x (KHTML, like Gecko),GET /a,b HTTP/1.1,0.003`,
			end + `rt=3000 status=200 bytes=? "GET" "/a,b" client="" cache="" upstream, "a:1" ? c=? h=? r=1000, "b:2" ? c=? h=? r=2000`},
		{`$msec $status $request_uri $uri`, `1795382081.000 200 /r?x /index.php`, end + `rt=? status=200 bytes=? "" "/r?x" client="" cache=""`},
		{`$msec $status $document_uri $request_uri`, `1795382081.000 200 /index.php /r?x`, end + `rt=? status=200 bytes=? "" "/r?x" client="" cache=""`},
		{`$msec $status "$request_method $uri$is_args$args" x`, `1795382081.000 200 "GET /a?b" x`, end + `rt=? status=200 bytes=? "GET" "/a?b" client="" cache=""`},
		{`$msec $status $scheme://$host$request_uri $remote_addr`, `1795382081.000 200 https://shop.example/a?b 203.0.113.9`, end + `rt=? status=200 bytes=? "" "/a?b" client="203.0.113.9" cache=""`},
		{`{"t":"$time_iso8601","u":"$request_uri","s":$status}`, `{"t":"2026-11-22T21:14:41+00:00","u":"/\"a\u00e9","s":200}`, end + `rt=? status=200 bytes=? "" "/\"aé" client="" cache=""`},
		{`log_format x escape=none '$msec "$http_x" ' '"$request" $status';`, `1795382081.000 "a\" "GET /a HTTP/1.1" 200`, end + `rt=? status=200 bytes=? "GET" "/a" client="" cache=""`},
		{`'$msec ' "$status"`, `1795382081.000 200`, end + `rt=? status=200 bytes=? "" "" client="" cache=""`},
		{`[$msec] $status`, `[-] 200`, "skip: not a msec"},
		{`[$msec] $status`, `1795382081.000 200`, "skip: does not begin as the log format says"},
		{`[$msec] $status`, `[1795382081.000`, `skip: no "]" after msec`},
		{`[$msec] $status`, `[1795382081.000] 2000`, "skip: not a status"},
		{`$msec $status "$http_x"`, `1795382081.000 200 "a" b`, "skip: text after the end of the log format"},
		{`$msec $status`, `1795382081.000`, "skip: the line ends after msec"},
	} {
		newParser, err := CompileLogFormat(c.format)
		if err != nil {
			t.Errorf("%s: %v", c.format, err)
			continue
		}
		if got := parseOne(newParser, c.line); got != c.want {
			t.Errorf("%s\non  %q\n got %s\nwant %s", c.format, c.line, got, c.want)
		}
	}
}

// Every upstream variable is a list, also those that say nothing here: the columns behind do not shift.
func TestIngressRetries(t *testing.T) {
	line := head + `"GET /a HTTP/1.1" 200 13456 "-" "c" 100 0.500 [shop-web-80] [] 10.0.0.1:80, 10.0.0.2:80 0, 13456 0.100, 0.200 502, 200 5f2c`
	name, _, newParser := detect(Options{}, line)
	want := `end=1795382081000000 rt=500000 status=200 bytes=13456 "GET" "/a" client="203.0.113.9" cache="" upstream, ` +
		`"10.0.0.1:80" 502 c=? h=? r=100000, "10.0.0.2:80" 200 c=? h=? r=200000`
	if got := parseOne(newParser, line); name != "ingress-nginx" || got != want {
		t.Errorf("%s\n got %s\nwant %s", name, got, want)
	}
}

func TestLogFormatErrors(t *testing.T) {
	for _, c := range []struct{ format, want string }{
		{"", "log format: no variables in it"},
		{"no variables", "log format: no variables in it"},
		{"$", `log format: a $ without the name of a variable before ""`},
		{"${a", "log format: ${ without a name and }"},
		{"$status$time_local", "log format: nothing separates $status from $time_local"},
		{"$request_time $http_x", "log format: neither a time ($time_local, $time_iso8601, $msec) nor $status in it"},
		{"'$status", "log format: nginx.conf: line 1: a string that begins with ' does not end"},
		{"log_format x escape=xml '$status'", "log format: unknown escape=xml"},
	} {
		_, err := CompileLogFormat(c.format)
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: error %v, want %s", c.format, err, c.want)
		}
	}
}

func TestParseNginxConf(t *testing.T) {
	conf, err := ParseNginxConf(`
		# log_format no '$status';
		worker_processes auto;
		http {
			log_format main '$remote_addr "$request" ' # the first part
				"$status \"${http_x}\"";
			log_format j escape=json '{"a":"$status"}';
			log_format bare $msec\t${status};
			access_log /var/log/nginx/access.log;
			server {
				access_log /var/log/nginx/shop.log main buffer=32k;
				access_log syslog:server=10.0.0.1 buffer=1k;
				access_log off;
				location ~ ^/a{2}$ { content_by_lua_block { local s = "it's } -- {" } }
			}
		}`)
	if err != nil {
		t.Fatal(err)
	}
	want := NginxConf{
		Formats: []ConfFormat{
			{"main", "", `$remote_addr "$request" $status "${http_x}"`},
			{"j", "json", `{"a":"$status"}`},
			{"bare", "", "$msec\t${status}"},
		},
		AccessLogs: []ConfAccessLog{
			{"/var/log/nginx/access.log", "combined"},
			{"/var/log/nginx/shop.log", "main"},
			{"syslog:server=10.0.0.1", "combined"},
		},
	}
	if !reflect.DeepEqual(conf, want) {
		t.Errorf("got  %q\nwant %q", conf, want)
	}
	conf, err = ParseNginxConf("log_format a $status;\n\nlog_format b 'x")
	if err == nil || !strings.Contains(err.Error(), "line 3") || len(conf.Formats) != 1 {
		t.Errorf("got %q and error %v", conf, err)
	}
}

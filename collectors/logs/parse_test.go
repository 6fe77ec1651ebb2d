package logs

import (
	"strings"
	"testing"

	"dbtriage/collectors"
)

func combined() LineParser { return newCombinedParser(newNames(keyValueSynonyms, nil)).parse }
func webJSON() LineParser  { return newJSONParser(newNames(nil, nil), false).parse }
func appJSON() LineParser  { return newJSONParser(newNames(nil, nil), true).parse }
func webLTSV() LineParser  { return newLTSVParser(newNames(ltsvSynonyms, nil), false).parse }

const head = `203.0.113.9 - - [22/Nov/2026:21:14:41 +0000] `

func TestCombined(t *testing.T) {
	const at = "end=1795382081000000 "
	const noUpstream = ` client="203.0.113.9" cache=""`
	for _, c := range []struct{ line, want string }{
		{plainLine, at + `rt=? status=200 bytes=612 "GET" "/a?b=1"` + noUpstream},
		{keyedLine, at + `rt=3000 status=200 bytes=612 "GET" "/a?b=1" client="203.0.113.9" cache="MISS" upstream, "10.0.0.1:80" 200 c=0 h=1000 r=2000`},
		{head + `"GET / HTTP/1.1" 200 -`, at + `rt=? status=200 bytes=0 "GET" "/"` + noUpstream},
		{head + `"GET / HTTP/1.1" 200 7` + "\r", at + `rt=? status=200 bytes=7 "GET" "/"` + noUpstream},
		{head + `"-" 400 0 "-" "-"`, at + `rt=? status=400 bytes=0 "" ""` + noUpstream},
		{head + `"" 400 0 "-" "-"`, at + `rt=? status=400 bytes=0 "" ""` + noUpstream},
		{head + `"\x16\x03\x01\x02\x00\x01" 400 150 "-" "-"`, at + `rt=? status=400 bytes=150 "" ""` + noUpstream},
		{head + `"GET  /dbl HTTP/1.1" 400 1`, at + `rt=? status=400 bytes=1 "GET" "/dbl"` + noUpstream},
		{head + `"GET HTTP/1.1" 400 1`, at + `rt=? status=400 bytes=1 "GET" ""` + noUpstream},
		{head + `"GET /old" 009 150 "-" "-"`, at + `rt=? status=9 bytes=150 "GET" "/old"` + noUpstream},
		{head + `"GET /a b HTTP/1.0" 000 0 "-" "-"`, at + `rt=? status=0 bytes=0 "GET" "/a b"` + noUpstream},
		{head + `"GET /q\"x HTTP/1.1" 200 1 "a \" b" "c\\" rt=0.5`, at + `rt=500000 status=200 bytes=1 "GET" "/q\\\"x"` + noUpstream},
		{`unix: - John Smith [22/Nov/2026:22:14:41 +0100] "PUT /x HTTP/2.0" 201 1 "-" "-" "203.0.113.7"`,
			at + `rt=? status=201 bytes=1 "PUT" "/x" client="unix:" cache=""`},
		{plainLine + ` rt=1.2 ua="-" us="-" ut="-" uct="-" uht="-" cs=-`, at + `rt=1200000 status=200 bytes=612 "GET" "/a?b=1"` + noUpstream + " upstream"},
		{plainLine + ` ut=0.001, 0.002 : 0.003 ua=10.0.0.1:80, unix:/run/a b.sock : 10.0.0.2:80 us="502, - : 200"`,
			at + `rt=? status=200 bytes=612 "GET" "/a?b=1"` + noUpstream + ` upstream, "10.0.0.1:80" 502 c=? h=? r=1000, "unix:/run/a" none c=? h=? r=2000 : "" 200 c=? h=? r=3000`},
		{plainLine + ` ua="Mozilla/5.0 (X11, like Gecko)" urt=0.004`, at + `rt=? status=200 bytes=612 "GET" "/a?b=1"` + noUpstream + ` upstream, "" ? c=? h=? r=4000`},
		{plainLine + ` "203.0.113.7" 0.003 host=a request_time=0.25 msec=1795382081.250`, `end=1795382081250000 rt=250000 status=200 bytes=612 "GET" "/a?b=1"` + noUpstream},
		{plainLine[:len(plainLine)-4], at + `rt=? status=200 bytes=612 "GET" "/a?b=1"` + noUpstream},
		{plainLine + ` x="y"rt=1 ut="0.0`, at + `rt=1000000 status=200 bytes=612 "GET" "/a?b=1"` + noUpstream},

		{"", "skip: shorter than a log line"},
		{head + `"GET / HTTP/1.1 200 5 and so on`, "skip: no closing quote in the request"},
		{head + `"GET / HTTP/1.1" 2x0 5`, "skip: not a status"},
		{head + `"GET / HTTP/1.1" 200 x5`, "skip: not a byte count after the status"},
		{head + `"GET / HTTP/1.1" 200 5x`, "skip: not a byte count after the status"},
		{head + `GET / HTTP/1.1 200 5`, "skip: no quoted request after the time"},
		{`203.0.113.9 - - [31/Feb/2026:21:14:41 +0000] "GET / HTTP/1.1" 200 5`, "skip: not a time"},
		{`203.0.113.9 - - 22/Nov/2026:21:14:41 +0000 "GET / HTTP/1.1" 200 5`, "skip: no time in brackets"},
	} {
		if got := parseOne(combined, c.line); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.line, got, c.want)
		}
	}
}

// The fields of a tail are set apart in many ways.
func TestCombinedTails(t *testing.T) {
	const want = `rt=123000 status=200 bytes=612 "GET" "/a?b=1" client="203.0.113.9" cache="" upstream`
	const times = `, "" ? c=1000 h=2000 r=110000`
	const two = `, "10.0.0.1:80" ? c=? h=? r=1000, "10.0.0.2:80" ? c=? h=? r=110000`
	for _, c := range []struct{ tail, want string }{
		{` rt=0.123, uct=0.001, uht=0.002, urt=0.110`, want + times},
		{` rt=0.123,uct=0.001,uht=0.002,urt=0.110`, want + times},
		{` rt=0.123|uct=0.001|uht=0.002|urt=0.110`, want + times},
		{` rt=0.123 | uct=0.001 | uht=0.002 | urt=0.110 |`, want + times},
		{` x=1; rt=0.123; uct=0.001; uht=0.002;urt=0.110;`, want + times},
		{` "rt=0.123" "uct=0.001" "uht=0.002" "urt=0.110"`, want + times},
		{` "1.2.3.4" "x=y" "rt=0.123" uct="0.001" "uht=0.002" urt=0.110`, want + times},
		{` rt:0.123 uct:0.001 uht:0.002 urt:0.110`, want + times},
		{` x:y rt:0.123, uct:0.001, uht:0.002, urt:0.110`, want + times},
		{` rt=0.123,ua=10.0.0.1:80, 10.0.0.2:80, urt=0.001, 0.110`, want + two},
		{` rt=0.123|ua=10.0.0.1:80, 10.0.0.2:80|urt=0.001, 0.110|`, want + two},
	} {
		if got := parseOne(combined, plainLine+c.tail); got != "end=1795382081000000 "+c.want {
			t.Errorf("%s\n got %s\nwant %s", c.tail, got, c.want)
		}
	}
	for tail, want := range map[string]string{
		" time=123456": "end=1795382081000000", " ts=1795382081.250": "end=1795382081250000", " time=2026-11-23T05:14:41.5+08:00": "end=1795382081500000",
		" timestamp=1795382081": "end=1795382081000000", " time=1795299999": "end=1795299999000000", " time=1795200000": "end=1795382081000000",
	} {
		if got, _, _ := strings.Cut(parseOne(combined, plainLine+tail), " "); got != want {
			t.Errorf("%s: %s, not %s", tail, got, want)
		}
	}
	for tail, want := range map[string]string{
		` ua="okhttp" rt=0.5`: `cache=""`, ` cs=1234`: `cache=""`, ` cs=MISS`: `cache="MISS"`, ` ua="app" us="502"`: `cache="", "app" 502 c=? h=? r=?`,
		` us="` + strings.Repeat("502, ", 19) + `200" ua="` + strings.Repeat("a:1, ", 19) + `b:2"`: `"b:2" 200 c=? h=? r=?`,
	} {
		if got := parseOne(combined, plainLine+tail); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s, not %s", tail, got, want)
		}
	}
	// What an agent calls itself is no field.
	if got := parseOne(combined, head+`"GET / HTTP/1.1" 200 5 "rt=1" "urt=2"`); got != `end=1795382081000000 rt=? status=200 bytes=5 "GET" "/" client="203.0.113.9" cache=""` {
		t.Error(got)
	}
}

func TestJSON(t *testing.T) {
	const at = `{"time":"2026-11-22T21:14:41Z",`
	const end = "end=1795382081000000 "
	for _, c := range []struct{ line, want string }{
		{jsonLine, end + `rt=3000 status=200 bytes=612 "GET" "/a?b=1" client="203.0.113.9" cache="" upstream, "10.0.0.1:80" 200 c=? h=? r=2000`},
		{` { "status" : "404" , "time" : 1795382081 , "path" : "\/a\u00e9\ud83d\ude00\x22\\\"" } `, end + `rt=? status=404 bytes=? "" "/aé😀\"\\\"" client="" cache=""`},
		{at + `"status":009,"request_time":-,"upstream_response_time":0.001, 0.002,"upstream_addr":,"x":-}`, end + `rt=? status=9 bytes=? "" "" client="" cache="" upstream, "" ? c=? h=? r=1000, "" ? c=? h=? r=2000`},
		{at + `"status":200,"request":"GET /r HTTP/1.1","a":{"b":[1,{"c":"}"}]},"d":[],"e":null,"f":true,"g":-1.5e+3}`, end + `rt=? status=200 bytes=? "GET" "/r" client="" cache=""`},
		{at + `"status":200,"uri":"/index.php","request":"POST /r HTTP/1.1","method":"GET"}`, end + `rt=? status=200 bytes=? "POST" "/r" client="" cache=""`},
		{at + `"status":200,"upstream_addr":["a:1", "b:2"],"upstream_status":[502,200],"upstream_response_time":[0.001,null]}`, end + `rt=? status=200 bytes=? "" "" client="" cache="" upstream, "a:1" 502 c=? h=? r=1000, "b:2" 200 c=? h=? r=?`},
		{at + `"status":200,"upstream_addr":[{"a":1}],"upstream_status":[],"upstream_response_time":["x"}`, "skip: broken JSON: brackets do not match"},
		{at + `"st\u0061tus":200.0,"p\x61th":"/a"}`, end + `rt=? status=200 bytes=? "" "/a" client="" cache=""`},
		{at + `"status":200,"request_uri":"/r?x","uri":"/index.php"}`, end + `rt=? status=200 bytes=? "" "/r?x" client="" cache=""`},
		{at + `"status":200,"uri":"/index.php","request_uri":"/r?x"}`, end + `rt=? status=200 bytes=? "" "/r?x" client="" cache=""`},
		{at + `"status":200,"uri":"/u","request_uri":"-"}`, end + `rt=? status=200 bytes=? "" "/u" client="" cache=""`},
		{at + `"status":200,"request":"-","uri":"/u","method":"POST"}`, end + `rt=? status=200 bytes=? "POST" "/u" client="" cache=""`},
		{at + `"status":200,"upstream_response_time":"0.001, 0.002 : ","upstream_addr":"10.0.0.1:80, unix:/a : "}`, end + `rt=? status=200 bytes=? "" "" client="" cache="" upstream, "10.0.0.1:80" ? c=? h=? r=1000, "unix:/a" ? c=? h=? r=2000`},
		{at + `"status":200,"response_time":0.5}`, end + `rt=500000 status=200 bytes=? "" "" client="" cache=""`},
		{at + `"status":200,"requestTime":0.5,"responseTime":"0.25"}`, end + `rt=500000 status=200 bytes=? "" "" client="" cache="" upstream, "" ? c=? h=? r=250000`},
		{at + `"status":200,"msec":1795382081.250,"time_local":"22/Nov/2026:21:14:41 +0000","upstream":"http://10.0.0.1:80"}`, `end=1795382081250000 rt=? status=200 bytes=? "" "" client="" cache="", "http://10.0.0.1:80" ? c=? h=? r=?`},
		{at + `"status":200,"request_time_ms":250}`, end + `rt=250000 status=200 bytes=? "" "" client="" cache=""`},

		{"", "skip: not a JSON object"},
		{"[1]", "skip: not a JSON object"},
		{"{}", "skip: no time"},
		{`{"status":200}`, "skip: no time"},
		{`{"time":"yesterday","status":200}`, "skip: not a time"},
		{at + `"msg":"x"}`, "skip: no status"},
		{at + `"status":"ok"}`, "skip: not a status"},
		{at + `"status":200`, "skip: the JSON object does not end"},
		{at + `"status":2`, "skip: the JSON object does not end"},
		{at + `"stat`, "skip: broken JSON: a string does not end"},
		{at + `"status"`, "skip: broken JSON: no colon after a key"},
		{at + `"status":`, "skip: the JSON object does not end"},
		{at + `"status":200,}`, "skip: broken JSON: no key"},
		{at + `"status":200} x`, "skip: text after the JSON object"},
		{at + `"status":200 "a":1}`, "skip: broken JSON: no comma between members"},
		{at + `"status":200,"a":[1}}`, "skip: broken JSON: brackets do not match"},
		{at + `"status":200,"a":1.}`, "skip: broken JSON: not a value"},
		{at + `"status":200,"a":nil}`, "skip: broken JSON: not a value"},
		{at + `"status":200,"path":"\q"}`, "skip: broken JSON: unknown escape"},
		{at + `"status":200,"path":"\u12"}`, "skip: broken JSON: unknown escape"},
	} {
		if got := parseOne(webJSON, c.line); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.line, got, c.want)
		}
	}
}

func TestLTSV(t *testing.T) {
	const end = "end=1795382081000000 "
	for _, c := range []struct{ line, want string }{
		{ltsvLine, end + `rt=3000 status=200 bytes=612 "GET" "/a" client="203.0.113.9" cache="" upstream`},
		{"time:[22/Nov/2026:21:14:41 +0000]\tstatus:200\tx:\t\ty:1\t\r", end + `rt=? status=200 bytes=? "" "" client="" cache=""`},
		{"time:2026-11-22T21:14:41Z\tstatus:200\treqtime_microsec:1500\tapptime:0.1, 0.2\tupaddr:unix:/a, b:1", end + `rt=1500 status=200 bytes=? "" "" client="" cache="" upstream, "unix:/a" ? c=? h=? r=100000, "b:1" ? c=? h=? r=200000`},
		{"time:2026-11-22T21:14:41Z\tstatus:200", "skip: fewer than three labelled fields"},
		{"a\tb\tc", "skip: a field without label"},
		{"", "skip: fewer than three labelled fields"},
	} {
		if got := parseOne(webLTSV, c.line); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.line, got, c.want)
		}
	}
}

func TestApp(t *testing.T) {
	for _, c := range []struct {
		fields     map[string]string
		line, want string
	}{
		{nil, appLine, `end=1795382081250000 rt=12500 status=200 bytes=? "GET" "/items/:id" client="" cache=""`},
		{nil, `{"time":"2026-11-22 21:14:41,5","path":"/a","took":"1m2.5s"}`, `end=1795382081500000 rt=62500000 status=? bytes=? "" "/a" client="" cache=""`},
		{nil, `{"time":1795382081000,"url":"/a","route":"/:x","latency":"350µs","method":"get"}`, `end=1795382081000000 rt=350 status=? bytes=? "GET" "/:x" client="" cache=""`},
		{nil, `{"time":1795382081000,"route":"users.show","url":"/a","latency":0.25}`, `end=1795382081000000 rt=250000 status=? bytes=? "" "/a" client="" cache=""`},
		{nil, `{"time":1795382081000,"path":"/a","latency":12}`, `end=1795382081000000 rt=12000 status=? bytes=? "" "/a" client="" cache=""`},
		{nil, `{"time":1795382081000,"path":"/a","duration":1234567}`, `end=1795382081000000 rt=1234 status=? bytes=? "" "/a" client="" cache=""`},
		{nil, `{"time":1795382081000,"path":"/a","duration":2.5e-05}`, `end=1795382081000000 rt=25 status=? bytes=? "" "/a" client="" cache=""`},
		{nil, `{"time":1795382081000,"path":"/a","responseTime":12}`, `end=1795382081000000 rt=12000 status=? bytes=? "" "/a" client="" cache=""`},
		{map[string]string{"duration": "lat_ms", "path": "handler", "time": "When"},
			`{"When":1795382081,"path":"/a","handler":"show","lat_ms":1.5,"duration":7}`, `end=1795382081000000 rt=1500 status=? bytes=? "" "show" client="" cache=""`},
		{map[string]string{"path": "u"},
			`{"time":1795382081,"u":"/u","request":"GET /r HTTP/1.1","took":0.5}`, `end=1795382081000000 rt=500000 status=? bytes=? "GET" "/u" client="" cache=""`},
		{map[string]string{"duration": "t:us"},
			`{"time":1795382081,"path":"/a","t":1500}`, `end=1795382081000000 rt=1500 status=? bytes=? "" "/a" client="" cache=""`},
	} {
		name, role, newParser := detect(Options{Fields: c.fields}, c.line)
		if name != "app JSON" || role != "app" {
			t.Errorf("%s: detected as %q %q", c.line, name, role)
			continue
		}
		if got := parseOne(newParser, c.line); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.line, got, c.want)
		}
	}
	if got := parseOne(appJSON, `{"time":1795382081,"path":"/a"}`); got != "skip: no duration" {
		t.Error(got)
	}
	if got := parseOne(appJSON, `{"time":1795382081,"took":1}`); got != "skip: no path" {
		t.Error(got)
	}
}

func TestFieldNames(t *testing.T) {
	for _, name := range FieldNames() {
		n := newNames(nil, map[string]string{name: "zzz"})
		if b := n.lookup([]byte("zzz")); fieldNames[b.field] != name {
			t.Errorf("%s chosen as zzz is found as %q", name, fieldNames[b.field])
		}
	}
}

func TestManyTries(t *testing.T) {
	line := plainLine + ` ua="`
	times := ""
	for i := range 20 {
		if i > 0 {
			line += ", "
			times += ", "
		}
		line += "a:1"
		times += "0.001"
	}
	var req collectors.Request
	if why := combined()([]byte(line+`" ut="`+times+`"`), &req); why != "" {
		t.Fatal(why)
	}
	var sum int64
	for _, try := range req.Tries {
		sum += try.Response
	}
	if len(req.Tries) != collectors.MaxTries || sum != 20_000 || req.Tries[collectors.MaxTries-1].Response != 5_000 {
		t.Errorf("%d tries of %d µs together: %s", len(req.Tries), sum, show(&req))
	}
}

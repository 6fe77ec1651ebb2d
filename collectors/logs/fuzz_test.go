package logs

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"

	"dbtriage/collectors"
)

// inside says whether v lies in memory of owner.
func inside(v, owner []byte) bool {
	if len(v) == 0 {
		return true
	}
	owner = owner[:cap(owner)]
	at, from := uintptr(unsafe.Pointer(unsafe.SliceData(v))), uintptr(unsafe.Pointer(unsafe.SliceData(owner)))
	return at >= from && at+uintptr(len(v)) <= from+uintptr(len(owner))
}

// checkLine parses a line and asserts what holds of every parser and every line. It returns why the
// line is no request. fresh makes a parser and shows its record.
func checkLine(t *testing.T, line []byte, fresh func() (LineParser, *record, *knownTails)) (collectors.Request, string) {
	t.Helper()
	parse, r, known := fresh()
	before := bytes.Clone(line)
	var req collectors.Request
	// The first parse may move the record's text as it grows, the second may not.
	why := parse(line, &req)
	unknown := show(&req)
	if again := parse(line, &req); again != why || show(&req) != unknown {
		t.Fatalf("%q is %q %s, and when it is known %q %s", line, why, unknown, again, show(&req))
	}
	owned := func(v []byte) bool {
		return inside(v, line) || inside(v, r.text) ||
			known != nil && slices.ContainsFunc(known.slots, func(k knownTail) bool { return len(k.text) > 0 && inside(v, k.text) })
	}
	if !bytes.Equal(line, before) {
		t.Fatalf("the line was changed from %q to %q", before, line)
	}
	if why == "" {
		texts := [][]byte{req.Method, req.Path, req.Cache, req.Client}
		for _, try := range req.Tries {
			texts = append(texts, try.Addr)
			for _, v := range []int64{try.Status, try.Connect, try.Header, try.Response} {
				if v < collectors.Unknown && v != collectors.Unanswered || v > maxDuration*100 {
					t.Fatalf("%q has %s", line, show(&req))
				}
			}
		}
		for _, s := range texts {
			if !owned(s) {
				t.Fatalf("%q: %q lies in memory of somebody else", line, s)
			}
		}
		if req.End < 0 && req.End != collectors.NoTime || req.End >= maxInstant ||
			req.RequestTime < collectors.Unknown || req.RequestTime > maxDuration ||
			req.Status < collectors.Unknown || req.Status > 999 || req.BytesSent < collectors.Unknown ||
			len(req.Tries) > collectors.MaxTries {
			t.Fatalf("%q has %s", line, show(&req))
		}
	}
	first := show(&req)
	// What the parser remembers of other lines changes nothing.
	parse([]byte(keyedLine), &req)
	parse([]byte(jsonLine), &req)
	parse([]byte(ltsvLine), &req)
	if again := parse(line, &req); again != why || why == "" && show(&req) != first {
		t.Fatalf("%q is %q %s, and then %q %s", line, why, first, again, show(&req))
	}
	return req, why
}

func FuzzCombined(f *testing.F) {
	for _, l := range append(benchLines["combined"], plainLine, keyedLine, head+`"\x16\x03" 400 0`,
		plainLine+` ua=10.0.0.1:80, unix:/a : - ut=0.1, - : 0.2 rt=1e5 x= y="`) {
		f.Add([]byte(l))
	}
	n := newNames(keyValueSynonyms, nil)
	f.Fuzz(func(t *testing.T, line []byte) {
		_, why := checkLine(t, line, func() (LineParser, *record, *knownTails) {
			p := newCombinedParser(n)
			p.known.slots = make([]knownTail, tailSlots)
			return p.parse, &p.rec, &p.known
		})
		// A longer tail takes no request away.
		if why == "" {
			if got := parseOne(combined, string(line)+` "x" y=z`); strings.HasPrefix(got, "skip") && line[len(line)-1] > ' ' {
				t.Fatalf("%q is a request, with a longer tail it is %s", line, got)
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, l := range append(benchLines["json"], appLine, `{"time":1795382081,"status":200,"path":"\u4e2d\\\"\/a","d":{"e":[1,{}]}}`,
		`{"time":1795382081,"status":009,"upstream_response_time":0.1, - : 0.2,"x":,"y":-}`) {
		f.Add([]byte(l))
	}
	n := newNames(nil, nil)
	f.Fuzz(func(t *testing.T, line []byte) {
		checkLine(t, line, func() (LineParser, *record, *knownTails) {
			p := newJSONParser(n, true)
			return p.parse, &p.rec, nil
		})
		req, why := checkLine(t, line, func() (LineParser, *record, *knownTails) {
			p := newJSONParser(n, false)
			return p.parse, &p.rec, nil
		})
		var members map[string]any
		if !utf8.Valid(line) || json.Unmarshal(line, &members) != nil || members == nil {
			return
		}
		switch why {
		case "", whyNoTime, whyNotTime, whyNoStatus, whyNotStatus, whyBadNest:
		default:
			t.Fatalf("%q is a JSON object, but was skipped: %s", line, why)
		}
		for name := range members {
			if f := n.lookup([]byte(name)).field; name != "path" && (f == pathField || f == uriField || f == routeField || f == requestField) {
				return
			}
		}
		path, ok := members["path"].(string)
		if why != "" || !ok || bytes.Count(line, []byte(`"path"`)) != 1 || bytes.Contains(line, []byte(`\u00`)) {
			return
		}
		if want := orNothing([]byte(path)); !bytes.Equal(req.Path, want) {
			t.Fatalf("%q: path %q, want %q", line, req.Path, want)
		}
	})
}

func FuzzLTSV(f *testing.F) {
	for _, l := range append(benchLines["ltsv"], ltsvLine, "time:1795382081\tstatus:200\tpath:/a\ttook:12ms\t") {
		f.Add([]byte(l))
	}
	n := newNames(ltsvSynonyms, nil)
	f.Fuzz(func(t *testing.T, line []byte) {
		for _, app := range []bool{false, true} {
			_, why := checkLine(t, line, func() (LineParser, *record, *knownTails) {
				p := newLTSVParser(n, app)
				return p.parse, &p.rec, nil
			})
			if why == "" && bytes.Count(line, []byte{'\t'}) < 2 {
				t.Fatalf("%q is a request", line)
			}
		}
	})
}

// rendered are values of variables without the bytes that set fields apart in FuzzLogFormat.
var rendered = map[string]string{
	"time_local": "22/Nov/2026:21:14:41 +0000", "time_iso8601": "2026-11-22T21:14:41+00:00",
	"msec": "1795382081.250", "request": "GET /a HTTP/1.1", "request_method": "GET", "request_uri": "/a",
	"status": "200", "body_bytes_sent": "7", "bytes_sent": "7", "request_time": "0.003",
	"upstream_response_time": "0.001, 0.002 : -",
}

func FuzzLogFormat(f *testing.F) {
	f.Add(benchFormat, benchLines["combined"][1])
	f.Add(ingressFormat, plainLine)
	f.Add("|$time_local|$status|${upstream_response_time}|$x", "|22/Nov/2026:21:14:41 +0000|200|0.1 : 0.2|")
	f.Add(`{"t":"$msec","u":"$host$request_uri"}`, `{"t":"1795382081.5","u":"h/\"\x22"}`)
	f.Add("escape=json '$status ' \"$time_local\"", "200 22/Nov/2026:21:14:41 +0000")
	f.Fuzz(func(t *testing.T, text, line string) {
		format, err := compileLogFormatText(text)
		if err != nil {
			return
		}
		checkLine(t, []byte(line), func() (LineParser, *record, *knownTails) {
			p := &formatParser{format: format}
			return p.parse, &p.rec, nil
		})
		// A line that the format itself makes must be read, where its fields are set apart by "|".
		if strings.HasPrefix(text, "log_format") || strings.ContainsAny(text, "'\\{}") || strings.Contains(text, "escape=") {
			return
		}
		text = strings.TrimSpace(text)
		before, rest, _ := strings.Cut(text, "$")
		made := before
		for more := true; more; {
			var name, literal string
			name, rest, _ = variable(rest)
			literal, rest, more = strings.Cut(rest, "$")
			if literal != "" && literal[0] != '|' || literal == "" && more {
				return
			}
			value := rendered[name]
			if value == "" {
				value = "x"
			}
			made += value + literal
		}
		if strings.TrimRight(made, "\r") != made || strings.Count(text, "|") < 1 {
			return
		}
		if got := parseOne(format.newParser, made); strings.HasPrefix(got, "skip") {
			t.Fatalf("format %q made %q, which is read as %s", text, made, got)
		}
	})
}

func FuzzNginxConf(f *testing.F) {
	f.Add("http { log_format a escape=json '{\"x\":\"$y\"}' # c\n \"\\t$z\"; access_log /a a; }")
	f.Add("content_by_lua_block { local s = '}' -- }\n }\nlog_format b ${c}d\\;;")
	f.Fuzz(func(t *testing.T, text string) {
		conf, _ := ParseNginxConf(text)
		// Every format found, written out again, is found again.
		var again strings.Builder
		for _, f := range conf.Formats {
			escape := ""
			if f.Escape != "" {
				escape = quoteConf("escape=" + f.Escape)
			} else if strings.HasPrefix(f.Text, "escape=") {
				return // two parts of which the first only looked like the parameter
			}
			again.WriteString("log_format " + quoteConf(f.Name) + " " + escape + " " + quoteConf(f.Text) + ";\n")
		}
		got, err := ParseNginxConf(again.String())
		if err != nil || !reflect.DeepEqual(got.Formats, conf.Formats) {
			t.Fatalf("%q\nwas read as %q\nand again  as %q %v", text, conf.Formats, got.Formats, err)
		}
	})
}

func quoteConf(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

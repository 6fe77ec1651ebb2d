package errorlog

import (
	"bytes"
	"regexp"
	"strings"
	"time"
)

// Nginx is the error log of Nginx and of what is built on it.
var Nginx = Dialect{Name: "nginx error log", Role: "web", Prefix: "web.error.", Kinds: nginxKinds, Whole: true, parse: parseNginx}

// The kinds are tried in order. A reset or a timeout without an upstream is the client's.
var nginxKinds = []Kind{
	{Name: "workers_exhausted", Words: []string{"worker_connections are not enough", "worker_connections exceed"}},
	{Name: "files_exhausted", Words: []string{"(24: "}},
	{Name: "disk_full", Words: []string{"(28: "}},
	{Name: "no_live_upstreams", Words: []string{"no live upstreams"}},
	{Name: "closed_early", Words: []string{"upstream prematurely closed"}},
	{Name: "bad_answer", Words: []string{"upstream sent "}},
	{Name: "buffered", Words: []string{"is buffered to a temporary file"}},
	{Name: "refused", Words: []string{"(111: "}, And: "upstream"},
	{Name: "reset", Words: []string{"(104: ", "(32: "}, And: "upstream", Not: "client"},
	{Name: "timed_out", Words: []string{"upstream timed out"}},
	{Name: "unreachable", Words: []string{"(113: ", "(101: ", "(99: ", "(11: ", "(2: No such file or directory) while connecting to upstream"}, And: "upstream"},
	{Name: "unresolved", Words: []string{"could not be resolved", "host not found in upstream", "no resolver defined"}},
	{Name: "tls", Words: []string{"SSL_", "SSL: error:", "ssl_stapling", "peer closed connection in SSL handshake", "OCSP"}},
	{Name: "limited", Words: []string{"limiting requests", "limiting connections", "delaying request"}},
	{Name: "too_large", Words: []string{"intended to send too large body"}},
	{Name: "denied", Words: []string{"access forbidden by rule", "is forbidden", "(13: "}},
	{Name: "missing", Words: []string{"(2: ", "is not found"}},
	{Name: "crashed", Words: []string{"exited on signal", "exited with fatal code"}},
	{Name: "port_taken", Words: []string{"(98: "}},
	{Name: "client_gone", Words: []string{"(104: ", "(110: ", "(32: ", "client prematurely closed", "client timed out"}},
}

var nginxLevels = []string{"debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"}

// clientPart begins what Nginx says of the connection behind the message.
var clientPart = regexp.MustCompile(`, client: (?:[0-9a-fA-F.:]+|unix:)(?:,|$)`)

// parseNginx reads
//
//	2026/11/22 22:29:15 [error] 22386#22386: *33 message, client: …, request: "…", upstream: "http://…", host: "…"
func parseNginx(line []byte, zone *time.Location) (e Entry, ok bool) {
	const stamp = "2006/01/02 15:04:05"
	if len(line) < len(stamp)+4 || line[4] != '/' || line[len(stamp)] != ' ' || line[len(stamp)+1] != '[' {
		return e, false
	}
	at, err := time.ParseInLocation(stamp, string(line[:len(stamp)]), zone)
	if err != nil {
		return e, false
	}
	level, rest, ok := bytes.Cut(line[len(stamp)+2:], []byte("] "))
	if !ok || !known(string(level), nginxLevels) {
		return e, false
	}
	text := string(rest)
	pid, n := digits(text)
	thread, ok := strings.CutPrefix(text[n:], "#")
	_, m := digits(thread)
	text, colon := strings.CutPrefix(thread[min(m, len(thread)):], ": ")
	if n == 0 || pid == 0 || !ok || !colon {
		return e, false
	}
	if strings.HasPrefix(text, "*") {
		if _, m := digits(text[1:]); m > 0 {
			text = strings.TrimPrefix(text[1+m:], " ")
		}
	}
	e = Entry{At: at.UnixMicro(), Level: string(level)}
	// What follows the message was sent by the client in part, quotes included: the parts are looked
	// for in the order in which Nginx writes them.
	about := ""
	if at := clientPart.FindStringIndex(text); at != nil {
		text, about = text[:at[0]], text[at[1]:]
	}
	e.Message = text
	if _, after, ok := strings.Cut(about, ` request: "`); ok {
		end := strings.Index(after, `", upstream: "`)
		if end < 0 {
			end = strings.Index(after, `", host: "`)
		}
		if end < 0 {
			end = len(strings.TrimSuffix(after, `"`))
		}
		e.Request, about = after[:end], after[end:]
	}
	if _, after, ok := strings.Cut(about, `, upstream: "`); ok {
		url, _, _ := strings.Cut(after, `"`)
		e.Upstream = address(url)
	}
	return e, true
}

// address takes the peer out of "http://10.0.0.5:8080/path", "fastcgi://unix:/run/php.sock:" or the
// name of a group; empty when it does not look like any.
func address(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		url = rest
	}
	if strings.HasPrefix(url, "unix:") {
		if path, _, ok := strings.Cut(url[len("unix:"):], ":"); ok {
			url = "unix:" + path
		}
	} else {
		url, _, _ = strings.Cut(url, "/")
	}
	if len(url) > 200 {
		return ""
	}
	for i := range len(url) {
		if c := url[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\'' || c == '<' || c == '>' {
			return ""
		}
	}
	return url
}

package logs

import (
	"bytes"

	"dbtriage/collectors"
)

// An application's own request log is JSON or LTSV with a time, a route or path, and how long the
// request took. What tells it from a web server's is that no field of it is one that only a web
// server knows: upstreams, request_time, remote_addr beside body_bytes_sent.
//
// The unit of a duration is told by its name (latency_ms, took_us) or by the value itself ("12ms").
// A name that does not tell, such as duration or latency, means seconds, unless all values of the
// sample are whole numbers: nobody times requests in whole seconds, so these are milliseconds.

// whyNotApp says what the request lacks that every line of an application's request log has.
func (r *record) whyNotApp() string {
	switch {
	case r.req.End == collectors.NoTime:
		if r.has(timeField) {
			return whyNotTime
		}
		return whyNoTime
	case r.req.RequestTime == collectors.Unknown:
		return whyNoDuration
	case len(r.req.Path) == 0:
		return whyNoPath
	}
	return ""
}

// fromWeb says whether the line just read has what only a web server writes.
func (r *record) fromWeb(line []byte) bool {
	if r.seen&nginxFields != 0 {
		return true
	}
	if bytes.Contains(line, []byte("remote_addr")) && bytes.Contains(line, []byte("body_bytes")) {
		return true
	}
	if r.has(durationField) {
		return false
	}
	return r.has(clientField) && r.has(bytesField) || r.has(requestField) && len(r.req.Method) > 0
}

// A bareDurations says what the durations look like whose name tells no unit.
type bareDurations struct{ positive, other bool }

func (d *bareDurations) observe(r *record) {
	switch {
	case nothing(r.bare):
	case countDigits(r.bare) < len(r.bare):
		d.other = true
	case len(bytes.Trim(r.bare, "0")) > 0:
		d.positive = true
	}
}

func (d *bareDurations) unit() unit {
	if d.positive && !d.other {
		return milliseconds
	}
	return seconds
}

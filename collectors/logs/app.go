package logs

import (
	"bytes"

	"dbtriage/collectors"
)

// An application's own request log is JSON or LTSV with a time, a route or path, and how long the
// request took. What tells it from a web server's is that no field of it is one that only a web
// server knows: upstreams, request_time, remote_addr beside body_bytes_sent.
//
// The unit of a duration, here and in a web server's log, is told by its name (latency_ms, took_us), by the value itself ("12ms"), or
// by the user ("duration" → "took:ms"). A name that does not tell, such as duration or latency, means
// seconds, unless all values of the sample are whole numbers: nobody times requests in whole seconds.
// Those are milliseconds, or nanoseconds (as Go's log/slog prints them) when none is below 10,000,
// which would be ten seconds for the fastest request.

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
type bareDurations struct {
	least int64 // the smallest whole number; 0 when there is none
	other bool  // some are no whole numbers
	zero  bool
}

func (d *bareDurations) observe(r *record) {
	if nothing(r.bare) {
		return
	}
	n, ok := digits(r.bare)
	switch {
	case !ok || len(r.bare) > 18:
		d.other = true
	case n == 0:
		d.zero = true
	case d.least == 0 || n < d.least:
		d.least = n
	}
}

func (d *bareDurations) unit() unit {
	switch {
	case d.other || d.least == 0:
		return seconds
	case d.least >= 10_000 && !d.zero:
		return nanoseconds
	}
	return milliseconds
}

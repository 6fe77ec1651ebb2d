package logs

import (
	"bytes"
	"fmt"

	"dbtriage/collectors"
)

// Why a line is no request. They are constants, so that a skip costs nothing.
const (
	whyNoTime     = "no time"
	whyNotTime    = "not a time"
	whyNoStatus   = "no status"
	whyNotStatus  = "not a status"
	whyNoDuration = "no duration"
	whyNoPath     = "no path"
)

// A record gathers what the fields of one line say of a request, and owns the memory that the
// request points to beyond the line.
type record struct {
	req   *collectors.Request
	seen  uint32 // bit of each field that the line has, even if it reads "-"
	clock clock
	lists upstreamLists
	tries [collectors.MaxTries]collectors.Try

	responseTime        []byte // ambiguous until the line has been read
	responseTimeBinding binding
	// bareUnit is the unit of an application's durations whose name does not tell it.
	bareUnit unit
	bare     []byte // the value of such a duration

	requestLine              bool // the line has what the client asked for, verbatim
	hasPath                  bool // or at least its path
	chosenMethod, chosenPath bool // by the user's choice of names

	text []byte // strings of the line that had escapes, without them
}

// nginxFields are the fields that only a web server writes.
const nginxFields = 1<<requestTimeField | 1<<upstreamAddrField | 1<<upstreamStatusField |
	1<<upstreamResponseField | 1<<upstreamConnectField | 1<<upstreamHeaderField | 1<<cacheField

func (r *record) has(f field) bool { return r.seen>>f&1 != 0 }

// blankRequest is what is known of a request before its line is read. To copy it is faster than to write
// it each time: the processor would wait for its own writes.
var blankRequest = collectors.Request{
	End: collectors.NoTime, RequestTime: collectors.Unknown, Status: collectors.Unknown, BytesSent: collectors.Unknown,
}

// begin readies the record for the next line.
func (r *record) begin(req *collectors.Request) {
	offset := req.Offset
	*req = blankRequest
	req.Offset = offset
	r.req = req
	r.seen = 0
	r.lists = upstreamLists{}
	r.bare = nil
	r.requestLine, r.hasPath, r.chosenMethod, r.chosenPath = false, false, false, false
	r.text = r.text[:0]
}

// set takes one value. It returns false when the value is not one of its field; "" and "-" are
// fine, they mean that there is none.
func (r *record) set(b binding, v []byte) bool {
	ok := r.take(b, v)
	if !ok {
		r.odd(b.field)
	}
	return ok
}

// Warnings of values that count as unknown, though the log has them. They are constants: a warning costs nothing.
var oddValues = [...]string{
	bytesField:            "some sizes of responses are no numbers: they count as unknown",
	requestTimeField:      "some request times are no durations: they count as unknown",
	durationField:         "some request times are no durations: they count as unknown",
	upstreamStatusField:   "some statuses of upstreams are none: they count as unknown",
	upstreamResponseField: "some upstream response times are no durations: they count as unknown",
	upstreamConnectField:  "some upstream connect times are no durations: they count as unknown",
	upstreamHeaderField:   "some upstream header times are no durations: they count as unknown",
}

var oddTries = fmt.Sprintf("some requests have more than %d attempts: the last has the time of all further ones", collectors.MaxTries)

// odd notes that the line has a value of a field that is none.
func (r *record) odd(f field) {
	if int(f) < len(oddValues) && r.req.Odd == "" {
		r.req.Odd = oddValues[f]
	}
}

func (r *record) take(b binding, v []byte) bool {
	f := b.field
	had := r.has(f)
	r.seen |= 1 << f
	req := r.req
	switch f {
	case timeField:
		us, ok := r.clock.read(v)
		if !ok {
			return had && req.End != collectors.NoTime
		}
		if had && us%1_000_000 == 0 && us == req.End-req.End%1_000_000 {
			break // the same second told twice; the other time is finer
		}
		req.End = us
	case statusField:
		n, ok := status(v)
		if !ok {
			return had && req.Status != collectors.Unknown
		}
		req.Status = n
	case requestField:
		method, path := splitRequest(v)
		if len(method) == 0 {
			break
		}
		// What the client asked for beats $request_method and $uri, which an internal redirect or
		// try_files has changed by the time of logging: every $uri may be /index.php.
		r.requestLine = true
		if !r.chosenMethod {
			req.Method = method
		}
		if !r.chosenPath && !r.has(routeField) {
			req.Path = path
		}
	case methodField:
		if r.requestLine && !b.chosen {
			break
		}
		r.chosenMethod = b.chosen
		req.Method = nil
		if isMethod(v) {
			req.Method = v
		} else if upper := r.upper(v); isMethod(upper) {
			req.Method = upper
		}
	case uriField:
		// What the client asked for may have been told already; when it comes later it takes this one's place.
		if r.requestLine || r.hasPath {
			break
		}
		if !r.has(routeField) || len(req.Path) == 0 || req.Path[0] != '/' {
			req.Path = orNothing(v)
		}
	case pathField:
		if r.requestLine && !b.chosen || nothing(v) && r.has(uriField) {
			break
		}
		r.hasPath = r.hasPath || !nothing(v)
		r.chosenPath = b.chosen
		if !r.has(routeField) || len(req.Path) == 0 || req.Path[0] != '/' {
			req.Path = orNothing(v)
		}
	case routeField:
		if len(v) > 0 && (v[0] == '/' || len(req.Path) == 0) {
			req.Path = orNothing(v)
		}
	case bytesField:
		if nothing(v) {
			break
		}
		n, ok := scaled(v, microseconds)
		if !ok {
			return false
		}
		req.BytesSent = n
	case requestTimeField:
		if nothing(v) {
			break
		}
		us, ok := duration(v, b.unit)
		if !ok {
			return false
		}
		req.RequestTime = us
	case durationField:
		u := b.unit
		if !b.unitNamed {
			u, r.bare = r.bareUnit, v
		}
		if nothing(v) || r.has(requestTimeField) && req.RequestTime != collectors.Unknown {
			break
		}
		us, ok := duration(v, u)
		if !ok {
			return false
		}
		req.RequestTime = us
	case responseTimeField:
		r.responseTime, r.responseTimeBinding = v, b
	case upstreamAddrField:
		r.lists.addr = v
	case upstreamStatusField:
		r.lists.status = v
	case upstreamResponseField:
		r.lists.response, r.lists.responseUnit = v, b.unit
	case upstreamConnectField:
		r.lists.connect, r.lists.connectUnit = v, b.unit
	case upstreamHeaderField:
		r.lists.header, r.lists.headerUnit = v, b.unit
	case cacheField:
		if len(v) > 0 && v[0]-'0' <= 9 { // a number of something else
			break
		}
		req.Cache = orNothing(v)
	case clientField:
		req.Client = orNothing(v)
	}
	return true
}

// finish settles what only the whole line tells.
func (r *record) finish() {
	if r.has(responseTimeField) {
		b := r.responseTimeBinding
		b.field = durationField
		if r.seen&nginxFields != 0 {
			b.field = upstreamResponseField
		}
		if !r.has(b.field) {
			r.set(b, r.responseTime)
		}
	}
	const lists = 1<<upstreamAddrField | 1<<upstreamStatusField |
		1<<upstreamResponseField | 1<<upstreamConnectField | 1<<upstreamHeaderField
	const times = 1<<upstreamResponseField | 1<<upstreamConnectField | 1<<upstreamHeaderField
	if r.seen&lists == 0 {
		return
	}
	r.req.UpstreamLogged = r.seen&times != 0
	r.req.Tries = r.tries[:r.lists.zip(r, r.has(upstreamStatusField))]
}

// why says what the request lacks that every web log line has.
func (r *record) why() string {
	switch {
	case r.req.End == collectors.NoTime:
		if r.has(timeField) {
			return whyNotTime
		}
		return whyNoTime
	case r.req.Status == collectors.Unknown:
		if r.has(statusField) {
			return whyNotStatus
		}
		return whyNoStatus
	}
	return ""
}

// upper copies a short word in capitals.
func (r *record) upper(v []byte) []byte {
	if len(v) > 24 {
		return nil
	}
	from := len(r.text)
	for _, b := range v {
		if b >= 'a' && b <= 'z' {
			b -= 'a' - 'A'
		}
		r.text = append(r.text, b)
	}
	return r.text[from:]
}

func orNothing(v []byte) []byte {
	if nothing(v) {
		return nil
	}
	return v
}

// splitRequest cuts "GET /x HTTP/1.1". What is no request line, such as the first bytes of a TLS
// handshake on a plain port, has neither method nor path: as a path it would be a route of its own.
func splitRequest(v []byte) (method, path []byte) {
	i := len("GET")
	if !begins(v, "GET ") {
		if i = bytes.IndexByte(v, ' '); i < 0 || !isMethod(v[:i]) {
			return nil, nil
		}
	}
	method, path = v[:i], v[i+1:]
	for len(path) > 0 && path[0] == ' ' {
		path = path[1:]
	}
	if begins(path, "HTTP/") { // a protocol, and no path
		return method, nil
	}
	// The protocol is the last word; a path may hold spaces, which old servers let through.
	if n := len(path) - len(" HTTP/1.1"); n >= 0 && string(path[n:n+6]) == " HTTP/" {
		path = path[:n]
	} else if j := bytes.LastIndex(path, []byte(" HTTP/")); j >= 0 {
		path = path[:j]
	}
	return method, path
}

// isMethod accepts words of capitals, as every registered method is but for a few with a hyphen.
func isMethod(v []byte) bool {
	if len(v) == 0 || len(v) > 24 {
		return false
	}
	for _, b := range v {
		if (b < 'A' || b > 'Z') && b != '-' && b != '_' {
			return false
		}
	}
	return v[0] != '-'
}

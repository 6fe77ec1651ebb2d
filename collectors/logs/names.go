package logs

import "slices"

// A field is something of a request that a log can name.
type field uint8

const (
	noField field = iota
	timeField
	methodField
	pathField
	uriField   // like path, but perhaps what an internal redirect or try_files has made of it
	routeField // like path, but a template the application matched
	requestField
	statusField
	bytesField
	requestTimeField
	upstreamAddrField
	upstreamStatusField
	upstreamResponseField
	upstreamConnectField
	upstreamHeaderField
	cacheField
	clientField
	durationField
	responseTimeField // the upstream's beside web server fields, else the request's: decided by line
	fieldCount
)

// fieldNames are the canonical names, which Options.Fields maps to the names of a log.
var fieldNames = [fieldCount]string{
	timeField:             "time",
	methodField:           "method",
	pathField:             "path",
	requestField:          "request",
	statusField:           "status",
	bytesField:            "bytes",
	requestTimeField:      "request_time",
	upstreamAddrField:     "upstream_addr",
	upstreamStatusField:   "upstream_status",
	upstreamResponseField: "upstream_response_time",
	upstreamConnectField:  "upstream_connect_time",
	upstreamHeaderField:   "upstream_header_time",
	cacheField:            "cache_status",
	clientField:           "client",
	durationField:         "duration",
}

// FieldNames lists the names that Options.Fields understands.
func FieldNames() []string {
	names := slices.DeleteFunc(slices.Clone(fieldNames[:]), func(s string) bool { return s == "" })
	slices.Sort(names)
	return names
}

// synonyms are the names that logs in the wild use, in lower_snake form and without unit.
var synonyms = map[string]field{
	"time": timeField, "timestamp": timeField, "ts": timeField, "time_local": timeField,
	"time_iso8601": timeField, "datetime": timeField, "msec": timeField,

	"method": methodField, "request_method": methodField, "http_method": methodField,
	"verb": methodField, "http_request_method": methodField,

	"uri": uriField, "document_uri": uriField,
	"path": pathField, "request_uri": pathField, "url": pathField,
	"request_path": pathField, "http_path": pathField, "url_path": pathField, "target": pathField,

	"route": routeField, "http_route": routeField, "endpoint": routeField,

	"request": requestField, "req": requestField, "request_line": requestField,

	"status": statusField, "status_code": statusField, "http_status": statusField,
	"response_status": statusField, "response_code": statusField, "http_status_code": statusField,
	"http_response_status_code": statusField,

	"bytes": bytesField, "body_bytes_sent": bytesField, "body_bytes": bytesField,
	"bytes_sent": bytesField, "size": bytesField, "response_size": bytesField,
	"response_bytes": bytesField, "bytes_written": bytesField,

	"request_time": requestTimeField, "reqtime": requestTimeField, "rt": requestTimeField,

	"upstream_addr": upstreamAddrField, "upaddr": upstreamAddrField, "upstream": upstreamAddrField,
	"upstream_status": upstreamStatusField, "upstatus": upstreamStatusField,

	"upstream_response_time": upstreamResponseField, "upstream_time": upstreamResponseField,
	"urt": upstreamResponseField, "uprt": upstreamResponseField,
	"upstream_connect_time": upstreamConnectField, "uct": upstreamConnectField,
	"upstream_header_time": upstreamHeaderField, "uht": upstreamHeaderField,

	"cache_status": cacheField, "upstream_cache_status": cacheField, "cache": cacheField,

	"client": clientField, "remote_addr": clientField, "client_ip": clientField,
	"remote_ip": clientField, "clientip": clientField, "client_addr": clientField,

	"duration": durationField, "elapsed": durationField, "elapsed_time": durationField,
	"latency": durationField, "took": durationField, "time_taken": durationField,
	"request_duration": durationField, "total_time": durationField, "cost": durationField,
	"response_time": responseTimeField,
}

// keyValueSynonyms are short names usual in the key=value tail of an Nginx log. Elsewhere they mean
// other things: "ua" in JSON is a user agent.
var keyValueSynonyms = map[string]field{
	"ua": upstreamAddrField, "us": upstreamStatusField, "ut": upstreamResponseField, "cs": cacheField,
}

// ltsvSynonyms are the labels that ltsv.org recommends beyond the above.
var ltsvSynonyms = map[string]field{
	"host": clientField, "apptime": upstreamResponseField,
}

// unitSuffixes tell the unit of a duration by the end of its name.
var unitSuffixes = []struct {
	suffix string
	unit   unit
}{
	{"_ms", milliseconds}, {"_msec", milliseconds}, {"_millis", milliseconds}, {"_milliseconds", milliseconds},
	{"_us", microseconds}, {"_usec", microseconds}, {"_micros", microseconds}, {"_microsec", microseconds},
	{"_microseconds", microseconds},
	{"_ns", nanoseconds}, {"_nanos", nanoseconds}, {"_nanoseconds", nanoseconds},
	{"_s", seconds}, {"_sec", seconds}, {"_secs", seconds}, {"_seconds", seconds},
}

// A binding is what a name of a log stands for.
type binding struct {
	field field
	unit  unit
	// unitNamed says that the name, or the user, told the unit.
	unitNamed bool
	chosen    bool // by the user
}

// names says what the names of one kind of log stand for. It is read-only once made.
type names struct {
	kind       map[string]field // what this kind of log adds to synonyms
	chosen     map[string]binding
	overridden [fieldCount]bool
}

// newNames takes the user's choices: canonical name → name in the log. The name may carry a unit
// after a colon, "duration" → "took:ms"; else its suffix tells it, as in "lat_ms". A canonical name
// chosen by the user is looked for under no other name.
func newNames(kind map[string]field, fields map[string]string) *names {
	n := &names{kind: kind, chosen: map[string]binding{}}
	for canonical, name := range fields {
		f := field(max(0, slices.Index(fieldNames[:], canonical)))
		if f == noField || canonical == "" || name == "" {
			continue
		}
		b := binding{field: f, unit: seconds, chosen: true}
		for _, u := range unitSuffixes {
			colon := ":" + u.suffix[1:]
			if len(name) > len(colon) && name[len(name)-len(colon):] == colon {
				name = name[:len(name)-len(colon)]
				b.unit, b.unitNamed = u.unit, true
			}
		}
		if _, u, ok := cutUnit([]byte(name)); ok && !b.unitNamed {
			b.unit, b.unitNamed = u, true
		}
		n.chosen[name] = b
		n.overridden[f] = true
		switch f {
		case pathField:
			n.overridden[routeField], n.overridden[uriField] = true, true
		case durationField:
			n.overridden[responseTimeField] = true
		}
	}
	return n
}

// lookup finds what a name stands for; a zero binding when nothing.
func (n *names) lookup(name []byte) binding {
	if b, ok := n.chosen[string(name)]; ok {
		return b
	}
	var buf [64]byte
	plain := snake(buf[:0], name)
	b := binding{unit: seconds}
	b.field = n.byName(plain)
	if b.field == noField {
		base, u, ok := cutUnit(plain)
		if !ok {
			return binding{}
		}
		b.field = n.byName(base)
		if !timed(b.field) {
			return binding{}
		}
		b.unit, b.unitNamed = u, true
	}
	if n.overridden[b.field] {
		return binding{}
	}
	return b
}

func (n *names) byName(plain []byte) field {
	if f, ok := n.kind[string(plain)]; ok {
		return f
	}
	return synonyms[string(plain)]
}

// timed says whether a field is a duration, so that a unit at its name's end means something.
func timed(f field) bool {
	switch f {
	case requestTimeField, durationField, responseTimeField,
		upstreamResponseField, upstreamConnectField, upstreamHeaderField:
		return true
	}
	return false
}

func cutUnit(name []byte) (base []byte, u unit, ok bool) {
	for _, s := range unitSuffixes {
		if len(name) > len(s.suffix) && string(name[len(name)-len(s.suffix):]) == s.suffix {
			return name[:len(name)-len(s.suffix)], s.unit, true
		}
	}
	return name, seconds, false
}

// snake writes "requestTime", "Request-Time" and "@request.time" as request_time. Names too long
// for dst stay unknown, and so do none that matter.
func snake(dst, name []byte) []byte {
	for i, b := range name {
		if len(dst)+2 > cap(dst) {
			return dst[:0]
		}
		switch {
		case b >= 'A' && b <= 'Z':
			if i > 0 && (name[i-1] >= 'a' && name[i-1] <= 'z' || name[i-1]-'0' <= 9) {
				dst = append(dst, '_')
			}
			dst = append(dst, b|0x20)
		case b == '-' || b == '.' || b == ' ':
			dst = append(dst, '_')
		case i == 0 && (b == '@' || b == '$'):
		default:
			dst = append(dst, b)
		}
	}
	return dst
}

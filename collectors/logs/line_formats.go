package logs

import "dbtriage/collectors"

// LineFormats are the formats of which each line is one request, in the order to try them: what the
// user told first, then from the strictest to the loosest.
var LineFormats = []LineFormat{
	{Name: FormatGiven, Detect: detectLogFormat},
	{Name: FormatOfConf, Detect: detectNginxConf},
	{Name: "ingress-nginx", Detect: detectIngress},
	{Name: formatCombined, Detect: detectCombined},
	{Name: "web JSON", Detect: detectJSON(false)},
	{Name: "web LTSV", Detect: detectLTSV(false)},
	{Name: "app JSON", Detect: detectJSON(true)},
	{Name: "app LTSV", Detect: detectLTSV(true)},
}

// formatCombined is the name of the format in which the tail of a line is told by names in it.
const formatCombined = "combined"

// The names of the formats that the user gives.
const (
	FormatGiven  = "nginx log_format"
	FormatOfConf = "nginx.conf log_format"
)

// The roles of servers that write request logs.
const (
	roleWeb = "web"
	roleApp = "app"
)

// ingressFormat is what the Kubernetes ingress controller writes by default.
const ingressFormat = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent ` +
	`"$http_referer" "$http_user_agent" $request_length $request_time [$proxy_upstream_name] ` +
	`[$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length ` +
	`$upstream_response_time $upstream_status $req_id`

// enough says whether so many lines of a sample make a format. Most must parse: another format of
// the same family (a plain JSON log, say) parses none of its lines, while a log in which two formats
// take turns, after a change of configuration or in a shared file, is still read, its other lines
// counted as skipped. Six in ten leave room for a few dozen torn or foreign lines, and two formats
// can never both be right. One line that begins in the middle does not count against it.
func enough(parsed, lines int, firstTorn bool) bool {
	if firstTorn && lines > 1 {
		lines--
	}
	return parsed > 0 && parsed*10 >= lines*6
}

// count parses a sample and says how many lines were requests of those that are not empty.
func count(parse LineParser, sample [][]byte) (parsed, lines int, firstTorn bool) {
	var req collectors.Request
	for i, line := range sample {
		if len(trimEnd(line)) == 0 {
			continue
		}
		lines++
		if parse(line, &req) == "" {
			parsed++
		} else if i == 0 {
			firstTorn = true
		}
	}
	return parsed, lines, firstTorn
}

func detectLogFormat(opt Options, sample [][]byte) (newParser func() LineParser, role string, ok bool) {
	if opt.LogFormat == "" {
		return nil, "", false
	}
	f, err := compileLogFormatText(opt.LogFormat)
	if err != nil { // the command has told the user: CompileLogFormat
		return nil, "", false
	}
	return f.newParser, roleWeb, enough(count(f.newParser(), sample))
}

// detectNginxConf takes the format that parses most lines; of equals the one that tells most.
func detectNginxConf(opt Options, sample [][]byte) (newParser func() LineParser, role string, ok bool) {
	if opt.NginxConf == "" {
		return nil, "", false
	}
	conf, _ := ParseNginxConf(opt.NginxConf) // the command has told the user of errors
	var best *logFormat
	most := 0
	for _, c := range conf.Formats {
		f, err := compileLogFormat(c.Text, c.Escape)
		if err != nil {
			continue
		}
		parsed, lines, torn := count(f.newParser(), sample)
		if !enough(parsed, lines, torn) {
			continue
		}
		if best == nil || parsed > most || parsed == most && f.fields > best.fields {
			best, most = f, parsed
		}
	}
	if best == nil {
		return nil, "", false
	}
	return best.newParser, roleWeb, true
}

func detectIngress(_ Options, sample [][]byte) (newParser func() LineParser, role string, ok bool) {
	f, err := compileLogFormat(ingressFormat, "")
	if err != nil {
		return nil, "", false
	}
	return f.newParser, roleWeb, enough(count(f.newParser(), sample))
}

func detectCombined(opt Options, sample [][]byte) (newParser func() LineParser, role string, ok bool) {
	n := newNames(keyValueSynonyms, opt.Fields)
	var bare bareDurations
	p := newCombinedParser(n)
	ok = enough(count(func(line []byte, req *collectors.Request) string {
		why := p.parse(line, req)
		if why == "" {
			bare.observe(&p.rec)
		}
		return why
	}, sample))
	u := bare.unit()
	newParser = func() LineParser {
		p := newCombinedParser(n)
		p.rec.bareUnit = u
		return p.parse
	}
	return newParser, roleWeb, ok
}

func detectJSON(app bool) func(Options, [][]byte) (func() LineParser, string, bool) {
	return func(opt Options, sample [][]byte) (newParser func() LineParser, role string, ok bool) {
		n := newNames(nil, opt.Fields)
		p := newJSONParser(n, app)
		u, ok := detectNamed(&p.rec, p.parse, app, sample)
		newParser = func() LineParser {
			p := newJSONParser(n, app)
			p.rec.bareUnit = u
			return p.parse
		}
		return newParser, roleOf(app), ok
	}
}

func detectLTSV(app bool) func(Options, [][]byte) (func() LineParser, string, bool) {
	return func(opt Options, sample [][]byte) (newParser func() LineParser, role string, ok bool) {
		n := newNames(ltsvSynonyms, opt.Fields)
		p := newLTSVParser(n, app)
		u, ok := detectNamed(&p.rec, p.parse, app, sample)
		newParser = func() LineParser {
			p := newLTSVParser(n, app)
			p.rec.bareUnit = u
			return p.parse
		}
		return newParser, roleOf(app), ok
	}
}

func roleOf(app bool) string {
	if app {
		return roleApp
	}
	return roleWeb
}

// detectNamed decides on formats with named fields: a line counts when it is a request and its
// names are those of the kind of server asked for. It also finds the unit of unnamed durations.
//
// An application writes other messages into the same log, so of its lines one in five must be a
// request; but six in ten must at least be well-formed and have a time.
func detectNamed(r *record, parse LineParser, app bool, sample [][]byte) (u unit, ok bool) {
	var bare bareDurations
	requests, messages := 0, 0
	_, lines, torn := count(func(line []byte, req *collectors.Request) string {
		why := parse(line, req)
		switch {
		case why == "" && r.fromWeb(line) != app:
			requests++
			messages++
			bare.observe(r)
		case why == whyNoDuration || why == whyNoPath:
			messages++
		}
		return why
	}, sample)
	if !app {
		return bare.unit(), enough(requests, lines, torn)
	}
	return bare.unit(), requests*5 >= lines && enough(messages, lines, torn) && requests > 0
}

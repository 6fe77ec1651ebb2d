package logs

import "dbtriage/collectors"

// Options are what the user told of the logs.
type Options struct {
	// LogFormat is an Nginx log_format string; it beats what sniffing finds.
	LogFormat string
	// NginxConf is the text of an nginx.conf whose log_format directives are tried first.
	NginxConf string
	// Fields renames fields of JSON, LTSV and key=value logs: canonical name (see FieldNames) → name
	// in the log. The name of a duration tells its unit by its end, "lat_ms", or after a colon,
	// "took:ms".
	Fields map[string]string
}

// A LineParser fills req from one line, which has no line end. It returns why the line is no
// request, or "". The slices in req point into line or into memory of the parser, both reused.
type LineParser func(line []byte, req *collectors.Request) (why string)

// A LineFormat is a log of which each line is one request.
type LineFormat struct {
	Name string
	// Detect looks at sample lines and, when most of them are of this format, returns a maker of
	// parsers (one for each worker) and the role of the server that wrote the log: web or app.
	Detect func(opt Options, sample [][]byte) (newParser func() LineParser, role string, ok bool)
}

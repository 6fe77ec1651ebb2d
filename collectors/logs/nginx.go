package logs

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"dbtriage/collectors"
)

// A log_format string is compiled into steps, each a variable and the literal text that ends it.
// A line is then read from left to right without ever going back.

// nginxVariables are the variables that say something of a request; all others are passed over.
var nginxVariables = map[string]field{
	"time_local": timeField, "time_iso8601": timeField, "msec": timeField,
	"request": requestField, "request_method": methodField,
	"request_uri": pathField, "uri": uriField, "document_uri": uriField,
	"status": statusField, "body_bytes_sent": bytesField, "bytes_sent": bytesField,
	"request_time": requestTimeField, "remote_addr": clientField,
	"upstream_addr": upstreamAddrField, "upstream_status": upstreamStatusField,
	"upstream_response_time": upstreamResponseField,
	"upstream_connect_time":  upstreamConnectField,
	"upstream_header_time":   upstreamHeaderField,
	"upstream_cache_status":  cacheField,
}

// A stepKind says how the end of a variable's text is found.
type stepKind uint8

const (
	untilText  stepKind = iota // at the next occurrence of the literal
	untilQuote                 // at the next quote without a backslash before it
	untilSpace                 // at the next space that separates no elements of a list
	localTime                  // after the 26 bytes of $time_local, which has a space itself
	untilComma                 // at the next comma without a space behind it, which would be within a list
	untilProto                 // an unquoted $request: after " HTTP/1.1"
	untilEnd                   // at the end of the line, less the literal
)

type step struct {
	kind    stepKind
	binding binding
	afterHost
	text        string // the literal behind the variable
	whyNot      string
	whyMismatch string
}

// afterHost says that the captured text has a host before its path, as in $host$request_uri.
type afterHost bool

// A logFormat is a compiled log_format string. It is read-only and shared by its parsers.
type logFormat struct {
	prefix string
	steps  []step
	json   bool // values are escaped as in JSON strings
	fields int  // how many variables are understood
	tail   int  // the step from which on only what knownTails remember is read; -1 when there is none
}

// CompileLogFormat compiles an Nginx log_format string, so that a command can refuse a bad one
// before it reads any log. The text may be the bare format, or be copied from an nginx.conf with
// its quotes, its escape= parameter, or as the whole directive.
func CompileLogFormat(format string) (newParser func() LineParser, err error) {
	f, err := compileLogFormatText(format)
	if err != nil {
		return nil, fmt.Errorf("log format: %w", err)
	}
	return f.newParser, nil
}

func compileLogFormatText(text string) (*logFormat, error) {
	text = strings.TrimSpace(text)
	directive := ""
	switch {
	case strings.HasPrefix(text, "log_format "):
		directive = strings.TrimSuffix(text, ";") + ";"
	case strings.HasPrefix(text, "escape="), strings.HasPrefix(text, "'"):
		directive = "log_format given " + strings.TrimSuffix(text, ";") + ";"
	default:
		return compileLogFormat(strings.ReplaceAll(text, `\t`, "\t"), "")
	}
	conf, err := ParseNginxConf(directive)
	if err != nil {
		return nil, err
	}
	if len(conf.Formats) != 1 {
		return nil, errors.New("not one log_format directive")
	}
	return compileLogFormat(conf.Formats[0].Text, conf.Formats[0].Escape)
}

// maxLogFormat bounds the text of a format, in bytes; Nginx itself reads 4096 a parameter.
const maxLogFormat = 64 << 10

func compileLogFormat(text, escape string) (*logFormat, error) {
	if len(text) > maxLogFormat {
		return nil, errors.New("too long")
	}
	f := &logFormat{json: escape == "json" || escape == "" && strings.HasPrefix(text, "{")}
	switch escape {
	case "", "default", "json", "none":
	default:
		return nil, fmt.Errorf("unknown escape=%s", escape)
	}
	prefix, rest, ok := strings.Cut(text, "$")
	f.prefix = prefix
	if !ok {
		return nil, errors.New("no variables in it")
	}
	seen := map[field]bool{}
	before := prefix
	for more := true; more; {
		var run []string
		var literal string
		for literal == "" && more { // variables side by side
			name, after, err := variable(rest)
			if err != nil {
				return nil, err
			}
			run = append(run, name)
			literal, rest, more = strings.Cut(after, "$")
		}
		s, err := newStep(run, before, literal, !more, escape)
		if err != nil {
			return nil, err
		}
		if s.binding.field != noField {
			f.fields++
			seen[s.binding.field] = true
		}
		f.steps = append(f.steps, s)
		before = literal
	}
	f.tail = tailOf(f.steps)
	if !seen[timeField] && !seen[statusField] {
		return nil, errors.New("neither a time ($time_local, $time_iso8601, $msec) nor $status in it")
	}
	return f, nil
}

// tailOf returns the first step that has a time, peer or cache status, if all such steps come after all
// others that are understood.
func tailOf(steps []step) int {
	tail := -1
	for i := range steps {
		switch f := steps[i].binding.field; {
		case f == requestTimeField || f == cacheField || f >= upstreamAddrField && f <= upstreamHeaderField:
			if tail < 0 {
				tail = i
			}
		case f != noField && tail >= 0:
			return -1
		}
	}
	return tail
}

// variable cuts the name off what follows a dollar sign.
func variable(text string) (name, rest string, err error) {
	if after, ok := strings.CutPrefix(text, "{"); ok {
		name, rest, ok = strings.Cut(after, "}")
		if !ok || name == "" {
			return "", "", errors.New("${ without a name and }")
		}
		return name, rest, nil
	}
	i := 0
	for i < len(text) && (text[i] == '_' || text[i]-'0' <= 9 || text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z') {
		i++
	}
	if i == 0 {
		return "", "", fmt.Errorf("a $ without the name of a variable before %q", text[:min(len(text), 10)])
	}
	return text[:i], text[i:], nil
}

// newStep plans how to read a run of variables with nothing between them, and the literal behind.
func newStep(run []string, before, literal string, last bool, escape string) (step, error) {
	name := run[0]
	s := step{text: literal}
	for i, v := range run {
		f := nginxVariables[v]
		if f == noField {
			continue
		}
		switch {
		case len(run) == 1:
		case (f == pathField || f == uriField) && i == 0 && onlyArgs(run[1:]):
		case (f == pathField || f == uriField) && !strings.HasPrefix(run[0], "args") && onlyArgs(run[i+1:]):
			s.afterHost = true
		default:
			return s, fmt.Errorf("nothing separates $%s", strings.Join(run, " from $"))
		}
		name = v
		s.binding = binding{field: f, unit: seconds}
	}
	s.whyNot = "not a " + name
	s.whyMismatch = fmt.Sprintf("no %q after %s", strings.TrimSpace(literal), name)
	if strings.TrimSpace(literal) == "" {
		s.whyMismatch = "the line ends after " + name
	}
	switch f := s.binding.field; {
	case strings.HasPrefix(literal, `"`) && strings.HasSuffix(before, `"`) && escape != "none":
		s.kind = untilQuote
	case last:
		s.kind = untilEnd
		s.whyMismatch = fmt.Sprintf("the line does not end with %q", literal)
	case strings.HasPrefix(literal, " ") && name == "time_local":
		s.kind = localTime
	case literal == " " && strings.HasPrefix(run[0], "upstream_"):
		s.kind = untilSpace
	case (literal == " " || strings.HasPrefix(literal, ",")) && f == requestField:
		s.kind = untilProto
	case literal == "," && name != "time_local":
		s.kind = untilComma
	}
	return s, nil
}

// onlyArgs says whether variables only complete a path: $uri$is_args$args.
func onlyArgs(run []string) bool {
	for _, v := range run {
		if v != "is_args" && v != "args" && v != "query_string" {
			return false
		}
	}
	return true
}

// formatParser reads lines of one compiled format.
type formatParser struct {
	rec    record
	format *logFormat
	known  knownTails
	quotes quotes
}

func (f *logFormat) newParser() LineParser {
	return (&formatParser{format: f, rec: record{bareUnit: seconds}}).parse
}

const (
	whyPrefix      = "does not begin as the log format says"
	whyAfterFormat = "text after the end of the log format"
)

func (p *formatParser) parse(line []byte, req *collectors.Request) string {
	r, f := &p.rec, p.format
	r.begin(req)
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	if len(line) < len(f.prefix) || string(line[:len(f.prefix)]) != f.prefix {
		return whyPrefix
	}
	p.quotes.reset(line)
	line = line[len(f.prefix):]
	var tail []byte
	var known *knownTail
	for i := range f.steps {
		if i == f.tail {
			tail = line
			if known = p.known.slot(tail); known != nil && p.known.recall(known, tail, req) {
				return ""
			}
		}
		s := &f.steps[i]
		var end int
		if s.kind == untilQuote {
			end = p.quotes.end(line)
		} else {
			end = s.end(line)
		}
		if end < 0 || len(line)-end < len(s.text) || string(line[end:end+len(s.text)]) != s.text {
			return s.whyMismatch
		}
		if s.binding.field != noField {
			v := line[:end]
			if f.json && s.binding.field != timeField && bytes.IndexByte(v, '\\') >= 0 {
				var ok bool
				if v, ok = r.unescape(v); !ok {
					return whyBadEscape
				}
			}
			if s.afterHost {
				v = v[max(0, bytes.IndexByte(v, '/')):]
			}
			if !r.set(s.binding, v) {
				return s.whyNot
			}
		}
		line = line[end+len(s.text):]
	}
	if len(trimEnd(line)) > 0 {
		return whyAfterFormat
	}
	r.finish()
	if known != nil && req.Odd == "" { // a tail that is recalled warns of nothing
		known.learn(tail, req)
	}
	return ""
}

// end finds where the step's variable ends in line, or -1; of quoted ones the parser knows.
func (s *step) end(line []byte) int {
	switch s.kind {
	case untilSpace:
		return endOfBareList(line)
	case localTime:
		return min(26, len(line))
	case untilProto:
		from := max(0, bytes.Index(line, []byte(" HTTP/"))+1)
		if end := bytes.Index(line[from:], []byte(s.text)); end >= 0 {
			return from + end
		}
		return -1
	case untilComma:
		for from := 0; ; {
			i := bytes.IndexByte(line[from:], ',')
			if i < 0 {
				return -1
			}
			if from += i + 1; from == len(line) || line[from] != ' ' {
				return from - 1
			}
		}
	case untilEnd:
		return len(line) - len(s.text)
	}
	if len(s.text) == 1 {
		return bytes.IndexByte(line, s.text[0])
	}
	first := s.text[0]
	for from := 0; ; from++ {
		i := bytes.IndexByte(line[from:], first)
		if i < 0 {
			return -1
		}
		from += i
		if len(line)-from < len(s.text) {
			return -1
		}
		if string(line[from:from+len(s.text)]) == s.text {
			return from
		}
	}
}

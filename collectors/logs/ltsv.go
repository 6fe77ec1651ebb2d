package logs

import (
	"bytes"

	"dbtriage/collectors"
)

// LTSV lines are label:value fields separated by tabs, see ltsv.org.

const (
	whyNoLabel  = "a field without label"
	whyFewField = "fewer than three labelled fields"
)

// ltsvParser reads one line at a time; keys remembers the labels by position.
type ltsvParser struct {
	rec   record
	names *names
	keys  [64]rememberedKey
	app   bool // an application's log rather than a web server's
}

func newLTSVParser(n *names, app bool) *ltsvParser {
	return &ltsvParser{names: n, app: app, rec: record{bareUnit: seconds}}
}

func (p *ltsvParser) parse(line []byte, req *collectors.Request) string {
	r := &p.rec
	r.begin(req)
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	at := 0
	for more := true; more; at++ {
		end := bytes.IndexByte(line, '\t')
		text := line
		if more = end >= 0; more {
			text, line = line[:end], line[end+1:]
		}
		var b binding
		if at < len(p.keys) && p.keys[at].begins(text) {
			b = p.keys[at].binding
			text = text[len(p.keys[at].text):]
		} else {
			n := labelLength(text)
			if n == 0 {
				if len(text) == 0 { // two tabs, or one at the end
					continue
				}
				return whyNoLabel
			}
			b = p.names.lookup(text[:n-1])
			if at < len(p.keys) {
				p.keys[at].text = append(p.keys[at].text[:0], text[:n]...)
				p.keys[at].binding = b
			}
			text = text[n:]
		}
		if b.field != noField {
			r.set(b, text)
		}
	}
	if at < 3 {
		return whyFewField
	}
	r.finish()
	if p.app {
		return r.whyNotApp()
	}
	return r.why()
}

// labelLength returns the length of "label:" at the start of text, 0 when there is none.
func labelLength(text []byte) int {
	for i, b := range text {
		switch {
		case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b-'0' <= 9 || b == '_' || b == '.' || b == '-' || b == '@':
		case b == ':' && i > 0:
			return i + 1
		default:
			return 0
		}
		if i == 64 {
			return 0
		}
	}
	return 0
}

package logs

import (
	"bytes"

	"dbtriage/collectors"
)

// A JSON log has one object a line. Only its first level is read, in one pass and without building
// anything: nested values are checked for balance and passed over.
//
// Beyond the standard it accepts what Nginx really writes into hand-made JSON formats: \xXX escapes
// (escape=default), and a variable without quotes that turned out empty, "-", a list, or 009.

const (
	whyNotObject   = "not a JSON object"
	whyTornObject  = "the JSON object does not end"
	whyAfterObject = "text after the JSON object"
	whyBadKey      = "broken JSON: no key"
	whyBadColon    = "broken JSON: no colon after a key"
	whyBadValue    = "broken JSON: not a value"
	whyOpenString  = "broken JSON: a string does not end"
	whyBadEscape   = "broken JSON: unknown escape"
	whyBadNest     = "broken JSON: brackets do not match"
	whyNoComma     = "broken JSON: no comma between members"
)

// jsonParser reads one line at a time; keys remembers the names by position.
type jsonParser struct {
	rec   record
	names *names
	keys  [64]rememberedKey
	app   bool // an application's log rather than a web server's
}

func newJSONParser(n *names, app bool) *jsonParser {
	return &jsonParser{names: n, app: app, rec: record{bareUnit: seconds}}
}

func (p *jsonParser) parse(line []byte, req *collectors.Request) string {
	p.rec.begin(req)
	if why := p.object(line); why != "" {
		return why
	}
	p.rec.finish()
	if p.app {
		return p.rec.whyNotApp()
	}
	return p.rec.why()
}

// object reads the members of the object that is the line.
func (p *jsonParser) object(line []byte) string {
	text := skipSpace(line)
	if len(text) == 0 || text[0] != '{' {
		return whyNotObject
	}
	text = skipSpace(text[1:])
	if len(text) > 0 && text[0] == '}' {
		return afterObject(text)
	}
	for at := 0; ; at++ {
		var b binding
		if at < len(p.keys) && p.keys[at].begins(text) {
			b = p.keys[at].binding
			text = text[len(p.keys[at].text):]
		} else {
			var why string
			if b, text, why = p.key(text, at); why != "" {
				return why
			}
		}
		text = skipSpace(text)
		rest, why := p.value(b, text)
		if why != "" {
			return why
		}
		text = skipSpace(rest)
		if len(text) == 0 {
			return whyTornObject
		}
		switch text[0] {
		case ',':
			text = skipSpace(text[1:])
		case '}':
			return afterObject(text)
		default:
			return whyNoComma
		}
	}
}

func afterObject(text []byte) string {
	if len(skipSpace(text[1:])) > 0 {
		return whyAfterObject
	}
	return ""
}

// key reads a key and its colon, and remembers both for the next line.
func (p *jsonParser) key(text []byte, at int) (b binding, rest []byte, why string) {
	if len(text) == 0 {
		return b, nil, whyTornObject
	}
	if text[0] != '"' {
		return b, nil, whyBadKey
	}
	end := closingQuote(text[1:])
	if end < 0 {
		return b, nil, whyOpenString
	}
	name := text[1 : end+1]
	rest = skipSpace(text[end+2:])
	if len(rest) == 0 || rest[0] != ':' {
		return b, nil, whyBadColon
	}
	if bytes.IndexByte(name, '\\') >= 0 {
		var ok bool
		if name, ok = p.rec.unescape(name); !ok {
			return b, nil, whyBadEscape
		}
	}
	b = p.names.lookup(name)
	rest = rest[1:]
	if at < len(p.keys) {
		k := &p.keys[at]
		k.text = append(k.text[:0], text[:len(text)-len(rest)]...)
		k.binding = b
	}
	return b, rest, ""
}

// value reads one value and hands it to the record when b is of interest.
func (p *jsonParser) value(b binding, text []byte) (rest []byte, why string) {
	if len(text) == 0 {
		return nil, whyTornObject
	}
	switch c := text[0]; {
	case c == '"':
		text = text[1:]
		end := closingQuote(text)
		if end < 0 {
			return nil, whyOpenString
		}
		if b.field == noField {
			return text[end+1:], ""
		}
		v := text[:end]
		if bytes.IndexByte(v, '\\') >= 0 {
			var ok bool
			if v, ok = p.rec.unescape(v); !ok {
				return nil, whyBadEscape
			}
		}
		p.rec.set(b, v)
		return text[end+1:], ""
	case c-'0' <= 9 || c == '-':
		end := number(text)
		if end == 0 {
			return nil, whyBadValue
		}
		if b.field != noField {
			p.rec.set(b, text[:end])
		}
		return text[end:], ""
	case c == '[' && b.field >= upstreamAddrField && b.field <= upstreamHeaderField:
		rest, why = skipNested(text)
		if why == "" {
			p.rec.set(b, p.rec.list(text[1:len(text)-len(rest)-1]))
		}
		return rest, why
	case c == '{' || c == '[':
		p.rec.odd(b.field)
		return skipNested(text)
	case c == ',' || c == '}': // a variable without quotes that was empty
		return text, ""
	}
	for _, word := range [...]string{"null", "true", "false"} {
		if len(text) >= len(word) && string(text[:len(word)]) == word {
			return text[len(word):], ""
		}
	}
	return nil, whyBadValue
}

// list writes the elements of an array of strings and numbers as Nginx writes its lists; nothing of an array
// of anything else.
func (r *record) list(text []byte) []byte {
	from := len(r.text)
	for text = skipSpace(text); len(text) > 0; text = skipSpace(text) {
		if len(r.text) > from {
			r.text = append(r.text, ", "...)
		}
		end := 0
		if text[0] == '"' {
			if end = closingQuote(text[1:]); end < 0 || bytes.IndexByte(text[1:end+1], '\\') >= 0 {
				return nil
			}
			r.text = append(r.text, text[1:end+1]...)
			end += 2
		} else {
			for end < len(text) && (text[end]-'0' <= 9 || text[end] == '.' || text[end] == '-') {
				end++
			}
			if r.text = append(r.text, text[:end]...); end == 0 {
				if !begins(text, "null") {
					return nil
				}
				end = len("null")
				r.text = append(r.text, '-')
			}
		}
		text = skipSpace(text[end:])
		if len(text) > 0 && text[0] != ',' {
			return nil
		}
		text = bytes.TrimPrefix(text, []byte(","))
	}
	return r.text[from:]
}

// number returns the length of the JSON number at the start of text, 0 when there is none. It also
// takes leading zeros, a lone "-", and lists of these as Nginx writes them.
func number(text []byte) int {
	i := 0
	for {
		if i < len(text) && text[i] == '-' {
			i++
		}
		i += countDigits(text[i:])
		if i < len(text) && text[i] == '.' {
			n := countDigits(text[i+1:])
			if n == 0 {
				return 0
			}
			i += 1 + n
		}
		if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
			i++
			if i < len(text) && (text[i] == '+' || text[i] == '-') {
				i++
			}
			n := countDigits(text[i:])
			if n == 0 {
				return 0
			}
			i += n
		}
		switch rest := text[i:]; {
		case len(rest) > 2 && rest[0] == ',' && rest[1] == ' ' && (rest[2]-'0' <= 9 || rest[2] == '-'):
			i += 2
		case len(rest) > 3 && rest[0] == ' ' && rest[1] == ':' && rest[2] == ' ' && (rest[3]-'0' <= 9 || rest[3] == '-'):
			i += 3
		default:
			return i
		}
	}
}

func countDigits(text []byte) int {
	for i, b := range text {
		if b-'0' > 9 {
			return i
		}
	}
	return len(text)
}

// skipNested passes over an object or array.
func skipNested(text []byte) (rest []byte, why string) {
	var open uint64 // a bit each: 1 for an object, 0 for an array; the innermost is the lowest
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			end := closingQuote(text[i+1:])
			if end < 0 {
				return nil, whyOpenString
			}
			i += end + 1
		case '{', '[':
			if depth == 64 {
				return nil, whyBadNest
			}
			open <<= 1
			if text[i] == '{' {
				open |= 1
			}
			depth++
		case '}', ']':
			if open&1 == 1 != (text[i] == '}') {
				return nil, whyBadNest
			}
			open >>= 1
			if depth--; depth == 0 {
				return text[i+1:], ""
			}
		}
	}
	return nil, whyTornObject
}

func skipSpace(text []byte) []byte {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\t' || text[0] == '\r' || text[0] == '\n') {
		text = text[1:]
	}
	return text
}

package logs

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"dbtriage/collectors"
)

// The combined format is what Nginx and Apache write when nobody changes it. Its usual extension is
// a tail of key=value pairs, as in
//
//	… "$http_referer" "$http_user_agent" rt=$request_time ua="$upstream_addr" ut="$upstream_response_time"
//
// Keys are recognised by name, in any order; what has no name is passed over. The common format,
// which ends after the byte count, is accepted as well.

const (
	whyShort        = "shorter than a log line"
	whyNoBracket    = "no time in brackets"
	whyNoRequest    = "no quoted request after the time"
	whyOpenRequest  = "no closing quote in the request"
	whyCombinedSize = "not a byte count after the status"
)

// combinedParser reads one line at a time; keys remembers the names of the tail by position.
type combinedParser struct {
	rec    record
	names  *names
	keys   [32]rememberedKey
	known  knownTails
	quotes quotes
}

// A rememberedKey is the name found at this position of the line before, with what sets it off from
// its value. Lines of one log nearly always have the same names in the same order.
type rememberedKey struct {
	text    []byte
	binding binding
}

func (k *rememberedKey) begins(text []byte) bool {
	return len(k.text) > 0 && len(text) >= len(k.text) && string(text[:len(k.text)]) == string(k.text)
}

func newCombinedParser(n *names) *combinedParser {
	return &combinedParser{names: n}
}

func (p *combinedParser) parse(line []byte, req *collectors.Request) string {
	r := &p.rec
	r.begin(req)
	line = trimEnd(line)
	if len(line) < 40 {
		return whyShort
	}

	p.quotes.reset(line)
	i := 0
	if spaces := bytesEqual(binary.LittleEndian.Uint64(line[8:]), ' '); spaces != 0 && bytesEqual(binary.LittleEndian.Uint64(line), ' ') == 0 {
		i = 8 + bits.TrailingZeros64(spaces)/8
	} else {
		i = bytes.IndexByte(line, ' ')
	}
	if i <= 0 {
		return whyNoBracket
	}
	req.Client = orNothing(line[:i])
	if rest := line[i:]; len(rest) > 6 && string(rest[:6]) == " - - [" {
		line = rest[6:]
	} else {
		open := bytes.Index(rest, []byte(" ["))
		if open < 0 {
			return whyNoBracket
		}
		line = rest[open+2:]
	}
	if len(line) < 30 || line[26] != ']' {
		return whyNotTime
	}
	us, ok := r.clock.local(line[:26])
	if !ok {
		return whyNotTime
	}
	req.End = us
	line = line[27:]
	if line[0] != ' ' || line[1] != '"' {
		return whyNoRequest
	}
	line = line[2:]
	end := p.quotes.end(line)
	if end < 0 {
		return whyOpenRequest
	}
	req.Method, req.Path = splitRequest(line[:end])
	line = line[end+1:]

	if len(line) < 4 || line[0] != ' ' {
		return whyNoStatus
	}
	req.Status, ok = status(line[1:4])
	if !ok {
		return whyNotStatus
	}
	line = line[4:]
	if len(line) == 0 || line[0] != ' ' {
		return whyCombinedSize
	}
	line = line[1:]
	size, i := leadingCount(line)
	if i == 0 {
		if len(line) == 0 || line[0] != '-' { // Apache writes "-" for no bytes
			return whyCombinedSize
		}
		i = 1
	}
	req.BytesSent = size
	line = line[i:]
	if len(line) == 0 {
		return ""
	}
	if line[0] != ' ' && line[0] != '\t' {
		return whyCombinedSize
	}
	p.tail(line)
	return ""
}

// leadingCount reads the digits that text begins with, up to 18, and returns how many they are. Up to
// seven are read without a branch for each: how many they are is hard to foresee.
func leadingCount(text []byte) (n int64, length int) {
	if len(text) >= 8 {
		w := binary.LittleEndian.Uint64(text) - 0x3030303030303030
		// The lowest byte that is no digit is found whatever it borrows from those above it.
		if others := (w | (w + 0x7676767676767676)) & 0x8080808080808080; others != 0 {
			length = bits.TrailingZeros64(others) / 8
			w <<= 64 - 8*uint(length) // zeros before the first digit; none is left of no digit
			w = w*10 + w>>8
			w = (w&0x000000ff000000ff*(100+1_000_000<<32) + w>>16&0x000000ff000000ff*(1+10_000<<32)) >> 32
			return int64(w), length
		}
	}
	for length < len(text) && text[length]-'0' <= 9 && length < 18 {
		n = n*10 + int64(text[length]-'0')
		length++
	}
	return n, length
}

// tail reads what follows the byte count: quoted strings without a name, and key=value pairs. The
// line is a request by now: when a quote does not end, because the file does, the rest is unknown.
func (p *combinedParser) tail(line []byte) {
	r := &p.rec
	var text []byte // from the first name on
	var known *knownTail
	at := 0
	for {
		for len(line) > 0 && (line[0] == ' ' || line[0] == '\t' || line[0] == ',' || line[0] == '|' || line[0] == ';') {
			line = line[1:]
		}
		if len(line) == 0 {
			break
		}
		if line[0] == '"' { // a referer or an agent
			end := p.quotes.end(line[1:])
			if end < 0 {
				break
			}
			line = line[end+2:]
			continue
		}
		if text == nil {
			text = line
			if known = p.known.slot(text); known != nil && p.known.recall(known, text, r.req) {
				return
			}
		}
		var b binding
		if at < len(p.keys) && p.keys[at].begins(line) {
			b = p.keys[at].binding
			line = line[len(p.keys[at].text):]
		} else {
			n := keyLength(line)
			if n == 0 { // a value without a name
				line = line[endOfBareList(line):]
				continue
			}
			b = p.names.lookup(line[:n-1])
			if at < len(p.keys) {
				p.keys[at].text = append(p.keys[at].text[:0], line[:n]...)
				p.keys[at].binding = b
			}
			line = line[n:]
		}
		at++
		var value []byte
		if len(line) > 0 && line[0] == '"' {
			end := p.quotes.end(line[1:])
			if end < 0 {
				break
			}
			value, line = line[1:end+1], line[end+2:]
		} else {
			end := endOfBareList(line)
			value, line = line[:end], line[end:]
		}
		if b.field == timeField { // two lines hardly share it
			known = nil
		}
		if b.field != noField {
			p.setExtra(b, value)
		}
	}
	r.finish()
	if known != nil {
		known.learn(text, r.req)
	}
}

// setExtra takes a named value, but for those that the head of the line has told better.
func (p *combinedParser) setExtra(b binding, v []byte) {
	switch b.field {
	case timeField:
		// $msec is finer than the whole second of $time_local.
		if us, ok := p.rec.clock.read(v); ok {
			p.rec.req.End = us
		}
	case methodField, pathField, routeField, requestField, statusField, bytesField, clientField:
	default:
		p.rec.set(b, v)
	}
}

// keyLength returns the length of "name=" at the start of text, 0 when there is none.
func keyLength(text []byte) int {
	for i, b := range text {
		switch {
		case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b-'0' <= 9 || b == '_' || b == '.' || b == '-':
		case b == '=' && i > 0:
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

// closingQuote finds the quote that ends a string whose opening quote is behind us, or -1. A quote
// after a backslash belongs to the string; Nginx writes \x22 instead, Apache and JSON do not.
func closingQuote(text []byte) int {
	if i := nearQuote(text); i >= 0 {
		return i
	}
	for from := 0; ; {
		i := bytes.IndexByte(text[from:], '"')
		if i < 0 {
			return -1
		}
		i += from
		if i == 0 || text[i-1] != '\\' || !escaped(text, i) {
			return i
		}
		from = i + 1
	}
}

// nearQuote finds the closing quote of a short string without a backslash, or -1: most values of a
// log are shorter than what a search is worth.
func nearQuote(text []byte) int {
	if len(text) < 16 {
		return -1
	}
	for i := 0; i < 16; i += 8 {
		w := binary.LittleEndian.Uint64(text[i:])
		quote, backslash := bytesEqual(w, '"'), bytesEqual(w, '\\')
		if backslash != 0 {
			return -1
		}
		if quote != 0 {
			return i + bits.TrailingZeros64(quote)/8
		}
	}
	return -1
}

// bytesEqual sets the high bit of the lowest byte of w that is b; bits above it may be set by chance.
func bytesEqual(w uint64, b byte) uint64 {
	w ^= 0x0101010101010101 * uint64(b)
	return (w - 0x0101010101010101) &^ w & 0x8080808080808080
}

// escaped says whether an odd number of backslashes stands before text[i].
func escaped(text []byte, i int) bool {
	n := 0
	for i--; i >= 0 && text[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

// trimEnd cuts the carriage return and the spaces that a line may end with.
func trimEnd(line []byte) []byte {
	for len(line) > 0 {
		switch line[len(line)-1] {
		case ' ', '\r', '\n', '\t':
			line = line[:len(line)-1]
		default:
			return line
		}
	}
	return line
}

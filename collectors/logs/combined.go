package logs

import (
	"bytes"
	"math/bits"

	"dbtriage/collectors"
)

// The combined format is what Nginx and Apache write when nobody changes it. Its usual extension is
// a tail of key=value pairs, as in
//
//	… "$http_referer" "$http_user_agent" rt=$request_time ua="$upstream_addr" ut="$upstream_response_time"
//
// Keys are recognised by name, in any order; what has no name is passed over. Fields may be set apart by
// spaces, commas, bars or semicolons, be quoted as a whole, or have a colon for the equals sign if their name
// is known. The common format, which ends after the byte count, is accepted as well.

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
	return &combinedParser{names: n, rec: record{bareUnit: seconds}}
}

func (p *combinedParser) parse(line []byte, req *collectors.Request) string {
	r := &p.rec
	r.begin(req)
	line = trimEnd(line)
	if len(line) < 40 {
		return whyShort
	}

	p.quotes.reset(line)
	at := 0
	if spaces := bytesEqual(word(line[8:]), ' '); spaces != 0 && bytesEqual(word(line), ' ') == 0 {
		at = 8 + bits.TrailingZeros64(spaces)/8
	} else {
		at = bytes.IndexByte(line, ' ')
	}
	if at <= 0 {
		return whyNoBracket
	}
	req.Client = orNothing(line[:at])
	if begins(line[at:], " - - [") {
		at += len(" - - [")
	} else {
		open := bytes.Index(line[at:], []byte(" ["))
		if open < 0 {
			return whyNoBracket
		}
		at += open + len(" [")
	}
	if len(line)-at < 30 || line[at+26] != ']' {
		return whyNotTime
	}
	us, ok := r.clock.local(line[at : at+26])
	if !ok {
		return whyNotTime
	}
	req.End = us
	at += 27
	if line[at] != ' ' || line[at+1] != '"' {
		return whyNoRequest
	}
	at += 2
	end := p.quotes.closing(at)
	if end < 0 {
		return whyOpenRequest
	}
	req.Method, req.Path = splitRequest(line[at:end])
	at = end + 1

	if len(line)-at < 4 || line[at] != ' ' {
		return whyNoStatus
	}
	req.Status, ok = status(line[at+1 : at+4])
	if !ok {
		return whyNotStatus
	}
	at += 4
	if at >= len(line) || line[at] != ' ' {
		return whyCombinedSize
	}
	at++
	size, digits := leadingCount(line[at:])
	if digits == 0 {
		if at >= len(line) || line[at] != '-' { // Apache writes "-" for no bytes
			return whyCombinedSize
		}
		digits = 1
	}
	req.BytesSent = size
	at += digits
	if at >= len(line) {
		return ""
	}
	if line[at] != ' ' && line[at] != '\t' {
		return whyCombinedSize
	}
	p.tail(line, at)
	return ""
}

// leadingCount reads the digits that text begins with, up to 18, and returns how many they are. Up to
// seven are read without a branch for each: how many they are is hard to foresee.
func leadingCount(text []byte) (n int64, length int) {
	if len(text) >= 8 {
		w := word(text) - 0x3030303030303030
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

// separators stand between the fields of a tail.
var separators = [256]bool{' ': true, '\t': true, ',': true, '|': true, ';': true}

// tail reads what follows the byte count, from at on: quoted strings without a name, and key=value pairs.
// The line is a request by now: when a quote does not end, because the file does, the rest is unknown.
func (p *combinedParser) tail(line []byte, at int) {
	for strings := 0; at < len(line); at++ {
		if separators[line[at]] {
			continue
		}
		if strings++; line[at] == '"' && (strings <= 2 || keyLength(line[at+1:]) == 0) { // a referer or an agent
			if at = p.quotes.closing(at + 1); at < 0 {
				return
			}
			continue
		}
		text := line[at:]
		known := p.known.slot(text)
		if known != nil && p.known.recall(known, text, p.rec.req) {
			return
		}
		if p.named(line, at) && known != nil {
			known.learn(text, p.rec.req)
		}
		return
	}
}

// named reads a tail from its first name on, and reports whether another line may have the same.
func (p *combinedParser) named(line []byte, at int) (common bool) {
	common = true
	for key := 0; ; {
		for at < len(line) && separators[line[at]] {
			at++
		}
		if at == len(line) {
			break
		}
		if line[at] == '"' { // a string without a name
			end := p.quotes.closing(at + 1)
			if end < 0 {
				break
			}
			if n := keyLength(line[at+1 : end]); n > 0 { // or both in quotes
				if b := p.names.lookup(line[at+1 : at+n]); b.field != noField {
					common = common && b.field != timeField
					p.setExtra(b, line[at+1+n:end])
				}
			}
			at = end + 1
			continue
		}
		var b binding
		if key < len(p.keys) && p.keys[key].begins(line[at:]) {
			b = p.keys[key].binding
			at += len(p.keys[key].text)
		} else {
			n := p.nameLength(line[at:])
			if n == 0 { // a value without a name
				at += max(p.endOfValue(line[at:]), 1)
				continue
			}
			b = p.names.lookup(line[at : at+n-1])
			if key < len(p.keys) {
				p.keys[key] = rememberedKey{append(p.keys[key].text[:0], line[at:at+n]...), b}
			}
			at += n
		}
		key++
		var value []byte
		if at < len(line) && line[at] == '"' {
			end := p.quotes.closing(at + 1)
			if end < 0 {
				break
			}
			value, at = line[at+1:end], end+1
		} else {
			end := at + p.endOfValue(line[at:])
			value, at = line[at:end], end
		}
		if b.field == timeField { // two lines hardly share it
			common = false
		}
		if b.field != noField {
			p.setExtra(b, value)
		}
	}
	p.rec.finish()
	return common && p.rec.req.Odd == "" // a tail that is recalled warns of nothing
}

// nameLength returns the length of "name=", or of "name:" if the name is known, at the start of text; 0 when
// there is none.
func (p *combinedParser) nameLength(text []byte) int {
	if n := keyLength(text); n > 0 {
		return n
	}
	n := labelLength(text)
	if n > 0 && p.names.lookup(text[:n-1]).field == noField {
		return 0
	}
	return n
}

// endOfValue finds where an unquoted value ends. A comma within a list does not end it.
func (p *combinedParser) endOfValue(text []byte) int {
	end := endOfBareList(text)
	for i, b := range text[:end] {
		switch b {
		case '|', ';':
			return i
		case ',':
			next := text[i+1:]
			if len(next) > 0 && next[0] == ' ' {
				next = next[1:]
			}
			if len(next) == 0 || p.nameLength(next) > 0 {
				return i
			}
		}
	}
	return end
}

const day = 86_400_000_000 // µs

// setExtra takes a named value, but for those that the head of the line has told better.
func (p *combinedParser) setExtra(b binding, v []byte) {
	switch b.field {
	case timeField:
		// $msec is finer than the whole second of $time_local. What is far from that is no time of the request:
		// time=123456 are microseconds that it took.
		if us, ok := p.rec.clock.read(v); ok && max(us-p.rec.req.End, p.rec.req.End-us) <= day {
			p.rec.req.End = us
		}
	case methodField, pathField, uriField, routeField, requestField, statusField, bytesField, clientField:
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
		w := word(text[i:])
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

package logs

import (
	"bytes"

	"dbtriage/collectors"
)

// Where does a statement end? A line that looks like a header ends it unless it lies inside a
// string literal or a comment. How a literal ends depends on the session's SQL mode and character
// set, which the log does not say, and a statement that the server refused may never end its
// literal. So three readings are tried, and a header is compared with the one before (slow_like.go).
// A real statement must never be swallowed: what stays open to doubt is taken for a header, with a
// warning.

// A reading is a way to read string literals.
type reading uint8

const (
	backslash   reading = iota // the default: a backslash escapes
	noBackslash                // NO_BACKSLASH_ESCAPES
	multibyte                  // GBK, Big5 or SJIS: a backslash may be the second byte of a character
)

// lookAhead is how far behind a doubtful header the end of the literal around it is searched.
const lookAhead = 128 << 10

// A literalLexer follows literals and comments through a statement.
type literalLexer struct {
	text []byte
	read reading
	pos  int
	open byte // the quote character, '*' in a comment, 0 outside
}

// advance lexes up to text[:to].
func (l *literalLexer) advance(to int) {
	text := l.text[:to]
	for l.pos < to {
		switch l.open {
		case 0:
			l.outside(text)
		case '*':
			i := bytes.Index(text[l.pos:], []byte("*/"))
			if i < 0 {
				// The end may straddle the border.
				l.pos = to
				if text[to-1] == '*' && to < len(l.text) && l.text[to] == '/' {
					l.pos, l.open = to+1, 0
				}
				return
			}
			l.pos, l.open = l.pos+i+2, 0
		default:
			l.inside(text)
		}
	}
}

// mayOpenAt are the bytes that a literal or a comment may begin with.
var mayOpenAt = [256]bool{'\'': true, '"': true, '`': true, '/': true, '#': true, '-': true}

func (l *literalLexer) outside(text []byte) {
	for {
		pos := l.pos
		for pos < len(text) && !mayOpenAt[text[pos]] {
			pos++
		}
		l.pos = pos
		if pos >= len(text) {
			return
		}
		c := text[pos]
		l.pos++
		switch c {
		case '\'', '"', '`':
			l.open = c
			return
		case '/':
			if l.pos < len(text) && text[l.pos] == '*' {
				l.pos++
				l.open = '*'
				return
			}
		case '#':
			l.toLineEnd(text)
		case '-':
			// Two dashes need a blank or a control character behind them.
			if l.pos+1 < len(text) && text[l.pos] == '-' && (text[l.pos+1] <= ' ' || text[l.pos+1] == 0x7f) {
				l.pos++
				l.toLineEnd(text)
			}
		}
	}
}

func (l *literalLexer) toLineEnd(text []byte) {
	i := bytes.IndexByte(text[l.pos:], '\n')
	if i < 0 {
		l.pos = len(text)
		return
	}
	l.pos += i + 1
}

func (l *literalLexer) inside(text []byte) {
	if l.read == multibyte {
		l.insideMultibyte(text)
		return
	}
	end := -1 // where the quote character is next; looked for once, however many escapes lie before it
	for l.pos < len(text) {
		if end < l.pos {
			if end = bytes.IndexByte(text[l.pos:], l.open); end < 0 {
				end = len(text)
			} else {
				end += l.pos
			}
		}
		escape := -1
		if l.open != '`' && l.read == backslash {
			escape = bytes.IndexByte(text[l.pos:end], '\\')
		}
		if escape < 0 {
			if l.pos = end; end < len(text) {
				l.pos++
				l.open = 0
			}
			return
		}
		l.pos += escape + 2
	}
}

func (l *literalLexer) insideMultibyte(text []byte) {
	for l.pos < len(text) {
		c := text[l.pos]
		l.pos++
		switch {
		case c == l.open:
			l.open = 0
			return
		case c == '\\' && l.open != '`', c >= 0x81:
			l.pos++
		}
	}
}

// openAt reports whether text[:to] ends inside a literal or comment.
func openAt(text []byte, read reading) bool {
	l := literalLexer{text: text, read: read}
	l.advance(len(text))
	return l.open != 0
}

// mayOpen is a cheap look: false means that text holds nothing that opens a literal.
func mayOpen(text []byte) bool {
	if vectors && len(text) >= 32 && !holdsOpener(&text[0], len(text)) {
		return false
	}
	return bytes.IndexByte(text, '\'') >= 0 || bytes.IndexByte(text, '"') >= 0 ||
		bytes.IndexByte(text, '`') >= 0 || bytes.Contains(text, []byte("/*"))
}

// An ending is how sure the end of a record is.
type ending uint8

const (
	certain ending = iota
	ambiguous
	needMore // the bytes that decide lie behind the piece
)

// recordEnd returns where the record whose body begins at body ends. Its header was read last.
func (r *slowReader) recordEnd(body int, p piece) (end int, how ending) {
	buf := r.lines.buf
	if body < len(buf) && buf[body] == '#' && !bytes.HasPrefix(buf[body:], adminPrefix) && headerLine(lineFrom(buf, body)) {
		return body, certain // the next header follows at once: a record without a statement
	}
	from := body
	for {
		c := nextStart(&r.lines, from-1)
		if c < 0 {
			c = len(buf)
		}
		text := buf[body:c]
		if c == len(buf) && p.endsRecord() {
			return c, certain
		}
		open := mayOpen(text) && openAt(text, backslash)
		if !open && terminated(cutBanner(text)) {
			return c, certain
		}
		if c == len(buf) {
			return c, needMore
		}
		if !open && !blockHasQueryTime(buf, c) {
			from = c + 1 // a comment of the statement, which has no end yet
			continue
		}
		end, how := r.literalEnd(body, c, p)
		if how != certain || end == c || end == len(buf) {
			return end, how
		}
		from = end
		if blockHasQueryTime(buf, end) || terminated(cutBanner(buf[body:end])) {
			return end, certain
		}
	}
}

// literalEnd decides on a header at c that may lie inside a literal of the statement at body, or
// follow one that was cut off. It returns c itself when c is a header after all, else the header, or
// the end of the input, that truly ends the statement.
func (r *slowReader) literalEnd(body, c int, p piece) (end int, how ending) {
	buf := r.lines.buf
	readings := [...]literalLexer{{read: backslash}, {read: noBackslash}, {read: multibyte}}
	open := [len(readings)]bool{}
	for i := range readings {
		readings[i].text = buf[body:]
		readings[i].advance(c - body)
		open[i] = readings[i].open != 0
	}
	doubt := certain
	if open[0] {
		doubt = ambiguous
	}
	like, whole := r.likeness(buf, body, c, p)
	switch like {
	case alike:
		return c, doubt
	case undecided:
		return c, needMore
	case incomparable:
		if !open[0] {
			return c, certain
		}
		open = [len(readings)]bool{true} // there is nothing to tell the other readings by
	}
	if open == [len(readings)]bool{} {
		return c, certain
	}
	// Where the first header follows behind an end of the literal; it may be damaged. A header at c
	// that has all a header needs is not given up for that.
	nearest := -1
	undecidable := func() (int, ending) {
		if nearest >= 0 && !whole {
			return nearest, certain
		}
		return c, doubt
	}
	for next := c; ; {
		n := nextStart(&r.lines, next)
		if n < 0 {
			n = len(buf)
		}
		if n > c+lookAhead {
			return undecidable()
		}
		for i := range readings {
			readings[i].advance(n - body)
		}
		ends := false // in some reading the literal around c has its end before n, and the statement too
		for i := range readings {
			ends = ends || open[i] && readings[i].open == 0
		}
		ends = ends && terminated(cutBanner(buf[body:n]))
		if open[0] && readings[0].open == 0 && ends && readsAsHeader(buf, body, c, n) {
			return c, ambiguous
		}
		if n == len(buf) && !p.endsRecord() {
			return c, needMore
		}
		if ends && like == incomparable {
			return n, certain
		}
		if ends && nearest < 0 {
			nearest = n
		}
		if n == len(buf) {
			return undecidable()
		}
		if like, _ := r.likeness(buf, body, n, p); like == alike {
			if ends {
				return n, certain
			}
			return undecidable() // the header at n is real, and the literal still open: it never ends
		}
		next = n
	}
}

// readsAsHeader reports whether, in another reading, the statement at body ends before c and the
// record at c ends before end.
func readsAsHeader(buf []byte, body, c, end int) bool {
	if !terminated(buf[body:c]) {
		return false
	}
	var h header
	var looked collectors.Statement
	inner := h.read(&lineEnds{buf: buf[:end]}, c, &looked)
	for _, r := range []reading{noBackslash, multibyte} {
		if !openAt(buf[body:c], r) && !openAt(buf[inner:end], r) {
			return true
		}
	}
	return false
}

// terminated reports whether a statement's text has its end: the semicolon the server writes. A
// body that holds none at all counts too.
func terminated(text []byte) bool {
	for n := len(text) - 1; n >= 0; n-- {
		switch text[n] {
		case ' ', '\t', '\r', '\n':
		default:
			return text[n] == ';'
		}
	}
	return true
}

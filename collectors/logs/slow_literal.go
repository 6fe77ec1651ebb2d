package logs

import "bytes"

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

// What is done about a doubtful header is bounded, so that no text takes long to read.
const (
	// lookAhead is how far behind a doubtful header the end of the literal around it is searched.
	lookAhead = 128 << 10
	// A piece has patience for so many bytes that are looked ahead at, and some for each of its own; then
	// doubtful headers are taken for headers at once. To compare a header costs as much as more bytes.
	leastPatience   = 32 << 20
	patiencePerByte = 16
	costOfHeader    = 512
	costPerByte     = 4
)

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

// threeReadings follow the literals of one text side by side.
type threeReadings [3]literalLexer

func readingsOf(text []byte) threeReadings {
	return threeReadings{{text: text, read: backslash}, {text: text, read: noBackslash}, {text: text, read: multibyte}}
}

func (t *threeReadings) advance(to int) {
	for i := range t {
		t[i].advance(to)
	}
}

// open says in which readings a literal or comment is open.
func (t *threeReadings) open() (open [3]bool) {
	for i := range t {
		open[i] = t[i].open != 0
	}
	return open
}

// openOf answers for longer and longer beginnings of one text, each of which ends with a line, whether
// it ends inside a literal or comment. It reads the text once, and cheaply as long as nothing opens one.
type openOf struct {
	lexer   literalLexer
	without int // text[:without] holds nothing that opens a literal
}

func (o *openOf) at(to int) bool {
	if o.lexer.pos == 0 {
		// "/*" may straddle the border.
		if !mayOpen(o.lexer.text[max(0, o.without-1):to]) {
			o.without = to
			return false
		}
	}
	o.lexer.advance(to)
	return o.lexer.open != 0
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
	literals := openOf{lexer: literalLexer{text: buf[body:]}}
	for {
		c := nextStart(&r.lines, from-1)
		if c < 0 {
			c = len(buf)
		}
		if c == len(buf) && p.endsRecord() {
			return c, certain
		}
		open := literals.at(c - body)
		if !open && terminated(cutBanner(buf[body:c])) {
			return c, certain
		}
		if c == len(buf) {
			return c, needMore
		}
		if !open {
			if at := unmasked(buf, body, c); at < c && terminated(cutBanner(buf[body:at])) {
				return at, certain
			}
		}
		if made, behind := queryTimeIn(buf, c); !made {
			from = behind // a comment or part of a literal of the statement, which has no end yet
			continue
		}
		return r.literalEnd(body, c, p)
	}
}

// literalEnd decides on a header at c that may lie inside a literal of the statement at body, or
// follow one that was cut off. It returns c itself when c is a header after all, else the header, or
// the end of the input, that truly ends the statement.
func (r *slowReader) literalEnd(body, c int, p piece) (end int, how ending) {
	buf := r.lines.buf
	readings := readingsOf(buf[body:])
	readings.advance(c - body)
	open := readings.open()
	openAtHeader := open
	doubt := certain
	if open[0] {
		doubt = ambiguous
	}
	whole := terminated(cutBanner(buf[body:c])) // the statement; the server ends each
	at := r.likeness(buf, body, c, p)
	copies := !whole && at.past // of older records in a literal, if all of what is like a header is older
	passed := at.like == alike  // such a copy
	switch {
	case at.like == undecided:
		return c, needMore
	case at.like == alike && !(copies && open[0]):
		return c, doubt
	case at.like == incomparable && !open[0]:
		return c, certain
	case at.like == incomparable:
		open = [3]bool{true} // there is nothing to tell the other readings by
	case open == [3]bool{}:
		return c, certain
	}
	// Where the first header follows behind an end of the literal; it may be damaged. A header at c
	// that has all a header needs is not given up for that.
	nearest := -1
	undecidable := func() (int, ending) {
		if nearest >= 0 && !at.whole {
			return nearest, certain
		}
		return c, doubt
	}
	inner := readingsOf(buf[at.body:]) // the statement behind c, if c is a header
	for next := c; ; {
		n := nextStart(&r.lines, next)
		if n < 0 {
			n = len(buf)
		}
		if r.patience -= n - next + costOfHeader; n > c+lookAhead || r.patience < 0 {
			return undecidable()
		}
		readings.advance(n - body)
		// In some reading the literal around c ends before n, and the statement too. In all of them, where that
		// makes copies of headers that are alike.
		ends, agree := false, true
		for i := range readings {
			closed := open[i] && readings[i].open == 0
			ends, agree = ends || closed, agree && closed
		}
		ends = ends && (agree || !passed) && terminated(cutBanner(buf[body:n]))
		if ends && open[0] && readings[0].open == 0 && terminated(buf[body:c]) {
			inner.advance(max(0, n-at.body))
			for i := noBackslash; i <= multibyte; i++ {
				if inner[i].open == 0 && !openAtHeader[i] {
					return c, ambiguous // in this reading the statement before c ends, and the one behind it too
				}
			}
		}
		if n == len(buf) && !p.endsRecord() {
			return c, needMore
		}
		if ends && at.like == incomparable {
			return n, certain
		}
		if ends && nearest < 0 {
			nearest = n
		}
		if n == len(buf) {
			if copies && nearest >= 0 {
				return nearest, certain
			}
			return undecidable()
		}
		l := r.likeness(buf, body, n, p)
		r.patience -= costPerByte * (l.body - n)
		if l.like == alike && ends {
			return n, certain
		}
		if copies = copies && l.past; l.like == alike && !copies {
			return undecidable() // the header at n is real, and the literal still open: it never ends
		}
		passed = passed || l.like == alike
		next = n
	}
}

// terminated reports whether a statement's text has its end: the semicolon the server writes. A
// body that holds none at all counts too.
func terminated(text []byte) bool {
	for n := len(text) - 1; n >= 0; n-- {
		if !isBlank(text[n]) {
			return text[n] == ';'
		}
	}
	return true
}

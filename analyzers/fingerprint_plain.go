package analyzers

import "bytes"

// appendPlainFingerprint appends the fingerprint of a statement to dst if the statement is a plain
// one, five times as fast as percona/go-mysql takes it. Plain is a statement of words, numbers,
// quoted strings, value lists and comments that stand by themselves; whatever go-mysql treats in a way
// of its own (NULL as a value, a sum without blanks, "= (", CALL, ASC, escapes outside of strings) is
// not, and ok is false. FuzzFingerprint holds the two to be equal.
func appendPlainFingerprint(dst, sql []byte) (text []byte, ok bool) {
	p := plainWriter{text: dst, start: len(dst), sql: sql, lists: true}
	for i := 0; i < len(sql); {
		if plainClass[sql[i]] == plainWord {
			i++
			continue
		}
		if i, ok = p.next(i); !ok {
			return dst, false
		}
	}
	if p.from < len(sql) {
		if _, ok = p.blank(len(sql)); !ok {
			return dst, false
		}
	}
	for len(p.text) > p.start && p.text[len(p.text)-1] == ' ' {
		p.text = p.text[:len(p.text)-1]
	}
	return p.text, true
}

// A plainWriter holds the fingerprint of a statement as far as it is written.
type plainWriter struct {
	text  []byte
	start int // of the fingerprint in text
	sql   []byte
	from  int       // sql[from:] is not yet in text; a word begins there
	last  plainWhat // the word written last
	lists bool      // VALUES begins a list: not behind ON DUPLICATE KEY UPDATE, but again behind ORDER BY
}

// firstPlain is where the first literal may stand: go-mysql treats the beginning of a statement otherwise.
const firstPlain = 8

// next writes or passes by what begins at i and is more than a letter of a word. It returns where that
// ends, and whether the statement is still a plain one, as do the functions for each.
func (p *plainWriter) next(i int) (int, bool) {
	switch before := p.before(i); plainClass[p.sql[i]] {
	case plainBlank:
		return p.blank(i)
	case plainDigit:
		return p.digit(i)
	case plainQuote:
		return p.quote(i)
	case plainBacktick:
		return p.backtick(i)
	case plainOpen:
		return p.open(i)
	case plainSlash:
		return p.slash(i)
	case plainDot: // within a word; elsewhere it begins a number
		return i + 1, (i > p.from || before == '`') && !isOperator(before)
	case plainSign: // between blanks; elsewhere it belongs to a number, or takes a word with it
		return i + 1, isBlank(before) && i+1 < len(p.sql) && isBlank(p.sql[i+1])
	}
	return 0, false
}

func (p *plainWriter) before(i int) byte {
	if i == 0 {
		return ' '
	}
	return p.sql[i-1]
}

// write writes what is not yet written, up to i, and says what it is.
func (p *plainWriter) write(i int) plainWhat {
	if i == p.from {
		return plainNothing
	}
	n := len(p.text)
	p.text = append(p.text, p.sql[p.from:i]...)
	word := p.text[n:]
	for k, c := range word {
		if c-'A' <= 'Z'-'A' {
			word[k] = c | 0x20
		}
	}
	p.from = i
	return plainWhatOf(word)
}

// space writes a space unless one is written, or nothing at all.
func (p *plainWriter) space() {
	if n := len(p.text); n > p.start && p.text[n-1] != ' ' {
		p.text = append(p.text, ' ')
	}
}

func (p *plainWriter) blank(i int) (int, bool) {
	if i > p.from {
		before := p.last
		switch p.last = p.write(i); p.last {
		case plainList:
			if !p.lists {
				break
			}
			if i+1 >= len(p.sql) || isBlank(p.sql[i+1]) {
				return 0, false
			}
			if p.sql[i+1] == '(' {
				return p.list(i)
			}
		case plainUse:
			if before == plainNothing {
				return 0, false
			}
		case plainNull:
			if before != plainIsOrNot {
				return 0, false
			}
		case plainUpdate:
			p.lists = p.lists && before != plainKey
		case plainBy:
			p.lists = p.lists || before == plainOrder
		case plainSpecial:
			return 0, false
		}
	}
	p.space()
	p.from = i + 1
	return i + 1, true
}

func (p *plainWriter) digit(i int) (int, bool) {
	switch before := p.before(i); {
	case isBlank(before), before == '(', before == ',', isOperator(before):
	case before == '`', before == '\'', before == '"', i == p.from:
		return 0, false
	default: // in a word
		for i++; i < len(p.sql) && p.sql[i]-'0' <= 9; i++ {
		}
		return i, true
	}
	end := numberEnd(p.sql, i)
	if i < firstPlain || end < len(p.sql) && isWordRest(p.sql[end]) {
		return 0, false
	}
	return p.literal(i, end)
}

func (p *plainWriter) quote(i int) (int, bool) {
	before := p.before(i)
	if i < firstPlain || before == 'x' || before == 'b' {
		return 0, false
	}
	end := quotedEnd(p.sql, i)
	if end < 0 {
		return 0, false
	}
	return p.literal(i, end)
}

// literal writes "?" for sql[i:end].
func (p *plainWriter) literal(i, end int) (int, bool) {
	if i > p.from {
		if p.last = p.write(i); p.last == plainList || p.last == plainSpecial {
			return 0, false
		}
	}
	p.text = append(p.text, '?')
	p.from = end
	return end, true
}

// backtick writes what is before a name in backticks, and the name: what follows is a word of its own.
func (p *plainWriter) backtick(i int) (int, bool) {
	n := bytes.IndexByte(p.sql[i+1:], '`')
	if n < 0 {
		return 0, false
	}
	end := i + 1 + n + 1
	for _, c := range p.sql[i+1 : end-1] {
		if c < ' ' || c >= 0x7f || c == '\\' {
			return 0, false
		}
	}
	p.last = p.write(end)
	return end, true
}

func (p *plainWriter) open(i int) (int, bool) {
	if isOperator(p.before(i)) || p.last == plainCall {
		return 0, false
	}
	if p.lists && i > p.from && isListWord(p.sql[p.from:i]) {
		p.last = p.write(i)
		return p.list(i)
	}
	return i + 1, true
}

// list writes the list of values behind a word that ends at i. go-mysql writes a blank behind one row,
// none behind several, and one for the blank between the first and the second.
func (p *plainWriter) list(i int) (int, bool) {
	open, close, between := valueList(p.sql, i)
	if close == 0 || !endsList(p.sql[close:]) || bytes.Contains(p.sql[open:close], mysqlCode) {
		return 0, false
	}
	p.text = append(p.text, "(?+)"...)
	next := close
	for next < len(p.sql) && isBlank(p.sql[next]) {
		next++
	}
	switch {
	case len(between) == 0:
		if next > close {
			p.space()
		}
	case len(between) == 2 && between[0] == ',':
		p.space()
	case len(between) > 1:
		return 0, false
	}
	p.from = next
	return next, true
}

// slash passes by a comment that stands by itself, or a division between blanks.
func (p *plainWriter) slash(i int) (int, bool) {
	if !isBlank(p.before(i)) || i+2 >= len(p.sql) {
		return 0, false
	}
	if isBlank(p.sql[i+1]) {
		return i + 1, i > 0
	}
	if p.sql[i+1] != '*' || p.sql[i+2] == '!' {
		return 0, false
	}
	n := bytes.Index(p.sql[i+2:], endOfComment)
	if n < 0 {
		return 0, false
	}
	end := i + 2 + n + len(endOfComment)
	if end < len(p.sql) && !isBlank(p.sql[end]) {
		return 0, false
	}
	p.from = end
	return end, true
}

var endOfComment = []byte("*/")

func isOperator(c byte) bool { return c == '=' || c == '<' || c == '>' || c == '!' }

// A plainWhat says what a word is to the words that follow.
type plainWhat uint8

const (
	plainNothing plainWhat = iota // no word yet
	plainOther
	plainList // begins a list of values
	plainUse
	plainNull
	plainIsOrNot
	plainKey
	plainUpdate
	plainOrder
	plainBy
	plainCall
	plainSpecial // has a meaning of its own to go-mysql
)

func plainWhatOf(word []byte) plainWhat {
	switch string(word) {
	case "in", "value", "values":
		return plainList
	case "use":
		return plainUse
	case "null":
		return plainNull
	case "is", "not":
		return plainIsOrNot
	case "key":
		return plainKey
	case "update":
		return plainUpdate
	case "order":
		return plainOrder
	case "by":
		return plainBy
	case "call":
		return plainCall
	case "null,", "asc", "asc,", "administrator":
		return plainSpecial
	}
	return plainOther
}

const (
	plainStop = iota
	plainWord
	plainBlank
	plainDigit
	plainQuote
	plainBacktick
	plainOpen
	plainDot
	plainSign
	plainSlash
)

var plainClass = func() (t [256]byte) {
	for c := ' '; c < 0x7f; c++ {
		t[c] = plainWord
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = plainDigit
	}
	for _, c := range " \t\r\n" {
		t[c] = plainBlank
	}
	t['\''], t['"'], t['`'], t['('], t['.'], t['+'], t['-'], t['/'] = plainQuote, plainQuote, plainBacktick, plainOpen, plainDot, plainSign, plainSign, plainSlash
	t['\\'], t['#'] = plainStop, plainStop
	return t
}()

package analyzers

import "bytes"

// kindOf says what a statement does from its text: the fingerprint has lost the verb of
// "UPDATE/* pay */ t", and hides that of "/*!50001 SELECT 1 */" and "SET STATEMENT a=1 FOR SELECT 1".
// inserts says that the verb is INSERT or REPLACE.
//
// All statements of one shape key share a kind, so it is read from the key. Of sql only how much of it
// stands at the end of the key is asked, which is there as it was written.
func kindOf(sql, key []byte) (kind Kind, inserts bool) {
	v := verbs{text: key, sql: sql, verbatim: -1}
	for {
		switch string(v.word()) {
		case "(":
			continue
		case "select", "table", "values":
			return Read, false
		case "insert", "replace":
			return Write, true
		case "update", "delete":
			return Write, false
		case "load": // and LOAD INDEX INTO CACHE
			switch string(v.word()) {
			case "data", "xml":
				return Write, false
			}
		case "handler": // HANDLER t READ FIRST; OPEN and CLOSE touch no row
			for range 4 { // db . t READ
				if string(v.word()) == "read" {
					return Read, false
				}
			}
		case "with":
			return v.behindCTEs()
		case "set": // MariaDB's SET STATEMENT a=1, b=2 FOR SELECT …
			if string(v.word()) == "statement" && v.skipTo("for") {
				continue
			}
		case "explain", "describe", "desc": // only EXPLAIN ANALYZE runs the statement
			if string(v.word()) == "analyze" {
				v.skipFormat()
				continue
			}
		case "analyze": // MariaDB's; but ANALYZE TABLE
			if v.skipFormat(); !v.is("table") {
				continue
			}
		}
		return Other, false
	}
}

// verbs reads the words of a statement, one after the other, in lower case.
type verbs struct {
	text []byte
	at   int
	room [12]byte

	sql      []byte
	verbatim int // where in text literals stand as they were written; -1 before that was asked
}

// word returns the next word or other character, until it is asked again. It is empty at the end, and for
// what is quoted or longer than any word that matters.
func (v *verbs) word() []byte {
	v.skipBlanks()
	if v.at >= len(v.text) {
		return nil
	}
	from := v.at
	c := v.text[from]
	switch keyClass[c] {
	case keyLetter, keyDigit:
		v.at = wordEnd(v.text, from)
	case keyQuote:
		v.skipString()
		return nil
	case keyBacktick:
		n := bytes.IndexByte(v.text[from+1:], '`')
		if n < 0 {
			n = len(v.text) - from - 2
		}
		v.at = from + n + 2
		return nil
	default:
		v.at++
	}
	if v.at-from > len(v.room) {
		return nil
	}
	word := v.room[:v.at-from]
	for i, c := range v.text[from:v.at] {
		if c-'A' <= 'Z'-'A' {
			c |= 0x20
		}
		word[i] = c
	}
	return word
}

// is reports whether a word comes next, which is not passed.
func (v *verbs) is(word string) bool {
	before := v.at
	is := string(v.word()) == word
	v.at = before
	return is
}

// skipBlanks passes blanks and comments. Of those that servers run ("/*!50001 … */", MariaDB's "/*M! … */")
// it passes only what encloses the code.
func (v *verbs) skipBlanks() {
	for v.at < len(v.text) {
		rest := v.text[v.at:]
		switch c := rest[0]; {
		case c <= ' ':
			v.at++
		case c == '#', c == '-' && len(rest) > 1 && rest[1] == '-' && (len(rest) == 2 || rest[2] <= ' '):
			v.skipBehind(endOfLine)
		case c == '*' && len(rest) > 1 && rest[1] == '/':
			v.at += 2
		case c == '/' && len(rest) > 1 && rest[1] == '*':
			code := rest[2:]
			if len(code) > 1 && code[0] == 'M' && code[1] == '!' {
				code = code[1:]
			}
			if len(code) == 0 || code[0] != '!' {
				v.at += 2
				v.skipBehind(endOfComment)
				break
			}
			for code = code[1:]; len(code) > 0 && code[0]-'0' <= 9; {
				code = code[1:]
			}
			v.at = len(v.text) - len(code)
		default:
			return
		}
	}
}

var endOfLine = []byte("\n")

func (v *verbs) skipBehind(end []byte) {
	if n := bytes.Index(v.text[v.at:], end); n >= 0 {
		v.at += n + len(end)
	} else {
		v.at = len(v.text)
	}
}

// skipString passes a quoted string. Where a key says "?" for what it holds, it says nothing for its end.
func (v *verbs) skipString() {
	if v.verbatim < 0 {
		v.verbatim = len(v.text)
		for n := 1; n <= len(v.sql) && n <= len(v.text) && v.sql[len(v.sql)-n] == v.text[len(v.text)-n]; n++ {
			v.verbatim = len(v.text) - n
		}
	}
	if v.at < v.verbatim {
		v.at += 2
	} else if v.at = quotedEnd(v.text, v.at); v.at < 0 {
		v.at = len(v.text)
	}
}

// skipTo passes a word, which it reports to be there.
func (v *verbs) skipTo(word string) bool {
	for v.skipBlanks(); v.at < len(v.text); v.skipBlanks() {
		if string(v.word()) == word {
			return true
		}
	}
	return false
}

// skipFormat passes FORMAT=JSON.
func (v *verbs) skipFormat() {
	if v.is("format") {
		v.word()
		v.word()
		v.word()
	}
}

// behindCTEs looks behind the common table expressions for the statement they serve.
func (v *verbs) behindCTEs() (kind Kind, inserts bool) {
	depth := 0
	for v.skipBlanks(); v.at < len(v.text); v.skipBlanks() {
		if depth > 0 {
			if n := bytes.IndexAny(v.text[v.at:], "()'\"`/-#*"); n > 0 {
				v.at += n
				continue
			}
		}
		switch word := string(v.word()); {
		case word == "(":
			depth++
		case word == ")":
			depth--
		case depth > 0:
		case word == "insert", word == "replace":
			return Write, true
		case word == "update", word == "delete":
			return Write, false
		case word == "select":
			return Read, false
		}
	}
	return Read, false
}

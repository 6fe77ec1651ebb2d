package analyzers

import "bytes"

// AppendShapeKey appends to dst a text that two statements share only if their fingerprints are
// equal, so that the fingerprint need be taken once for each key instead of once for each
// statement. The key is the statement with numbers and quoted strings replaced by "?" where the
// fingerprint replaces them whatever their content, and value lists by "(?+)" where it does. It
// follows the state machine of percona/go-mysql's query.Fingerprint; wherever that depends on what
// this function does not track, the rest of the statement is copied as it is, which makes keys
// finer but never wrong. FuzzShapeKey holds it to that.
func AppendShapeKey(dst, sql []byte) []byte {
	dst, _ = appendShapeKey(dst, sql)
	return dst
}

// appendShapeKey is AppendShapeKey that also says whether no part of the statement was copied as it is.
func appendShapeKey(dst, sql []byte) (key []byte, whole bool) {
	lists := true // value lists may be cut short
	copied := 0   // sql[:copied] is in dst
	for i := 0; i < len(sql); {
		c := sql[i]
		switch keyClass[c] {
		case 0:
			i++
		case keyStop: // \ or #
			return append(dst, sql[copied:]...), false
		case keyDash:
			if i+1 < len(sql) && sql[i+1] == '-' {
				return append(dst, sql[copied:]...), false
			}
			i++
		case keySlash: // numbers after /*! are kept, and how long depends on what follows
			if i+1 < len(sql) && sql[i+1] == '*' {
				return append(dst, sql[copied:]...), false
			}
			i++
		case keyBacktick:
			end := bytes.IndexByte(sql[i+1:], '`')
			if end < 0 || bytes.IndexByte(sql[i+1:i+1+end], '\\') >= 0 || bytes.IndexByte(sql[i+1:i+1+end], '\'') >= 0 || bytes.IndexByte(sql[i+1:i+1+end], '"') >= 0 {
				return append(dst, sql[copied:]...), false
			}
			i += end + 2
		case keyQuote:
			if i < 3 { // the fingerprint tells the first three bytes from the rest
				return append(dst, sql[copied:]...), false
			}
			end := quotedEnd(sql, i)
			dst = append(dst, sql[copied:i]...)
			if end < 0 { // runs to the end: the fingerprint drops it
				return append(dst, '\''), false
			}
			dst = append(dst, c, '?')
			i, copied = end, end
		case keyDigit:
			end := numberEnd(sql, i)
			if end < len(sql) && isWordRest(sql[end]) {
				return append(dst, sql[copied:]...), false // the fingerprint makes two words of 12foo
			}
			if i < 8 || !startsNumber(sql[i-1]) {
				i = wordEnd(sql, i)
				break
			}
			dst = append(dst, sql[copied:i]...)
			dst = append(dst, '?')
			i, copied = end, end
		case keyLetter:
			end := wordEnd(sql, i)
			if wordsThatMatter&(1<<(c&0x1f)) == 0 {
				i = end
				break
			}
			word := sql[i:end]
			if len(word) == 6 && (word[0]|0x20) == 'u' && bytes.EqualFold(word, wordUpdate) && i > 0 {
				lists = false // ON DUPLICATE KEY UPDATE: VALUES(a) is a function there
			}
			if lists && i > 0 && isBlank(sql[i-1]) && isListWord(word) {
				if open, close, between := valueList(sql, end); close > 0 {
					if bytes.Contains(sql[open:close], mysqlCode) {
						return append(dst, sql[copied:]...), false
					}
					dst = append(dst, sql[copied:open]...)
					if dst = append(dst, "(?+)"...); len(between) > 0 {
						// Several rows are not like one: the fingerprint keeps the first blank
						// between them and drops one behind them.
						dst = append(append(dst, between...), '+')
					}
					i, copied = close, close
					if !endsList(sql[close:]) {
						return append(dst, sql[copied:]...), false
					}
					break
				}
				lists = false // what the word means to the fingerprint depends on what follows
			}
			if len(word) == len(wordAdmin) && bytes.EqualFold(word, wordAdmin) {
				return append(dst, sql[copied:]...), false // of "administrator command: …" the fingerprint is the text
			}
			if opensList(sql, end) && isListWord(word) { // and was not cut short: a subquery, an empty list
				return append(dst, sql[copied:]...), false
			}
			i = end
		}
	}
	return append(dst, sql[copied:]...), true
}

var (
	mysqlCode  = []byte("/*!")
	wordUpdate = []byte("update")
	wordIn     = []byte("in")
	wordValue  = []byte("value")
	wordValues = []byte("values")
	wordSelect = []byte("select")
	wordAdmin  = []byte("administrator")
)

// wordsThatMatter has the bits of the letters that the words below begin with: in, value, values,
// update, administrator.
const wordsThatMatter = 1<<('a'&0x1f) | 1<<('i'&0x1f) | 1<<('u'&0x1f) | 1<<('v'&0x1f)

const (
	keyStop = 1 + iota
	keyDash
	keySlash
	keyBacktick
	keyQuote
	keyDigit
	keyLetter
)

var keyClass = func() (t [256]byte) {
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-32] = keyLetter, keyLetter
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = keyDigit
	}
	t['_'], t['$'] = keyLetter, keyLetter
	for c := 0x80; c <= 0xff; c++ {
		t[c] = keyLetter
	}
	t['\\'], t['#'], t['-'], t['/'], t['`'], t['\''], t['"'] = keyStop, keyStop, keyDash, keySlash, keyBacktick, keyQuote, keyQuote
	return t
}()

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// startsNumber reports whether a digit after c is always taken for a number.
func startsNumber(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', '(', ',', '=', '<', '>':
		return true
	}
	return false
}

// numberEnd returns the end of the run that the fingerprint takes for one number.
func numberEnd(sql []byte, i int) int {
	for i < len(sql) {
		c := sql[i]
		if c-'0' <= 9 || (c|0x20) >= 'a' && (c|0x20) <= 'f' || c == '.' || c == 'x' || c == '-' {
			i++
			continue
		}
		break
	}
	return i
}

func isWordRest(c byte) bool {
	return (c|0x20) >= 'g' && (c|0x20) <= 'z' || c == '_'
}

// wordEnd returns the end of the word of letters, digits and dots at i; it passes i at least.
func wordEnd(sql []byte, i int) int {
	for i++; i < len(sql); i++ {
		if k := keyClass[sql[i]]; k != keyLetter && k != keyDigit {
			break
		}
	}
	return i
}

// quotedEnd returns the end behind the quoted string at i as the fingerprint sees it: a backslash
// escapes, a doubled quote ends and begins again. It is -1 when the string never ends.
func quotedEnd(sql []byte, i int) int {
	quote := sql[i]
	end := i // where the quote is next; looked for once, however many escapes lie before it
	for i++; i < len(sql); {
		if end < i {
			n := bytes.IndexByte(sql[i:], quote)
			if n < 0 {
				return -1
			}
			end = i + n
		}
		escape := bytes.IndexByte(sql[i:end], '\\')
		if escape < 0 {
			return end + 1
		}
		i += escape + 2
	}
	return -1
}

func isListWord(word []byte) bool {
	switch len(word) {
	case 2:
		return bytes.EqualFold(word, wordIn)
	case 5:
		return bytes.EqualFold(word, wordValue)
	case 6:
		return bytes.EqualFold(word, wordValues)
	}
	return false
}

// valueList returns the ends of the list behind IN or VALUES at i, with the further rows of an
// INSERT, and what stands between the first row and the second, if there is one; close is 0 when
// there is no list, or one whose content matters.
func valueList(sql []byte, i int) (open, close int, between []byte) {
	if i < len(sql) && sql[i] == ' ' {
		i++
	}
	if i >= len(sql) || sql[i] != '(' {
		return 0, 0, nil
	}
	open = i
	for rows := 1; ; rows++ {
		end := listEnd(sql, i, rows == 1)
		if end < 0 {
			return 0, 0, nil
		}
		if rows == 2 {
			between = sql[close:i]
		}
		close = end
		// Another row? Only a comma, and then a parenthesis, with blanks.
		i = end
		for i < len(sql) && isBlank(sql[i]) {
			i++
		}
		if i >= len(sql) || sql[i] != ',' {
			return open, close, between
		}
		for i++; i < len(sql) && isBlank(sql[i]); i++ {
		}
		if i >= len(sql) || sql[i] != '(' {
			return open, close, between
		}
	}
}

// opensList reports whether a list word that ends at i puts the fingerprint into its state for lists.
func opensList(sql []byte, i int) bool {
	if i < len(sql) && isBlank(sql[i]) {
		i++
	}
	return i < len(sql) && (sql[i] == '(' || isBlank(sql[i]))
}

// endsList reports whether the fingerprint is sure to leave its state for lists at what follows one:
// a word or a closing parenthesis. At anything else, literals may matter for a while.
func endsList(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return len(rest) == 0 || keyClass[rest[0]] == keyLetter || rest[0] == ')' || rest[0] == ';'
}

// listEnd returns the end behind the balanced list at i; -1 when it has none, is empty, or is a
// subquery.
func listEnd(sql []byte, i int, first bool) int {
	body := bytes.TrimLeft(sql[i+1:], " \t\r\n")
	if first && (len(body) == 0 || body[0] == ')' || len(body) >= 6 && bytes.EqualFold(body[:6], wordSelect) || body[0] >= 0x80 || body[0] < ' ') {
		return -1
	}
	depth := 0
	for i < len(sql) {
		switch sql[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		case '\'', '"':
			end := quotedEnd(sql, i)
			if end < 0 {
				return -1
			}
			i = end
			continue
		}
		i++
	}
	return -1
}

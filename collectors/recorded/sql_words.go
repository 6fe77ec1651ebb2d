package recorded

import "strings"

// A wordKind says how a word of SQL was written.
type wordKind uint8

const (
	wordEnd    wordKind = iota
	wordBare            // a keyword, a number, a name without quotes
	wordQuoted          // a name in backquotes
	wordString          // a literal
	wordMark            // one character of punctuation
)

// A word is one token of a definition. Text has no quotes; a keyword keeps its case.
type word struct {
	kind wordKind
	text string
}

// is compares with a keyword or a mark; a quoted name is neither.
func (w word) is(keyword string) bool {
	return (w.kind == wordBare || w.kind == wordMark) && strings.EqualFold(w.text, keyword)
}

// name reports whether the word may name a thing.
func (w word) name() bool { return w.kind == wordBare || w.kind == wordQuoted || w.kind == wordString }

// words cuts a definition into tokens. What stands in a conditional comment (/*!50100 … */) counts:
// the server that wrote the dump reads it. ok is false when a quote or a comment does not end.
func words(sql string) (out []word, ok bool) {
	for {
		sql = strings.TrimLeft(sql, " \t\r\n\f\v")
		if sql == "" {
			return out, true
		}
		switch c := sql[0]; {
		case strings.HasPrefix(sql, "/*!") || strings.HasPrefix(sql, "/*M!"):
			sql = strings.TrimLeft(sql[strings.IndexByte(sql, '!')+1:], "0123456789")
		case strings.HasPrefix(sql, "*/"):
			sql = sql[2:]
		case strings.HasPrefix(sql, "/*"):
			end := strings.Index(sql[2:], "*/")
			if end < 0 {
				return out, false
			}
			sql = sql[2+end+2:]
		case c == '#', strings.HasPrefix(sql, "--") && (len(sql) == 2 || sql[2] <= ' '):
			_, sql, _ = strings.Cut(sql, "\n")
		case c == '`' || c == '\'' || c == '"':
			text, size := quotedWord(sql)
			if size == 0 {
				return out, false
			}
			kind := wordString
			if c == '`' {
				kind = wordQuoted
			}
			out, sql = append(out, word{kind, text}), sql[size:]
		case bareByte(c):
			n := 1
			for n < len(sql) && bareByte(sql[n]) {
				n++
			}
			out, sql = append(out, word{wordBare, sql[:n]}), sql[n:]
		default:
			out, sql = append(out, word{wordMark, sql[:1]}), sql[1:]
		}
	}
}

func bareByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
}

// quotedWord reads what begins with a quote: a doubled quote stands for itself, and so does what a
// backslash precedes, but not in backquotes. size is 0 when the quote does not end.
func quotedWord(sql string) (text string, size int) {
	quote := sql[0]
	var b strings.Builder
	for i := 1; i < len(sql); i++ {
		switch c := sql[i]; {
		case c == '\\' && quote != '`' && i+1 < len(sql):
			i++
			b.WriteByte(sql[i])
		case c == quote && i+1 < len(sql) && sql[i+1] == quote:
			i++
			b.WriteByte(quote)
		case c == quote:
			return b.String(), i + 1
		default:
			b.WriteByte(c)
		}
	}
	return "", 0
}

// A definition is the words of one statement that are still to be read.
type definition struct{ left []word }

func (d *definition) peek(i int) word {
	if i < len(d.left) {
		return d.left[i]
	}
	return word{}
}

func (d *definition) next() word {
	w := d.peek(0)
	if len(d.left) > 0 {
		d.left = d.left[1:]
	}
	return w
}

// take passes over keywords that follow in this order; it reports whether they did.
func (d *definition) take(keywords ...string) bool {
	for i, k := range keywords {
		if !d.peek(i).is(k) {
			return false
		}
	}
	d.left = d.left[len(keywords):]
	return true
}

// parenthesis passes over what stands in parentheses and returns it without them; ok is false when
// none opens here or it does not close.
func (d *definition) parenthesis() (inside []word, ok bool) {
	if !d.peek(0).is("(") {
		return nil, false
	}
	depth := 0
	for i, w := range d.left {
		switch {
		case w.is("("):
			depth++
		case w.is(")"):
			if depth--; depth == 0 {
				inside, d.left = d.left[1:i], d.left[i+1:]
				return inside, true
			}
		}
	}
	return nil, false
}

// items cuts words at the commas outside of parentheses.
func items(all []word) (out [][]word) {
	depth, from := 0, 0
	for i, w := range all {
		switch {
		case w.is("("):
			depth++
		case w.is(")"):
			depth--
		case w.is(",") && depth == 0:
			out = append(out, all[from:i])
			from = i + 1
		}
	}
	return append(out, all[from:])
}

// spelled writes words as a server prints them in a type: no blanks inside, literals in quotes.
func spelled(all []word) string {
	var b strings.Builder
	for i, w := range all {
		switch {
		case w.kind == wordString:
			b.WriteString("'" + strings.ReplaceAll(w.text, "'", "''") + "'")
		default:
			if i > 0 && w.kind != wordMark && all[i-1].kind != wordMark {
				b.WriteByte(' ')
			}
			b.WriteString(w.text)
		}
	}
	return b.String()
}

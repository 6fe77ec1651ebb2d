package sqlshape

import "strings"

// A token is one piece of SQL text: a word, a quoted string or name, or a single character.
type token struct {
	text     string
	from, to int
}

func (t token) is(word string) bool { return strings.EqualFold(t.text, word) }

// tokens cuts SQL into tokens; blanks and comments are left out.
func tokens(sql string) []token {
	var out []token
	for i := 0; i < len(sql); {
		from := i
		c := sql[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '#' || strings.HasPrefix(sql[i:], "-- "):
			n := strings.IndexByte(sql[i:], '\n')
			if n < 0 {
				return out
			}
			i += n + 1
			continue
		case strings.HasPrefix(sql[i:], "/*"):
			n := strings.Index(sql[i+2:], "*/")
			if n < 0 {
				return out
			}
			i += n + 4
			continue
		case c == '\'' || c == '"' || c == '`':
			for i++; i < len(sql) && sql[i] != c; i++ {
				if sql[i] == '\\' && c != '`' {
					i++
				}
			}
			i = min(i+1, len(sql))
		case isWord(c):
			for i < len(sql) && isWord(sql[i]) {
				i++
			}
		default:
			i++
		}
		out = append(out, token{sql[from:i], from, i})
	}
	return out
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c >= 0x80
}

// stripMariaDB removes what MariaDB knows and the parser does not, where it does not change which
// tables and columns a statement touches.
func stripMariaDB(sql string) string {
	sql = strings.ReplaceAll(sql, "/*M!", "/*!")
	// Fingerprints are no SQL either: value lists are cut short to "(?+)".
	sql = strings.ReplaceAll(sql, "(?+)", "(?, ?)")
	toks := tokens(sql)
	if len(toks) > 4 && toks[0].is("set") && toks[1].is("statement") {
		for i, t := range toks { // SET STATEMENT max_statement_time=1 FOR SELECT …
			if t.is("for") && i+1 < len(toks) {
				return stripMariaDB(sql[toks[i+1].from:])
			}
		}
	}
	var b strings.Builder
	at := 0
	drop := func(from, to int) {
		b.WriteString(sql[at:from])
		at = to
	}
	for i := 0; i < len(toks); i++ {
		rest := toks[i:]
		switch {
		case len(rest) >= 3 && rest[0].is("rows") && rest[1].is("examined"): // LIMIT 1 ROWS EXAMINED 5
			drop(rest[0].from, rest[2].to)
		case rest[0].is("returning") && i > 0: // INSERT … RETURNING id
			drop(rest[0].from, len(sql))
			i = len(toks)
		case len(rest) >= 3 && rest[0].is("for") && rest[1].is("system_time"):
			end := systemTimeEnd(rest)
			drop(rest[0].from, rest[end-1].to)
			i += end - 1
		case len(rest) >= 5 && rest[0].is("next") && rest[1].is("value") && rest[2].is("for"):
			drop(rest[0].from, rest[3].to)
			b.WriteString("1")
		case len(rest) >= 3 && rest[0].is("fetch") && (rest[1].is("first") || rest[1].is("next")):
			drop(rest[0].from, len(sql))
			i = len(toks)
		}
	}
	b.WriteString(sql[at:])
	return b.String()
}

// systemTimeEnd returns how many tokens FOR SYSTEM_TIME takes.
func systemTimeEnd(toks []token) int {
	switch {
	case len(toks) >= 3 && toks[2].is("all"):
		return 3
	case len(toks) >= 6 && toks[2].is("as"): // AS OF [TIMESTAMP] x
		if toks[4].is("timestamp") {
			return 6
		}
		return 5
	case len(toks) >= 6 && (toks[2].is("between") || toks[2].is("from")):
		return 6
	}
	return 2
}

// guess names the tables of a statement that no parser understands: truncated text, mostly.
func guess(sql string) Shape {
	s := Shape{Guessed: true}
	toks := tokens(sql)
	if len(toks) == 0 {
		return s
	}
	write := toks[0].is("insert") || toks[0].is("replace") || toks[0].is("update") || toks[0].is("delete") || toks[0].is("load")
	if !write && !toks[0].is("select") && !toks[0].is("with") && !toks[0].is("(") {
		return s
	}
	for i := 0; i+1 < len(toks); i++ {
		into := toks[i].is("into") || i == 0 && toks[i].is("update")
		from := toks[i].is("from") || toks[i].is("join")
		if !into && !from {
			continue
		}
		table, ok := tableAt(toks[i+1:])
		if !ok {
			continue
		}
		if write && (into || i <= 1) {
			s.Writes = append(s.Writes, table)
		} else if from {
			s.Reads = append(s.Reads, table)
		}
	}
	return s
}

func tableAt(toks []token) (Table, bool) {
	for len(toks) > 0 && (toks[0].is("ignore") || toks[0].is("low_priority") || toks[0].is("table") || toks[0].is("lateral")) {
		toks = toks[1:]
	}
	if len(toks) == 0 || !isName(toks[0].text) {
		return Table{}, false
	}
	if len(toks) >= 3 && toks[1].text == "." && isName(toks[2].text) {
		return Table{unquote(toks[0].text), unquote(toks[2].text)}, true
	}
	return Table{"", unquote(toks[0].text)}, true
}

func isName(s string) bool { return s != "" && (s[0] == '`' || isWord(s[0])) }

func unquote(s string) string { return strings.Trim(s, "`") }

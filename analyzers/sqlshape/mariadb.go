package sqlshape

import "strings"

// A token is one piece of SQL text: a word, a quoted string or name, or a single character.
type token struct {
	text     string
	from, to int
}

func (t token) is(word string) bool { return strings.EqualFold(t.text, word) }

// tokens cuts SQL into tokens; blanks and comments are left out, but not the code in comments that
// servers run.
func tokens(sql string) []token {
	var out []token
	for i := 0; i < len(sql); {
		from := i
		c := sql[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '#' || strings.HasPrefix(sql[i:], "--") && (i+2 == len(sql) || sql[i+2] <= ' '):
			n := strings.IndexByte(sql[i:], '\n')
			if n < 0 {
				return out
			}
			i += n + 1
			continue
		case codeBegins(sql[i:]) > 0:
			i += codeBegins(sql[i:])
			continue
		case strings.HasPrefix(sql[i:], "*/"):
			i += 2
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

// codeBegins returns how long what opens a comment that servers run is, "/*!50001" or MariaDB's
// "/*M!100301"; 0 when sql does not begin with one.
func codeBegins(sql string) int {
	n := 0
	switch {
	case strings.HasPrefix(sql, "/*!"):
		n = 3
	case strings.HasPrefix(sql, "/*M!"):
		n = 4
	}
	for n > 0 && n < len(sql) && sql[n] >= '0' && sql[n] <= '9' {
		n++
	}
	return n
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c >= 0x80
}

// stripMariaDB removes what MariaDB knows and the parser does not, where it does not change which
// tables and columns a statement touches.
func stripMariaDB(sql string) string {
	// Fingerprints are no SQL either: value lists are cut short to "(?+)".
	sql = strings.ReplaceAll(sql, "(?+)", "(?, ?)")
	toks := tokens(sql)
	if i := statementAt(toks); i > 0 {
		return stripMariaDB(sql[toks[i].from:])
	}
	var b strings.Builder
	at := 0
	drop := func(from, to int) {
		b.WriteString(sql[at:from])
		at = to
	}
	for i := 0; i < len(toks); i++ {
		rest := toks[i:]
		if before := gap(toks, i); before >= at && (strings.Contains(sql[before:rest[0].from], "/*") || strings.Contains(sql[before:rest[0].from], "*/")) {
			drop(before, rest[0].from) // comments, and what encloses code
			b.WriteByte(' ')
		}
		switch {
		case i > 0 && i < 4 && isModifier(rest[0]) && isVerb(toks[0]):
			drop(rest[0].from, rest[0].to)
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
	if end := gap(toks, len(toks)); at < end {
		b.WriteString(sql[at:end])
	}
	return b.String()
}

// gap returns where the text between a token and the one before it begins.
func gap(toks []token, i int) int {
	if i == 0 {
		return 0
	}
	return toks[i-1].to
}

// statementAt returns where the statement begins that MariaDB's SET STATEMENT … FOR or ANALYZE runs, or
// EXPLAIN ANALYZE; 0 for all else.
func statementAt(toks []token) int {
	i := 0
	switch {
	case len(toks) < 3:
		return 0
	case toks[0].is("set") && toks[1].is("statement"): // max_statement_time=1 FOR SELECT …
		for i := range toks[:len(toks)-1] {
			if toks[i].is("for") {
				return i + 1
			}
		}
		return 0
	case toks[0].is("analyze"):
		i = 1
	case (toks[0].is("explain") || toks[0].is("desc") || toks[0].is("describe")) && toks[1].is("analyze"):
		i = 2
	}
	if i > 0 && toks[i].is("format") {
		i += 3 // = JSON
	}
	if i > 0 && i < len(toks) && (isVerb(toks[i]) || toks[i].is("select") || toks[i].is("with") || toks[i].is("(")) {
		return i
	}
	return 0
}

// isVerb reports whether a word begins a statement that changes rows.
func isVerb(t token) bool {
	return t.is("insert") || t.is("replace") || t.is("update") || t.is("delete")
}

// isModifier reports whether a word behind the verb says only how urgent the statement is.
func isModifier(t token) bool {
	return t.is("low_priority") || t.is("high_priority") || t.is("delayed") || t.is("quick")
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

func isName(s string) bool { return s != "" && (s[0] == '`' || isWord(s[0])) }

func unquote(s string) string { return strings.Trim(s, "`") }

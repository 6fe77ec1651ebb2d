package verify

import (
	"slices"
	"strings"
)

// A lexeme is a piece of a statement between blanks and comments.
type lexeme struct {
	kind     lexemeKind
	text     string // of a name without its quotes
	from, to int
	depth    int // of brackets around it
}

type lexemeKind uint8

const (
	word lexemeKind = iota // a name or keyword without quotes, or a number
	name                   // in backticks
	text                   // in quotes
	sign                   // one character
	code                   // a comment that servers run
)

// lex cuts a statement into pieces; ok is false where a quote or a comment has no end. escapes says that a
// backslash takes its meaning from the next character in a text.
func lex(sql string, escapes bool) (out []lexeme, ok bool) {
	depth := 0
	for i := 0; i < len(sql); {
		from, c := i, sql[i]
		l := lexeme{from: from, depth: depth}
		switch {
		case c == ' ' || c >= '\t' && c <= '\r':
			i++
			continue
		case c == '#' || strings.HasPrefix(sql[i:], "--") && (i+2 == len(sql) || sql[i+2] <= ' '):
			n := strings.IndexByte(sql[i:], '\n')
			if n < 0 {
				return out, true
			}
			i += n + 1
			continue
		case strings.HasPrefix(sql[i:], "/*"):
			n := strings.Index(sql[i+2:], "*/")
			if n < 0 {
				return out, false
			}
			i += n + 4
			if body := sql[from+2:]; body[0] != '!' && !strings.HasPrefix(body, "M!") {
				continue
			}
			l.kind = code
		case c == '\'' || c == '"' || c == '`':
			end, found := quoteEnd(sql, i, escapes && c != '`')
			if !found {
				return out, false
			}
			i = end
			l.kind = text
			if c == '`' {
				l.kind, l.text = name, strings.ReplaceAll(sql[from+1:i-1], "``", "`")
			}
		case wordByte(c):
			for i < len(sql) && wordByte(sql[i]) {
				i++
			}
			l.text = sql[from:i]
		default:
			i++
			l.kind, l.text = sign, sql[from:i]
			switch c {
			case '(':
				depth++
			case ')':
				depth--
				l.depth = depth
			}
		}
		l.to = i
		out = append(out, l)
	}
	return out, true
}

// quoteEnd returns where the quote that begins at i ends: behind its closing character.
func quoteEnd(sql string, i int, escapes bool) (end int, ok bool) {
	q := sql[i]
	for i++; i < len(sql); i++ {
		switch {
		case sql[i] == '\\' && escapes:
			i++
		case sql[i] != q:
		case i+1 < len(sql) && sql[i+1] == q:
			i++
		default:
			return i + 1, true
		}
	}
	return 0, false
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c >= 0x80
}

func (l *lexeme) is(words ...string) bool {
	return l.kind == word && slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(l.text, w) })
}

// effects are functions that do something besides giving a value, or wait.
var effects = []string{"get_lock", "release_lock", "release_all_locks", "sleep", "benchmark", "load_file", "nextval", "setval", "lastval",
	"master_pos_wait", "master_gtid_wait", "source_pos_wait", "wait_for_executed_gtid_set", "wait_until_sql_thread_after_gtids", "last_insert_id", "sys_exec", "sys_eval"}

// Readable makes of a statement one that only reads, and finds its tables in the scratch schema, which is the
// default one of the session: qualified are the schemas by which it names copied tables. An UPDATE or DELETE
// becomes the SELECT of the rows that it finds. why says why there is none, and holds no literal.
//
// The text stays as it is but for names of schemas and what surrounds the conditions: a parser that wrote it anew
// would write literals as it has read them, and it cannot know the client's sql_mode.
func Readable(sql string, qualified []string) (out, why string) {
	pieces, ok := lex(sql, true)
	other, otherwise := lex(sql, false)
	switch {
	case !ok && !otherwise:
		return "", "a text of it has no end"
	case !ok:
		pieces = other
	case otherwise && len(other) != len(pieces): // it is run under either sql_mode, and must do nothing under any
		if why := does(other); why != "" {
			return "", why
		}
	}
	if n := len(pieces); n > 0 && pieces[n-1].text == ";" {
		pieces = pieces[:n-1]
	}
	if len(pieces) == 0 {
		return "", "it is empty"
	}
	if pieces, why = selecting(pieces); why != "" {
		return "", why
	}
	if pieces = unlocked(pieces); len(pieces) == 0 {
		return "", "it is empty"
	}
	if why := does(pieces); why != "" {
		return "", why
	}
	return join(sql, pieces, qualified), ""
}

// does says what a statement does besides reading; empty when it is nothing that is known.
func does(p []lexeme) string {
	for i := range p {
		l := &p[i]
		next := func(n int, text string) bool { return i+n < len(p) && p[i+n].kind == sign && p[i+n].text == text }
		switch {
		case l.kind == code:
			return "it holds code in a comment"
		case l.is("into"), l.kind == sign && l.text == ";", l.kind == sign && l.text == ":" && next(1, "="):
			return "it does more than read"
		case l.is("next", "previous") && i+2 < len(p) && p[i+1].is("value") && p[i+2].is("for"):
			return "it does more than read"
		case next(1, "(") && (l.kind == word || l.kind == name) && slices.Contains(effects, strings.ToLower(l.text)):
			return "it calls " + strings.ToLower(l.text)
		}
	}
	return ""
}

// generated is a piece that is not in the statement.
func generated(s string) lexeme { return lexeme{kind: sign, text: s, from: -1} }

// selecting turns an UPDATE or DELETE into a SELECT.
func selecting(p []lexeme) (out []lexeme, why string) {
	switch {
	case p[0].is("with") && slices.ContainsFunc(p, func(l lexeme) bool { return l.depth == 0 && l.is("update", "delete", "insert", "replace") }):
		return nil, "it changes rows that a WITH picks"
	case p[0].is("select", "with", "table", "values") || p[0].text == "(":
		return p, ""
	case !p[0].is("update", "delete"):
		return nil, "it is no SELECT, UPDATE or DELETE"
	}
	begin := 1
	for begin < len(p) && p[begin].is("low_priority", "quick", "ignore") {
		begin++
	}
	at := func(words ...string) int {
		return slices.IndexFunc(p, func(l lexeme) bool { return l.depth == 0 && l.is(words...) })
	}
	if end := at("returning"); end > 0 {
		p = p[:end]
	}
	head := []lexeme{generated("SELECT * FROM")}
	if p[0].is("delete") {
		from := at("from")
		targets := slices.ContainsFunc(p, func(l lexeme) bool { return l.depth == 0 && l.is("using") }) && from == begin // DELETE FROM a USING a JOIN b
		if from < begin || targets {
			return nil, "its tables are not understood"
		}
		return append(head, p[from+1:]...), ""
	}
	set := at("set")
	if set < begin {
		return nil, "its tables are not understood"
	}
	rest := set + slices.IndexFunc(p[set:], func(l lexeme) bool { return l.depth == 0 && l.is("where", "order", "limit") })
	if rest < set {
		rest = len(p)
	}
	return append(append(head, p[begin:set]...), p[rest:]...), ""
}

// unlocked leaves FOR UPDATE and its like out, which end a SELECT: a session that only reads may not lock.
func unlocked(p []lexeme) (out []lexeme) {
	for i := 0; i < len(p); i++ {
		locks := p[i].is("for") && i+1 < len(p) && p[i+1].is("update", "share") || p[i].is("lock") && i+3 < len(p) && p[i+1].is("in") && p[i+2].is("share")
		if !locks {
			out = append(out, p[i])
			continue
		}
		for depth := p[i].depth; i+1 < len(p) && p[i+1].depth >= depth; {
			i++
		}
	}
	return out
}

// join writes the pieces as they stand in the statement, with blanks for what is left out of it, and without
// the names of schemas in front of others.
func join(sql string, p []lexeme, qualified []string) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		l := &p[i]
		if i > 0 && (l.from < 0 || p[i-1].from < 0 || l.from > p[i-1].to) {
			b.WriteByte(' ')
		}
		schema := (l.kind == word || l.kind == name) && i+2 < len(p) && p[i+1].kind == sign && p[i+1].text == "." &&
			(i == 0 || p[i-1].text != "." || p[i-1].kind != sign) &&
			slices.ContainsFunc(qualified, func(s string) bool { return strings.EqualFold(s, l.text) })
		switch {
		case schema:
			i++ // and the point
			if p[i+1].from > p[i].to {
				b.WriteByte(' ')
			}
		case l.from < 0:
			b.WriteString(l.text)
		default:
			b.WriteString(sql[l.from:l.to])
		}
	}
	return b.String()
}

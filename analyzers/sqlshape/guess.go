package sqlshape

import (
	"slices"
	"strings"
)

// guess names the tables of a statement that no parser understands: text that was cut off, mostly.
func guess(sql string) Shape {
	toks := tokens(sql)
	toks = toks[statementAt(toks):]
	g := guesser{levels: []level{{query: true}}}
	for g.at < len(toks) && toks[g.at].is("(") {
		g.at++
	}
	if g.at < len(toks) {
		switch first := toks[g.at]; {
		case first.is("select"), first.is("with"):
		case isVerb(first):
		case first.is("load"):
			if g.write = true; len(toks) < 2 || !toks[1].is("data") && !toks[1].is("xml") { // LOAD INDEX INTO CACHE
				return g.shape()
			}
		case first.is("handler"), first.is("table"):
			if t, _, ok := tableAt(toks[g.at+1:]); ok {
				g.tables = append(g.tables, named{table: t})
			}
			return g.shape()
		default:
			return g.shape()
		}
	}
	for ; g.at < len(toks); g.at++ {
		g.token(toks)
	}
	return g.shape()
}

// A guesser goes through the tokens of a statement and takes what stands where tables do for one.
type guesser struct {
	at      int
	write   bool
	deletes bool
	levels  []level
	tables  []named
	verb    int // how many tables there were before the verb
	ctes    []string
	wrote   []string // what is between DELETE and FROM, or before the dot of what SET sets
}

// A level is what is known of the text between two parentheses.
type level struct {
	query bool // there is a SELECT, or it is the statement itself: FROM is followed by tables
	from  bool // a comma is followed by a table
	table bool // a table is next
	with  bool // names of WITH are next, until a verb comes
}

// A named table is one with the name that the rest of the statement has for it.
type named struct {
	table Table
	alias string
}

func (g *guesser) token(toks []token) {
	l := &g.levels[len(g.levels)-1]
	t, before := toks[g.at], token{}
	if g.at > 0 {
		before = toks[g.at-1]
	}
	top := len(g.levels) == 1
	switch {
	case t.is("("):
		inner := level{table: l.table, from: l.table}
		l.table = false
		g.levels = append(g.levels, inner)
	case t.is(")"):
		if !top {
			g.levels = g.levels[:len(g.levels)-1]
		}
	case l.table:
		g.table(toks, l)
	case before.is("."):
	case t.is(","):
		l.table = l.from
	case t.is("select"):
		*l = level{query: true}
	case t.is("with") && g.at+1 < len(toks) && !toks[g.at+1].is("rollup"):
		l.with = true
	case l.with && isName(t.text) && g.at+1 < len(toks) && (toks[g.at+1].is("as") || toks[g.at+1].is("(")) && !t.is("as"):
		g.ctes = append(g.ctes, unquote(t.text))
	case isVerb(t) && top && (g.at == 0 || l.with):
		g.write, g.deletes, g.verb = true, t.is("delete"), len(g.tables)
		*l = level{query: true, table: !t.is("delete"), from: t.is("update")}
	case t.is("into") && top && g.write:
		l.table = true
	case t.is("from"):
		if l.query && !before.is("distinct") { // IS DISTINCT FROM
			l.table, l.from = true, true
		}
	case t.is("join"), t.is("straight_join") && !before.is("select"):
		l.table = (l.query || l.from) && !before.is("for") // USE INDEX FOR JOIN
	case t.is("set") && top:
		l.from = false
		g.setOf(toks)
	case before.is("for") && (t.is("order") || t.is("group")): // USE INDEX FOR ORDER BY
	case t.is("where"), t.is("group"), t.is("order"), t.is("having"), t.is("limit"), t.is("window"), t.is("union"), t.is("except"),
		t.is("intersect"), t.is("values"), t.is("procedure"), t.is("lock"), t.is("update"), t.is("share"), t.is("into"):
		l.from = false
	case top && g.deletes && !l.from && isName(t.text):
		g.wrote = append(g.wrote, unquote(t.text)) // DELETE a, b FROM
	}
}

// table takes in what stands where a table does.
func (g *guesser) table(toks []token, l *level) {
	t := toks[g.at]
	if t.is("select") || t.is("with") {
		*l = level{query: true, with: t.is("with")}
		return
	}
	if isModifier(t) || t.is("ignore") || t.is("into") || t.is("table") || t.is("lateral") || t.is("{") || t.is("oj") {
		return
	}
	l.table = false
	table, n, ok := tableAt(toks[g.at:])
	if !ok || t.is("values") || t.is("set") || t.is("where") || t.is("on") || t.is("using") {
		return
	}
	g.at += n - 1
	rest := toks[g.at+1:]
	if len(rest) > 0 && rest[0].is("(") && l.from { // JSON_TABLE(…)
		return
	}
	if len(rest) > 1 && rest[0].is("as") {
		rest = rest[1:]
	}
	found := named{table: table, alias: table.Name}
	if len(rest) > 0 && isName(rest[0].text) {
		found.alias = unquote(rest[0].text)
	}
	g.tables = append(g.tables, found)
}

// setOf notes the table whose column SET sets first, when it says so.
func (g *guesser) setOf(toks []token) {
	if rest := toks[g.at+1:]; len(rest) > 2 && rest[1].is(".") && isName(rest[0].text) {
		if g.wrote = append(g.wrote, unquote(rest[0].text)); len(rest) > 4 && rest[3].is(".") {
			g.wrote = append(g.wrote, unquote(rest[2].text)) // schema.table.column
		}
	}
}

// shape is what was found. A statement that writes writes to the tables it says, or else to the first
// behind its verb.
func (g *guesser) shape() Shape {
	s := Shape{Guessed: true}
	written := func(i int) bool {
		t := &g.tables[i]
		return g.write && i >= g.verb && (slices.Contains(g.wrote, t.alias) || slices.Contains(g.wrote, t.table.Name))
	}
	said := false
	for i := range g.tables {
		said = said || written(i)
	}
	for i, t := range g.tables {
		if (written(i) || g.write && !said && i == g.verb) && !g.isNone(t.table) && !slices.Contains(s.Writes, t.table) {
			s.Writes = append(s.Writes, t.table)
		}
	}
	for _, t := range g.tables {
		if !g.isNone(t.table) && !slices.Contains(s.Writes, t.table) && !slices.Contains(s.Reads, t.table) {
			s.Reads = append(s.Reads, t.table)
		}
	}
	return s
}

// isNone reports whether a name is that of WITH, or DUAL.
func (g *guesser) isNone(t Table) bool {
	return t.Schema == "" && (strings.EqualFold(t.Name, "dual") ||
		slices.ContainsFunc(g.ctes, func(name string) bool { return strings.EqualFold(name, t.Name) }))
}

// tableAt returns the table that tokens begin with, and how many of them name it.
func tableAt(toks []token) (t Table, n int, ok bool) {
	if len(toks) == 0 || !isName(toks[0].text) || toks[0].text[0] >= '0' && toks[0].text[0] <= '9' && strings.Trim(toks[0].text, "0123456789") == "" {
		return Table{}, 0, false
	}
	if len(toks) >= 3 && toks[1].text == "." && isName(toks[2].text) {
		return Table{unquote(toks[0].text), unquote(toks[2].text)}, 3, true
	}
	return Table{"", unquote(toks[0].text)}, 1, true
}

package rules

import (
	"regexp"
	"slices"
	"strings"
)

// A shape is what a light scan of a fingerprint's tokens can tell without a parser. It answers only
// where the text is evident: one table, no OR, no subquery. Anything else stays unsaid.
type shape struct {
	verb   string
	tables []string // as written, without quotes
	// Columns of the outermost WHERE by how they are compared with a constant, and of ORDER BY.
	equal, in, ranges, order []string
	opaque                   bool // OR, a subquery, a join or UNION: column advice needs a parser
	aggregates               bool
	random                   bool // ORDER BY RAND()
	forUpdate                bool
	limit                    bool
	counter                  string // column of SET c = c ± constant
}

var (
	plainName = regexp.MustCompile(`^[a-z0-9_$]+(\.[a-z0-9_$]+)?$`)
	// moneyName matches columns and tables whose increments must not be held in memory.
	moneyName = regexp.MustCompile(`qty|quantity|stock|balance|amount|money|price|credit|inventor|wallet|ledger|account|fund|reserved|payment`)
)

// scanShape reads a fingerprint as go-mysql writes it: lower case, constants as ?.
func scanShape(fingerprint string) shape {
	var s shape
	t := tokens(fingerprint)
	if len(t) == 0 {
		return s
	}
	s.verb = t[0]
	at := func(i int) string {
		if i >= 0 && i < len(t) {
			return t[i]
		}
		return ""
	}
	depth, clause := 0, ""
	if s.verb == "update" {
		clause = "from"
	}
	wantTable := s.verb == "update" || s.verb == "insert" || s.verb == "replace"
	orderPlain := true
	for i, w := range t {
		switch w {
		case "(":
			depth++
			switch at(i - 1) {
			case "count", "sum", "avg", "min", "max", "group_concat":
				s.aggregates = true
			case "rand":
				s.random = s.random || clause == "order"
			}
			if clause == "order" {
				orderPlain = false
			}
			continue
		case ")":
			depth--
			continue
		case "select":
			if i > 0 && at(i-1) != "explain" {
				s.opaque = true
			}
			clause = "select"
			continue
		case "union", "join", "exists":
			s.opaque = true
			if w == "join" {
				wantTable = true
			}
			continue
		case "for":
			if at(i+1) == "update" {
				s.forUpdate = true
				clause = ""
			}
			continue
		case "lock":
			s.forUpdate = s.forUpdate || at(i+1) == "in"
			continue
		}
		if wantTable && i > 0 && isName(w) && !slices.Contains([]string{"into", "ignore", "low_priority", "delayed", "as"}, w) {
			if name := strings.ReplaceAll(w, "`", ""); !slices.Contains(s.tables, name) {
				s.tables = append(s.tables, name)
			}
			wantTable = false
			continue
		}
		if depth > 0 {
			if w == "from" {
				wantTable = true
			}
			continue
		}
		switch w {
		case "from":
			clause, wantTable = "from", true
		case "where", "set", "limit", "having":
			clause = w
			s.limit = s.limit || w == "limit"
		case "group":
			clause = w
			s.aggregates = true
		case "distinct":
			s.aggregates = true
		case "order":
			clause = w
		case ",":
			if clause == "from" {
				s.opaque, wantTable = true, true
			}
		case "or", "xor", "not":
			s.opaque = s.opaque || clause == "where"
		default:
			s.scanWord(w, at(i-1), at(i+1), at(i+2), clause, t[i:])
		}
	}
	if !orderPlain || s.aggregates {
		s.order = nil
	}
	return s
}

// scanWord classifies one word by its neighbours.
func (s *shape) scanWord(w, before, next, next2, clause string, rest []string) {
	if !isName(w) {
		return
	}
	column := columnName(w)
	switch clause {
	case "where":
		if before != "where" && before != "and" {
			return
		}
		switch {
		case (next == "=" || next == "<=>") && next2 == "?", next == "is" && next2 == "null":
			s.equal = append(s.equal, column)
		case next == "in":
			s.in = append(s.in, column)
		case next == "between", (next == "<" || next == ">" || next == "<=" || next == ">=") && next2 == "?":
			s.ranges = append(s.ranges, column)
		}
	case "order":
		if before == "by" || before == "," {
			s.order = append(s.order, column)
		}
	case "set":
		if (before == "set" || before == ",") && next == "=" && columnName(next2) == column && len(rest) > 4 &&
			(rest[3] == "+" || rest[3] == "-") && rest[4] == "?" && s.counter == "" {
			s.counter = column
		}
	}
}

// indexColumns proposes the key that serves the statement: equality columns, then one range or the
// ORDER BY, never past a range. It returns nil where the text does not make it evident.
func (s *shape) indexColumns() []string {
	if s.opaque || len(s.tables) != 1 || !plainName.MatchString(s.tables[0]) || s.verb == "insert" {
		return nil
	}
	cols := append(slices.Clone(s.equal), s.in...)
	switch {
	// Rows of an IN list come in several runs, which no index returns in the order asked for.
	case len(s.order) > 0 && len(s.in) == 0 && (s.limit || len(s.ranges) == 0) && len(cols) > 0:
		cols = append(cols, s.order...)
	case len(s.ranges) > 0:
		cols = append(cols, s.ranges[0])
	}
	var out []string
	for _, c := range cols {
		if !plainName.MatchString(c) {
			return nil
		}
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	if len(out) == 0 || len(out) > 5 || out[0] == "id" {
		return nil // a statement that starts from id has the primary key; its trouble is elsewhere
	}
	return out
}

// keyedLock reports whether the statement locks the rows that equal a constant.
func (s *shape) keyedLock() bool {
	writes := s.verb == "update" || s.verb == "delete" || s.forUpdate
	return writes && !s.opaque && len(s.equal) > 0 && len(s.tables) == 1
}

func (s *shape) money() bool {
	return moneyName.MatchString(s.counter) || moneyName.MatchString(strings.Join(s.tables, " "))
}

func columnName(w string) string {
	w = strings.ReplaceAll(w, "`", "")
	return w[strings.LastIndexByte(w, '.')+1:]
}

func isName(w string) bool {
	c := w[0]
	return c == '`' || c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// maxScan bounds the bytes of a fingerprint that are looked at; a longer one is a bulk statement.
const maxScan = 8 << 10

func tokens(s string) []string {
	var out []string
	s = s[:min(len(s), maxScan)]
	for i := 0; i < len(s); {
		c := s[i]
		j := i + 1
		switch {
		case c <= ' ':
			i++
			continue
		case isName(s[i:]) || c >= '0' && c <= '9':
			for j < len(s) && (isName(s[j:]) || s[j] >= '0' && s[j] <= '9' || s[j] == '.') {
				j++
			}
		case c == '<' || c == '>' || c == '!':
			for j < len(s) && (s[j] == '=' || s[j] == '>') {
				j++
			}
		}
		out = append(out, s[i:j])
		i = j
	}
	return out
}

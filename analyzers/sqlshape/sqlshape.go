// Package sqlshape says what advice needs to know of one SQL statement: its tables, the conditions
// on their columns, order and limit, and the columns written.
package sqlshape

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vitess.io/vitess/go/vt/sqlparser"
)

// A Parser parses statements; it is safe for use by one goroutine.
type Parser struct{ vitess *sqlparser.Parser }

// NewParser returns a parser for MySQL 8.0 and MariaDB.
func NewParser() (*Parser, error) {
	p, err := sqlparser.New(sqlparser.Options{MySQLServerVersion: "8.0.40"})
	if err != nil {
		return nil, fmt.Errorf("sql parser: %w", err)
	}
	return &Parser{p}, nil
}

// Parse returns the shape of one statement. Statements that touch no table have an empty one.
func (p *Parser) Parse(sql string) Shape {
	if len(sql) > maxSQL {
		return guess(sql[:maxSQL])
	}
	stmt, err := p.parse(sql)
	if _, load := stmt.(*sqlparser.Load); err != nil || load { // LOAD DATA is parsed without its table
		return guess(sql)
	}
	var w walker
	w.statement(stmt)
	takeApart(&w.shape, stmt)
	return w.shape
}

// ParseCut returns the tables of a statement of which only the beginning is known: those of its
// fingerprint, whose value lists are short, as the beginning spells them.
func (p *Parser) ParseCut(beginning, fingerprint string) Shape {
	whole := p.Parse(fingerprint)
	if whole.Guessed || len(whole.Reads)+len(whole.Writes) == 0 {
		return guess(beginning)
	}
	spelled := map[string]string{}
	for _, t := range tokens(beginning) {
		if name := unquote(t.text); name != strings.ToLower(name) {
			spelled[strings.ToLower(name)] = name
		}
	}
	for _, tables := range [][]Table{whole.Reads, whole.Writes} {
		for i, t := range tables {
			tables[i] = Table{cmp.Or(spelled[t.Schema], t.Schema), cmp.Or(spelled[t.Name], t.Name)}
		}
	}
	return Shape{Reads: whole.Reads, Writes: whole.Writes, Verb: whole.Verb}
}

// takeApart adds the blocks of a statement. What goes wrong on text that nobody has seen before costs
// the advice on this statement, never the program.
func takeApart(shape *Shape, stmt sqlparser.Statement) {
	defer func() {
		if recover() != nil {
			*shape = Shape{Reads: shape.Reads, Writes: shape.Writes, Verb: shape.Verb, Cut: true}
		}
	}()
	b := builder{shape: shape}
	b.statement(stmt)
}

// maxSQL bounds the text that is parsed, in bytes; a longer statement is a bulk one.
const maxSQL = 64 << 10

// parse tries the statement as it is, then without what only MariaDB knows. A parser must not take
// the program down with it, whatever it is fed.
func (p *Parser) parse(sql string) (stmt sqlparser.Statement, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("sql parser: %v", r)
		}
	}()
	if stmt, err = p.vitess.Parse(sql); err == nil && !misread(stmt, sql) {
		return stmt, nil
	}
	plain := stripMariaDB(sql)
	if plain == sql && err != nil {
		return nil, err
	}
	return p.vitess.Parse(plain)
}

// misread reports whether the parser takes a statement for another one: MariaDB's code for a comment, a
// word for a table.
func misread(stmt sqlparser.Statement, sql string) bool {
	switch s := stmt.(type) {
	case *sqlparser.CommentOnly:
		return true
	case *sqlparser.Delete:
		if len(s.Targets) > 0 && s.Targets[0].Name.String() != "" && isModifier(token{text: s.Targets[0].Name.String()}) {
			return true
		}
	}
	return strings.Contains(sql, "/*M!")
}

// A walker collects tables. What a statement writes to is also found while walking the rest of it,
// so writes come first and are left out of the reads.
type walker struct {
	shape Shape
	ctes  []string // common table expressions that can be named where the walker is
}

func (w *walker) statement(stmt sqlparser.Statement) {
	if with := withOf(stmt); with != nil {
		for _, cte := range with.CTEs {
			w.ctes = append(w.ctes, cte.ID.String())
		}
	}
	switch s := stmt.(type) {
	case *sqlparser.Insert:
		w.write(s.Table)
	case *sqlparser.Update:
		for _, t := range updated(s) {
			w.write(t)
		}
	case *sqlparser.Delete:
		w.deleteTargets(s)
	case *sqlparser.TruncateTable:
		w.add(&w.shape.Writes, s.Table)
		return
	case *sqlparser.CallProc: // a procedure has the form of a table's name
		return
	}
	w.ctes = nil
	w.walk(stmt)
}

// walk adds the tables that a part of a statement names.
func (w *walker) walk(part sqlparser.SQLNode) {
	known := len(w.ctes)
	if with := withOf(part); with != nil {
		w.with(with)
	}
	_ = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
		switch n := node.(type) {
		case *sqlparser.With:
			return false, nil // part's, or of a part of its own
		case sqlparser.TableName:
			w.read(n)
		case *sqlparser.ColName, *sqlparser.StarExpr:
			return false, nil // its qualifier has the form of a table's name too
		}
		if node != part && withOf(node) != nil {
			w.walk(node)
			return false, nil
		}
		return true, nil
	}, part)
	w.ctes = w.ctes[:known]
}

// with adds the tables of common table expressions, and makes them known. Unless it is recursive,
// one that bears a table's name reads that table.
func (w *walker) with(with *sqlparser.With) {
	for _, cte := range with.CTEs {
		if with.Recursive {
			w.ctes = append(w.ctes, cte.ID.String())
		}
		w.walk(cte.Subquery)
		if !with.Recursive {
			w.ctes = append(w.ctes, cte.ID.String())
		}
	}
}

// withOf returns the WITH clause of a statement or a part of one; nil when it has none.
func withOf(node sqlparser.SQLNode) *sqlparser.With {
	switch n := node.(type) {
	case *sqlparser.Select:
		return n.With
	case *sqlparser.Union:
		return n.With
	case *sqlparser.Update:
		return n.With
	case *sqlparser.Delete:
		return n.With
	}
	return nil
}

// updated returns the tables that an UPDATE of several may write: those whose columns it sets, or
// all when the columns do not say.
func updated(s *sqlparser.Update) []sqlparser.TableExpr {
	var all []sqlparser.TableExpr
	var flatten func(t sqlparser.TableExpr)
	flatten = func(t sqlparser.TableExpr) {
		switch t := t.(type) {
		case *sqlparser.JoinTableExpr:
			flatten(t.LeftExpr)
			flatten(t.RightExpr)
		case *sqlparser.ParenTableExpr:
			for _, e := range t.Exprs {
				flatten(e)
			}
		case *sqlparser.AliasedTableExpr:
			all = append(all, t)
		}
	}
	for _, t := range s.TableExprs {
		flatten(t)
	}
	set := map[string]bool{}
	for _, e := range s.Exprs {
		set[e.Name.Qualifier.Name.String()] = true
	}
	if set[""] {
		return all
	}
	var named []sqlparser.TableExpr
	for _, t := range all {
		a := t.(*sqlparser.AliasedTableExpr)
		if name, ok := a.Expr.(sqlparser.TableName); ok && (set[a.As.String()] || set[name.Name.String()]) {
			named = append(named, t)
		}
	}
	return named
}

func (w *walker) deleteTargets(s *sqlparser.Delete) {
	alias := map[string]sqlparser.TableName{}
	_ = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
		if a, ok := node.(*sqlparser.AliasedTableExpr); ok && !a.As.IsEmpty() {
			if name, ok := a.Expr.(sqlparser.TableName); ok {
				alias[a.As.String()] = name
			}
		}
		return true, nil
	}, s)
	if len(s.Targets) == 0 {
		for _, t := range s.TableExprs {
			w.write(t)
		}
		return
	}
	for i, t := range s.Targets {
		if name, ok := alias[t.Name.String()]; ok {
			t = name
			s.Targets[i] = name
		}
		w.add(&w.shape.Writes, t)
	}
}

func (w *walker) write(t sqlparser.TableExpr) {
	if a, ok := t.(*sqlparser.AliasedTableExpr); ok && a != nil {
		if name, ok := a.Expr.(sqlparser.TableName); ok {
			w.add(&w.shape.Writes, name)
		}
	}
}

func (w *walker) read(name sqlparser.TableName) {
	for _, t := range w.shape.Writes {
		if t == tableOf(name) {
			return
		}
	}
	w.add(&w.shape.Reads, name)
}

func (w *walker) add(to *[]Table, name sqlparser.TableName) {
	t := tableOf(name)
	if t.Name == "" || t.Schema == "" && (t.Name == "dual" || w.isCTE(t.Name)) {
		return
	}
	for _, have := range *to {
		if have == t {
			return
		}
	}
	*to = append(*to, t)
}

func (w *walker) isCTE(name string) bool {
	return slices.ContainsFunc(w.ctes, func(cte string) bool { return strings.EqualFold(cte, name) })
}

func tableOf(name sqlparser.TableName) Table {
	return Table{Schema: name.Qualifier.String(), Name: name.Name.String()}
}

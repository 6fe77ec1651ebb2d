package sqlshape

import (
	"slices"
	"strconv"
	"strings"

	"vitess.io/vitess/go/vt/sqlparser"
)

// What is kept of one statement: more than that is generated text that no index advice will be read
// of.
const (
	maxBlocks     = 64
	maxPredicates = 200
	maxColumns    = 500
)

// A builder takes a parsed statement apart into blocks.
type builder struct {
	shape *Shape
	ctes  []cte // that can be named where the builder is, the innermost last
	n     int   // predicates so far
}

// A cte is the block of a WITH by its name; block is -1 inside a recursive one.
type cte struct {
	name  string
	block int
}

func (b *builder) statement(stmt sqlparser.Statement) {
	switch s := stmt.(type) {
	case *sqlparser.Insert:
		b.shape.Verb = "insert"
		if s.Action == sqlparser.ReplaceAct {
			b.shape.Verb = "replace"
		}
		for _, c := range s.Columns[:min(len(s.Columns), maxColumns)] {
			b.shape.Inserted = append(b.shape.Inserted, c.String())
		}
		if from, ok := s.Rows.(sqlparser.TableStatement); ok {
			if _, values := from.(*sqlparser.ValuesStatement); !values {
				b.table(from, InsertOf, nil)
			}
		}
		b.set(sqlparser.UpdateExprs(s.OnDup), nil)
	case *sqlparser.Update:
		b.shape.Verb = "update"
		b.with(s.With)
		if i, ok := b.open(Main, nil); ok {
			b.rows(i, s.TableExprs, s.Where)
			b.order(i, s.OrderBy, s.Limit)
			b.set(s.Exprs, &b.shape.Blocks[i])
		}
	case *sqlparser.Delete:
		b.shape.Verb = "delete"
		b.with(s.With)
		if i, ok := b.open(Main, nil); ok {
			b.rows(i, s.TableExprs, s.Where)
			b.order(i, s.OrderBy, s.Limit)
		}
	case *sqlparser.TruncateTable:
		b.shape.Verb = "truncate"
	case sqlparser.TableStatement:
		b.shape.Verb = "select"
		b.table(s, Main, nil)
	}
	b.push()
	for i := range b.shape.Blocks {
		block := &b.shape.Blocks[i]
		block.outputs, block.exprs, block.outer = nil, nil, nil
	}
}

// open makes room for a block; ok is false when there are too many.
func (b *builder) open(role Role, outer *Block) (at int, ok bool) {
	if len(b.shape.Blocks) >= maxBlocks {
		b.shape.Cut = true
		return 0, false
	}
	if b.shape.Blocks == nil {
		b.shape.Blocks = make([]Block, 0, 4)
	}
	b.shape.Blocks = append(b.shape.Blocks, Block{Role: role, outer: outer})
	return len(b.shape.Blocks) - 1, true
}

// table adds the blocks of a SELECT or UNION and returns the index of the first of them.
func (b *builder) table(stmt sqlparser.TableStatement, role Role, outer *Block) (at int, ok bool) {
	switch s := stmt.(type) {
	case *sqlparser.Select:
		return b.selects(s, role, outer)
	case *sqlparser.Union:
		defer b.forget(len(b.ctes))
		b.with(s.With)
		at, ok = b.table(s.Left, Branch, outer)
		b.table(s.Right, Branch, outer)
		return at, ok
	}
	return 0, false
}

// with adds the blocks of a WITH clause, so that FROM finds them by name.
func (b *builder) with(w *sqlparser.With) {
	if w == nil {
		return
	}
	for _, e := range w.CTEs {
		known := len(b.ctes)
		if w.Recursive { // else what bears its name inside it is a table
			b.ctes = append(b.ctes, cte{e.ID.String(), -1})
		}
		i, ok := b.table(e.Subquery, Derived, nil)
		if ok {
			b.rename(i, e.Columns)
		} else {
			i = -1
		}
		b.ctes = append(b.ctes[:known], cte{e.ID.String(), i})
	}
}

// forget ends the scope of what WITH has named since there were known names.
func (b *builder) forget(known int) { b.ctes = b.ctes[:known] }

// rename forgets the names of a block's columns where others are given, by position.
func (b *builder) rename(i int, names sqlparser.Columns) {
	if len(names) > 0 {
		b.shape.Blocks[i].outputs = nil
	}
}

func (b *builder) selects(s *sqlparser.Select, role Role, outer *Block) (int, bool) {
	defer b.forget(len(b.ctes))
	b.with(s.With)
	i, ok := b.open(role, outer)
	if !ok {
		return 0, false
	}
	at := &b.shape.Blocks[i]
	at.Distinct = s.Distinct
	at.Locks = s.Lock != sqlparser.NoLock
	b.rows(i, s.From, s.Where)
	if s.SelectExprs != nil {
		b.outputs(i, s.SelectExprs.Exprs)
	}
	if s.GroupBy != nil {
		b.group(i, s.GroupBy.Exprs)
	}
	b.order(i, s.OrderBy, s.Limit)
	return i, true
}

// rows takes in FROM and WHERE. Blocks of derived tables and subqueries are added on the way, so
// the block is looked up anew after each.
func (b *builder) rows(i int, from []sqlparser.TableExpr, where *sqlparser.Where) {
	var on []condition
	for n, t := range from {
		first := len(b.shape.Blocks[i].Sources)
		b.source(i, t, false, &on)
		if n > 0 {
			b.shape.Blocks[i].Unjoined = append(b.shape.Blocks[i].Unjoined, first)
		}
	}
	for _, c := range on {
		b.where(i, c.expr, c.optional)
	}
	if where != nil {
		b.where(i, where.Expr, nil)
	}
	b.unjoined(i)
}

// A condition is an ON clause, and the sources on the optional side of its join.
type condition struct {
	expr     sqlparser.Expr
	optional []int
}

func (b *builder) source(i int, t sqlparser.TableExpr, outer bool, on *[]condition) {
	switch t := t.(type) {
	case *sqlparser.ParenTableExpr:
		for _, e := range t.Exprs {
			b.source(i, e, outer, on)
		}
	case *sqlparser.AliasedTableExpr:
		b.aliased(i, t, outer)
	case *sqlparser.JSONTableExpr:
		b.shape.Blocks[i].Sources = append(b.shape.Blocks[i].Sources, Source{Alias: t.Alias.String(), Outer: outer})
	case *sqlparser.JoinTableExpr:
		left := t.Join == sqlparser.LeftJoinType || t.Join == sqlparser.NaturalLeftJoinType
		right := t.Join == sqlparser.RightJoinType || t.Join == sqlparser.NaturalRightJoinType
		from := len(b.shape.Blocks[i].Sources)
		b.source(i, t.LeftExpr, outer || right, on)
		middle := len(b.shape.Blocks[i].Sources)
		b.source(i, t.RightExpr, outer || left, on)
		to := len(b.shape.Blocks[i].Sources)
		var optional []int
		for n := from; n < to; n++ {
			if left && n >= middle || right && n < middle {
				optional = append(optional, n)
			}
		}
		switch {
		case t.Condition != nil && t.Condition.On != nil:
			*on = append(*on, condition{t.Condition.On, optional})
			b.shape.Blocks[i].Unjoined = append(b.shape.Blocks[i].Unjoined, middle)
		case t.Condition != nil && len(t.Condition.Using) > 0:
			for _, c := range t.Condition.Using {
				b.shape.Blocks[i].Joins = append(b.shape.Blocks[i].Joins, Join{Column{from, c.String()}, Column{middle, c.String()}})
			}
		case t.Join == sqlparser.NormalJoinType || t.Join == sqlparser.StraightJoinType:
			b.shape.Blocks[i].Unjoined = append(b.shape.Blocks[i].Unjoined, middle)
		}
	}
}

func (b *builder) aliased(i int, t *sqlparser.AliasedTableExpr, outer bool) {
	src := Source{Alias: t.As.String(), Outer: outer}
	for _, h := range t.Hints {
		for _, name := range h.Indexes {
			src.Hint = name.String()
		}
	}
	switch e := t.Expr.(type) {
	case sqlparser.TableName:
		src.Table = tableOf(e)
		if src.Table == (Table{Name: "dual"}) { // no table: the parser adds it where there is none
			return
		}
		if src.Alias == "" {
			src.Alias = src.Table.Name
		}
		for _, known := range slices.Backward(b.ctes) {
			if src.Table.Schema == "" && strings.EqualFold(known.name, src.Table.Name) {
				src.Table = Table{}
				src.Block = known.block + 1 // 0 inside a recursive one
				break
			}
		}
	case *sqlparser.DerivedTable:
		var around *Block
		if e.Lateral {
			around = &b.shape.Blocks[i]
		}
		if at, ok := b.table(e.Select, Derived, around); ok {
			src.Block = at + 1
			b.rename(at, t.Columns)
		}
	}
	b.shape.Blocks[i].Sources = append(b.shape.Blocks[i].Sources, src)
}

// column finds what a name refers to in block i.
func (b *builder) column(i int, c *sqlparser.ColName) Column {
	return lookUp(&b.shape.Blocks[i], c.Qualifier.Name.String(), c.Name.String())
}

// lookUp finds the source of a column in a block, or says that it is one further out.
func lookUp(block *Block, qualifier, name string) Column {
	if qualifier == "" {
		if len(block.Sources) == 1 {
			return Column{0, name}
		}
		return Column{Unresolved, name}
	}
	if n := slices.IndexFunc(block.Sources, func(s Source) bool { return s.Alias == qualifier }); n >= 0 {
		return Column{n, name}
	}
	if n := slices.IndexFunc(block.Sources, func(s Source) bool { return s.Table.Name == qualifier }); n >= 0 {
		return Column{n, name}
	}
	if block.outer != nil {
		return Column{Outside, name}
	}
	return Column{Unresolved, name}
}

func (b *builder) outputs(i int, list []sqlparser.SelectExpr) {
	block := &b.shape.Blocks[i]
	for _, e := range list[:min(len(list), maxColumns)] {
		switch e := e.(type) {
		case *sqlparser.StarExpr:
			block.Star = true
		case *sqlparser.AliasedExpr:
			b.scan(i, e.Expr)
			block = &b.shape.Blocks[i] // a subquery may have moved it
			if c, ok := e.Expr.(*sqlparser.ColName); ok {
				name := e.As.String()
				if name == "" {
					name = c.Name.String()
				}
				if block.outputs == nil {
					block.outputs = map[string]Column{}
				}
				block.outputs[name] = b.column(i, c)
			} else if !e.As.IsEmpty() {
				block.exprs = append(block.exprs, e.As.String())
			}
		}
	}
}

// scan notes the columns, aggregates and subqueries of a selected expression.
func (b *builder) scan(i int, e sqlparser.Expr) {
	var subqueries []*sqlparser.Subquery
	_ = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
		block := &b.shape.Blocks[i]
		switch n := node.(type) {
		case *sqlparser.Subquery:
			subqueries = append(subqueries, n)
			return false, nil
		case *sqlparser.ColName:
			if len(block.Select) < maxColumns {
				block.Select = append(block.Select, b.column(i, n))
			}
			return false, nil
		}
		if w, ok := node.(sqlparser.WindowFunc); ok && w.GetOverClause() != nil {
			block.Windows = true
			return true, nil
		}
		if _, ok := node.(sqlparser.AggrFunc); ok {
			block.Aggregates = true
		}
		return true, nil
	}, e)
	for _, s := range subqueries {
		b.shape.Blocks[i].HasSubquery = true
		outer := b.shape.Blocks[i]
		b.table(s.Select, Scalar, &outer)
	}
}

func (b *builder) group(i int, exprs []sqlparser.Expr) {
	block := &b.shape.Blocks[i]
	for _, e := range exprs {
		block.Aggregates = true
		if c, ok := b.sorted(i, e); ok {
			block.Group = append(block.Group, c)
			continue
		}
		block.GroupExpr = true
	}
}

// sorted returns the column that GROUP BY or ORDER BY names, by itself or by the name it goes out by;
// ok is false when it is an expression.
func (b *builder) sorted(i int, e sqlparser.Expr) (c Column, ok bool) {
	block := &b.shape.Blocks[i]
	name, ok := e.(*sqlparser.ColName)
	if !ok {
		return c, false
	}
	if !name.Qualifier.IsEmpty() {
		return b.column(i, name), true
	}
	if out, isOutput := block.outputs[name.Name.String()]; isOutput {
		return out, true
	}
	if slices.Contains(block.exprs, name.Name.String()) {
		return c, false
	}
	return b.column(i, name), true
}

func (b *builder) order(i int, order sqlparser.OrderBy, limit *sqlparser.Limit) {
	block := &b.shape.Blocks[i]
	for _, o := range order {
		if c, ok := b.sorted(i, o.Expr); ok {
			block.Order = append(block.Order, OrderColumn{c, o.Direction == sqlparser.DescOrder})
			continue
		}
		if f, isFunc := o.Expr.(*sqlparser.FuncExpr); isFunc && f.Name.Lowered() == "rand" {
			block.OrderRandom = true
		}
		if _, isNull := o.Expr.(*sqlparser.NullVal); !isNull { // ORDER BY NULL sorts nothing
			block.OrderExpr = true
		}
	}
	if limit == nil {
		return
	}
	block.Limited = true
	block.Limit = literalInt(limit.Rowcount)
	if limit.Offset != nil {
		block.Offset = literalInt(limit.Offset)
	}
}

// literalInt returns the value of an integer literal, or -1.
func literalInt(e sqlparser.Expr) int64 {
	if l, ok := e.(*sqlparser.Literal); ok && l.Type == sqlparser.IntVal {
		if n, err := strconv.ParseInt(l.Val, 10, 64); err == nil {
			return n
		}
	}
	return -1
}

func (b *builder) set(exprs sqlparser.UpdateExprs, block *Block) {
	for _, e := range exprs[:min(len(exprs), maxColumns)] {
		a := Assignment{Column: Column{0, e.Name.Name.String()}}
		if block != nil {
			a.Column = lookUp(block, e.Name.Qualifier.Name.String(), e.Name.Name.String())
		}
		switch v := e.Expr.(type) {
		case *sqlparser.BinaryExpr:
			left, ok := v.Left.(*sqlparser.ColName)
			same := ok && left.Name.Equal(e.Name.Name)
			a.Step = same && (v.Operator == sqlparser.PlusOp || v.Operator == sqlparser.MinusOp) && constant(v.Right)
			if right, ok := v.Right.(*sqlparser.ColName); ok && v.Operator == sqlparser.PlusOp { // SET c = 1 + c
				a.Step = a.Step || right.Name.Equal(e.Name.Name) && constant(v.Left)
			}
		default:
			a.Constant = constant(v)
		}
		b.shape.Set = append(b.shape.Set, a)
	}
}

// push hands the conditions on a derived table that only renames columns down to the block it is
// made of, as the optimizer does.
func (b *builder) push() {
	for i := range b.shape.Blocks {
		block := &b.shape.Blocks[i]
		for n, src := range block.Sources {
			if src.Block == 0 {
				continue
			}
			inner := &b.shape.Blocks[src.Block-1]
			if inner.Role != Derived || inner.Aggregates || inner.Distinct || inner.Limited || inner.Windows {
				continue
			}
			for _, p := range block.Where {
				if to, ok := inner.outputs[p.Column.Name]; ok && p.Column.Source == n && !p.On && len(inner.Where) < maxPredicates {
					p.Column = to
					p.Written, p.Rewrite = "", ""
					inner.Where = append(inner.Where, p)
				}
			}
		}
	}
}

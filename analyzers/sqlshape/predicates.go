package sqlshape

import (
	"slices"
	"strings"

	"vitess.io/vitess/go/vt/sqlparser"
)

// where adds a condition that must hold. optional are the sources of an outer join whose ON it is;
// nil is a condition on all rows.
func (b *builder) where(i int, e sqlparser.Expr, optional []int) {
	for _, part := range conjuncts(e, nil) {
		if b.n >= maxPredicates {
			b.shape.Cut = true
			return
		}
		if or, ok := part.(*sqlparser.OrExpr); ok {
			b.or(i, or, optional)
			continue
		}
		if b.join(i, part) {
			continue
		}
		preds := b.predicates(i, part)
		block := &b.shape.Blocks[i]
		if len(preds) == 0 {
			block.Unclear++
		}
		for _, p := range preds {
			b.n++
			if optional != nil {
				if !slices.Contains(optional, p.Column.Source) {
					block.Unclear++ // ON of an outer join keeps all rows of the other side
					continue
				}
				p.On = true
			}
			block.Where = append(block.Where, p)
		}
	}
}

// conjuncts takes AND apart.
func conjuncts(e sqlparser.Expr, out []sqlparser.Expr) []sqlparser.Expr {
	if and, ok := e.(*sqlparser.AndExpr); ok {
		return conjuncts(and.Right, conjuncts(and.Left, out))
	}
	return append(out, e)
}

func disjuncts(e sqlparser.Expr, out []sqlparser.Expr) []sqlparser.Expr {
	if or, ok := e.(*sqlparser.OrExpr); ok {
		return disjuncts(or.Right, disjuncts(or.Left, out))
	}
	return append(out, e)
}

// or adds a disjunction. One column equal to this or that is a list of values.
func (b *builder) or(i int, e *sqlparser.OrExpr, optional []int) {
	var o Or
	same, values := true, 0
	for _, branch := range disjuncts(e, nil) {
		var preds []Predicate
		for _, part := range conjuncts(branch, nil) {
			if !b.isJoin(part) {
				preds = append(preds, b.predicates(i, part)...)
			}
		}
		b.n += len(preds)
		o.Branches = append(o.Branches, preds)
		same = same && len(preds) == 1 && (preds[0].Kind == Equal || preds[0].Kind == In) && preds[0].Column == o.Branches[0][0].Column
		if same {
			values += max(preds[0].Count, 1)
		}
	}
	block := &b.shape.Blocks[i]
	if same && optional == nil {
		p := o.Branches[0][0]
		p.Kind, p.Count, p.Written, p.Rewrite = In, values, "", ""
		block.Where = append(block.Where, p)
		return
	}
	block.Ors = append(block.Ors, o)
}

// isJoin reports whether a condition compares two columns.
func (b *builder) isJoin(e sqlparser.Expr) bool {
	c, ok := e.(*sqlparser.ComparisonExpr)
	if !ok {
		return false
	}
	_, left := c.Left.(*sqlparser.ColName)
	_, right := c.Right.(*sqlparser.ColName)
	return left && right
}

// join adds an equality between columns of two sources; done is false when e is none.
func (b *builder) join(i int, e sqlparser.Expr) (done bool) {
	if !b.isJoin(e) {
		return false
	}
	c := e.(*sqlparser.ComparisonExpr)
	left, right := b.column(i, c.Left.(*sqlparser.ColName)), b.column(i, c.Right.(*sqlparser.ColName))
	block := &b.shape.Blocks[i]
	equal := c.Operator == sqlparser.EqualOp || c.Operator == sqlparser.NullSafeEqualOp
	switch {
	case left.Source == Outside || right.Source == Outside:
		if left.Source == Outside {
			left, right = right, left
		}
		if left.Source != Outside && equal {
			block.Where = append(block.Where, Predicate{Column: left, Kind: Equal, Value: Other})
			b.n++
		}
	case left.Source != right.Source && left.Source >= 0 && right.Source >= 0 && !equal:
		block.Unclear++
		block.link(left.Source, right.Source)
	case left.Source == right.Source && left.Source >= 0 || !equal:
		block.Unclear++
		if equal && block.outer != nil && c.Left.(*sqlparser.ColName).Qualifier.IsEmpty() && c.Right.(*sqlparser.ColName).Qualifier.IsEmpty() {
			block.Outward = append(block.Outward, Join{left, right})
		}
	default:
		block.Joins = append(block.Joins, Join{left, right})
	}
	return true
}

// link says that two sources are joined by something else than an equality of columns.
func (b *Block) link(left, right int) {
	b.Unjoined = slices.DeleteFunc(b.Unjoined, func(n int) bool { return n == max(left, right) })
}

// predicates returns what one condition says of columns of block i. Subqueries in it become blocks.
func (b *builder) predicates(i int, e sqlparser.Expr) []Predicate {
	switch e := e.(type) {
	case *sqlparser.ComparisonExpr:
		return b.comparison(i, e)
	case *sqlparser.BetweenExpr:
		return b.between(i, e)
	case *sqlparser.IsExpr:
		kind := Unlike
		if e.Right == sqlparser.IsNullOp {
			kind = Equal
		}
		return b.compared(i, e.Left, kind, Null, e)
	case *sqlparser.NotExpr:
		return b.not(i, e)
	case *sqlparser.ExistsExpr:
		b.subquery(i, e.Subquery, InList)
		return nil
	case *sqlparser.ColName:
		return []Predicate{{Column: b.column(i, e), Kind: Unlike}}
	case *sqlparser.MatchExpr:
		var out []Predicate
		for _, c := range e.Columns {
			out = append(out, Predicate{Column: b.column(i, c), Kind: Text})
		}
		return out
	case *sqlparser.AndExpr: // inside a branch of OR
		return append(b.predicates(i, e.Left), b.predicates(i, e.Right)...)
	}
	b.linkAll(i, e)
	return nil
}

func (b *builder) not(i int, e *sqlparser.NotExpr) []Predicate {
	if ex, ok := e.Expr.(*sqlparser.ExistsExpr); ok {
		b.subquery(i, ex.Subquery, NotIn)
		return nil
	}
	inner := b.predicates(i, e.Expr)
	for n := range inner {
		if inner[n].Kind.Indexable() {
			inner[n].Kind = Unlike
		}
		inner[n].Rewrite = ""
	}
	return inner
}

// linkAll notes which sources a condition that is not understood ties together.
func (b *builder) linkAll(i int, e sqlparser.Expr) {
	var seen []int
	_ = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
		switch n := node.(type) {
		case *sqlparser.Subquery:
			return false, nil
		case *sqlparser.ColName:
			if c := b.column(i, n); c.Source >= 0 {
				seen = append(seen, c.Source)
			} else if c.Source == Unresolved {
				b.shape.Blocks[i].Unjoined = nil // it may tie any of them
			}
		}
		return true, nil
	}, e)
	for _, s := range seen {
		if s != slices.Min(seen) {
			b.shape.Blocks[i].link(slices.Min(seen), s)
		}
	}
	for _, sub := range subqueries(e) {
		b.subquery(i, sub, Scalar)
	}
}

func subqueries(e sqlparser.Expr) (out []*sqlparser.Subquery) {
	_ = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
		if s, ok := node.(*sqlparser.Subquery); ok {
			out = append(out, s)
			return false, nil
		}
		return true, nil
	}, e)
	return out
}

func (b *builder) subquery(i int, s *sqlparser.Subquery, role Role) {
	b.shape.Blocks[i].HasSubquery = true
	outer := b.shape.Blocks[i]
	b.table(s.Select, role, &outer)
}

// comparison takes apart column op value, value op column, and rows of both.
func (b *builder) comparison(i int, e *sqlparser.ComparisonExpr) []Predicate {
	left, right, op := e.Left, e.Right, e.Operator
	if turned, ok := mirrored[op]; ok && constant(left) && !constant(right) {
		left, right, op = right, left, turned
		e = &sqlparser.ComparisonExpr{Operator: op, Left: left, Right: right}
	}
	if rows, ok := left.(sqlparser.ValTuple); ok {
		return b.rowComparison(i, rows, right, op)
	}
	if sub, ok := right.(*sqlparser.Subquery); ok {
		return b.compareSubquery(i, left, sub, op)
	}
	if !constant(right) {
		b.linkAll(i, e)
		return b.outerValue(i, left, right, op)
	}
	value := valueOf(right)
	switch op {
	case sqlparser.EqualOp, sqlparser.NullSafeEqualOp:
		return b.compared(i, left, Equal, value, e)
	case sqlparser.LessThanOp, sqlparser.LessEqualOp, sqlparser.GreaterThanOp, sqlparser.GreaterEqualOp:
		return b.compared(i, left, Range, value, e)
	case sqlparser.InOp:
		list, _ := right.(sqlparser.ValTuple)
		kind := In
		if len(list) == 1 {
			kind = Equal
		}
		out := b.compared(i, left, kind, valueOf(right), e)
		for n := range out {
			out[n].Count = len(list)
		}
		return out
	case sqlparser.LikeOp:
		return b.compared(i, left, likeKind(right), value, e)
	case sqlparser.RegexpOp:
		return b.compared(i, left, Pattern, value, e)
	}
	return b.compared(i, left, Unlike, value, e)
}

// mirrored is the operator when the sides change places.
var mirrored = map[sqlparser.ComparisonExprOperator]sqlparser.ComparisonExprOperator{
	sqlparser.EqualOp: sqlparser.EqualOp, sqlparser.NullSafeEqualOp: sqlparser.NullSafeEqualOp,
	sqlparser.NotEqualOp: sqlparser.NotEqualOp,
	sqlparser.LessThanOp: sqlparser.GreaterThanOp, sqlparser.GreaterThanOp: sqlparser.LessThanOp,
	sqlparser.LessEqualOp: sqlparser.GreaterEqualOp, sqlparser.GreaterEqualOp: sqlparser.LessEqualOp,
}

// rowComparison takes apart (a, b) = (1, 2), (a, b) IN ((1, 2), …) and (a, b) > (1, 2).
func (b *builder) rowComparison(i int, rows sqlparser.ValTuple, right sqlparser.Expr, op sqlparser.ComparisonExprOperator) (out []Predicate) {
	kind, count := Unlike, 0
	switch op {
	case sqlparser.EqualOp, sqlparser.NullSafeEqualOp:
		kind = Equal
	case sqlparser.InOp:
		kind = In
		if list, ok := right.(sqlparser.ValTuple); ok {
			count = len(list)
		}
	case sqlparser.LessThanOp, sqlparser.LessEqualOp, sqlparser.GreaterThanOp, sqlparser.GreaterEqualOp:
		kind = Range
	}
	if !constant(right) {
		b.linkAll(i, right)
		return nil
	}
	for n, e := range rows {
		if kind == Range && n > 0 {
			break // only the first column bounds the rows
		}
		if c, ok := e.(*sqlparser.ColName); ok {
			out = append(out, Predicate{Column: b.column(i, c), Kind: kind, Count: count})
		}
	}
	return out
}

// compareSubquery takes apart column IN (SELECT …) and column = (SELECT …).
func (b *builder) compareSubquery(i int, left sqlparser.Expr, sub *sqlparser.Subquery, op sqlparser.ComparisonExprOperator) []Predicate {
	c, bare := left.(*sqlparser.ColName)
	switch op {
	case sqlparser.InOp:
		b.subquery(i, sub, InList)
		if bare {
			return []Predicate{{Column: b.column(i, c), Kind: Semi}}
		}
	case sqlparser.NotInOp:
		b.subquery(i, sub, NotIn)
		if bare {
			block := &b.shape.Blocks[i]
			block.NotIn = append(block.NotIn, b.column(i, c))
		}
	default:
		b.subquery(i, sub, Scalar)
		if bare && (op == sqlparser.EqualOp || op == sqlparser.NullSafeEqualOp) {
			return []Predicate{{Column: b.column(i, c), Kind: Equal}}
		}
		if _, ordered := mirrored[op]; ordered && bare && op != sqlparser.NotEqualOp {
			return []Predicate{{Column: b.column(i, c), Kind: Range}}
		}
	}
	return nil
}

// outerValue is column = expression of columns further out.
func (b *builder) outerValue(i int, left, right sqlparser.Expr, op sqlparser.ComparisonExprOperator) []Predicate {
	c, bare := left.(*sqlparser.ColName)
	if !bare || op != sqlparser.EqualOp || b.shape.Blocks[i].outer == nil {
		return nil
	}
	outside := true
	_ = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
		if n, ok := node.(*sqlparser.ColName); ok && b.column(i, n).Source != Outside {
			outside = false
		}
		return outside, nil
	}, right)
	if !outside {
		return nil
	}
	return []Predicate{{Column: b.column(i, c), Kind: Equal, Value: Other}}
}

func (b *builder) between(i int, e *sqlparser.BetweenExpr) []Predicate {
	if !constant(e.From) || !constant(e.To) {
		b.linkAll(i, e)
		return nil
	}
	kind := Range
	if !e.IsBetween {
		kind = Unlike
	}
	if c, ok := e.Left.(*sqlparser.ColName); ok {
		return []Predicate{{Column: b.column(i, c), Kind: kind, Value: valueOf(e.From), Written: redacted(e)}}
	}
	return b.compared(i, e.Left, kind, valueOf(e.From), e)
}

// compared is one side of a comparison with a constant: a bare column, or one under an expression.
func (b *builder) compared(i int, left sqlparser.Expr, kind PredicateKind, value ValueKind, whole sqlparser.Expr) []Predicate {
	if c, ok := left.(*sqlparser.ColName); ok {
		return []Predicate{{Column: b.column(i, c), Kind: kind, Value: value, Written: redacted(whole)}}
	}
	for _, sub := range subqueries(left) {
		b.subquery(i, sub, Scalar)
	}
	by, columns := wrapper(left)
	if len(columns) != 1 {
		b.linkAll(i, left)
		return nil
	}
	return []Predicate{{
		Column: b.column(i, columns[0]), Kind: Wrapped, Value: value, By: by,
		Written: redacted(whole), Rewrite: rewrite(left, columns[0], whole),
	}}
}

// likeKind tells a prefix from a leading wildcard.
func likeKind(pattern sqlparser.Expr) PredicateKind {
	l, ok := pattern.(*sqlparser.Literal)
	switch {
	case !ok || l.Type != sqlparser.StrVal:
		return Pattern
	case strings.HasPrefix(l.Val, "%") || strings.HasPrefix(l.Val, "_"):
		return Leading
	case !strings.ContainsAny(l.Val, "%_"):
		return Equal
	}
	return Prefix
}

// constant reports whether an expression reads no column and no subquery.
func constant(e sqlparser.Expr) bool {
	ok := true
	_ = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
		switch node.(type) {
		case *sqlparser.ColName, *sqlparser.Subquery:
			ok = false
		}
		return ok, nil
	}, e)
	return ok
}

func valueOf(e sqlparser.Expr) ValueKind {
	switch e := e.(type) {
	case *sqlparser.Literal:
		switch e.Type {
		case sqlparser.StrVal:
			return String
		case sqlparser.IntVal, sqlparser.FloatVal, sqlparser.DecimalVal:
			return Number
		}
	case *sqlparser.UnaryExpr:
		if e.Operator == sqlparser.UMinusOp || e.Operator == sqlparser.UPlusOp {
			return valueOf(e.Expr)
		}
	case *sqlparser.NullVal:
		return Null
	case sqlparser.ValTuple:
		kind := Unsaid
		for n, v := range e {
			if k := valueOf(v); n == 0 {
				kind = k
			} else if k != kind {
				return Unsaid
			}
		}
		return kind
	}
	return Unsaid
}

// unjoined keeps of the sources that may stand alone those that no join reaches.
func (b *builder) unjoined(i int) {
	block := &b.shape.Blocks[i]
	if len(block.Unjoined) == 0 {
		return
	}
	group := make([]int, len(block.Sources))
	for n := range group {
		group[n] = n
	}
	merge := func(x, y int) {
		from, to := group[x], group[y]
		for n := range group {
			if group[n] == from {
				group[n] = to
			}
		}
	}
	for _, j := range block.Joins {
		if j.Left.Source < 0 || j.Right.Source < 0 {
			block.Unjoined = nil // an unqualified name may tie any two
			return
		}
		merge(j.Left.Source, j.Right.Source)
	}
	slices.Sort(block.Unjoined)
	block.Unjoined = slices.Compact(block.Unjoined)
	// A source held to one constant by its key, or one derived row, is no product of its own; neither
	// is told here: whoever judges knows the rows.
	block.Unjoined = slices.DeleteFunc(block.Unjoined, func(n int) bool { return n >= len(group) || group[n] == group[0] })
}

package sqlshape

import (
	"strings"

	"vitess.io/vitess/go/vt/sqlparser"
)

// redacted writes an expression with every constant as ?.
func redacted(e sqlparser.SQLNode) string {
	buf := sqlparser.NewTrackedBuffer(func(buf *sqlparser.TrackedBuffer, node sqlparser.SQLNode) {
		switch n := node.(type) {
		case *sqlparser.Literal, *sqlparser.Argument, sqlparser.ListArg:
			buf.WriteString("?")
		case sqlparser.ValTuple:
			buf.WriteString("(?)")
		default:
			n.Format(buf)
		}
	})
	buf.Myprintf("%v", e)
	return buf.String()
}

// wrapper names what stands around the columns of an expression, outermost first, and lists them.
func wrapper(e sqlparser.Expr) (by string, columns []*sqlparser.ColName) {
	switch e := e.(type) {
	case *sqlparser.FuncExpr:
		by = e.Name.Lowered()
	case *sqlparser.CastExpr, *sqlparser.ConvertExpr, *sqlparser.ConvertUsingExpr:
		by = "cast"
	case *sqlparser.CollateExpr:
		by = "collate"
	case *sqlparser.BinaryExpr, *sqlparser.UnaryExpr:
		by = "arithmetic"
	default:
		text := redacted(e)
		if by, _, _ = strings.Cut(text, "("); by == text || strings.ContainsAny(by, " ?`") {
			by = "an expression"
		}
	}
	_ = sqlparser.Walk(func(node sqlparser.SQLNode) (bool, error) {
		if c, ok := node.(*sqlparser.ColName); ok {
			columns = append(columns, c)
		}
		return true, nil
	}, e)
	return by, columns
}

// formatSpans are the formats of DATE_FORMAT that name one span of time.
var formatSpans = map[string]string{"%Y-%m-%d": "DAY", "%Y%m%d": "DAY", "%Y-%m": "MONTH", "%Y%m": "MONTH", "%Y": "YEAR"}

// rewrite returns the comparison with the column bare, so that an index on it can be used; empty when
// no such form is sure to mean the same. It holds no literal.
func rewrite(left sqlparser.Expr, column *sqlparser.ColName, whole sqlparser.Expr) string {
	c := redacted(column)
	switch w := whole.(type) {
	case *sqlparser.BetweenExpr:
		if f, ok := functionOf(left, column); ok && f == "date" && w.IsBetween {
			return c + " >= " + redacted(w.From) + " AND " + c + " < " + redacted(w.To) + " + INTERVAL 1 DAY"
		}
		return ""
	case *sqlparser.ComparisonExpr:
		value := redacted(w.Right)
		if _, list := w.Right.(sqlparser.ValTuple); list {
			return ""
		}
		switch l := left.(type) {
		case *sqlparser.BinaryExpr:
			return moved(l, c, w.Operator, value)
		case *sqlparser.CastExpr, *sqlparser.ConvertExpr, *sqlparser.ConvertUsingExpr, *sqlparser.CollateExpr:
			return ""
		}
		f, ok := functionOf(left, column)
		if !ok {
			return ""
		}
		return bare(f, left, c, w.Operator, value)
	}
	return ""
}

// functionOf returns the name of the function whose first argument is the column itself.
func functionOf(e sqlparser.Expr, column *sqlparser.ColName) (name string, ok bool) {
	switch f := e.(type) {
	case *sqlparser.FuncExpr:
		if len(f.Exprs) > 0 && f.Exprs[0] == sqlparser.Expr(column) {
			return f.Name.Lowered(), true
		}
	case *sqlparser.SubstrExpr:
		if f.Name == sqlparser.Expr(column) && literalInt(f.From) == 1 {
			return "left", true
		}
	}
	return "", false
}

// bare rewrites function(c) op value.
func bare(f string, e sqlparser.Expr, c string, op sqlparser.ComparisonExprOperator, value string) string {
	switch f {
	case "date":
		return inSpan(c, op, value, value, value+" + INTERVAL 1 DAY")
	case "year":
		return inSpan(c, op, value, "MAKEDATE("+value+", 1)", "MAKEDATE("+value+" + 1, 1)")
	case "unix_timestamp":
		if op != sqlparser.LikeOp && op != sqlparser.RegexpOp {
			return c + " " + op.ToString() + " FROM_UNIXTIME(" + value + ")"
		}
	case "left", "substring", "substr":
		if op == sqlparser.EqualOp {
			return c + " LIKE CONCAT(" + value + ", '%')"
		}
	case "date_format":
		fn, ok := e.(*sqlparser.FuncExpr)
		if !ok || len(fn.Exprs) != 2 || op != sqlparser.EqualOp {
			return ""
		}
		if format, ok := fn.Exprs[1].(*sqlparser.Literal); ok {
			if span := formatSpans[format.Val]; span != "" {
				return c + " >= start AND " + c + " < start + INTERVAL 1 " + span + ", start being the first day that " + value + " names"
			}
		}
	}
	return ""
}

// inSpan writes a comparison with a span of time that begins at from and ends before to.
func inSpan(c string, op sqlparser.ComparisonExprOperator, value, from, to string) string {
	switch op {
	case sqlparser.EqualOp:
		return c + " >= " + from + " AND " + c + " < " + to
	case sqlparser.LessThanOp:
		return c + " < " + from
	case sqlparser.LessEqualOp:
		return c + " < " + to
	case sqlparser.GreaterThanOp:
		return c + " >= " + to
	case sqlparser.GreaterEqualOp:
		return c + " >= " + from
	}
	return ""
}

// moved brings a constant that is added to the column over to the other side.
func moved(e *sqlparser.BinaryExpr, c string, op sqlparser.ComparisonExprOperator, value string) string {
	if _, ok := mirrored[op]; !ok {
		return ""
	}
	_, isLeft := e.Left.(*sqlparser.ColName)
	_, isRight := e.Right.(*sqlparser.ColName)
	if l, ok := e.Right.(*sqlparser.Literal); ok && l.Val == "0" && isLeft && (e.Operator == sqlparser.PlusOp || e.Operator == sqlparser.MinusOp) {
		return c + " " + op.ToString() + " " + value // col + 0 is a cast that someone wanted
	}
	switch {
	case isLeft && e.Operator == sqlparser.PlusOp && constant(e.Right):
		return c + " " + op.ToString() + " " + value + " - " + redacted(e.Right)
	case isLeft && e.Operator == sqlparser.MinusOp && constant(e.Right):
		return c + " " + op.ToString() + " " + value + " + " + redacted(e.Right)
	case isRight && e.Operator == sqlparser.PlusOp && constant(e.Left):
		return c + " " + op.ToString() + " " + value + " - " + redacted(e.Left)
	}
	return ""
}

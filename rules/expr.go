package rules

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// maxNodes bounds one expression: a longer one is arithmetic that belongs in analyzers.
const maxNodes = 60

// builtins are the functions an expression may call.
var builtins = []string{"min", "max", "abs", "round", "floor", "ceil"}

// A role says where in a rule an expression stands, which decides what it may contain.
type role uint8

const (
	valueRole     role = iota // let, evidence, share: arithmetic
	conditionRole             // when, unless, if: one comparison or flag, no division
	severityRole              // may choose with ?:
)

// An expression is checked source together with the facts it reads.
type expression struct {
	src   string
	typ   factType // of the result
	facts []string // facts it depends on, through lets too
	lets  []string // lets it reads itself
	// left and right are the sides of a condition that is one comparison.
	op          string
	left, right *expression

	// What most expressions are needs no program: one name, a constant, or a comparison of such.
	name     bool
	constant any // float64, string or bool
	program  func() (*vm.Program, error)
}

// A scope is what the expressions of one rule may name.
type scope struct {
	kind   string
	facts  types.Map           // what every rule of the kind may read, not to be written
	own    types.Map           // p, lets and calls
	lets   map[string][]string // let → facts it depends on
	params map[string]*Param
	// trusted expressions are parsed only: they have been compiled by a test before, and become
	// programs when they first run, which most never do.
	trusted bool
}

// factTypes are the facts by the kind of rule that may read them.
var factTypes = sync.OnceValue(func() map[string]types.Map {
	out := map[string]types.Map{}
	for _, kind := range kinds {
		out[kind] = types.Map{}
		for _, f := range facts {
			if f.Kind == "global" || f.Kind == kind {
				out[kind][f.Name] = f.Type.exprType()
			}
		}
	}
	return out
})

func newScope(r *Rule, trusted bool) *scope {
	s := &scope{kind: r.Each, facts: factTypes()[r.Each], own: types.Map{}, lets: map[string][]string{}, params: r.Params, trusted: trusted}
	p := types.Map{}
	for name := range r.Params {
		p[name] = types.Float64
	}
	s.own["p"] = p
	return s
}

// typeOf is the type of a name; nil for one that is free.
func (s *scope) typeOf(name string) types.Type {
	if t := s.own[name]; t != nil {
		return t
	}
	return s.facts[name]
}

// compile checks src and makes it ready to run. The result type is enforced by role.
func (s *scope) compile(src string, as role) (*expression, error) {
	src, calls := withNames(src)
	for _, c := range calls {
		if s.own[c.ident()] != nil {
			continue
		}
		if err := c.check(s.kind); err != nil {
			return nil, err
		}
		s.own[c.ident()] = c.fact().Type.exprType()
	}
	if e := s.compileName(src, as); e != nil {
		return e, nil
	}
	tree, err := parser.Parse(src)
	if err != nil {
		return nil, err
	}
	return s.compileTree(src, tree.Node, as)
}

// compileTree compiles what src was parsed to.
func (s *scope) compileTree(src string, root ast.Node, as role) (*expression, error) {
	e := &expression{src: src, constant: constantOf(root)}
	e.program = sync.OnceValues(func() (*vm.Program, error) { return s.program(src, as, root) })
	if !s.trusted {
		prog, err := e.program()
		if err != nil {
			return nil, err
		}
		root = prog.Node()
	}
	w := &walker{scope: s, as: as, out: e}
	ast.Walk(&root, w)
	if w.err != nil {
		return nil, w.err
	}
	for _, t := range w.texts {
		if as == severityRole && Severity(t.Value).Rank() < 0 {
			return nil, fmt.Errorf("%q is no severity", t.Value)
		}
	}
	e.typ = s.resultType(root)
	slices.Sort(e.facts)
	e.facts = slices.Compact(e.facts)
	if b, ok := root.(*ast.BinaryNode); ok && as == conditionRole && slices.Contains(comparisons, b.Operator) {
		var err error
		e.op = b.Operator
		if e.left, err = s.compileSide(b.Left); err != nil {
			return nil, err
		}
		if e.right, err = s.compileSide(b.Right); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// compileSide compiles a side of a comparison.
func (s *scope) compileSide(side ast.Node) (*expression, error) {
	src := side.String()
	if e := s.compileName(src, valueRole); e != nil {
		return e, nil
	}
	return s.compileTree(src, side, valueRole)
}

// program compiles an expression, of which the tree is known, and finds names and types that are wrong.
func (s *scope) program(src string, as role, tree ast.Node) (*vm.Program, error) {
	env := types.Map{} // of no other names: the library would go through hundreds
	ast.Find(tree, func(n ast.Node) bool {
		if name, ok := n.(*ast.IdentifierNode); ok {
			if t := s.typeOf(name.Value); t != nil {
				env[name.Value] = t
			}
		}
		return false
	})
	opts := []expr.Option{
		expr.Env(env), expr.MaxNodes(maxNodes), expr.Optimize(false), expr.DisableAllBuiltins(),
	}
	for _, name := range builtins {
		opts = append(opts, expr.EnableBuiltin(name))
	}
	switch as {
	case conditionRole:
		opts = append(opts, expr.AsBool())
	case severityRole:
		opts = append(opts, expr.AsAny())
	}
	return expr.Compile(src, opts...)
}

// constantOf returns the value of a literal, nil of anything else.
func constantOf(node ast.Node) any {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return float64(n.Value)
	case *ast.FloatNode:
		return n.Value
	case *ast.StringNode:
		return n.Value
	case *ast.BoolNode:
		return n.Value
	}
	return nil
}

// compileName compiles what most expressions are, a single name, without the cost of a program; nil
// when src is something else.
func (s *scope) compileName(src string, as role) *expression {
	if param, ok := strings.CutPrefix(src, "p."); ok {
		if s.params[param] == nil || as != valueRole {
			return nil
		}
		return &expression{src: src, typ: number, name: true}
	}
	e := &expression{src: src, name: true}
	switch s.typeOf(src) {
	case types.Float64:
		e.typ = number
	case types.Bool:
		e.typ = flag
	case types.String:
		e.typ = text
	default:
		return nil
	}
	if as == conditionRole && e.typ != flag || as == severityRole {
		return nil
	}
	if deps, isLet := s.lets[src]; isLet {
		e.facts, e.lets = deps, []string{src}
	} else {
		e.facts = []string{src}
	}
	return e
}

var (
	comparisons = []string{"<", "<=", ">", ">=", "==", "!="}
	arithmetic  = []string{"+", "-", "*", "/"}
)

// A walker refuses what would hide an unknown or is no business of a rule, and collects names.
type walker struct {
	scope *scope
	as    role
	out   *expression
	texts []*ast.StringNode // constants, without the names of parameters
	err   error
}

// Visit implements ast.Visitor.
func (w *walker) Visit(node *ast.Node) {
	fail := func(format string, args ...any) {
		if w.err == nil {
			w.err = fmt.Errorf(format, args...)
		}
	}
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if deps, isLet := w.scope.lets[n.Value]; isLet {
			w.out.facts = append(w.out.facts, deps...)
			w.out.lets = append(w.out.lets, n.Value)
		} else if n.Value != "p" && !slices.Contains(builtins, n.Value) {
			w.out.facts = append(w.out.facts, n.Value)
		}
	case *ast.MemberNode:
		if base, ok := n.Node.(*ast.IdentifierNode); !ok || base.Value != "p" || n.Optional {
			fail("only parameters have members, as in p.share")
		}
		w.texts = slices.DeleteFunc(w.texts, func(t *ast.StringNode) bool { return ast.Node(t) == n.Property })
	case *ast.BinaryNode:
		switch op := n.Operator; {
		case op == "/" && w.as == conditionRole:
			fail("division in a condition: name the quotient in let, where dividing by zero is unknown")
		case slices.Contains(arithmetic, op) || slices.Contains(comparisons, op):
		case op == "&&" || op == "||" || op == "and" || op == "or" || op == "??":
			fail("%q would hide an unknown: write separate conditions", op)
		default:
			fail("operator %q is not allowed", op)
		}
	case *ast.ConditionalNode:
		if w.as != severityRole {
			fail("?: is allowed in severity only")
		}
	case *ast.StringNode:
		w.texts = append(w.texts, n)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.UnaryNode, *ast.BuiltinNode, *ast.CallNode:
	default:
		fail("%T is not allowed", n)
	}
}

// resultType is the type of what a node that a walker has passed gives.
func (s *scope) resultType(node ast.Node) factType {
	switch n := node.(type) {
	case *ast.BoolNode:
		return flag
	case *ast.StringNode:
		return text
	case *ast.BinaryNode:
		if slices.Contains(comparisons, n.Operator) {
			return flag
		}
	case *ast.UnaryNode:
		if n.Operator == "!" || n.Operator == "not" {
			return flag
		}
	case *ast.IdentifierNode:
		switch s.typeOf(n.Value) {
		case types.Bool:
			return flag
		case types.String:
			return text
		}
	case *ast.ConditionalNode:
		return s.resultType(n.Exp1)
	}
	return number
}

// run evaluates e in an environment; ok is false when it reads an absent fact or has no finite value.
func (e *expression) run(m *vm.VM, env map[string]any) (v any, ok bool) {
	for _, name := range e.facts {
		if _, known := env[name]; !known {
			return nil, false
		}
	}
	for _, name := range e.lets { // a quotient may be unknown though its facts are known
		if _, known := env[name]; !known {
			return nil, false
		}
	}
	switch {
	case e.constant != nil:
		return e.constant, true
	case e.op != "":
		return e.compare(m, env)
	case e.name:
		if param, isParam := strings.CutPrefix(e.src, "p."); isParam {
			v, ok = env["p"].(map[string]any)[param]
			return v, ok
		}
		v, ok = env[e.src]
		return v, ok
	}
	prog, err := e.program()
	if err != nil { // a test of the program's rules has compiled it before
		return nil, false
	}
	if v, err = m.Run(prog, env); err != nil {
		return nil, false
	}
	switch n := v.(type) {
	case int:
		v = float64(n)
	case int64:
		v = float64(n)
	case float64:
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, false
		}
	case bool, string:
	default:
		return nil, false
	}
	return v, true
}

// compare evaluates a condition that is one comparison. Its sides are of one type, as compiling it in a
// test, or when it was loaded, has shown.
func (e *expression) compare(m *vm.VM, env map[string]any) (v any, ok bool) {
	left, ok := e.left.run(m, env)
	if !ok {
		return nil, false
	}
	right, ok := e.right.run(m, env)
	if !ok {
		return nil, false
	}
	if e.op == "==" || e.op == "!=" {
		return (left == right) == (e.op == "=="), true
	}
	order := 0
	switch l := left.(type) {
	case float64:
		r, isNumber := right.(float64)
		order, ok = cmp.Compare(l, r), isNumber
	case string:
		r, isText := right.(string)
		order, ok = cmp.Compare(l, r), isText
	default:
		ok = false
	}
	switch e.op {
	case "<":
		return order < 0, ok
	case "<=":
		return order <= 0, ok
	case ">":
		return order > 0, ok
	}
	return order >= 0, ok
}

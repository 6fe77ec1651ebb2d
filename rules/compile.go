package rules

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
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

// An expression is compiled source together with the facts it reads.
type expression struct {
	src   string
	prog  *vm.Program // nil when src is one name
	typ   factType    // of the result
	facts []string    // facts it depends on, through lets too
	lets  []string    // lets it reads itself
	// left and right are the sides of a condition that is one comparison.
	op          string
	left, right *expression
}

// A scope is what the expressions of one rule may name.
type scope struct {
	kind   string
	env    types.Map
	lets   map[string][]string // let → facts it depends on
	params map[string]*Param
}

func newScope(r *Rule) *scope {
	s := &scope{kind: r.Each, env: types.Map{}, lets: map[string][]string{}, params: r.Params}
	for _, f := range facts {
		if f.Kind == "global" || f.Kind == r.Each {
			s.env[f.Name] = f.Type.exprType()
		}
	}
	p := types.Map{}
	for name := range r.Params {
		p[name] = types.Float64
	}
	s.env["p"] = p
	return s
}

// compile checks and compiles src. The result type is enforced by role.
func (s *scope) compile(src string, as role) (*expression, error) {
	src, calls := withNames(src)
	for _, c := range calls {
		if err := c.check(s.kind); err != nil {
			return nil, err
		}
		s.env[c.ident()] = c.fact().Type.exprType()
	}
	if e := s.compileName(src, as); e != nil {
		return e, nil
	}
	opts := []expr.Option{
		expr.Env(s.env), expr.MaxNodes(maxNodes), expr.Optimize(false), expr.DisableAllBuiltins(),
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
	prog, err := expr.Compile(src, opts...)
	if err != nil {
		return nil, err
	}
	e := &expression{src: src, prog: prog, typ: typeOf(prog)}
	w := &walker{scope: s, as: as, out: e}
	root := prog.Node()
	ast.Walk(&root, w)
	if w.err != nil {
		return nil, w.err
	}
	for _, t := range w.texts {
		if as == severityRole && Severity(t.Value).Rank() < 0 {
			return nil, fmt.Errorf("%q is no severity", t.Value)
		}
	}
	slices.Sort(e.facts)
	e.facts = slices.Compact(e.facts)
	if b, ok := root.(*ast.BinaryNode); ok && as == conditionRole && slices.Contains(comparisons, b.Operator) {
		e.op = b.Operator
		if e.left, err = s.compile(b.Left.String(), valueRole); err != nil {
			return nil, err
		}
		if e.right, err = s.compile(b.Right.String(), valueRole); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// compileName compiles what most expressions are, a single name, without the cost of a program; nil
// when src is something else.
func (s *scope) compileName(src string, as role) *expression {
	if param, ok := strings.CutPrefix(src, "p."); ok {
		if s.params[param] == nil || as != valueRole {
			return nil
		}
		return &expression{src: src, typ: number}
	}
	e := &expression{src: src}
	switch s.env[src] {
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

// typeOf is the type of a program's result.
func typeOf(prog *vm.Program) factType {
	t := prog.Node().Type()
	if t == nil {
		return number
	}
	switch t.Kind() {
	case reflect.Bool:
		return flag
	case reflect.String:
		return text
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
	if e.prog == nil {
		if param, isParam := strings.CutPrefix(e.src, "p."); isParam {
			v, ok = env["p"].(map[string]any)[param]
			return v, ok
		}
		v, ok = env[e.src]
		return v, ok
	}
	v, err := m.Run(e.prog, env)
	if err != nil {
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

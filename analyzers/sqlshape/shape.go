package sqlshape

// A Shape is what a statement touches and how it finds the rows. Each table is named once in each
// list.
type Shape struct {
	Reads  []Table
	Writes []Table
	// Guessed says that no parser understood the statement: the tables are the names where tables
	// stand, and nothing else is known.
	Guessed bool

	Verb string // select, insert, replace, update, delete or truncate; empty for all else
	// Blocks are the query blocks: each SELECT, and the part of an UPDATE or DELETE that finds rows.
	// Those of WITH come first, then the outermost.
	Blocks []Block
	Set    []Assignment // of UPDATE and ON DUPLICATE KEY UPDATE
	// Inserted are the columns that an INSERT names.
	Inserted []string
	// Cut says that the statement has more blocks or conditions than are kept.
	Cut bool
}

// A Table names a table as the statement does; Schema is empty when it relies on the default one.
type Table struct{ Schema, Name string }

// String writes the table as it was named.
func (t Table) String() string {
	if t.Schema != "" {
		return t.Schema + "." + t.Name
	}
	return t.Name
}

// A Role says what a block is for.
type Role string

// The roles of blocks.
const (
	Main     Role = ""         // the statement itself
	Branch   Role = "union"    // one SELECT of a UNION
	Derived  Role = "derived"  // (SELECT …) in FROM, or WITH
	InList   Role = "in"       // IN (SELECT …), EXISTS
	NotIn    Role = "not in"   // NOT IN (SELECT …), NOT EXISTS
	Scalar   Role = "scalar"   // a value
	InsertOf Role = "inserted" // INSERT … SELECT
)

// A Block is one query block: sources, the conditions that all must hold, and what becomes of the rows.
type Block struct {
	Role    Role
	Sources []Source
	Where   []Predicate // joined by AND
	Ors     []Or        // joined to them by AND
	Joins   []Join
	// Outward are equalities of two names without a table in a subquery of one table: what that table does not
	// have is a column further out, which only the schema tells. Unclear counts them too.
	Outward []Join
	// Unclear counts conditions that say nothing an index could use.
	Unclear int

	Group  []Column
	Order  []OrderColumn
	Select []Column // columns it names; those inside expressions too
	Star   bool
	// GroupExpr and OrderExpr say that something else than a column is grouped or sorted by.
	GroupExpr, OrderExpr bool
	OrderRandom          bool // ORDER BY RAND()
	Aggregates           bool // a sum, count, … or GROUP BY
	Distinct             bool
	Windows              bool
	Locks                bool // FOR UPDATE, FOR SHARE

	Limited bool
	Limit   int64 // rows; -1 when it is no literal
	Offset  int64 // 0 without one; -1 when it is no literal

	// Unjoined are sources that no condition links to the ones before: a cartesian product.
	Unjoined []int
	// NotIn are columns compared by NOT IN (SELECT …).
	NotIn []Column
	// HasSubquery says that a condition holds a SELECT.
	HasSubquery bool

	// Only while a statement is taken apart:
	outputs map[string]Column // selected columns by the name they go out by
	exprs   []string          // names of selected expressions
	outer   *Block            // the block around it
}

// A Source is one table of FROM.
type Source struct {
	Table Table  // zero for a derived table
	Alias string // as the rest of the block calls it
	Block int    // of a derived table, one more than its index in Blocks; 0 for others
	Outer bool   // on the optional side of an outer join
	Hint  string // name of an index that USE, FORCE or IGNORE INDEX gives
}

// Unresolved is the Source of a column whose table the statement does not say.
const Unresolved = -1

// Outside is the Source of a column of a block further out.
const Outside = -2

// A Column is a column of a source of the same block.
type Column struct {
	Source int // index into Block.Sources, or Unresolved, or Outside
	Name   string
}

// An OrderColumn is a column to sort by.
type OrderColumn struct {
	Column
	Desc bool
}

// A PredicateKind says how a column is compared.
type PredicateKind string

// The kinds of predicate. An index serves the first five; the others are why it does not.
const (
	Equal   PredicateKind = "="      // =, <=>, IS NULL, IN with one value
	In      PredicateKind = "in"     // IN with several values, or OR of equalities of one column
	Range   PredicateKind = "range"  // <, >, BETWEEN
	Prefix  PredicateKind = "prefix" // LIKE 'x%'
	Semi    PredicateKind = "semi"   // IN (SELECT …)
	Unlike  PredicateKind = "<>"     // <>, NOT IN, NOT LIKE, IS NOT NULL, a bare column
	Leading PredicateKind = "leading wildcard"
	Wrapped PredicateKind = "wrapped" // under a function, arithmetic or a cast
	Text    PredicateKind = "text"    // MATCH … AGAINST
	Pattern PredicateKind = "pattern" // LIKE or REGEXP whose beginning is not known
)

// Indexable reports whether an index that has the column can be used for a predicate of this kind.
func (k PredicateKind) Indexable() bool {
	return k == Equal || k == In || k == Range || k == Prefix || k == Semi
}

// A ValueKind is what a column is compared with.
type ValueKind string

// The kinds of value. Unsaid is a placeholder or an expression.
const (
	Unsaid ValueKind = ""
	Number ValueKind = "number"
	String ValueKind = "string"
	Null   ValueKind = "null"
	Other  ValueKind = "column" // of a block further out
)

// A Predicate is one condition on one column.
type Predicate struct {
	Column Column
	Kind   PredicateKind
	Value  ValueKind
	Count  int // of the values of In; 0 when not known
	// By is what a Wrapped column is under: a function's name in lower case, "arithmetic" or "cast".
	By string
	// Written is the condition with every constant as ?, and Rewrite the same condition with the
	// column bare; it is empty where none is known. They never hold a literal.
	Written, Rewrite string
	// On says that the condition stands in the ON of an outer join: it finds rows of its own table only.
	On bool
}

// An Or is a condition of which one branch must hold; each branch is joined by AND. A branch without
// predicates has none that an index could use.
type Or struct{ Branches [][]Predicate }

// A Join is an equality between columns of two sources.
type Join struct{ Left, Right Column }

// An Assignment is SET column = something.
type Assignment struct {
	Column Column
	// Step says that a constant is added to or taken from the column's own value.
	Step bool
	// Constant says that the column becomes a constant.
	Constant bool
}

// Step returns the column that a constant is added to; ok is false when there is none.
func (s *Shape) Step() (column string, ok bool) {
	for _, a := range s.Set {
		if a.Step {
			return a.Column.Name, true
		}
	}
	return "", false
}

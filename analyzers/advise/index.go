package advise

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/sqlshape"
)

// Limits of what is proposed: the more indexes, the more each write costs, and the less anyone reads.
const (
	maxPerTable = 3
	maxIndexes  = 8
	maxWidth    = 5
	maxNameSize = 64 // characters of an identifier
)

// An Index is one that statements lack.
type Index struct {
	Table sqlshape.Table // as statements name it; with its schema where others have a table of that name
	Home  sqlshape.Table // with its schema where that is known
	Name  string
	// Columns are as DDL writes them, in order: "status", "`key`", "created_at DESC".
	Columns []string
	Classes []string // ids of the classes it serves, those with most time first
	TimeUS  int64    // of these classes
	// SchemaKnown says that the table's columns and indexes were read, so that it is known to be new.
	SchemaKnown bool
	// Extends is an index of the table that this one makes redundant; empty when there is none.
	Extends string
	// Prefix is the text column of which only the beginning is indexed; empty without one.
	Prefix string
	// Writes are logged statements that would have to maintain it.
	Writes int64
	// Online says that it can be built while the table is written to.
	Online bool
}

// DDL returns the statement that makes the index.
func (x *Index) DDL() string {
	s := fmt.Sprintf("ALTER TABLE %s ADD INDEX %s (%s)", QuoteTable(x.Table), sqlshape.Quote(x.Name), strings.Join(x.Columns, ", "))
	if x.Online {
		s += ", ALGORITHM=INPLACE, LOCK=NONE"
	}
	return s
}

// Undo returns the statement that drops it again.
func (x *Index) Undo() string {
	return fmt.Sprintf("ALTER TABLE %s DROP INDEX %s", QuoteTable(x.Table), sqlshape.Quote(x.Name))
}

// QuoteTable writes a table's name as a statement needs it.
func QuoteTable(t sqlshape.Table) string {
	if t.Schema == "" {
		return sqlshape.Quote(t.Name)
	}
	return sqlshape.Quote(t.Schema) + "." + sqlshape.Quote(t.Name)
}

// A ClassPlan is what is to say of the indexes for one class.
type ClassPlan struct {
	// Indexes are to be made, the one that saves most first: one for each table that it finds rows of, and for
	// each branch of OR. Empty when none is known to help.
	Indexes  []*Index
	Rewrites []Rewrite // conditions that no index can serve
	// SchemaKnown says that the columns of every table it names were read.
	SchemaKnown bool
	// Served names an index of the schema that serves the statement as it is.
	Served string
	// KeyAssumed says that without a schema a column named id was taken for the primary key, which would serve.
	KeyAssumed bool
	// Why says why no index is proposed, in a word: "locks", "small table", "few rows read", "most rows match",
	// "served", "key assumed", "rewrite", "no condition", "not understood", "too long",
	// "little to gain", "writes cost more", "beyond the limit".
	Why string
	// GainUS estimates what of the class's time the best of Indexes takes away.
	GainUS float64
}

// A Plan is the indexes that the statements of a digest lack.
type Plan struct {
	Indexes []*Index // by the time of what they serve
	Classes map[string]*ClassPlan
}

// PlanIndexes derives the indexes that statements lack. mixed says that the server sorts index columns
// in different directions: MySQL 8.0, MariaDB 10.8.
func PlanIndexes(statements []Statement, catalog *Catalog, engine analyzers.Engine) *Plan {
	p := &Plan{Classes: map[string]*ClassPlan{}}
	mixed, known := mixedOrder(engine), knowledge{}
	var all []*candidate
	for i := range statements {
		st := &statements[i]
		plan := &ClassPlan{}
		p.Classes[st.Class.ID] = plan
		cands := candidates(st, catalog, known, mixed, plan)
		if plan.Why = cmp.Or(plan.Why, unworthy(st, cands)); plan.Why == "" {
			all = append(all, cands...)
		}
	}
	choose(mergeCandidates(all), trafficOf(statements, catalog), catalog, known, p)
	return p
}

func mixedOrder(e analyzers.Engine) bool {
	switch e.Name {
	case "mariadb":
		return slices.Compare(e.Version[:], []int{10, 8, 0}) >= 0
	case "mysql", "percona":
		return e.Version[0] >= 8
	}
	return false
}

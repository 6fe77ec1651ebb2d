package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
	"dbtriage/collectors/mysql/scratch"
)

// maxClasses bounds the classes that are measured of one table, those with most time first.
const maxClasses = 20

// A Table names a table as the dictionary spells it.
type Table struct{ Schema, Name string }

func (t Table) String() string { return sqlshape.Table(t).String() }

// A Candidate is an index to be verified.
type Candidate struct {
	Table Table
	Index collectors.Index
	// Advised says that it was derived from the log, for Classes; else it was asked for.
	Advised bool
	Classes []string
	// Writes are logged statements that would have to maintain it: every INSERT and DELETE, and the UPDATEs of
	// its columns.
	Writes Writes
	// Why says why it cannot be verified; empty when it may be.
	Why string

	online bool // it can be built while the table is written to
}

// Writes are counts of logged statements.
type Writes struct{ Inserts, Updates, Deletes int64 }

// DDL returns the statement that makes the index, whole and ready to be run.
func (c *Candidate) DDL() string {
	var columns []string
	for _, col := range c.Index.Columns {
		text := sqlshape.Quote(col.Name)
		if col.Prefix > 0 {
			text += fmt.Sprintf("(%d)", col.Prefix)
		}
		if col.Desc {
			text += " DESC"
		}
		columns = append(columns, text)
	}
	kind, how := "INDEX", ""
	if c.Index.Unique {
		kind = "UNIQUE INDEX"
	}
	if c.online {
		how = ", ALGORITHM=INPLACE, LOCK=NONE"
	}
	return fmt.Sprintf("ALTER TABLE %s ADD %s %s (%s)%s", c.quoted(), kind, sqlshape.Quote(c.Index.Name), strings.Join(columns, ", "), how)
}

// Undo returns the statement that drops it again.
func (c *Candidate) Undo() string {
	return "ALTER TABLE " + c.quoted() + " DROP INDEX " + sqlshape.Quote(c.Index.Name)
}

// Check returns the statement that shows whether the server has it, and how many values it tells apart.
func (c *Candidate) Check() string {
	return "SHOW INDEX FROM " + c.quoted() + " WHERE Key_name = '" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(c.Index.Name) + "'"
}

func (c *Candidate) quoted() string { return advise.QuoteTable(sqlshape.Table(c.Table)) }

// A Class is a class of the log that touches the table of a candidate.
type Class struct {
	ID, Fingerprint string
	Kind            analyzers.Kind
	Calls, TimeUS   int64
	P50US, P95US    int64
	Schema          string // the default one in which it spent most time
	Tables          []Table
	Samples         []Sample
	// Why says why it is not measured; empty when it may be.
	Why string

	qualified []string // schemas that its statements name
}

// Touches reports whether statements of the class read or change a table.
func (c *Class) Touches(t Table) bool { return slices.Contains(c.Tables, t) }

// Statement returns a sample as it is run on the scratch schema; why says why it is not.
func (c *Class) Statement(s *Sample) (sql, why string) { return Readable(s.SQL, c.qualified) }

// A Plan is what is measured.
type Plan struct {
	Candidates []*Candidate
	Classes    []*Class
	Tables     []scratch.Wanted
	// Beyond counts classes that touch the tables and are not measured, for those that are take more time.
	Beyond int
	// Unread counts statements that no parser understood: whether they touch the tables is not known.
	Unread int64

	// InScratch says of each table what became of its copy.
	InScratch map[Table]scratch.Copied
}

// NewPlan picks what is to be measured to verify indexes.
func NewPlan(asked []Asked, statements []advise.Statement, catalog *advise.Catalog) *Plan {
	p := &Plan{InScratch: map[Table]scratch.Copied{}}
	byTable := map[*collectors.Table]bool{}
	for _, a := range asked {
		c := &Candidate{Table: Table(a.Table), Index: a.Index, Advised: len(a.Classes) > 0, Classes: a.Classes}
		t := catalog.Find(a.Table, a.Schema)
		if t == nil {
			c.Why = "the server has no such table, or several: name it with its schema"
			p.Candidates = append(p.Candidates, c)
			continue
		}
		c.Table = Table{t.Schema, t.Name}
		if same := p.twin(c); same != nil { // statements name one table in two ways
			same.Classes = append(slices.Clone(same.Classes), c.Classes...)
			continue
		}
		p.Candidates = append(p.Candidates, c)
		byTable[t], c.online = true, strings.EqualFold(t.Engine, "InnoDB")
		c.Writes = writesTo(statements, catalog, t, a.Index)
	}
	w := wants{seen: map[*collectors.Table]bool{}, edges: map[*collectors.Table][]edge{}}
	var roots []*collectors.Table
	for _, c := range p.Candidates {
		if t := catalog.Find(sqlshape.Table(c.Table), ""); c.Why == "" && !slices.Contains(roots, t) {
			roots = append(roots, t)
		}
	}
	perTable := map[*collectors.Table]int{}
	for i := range statements {
		p.take(&statements[i], catalog, byTable, perTable, &w)
	}
	p.Tables = w.order(roots)
	return p
}

// twin returns the candidate that is the same index of the same table, whatever its name; nil without one.
func (p *Plan) twin(c *Candidate) *Candidate {
	i := slices.IndexFunc(p.Candidates, func(have *Candidate) bool {
		return have.Table == c.Table && have.Index.Unique == c.Index.Unique && slices.EqualFunc(have.Index.Columns, c.Index.Columns, func(a, b collectors.IndexColumn) bool {
			return strings.EqualFold(a.Name, b.Name) && a.Prefix == b.Prefix && a.Desc == b.Desc
		})
	})
	if i < 0 {
		return nil
	}
	return p.Candidates[i]
}

// take adds a class when it touches the table of a candidate.
func (p *Plan) take(st *advise.Statement, catalog *advise.Catalog, byTable map[*collectors.Table]bool, perTable map[*collectors.Table]int, w *wants) {
	if st.Shape.Guessed {
		p.Unread += st.Class.Time.Count
		return
	}
	var tables []*collectors.Table
	c := &Class{ID: st.Class.ID, Fingerprint: st.Class.Fingerprint, Kind: st.Class.Kind, Calls: st.Class.Time.Count, TimeUS: st.Class.Time.Sum, Schema: st.Schema}
	touches, room := false, false
	for _, named := range slices.Concat(st.Shape.Reads, st.Shape.Writes) {
		t := catalog.Find(named, st.Schema)
		if t == nil {
			c.Why = "the server has no table " + named.String()
			continue
		}
		tables = append(tables, t)
		if c.Schema == "" {
			c.Schema = t.Schema // its names are found in no other
		}
		if c.Tables = append(c.Tables, Table{t.Schema, t.Name}); byTable[t] {
			touches, room = true, room || perTable[t] < maxClasses
		}
		if named.Schema != "" && !slices.Contains(c.qualified, named.Schema) {
			c.qualified = append(c.qualified, named.Schema)
		}
	}
	if !touches || !slices.Contains([]string{"select", "update", "delete"}, st.Shape.Verb) {
		return
	}
	if !room {
		p.Beyond++
		return
	}
	for _, t := range tables {
		perTable[t]++
	}
	c.P50US, _ = st.Class.Time.Quantile(0.5)
	c.P95US, _ = st.Class.Time.Quantile(0.95)
	p.Classes = append(p.Classes, c)
	if c.Why == "" {
		w.add(st, catalog, tables)
	}
}

// writesTo counts the logged statements that would have to maintain an index.
func writesTo(statements []advise.Statement, catalog *advise.Catalog, table *collectors.Table, x collectors.Index) (n Writes) {
	indexed := func(a sqlshape.Assignment) bool {
		return slices.ContainsFunc(x.Columns, func(c collectors.IndexColumn) bool { return strings.EqualFold(c.Name, a.Column.Name) })
	}
	for i := range statements {
		st := &statements[i]
		if !slices.ContainsFunc(st.Shape.Writes, func(t sqlshape.Table) bool { return catalog.Find(t, st.Schema) == table }) {
			continue
		}
		switch st.Shape.Verb {
		case "insert", "replace":
			n.Inserts += st.Class.Time.Count
		case "update":
			if slices.ContainsFunc(st.Shape.Set, indexed) {
				n.Updates += st.Class.Time.Count
			}
		case "delete":
			n.Deletes += st.Class.Time.Count
		}
	}
	return n
}

// wants collects the tables that are needed, and by which columns they are joined.
type wants struct {
	all   []*collectors.Table
	seen  map[*collectors.Table]bool
	edges map[*collectors.Table][]edge
}

// An edge leads from a table to one that is joined to it.
type edge struct {
	column  string // of the table that it leads from
	to      *collectors.Table
	partner string // the column of that one
}

func (w *wants) add(st *advise.Statement, catalog *advise.Catalog, tables []*collectors.Table) {
	for _, t := range tables {
		if !w.seen[t] {
			w.seen[t] = true
			w.all = append(w.all, t)
		}
	}
	for i := range st.Shape.Blocks {
		b := &st.Shape.Blocks[i]
		table := func(c sqlshape.Column) *collectors.Table {
			if c.Source < 0 || b.Sources[c.Source].Table.Name == "" {
				return nil
			}
			return catalog.Find(b.Sources[c.Source].Table, st.Schema)
		}
		for _, j := range b.Joins {
			left, right := table(j.Left), table(j.Right)
			if left == nil || right == nil || left == right {
				continue
			}
			w.edges[left] = append(w.edges[left], edge{j.Left.Name, right, j.Right.Name})
			w.edges[right] = append(w.edges[right], edge{j.Right.Name, left, j.Left.Name})
		}
	}
}

// order lists the tables so that one comes after the one whose rows say which of its own are needed: first those
// of the candidates, then what is joined to them, then the others.
func (w *wants) order(roots []*collectors.Table) (out []scratch.Wanted) {
	placed := map[*collectors.Table]bool{}
	var queue []*collectors.Table
	place := func(t *collectors.Table, by *edge, from *collectors.Table) {
		if placed[t] {
			return
		}
		placed[t] = true
		queue = append(queue, t)
		want := scratch.Wanted{Schema: t.Schema, Name: t.Name}
		if by != nil {
			want.Column, want.Partner, want.PartnerColumn = by.partner, from.Name, by.column
		}
		out = append(out, want)
	}
	for _, t := range slices.Concat(roots, w.all) {
		place(t, nil, nil)
		for len(queue) > 0 {
			next := queue[0]
			queue = queue[1:]
			for _, e := range w.edges[next] {
				place(e.to, &e, next)
			}
		}
	}
	return out
}

// Copied takes in what became of the tables: a class that lacks one is not measured, nor is an index on one.
func (p *Plan) Copied(all []scratch.Copied) {
	for _, c := range all {
		p.InScratch[Table{c.Schema, c.Name}] = c
	}
	refused := func(t Table) string {
		if c, ok := p.InScratch[t]; ok && c.Refused != "" {
			return fmt.Sprintf("table %s: %s", t, c.Refused)
		}
		return ""
	}
	for _, c := range p.Classes {
		for _, t := range c.Tables {
			c.Why = cmp.Or(c.Why, refused(t))
		}
	}
	for _, c := range p.Candidates {
		c.Why = cmp.Or(c.Why, refused(c.Table))
	}
}

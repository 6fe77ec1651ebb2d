package advise

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// Limits of what is proposed: the more indexes, the more each write costs, and the less anyone reads.
const (
	maxPerTable = 3
	maxIndexes  = 8
	maxWidth    = 5
	maxNameSize = 64 // characters of an identifier
)

// minRows is the size below which reading the whole table is as good as an index, and readPerRow how
// many rows read for each one needed are no waste worth an index.
const (
	minRows    = 1_000
	readPerRow = 3
	lockBound  = 0.3 // share of Lock_time above which the plan is not what is slow
)

// A indexColumn is one column of an index to be.
type indexColumn struct {
	name string
	desc bool
}

// An Index is one that statements lack.
type Index struct {
	Table sqlshape.Table // as statements name it
	Name  string
	// Columns are as DDL writes them, in order: "status", "`key`", "created_at DESC".
	Columns []string
	Classes []string // ids of the classes it serves, those with most time first
	TimeUS  int64    // of these classes
	// SchemaKnown says that the table's columns and indexes were read, so that it is known to be new.
	SchemaKnown bool
	// Extends is an index of the table that this one makes redundant; empty when there is none.
	Extends string
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
	Index    *Index    // to make; nil when none is known to help
	Rewrites []Rewrite // conditions that no index can serve
	// SchemaKnown says that the columns of every table it names were read.
	SchemaKnown bool
	// Served names an index of the schema that serves the statement as it is.
	Served string
	// KeyAssumed says that without a schema a column named id was taken for the primary key, which would serve.
	KeyAssumed bool
	// Why says why no index is proposed, in a word: "locks", "small table", "few rows read",
	// "served", "key assumed", "rewrite", "or", "no condition", "not understood", "beyond the limit".
	Why string
}

// A Plan is the indexes that the statements of a digest lack.
type Plan struct {
	Indexes []*Index // by the time of what they serve
	Classes map[string]*ClassPlan
}

// A candidate is an index that one block of one class would use. Columns of one group may stand in any
// order; groups may not.
type candidate struct {
	table   sqlshape.Table
	known   *collectors.Table
	groups  [][]indexColumn
	classes []string
	timeUS  int64
	extends string
	// noKey says that what was read refutes that a column named id is the primary key.
	noKey bool
}

// PlanIndexes derives the indexes that statements lack. mixed says that the server sorts index columns
// in different directions: MySQL 8.0, MariaDB 10.8.
func PlanIndexes(statements []Statement, catalog *Catalog, engine analyzers.Engine) *Plan {
	p := &Plan{Classes: map[string]*ClassPlan{}}
	mixed := mixedOrder(engine)
	var all []*candidate
	for i := range statements {
		st := &statements[i]
		plan := &ClassPlan{}
		p.Classes[st.Class.ID] = plan
		cands := candidates(st, catalog, mixed, plan)
		if plan.Why = cmp.Or(plan.Why, unworthy(st, cands)); plan.Why != "" {
			continue
		}
		all = append(all, cands...)
	}
	all = mergeCandidates(all)
	perTable := map[string]int{}
	for _, c := range all {
		x := c.index(statements, catalog)
		keep := len(p.Indexes) < maxIndexes && perTable[x.Table.String()] < maxPerTable
		if keep {
			perTable[x.Table.String()]++
			p.Indexes = append(p.Indexes, x)
		}
		for _, id := range c.classes {
			plan := p.Classes[id]
			switch {
			case plan.Index != nil:
			case keep:
				plan.Index, plan.Why = x, ""
			default:
				plan.Why = "beyond the limit"
			}
		}
	}
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

// unworthy says why a class gains nothing from an index; "" when it may.
func unworthy(st *Statement, cands []*candidate) string {
	c := st.Class
	if len(cands) == 0 {
		return "no condition"
	}
	if c.Time.Sum > 0 && float64(c.LockUS)/float64(c.Time.Sum) > lockBound {
		return "locks"
	}
	if !slices.ContainsFunc(cands, func(x *candidate) bool { return x.known == nil || x.known.Rows < 0 || x.known.Rows >= minRows }) {
		return "small table"
	}
	if c.RowsExaminedKnown == 0 {
		return ""
	}
	read := float64(c.RowsExamined) / float64(c.RowsExaminedKnown)
	needed := 1.0
	if c.RowsSentKnown > 0 {
		needed = max(needed, float64(c.RowsSent)/float64(c.RowsSentKnown)+float64(c.RowsAffected)/float64(max(c.RowsAffectedKnown, 1)))
	}
	if read <= readPerRow*needed {
		return "few rows read"
	}
	return ""
}

// candidates returns what the blocks of a statement would use, and notes what no index can serve.
func candidates(st *Statement, catalog *Catalog, mixed bool, plan *ClassPlan) (out []*candidate) {
	s := &st.Shape
	if s.Guessed || s.Cut || len(s.Blocks) == 0 {
		plan.Why = "not understood"
		return nil
	}
	plan.SchemaKnown = true
	for i := range s.Blocks {
		b := &s.Blocks[i]
		all := accesses(b, st.Schema, catalog)
		driver := linkJoins(all)
		for n, a := range all {
			plan.Rewrites = append(plan.Rewrites, a.rewrites...)
			base := b.Sources[n].Table.Name != ""
			plan.SchemaKnown = plan.SchemaKnown && (!base || a.table != nil)
			if !base || a.unsure {
				continue
			}
			alone := n == driver || len(a.joined) == 0 && a.strength() > 1
			for _, groups := range a.groups(st.Class, alone, mixed) {
				c := &candidate{table: b.Sources[n].Table, known: a.table, groups: groups, classes: []string{st.Class.ID}, timeUS: st.Class.Time.Sum}
				c.noKey = refutesKey(st, a)
				served, ok := c.fit()
				if served != "" {
					plan.Served = served
				}
				plan.KeyAssumed = plan.KeyAssumed || c.known == nil && !ok
				if ok {
					out = append(out, c)
				}
			}
			plan.Rewrites = append(plan.Rewrites, a.orRewrites()...)
		}
	}
	switch {
	case len(out) > 0:
	case len(plan.Rewrites) > 0:
		plan.Why = "rewrite"
	case plan.Served != "":
		plan.Why = "served"
	case plan.KeyAssumed:
		plan.Why = "key assumed"
	}
	return out
}

// groups returns the column groups of the indexes that would serve an access: one, or one for each
// branch of an OR that the server can merge.
func (a *access) groups(c *analyzers.Class, driver, mixed bool) [][][]indexColumn {
	equal := slices.Clone(a.equal)
	if !driver {
		if len(a.joined) == 0 {
			return nil
		}
		for _, name := range a.joined {
			equal = appendNew(equal, name)
		}
	}
	var tail []indexColumn
	if driver {
		tail = a.tail(limitStops(c, a.block), mixed)
		if len(equal)+len(a.in) == 0 && len(a.ranges) == 0 && !a.block.Limited {
			tail = nil // the whole table, sorted: an index would only be another way to read it all
		}
	} else if len(a.ranges) > 0 {
		tail = []indexColumn{{name: a.bestRange("")}}
	}
	var groups [][]indexColumn
	if len(equal) > 0 {
		groups = append(groups, columnsOf(equal))
	}
	if len(a.in) > 0 {
		groups = append(groups, columnsOf(a.in[:min(len(a.in), 2)]))
	}
	for _, col := range tail {
		if !slices.Contains(equal, col.name) && !slices.Contains(a.in, col.name) {
			groups = append(groups, []indexColumn{col})
		}
	}
	if len(groups) == 0 {
		return a.orGroups()
	}
	return [][][]indexColumn{trim(groups)}
}

// limitStops reports whether a LIMIT ends the reading early: when fewer rows come back than it
// allows, all that match were read, and the range that leaves fewest is worth more than the order.
func limitStops(c *analyzers.Class, b *sqlshape.Block) bool {
	if b.Limit <= 0 || c.RowsSentKnown == 0 {
		return true
	}
	return float64(c.RowsSent)/float64(c.RowsSentKnown) >= 0.9*float64(b.Limit)
}

func columnsOf(names []string) []indexColumn {
	out := make([]indexColumn, len(names))
	for i, n := range names {
		out[i].name = n
	}
	return out
}

func trim(groups [][]indexColumn) [][]indexColumn {
	width := 0
	for i, g := range groups {
		if width+len(g) > maxWidth {
			groups[i] = g[:maxWidth-width]
			if len(groups[i]) == 0 {
				return groups[:i]
			}
			return groups[:i+1]
		}
		width += len(g)
	}
	return groups
}

// orGroups returns an index for each branch of an OR, when every branch has one: index_merge.
func (a *access) orGroups() (out [][][]indexColumn) {
	if len(a.block.Ors) != 1 || len(a.block.Sources) != 1 {
		return nil
	}
	for _, branch := range a.block.Ors[0].Branches {
		b := &access{block: a.block, n: a.n, table: a.table}
		for _, p := range branch {
			b.add(p)
		}
		var groups [][]indexColumn
		if len(b.equal) > 0 {
			groups = append(groups, columnsOf(b.equal))
		}
		switch {
		case len(b.in) > 0:
			groups = append(groups, columnsOf(b.in[:1]))
		case len(b.ranges) > 0:
			groups = append(groups, []indexColumn{{name: b.bestRange("")}})
		}
		if len(groups) == 0 {
			return nil
		}
		out = append(out, trim(groups))
	}
	return out
}

// orRewrites notes an OR of which some branch can use no index.
func (a *access) orRewrites() []Rewrite {
	if len(a.block.Ors) == 0 || len(a.equal)+len(a.in)+len(a.ranges) > 0 || a.n != 0 || a.orGroups() != nil {
		return nil
	}
	return []Rewrite{{Table: a.block.Sources[a.n].Table.String(), Cause: "or"}}
}

// fit puts the columns of a candidate into the order that shares most with the indexes there are.
// ok is false when one of them already serves, which it names, or nothing is left to index.
func (c *candidate) fit() (served string, ok bool) {
	if c.known == nil {
		return c.fitUnknown()
	}
	pk := primaryKey(c.known)
	usable := func(x collectors.Index) bool {
		return !x.Ignored && len(x.Columns) > 0 && (x.Kind == "" || strings.EqualFold(x.Kind, "BTREE"))
	}
	for _, x := range c.known.Indexes {
		if usable(x) && c.servedBy(x, pk) {
			return x.Name, false
		}
	}
	c.stripKey(pk)
	best := 0
	for _, x := range c.known.Indexes {
		if !usable(x) {
			continue
		}
		groups, shared := c.shared(x)
		if shared > best {
			best = shared
			c.groups = groups
			c.extends = ""
			if shared == len(x.Columns) && !x.Unique {
				c.extends = x.Name
			}
		}
	}
	if best == 0 {
		c.byValues()
	}
	return "", true
}

// refutesKey reports whether statements that compare a column named id with a value read more rows than one by
// its key: then it is not the primary key, or the value is of a type with which the key cannot be used.
func refutesKey(st *Statement, a *access) bool {
	c := st.Class
	return len(st.Shape.Blocks) == 1 && len(a.block.Sources) == 1 && slices.Contains(a.equal, "id") &&
		c.RowsExaminedKnown > 0 && c.RowsExamined >= minRows*c.RowsExaminedKnown
}

// fitUnknown does without a schema: a column named id is taken for the primary key, unless what was read refutes it.
func (c *candidate) fitUnknown() (served string, ok bool) {
	if !c.noKey && slices.ContainsFunc(c.groups[0], func(x indexColumn) bool { return x.name == "id" }) {
		return "", false
	}
	c.stripKey([]string{"id"})
	return "", len(c.groups) > 0
}

// stripKey takes the primary key off the end: InnoDB appends it to every other index.
func (c *candidate) stripKey(pk []string) {
	n := len(c.groups)
	if len(pk) == 0 || n <= len(pk) {
		return
	}
	for i, name := range pk {
		g := c.groups[n-len(pk)+i]
		if len(g) != 1 || g[0].name != name || g[0].desc {
			return
		}
	}
	c.groups = c.groups[:n-len(pk)]
}

// servedBy reports whether an index has the columns in an order that serves.
func (c *candidate) servedBy(x collectors.Index, pk []string) bool {
	if x.Unique && len(c.groups) > 0 { // equal to all of a unique key: one row
		unique := names(x)
		if !slices.ContainsFunc(unique, func(name string) bool {
			return !slices.ContainsFunc(c.groups[0], func(g indexColumn) bool { return g.name == name })
		}) {
			return true
		}
	}
	var cols []indexColumn
	for _, col := range x.Columns {
		cols = append(cols, indexColumn{strings.ToLower(col.Name), col.Desc})
		if col.Prefix > 0 {
			break // what follows a prefix is in no order
		}
	}
	if len(cols) == len(x.Columns) && strings.EqualFold(c.known.Engine, "InnoDB") {
		for _, name := range pk {
			cols = append(cols, indexColumn{name: name})
		}
	}
	at, turned, known := 0, false, false
	for i, g := range c.groups {
		if at+len(g) > len(cols) {
			return false
		}
		part := cols[at : at+len(g)]
		for _, want := range g {
			j := slices.IndexFunc(part, func(have indexColumn) bool { return have.name == want.name })
			if j < 0 {
				return false
			}
			if i > 0 && len(g) == 1 { // of an order all columns run one way or all the other
				differ := part[j].desc != want.desc
				if known && differ != turned {
					return false
				}
				turned, known = differ, true
			}
		}
		at += len(g)
	}
	return true
}

// shared returns how many leading columns of an index the candidate can begin with, and the groups in
// that order.
func (c *candidate) shared(x collectors.Index) (groups [][]indexColumn, n int) {
	rest := slices.Clone(c.groups)
	for _, col := range x.Columns {
		name := strings.ToLower(col.Name)
		if len(rest) == 0 || col.Prefix > 0 {
			break
		}
		i := slices.IndexFunc(rest[0], func(g indexColumn) bool { return g.name == name && g.desc == col.Desc })
		if i < 0 {
			break
		}
		groups = append(groups, rest[0][i:i+1])
		left := slices.Delete(slices.Clone(rest[0]), i, i+1)
		n++
		if len(left) == 0 {
			rest = rest[1:]
			continue
		}
		rest[0] = left
	}
	return append(groups, rest...), n
}

// byValues puts the equality columns with most values first, where the dictionary knows them all.
func (c *candidate) byValues() {
	first := c.groups[0]
	counts := map[string]int64{}
	for _, col := range first {
		n, ok := distinct(c.known, col.name)
		if !ok {
			return
		}
		counts[col.name] = n
	}
	sorted := slices.Clone(first)
	slices.SortStableFunc(sorted, func(a, b indexColumn) int { return cmp.Compare(counts[b.name], counts[a.name]) })
	c.groups = append([][]indexColumn{sorted}, c.groups[1:]...)
}

// mergeCandidates folds candidates that a wider one of the same table serves too, and orders them by
// the time of what they serve.
func mergeCandidates(all []*candidate) []*candidate {
	slices.SortStableFunc(all, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.width(), a.width()), cmp.Compare(b.timeUS, a.timeUS))
	})
	var out []*candidate
	for _, c := range all {
		i := slices.IndexFunc(out, func(w *candidate) bool {
			if w.table != c.table {
				return false
			}
			groups, ok := refine(w.groups, c.groups)
			if ok {
				w.groups = groups
			}
			return ok
		})
		if i < 0 {
			out = append(out, c)
			continue
		}
		w := out[i]
		for _, id := range c.classes {
			if !slices.Contains(w.classes, id) {
				w.classes = append(w.classes, id)
				w.timeUS += c.timeUS
			}
		}
		w.extends = cmp.Or(w.extends, c.extends)
	}
	slices.SortStableFunc(out, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.timeUS, a.timeUS), cmp.Compare(a.table.String(), b.table.String()))
	})
	return out
}

func (c *candidate) width() (n int) {
	for _, g := range c.groups {
		n += len(g)
	}
	return n
}

// refine puts the columns of wide into an order that begins with those of narrow; ok is false when
// there is none.
func refine(wide, narrow [][]indexColumn) (out [][]indexColumn, ok bool) {
	w, n := slices.Clone(wide), slices.Clone(narrow)
	for len(n) > 0 {
		if len(w) == 0 {
			return nil, false
		}
		both, onlyW, onlyN := split(w[0], n[0])
		switch {
		case len(both) == 0, len(onlyW) > 0 && len(onlyN) > 0:
			return nil, false
		case len(onlyN) > 0: // the wide one says which of them come first
			out, w, n[0] = append(out, both), w[1:], onlyN
		case len(onlyW) > 0:
			out, w[0], n = append(out, both), onlyW, n[1:]
		default:
			out, w, n = append(out, both), w[1:], n[1:]
		}
	}
	return append(out, w...), true
}

func split(a, b []indexColumn) (both, onlyA, onlyB []indexColumn) {
	for _, c := range a {
		if slices.Contains(b, c) {
			both = append(both, c)
		} else {
			onlyA = append(onlyA, c)
		}
	}
	for _, c := range b {
		if !slices.Contains(a, c) {
			onlyB = append(onlyB, c)
		}
	}
	return both, onlyA, onlyB
}

func (c *candidate) index(statements []Statement, catalog *Catalog) *Index {
	x := &Index{Table: c.table, Classes: c.classes, TimeUS: c.timeUS, SchemaKnown: c.known != nil, Extends: c.extends}
	x.Online = c.known == nil || c.known.Engine == "" || strings.EqualFold(c.known.Engine, "InnoDB")
	plain := []string{c.table.Name}
	for _, g := range c.groups {
		for _, col := range g {
			plain = append(plain, col.name)
			text := sqlshape.Quote(col.name)
			if col.desc {
				text += " DESC"
			}
			x.Columns = append(x.Columns, text)
		}
	}
	x.Name = indexName(plain, c.known)
	x.Writes = writesTo(statements, catalog, c.table, plain[1:])
	return x
}

// indexName makes a name of table and columns that the table does not have yet.
func indexName(parts []string, t *collectors.Table) string {
	name := "ix_" + strings.Join(parts, "_")
	if runes := []rune(name); len(runes) > maxNameSize {
		name = string(runes[:maxNameSize])
	}
	taken := func(name string) bool {
		return t != nil && slices.ContainsFunc(t.Indexes, func(x collectors.Index) bool { return strings.EqualFold(x.Name, name) })
	}
	for n := 2; taken(name) && n < 100; n++ {
		suffix := fmt.Sprintf("_%d", n)
		name = string([]rune(name)[:min(len([]rune(name)), maxNameSize-len(suffix))]) + suffix
	}
	return name
}

// writesTo counts the statements that would maintain an index: every INSERT and DELETE, and the
// UPDATEs of its columns.
func writesTo(statements []Statement, catalog *Catalog, table sqlshape.Table, cols []string) (n int64) {
	for i := range statements {
		st := &statements[i]
		same := func(t sqlshape.Table) bool {
			return t == table || t.Name == table.Name && (t.Schema == "" || table.Schema == "") && catalog.Find(t, st.Schema) == catalog.Find(table, st.Schema)
		}
		if !slices.ContainsFunc(st.Shape.Writes, same) {
			continue
		}
		if st.Shape.Verb == "update" && !slices.ContainsFunc(st.Shape.Set, func(a sqlshape.Assignment) bool {
			return slices.Contains(cols, strings.ToLower(a.Column.Name))
		}) {
			continue
		}
		n += st.Class.Time.Count
	}
	return n
}

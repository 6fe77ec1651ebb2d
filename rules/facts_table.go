package rules

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/advise"
	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// lockingEngines lock all of a table for each write and can become InnoDB. Other engines lock rows (RocksDB, NDB,
// TokuDB), hold no rows of their own (Spider, FEDERATED, MERGE, BLACKHOLE) or are meant to be as they are (MEMORY,
// ARCHIVE, ColumnStore).
var lockingEngines = []string{"MYISAM", "ARIA"}

// A tableUse is how the logged statements use a table.
type tableUse struct {
	reads, writes float64
	timeShare     float64 // of all statement time
}

// ownTables returns the user's tables, the largest first.
func ownTables(tables []collectors.Table) (own []*collectors.Table) {
	for i := range tables {
		if !slices.Contains(systemSchemas, strings.ToLower(tables[i].Schema)) {
			own = append(own, &tables[i])
		}
	}
	slices.SortStableFunc(own, func(a, b *collectors.Table) int {
		return cmp.Or(cmp.Compare(b.DataBytes+b.IndexBytes, a.DataBytes+a.IndexBytes), cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Name, b.Name))
	})
	return own
}

// tableName is a table's name with its schema, where that is known.
func tableName(t *collectors.Table) string {
	if t.Schema == "" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// tableSubjects returns the facts of the user's tables, the largest first.
func tableSubjects(tables []collectors.Table, uses map[string]tableUse) []subjectFacts {
	own := ownTables(tables)
	own = own[:min(len(own), maxSubjects)]
	out := make([]subjectFacts, 0, len(own))
	for _, t := range own {
		name := tableName(t)
		m := factMap{"table": shorten(name, maxName), "table_sql": advise.QuoteTable(sqlshape.Table{Schema: t.Schema, Name: t.Name})}
		sizeFacts(m, t)
		if use, known := uses[strings.ToLower(t.Name)]; known {
			m.num("table_reads", use.reads)
			m.num("table_writes", use.writes)
			m.num("share", use.timeShare)
			if use.reads+use.writes > 0 {
				m.num("table_write_share", use.writes/(use.reads+use.writes))
				if class, ok := analyzers.ClassOf(int64(use.reads), int64(use.writes)); ok {
					m["table_workload"] = string(class)
				}
			}
		} else if uses != nil {
			m.num("table_reads", 0)
			m.num("table_writes", 0)
		}
		if t.Columns != nil {
			columnFacts(m, t)
		}
		if t.Indexes != nil || t.Columns != nil {
			indexesOf(m, t)
		}
		out = append(out, subjectFacts{Subject{Kind: "table", ID: shorten(name, maxLabel), Label: shorten(name, maxLabel)}, m})
	}
	return out
}

// locksWholeTable reports whether a statement uses a table that is known to be of an engine with table locks.
func locksWholeTable(catalog *advise.Catalog, st *advise.Statement) bool {
	return slices.ContainsFunc(slices.Concat(st.Shape.Writes, st.Shape.Reads), func(name sqlshape.Table) bool {
		t := catalog.Find(name, st.Schema)
		return t != nil && slices.Contains(lockingEngines, strings.ToUpper(t.Engine))
	})
}

func sizeFacts(m factMap, t *collectors.Table) {
	if t.Engine != "" {
		m["engine"] = strings.ToUpper(shorten(t.Engine, maxName))
		m["table_locks"] = slices.Contains(lockingEngines, m["engine"].(string))
	}
	if t.Rows >= 0 {
		m.num("table_rows", float64(t.Rows))
	}
	if t.DataBytes >= 0 {
		m.num("table_bytes", float64(t.DataBytes+max(t.IndexBytes, 0)))
		if t.Rows > 0 {
			m.num("row_bytes", float64(t.DataBytes)/float64(t.Rows))
			m.num("tree_depth", treeDepth(float64(t.Rows), float64(t.DataBytes)))
		}
	}
	if t.FreeBytes >= 0 {
		m.num("free_bytes", float64(t.FreeBytes))
		m.num("free_share", float64(t.FreeBytes)/float64(max(max(t.DataBytes, 0)+max(t.IndexBytes, 0)+t.FreeBytes, 1)))
	}
}

// fanout is how many children a page of a B+tree has with a key of eight bytes: 16 KiB over some
// 14 bytes an entry, two thirds full.
const fanout = 800

// treeDepth estimates the pages that are read from the root to a row.
func treeDepth(rows, bytes float64) float64 {
	leaves := max(bytes/(16<<10), 1)
	return 1 + math.Ceil(math.Log(leaves)/math.Log(fanout))
}

// integerMax is the largest value of an integer column by its type, signed.
var integerMax = map[string]float64{
	"tinyint": math.MaxInt8, "smallint": math.MaxInt16, "mediumint": 1<<23 - 1, "int": math.MaxInt32, "integer": math.MaxInt32, "bigint": math.MaxInt64,
}

var (
	// timeName and moneyColumn match what names of columns promise to hold.
	timeName    = regexp.MustCompile(`(^|_)(date|time|datetime|timestamp|day|at)$`)
	moneyColumn = regexp.MustCompile(`(^|_)(price|amount|balance|total|cost|fee|tax|salary|revenue)($|_)`)
	typeLength  = regexp.MustCompile(`\((\d+)\)`)
	uuidName    = regexp.MustCompile(`uuid|guid`)
)

// baseType returns the type's word: "bigint(20) unsigned" is bigint.
func baseType(t string) string {
	t = strings.ToLower(t)
	return t[:max(strings.IndexFunc(t+" ", func(r rune) bool { return r < 'a' || r > 'z' }), 0)]
}

func columnFacts(m factMap, t *collectors.Table) {
	m.num("column_count", float64(len(t.Columns)))
	texts := 0
	for _, c := range t.Columns {
		kind, name := baseType(c.Type), strings.ToLower(c.Name)
		if strings.HasSuffix(kind, "text") || strings.HasSuffix(kind, "blob") || kind == "json" {
			texts++
		}
		switch {
		case kind == "varchar" && timeName.MatchString(name) && m["text_time"] == nil:
			m["text_time"] = shorten(c.Name, maxName)
		case (kind == "float" || kind == "double") && moneyColumn.MatchString(name) && m["float_money"] == nil:
			m["float_money"] = shorten(c.Name+" "+c.Type, maxName)
		}
		if limit := integerMax[kind]; c.AutoIncrement && limit > 0 && t.AutoIncrement > 0 {
			if strings.Contains(strings.ToLower(c.Type), "unsigned") {
				limit = 2*limit + 1
			}
			m.num("ids_used", float64(t.AutoIncrement)/limit)
			m.num("next_id", float64(t.AutoIncrement))
			m["id_column"] = shorten(c.Name+" "+c.Type, maxName)
		}
	}
	if !slices.ContainsFunc(t.Columns, func(c collectors.Column) bool { return c.AutoIncrement }) { // nothing that could run out
		m.num("ids_used", 0)
		m.num("next_id", 0)
	}
	m.num("text_columns", float64(texts))
	m["has_text_time"] = m["text_time"] != nil
	m["has_float_money"] = m["float_money"] != nil
}

// indexesOf adds what is wrong with the indexes of a table beside each other.
func indexesOf(m factMap, t *collectors.Table) {
	column := func(name string) *collectors.Column {
		i := slices.IndexFunc(t.Columns, func(c collectors.Column) bool { return strings.EqualFold(c.Name, name) })
		if i < 0 {
			return nil
		}
		return &t.Columns[i]
	}
	var primary *collectors.Index
	hasKey, inDoubt := false, false // a unique index is a key where none of its columns may be null
	secondary := 0
	for i := range t.Indexes {
		x := &t.Indexes[i]
		if x.Name == "PRIMARY" {
			primary = x
		} else {
			secondary++
		}
		switch {
		case x.Name == "PRIMARY":
			hasKey = true
		case !x.Unique:
		case t.Columns == nil:
			inDoubt = true
		default:
			hasKey = hasKey || !slices.ContainsFunc(x.Columns, func(c collectors.IndexColumn) bool {
				col := column(c.Name)
				return col == nil || col.Nullable
			})
		}
	}
	if hasKey || !inDoubt {
		m["has_key"] = hasKey
	}
	m.num("index_count", float64(secondary))
	m["key_random"] = false
	if primary != nil && len(primary.Columns) > 0 {
		if c := column(primary.Columns[0].Name); c != nil {
			m["key_random"] = randomKey(c)
			m["key_column"] = shorten(c.Name+" "+c.Type, maxName)
		}
	}
	duplicate, redundant, suffixed, unused, coarse := pairs(t, primary)
	for name, found := range map[string][]string{"duplicate": duplicate, "redundant": redundant, "suffixed": suffixed, "coarse": coarse} {
		m[name+"_index"] = len(found) > 0
		if len(found) > 0 {
			m[name+"_index_name"] = shorten(found[0], maxName)
			if name != "suffixed" {
				m[name+"_index_sql"] = sqlshape.Quote(found[0])
			}
			m[name+"_index_beside"] = shorten(found[1], maxName)
		}
	}
	if slices.ContainsFunc(t.Indexes, func(x collectors.Index) bool { return x.ReadsKnown }) {
		m["unused_index"] = len(unused) > 0
		if len(unused) > 0 {
			m["unused_index_name"] = shorten(unused[0], maxName)
			m["unused_index_sql"] = sqlshape.Quote(unused[0])
			m.num("unused_indexes", float64(len(unused)))
		}
	}
}

// randomKey reports whether the values of a key come in no order: UUIDs as text or as they are.
// MariaDB's own type uuid stores them in order of time.
func randomKey(c *collectors.Column) bool {
	kind := baseType(c.Type)
	length := 0
	if s := typeLength.FindStringSubmatch(c.Type); s != nil {
		length, _ = strconv.Atoi(s[1])
	}
	switch kind {
	case "char", "varchar":
		return length == 36 || length == 32 || uuidName.MatchString(strings.ToLower(c.Name)) && length > 20
	case "binary":
		return false // 16 bytes may be ordered: nobody can tell from outside
	}
	return false
}

// comparable indexes are B-trees that the optimizer may use.
func comparable(x *collectors.Index) bool {
	return (x.Kind == "" || strings.EqualFold(x.Kind, "BTREE")) && !x.Ignored && len(x.Columns) > 0
}

// begins reports whether the columns of short are the first ones of long.
func begins(short, long *collectors.Index) bool {
	if len(short.Columns) > len(long.Columns) {
		return false
	}
	for i, c := range short.Columns {
		o := long.Columns[i]
		if !strings.EqualFold(c.Name, o.Name) || c.Prefix != o.Prefix || c.Desc != o.Desc {
			return false
		}
	}
	return true
}

// coarseShare is the share of different values below which an index of one column finds too much.
const coarseShare = 0.0001

// pairs finds an index that another one makes needless. Each answer is the index and the one beside
// it; unused lists all.
func pairs(t *collectors.Table, primary *collectors.Index) (duplicate, redundant, suffixed, unused, coarse []string) {
	for i := range t.Indexes {
		x := &t.Indexes[i]
		if !comparable(x) || x.Name == "PRIMARY" {
			continue
		}
		if x.ReadsKnown && x.Reads == 0 && !x.Unique {
			unused = append(unused, x.Name)
		}
		for k := range t.Indexes {
			o := &t.Indexes[k]
			if i == k || !comparable(o) || !begins(x, o) {
				continue
			}
			same := len(x.Columns) == len(o.Columns)
			switch {
			case duplicate == nil && same && !x.Unique && (o.Unique || k < i), duplicate == nil && same && x.Unique && o.Unique && k < i:
				duplicate = []string{x.Name, o.Name}
			case redundant == nil && !same && !x.Unique:
				redundant = []string{x.Name, o.Name}
			}
		}
		if n := len(x.Columns); suffixed == nil && primary != nil && !x.Unique && n > len(primary.Columns) {
			tail := collectors.Index{Columns: x.Columns[n-len(primary.Columns):]}
			if begins(&tail, primary) {
				suffixed = []string{x.Name, columnList(x.Columns[:n-len(primary.Columns)])}
			}
		}
		if d := x.Columns[0].Distinct; coarse == nil && len(x.Columns) == 1 && !x.Unique && d > 0 && t.Rows > 0 && float64(d) < coarseShare*float64(t.Rows) {
			coarse = []string{x.Name, x.Columns[0].Name}
		}
	}
	return duplicate, redundant, suffixed, unused, coarse
}

func columnList(columns []collectors.IndexColumn) string {
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, ", ")
}

// splitName matches a table of a horizontal split: a name, then a number or two hex digits.
var splitName = regexp.MustCompile(`^(.*[a-z])_?([0-9]{1,4}|[0-9a-f]{2})$`)

// minSplit is how many tables of one name make it a split.
const minSplit = 4

// splitFacts looks for tables that were split horizontally, and whether each numbers its own rows.
func splitFacts(m factMap, tables []collectors.Table) {
	count, numbered := map[string]int{}, map[string]int{}
	columnsKnown := false
	for _, t := range tables {
		part := splitName.FindStringSubmatch(strings.ToLower(t.Name))
		if part == nil || slices.Contains(systemSchemas, strings.ToLower(t.Schema)) {
			continue
		}
		columnsKnown = columnsKnown || t.Columns != nil
		count[part[1]]++
		if slices.ContainsFunc(t.Columns, func(c collectors.Column) bool { return c.AutoIncrement }) {
			numbered[part[1]]++
		}
	}
	best := ""
	for name, n := range count {
		if n >= minSplit && (best == "" || n > count[best] || n == count[best] && name < best) {
			best = name
		}
	}
	m.num("split_tables", float64(count[best]))
	if best == "" {
		return
	}
	m["split_name"] = shorten(best, maxName)
	if columnsKnown {
		m["split_numbered"] = numbered[best] > 1
	}
}

// tableUses adds up the statements by the tables they name; nil without any.
func tableUses(statements []advise.Statement, all *analyzers.StatementTotals) map[string]tableUse {
	var out map[string]tableUse
	for i := range statements {
		st := &statements[i]
		if out == nil {
			out = map[string]tableUse{}
		}
		calls, share := float64(st.Class.Time.Count), float64(st.Class.Time.Sum)/float64(max(all.TimeUS, 1))
		add := func(t sqlshape.Table, reads, writes float64) {
			use := out[strings.ToLower(t.Name)]
			use.reads, use.writes, use.timeShare = use.reads+reads, use.writes+writes, min(use.timeShare+share, 1)
			out[strings.ToLower(t.Name)] = use
		}
		for _, t := range st.Shape.Writes {
			add(t, 0, calls)
		}
		for _, t := range st.Shape.Reads {
			if !slices.Contains(st.Shape.Writes, t) {
				add(t, calls, 0)
			}
		}
	}
	return out
}

// ofTable returns the facts of a table by its name, with or without the schema; nil when the
// dictionary does not have it.
func ofTable(tables []subjectFacts, t sqlshape.Table) factMap {
	for _, sub := range tables {
		schema, name, _ := strings.Cut(sub.subject.ID, ".")
		if name == "" {
			schema, name = "", schema
		}
		if strings.EqualFold(name, t.Name) && (t.Schema == "" || strings.EqualFold(schema, t.Schema)) {
			return sub.facts
		}
	}
	return nil
}

// lackingIndexes adds to each table the index that would save most, of those its statements lack.
func lackingIndexes(tables []subjectFacts, plan *advise.Plan, allUS int64) {
	for _, x := range slices.Backward(plan.Indexes) { // those with most time last
		m := ofTable(tables, x.Home)
		if m == nil {
			continue
		}
		lacking, _ := m["indexes_lacking"].(float64)
		m.num("indexes_lacking", lacking+1)
		m["lacking_ddl"] = x.DDL()
		m["lacking_undo"] = x.Undo()
		m["lacking_columns"] = shorten(strings.Join(x.Columns, ", "), maxName)
		m.num("lacking_queries", float64(len(x.Classes)))
		m.num("lacking_writes", float64(x.Writes))
		m.ratio("lacking_share", x.TimeUS, allUS)
	}
	for _, sub := range tables {
		if sub.facts["indexes_lacking"] == nil && sub.facts["index_count"] != nil {
			sub.facts.num("indexes_lacking", 0)
			sub.facts.num("lacking_queries", 0)
			sub.facts.num("lacking_share", 0)
		}
	}
}

// joinTypes adds to each table a column that statements join with one of another type.
func joinTypes(tables []subjectFacts, statements []advise.Statement, catalog *advise.Catalog) {
	for _, sub := range tables {
		if len(statements) > 0 && sub.facts["column_count"] != nil {
			sub.facts["join_differs"] = false // unless one does
		}
	}
	for i := range statements {
		st := &statements[i]
		for b := range st.Shape.Blocks {
			block := &st.Shape.Blocks[b]
			for _, j := range block.Joins {
				left, leftTable := columnOf(block, j.Left, catalog, st.Schema)
				right, rightTable := columnOf(block, j.Right, catalog, st.Schema)
				if left == nil || right == nil {
					continue
				}
				m := ofTable(tables, leftTable)
				if m == nil || m["join_differs"] == true {
					continue
				}
				how := typesDiffer(left, right)
				m["join_differs"] = how != ""
				if how != "" {
					m["join_column"] = shorten(left.Name+" "+left.Type, maxName)
					m["join_other"] = shorten(rightTable.Name+"."+right.Name+" "+right.Type, maxName)
					m["join_how"] = how
					m["join_query"] = st.Class.ID
				}
			}
		}
	}
}

func columnOf(block *sqlshape.Block, c sqlshape.Column, catalog *advise.Catalog, schema string) (*collectors.Column, sqlshape.Table) {
	if c.Source < 0 || c.Source >= len(block.Sources) {
		return nil, sqlshape.Table{}
	}
	name := block.Sources[c.Source].Table
	t := catalog.Find(name, schema)
	if t == nil {
		return nil, name
	}
	i := slices.IndexFunc(t.Columns, func(o collectors.Column) bool { return strings.EqualFold(o.Name, c.Name) })
	if i < 0 {
		return nil, name
	}
	return &t.Columns[i], name
}

// typeFamilies groups types that compare with one another without a cast of each row.
var typeFamilies = map[string]string{
	"tinyint": "number", "smallint": "number", "mediumint": "number", "int": "number", "integer": "number", "bigint": "number",
	"decimal": "number", "numeric": "number", "float": "number", "double": "number", "year": "number", "bit": "number",
	"char": "text", "varchar": "text", "tinytext": "text", "text": "text", "mediumtext": "text", "longtext": "text", "enum": "text", "set": "text",
	"date": "time", "datetime": "time", "timestamp": "time",
}

// typesDiffer says how two columns differ so that comparing them casts one; empty when they do not,
// or nobody can tell. Numbers of other sizes and signs compare well.
func typesDiffer(a, b *collectors.Column) string {
	x, y := typeFamilies[baseType(a.Type)], typeFamilies[baseType(b.Type)]
	switch {
	case x == "" || y == "":
		return ""
	case x != y:
		return "type"
	case x == "text" && a.Collation != "" && b.Collation != "" && !strings.EqualFold(a.Collation, b.Collation):
		return "collation"
	}
	return ""
}

package mysql

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors"
)

// maxTables bounds what is asked of the dictionary, the largest tables first.
const maxTables = 500

// A tableBook puts together what several answers say of a table.
type tableBook struct {
	tables  map[string]*collectors.Table
	changed bool
}

// all returns a copy of the tables, in order of their names, once after they changed.
func (b *tableBook) all() []collectors.Table {
	if !b.changed {
		return nil
	}
	b.changed = false
	out := make([]collectors.Table, 0, len(b.tables))
	for _, t := range b.tables {
		c := *t
		c.Columns, c.Indexes = slices.Clone(t.Columns), slices.Clone(t.Indexes)
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b collectors.Table) int {
		return cmp.Or(cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func dictionaryGrant(engine) string { return "SELECT ON the schemas to look at" }

// ownSchemas are those of the server itself.
const ownSchemas = "('mysql', 'information_schema', 'performance_schema', 'sys')"

func askTables(*Server) string {
	return "SELECT TABLE_SCHEMA, TABLE_NAME, ENGINE, TABLE_ROWS, DATA_LENGTH, INDEX_LENGTH, DATA_FREE, AUTO_INCREMENT, TABLE_COLLATION FROM information_schema.TABLES " + ownAlias +
		" WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN " + ownSchemas + " ORDER BY DATA_LENGTH + INDEX_LENGTH DESC LIMIT " + strconv.Itoa(maxTables+1)
}

func takeTables(s *Server, a *answer) {
	s.tables = tableBook{tables: map[string]*collectors.Table{}, changed: true}
	if a.cut = len(a.rows) > maxTables; a.cut {
		a.rows = a.rows[:maxTables]
	}
	for _, r := range a.rows {
		t := &collectors.Table{
			Schema: r["TABLE_SCHEMA"], Name: r["TABLE_NAME"], Engine: r["ENGINE"], Rows: r.int("TABLE_ROWS"), DataBytes: r.int("DATA_LENGTH"),
			IndexBytes: r.int("INDEX_LENGTH"), FreeBytes: r.int("DATA_FREE"), AutoIncrement: r.int("AUTO_INCREMENT"), Collation: r["TABLE_COLLATION"],
		}
		s.tables.tables[t.Schema+"."+t.Name] = t
	}
}

// ofTables limits a question to the schemas of the tables that were found.
func (s *Server) ofTables(column string) string {
	schemas := map[string]bool{}
	for _, t := range s.tables.tables {
		schemas[quoted(t.Schema)] = true
	}
	if len(schemas) == 0 {
		return "1 = 0"
	}
	return column + " IN (" + strings.Join(slices.Sorted(maps.Keys(schemas)), ", ") + ")"
}

func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(text) + "'"
}

func askIndexes(s *Server) string {
	more := ""
	switch {
	case s.engine.maria(10, 6, 0):
		more = ", IGNORED"
	case s.engine.mysql(8, 0, 0):
		more = ", IS_VISIBLE, EXPRESSION"
	}
	return "SELECT TABLE_SCHEMA, TABLE_NAME, NON_UNIQUE, INDEX_NAME, INDEX_TYPE, COLUMN_NAME, COLLATION, CARDINALITY, SUB_PART" + more +
		" FROM information_schema.STATISTICS " + ownAlias + " WHERE " + s.ofTables("TABLE_SCHEMA") + " ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"
}

func takeIndexes(s *Server, a *answer) {
	for _, t := range s.tables.tables {
		t.Indexes = nil
	}
	for _, r := range wholeTables(a) {
		t := s.tables.tables[r["TABLE_SCHEMA"]+"."+r["TABLE_NAME"]]
		if t == nil {
			continue
		}
		s.tables.changed = true
		name := r["INDEX_NAME"]
		if n := len(t.Indexes); n == 0 || t.Indexes[n-1].Name != name {
			t.Indexes = append(t.Indexes, collectors.Index{
				Name: name, Unique: r["NON_UNIQUE"] == "0", Kind: strings.ToUpper(r["INDEX_TYPE"]),
				Ignored: strings.EqualFold(r["IGNORED"], "YES") || strings.EqualFold(r["IS_VISIBLE"], "NO"),
			})
		}
		column := r["COLUMN_NAME"]
		if column == "" {
			column = "(" + r["EXPRESSION"] + ")"
		}
		ix := &t.Indexes[len(t.Indexes)-1]
		ix.Columns = append(ix.Columns, collectors.IndexColumn{
			Name: column, Prefix: max(r.int("SUB_PART"), 0), Desc: r["COLLATION"] == "D", Distinct: r.int("CARDINALITY"),
		})
	}
}

// wholeTables leaves out the rows of the table at which an answer was cut: half of its indexes would
// pass for all.
func wholeTables(a *answer) []row {
	n := len(a.rows)
	if !a.cut {
		return a.rows
	}
	last := a.rows[n-1]
	for n > 0 && a.rows[n-1]["TABLE_SCHEMA"] == last["TABLE_SCHEMA"] && a.rows[n-1]["TABLE_NAME"] == last["TABLE_NAME"] {
		n--
	}
	return a.rows[:n]
}

func askColumns(s *Server) string {
	return "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLLATION_NAME, EXTRA FROM information_schema.COLUMNS " + ownAlias + " WHERE " +
		s.ofTables("TABLE_SCHEMA") + " ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION"
}

func takeColumns(s *Server, a *answer) {
	for _, t := range s.tables.tables {
		t.Columns = nil
	}
	for _, r := range wholeTables(a) {
		t := s.tables.tables[r["TABLE_SCHEMA"]+"."+r["TABLE_NAME"]]
		if t == nil {
			continue
		}
		s.tables.changed = true
		extra := strings.ToLower(r["EXTRA"])
		t.Columns = append(t.Columns, collectors.Column{
			Name: r["COLUMN_NAME"], Type: r["COLUMN_TYPE"], Nullable: !strings.EqualFold(r["IS_NULLABLE"], "NO"), Collation: r["COLLATION_NAME"],
			Generated:     strings.Contains(extra, "virtual") || strings.Contains(extra, "stored") || strings.Contains(extra, "persistent"),
			AutoIncrement: strings.Contains(extra, "auto_increment"),
		})
	}
}

// countsIndexUse reports whether the server counts how often each index is read.
func countsIndexUse(s *Server) bool {
	return len(s.tables.tables) > 0 && (s.on("performance_schema") || s.engine.mariaDB && s.on("userstat"))
}

func askIndexUse(s *Server) string {
	if s.engine.mariaDB && s.on("userstat") {
		return "SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, ROWS_READ AS N FROM information_schema.INDEX_STATISTICS " + ownAlias + " WHERE " + s.ofTables("TABLE_SCHEMA")
	}
	return "SELECT OBJECT_SCHEMA AS TABLE_SCHEMA, OBJECT_NAME AS TABLE_NAME, INDEX_NAME, COUNT_READ AS N " +
		"FROM performance_schema.table_io_waits_summary_by_index_usage " + ownAlias + " WHERE INDEX_NAME IS NOT NULL AND " + s.ofTables("OBJECT_SCHEMA")
}

func indexUseGrant(e engine) string {
	if e.mariaDB {
		return "PROCESS ON *.*, and SELECT ON performance_schema.*"
	}
	return "SELECT ON performance_schema.*"
}

func takeIndexUse(s *Server, a *answer) {
	reads := map[[3]string]int64{}
	for _, r := range a.rows {
		reads[[3]string{r["TABLE_SCHEMA"], r["TABLE_NAME"], r["INDEX_NAME"]}] = r.int("N")
	}
	for _, t := range s.tables.tables {
		for i := range t.Indexes { // one that is not in a whole answer was not read
			ix := &t.Indexes[i]
			n, found := reads[[3]string{t.Schema, t.Name, ix.Name}]
			ix.Reads, ix.ReadsKnown = n, found || !a.cut
			s.tables.changed = true
		}
	}
}

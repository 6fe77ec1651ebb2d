package recorded

import (
	"bytes"
	"strconv"
	"strings"

	"dbtriage/collectors"
)

// A sheet is a result of several columns as the mysql client prints it: with tabs under -B, with bars
// under -t.
type sheet struct {
	at    map[string]int
	cells []string
}

// cells cuts a row; ok is false for a ruler of a table and an empty line.
func cells(line []byte) (row []string, ok bool) {
	switch {
	case len(line) == 0 || line[0] == '+':
		return nil, false
	case line[0] == '|':
		row = strings.Split(strings.Trim(string(line), "|"), " | ")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
	default:
		row = strings.Split(string(line), "\t")
		for i := range row {
			row[i] = clientEscapes.Replace(row[i])
		}
	}
	return row, true
}

// clientEscapes undoes what the client writes for bytes that would break a row.
var clientEscapes = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\0`, "\x00", `\\`, `\`)

// heading returns the columns of the first row of a head, in upper case.
func heading(head []byte) map[string]bool {
	out := map[string]bool{}
	for line := range bytes.Lines(head[:min(len(head), 8<<10)]) {
		if row, ok := cells(bytes.TrimRight(line, "\r\n")); ok {
			for _, name := range row {
				out[strings.ToUpper(strings.TrimSpace(name))] = true
			}
			return out
		}
	}
	return out
}

// headed makes a sniffer for a result that has these columns.
func headed(names ...string) func(head []byte, base string) bool {
	return func(head []byte, _ string) bool {
		have := heading(head)
		for _, name := range append(names, "TABLE_SCHEMA", "TABLE_NAME") {
			if !have[name] {
				return false
			}
		}
		return true
	}
}

// eachRow calls do with every row below the heading.
func (r *reader) eachRow(do func(s *sheet)) error {
	s := &sheet{}
	return r.each(func(line []byte) error {
		row, ok := cells(line)
		switch {
		case !ok:
		case s.at == nil:
			s.at = map[string]int{}
			for i, name := range row {
				s.at[strings.ToUpper(strings.TrimSpace(name))] = i
			}
		case len(row) != len(s.at):
			r.skip("another number of columns than the heading has")
		default:
			if s.cells = row; s.get("TABLE_NAME") == "" {
				r.skip("a table without a name")
				break
			}
			do(s)
		}
		return nil
	})
}

// get returns a cell; NULL and what was not asked for are empty.
func (s *sheet) get(name string) string {
	i, ok := s.at[name]
	if !ok || s.cells[i] == "NULL" {
		return ""
	}
	return strings.TrimSpace(s.cells[i])
}

func (s *sheet) num(name string) int64 {
	n, err := strconv.ParseInt(s.get(name), 10, 64)
	if err != nil || n < 0 {
		return collectors.Unknown
	}
	return n
}

var sniffTables = headed("DATA_LENGTH", "ENGINE")

// readTables reads information_schema.TABLES as the mysql client prints it.
func readTables(r *reader) error {
	return r.eachRow(func(s *sheet) {
		r.res.Events++
		r.sink.Table(collectors.Table{
			Schema: s.get("TABLE_SCHEMA"), Name: s.get("TABLE_NAME"), Engine: s.get("ENGINE"),
			Rows: s.num("TABLE_ROWS"), DataBytes: s.num("DATA_LENGTH"), IndexBytes: s.num("INDEX_LENGTH"), FreeBytes: s.num("DATA_FREE"),
			AutoIncrement: s.num("AUTO_INCREMENT"), Collation: s.get("TABLE_COLLATION"),
		})
	})
}

var sniffIndexes = headed("INDEX_NAME", "SEQ_IN_INDEX", "COLUMN_NAME")

// maxParts bounds the indexes of one table and the columns of one index; servers allow 64 and 16.
const maxParts = 256

// readIndexes reads information_schema.STATISTICS as the mysql client prints it, its rows in any order.
func readIndexes(r *reader) error {
	var book tableBook
	err := r.eachRow(func(s *sheet) {
		seq, name := s.num("SEQ_IN_INDEX"), s.get("INDEX_NAME")
		if seq < 1 || seq > maxParts || name == "" {
			r.skip("an index without a name or a place of its column")
			return
		}
		if t := book.table(s.get("TABLE_SCHEMA"), s.get("TABLE_NAME")); t != nil {
			indexRow(t, s, name, int(seq))
		}
	})
	for _, t := range book.tables {
		for i := range t.Indexes {
			t.Indexes[i].Columns = known(t.Indexes[i].Columns)
		}
	}
	book.close(r)
	return err
}

func indexRow(t *collectors.Table, s *sheet, name string, seq int) {
	i := 0
	for i < len(t.Indexes) && t.Indexes[i].Name != name {
		i++
	}
	if i == len(t.Indexes) {
		if i >= maxParts {
			return
		}
		ix := collectors.Index{Name: name, Unique: s.get("NON_UNIQUE") == "0", Kind: strings.ToUpper(s.get("INDEX_TYPE"))}
		ix.Ignored = strings.EqualFold(s.get("IGNORED"), "YES") || strings.EqualFold(s.get("IS_VISIBLE"), "NO")
		t.Indexes = append(t.Indexes, ix)
	}
	ix := &t.Indexes[i]
	for len(ix.Columns) < seq {
		ix.Columns = append(ix.Columns, collectors.IndexColumn{})
	}
	part := collectors.IndexColumn{
		Name: s.get("COLUMN_NAME"), Prefix: max(s.num("SUB_PART"), 0), Desc: s.get("COLLATION") == "D", Distinct: s.num("CARDINALITY"),
	}
	if part.Name == "" && s.get("EXPRESSION") != "" {
		part.Name = "(" + s.get("EXPRESSION") + ")"
	}
	ix.Columns[seq-1] = part
}

// known cuts an index before the first column of which there was no row.
func known(parts []collectors.IndexColumn) []collectors.IndexColumn {
	for i := range parts {
		if parts[i].Name == "" {
			return parts[:i]
		}
	}
	return parts
}

// sniffColumns is asked after sniffIndexes, whose heading has a COLUMN_NAME too.
var sniffColumns = headed("COLUMN_NAME", "COLUMN_TYPE")

// maxColumns bounds the columns of one table; a server allows 4096.
const maxColumns = 8192

// readColumns reads information_schema.COLUMNS as the mysql client prints it.
func readColumns(r *reader) error {
	var book tableBook
	err := r.eachRow(func(s *sheet) {
		c := columnRow(s)
		if c.Name == "" || c.Type == "" {
			r.skip("a column without a name or a type")
			return
		}
		t := book.table(s.get("TABLE_SCHEMA"), s.get("TABLE_NAME"))
		if t == nil {
			return
		}
		place := len(t.Columns) + 1
		if n := s.num("ORDINAL_POSITION"); n > 0 {
			place = int(min(n, maxColumns+1))
		}
		if place > maxColumns {
			r.skip("more columns than any table has")
			return
		}
		for len(t.Columns) < place {
			t.Columns = append(t.Columns, collectors.Column{})
		}
		t.Columns[place-1] = c
	})
	for _, t := range book.tables {
		present := t.Columns[:0]
		for _, c := range t.Columns {
			if c.Name != "" {
				present = append(present, c)
			}
		}
		t.Columns = present
	}
	book.close(r)
	return err
}

func columnRow(s *sheet) collectors.Column {
	extra := strings.ToLower(s.get("EXTRA"))
	return collectors.Column{
		Name: s.get("COLUMN_NAME"), Type: s.get("COLUMN_TYPE"), Nullable: !strings.EqualFold(s.get("IS_NULLABLE"), "NO"),
		Collation:     s.get("COLLATION_NAME"),
		Generated:     strings.Contains(extra, "virtual") || strings.Contains(extra, "stored") || strings.Contains(extra, "persistent"),
		AutoIncrement: strings.Contains(extra, "auto_increment"),
	}
}

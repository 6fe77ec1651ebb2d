package recorded

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"dbtriage/collectors"
)

var (
	createStart = regexp.MustCompile(`(?im)^\s*CREATE\s+TABLE\s`)
	// definitionStart is what a statement begins with that says something of a table.
	definitionStart = regexp.MustCompile(`(?i)^\s*(CREATE\s+TABLE|CREATE\s+(UNIQUE\s+|FULLTEXT\s+|SPATIAL\s+)?INDEX|ALTER\s+TABLE|USE|DELIMITER)(\s|$)`)
	// dumpHead is mysqldump's comment about the one database that it was told to dump: no USE follows.
	dumpHead = regexp.MustCompile(`^-- Host: .*Database: (\S+)\s*$`)
)

// sniffSchema looks for a definition. A dump of all databases may have long comments before the
// first, which mysqldump's own first line tells.
func sniffSchema(head []byte, _ string) bool {
	if createStart.Match(head) {
		return true
	}
	return bytes.HasPrefix(head, []byte("-- MySQL dump")) || bytes.HasPrefix(head, []byte("-- MariaDB dump")) ||
		bytes.HasPrefix(head, []byte("/*M!999999")) && bytes.Contains(head, []byte("-- MariaDB dump"))
}

// A tableBook gathers what is told of tables in several places, in the order of their first mention.
type tableBook struct {
	order   []string
	tables  map[string]*collectors.Table
	refused int64
}

// maxBookTables bounds the tables of one recording.
const maxBookTables = 20_000

// table returns the table of a name, blank when it is new; nil when there are too many.
func (b *tableBook) table(schema, name string) *collectors.Table {
	key := schema + "\x00" + name
	t := b.tables[key]
	if t == nil {
		if len(b.tables) >= maxBookTables {
			b.refused++
			return nil
		}
		if b.tables == nil {
			b.tables = map[string]*collectors.Table{}
		}
		blank := blankTable(schema, name)
		t = &blank
		b.tables[key], b.order = t, append(b.order, key)
	}
	return t
}

// close hands on all tables.
func (b *tableBook) close(r *reader) {
	for _, key := range b.order {
		r.res.Events++
		r.sink.Table(*b.tables[key])
	}
	if b.refused > 0 {
		r.warn(fmt.Sprintf("more than %d tables: the rest is left out", maxBookTables))
	}
}

// A dumpReader takes the definitions out of what mysqldump writes, or a person.
type dumpReader struct {
	*reader
	book      tableBook
	schema    string
	delimiter string
	statement []byte // that has not ended
	start     int64  // where it begins, and in which line
	line      int64
	retry     int // no attempt to read the statement before it is so long
}

// readSchema reads the definitions of a dump; data in it is passed over.
func readSchema(r *reader) error {
	d := &dumpReader{reader: r, delimiter: ";"}
	r.pass = func(begin []byte) bool {
		begin = bytes.TrimLeft(begin, " \t")
		return len(begin) >= 6 && (bytes.EqualFold(begin[:6], []byte("INSERT")) || bytes.EqualFold(begin[:6], []byte("REPLAC")))
	}
	err := r.each(func(line []byte) error {
		d.take(line)
		return nil
	})
	if len(d.statement) > 0 && !d.end() {
		d.skipAt(d.start, d.line, "a definition that does not end")
	}
	d.book.close(r)
	return err
}

// take reads one line.
func (d *dumpReader) take(line []byte) {
	if len(d.statement) == 0 {
		if m := dumpHead.FindSubmatch(line[:min(len(line), 1024)]); m != nil && d.schema == "" {
			d.schema = string(m[1])
			return
		}
		m := definitionStart.FindSubmatch(line[:min(len(line), 256)])
		if m == nil {
			return
		}
		if strings.EqualFold(string(m[1]), "DELIMITER") {
			d.delimiter = strings.TrimSpace(string(line[len(m[0]):]))
			return
		}
		if d.delimiter != ";" { // the body of a routine or trigger
			return
		}
		d.start, d.line = d.reader.start, d.reader.line
	}
	if len(d.statement)+len(line) > maxLine {
		d.skipAt(d.start, d.line, fmt.Sprintf("a definition longer than %d bytes", maxLine))
		d.statement, d.retry = d.statement[:0], 0
		return
	}
	d.statement = append(append(d.statement, line...), '\n')
	if len(d.statement) >= d.retry && bytes.HasSuffix(bytes.TrimRight(line, " \t"), []byte(";")) {
		d.end()
	}
}

// end reads the statement gathered; it reports whether it was whole. When the semicolon at the end of
// a line stands in a literal, the next attempt waits until there is twice as much: the effort stays
// in proportion, and what is gathered too many are statements that are read together.
func (d *dumpReader) end() bool {
	all, ok := words(string(d.statement))
	if !ok {
		d.retry = 2 * len(d.statement)
		return false
	}
	d.statement, d.retry = d.statement[:0], 0
	for len(all) > 0 {
		end := 0
		for end < len(all) && !all[end].is(";") {
			end++
		}
		if why := d.define(&definition{all[:end]}); why != "" {
			d.skipAt(d.start, d.line, why)
		}
		all = all[min(end+1, len(all)):]
	}
	return true
}

// define reads one statement; why says what is wrong with it.
func (d *dumpReader) define(s *definition) (why string) {
	switch {
	case s.take("USE"):
		d.schema = s.next().text
	case s.take("CREATE", "TABLE"):
		t, why := createTable(s, d.schema)
		if why != "" {
			return why
		}
		if have := d.book.table(t.Schema, t.Name); have != nil {
			*have = t
		}
	case s.take("CREATE"):
		d.createIndex(s)
	case s.take("ALTER", "TABLE"):
		d.alter(s)
	}
	return ""
}

// createIndex reads "CREATE UNIQUE INDEX name ON table (columns)".
func (d *dumpReader) createIndex(s *definition) {
	unique := s.take("UNIQUE")
	kind := ""
	if s.peek(0).is("FULLTEXT") || s.peek(0).is("SPATIAL") {
		kind = strings.ToUpper(s.next().text)
	}
	if !s.take("INDEX") {
		return
	}
	s.take("IF", "NOT", "EXISTS")
	name := s.next().text
	if s.take("USING") {
		s.next()
	}
	if !s.take("ON") {
		return
	}
	t := d.altered(s)
	if ix, ok := indexBody(s, name); ok && t != nil {
		ix.Unique = unique
		if kind != "" {
			ix.Kind = kind
		}
		addIndex(t, ix)
	}
}

// altered is the table that a statement names next; nil when no definition came before.
func (d *dumpReader) altered(s *definition) *collectors.Table {
	s.take("IF", "EXISTS")
	schema, name, ok := s.tableName()
	if schema == "" {
		schema = d.schema
	}
	if !ok {
		return nil
	}
	return d.book.tables[schema+"\x00"+name]
}

// alter reads the indexes that ALTER TABLE adds: some programs write all of them so, after the data.
func (d *dumpReader) alter(s *definition) {
	t := d.altered(s)
	if t == nil {
		return
	}
	for _, item := range items(s.left) {
		i := &definition{item}
		switch {
		case i.take("ADD"):
			constraint := ""
			if i.take("CONSTRAINT") {
				constraint = i.next().text
			}
			if i.take("FOREIGN", "KEY") {
				if f, ok := indexBody(i, constraint); ok {
					addForeign(t, f)
				}
			} else if ix, ok := indexDefinition(i, constraint); ok {
				addIndex(t, ix)
			}
		case i.take("MODIFY"), i.take("CHANGE"):
			changeColumn(t, i)
		}
	}
	primaryNotNull(t)
}

// changeColumn reads the new definition of a column that is there.
func changeColumn(t *collectors.Table, d *definition) {
	d.take("COLUMN")
	changed := collectors.Table{Collation: t.Collation}
	column(&changed, d, "")
	for i := range t.Columns {
		if len(changed.Columns) == 1 && strings.EqualFold(t.Columns[i].Name, changed.Columns[0].Name) {
			t.Columns[i] = changed.Columns[0]
		}
	}
}

package recorded

import (
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors"
)

// blankTable is a table of which only the name is known.
func blankTable(schema, name string) collectors.Table {
	return collectors.Table{
		Schema: schema, Name: name, Rows: collectors.Unknown, DataBytes: collectors.Unknown, IndexBytes: collectors.Unknown, FreeBytes: collectors.Unknown,
		AutoIncrement: collectors.Unknown,
	}
}

// tableName reads "name" or "schema.name"; schema is empty when it is not given.
func (d *definition) tableName() (schema, name string, ok bool) {
	w := d.next()
	if !w.name() {
		return "", "", false
	}
	if d.take(".") {
		n := d.next()
		return w.text, n.text, n.name() && n.text != ""
	}
	return "", w.text, w.text != ""
}

// createTable reads the words of CREATE TABLE from the name on. why is empty when they are one.
func createTable(d *definition, schema string) (t collectors.Table, why string) {
	d.take("IF", "NOT", "EXISTS")
	given, name, ok := d.tableName()
	if !ok {
		return t, "CREATE TABLE without a name"
	}
	if given != "" {
		schema = given
	}
	t = blankTable(schema, name)
	body, ok := d.parenthesis()
	if !ok || len(body) == 0 || body[0].is("LIKE") {
		return t, "CREATE TABLE without columns"
	}
	charset := tableOptions(&t, d)
	foreign := []collectors.Index{}
	for _, item := range items(body) {
		element(&t, &definition{item}, charset, &foreign)
	}
	if len(t.Columns) == 0 {
		return t, "CREATE TABLE without columns"
	}
	for _, f := range foreign {
		addForeign(&t, f)
	}
	primaryNotNull(&t)
	if t.Indexes == nil {
		t.Indexes = []collectors.Index{}
	}
	return t, ""
}

// tableOptions reads what follows the columns; it returns the character set, empty when not given.
func tableOptions(t *collectors.Table, d *definition) (charset string) {
	for len(d.left) > 0 {
		w := d.next()
		value := func() string {
			d.take("=")
			return d.next().text
		}
		switch {
		case w.is("ENGINE"):
			t.Engine = value()
		case w.is("AUTO_INCREMENT"):
			if n, err := strconv.ParseInt(value(), 10, 64); err == nil && n >= 0 {
				t.AutoIncrement = n
			}
		case w.is("CHARSET"):
			charset = value()
		case w.is("CHARACTER") && d.take("SET"):
			charset = value()
		case w.is("COLLATE"):
			t.Collation = value()
		case w.is("COMMENT"), w.is("CONNECTION"):
			value()
		case w.is("PARTITION"):
			d.left = nil
		}
	}
	if t.Collation == "" {
		t.Collation = defaultCollations[strings.ToLower(charset)]
	}
	return charset
}

// defaultCollations are those of the servers that leave them out of SHOW CREATE TABLE: MySQL up to
// 5.7 and MariaDB up to 10.5. Later ones write them.
var defaultCollations = map[string]string{
	"latin1": "latin1_swedish_ci", "ascii": "ascii_general_ci", "binary": "binary", "gbk": "gbk_chinese_ci",
	"utf8": "utf8_general_ci", "utf8mb3": "utf8mb3_general_ci", "utf8mb4": "utf8mb4_general_ci",
}

// element reads one item between the commas of CREATE TABLE: a column, an index or a constraint.
func element(t *collectors.Table, d *definition, charset string, foreign *[]collectors.Index) {
	constraint := ""
	if d.take("CONSTRAINT") {
		if w := d.peek(0); !w.is("PRIMARY") && !w.is("UNIQUE") && !w.is("FOREIGN") && !w.is("CHECK") {
			constraint = d.next().text
		}
	}
	switch {
	case d.take("FOREIGN", "KEY"):
		if ix, ok := indexBody(d, constraint); ok {
			*foreign = append(*foreign, ix)
		}
	case d.peek(0).is("CHECK"), d.peek(0).is("PERIOD") && d.peek(1).is("FOR"), d.peek(0).is("LIKE"):
	default:
		if ix, ok := indexDefinition(d, constraint); ok {
			addIndex(t, ix)
			return
		}
		column(t, d, charset)
	}
}

// indexDefinition reads an index as CREATE TABLE and ALTER TABLE … ADD define it.
func indexDefinition(d *definition, constraint string) (ix collectors.Index, ok bool) {
	unique, kind := false, ""
	first, second := d.peek(0), d.peek(1)
	switch {
	case d.take("PRIMARY", "KEY"):
		ix, ok = indexBody(d, "")
		ix.Name, ix.Unique = "PRIMARY", true
		return ix, ok
	case d.take("UNIQUE"):
		unique = true
		_ = d.take("KEY") || d.take("INDEX")
	case first.is("FULLTEXT"), first.is("SPATIAL"), first.is("VECTOR") && (second.is("KEY") || second.is("INDEX")):
		kind = strings.ToUpper(d.next().text)
		_ = d.take("KEY") || d.take("INDEX")
	case d.take("KEY"), d.take("INDEX"):
	default:
		return ix, false
	}
	ix, ok = indexBody(d, constraint)
	ix.Unique = unique
	if kind != "" {
		ix.Kind = kind
	}
	return ix, ok
}

// indexBody reads "name USING BTREE (columns) options"; all but the columns may be missing.
func indexBody(d *definition, name string) (ix collectors.Index, ok bool) {
	ix = collectors.Index{Name: name, Kind: "BTREE"}
	for !d.peek(0).is("(") {
		switch w := d.next(); {
		case w.kind == wordEnd:
			return ix, false
		case w.is("USING"), w.is("TYPE"):
			ix.Kind = strings.ToUpper(d.next().text)
		case w.is("IF") && d.take("NOT", "EXISTS"):
		case w.name():
			ix.Name = w.text
		}
	}
	inside, ok := d.parenthesis()
	if !ok {
		return ix, false
	}
	for _, item := range items(inside) {
		if part, ok := indexPart(&definition{item}); ok {
			ix.Columns = append(ix.Columns, part)
		}
	}
	for len(d.left) > 0 {
		switch w := d.next(); {
		case w.is("USING"):
			ix.Kind = strings.ToUpper(d.next().text)
		case w.is("IGNORED"), w.is("INVISIBLE"):
			ix.Ignored = true
		case w.is("NOT"), w.is("COMMENT"):
			d.next()
		}
	}
	return ix, len(ix.Columns) > 0
}

// indexPart reads one column of an index: "name(10) DESC", or an expression in parentheses.
func indexPart(d *definition) (part collectors.IndexColumn, ok bool) {
	part.Distinct = collectors.Unknown
	if inside, ok := d.parenthesis(); ok {
		part.Name = "(" + spelled(inside) + ")"
	} else {
		w := d.next()
		if !w.name() {
			return part, false
		}
		part.Name = w.text
		if length, ok := d.parenthesis(); ok && len(length) == 1 {
			part.Prefix, _ = strconv.ParseInt(length[0].text, 10, 64)
		}
	}
	part.Desc = d.take("DESC")
	return part, part.Name != ""
}

// column reads a column of CREATE TABLE. What is none is left out.
func column(t *collectors.Table, d *definition, charset string) {
	name := d.next()
	if !name.name() || d.peek(0).kind != wordBare {
		return
	}
	c := collectors.Column{Name: name.text, Nullable: true, Type: columnType(d)}
	collation, own := "", ""
	for len(d.left) > 0 {
		switch w := d.next(); {
		case w.is("NOT") && d.take("NULL"):
			c.Nullable = false
		case w.is("DEFAULT"), w.is("COMMENT"), w.is("UPDATE"), w.is("CHECK"):
			if _, ok := d.parenthesis(); !ok {
				d.next()
			}
		case w.is("AUTO_INCREMENT"):
			c.AutoIncrement = true
		case w.is("AS"):
			if _, ok := d.parenthesis(); ok {
				c.Generated = true
			}
		case w.is("COLLATE"):
			collation = d.next().text
		case w.is("CHARSET"), w.is("CHARACTER") && d.take("SET"):
			own = d.next().text
		case w.is("SERIAL"), w.is("UNIQUE"):
			d.take("KEY")
			addIndex(t, collectors.Index{Unique: true, Kind: "BTREE", Columns: []collectors.IndexColumn{{Name: c.Name, Distinct: collectors.Unknown}}})
		case w.is("PRIMARY"), w.is("KEY"):
			d.take("KEY")
			addIndex(t, collectors.Index{Name: "PRIMARY", Unique: true, Kind: "BTREE", Columns: []collectors.IndexColumn{{Name: c.Name, Distinct: collectors.Unknown}}})
		case w.is("REFERENCES"):
			d.left = nil
		}
	}
	if isText(c.Type) {
		switch {
		case collation != "":
			c.Collation = collation
		case own != "" && !strings.EqualFold(own, charset):
			c.Collation = defaultCollations[strings.ToLower(own)]
		default:
			c.Collation = t.Collation
		}
	}
	t.Columns = append(t.Columns, c)
}

// columnType reads a type as the server prints it: "decimal(10,2) unsigned", "enum('a','b')".
func columnType(d *definition) string {
	text := strings.ToLower(d.next().text)
	if text == "serial" {
		d.left = append([]word{{wordBare, "NOT"}, {wordBare, "NULL"}, {wordBare, "AUTO_INCREMENT"}, {wordBare, "UNIQUE"}}, d.left...)
		return "bigint unsigned"
	}
	_ = text == "double" && d.take("PRECISION")
	if inside, ok := d.parenthesis(); ok {
		text += "(" + spelled(inside) + ")"
	}
	for _, more := range []string{"unsigned", "zerofill"} {
		if d.take(more) {
			text += " " + more
		}
	}
	return text
}

// isText reports whether values of a type have a collation.
func isText(kind string) bool {
	base, _, _ := strings.Cut(kind, "(")
	return slices.Contains([]string{"char", "varchar", "nchar", "nvarchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"}, base)
}

// addIndex adds an index; one without a name is called after its first column, as the server does.
func addIndex(t *collectors.Table, ix collectors.Index) {
	taken := func(name string) bool {
		return slices.ContainsFunc(t.Indexes, func(have collectors.Index) bool { return strings.EqualFold(have.Name, name) })
	}
	if ix.Name == "" {
		ix.Name = ix.Columns[0].Name
		for n := 2; taken(ix.Name); n++ {
			ix.Name = ix.Columns[0].Name + "_" + strconv.Itoa(n)
		}
	}
	if !taken(ix.Name) {
		t.Indexes = append(t.Indexes, ix)
	}
}

// addForeign adds the index that the server makes for a foreign key when none begins with its
// columns. A dump has it in writing, a schema written by hand may not.
func addForeign(t *collectors.Table, f collectors.Index) {
	for _, ix := range t.Indexes {
		if len(ix.Columns) >= len(f.Columns) && slices.EqualFunc(ix.Columns[:len(f.Columns)], f.Columns,
			func(a, b collectors.IndexColumn) bool { return strings.EqualFold(a.Name, b.Name) && a.Prefix == 0 }) {
			return
		}
	}
	addIndex(t, f)
}

func primaryNotNull(t *collectors.Table) {
	for _, ix := range t.Indexes {
		if ix.Name != "PRIMARY" {
			continue
		}
		for _, part := range ix.Columns {
			for i := range t.Columns {
				if strings.EqualFold(t.Columns[i].Name, part.Name) {
					t.Columns[i].Nullable = false
				}
			}
		}
	}
}

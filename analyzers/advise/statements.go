package advise

import (
	"cmp"
	"slices"
	"strings"

	"dbtriage/analyzers"
	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// A Statement is a class with the shape of its statements.
type Statement struct {
	Class *analyzers.Class
	Shape sqlshape.Shape
	// Schema is the default schema in which it spent most time; empty when not known.
	Schema string
}

// Statements returns the classes that took the most time, at most n, with their shapes.
func Statements(d *analyzers.Digest, n int) []Statement {
	parser, err := sqlshape.NewParser()
	classes := make([]*analyzers.Class, 0, len(d.Classes))
	for _, c := range d.Classes {
		if c.ID != analyzers.OtherID && c.Time.Count > 0 {
			classes = append(classes, c)
		}
	}
	slices.SortFunc(classes, func(a, b *analyzers.Class) int {
		return cmp.Or(cmp.Compare(b.Time.Sum, a.Time.Sum), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	out := make([]Statement, 0, min(n, len(classes)))
	for _, c := range classes[:min(n, len(classes))] {
		st := Statement{Class: c, Shape: sqlshape.Shape{Guessed: true}, Schema: schemaOf(c)}
		if err == nil {
			st.Shape = shapeOf(parser, c)
		}
		out = append(out, st)
	}
	return out
}

// shapeOf parses the slowest statement of a class. One that was too long to keep is parsed as its
// fingerprint, which has no values but all else.
func shapeOf(p *sqlshape.Parser, c *analyzers.Class) sqlshape.Shape {
	if c.Worst.SQL != "" && !c.Worst.Truncated {
		if s := p.Parse(c.Worst.SQL); !s.Guessed {
			return s
		}
	}
	return p.Parse(c.Fingerprint)
}

func schemaOf(c *analyzers.Class) string {
	best, most := "", int64(-1)
	for schema, u := range c.Databases.All() {
		if schema != "" && (u.TimeUS > most || u.TimeUS == most && schema < best) {
			best, most = schema, u.TimeUS
		}
	}
	return best
}

// A Catalog finds tables of the dictionary by the names that statements use.
type Catalog struct {
	full map[string]*collectors.Table // by lower-case schema.table
	bare map[string]*collectors.Table // by lower-case table; nil where several schemas have it
}

// NewCatalog indexes the tables of a server; none is fine.
func NewCatalog(tables []collectors.Table) *Catalog {
	c := &Catalog{full: map[string]*collectors.Table{}, bare: map[string]*collectors.Table{}}
	for i := range tables {
		t := &tables[i]
		name := strings.ToLower(t.Name)
		c.full[strings.ToLower(t.Schema)+"."+name] = t
		if _, twice := c.bare[name]; twice {
			c.bare[name] = nil
		} else {
			c.bare[name] = t
		}
	}
	return c
}

// Find returns the table that a statement names while schema is its default one; nil when the
// dictionary does not have it.
func (c *Catalog) Find(t sqlshape.Table, schema string) *collectors.Table {
	name := strings.ToLower(t.Name)
	if s := cmp.Or(t.Schema, schema); s != "" {
		if have := c.full[strings.ToLower(s)+"."+name]; have != nil || t.Schema != "" {
			return have
		}
	}
	return c.bare[name]
}

// home says which table a statement means while schema is its default one: as the dictionary spells it, else
// as the statement does.
func (c *Catalog) home(t sqlshape.Table, schema string) sqlshape.Table {
	if known := c.Find(t, schema); known != nil {
		return sqlshape.Table{Schema: known.Schema, Name: known.Name}
	}
	return sqlshape.Table{Schema: cmp.Or(t.Schema, schema), Name: t.Name}
}

// column returns a column of a table; nil when it has none by that name.
func column(t *collectors.Table, name string) *collectors.Column {
	if t == nil {
		return nil
	}
	i := slices.IndexFunc(t.Columns, func(c collectors.Column) bool { return strings.EqualFold(c.Name, name) })
	if i < 0 {
		return nil
	}
	return &t.Columns[i]
}

// primaryKey returns the columns of a table's primary key; nil without one, or when not known.
func primaryKey(t *collectors.Table) []string {
	if t == nil {
		return nil
	}
	for _, x := range t.Indexes {
		if x.Name == "PRIMARY" {
			return names(x)
		}
	}
	return nil
}

func names(x collectors.Index) []string {
	out := make([]string, 0, len(x.Columns))
	for _, c := range x.Columns {
		out = append(out, strings.ToLower(c.Name))
	}
	return out
}

// distinct returns the estimated number of values of a column from an index that begins with it;
// ok is false when none does or the number is not known.
func distinct(t *collectors.Table, name string) (n int64, ok bool) {
	if t == nil {
		return 0, false
	}
	for _, x := range t.Indexes {
		if len(x.Columns) > 0 && strings.EqualFold(x.Columns[0].Name, name) && x.Columns[0].Distinct > 0 {
			n, ok = max(n, x.Columns[0].Distinct), true
		}
		if len(x.Columns) == 1 && x.Unique && strings.EqualFold(x.Columns[0].Name, name) && t.Rows > 0 {
			n, ok = max(n, t.Rows), true
		}
	}
	return n, ok
}

// A typeClass is what matters of a column's type for comparisons.
type typeClass uint8

const (
	unknownType typeClass = iota
	numberType
	stringType
	timeType
	longType // TEXT, BLOB, JSON, geometry: an index needs a prefix or a generated column
)

func classOfType(sqlType string) typeClass {
	base := strings.ToLower(sqlType)
	if i := strings.IndexAny(base, "( "); i >= 0 {
		base = base[:i]
	}
	switch base {
	case "tinyint", "smallint", "mediumint", "int", "integer", "bigint", "decimal", "numeric", "float", "double", "bit", "year", "bool", "boolean":
		return numberType
	case "char", "varchar", "enum", "set", "binary", "varbinary", "uuid", "inet4", "inet6":
		return stringType
	case "date", "datetime", "timestamp", "time":
		return timeType
	case "tinytext", "text", "mediumtext", "longtext", "tinyblob", "blob", "mediumblob", "longblob", "json", "geometry", "point", "linestring", "polygon":
		return longType
	}
	return unknownType
}

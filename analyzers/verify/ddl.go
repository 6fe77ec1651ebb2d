package verify

import (
	"errors"
	"fmt"
	"strings"

	"vitess.io/vitess/go/vt/sqlparser"

	"dbtriage/analyzers/sqlshape"
	"dbtriage/collectors"
)

// An Asked is an index that is to be verified.
type Asked struct {
	Table sqlshape.Table // as the statement that makes it names it
	Index collectors.Index
	// Classes are the ids of the classes that it is for, when it was derived from them; Schema is then their
	// default one.
	Classes []string
	Schema  string
}

var errNoIndex = errors.New("it is no ALTER TABLE … ADD INDEX and no CREATE INDEX")

// ParseDDL reads the indexes that a statement makes: ALTER TABLE … ADD [UNIQUE] INDEX name (columns), or CREATE
// INDEX. It must do nothing else but say how (ALGORITHM, LOCK).
func ParseDDL(ddl string) ([]Asked, error) {
	parser, err := sqlparser.New(sqlparser.Options{MySQLServerVersion: "8.0.40"})
	if err != nil {
		return nil, fmt.Errorf("sql parser: %w", err)
	}
	stmt, err := parser.ParseStrictDDL(ddl)
	if err != nil {
		return nil, fmt.Errorf("it is not understood: %w", err)
	}
	alter, ok := stmt.(*sqlparser.AlterTable) // CREATE INDEX is parsed as one
	if !ok {
		return nil, errNoIndex
	}
	var out []Asked
	for _, option := range alter.AlterOptions {
		switch o := option.(type) {
		case sqlparser.AlgorithmValue, *sqlparser.LockOption:
			continue
		case *sqlparser.AddIndexDefinition:
			x, err := indexOf(o.IndexDefinition)
			if err != nil {
				return nil, err
			}
			out = append(out, Asked{Table: sqlshape.Table{Schema: alter.Table.Qualifier.String(), Name: alter.Table.Name.String()}, Index: x})
		default:
			return nil, errNoIndex
		}
	}
	if len(out) == 0 || alter.PartitionSpec != nil || alter.PartitionOption != nil {
		return nil, errNoIndex
	}
	return out, nil
}

func indexOf(d *sqlparser.IndexDefinition) (x collectors.Index, err error) {
	x = collectors.Index{Name: d.Info.Name.String()}
	switch d.Info.Type {
	case sqlparser.IndexTypeDefault:
	case sqlparser.IndexTypeUnique:
		x.Unique = true
	default:
		return x, errors.New("only plain and unique indexes are verified")
	}
	for _, o := range d.Options {
		if o.Name == "using" && o.String != "" && !strings.EqualFold(o.String, "btree") {
			return x, errors.New("only indexes of the kind BTREE are verified")
		}
	}
	if x.Name == "" {
		return x, errors.New("give the index a name: ADD INDEX name (columns)")
	}
	for _, c := range d.Columns {
		if c.Expression != nil {
			return x, errors.New("an index on an expression is not verified")
		}
		column := collectors.IndexColumn{Name: c.Column.String(), Desc: c.Direction == sqlparser.DescOrder, Distinct: collectors.Unknown}
		if c.Length != nil {
			column.Prefix = int64(*c.Length)
		}
		x.Columns = append(x.Columns, column)
	}
	if len(x.Columns) == 0 {
		return x, errNoIndex
	}
	return x, nil
}

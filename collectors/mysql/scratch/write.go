package scratch

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"dbtriage/collectors/mysql"
)

// A verb is how a statement that changes something begins. What it changes follows: a table of the scratch
// schema, or the schema itself.
type verb string

const (
	createSchema verb = "CREATE DATABASE"
	dropSchema   verb = "DROP DATABASE"
	createTable  verb = "CREATE TABLE"
	dropTable    verb = "DROP TABLE"
	insertInto   verb = "INSERT INTO"
	alterTable   verb = "ALTER TABLE"
	analyzeTable verb = "ANALYZE TABLE"
)

// systemSchemas are never written to, whatever they hold.
var systemSchemas = []string{"mysql", "information_schema", "performance_schema", "sys"}

// target returns the beginning of a statement that writes, up to the name of what it writes to. Until the schema
// is known to be ours there is none but the one that makes it, which fails where the schema exists.
func (s *Scratch) target(v verb, table string) (string, error) {
	schema := s.opt.Schema
	whole := v == createSchema || v == dropSchema
	switch {
	case schema == "" || slices.Contains(systemSchemas, strings.ToLower(schema)):
		return "", fmt.Errorf("%q is no scratch schema", schema)
	case whole != (table == ""):
		return "", fmt.Errorf("%s needs the right kind of name and got %q", v, table)
	case !s.ours && v != createSchema:
		return "", fmt.Errorf("schema %s is not known to be made by dbtriage", schema)
	case whole:
		return string(v) + " " + mysql.Quote(schema), nil
	}
	return string(v) + " " + mysql.Quote(schema) + "." + mysql.Quote(table), nil
}

// write runs a statement that changes the scratch schema or a table of it, and is the only function that runs
// one that changes anything. It is not cut off in the middle: a statement that was would go on without us.
func (s *Scratch) write(ctx context.Context, v verb, table, rest string, args ...any) (rows int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	text, err := s.target(v, table)
	if err != nil {
		return 0, err
	}
	var done sql.Result
	if done, err = s.writer.ExecContext(context.WithoutCancel(ctx), strings.TrimSpace(text+" "+rest), args...); err != nil {
		return 0, s.explained(v, err)
	}
	return done.RowsAffected()
}

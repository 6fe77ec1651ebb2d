package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// dictionary writes what a user gives beside a slow log: the definitions of the tables, and their sizes
// and the statistics of their indexes as the mysql client prints them.
func dictionary(ctx context.Context, c *sql.Conn, schema *Schema, dir string) (files []string, err error) {
	definitions := "USE " + schema.Name + ";\n"
	for _, t := range schema.Tables {
		var name, text string
		if err := c.QueryRowContext(ctx, "SHOW CREATE TABLE "+t.Name).Scan(&name, &text); err != nil {
			return nil, err
		}
		definitions += text + ";\n"
	}
	for _, f := range []struct{ name, query string }{
		{"tables.tsv", "SELECT * FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"},
		{"statistics.tsv", "SELECT * FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"},
	} {
		text, err := sheet(ctx, c, f.query)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, schema.Name+"-"+f.name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	file := filepath.Join(dir, schema.Name+"-schema.sql")
	return append(files, file), os.WriteFile(file, []byte(definitions), 0o644)
}

// sheet writes a result as mysql -B does.
func sheet(ctx context.Context, c *sql.Conn, query string) (string, error) {
	rows, err := c.QueryContext(ctx, query)
	if err != nil {
		return "", fmt.Errorf("%w\n  in %s", err, query)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return "", err
	}
	out := strings.Join(names, "\t") + "\n"
	cells := make([]sql.NullString, len(names))
	into := make([]any, len(names))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return "", err
		}
		for i, cell := range cells {
			if i > 0 {
				out += "\t"
			}
			if !cell.Valid {
				cell.String = "NULL"
			}
			out += cell.String
		}
		out += "\n"
	}
	return out, rows.Err()
}

package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Plan is how a server would run a statement: EXPLAIN's table, cells as text.
type Plan struct {
	Columns []string
	Rows    [][]string
}

// maxPlanRows bounds a plan: a statement joins at most 61 tables, and unions add up.
const maxPlanRows = 200

// explained are the words with which a statement begins that EXPLAIN plans. To explain one that writes
// takes the right to write, which our user does not have, and a session that may.
var explained = []string{"select", "with", "("}

// Explain asks a server for the plan of a statement, over a connection of its own with the limits that
// reading has: a read-only session and Config.Timeout. The statement is never run. Servers from before
// MariaDB 10.1 and MySQL 5.7 are not asked: they run subqueries to plan them, and know no time limit.
func Explain(ctx context.Context, c Config, schema, statement string) (*Plan, error) {
	text := strings.TrimSpace(statement)
	for strings.HasPrefix(text, "/*") && !strings.HasPrefix(text, "/*!") {
		_, rest, ok := strings.Cut(text, "*/")
		if !ok {
			break
		}
		text = strings.TrimSpace(rest)
	}
	lower := strings.ToLower(text)
	if !slices.ContainsFunc(explained, func(word string) bool { return strings.HasPrefix(lower, word) }) {
		return nil, errors.New("only statements that read can be explained: the session is read-only")
	}
	c.complete()
	s := New(c)
	defer s.Close()
	if err := s.open(ctx, c.Address()); err != nil {
		return nil, sourceError(&c, err)
	}
	if !s.engine.maria(10, 1, 0) && !s.engine.mysql(5, 7, 0) {
		return nil, errors.New("EXPLAIN on a server as old as this may run parts of the statement, without a time limit: not asked")
	}
	ctx, cancel := context.WithTimeout(ctx, 2*s.config.Timeout)
	defer cancel()
	if schema != "" {
		if _, err := s.conn.ExecContext(ctx, "USE "+Quote(schema)); err != nil {
			return nil, fmt.Errorf("schema %s: %w", schema, err)
		}
	}
	rows, err := s.conn.QueryContext(ctx, "EXPLAIN FORMAT=TRADITIONAL "+text) // MySQL 9 draws a tree unless it is told so
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return planOf(rows)
}

func planOf(rows *sql.Rows) (*Plan, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	p := &Plan{Columns: columns}
	cells := make([]sql.NullString, len(columns))
	into := make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() && len(p.Rows) < maxPlanRows {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make([]string, len(columns))
		for i, cell := range cells {
			if row[i] = cell.String; !cell.Valid {
				row[i] = "NULL"
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return p, rows.Err()
}

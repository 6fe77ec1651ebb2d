package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// load makes the database of a schema with its constraints alone, and fills it.
func load(ctx context.Context, c *sql.Conn, s *Schema, scale float64, seed uint64) error {
	if err := run(ctx, c, "CREATE DATABASE "+s.Name+" CHARACTER SET utf8mb4", "USE "+s.Name, "SET SESSION foreign_key_checks = 0, unique_checks = 0"); err != nil {
		return err
	}
	rows := s.scaled(scale)
	for i := range s.Tables {
		t := &s.Tables[i]
		var defs []string
		for _, col := range t.Columns {
			defs = append(defs, col.Def)
		}
		create := fmt.Sprintf("CREATE TABLE %s (%s) ENGINE=InnoDB", t.Name, strings.Join(append(defs, t.Keys...), ", "))
		if err := run(ctx, c, create); err != nil {
			return err
		}
		if err := fillTable(ctx, c, t, &draw{chance(seed, s.Name+"."+t.Name), 0, rows}); err != nil {
			return fmt.Errorf("%s.%s: %w", s.Name, t.Name, err)
		}
	}
	return run(ctx, c, "SET SESSION foreign_key_checks = 1, unique_checks = 1")
}

// fillTable sends the rows of a table as they are made.
func fillTable(ctx context.Context, c *sql.Conn, t *Table, d *draw) error {
	r, w := io.Pipe()
	mysql.RegisterReaderHandler("rows", func() io.Reader { return r })
	defer mysql.DeregisterReaderHandler("rows")
	go func() {
		out := bufio.NewWriterSize(w, 256<<10)
		for ; d.row < d.rows(t.Name); d.row++ {
			for i, col := range t.Columns {
				if i > 0 {
					_ = out.WriteByte('\t')
				}
				_, _ = out.WriteString(col.Value(d))
			}
			if out.WriteByte('\n') != nil {
				return // the reader has gone, and its error says why
			}
		}
		_ = w.CloseWithError(out.Flush())
	}()
	err := run(ctx, c, "LOAD DATA LOCAL INFILE 'Reader::rows' INTO TABLE "+t.Name)
	_ = r.CloseWithError(err)
	return err
}

// analyzeTables brings the statistics of all tables up to date.
func analyzeTables(ctx context.Context, c *sql.Conn, s *Schema) error {
	for _, t := range s.Tables {
		if err := run(ctx, c, "ANALYZE TABLE "+t.Name); err != nil {
			return err
		}
	}
	return nil
}

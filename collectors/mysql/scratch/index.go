package scratch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/mysql"
)

// A Built is what it took to make an index on the copy.
type Built struct {
	Took  time.Duration
	Bytes int64 // on disk; collectors.Unknown where the server does not tell
}

// AddIndex makes an index on the copy of a table. The error is the server's where it will not.
func (s *Scratch) AddIndex(ctx context.Context, table string, x collectors.Index) (Built, error) {
	before, err := s.indexBytes(ctx, table)
	if err != nil {
		return Built{}, err
	}
	begun := time.Now()
	if _, err := s.write(ctx, alterTable, table, "ADD "+Definition(x)); err != nil {
		return Built{}, err
	}
	b := Built{Took: time.Since(begun), Bytes: collectors.Unknown}
	if _, err := s.write(ctx, analyzeTable, table, ""); err != nil {
		return b, err
	}
	after, err := s.indexBytes(ctx, table)
	if err == nil && after > before {
		b.Bytes = after - before
	}
	return b, err
}

// DropIndex takes it away again.
func (s *Scratch) DropIndex(ctx context.Context, table, name string) error {
	if _, err := s.write(ctx, alterTable, table, "DROP INDEX "+mysql.Quote(name)); err != nil {
		return err
	}
	_, err := s.write(ctx, analyzeTable, table, "")
	return err
}

// Definition writes an index as ALTER TABLE … ADD takes it.
func Definition(x collectors.Index) string {
	var columns []string
	for _, c := range x.Columns {
		text := mysql.Quote(c.Name)
		if c.Prefix > 0 {
			text += fmt.Sprintf("(%d)", c.Prefix)
		}
		if c.Desc {
			text += " DESC"
		}
		columns = append(columns, text)
	}
	kind := "INDEX " + mysql.Quote(x.Name)
	switch {
	case x.Name == "PRIMARY":
		kind = "PRIMARY KEY"
	case x.Unique:
		kind = "UNIQUE " + kind
	}
	return kind + " (" + strings.Join(columns, ", ") + ")"
}

func (s *Scratch) indexBytes(ctx context.Context, table string) (n int64, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT COALESCE(INDEX_LENGTH, 0) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", s.opt.Schema, table).Scan(&n)
	return n, err
}

package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// literals is how many times each template is measured, with other literals each time.
const literals = 5

// writes is how many statements that write are sent to see how much redo each takes.
const writes = 400

// A cost is what one execution of a template takes on average.
type cost struct {
	Pages   float64 // of the buffer pool it asked for
	Rows    float64 // read by the engine
	Seconds float64 // the least of all executions
}

// A measured is what a set of indexes came to.
type measured struct {
	Indexes int
	Bytes   int64
	Redo    float64 // bytes of redo log of a statement that writes
	Costs   []cost  // of each template; zero of one that reads nothing
}

// measure makes indexes, runs every template with fresh literals and drops the indexes again.
func measure(ctx context.Context, s *server, schema *Schema, ddl []string, scale float64, seed uint64) (m measured, err error) {
	c, err := s.session(ctx, schema.Name)
	if err != nil {
		return m, err
	}
	defer c.Close()
	before, err := indexNames(ctx, c)
	if err != nil {
		return m, err
	}
	if err := run(ctx, c, ddl...); err != nil {
		return m, err
	}
	if err := analyzeTables(ctx, c, schema); err != nil {
		return m, err
	}
	m.Indexes = len(ddl)
	made, err := indexNames(ctx, c)
	if err != nil {
		return m, err
	}
	for name := range made {
		if before[name] {
			continue
		}
		table, index, _ := strings.Cut(name, ".")
		pages, err := number(ctx, c, "SELECT stat_value FROM mysql.innodb_index_stats WHERE database_name = DATABASE() AND table_name = ? AND index_name = ? AND stat_name = 'size'", table, index)
		if err != nil {
			return m, err
		}
		m.Bytes += pages * 16 << 10
	}
	for i, t := range schema.Templates {
		k, err := template(ctx, c, schema, t, &draw{chance(seed, fmt.Sprint(schema.Name, " measured ", i)), 0, schema.scaled(scale)})
		if err != nil {
			return m, err
		}
		m.Costs = append(m.Costs, k)
	}
	if m.Redo, err = redo(ctx, c, schema, &draw{chance(seed, schema.Name+" writes"), 0, schema.scaled(scale)}); err != nil {
		return m, err
	}
	for name := range made {
		if table, index, _ := strings.Cut(name, "."); !before[name] {
			if err := run(ctx, c, "ALTER TABLE "+table+" DROP INDEX "+index); err != nil {
				return m, err
			}
		}
	}
	return m, nil
}

// indexNames are the indexes of the database as table.index.
func indexNames(ctx context.Context, c *sql.Conn) (map[string]bool, error) {
	names, err := column(ctx, c, "SELECT DISTINCT CONCAT(TABLE_NAME, '.', INDEX_NAME) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()")
	out := map[string]bool{}
	for _, name := range names {
		out[name] = true
	}
	return out, err
}

var (
	update = regexp.MustCompile(`^UPDATE (\w+) SET .* (WHERE .*)$`)
	remove = regexp.MustCompile(`^DELETE (FROM \w+ WHERE .*)$`)
)

// reads returns a statement that reads the rows that a statement finds, and only reads; empty when it finds none.
func reads(text string) string {
	switch {
	case strings.HasPrefix(text, "SELECT "):
		return text
	case update.MatchString(text):
		return update.ReplaceAllString(text, "SELECT * FROM $1 $2")
	case remove.MatchString(text):
		return remove.ReplaceAllString(text, "SELECT * $1")
	}
	return ""
}

// template measures one template: ANALYZE runs the statement and says which pages it asked for.
func template(ctx context.Context, c *sql.Conn, schema *Schema, t Template, d *draw) (k cost, err error) {
	for range literals {
		text := reads(schema.fill(t, d))
		if text == "" {
			return cost{}, nil
		}
		if err := run(ctx, c, "FLUSH STATUS"); err != nil {
			return k, err
		}
		start := time.Now()
		plan, err := column(ctx, c, "ANALYZE FORMAT=JSON "+text)
		if err != nil {
			return k, err
		}
		took := time.Since(start).Seconds()
		if k.Seconds == 0 || took < k.Seconds {
			k.Seconds = took
		}
		rows, err := number(ctx, c, "SELECT SUM(VARIABLE_VALUE) FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME LIKE 'Handler\\_read\\_%' AND VARIABLE_NAME NOT LIKE '%\\_deleted'")
		if err != nil {
			return k, err
		}
		var tree any
		if err := json.Unmarshal([]byte(plan[0]), &tree); err != nil {
			return k, err
		}
		k.Pages += pagesOf(tree) / literals
		k.Rows += float64(rows) / literals
	}
	return k, nil
}

// pagesOf adds up the pages of all tables of a plan.
func pagesOf(node any) (sum float64) {
	switch n := node.(type) {
	case map[string]any:
		for name, v := range n {
			if pages, ok := v.(float64); ok && name == "pages_accessed" {
				sum += pages
			} else {
				sum += pagesOf(v)
			}
		}
	case []any:
		for _, v := range n {
			sum += pagesOf(v)
		}
	}
	return sum
}

// redo sends statements that write, in the shares they have in the workload, and takes them back. It
// returns the bytes of redo log that each took.
func redo(ctx context.Context, c *sql.Conn, schema *Schema, d *draw) (perStatement float64, err error) {
	var all []Template
	for _, t := range schema.Templates {
		if strings.HasPrefix(t.SQL, "SELECT ") {
			continue
		}
		for range t.Calls {
			all = append(all, t)
		}
	}
	const lsn = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Innodb_lsn_current'"
	from, err := number(ctx, c, lsn)
	if err != nil {
		return 0, err
	}
	if err := run(ctx, c, "BEGIN"); err != nil {
		return 0, err
	}
	for range writes {
		if err := run(ctx, c, schema.fill(all[d.IntN(len(all))], d)); err != nil {
			return 0, err
		}
	}
	to, err := number(ctx, c, lsn)
	if err != nil {
		return 0, err
	}
	return float64(to-from) / writes, run(ctx, c, "ROLLBACK")
}

package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
)

// workload sends the statements of a schema in an order and with literals of their own, each logged by
// the server as slow, and returns the log.
func workload(ctx context.Context, s *server, schema *Schema, scale float64, seed uint64) (logFile string, err error) {
	logFile = filepath.Join(s.dir, schema.Name+"-slow.log")
	c, err := s.session(ctx, schema.Name)
	if err != nil {
		return "", err
	}
	defer c.Close()
	d := &draw{chance(seed, schema.Name+" workload"), 0, schema.scaled(scale)}
	var calls []Template
	for _, t := range schema.Templates {
		for range t.Calls {
			calls = append(calls, t)
		}
	}
	d.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
	if err := run(ctx, c, "SET GLOBAL slow_query_log_file = '"+logFile+"', GLOBAL slow_query_log = ON", "SET SESSION slow_query_log = ON"); err != nil {
		return "", err
	}
	for _, t := range calls {
		if err := send(ctx, c, schema.fill(t, d)); err != nil {
			return "", err
		}
	}
	return logFile, run(ctx, c, "SET SESSION slow_query_log = OFF", "SET GLOBAL slow_query_log = OFF")
}

// send runs a statement and reads its rows to the end.
func send(ctx context.Context, c *sql.Conn, text string) error {
	rows, err := c.QueryContext(ctx, text)
	if err != nil {
		return fmt.Errorf("%w\n  in %.300s", err, text)
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

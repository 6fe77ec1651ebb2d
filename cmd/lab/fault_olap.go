package main

import (
	"context"
	"sync"
)

// olap lets someone run reports over all rows beside the application.
var olap = Fault{
	Name: "olap-on-oltp",
	Label: Label{
		Layer: "database",
		Cause: []string{`(?i)replica|analytic|report|off-peak|olap|warehouse|column`, "{records}"},
		Not:   `(?i)max_connections|shard`,
	},
	Beside: func(ctx context.Context, s *Stage) error {
		reports := []string{
			"SELECT g.name, DATE_FORMAT(r.{created}, '%Y-%m') AS month, COUNT(*), SUM(r.{amount}) FROM {records} r JOIN {items} i ON i.id = r.{item} JOIN {groups} g ON g.id = i.{group} GROUP BY g.name, month ORDER BY 4 DESC",
			"SELECT r.{state}, p.{created} > '2026-06-01' AS recent, COUNT(DISTINCT r.{person}), AVG(r.{amount}) FROM {records} r JOIN {people} p ON p.id = r.{person} GROUP BY r.{state}, recent",
		}
		var all sync.WaitGroup
		errs := make([]error, len(reports))
		for i, report := range reports {
			all.Add(1)
			go func() {
				defer all.Done()
				conn, err := s.AppConn(ctx)
				if err != nil {
					errs[i] = err
					return
				}
				defer conn.Close()
				for ctx.Err() == nil {
					rows, err := conn.QueryContext(ctx, s.World.SQL(report))
					if err != nil {
						return
					}
					for rows.Next() {
					}
					rows.Close()
				}
			}()
		}
		all.Wait()
		return errs[0]
	},
}

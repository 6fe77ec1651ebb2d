package main

import (
	"math/rand/v2"
)

// smallBufferPool gives the server far less memory than the rows it is asked for.
var smallBufferPool = Fault{
	Name: "small-buffer-pool",
	Label: Label{
		Layer: "database",
		Cause: []string{"innodb_buffer_pool_size"},
		Not:   `(?i)(add|create)\s+(index|key)|query_cache_size`,
	},
	Settings: []string{"innodb_buffer_pool_size=12M"},
	Routes: func(w World) []Route {
		return []Route{{
			Method: "GET", Path: "/recent", Rate: between(w.Dice("small-buffer-pool"), 40, 80),
			Make: func(r *rand.Rand) string { return "/recent" },
			Serve: func(c *Call) error {
				for range 4 {
					ids := make([]any, 12)
					for i := range ids {
						ids[i] = 1 + c.Dice.Int64N(w.Rows.Records)
					}
					if err := c.Rows("SELECT id, {person}, {note}, {created} FROM {records} WHERE id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", ids...); err != nil {
						return err
					}
				}
				return nil
			},
		}}
	},
}

package main

import (
	"fmt"
	"math/rand/v2"
)

// tmpTables groups by a long text, so that each execution makes a temporary table on disk.
var tmpTables = Fault{
	Name: "disk-tmp-tables",
	Label: Label{
		Layer: "database",
		Cause: []string{`(?i)temporary`, "{items}"},
		Not:   `(?i)max_connections|shard`,
	},
	Routes: func(w World) []Route {
		return []Route{{
			Method: "GET", Path: "/digest/{id}", Rate: between(w.Dice("tmp-tables"), 8, 14),
			Make: func(r *rand.Rand) string { return fmt.Sprintf("/digest/%d", 1+r.Int64N(w.Rows.Items-4000)) },
			Serve: func(c *Call) error {
				return c.Rows("SELECT {body}, COUNT(*) AS n, MAX({score}) FROM {items} WHERE id BETWEEN ? AND ? GROUP BY {body} ORDER BY n DESC LIMIT 20", c.ID(), c.ID()+3500)
			},
		}}
	},
}

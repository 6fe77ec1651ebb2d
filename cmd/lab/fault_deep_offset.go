package main

import (
	"fmt"
	"math/rand/v2"
)

// deepOffset pages to the far end of a table by counting rows.
var deepOffset = Fault{
	Name: "deep-offset",
	Label: Label{
		Layer: "database",
		Cause: []string{`(?i)offset`, "{records}"},
		Not:   `(?i)max_connections|shard`,
	},
	Routes: func(w World) []Route {
		deep := w.Rows.Records / 2
		return []Route{{
			Method: "GET", Path: "/all/{id}", Rate: between(w.Dice("deep-offset"), 5, 10),
			Make: func(r *rand.Rand) string { return fmt.Sprintf("/all/%d", deep+r.Int64N(deep-100)) },
			Serve: func(c *Call) error {
				return c.Rows("SELECT id, {person}, {state}, {created} FROM {records} ORDER BY id LIMIT ? OFFSET ?", 25, c.ID())
			},
		}}
	},
}

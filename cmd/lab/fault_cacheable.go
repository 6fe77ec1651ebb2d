package main

import (
	"fmt"
	"math/rand/v2"
)

// cacheable reads the same few answers again and again.
var cacheable = Fault{
	Name: "cacheable-reads",
	Label: Label{
		Layer: "database", AlsoOK: []string{"cache"},
		Cause: []string{`(?i)cache`, "{records}|{items}"},
		Not:   `(?i)max_connections|shard`,
	},
	Routes: func(w World) []Route {
		dice := w.Dice("cacheable")
		pages := int64(between(dice, 8, 30))
		return []Route{{
			Method: "GET", Path: "/front/{id}", Rate: between(dice, 60, 110),
			Make: func(r *rand.Rand) string { return fmt.Sprintf("/front/%d", 1+r.Int64N(pages)) },
			Serve: func(c *Call) error {
				return c.Rows("SELECT i.id, i.{title}, COUNT(*) AS n, MAX(r.{created}) FROM {items} i JOIN {records} r ON r.{item} = i.id WHERE i.{group} = ? GROUP BY i.id, i.{title} ORDER BY n DESC LIMIT 10", c.ID())
			},
		}}
	},
}

package main

import (
	"fmt"
	"math/rand/v2"
)

// implicitCast compares a column of strings with a number, so that its key is of no use.
var implicitCast = Fault{
	Name: "implicit-cast",
	Label: Label{
		Layer: "database",
		Cause: []string{`(?i)quote|string|cast|type`, "{records}", "by_code|{code}"},
		Not:   `(?i)(add|create)\s+(unique\s+)?(index|key) |max_connections`,
	},
	Routes: func(w World) []Route {
		return []Route{{
			Method: "GET", Path: "/track/{id}", Rate: between(w.Dice("implicit-cast"), 4, 7),
			Make: func(r *rand.Rand) string { return "/track/" + codeOf(1+r.Int64N(w.Rows.Records)) },
			Serve: func(c *Call) error {
				return c.Rows(fmt.Sprintf("SELECT id, {state}, {due} FROM {records} WHERE {code} = %d", c.ID()))
			},
		}}
	},
}

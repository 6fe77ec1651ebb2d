package main

import (
	"fmt"
	"math/rand/v2"
)

// missingComposite filters by one column and sorts by another: the key on the first alone reads and
// sorts all that the filter leaves.
var missingComposite = Fault{
	Name: "missing-composite",
	Label: Label{
		Layer: "database",
		Cause: []string{`(?i)(add|create)\s+(unique\s+)?(index|key)`, "{records}", "{state}.*{due}"},
		Not:   `(?i)max_connections|shard`,
	},
	Routes: func(w World) []Route {
		return []Route{{
			Method: "GET", Path: "/queue/{state}", Rate: between(w.Dice("missing-composite"), 4, 7),
			Make: func(r *rand.Rand) string { return fmt.Sprintf("/queue/%s", w.States[r.IntN(len(w.States))]) },
			Serve: func(c *Call) error {
				return c.Rows("SELECT id, {person}, {amount}, {due} FROM {records} WHERE {state} = ? ORDER BY {due} DESC LIMIT 25", c.Value("state"))
			},
		}}
	},
}

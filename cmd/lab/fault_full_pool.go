package main

import (
	"math/rand/v2"
)

// fullPool lets slow statements fill a small pool, so that most of the waiting is done in the
// application, before statements that are fast.
var fullPool = Fault{
	Name: "slow-query-fills-pool",
	Label: Label{
		Layer: "database",
		Cause: []string{`(?i)(add|create)\s+(unique\s+)?(index|key)`, "{records}", "{token}"},
		Not:   `(?i)max_connections|shard|buffer_pool`,
	},
	World:   func(w *World) { w.Pool = 6 },
	Prepare: func(w World) []string { return []string{"ALTER TABLE {records} DROP KEY by_token"} },
	Routes: func(w World) []Route {
		return []Route{{
			Method: "GET", Path: "/lookup/{token}", Rate: between(w.Dice("full-pool"), 20, 26),
			Make: func(r *rand.Rand) string { return "/lookup/" + tokenOf(1+r.Int64N(w.Rows.Records)) },
			Serve: func(c *Call) error {
				return c.Rows("SELECT id, {person}, {state} FROM {records} WHERE {token} = ?", c.Value("token"))
			},
		}}
	},
}

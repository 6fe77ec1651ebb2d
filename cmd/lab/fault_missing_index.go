package main

import (
	"context"
	"math/rand/v2"
)

// missingIndex looks a record up by a column that has no key: in half of the worlds a new route
// does, in the others the key goes while the application runs.
var missingIndex = Fault{
	Name: "missing-index",
	Label: Label{
		Layer: "database",
		Cause: []string{`(?i)(add|create)\s+(unique\s+)?(index|key)`, "{records}", "{token}"},
		Not:   `(?i)max_connections|shard|buffer_pool`,
	},
	Prepare: func(w World) []string {
		if keyGoes(w) {
			return nil
		}
		return []string{"ALTER TABLE {records} DROP KEY by_token"}
	},
	Routes: func(w World) []Route {
		return []Route{{
			Method: "GET", Path: "/lookup/{token}", Rate: between(w.Dice("missing-index"), 5, 9), Always: keyGoes(w),
			Make: func(r *rand.Rand) string { return "/lookup/" + tokenOf(1+r.Int64N(w.Rows.Records)) },
			Serve: func(c *Call) error {
				return c.Rows("SELECT id, {person}, {state} FROM {records} WHERE {token} = ?", c.Value("token"))
			},
		}}
	},
	Beside: func(ctx context.Context, s *Stage) error {
		if !keyGoes(s.World) {
			return nil
		}
		return s.DB.Run(s.World.SQL("ALTER TABLE {schema}.{records} DROP KEY by_token"))
	},
}

func keyGoes(w World) bool { return w.Seed%2 == 0 }

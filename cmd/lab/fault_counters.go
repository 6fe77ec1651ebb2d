package main

import (
	"fmt"
	"math/rand/v2"
)

// counters counts each view of an item in a statement and a commit of its own.
var counters = Fault{
	Name: "coalescable-counters",
	Label: Label{
		Layer: "database", AlsoOK: []string{"cache", "app"},
		Cause: []string{`(?i)buffer|merge|coalesc|batch`, "{items}", "{score}"},
		Not:   `(?i)(add|create)\s+(index|key)|flush_log_at_trx_commit\s*=\s*0`,
	},
	Routes: func(w World) []Route {
		dice := w.Dice("counters")
		famous := int64(between(dice, 15, 60))
		return []Route{{
			Method: "POST", Path: w.SQL("/{items}/{id}/seen"), Rate: between(dice, 130, 220),
			Make:  func(r *rand.Rand) string { return fmt.Sprintf(w.SQL("/{items}/%d/seen"), 1+31*r.Int64N(famous)) },
			Serve: func(c *Call) error { return c.Exec("UPDATE {items} SET {score} = {score} + 1 WHERE id = ?", c.ID()) },
		}}
	},
}

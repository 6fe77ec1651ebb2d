package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// hotRow counts into one row inside of a transaction that goes on to do other things.
var hotRow = Fault{
	Name: "hot-row",
	Label: Label{
		Layer: "database", AlsoOK: []string{"app"},
		Cause: []string{`(?i)lock|hot row|same row`, "{totals}"},
		Not:   `(?i)(add|create)\s+(index|key)|buffer_pool`,
	},
	Routes: func(w World) []Route {
		dice := w.Dice("hot-row")
		hot := 1 + dice.Int64N(w.Rows.Groups)
		return []Route{{
			Method: "POST", Path: w.SQL("/{groups}/{id}/join"), Rate: between(dice, 45, 70),
			Make: func(r *rand.Rand) string { return fmt.Sprintf(w.SQL("/{groups}/%d/join"), hot) },
			Serve: func(c *Call) error {
				return c.Tx(func() error {
					if err := c.Exec("UPDATE {totals} SET n = n + 1, updated_at = NOW() WHERE {group} = ?", c.ID()); err != nil {
						return err
					}
					if err := c.Wait(20*time.Millisecond, 30*time.Millisecond); err != nil {
						return err
					}
					return c.Insert()
				})
			},
		}}
	},
}

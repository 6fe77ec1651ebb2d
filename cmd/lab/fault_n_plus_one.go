package main

import (
	"fmt"
	"math/rand/v2"
)

// nPlusOne asks for the rows of a list one by one.
var nPlusOne = Fault{
	Name: "n-plus-one",
	Label: Label{
		Layer: "app", AlsoOK: []string{"database"},
		Cause: []string{`(?i)one by one|N\+1|IN \(|join|batch|in a row|per request`, "{people}"},
		Not:   `(?i)(add|create)\s+(index|key)|buffer_pool`,
	},
	Routes: func(w World) []Route {
		dice := w.Dice("n-plus-one")
		per := 25 + dice.IntN(25)
		return []Route{{
			Method: "GET", Path: w.SQL("/{groups}/{id}/people"), Rate: between(dice, 12, 22),
			Make: func(r *rand.Rand) string { return fmt.Sprintf(w.SQL("/{groups}/%d/people"), 1+r.Int64N(w.Rows.Groups)) },
			Serve: func(c *Call) error {
				ids, err := c.Column(fmt.Sprintf("SELECT r.{person} FROM {records} r WHERE r.{item} > ? ORDER BY r.{item} LIMIT %d", per), c.ID())
				if err != nil {
					return err
				}
				for _, id := range ids {
					if err := c.Rows("SELECT id, name, {created} FROM {people} WHERE id = ?", id); err != nil {
						return err
					}
				}
				return nil
			},
		}}
	},
}

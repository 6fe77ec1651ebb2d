package main

import (
	"fmt"
	"math/rand/v2"
)

// myisam lets long reads and short writes of one table wait for each other.
var myisam = Fault{
	Name: "myisam-locks",
	Label: Label{
		Layer: "database",
		Cause: []string{`(?i)lock`, `(?i)myisam|innodb`, "{journal}"},
		Not:   `(?i)max_connections|shard`,
	},
	Prepare: func(w World) []string { return []string{"ALTER TABLE {journal} ENGINE=MyISAM"} },
	Routes: func(w World) []Route {
		dice := w.Dice("myisam")
		return []Route{
			{
				Method: "GET", Path: "/activity/{id}", Rate: between(dice, 8, 13),
				Make: func(r *rand.Rand) string { return fmt.Sprintf("/activity/%d", r.IntN(256)) },
				Serve: func(c *Call) error {
					return c.Rows("SELECT COUNT(*), MAX(at) FROM {journal} WHERE what LIKE ?", fmt.Sprintf("%%%02x%02x%%", c.ID(), c.ID()))
				},
			},
			{
				Method: "POST", Path: "/activity/{id}", Rate: between(dice, 15, 30),
				Make:  func(r *rand.Rand) string { return fmt.Sprintf("/activity/%d", 1+r.Int64N(w.Rows.Journal)) },
				Serve: func(c *Call) error { return c.Exec("UPDATE {journal} SET at = NOW() WHERE id = ?", c.ID()) },
			},
		}
	},
}

package main

import (
	"math/rand/v2"
	"strings"
)

// slowClient serves large answers to clients on thin lines.
var slowClients = Fault{
	Name: "slow-client",
	Label: Label{
		Layer: "client", AlsoOK: []string{"web", "none"},
		Cause: []string{`(?i)client|download|body|response size|large`},
		Not:   `(?i)(add|create)\s+(index|key)|buffer_pool|max_connections`,
	},
	// On one host the kernel would take a whole answer at once; a line that is far away does not.
	ListenOptions: " sndbuf=32k",
	Routes: func(w World) []Route {
		dice := w.Dice("slow-client")
		size := 500_000 + dice.IntN(900_000)
		return []Route{{
			Method: "GET", Path: "/export/{id}", Rate: between(dice, 3, 6), Slow: 80_000 + dice.IntN(150_000),
			Make: func(r *rand.Rand) string { return "/export/7" },
			Serve: func(c *Call) error {
				if err := c.Rows("SELECT id, {state}, {amount} FROM {records} WHERE {item} = ?", c.ID()); err != nil {
					return err
				}
				_, err := c.out.WriteString(strings.Repeat("0123456789abcdef", size/16))
				return err
			},
		}}
	},
}

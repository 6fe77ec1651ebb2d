package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// idleTransaction leaves a transaction open after it has changed rows that others want to change.
var idleTransaction = Fault{
	Name: "idle-in-transaction",
	Label: Label{
		Layer: "app", AlsoOK: []string{"database"},
		Cause: []string{`(?i)idle|sleep`, `(?i)transaction|commit`},
		Not:   `(?i)(add|create)\s+(index|key)|buffer_pool|raise.*lock_wait_timeout`,
	},
	Routes: func(w World) []Route {
		return []Route{{
			Method: "POST", Path: w.SQL("/{groups}/{id}/tally"), Rate: between(w.Dice("idle-transaction"), 4, 8),
			Make: func(r *rand.Rand) string { return fmt.Sprintf(w.SQL("/{groups}/%d/tally"), 1+r.IntN(40)) },
			Serve: func(c *Call) error {
				return c.Exec("UPDATE {totals} SET n = n + 1, updated_at = NOW() WHERE {group} = ?", c.ID())
			},
		}}
	},
	Beside: func(ctx context.Context, s *Stage) error {
		conn, err := s.AppConn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		for _, stmt := range []string{"BEGIN", "UPDATE {totals} SET n = 0 WHERE {group} <= 30"} {
			if _, err := conn.ExecContext(ctx, s.World.SQL(stmt)); err != nil {
				return err
			}
		}
		// Those who wait are let go before the end, so that the slow log has them.
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(s.Plan.End) - 3*time.Second):
		}
		_, err = conn.ExecContext(context.WithoutCancel(ctx), "COMMIT")
		return err
	},
}

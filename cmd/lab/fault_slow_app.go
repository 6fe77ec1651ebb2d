package main

import "time"

// slowApp waits for a service that none of our logs knows.
var slowApp = Fault{
	Name: "slow-app",
	Label: Label{
		Layer: "app",
		Cause: []string{`(?i)application|app`, `(?i)not the database|outside|elsewhere|external|upstream`},
		Not:   `(?i)(add|create)\s+(index|key)|buffer_pool`,
	},
	Around: func(c *Call, route Route, do func() error) error {
		if err := do(); err != nil {
			return err
		}
		if route.Method == "GET" && c.ID()%3 == 0 {
			return nil
		}
		return c.Wait(200*time.Millisecond, 700*time.Millisecond)
	},
}

package main

import (
	"net/http"
	"time"
)

// maxConnections holds connections while it waits for another service, more than the server grants.
var maxConnections = Fault{
	Name: "max-connections",
	Label: Label{
		Layer: "app", AlsoOK: []string{"database"},
		Cause: []string{`max_connections|connection`, `(?i)pool|leak|idle|sleep|refused`},
		Not:   `(?i)(add|create)\s+(index|key)|buffer_pool`,
	},
	Settings:  []string{"max_connections=24"},
	World:     func(w *World) { w.Pool = 12 },
	AppChange: func(a *App, _ []*http.Server) { a.DB.SetMaxOpenConns(0) },
	Around: func(c *Call, _ Route, do func() error) error {
		return c.Hold(func() error {
			if err := do(); err != nil {
				return err
			}
			return c.Wait(300*time.Millisecond, 900*time.Millisecond)
		})
	},
}

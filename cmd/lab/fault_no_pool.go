package main

import "net/http"

// noPool makes the application open a connection for every statement.
var noPool = Fault{
	Name: "no-pool",
	Label: Label{
		Layer: "app", AlsoOK: []string{"database"},
		Cause: []string{`(?i)connection pool|persistent`},
		Not:   `(?i)(raise|increase) max_connections|(add|create)\s+(index|key)`,
	},
	AppChange: func(a *App, _ []*http.Server) { a.DB.SetMaxIdleConns(-1) },
}

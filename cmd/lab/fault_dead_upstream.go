package main

import "net/http"

// deadUpstream stops one of the two instances of the application.
var deadUpstream = Fault{
	Name: "dead-upstream",
	Label: Label{
		Layer: "app", AlsoOK: []string{"web"},
		Cause: []string{`(?i)upstream|peer|retr`, `127\.0\.0\.1:{app2}`},
		Not:   `(?i)(add|create)\s+(index|key)|buffer_pool`,
	},
	UpstreamOptions: "max_fails=0",
	AppChange:       func(_ *App, servers []*http.Server) { servers[1].Close() },
}

package main

import "context"

// cpuHog lets another job take the processors.
var cpuHog = Fault{
	Name: "cpu-hog",
	Label: Label{
		Layer: "host",
		Cause: []string{`(?i)cpu|processor`, `transcode`},
		Not:   `(?i)(add|create)\s+(index|key)|buffer_pool`,
	},
	Beside: func(ctx context.Context, s *Stage) error { return s.Role(ctx, "transcode", "burn") },
}

package main

import "context"

// diskHog lets another job write and sync as fast as the disk takes it.
var diskHog = Fault{
	Name: "disk-hog",
	Label: Label{
		Layer: "host",
		Cause: []string{`Disk`, `(?i)process|device`},
		Not:   `(?i)(add|create)\s+(index|key)|flush_log_at_trx_commit\s*=\s*0`,
	},
	World:  func(w *World) { w.Rate *= 1.3 },
	Beside: func(ctx context.Context, s *Stage) error { return s.Role(ctx, "backupd", "write") },
}

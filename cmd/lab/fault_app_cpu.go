package main

import (
	"sync/atomic"
	"time"
)

// appCPU has the application compute for each answer more than the host's cores can give.
var appCPU = Fault{
	Name: "app-cpu",
	Label: Label{
		Layer: "app",
		Cause: []string{`(?i)not the database|application uses (up the CPU|.* the CPU for each request)`},
		Not:   `(?i)(add|create)\s+(index|key)|buffer_pool`,
	},
	Around: func(c *Call, _ Route, do func() error) error {
		if err := do(); err != nil {
			return err
		}
		spin(time.Duration(between(c.World.Dice("app-cpu"), 12, 18)) * time.Millisecond)
		return nil
	},
}

// sink keeps the compiler from leaving the work out.
var sink atomic.Uint64

// spin computes for about as long as it takes an idle core to do so.
func spin(d time.Duration) {
	x := uint64(88172645463325252)
	for range int(d.Microseconds()) * 400 { // about 2.5 ns a round
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	sink.Store(x)
}

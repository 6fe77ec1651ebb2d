package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Memory is traded for a little time: the program runs on servers that are short of it. Beyond the
// goal the collector works harder; it is no limit.
const (
	gcPercent  = 50
	memoryGoal = 96 << 20
	// leastHeap is taken before anything is collected: a short run, and the ends of a long one, would
	// spend a third of their time on it.
	leastHeap = 16 << 20
)

// collectLate has the collector begin its work at leastHeap, and again whenever less is left over.
func collectLate() {
	debug.SetMemoryLimit(memoryGoal)
	debug.SetGCPercent(100 * leastHeap / goHeap) // that of the first collection
	tuneAfterCollection()
}

// goHeap is the heap from which Go would collect first, at 100 percent.
const goHeap = 4 << 20

// tuneAfterCollection sets the heap of the collection after the next, and so on.
func tuneAfterCollection() {
	mark := new([64]byte) // what nobody holds is gone with the next collection
	runtime.AddCleanup(mark, func(struct{}) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		percent := gcPercent
		if n := live[0].Value.Uint64(); n > 0 {
			percent = max(percent, int(100*leastHeap/n)-100)
		}
		debug.SetGCPercent(percent)
		tuneAfterCollection()
	}, struct{}{})
}

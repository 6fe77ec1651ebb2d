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
	// memoryRoom is what is left to what is not kept, however much is: else nothing but collecting
	// would be done.
	memoryRoom = 8 << 20
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
		live, around := heapNow()
		percent := gcPercent
		if live > 0 {
			percent = max(percent, int(100*leastHeap/live)-100)
		}
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(max(memoryGoal, live+around+memoryRoom))
		tuneAfterCollection()
	}, struct{}{})
}

// heapNow returns what the last collection has left, and what memory the heap takes beside what it holds.
func heapNow() (live, around int64) {
	s := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/free:bytes"},
	}
	metrics.Read(s)
	of := func(i int) int64 { return int64(s[i].Value.Uint64()) }
	return of(0), of(1) - of(2) - of(3) - of(4)
}

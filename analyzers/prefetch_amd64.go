package analyzers

import "unsafe"

// prefetch asks the processor for the cache lines of size bytes at p, and does not wait for them. No
// address is wrong.
//
//go:noescape
func prefetch(p unsafe.Pointer, size int)

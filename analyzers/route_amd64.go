package analyzers

import "golang.org/x/sys/cpu"

// vectors says that maskPath may be called.
var vectors = cpu.X86.HasAVX2

// maskPath sets the masks of the 64 bytes of text.
//
//go:noescape
func maskPath(m *pathMasks, text *byte)

package logs

import "golang.org/x/sys/cpu"

// vectors says that the functions of this file may be called.
var vectors = cpu.X86.HasAVX2 && cpu.X86.HasBMI1 && cpu.X86.HasPOPCNT

// newlineOffsets writes from plus the offset of each newline in the first n bytes of text, a multiple of
// 64 above 0, and returns how many there are. It writes up to three places more.
//
//go:noescape
func newlineOffsets(dst *uint32, text *byte, n int, from uint32) int

// holdsOpener reports whether a quote, double quote, backtick or slash is among the first n bytes of
// text, 32 or more.
//
//go:noescape
func holdsOpener(text *byte, n int) bool

// quoteBits sets the bits of the double quotes among the first 64 × words bytes of text; words is above 0.
//
//go:noescape
func quoteBits(dst *uint64, text *byte, words int)

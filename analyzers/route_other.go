//go:build !amd64

package analyzers

const vectors = false

func maskPath(*pathMasks, *byte) { panic("never called") }

package analyzers

import (
	"bytes"
	"testing"
)

// BenchmarkDigest scans a log of few classes into a digest, and one of thousands.
func BenchmarkDigest(b *testing.B) {
	for name, data := range map[string][]byte{
		"few":  bytes.Repeat(manyClasses(20), 1000),
		"many": manyClasses(20_000),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				scanFile(b, data, 1)
			}
		})
	}
}

// BenchmarkMerge joins the digests of two logs of the same thousand classes.
func BenchmarkMerge(b *testing.B) {
	d := scanFile(b, manyClasses(1000), 1)
	b.ReportAllocs()
	for b.Loop() {
		into := NewDigest()
		into.Merge(d)
		into.Merge(d)
	}
}

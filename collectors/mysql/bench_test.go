package mysql

import (
	"context"
	"testing"
	"time"

	"dbtriage/collectors/mysql/mysqltest"
)

// A reading each second is what watching a server costs us.
func BenchmarkRead(b *testing.B) {
	m := mysqltest.Start(b)
	s, now := reader(b, m, "root"), time.Now()
	read(b, s, now)
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(100 * time.Millisecond)
		if _, err := s.Read(context.Background(), now); err != nil {
			b.Fatal(err)
		}
	}
}

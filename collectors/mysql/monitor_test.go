package mysql

import (
	"context"
	"testing"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/mysql/mysqltest"
)

// A deadlock made for real is told once, at its time and with its table.
func TestDeadlock(t *testing.T) {
	m := mysqltest.Start(t)
	shop(t, m)
	ctx := context.Background()
	db := m.Open(t, "root", "shop")
	s := reader(t, m, "root")
	start := time.Now()
	if n := deadlocks(read(t, s, start)); n != nil {
		t.Fatalf("before there was one: %+v", n)
	}

	locked, both := make(chan bool), make(chan bool)
	ended := make(chan error, 2)
	for _, order := range [][2]string{{"1", "2"}, {"2", "1"}} {
		go func() {
			c, err := db.Conn(ctx)
			if err != nil {
				ended <- err
				return
			}
			defer c.Close()
			_, _ = c.ExecContext(ctx, "BEGIN")
			_, _ = c.ExecContext(ctx, "UPDATE carts SET owner = 'x' WHERE id = "+order[0])
			locked <- true
			<-both
			_, err = c.ExecContext(ctx, "UPDATE carts SET owner = 'y' WHERE id = "+order[1])
			_, _ = c.ExecContext(ctx, "ROLLBACK")
			ended <- err
		}()
	}
	<-locked
	<-locked
	close(both)
	failed := 0
	for range 2 {
		if err := <-ended; err != nil {
			failed++
		}
	}
	if failed != 1 {
		t.Fatalf("%d of two transactions were rolled back", failed)
	}

	told := deadlocks(read(t, s, start.Add(monitorEvery)))
	if len(told) != 1 || told[0].Instance != "shop.carts" {
		t.Fatalf("%+v", told)
	}
	if off := time.Since(time.UnixMicro(told[0].At)).Abs(); off > time.Minute {
		t.Errorf("it is dated %v off", off)
	}
	if again := deadlocks(read(t, s, start.Add(2*monitorEvery))); again != nil {
		t.Errorf("told again: %+v", again)
	}
}

func deadlocks(r collectors.Reading) (out []collectors.Sample) {
	for _, v := range r.Samples {
		if v.Name == "innodb.deadlock" {
			out = append(out, v)
		}
	}
	return out
}

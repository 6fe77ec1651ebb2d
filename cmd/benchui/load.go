package main

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A load writes the logs of a small busy server as time goes by.
type load struct {
	access, slow string
	done         chan struct{}
	wg           sync.WaitGroup
}

func startLoad(dir string) (*load, error) {
	l := &load{access: filepath.Join(dir, "access.log"), slow: filepath.Join(dir, "slow.log"), done: make(chan struct{})}
	access, errA := os.Create(l.access)
	slow, errS := os.Create(l.slow)
	if err := errors.Join(errA, errS); err != nil {
		return nil, err
	}
	random := rand.New(rand.NewSource(1))
	write := func(at time.Time, n int) {
		for range n {
			db := 0.002 + random.ExpFloat64()*0.02
			all := db + 0.003
			id := random.Intn(1e6)
			fmt.Fprintf(access, "10.0.0.%d - - [%s] \"GET /orders/%d HTTP/1.1\" 200 %d \"-\" \"load\" rt=%.3f ua=\"10.0.1.1:8080\" us=\"200\" ut=\"%.3f\" uct=\"0.000\" uht=\"%.3f\"\n",
				random.Intn(250), at.Format("02/Jan/2006:15:04:05 -0700"), id, 500+random.Intn(9000), all, all-0.001, all-0.001)
			fmt.Fprintf(slow, "# User@Host: shop[shop] @  [10.0.0.9]\n# Thread_id: %d  Schema: shop  QC_hit: No\n# Query_time: %.6f  Lock_time: 0.000010  Rows_sent: 1  Rows_examined: %d\nSET timestamp=%d;\nSELECT * FROM orders WHERE user_id = %d AND shape%d = 1;\n",
				random.Intn(50), db, random.Intn(5000), at.Unix(), id, random.Intn(12))
		}
	}
	now := time.Now()
	for i := range 120 { // what was before the program started
		write(now.Add(time.Duration(i-120)*time.Second), 40)
	}
	l.wg.Go(func() {
		defer access.Close()
		defer slow.Close()
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-l.done:
				return
			case at := <-tick.C:
				write(at, 3+random.Intn(4))
			}
		}
	})
	return l, nil
}

func (l *load) stop() {
	close(l.done)
	l.wg.Wait()
}

package main

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// G3: frames are small, the first one and those of every second.
func TestFramesAreSmall(t *testing.T) {
	for _, c := range []struct{ width, height, first, steady int }{
		{80, 24, 4 << 10, 1536},
		{200, 50, 12 << 10, 6 << 10},
	} {
		t.Run(fmt.Sprintf("%dx%d", c.width, c.height), func(t *testing.T) {
			demo := onPTY(t, c.width, c.height, "demo", "--tui")
			demo.waitFor("DATABASE is at fault")
			if n := demo.largestFrame(); n > c.first {
				t.Errorf("a whole frame has %d bytes, the goal is %d", n, c.first)
			}
			demo.keys("\x03")
			demo.wait()
			r := onPTY(t, c.width, c.height, "live", "--interval", "1s")
			r.waitFor("[1 Verdict]")
			r.keys("2") // all its figures move
			r.waitFor("[2 Host]")
			time.Sleep(1500 * time.Millisecond)
			var frames []int
			for range 3 {
				before := r.written()
				time.Sleep(time.Second)
				frames = append(frames, r.written()-before)
			}
			slices.Sort(frames)
			if frames[1] == 0 || frames[1] > c.steady {
				t.Errorf("frames of %v bytes, the goal is %d", frames, c.steady)
			}
			t.Logf("frames of %v bytes", frames)
			r.keys("\x03")
			r.wait()
		})
	}
}

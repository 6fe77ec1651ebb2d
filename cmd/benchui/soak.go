package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

// growth is how much more memory the last quarter of a soak may take than the second one.
const growth = 1.15

// soakRun plays a recording again and again in the terminal UI, presses keys, and says how the memory
// went. Without a recording it makes one of half a minute.
func soakRun(program, dir, recording string, length time.Duration, load *load) error {
	if recording == "" {
		recording = filepath.Join(dir, "soak.rec")
		fmt.Println("recording half a minute")
		cmd := exec.Command("timeout", "30", program, "live", "--plain", "--interval", "200ms", "--record", recording, "--access-log", load.access, "--slow-log", load.slow)
		if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != 124 {
			return fmt.Errorf("recording: %w\n%s", err, out)
		}
	}
	r, err := startOn([]string{program, "replay", "--speed", "10x", recording}, 120, 40)
	if err != nil {
		return err
	}
	defer r.end()
	if _, err := r.waitFor("[1 Verdict]", 20*time.Second); err != nil {
		return err
	}
	keys := []string{"2", "3", "4", "j", "j", "\r", "\x1b", "5", "6", "7", "w", " ", "[", "[", "L", "1", "!", "\x1b"}
	var samples []float64
	start := time.Now()
	every := max(length/400, 100*time.Millisecond)
	for i := 0; time.Since(start) < length; i++ {
		if !r.alive() {
			return fmt.Errorf("it ended after %v", time.Since(start))
		}
		r.key(keys[i%len(keys)])
		time.Sleep(every)
		samples = append(samples, float64(r.memory())/1e6)
		if i%40 == 0 {
			fmt.Printf("%8s  %6.1f MB  %d bytes painted\n", time.Since(start).Round(time.Second), samples[len(samples)-1], r.written())
		}
	}
	n := len(samples) / 4
	if n == 0 {
		return fmt.Errorf("too short: %d samples", len(samples))
	}
	second, last := mean(samples[n:2*n]), mean(samples[3*n:])
	fmt.Printf("memory: second quarter %.1f MB, last quarter %.1f MB\n", second, last)
	if last > second*growth {
		return fmt.Errorf("memory grew by %.0f %%", 100*(last/second-1))
	}
	return nil
}

func mean(x []float64) (sum float64) {
	for _, v := range x {
		sum += v / float64(len(x))
	}
	return sum
}

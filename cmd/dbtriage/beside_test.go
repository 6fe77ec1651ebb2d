package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// besideSpan is how long each of them looks, in rows of a second.
const besideSpan = 5

// sample, sar and vmstat look at the same seconds of a loaded machine and say the same within 5 %. They
// start some milliseconds apart, and what others do on the machine in these is no fault of ours: a
// comparison that fails is made again, four times at most. A wrong number fails all of them.
func TestBesideSarAndVmstat(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	for _, tool := range []string{"sar", "vmstat"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: apt-get install sysstat procps", tool)
		}
	}
	load(t)
	for try := 1; ; try++ {
		own, sar, vmstat := lookTogether(t)
		bad := differences(own, sar, "sar")
		bad = append(bad, differences(own, vmstat, "vmstat")...)
		for _, name := range []string{"cpu", "switches", "disk write", "net lo"} {
			t.Logf("%-10s sample %12.6g  sar %12.6g  vmstat %12.6g", name, own[name], sar[name], vmstat[name])
		}
		if len(bad) == 0 {
			return
		}
		if try == 4 {
			t.Fatal(strings.Join(bad, "\n"))
		}
		t.Logf("again: %s", strings.Join(bad, "; "))
	}
}

// differences compares what both have. Rates are in bytes and events a second, processors in shares of 1.
func differences(own, other map[string]float64, name string) (bad []string) {
	for what, want := range other {
		got, have := own[what]
		floor := map[string]float64{"cpu": 0.01, "idle": 0.02, "switches": 50, "disk write": 100e3, "disk read": 100e3, "net lo": 100e3}[what]
		if !have || math.Abs(got-want) > 0.05*math.Max(got, want)+floor {
			bad = append(bad, fmt.Sprintf("%s: %.6g, %s says %.6g", what, got, name, want))
		}
	}
	if len(other) < 3 {
		bad = append(bad, fmt.Sprintf("%s said only %v", name, other))
	}
	return bad
}

// lookTogether runs all three at once.
func lookTogether(t *testing.T) (own, sar, vmstat map[string]float64) {
	t.Helper()
	var wg sync.WaitGroup
	seconds := strconv.Itoa(besideSpan)
	wg.Go(func() { sar = averagesOfSar(output(t, "sar", "-u", "-w", "-d", "-n", "DEV", "1", seconds)) })
	// vmstat reads once more: its first row is of the time since the boot.
	wg.Go(func() { vmstat = averagesOfVmstat(output(t, "vmstat", "1", strconv.Itoa(besideSpan+1))) })
	time.Sleep(20 * time.Millisecond) // what they take to start
	var out, stderr bytes.Buffer
	if err := sample(t.Context(), streams{out: &out, err: &stderr}, []string{"1", seconds}, &sampleFlags{format: "json"}); err != nil {
		t.Error(err)
	}
	wg.Wait()
	return averagesOfSample(t, &out), sar, vmstat
}

func output(t *testing.T, name string, args ...string) string {
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "S_COLORS=never")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func averagesOfSample(t *testing.T, in io.Reader) map[string]float64 {
	sums, total := map[string]float64{}, 0.0
	for dec := json.NewDecoder(in); ; {
		var row jsonRow
		if err := dec.Decode(&row); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		total += row.Interval
		for _, s := range row.Samples {
			sums[s.Name+" "+s.Instance] += s.Value * row.Interval
		}
	}
	for name := range sums {
		sums[name] /= total
	}
	out := map[string]float64{
		"cpu":      sums["cpu.user "] + sums["cpu.system "],
		"idle":     sums["cpu.idle "] + sums["cpu.iowait "],
		"switches": sums["cpu.context_switches "],
		"net lo":   sums["net.rx_bytes lo"],
	}
	for name, v := range sums {
		if device, ok := strings.CutPrefix(name, "disk.write_bytes "); ok && physical(device) {
			out["disk write"] += v
			out["disk read"] += sums["disk.read_bytes "+device]
		}
	}
	return out
}

// averagesOfSar reads the lines that begin with Average: under the heading of each table.
func averagesOfSar(text string) map[string]float64 {
	out := map[string]float64{}
	var heading []string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "Average:" {
			continue
		}
		if _, err := strconv.ParseFloat(words[len(words)-1], 64); err != nil {
			heading = words
			continue
		}
		get := func(name string) float64 {
			for i, h := range heading {
				if h == name && i < len(words) {
					v, _ := strconv.ParseFloat(words[i], 64)
					return v
				}
			}
			return 0
		}
		switch heading[1] {
		case "CPU":
			out["cpu"] = (get("%user") + get("%nice") + get("%system")) / 100
			out["idle"] = (get("%idle") + get("%iowait")) / 100
		case "proc/s":
			out["switches"] = get("cswch/s")
		case "DEV":
			if physical(words[1]) {
				out["disk write"] += get("wkB/s") * 1024
				out["disk read"] += get("rkB/s") * 1024
			}
		case "IFACE":
			if words[1] == "lo" {
				out["net lo"] = get("rxkB/s") * 1024
			}
		}
	}
	return out
}

// averagesOfVmstat reads all rows but the first.
func averagesOfVmstat(text string) map[string]float64 {
	out := map[string]float64{}
	var heading []string
	rows := 0.0
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) > 10 && words[0] == "r":
			heading = words
			rows = -1
		case len(words) > 10 && heading != nil:
			if rows++; rows == 0 {
				continue
			}
			for i, name := range heading {
				v, _ := strconv.ParseFloat(words[i], 64)
				switch name {
				case "us", "sy":
					out["cpu"] += v / 100
				case "id", "wa":
					out["idle"] += v / 100
				case "cs":
					out["switches"] += v
				}
			}
		}
	}
	for name := range out {
		out[name] /= rows
	}
	return out
}

// load keeps a part of the machine busy, evenly, until the test ends: processors, switches, disk and
// loopback.
func load(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	t.Cleanup(func() { cancel(); wg.Wait() })
	every := func(d time.Duration, do func() bool) {
		wg.Go(func() {
			tick := time.NewTicker(d)
			defer tick.Stop()
			for ctx.Err() == nil && do() {
				<-tick.C
			}
		})
	}
	every(10*time.Millisecond, func() bool {
		for end := time.Now().Add(3 * time.Millisecond); time.Now().Before(end); {
			runtime.KeepAlive(strings.Repeat("x", 100))
		}
		return true
	})
	file, err := os.Create(filepath.Join(t.TempDir(), "written"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	block := bytes.Repeat([]byte{7}, 256<<10)
	every(25*time.Millisecond, func() bool {
		_, err := file.WriteAt(block, 0)
		return err == nil && file.Sync() == nil
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	out, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	in, err := listener.Accept()
	listener.Close()
	if err != nil {
		t.Fatal(err)
	}
	context.AfterFunc(ctx, func() { in.Close(); out.Close() })
	wg.Go(func() { _, _ = io.Copy(io.Discard, in) })
	every(2*time.Millisecond, func() bool {
		_, err := out.Write(block[:64<<10])
		return err == nil
	})
}

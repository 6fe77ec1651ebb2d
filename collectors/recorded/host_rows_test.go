package recorded

import (
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dbtriage/collectors"
)

// captured reads a file of the capture that began at 04:44:49 and ended six seconds later.
func captured(t *testing.T, part string) heard {
	t.Helper()
	const base = "2026_11_23_04_44_49-"
	text, err := os.ReadFile("testdata/stalk/" + base + part)
	if err != nil {
		t.Fatal(err)
	}
	written := time.Date(2026, 11, 23, 4, 44, 55, 0, time.UTC).UnixMicro()
	h, err := hear(t, string(text), Options{Base: base + part, Modified: written})
	if err != nil || h.res.Skipped != 0 || len(h.res.Warnings) != 0 {
		t.Errorf("%s: %v, %d skipped: %v %v", part, err, h.res.Skipped, h.res.Skips, h.res.Warnings)
	}
	return h
}

func (h heard) mean(name, instance string) (mean float64, n int) {
	for _, s := range h.samples {
		if s.Name == name && s.Instance == instance {
			mean, n = mean+s.Value, n+1
		}
	}
	return mean / float64(n), n
}

// vmstat and /proc/stat, iostat and /proc/diskstats looked at the same machine in the same seconds:
// they agree, one value for each second after the first.
func TestCaptureAgrees(t *testing.T) {
	for _, c := range []struct {
		a, b             string
		metric, instance string
		within           float64
	}{
		{"vmstat", "procstat", "cpu.context_switches", "", 0.1},
		{"vmstat", "procstat", "cpu.interrupts", "", 0.1},
		{"vmstat", "procstat", "cpu.user", "", 0.1},
		{"vmstat", "meminfo", "mem.free", "", 0.05},
		{"iostat", "diskstats", "disk.write_bytes", "vda", 0.1},
		{"iostat", "diskstats", "disk.writes", "vda", 0.1},
		{"iostat", "diskstats", "disk.await", "vda", 0.3},
		{"vmstat-overall", "procstat", "cpu.context_switches", "", 0.2},
	} {
		a, n := captured(t, c.a).mean(c.metric, c.instance)
		b, m := captured(t, c.b).mean(c.metric, c.instance)
		want := 5
		if c.a == "vmstat-overall" {
			want = 1
		}
		if n != want || m < 5 || math.Abs(a-b) > c.within*math.Max(a, b) {
			t.Errorf("%s[%s]: %s says %g (%d times), %s %g (%d times)", c.metric, c.instance, c.a, a, n, c.b, b, m)
		}
	}
}

func TestCaptureTimes(t *testing.T) {
	begin := time.Date(2026, 11, 23, 4, 44, 49, 0, time.UTC).UnixMicro()
	for part, last := range map[string]float64{"vmstat": 5, "iostat": 5, "vmstat-overall": 6, "diskstats": 5.2, "procstat": 5.2} {
		h := captured(t, part)
		if got := float64(h.res.To-begin) / 1e6; math.Abs(got-last) > 1 {
			t.Errorf("%s: the last sample is %.3f s after the begin, want about %g", part, got, last)
		}
	}
	swap, n := captured(t, "procvmstat").mean("mem.swap_in", "")
	if n != 5 || swap != 0 {
		t.Errorf("swapping: %g, %d times", swap, n)
	}
}

// pt-stalk may be told to look less often, which the time of writing tells; a copy is written at any time.
func TestStepOfRows(t *testing.T) {
	const row = " 1 0 0 0 0 0 0 0 0 0 0 0 0 0 100 0 0\n"
	const rows = " r b swpd free buff cache si so bi bo in cs us sy id wa st\n" + row + row + row + row
	for _, c := range []struct{ written, last int64 }{{3, 3}, {4, 3}, {30, 30}, {31, 30}, {345, 3}, {86400, 3}, {-5, 3}} {
		h, err := hear(t, rows, Options{Base: named.Base, Modified: at0 + c.written*second})
		if err != nil || h.res.To != at0+c.last*second {
			t.Errorf("written after %d s: %v, the last row is %d s after the begin, want %d", c.written, err, (h.res.To-at0)/second, c.last)
		}
	}
}

// Partitions are part of their disks.
func TestCaptureOfWholeDisks(t *testing.T) {
	const blocks = "TS 1795388432.5 2026-11-22 23:00:32\n" +
		" 8 0 sda 10 0 80 5 0 0 0 0 0 5 5\n 8 1 sda1 10 0 80 5 0 0 0 0 0 5 5\n 259 0 nvme0n1 1 0 8 1 0 0 0 0 0 1 1\n 259 1 nvme0n1p1 1 0 8 1 0 0 0 0 0 1 1\n" +
		"TS 1795388434.5 2026-11-22 23:00:34\n" +
		" 8 0 sda 30 0 240 25 0 0 0 0 0 105 205\n 8 1 sda1 30 0 240 25 0 0 0 0 0 105 205\n 259 0 nvme0n1 1 0 8 1 0 0 0 0 0 1 1\n 259 1 nvme0n1p1 1 0 8 1 0 0 0 0 0 1 1\n"
	h, err := hear(t, blocks, named)
	if err != nil || h.format != "/proc" {
		t.Fatal(h.format, err)
	}
	at := at0 + 2_500_000
	for name, want := range map[string]float64{"disk.reads": 10, "disk.read_bytes": 40960, "disk.await": 0.001, "disk.util": 0.05, "disk.queue": 0.1} {
		if got := h.value(t, at, name, "sda"); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s %g, want %g", name, got, want)
		}
	}
	for _, s := range h.samples {
		if s.Instance != "sda" && s.Instance != "nvme0n1" {
			t.Errorf("a partition has samples: %+v", s)
		}
	}
}

func TestRowsWithStamps(t *testing.T) {
	for base, metric := range map[string]string{"stamped-vmstat": "cpu.context_switches", "stamped-iostat": "disk.util"} {
		text, err := os.ReadFile("testdata/" + base)
		if err != nil {
			t.Fatal(err)
		}
		// The host's clock is two hours ahead.
		h, err := hear(t, string(text), Options{Base: base, Modified: collectors.NoTime, Zone: 2 * 3600e6})
		if err != nil || h.res.Skipped != 0 {
			t.Fatal(base, err, h.res.Skips)
		}
		from, to := time.UnixMicro(h.res.From).UTC(), time.UnixMicro(h.res.To).UTC()
		if from.Format("15:04") != "02:44" || to.Sub(from) != time.Second {
			t.Errorf("%s is from %v to %v", base, from, to)
		}
		seen := false
		for _, s := range h.samples {
			seen = seen || s.Name == metric
		}
		if !seen {
			t.Errorf("%s has no %s", base, metric)
		}
	}
}

// Old versions, other languages, rows that are cut.
func TestRowsOfOtherVersions(t *testing.T) {
	const old = `Linux 2.6.32 (db01) 	11/22/2026 	_x86_64_	(8 CPU)

Device:         rrqm/s   wrqm/s     r/s     w/s   rsec/s   wsec/s avgrq-sz avgqu-sz   await  svctm  %util
sda               0,00     1,00    9,00    9,00     9,00     9,00     9,00     9,00    9,00   9,00   9,00

Device:         rrqm/s   wrqm/s     r/s     w/s   rsec/s   wsec/s avgrq-sz avgqu-sz   await  svctm  %util
sda               0,00     1,00   10,00   20,00   100,00   200,00    10,00     0,50    2,50   1,00  30,00
sdb               0,00
`
	h, err := hear(t, old, named)
	if err != nil || h.res.Skipped != 1 {
		t.Fatal(err, h.res.Skips)
	}
	for name, want := range map[string]float64{"disk.reads": 10, "disk.write_bytes": 102400, "disk.await": 0.0025, "disk.queue": 0.5, "disk.util": 0.3} {
		if got := h.value(t, at0+1e6, name, "sda"); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s %g, want %g", name, got, want)
		}
	}
	const rows = ` r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st
 1  0      0   1000      0      0    0    0     0     0    0    0  0  0 100 0 0
 5  1    100   2000      0      0    3    4     0     0   10   20 30 20 40 6 4
 5  1    100
 x  1    100   2000      0      0    3    4     0     0   10   20 30 20 40 6 4
`
	h, err = hear(t, rows, named)
	if err != nil || h.res.Skipped != 2 {
		t.Fatal(err, h.res.Skips)
	}
	for name, want := range map[string]float64{"cpu.run_queue": 5, "mem.swap_in": 3072, "cpu.steal": 0.04, "cpu.idle": 0.4} {
		if got := h.value(t, at0+1e6, name, ""); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s %g, want %g", name, got, want)
		}
	}
	if h, err = hear(t, rows, Options{Modified: collectors.NoTime}); err != nil || len(h.samples) != 0 || len(h.res.Warnings) != 1 {
		t.Error("rows of no time:", err, h.samples, h.res.Warnings)
	}
}

// sar's own file is read by the installed sadf.
func TestSarBinary(t *testing.T) {
	for _, tool := range []string{"sar", "sadf"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed: apt-get install sysstat", tool)
		}
	}
	file := filepath.Join(t.TempDir(), "sa23")
	if out, err := exec.CommandContext(t.Context(), "sar", "-o", file, "1", "2").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	h, err := hear(t, string(data), Options{Base: "sa23", Modified: collectors.NoTime})
	if err != nil || h.format != "sar" || h.res.Bytes != int64(len(data)) {
		t.Fatalf("%s, %v, %d of %d bytes", h.format, err, h.res.Bytes, len(data))
	}
	if _, n := h.mean("cpu.context_switches", ""); n < 1 || time.Since(time.UnixMicro(h.res.To)).Abs() > time.Hour {
		t.Errorf("%d samples of switches, the last at %v", n, time.UnixMicro(h.res.To))
	}
	_, err = hear(t, string(data[:64]), Options{Base: "sa23", Modified: collectors.NoTime})
	if err == nil || !strings.Contains(err.Error(), "sadf -j FILE") {
		t.Errorf("a file that is cut: %v", err)
	}
}

// Whatever they hold, readers of rows and of /proc come to an end, count what they skip, and put
// nothing that is not finite.
func FuzzHostRows(f *testing.F) {
	for _, glob := range []string{"testdata/stalk/*", "testdata/stamped-*"} {
		files, _ := filepath.Glob(glob)
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text[:min(len(text), 3000)])
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		format := Detect(text, "2026_11_23_04_44_49-x")
		if format == nil || format.Name != "vmstat" && format.Name != "iostat -x" && format.Name != "/proc" {
			return
		}
		_, err := Read(context.Background(), strings.NewReader(string(text)), format, named, Sink{
			Host: func(string) {}, Setting: func(_, _ string) {}, Configured: func(_, _ string) {}, Table: func(collectors.Table) {},
			Sample: func(s collectors.Sample) {
				if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) || s.Value < 0 {
					t.Errorf("%+v", s)
				}
			},
		})
		if err != nil {
			t.Error(err)
		}
	})
}

package recorded

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"time"

	"dbtriage/collectors"
)

var topHead = regexp.MustCompile(`^top - (\d\d):(\d\d):(\d\d) up `)

func sniffTop(head []byte, _ string) bool {
	for line := range bytes.Lines(head) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if _, stamped := stamp(line); !stamped {
				return topHead.Match(line) && bytes.Contains(head, []byte("%CPU"))
			}
		}
	}
	return false
}

// A topReader reads the frames of top -b. Its header has the time of day only: the day comes from
// the name of the file or from when it was last written.
type topReader struct {
	*reader
	day     time.Time
	latest  time.Time // of the first frame, where the day is that of the file; else zero
	at      int64
	frames  int
	columns map[string]int
	cpu     map[string]float64
	memory  map[string]float64
}

func readTop(r *reader) error {
	t := &topReader{reader: r, at: collectors.NoTime}
	if begin, ok := r.opt.begin(); ok {
		t.day = time.UnixMicro(begin + r.opt.Zone).UTC()
	} else if r.opt.Modified != collectors.NoTime {
		t.day = time.UnixMicro(r.opt.Modified + r.opt.Zone).UTC()
		t.latest = t.day.Add(time.Minute)
		r.warn("the day is taken from when the file was last written")
	} else {
		r.warn("neither the text nor the name of the file says which day this was: it is on no time axis")
	}
	err := r.each(func(line []byte) error {
		t.line(string(line))
		return nil
	})
	t.end()
	return err
}

func (t *topReader) line(line string) {
	if m := topHead.FindStringSubmatch(line); m != nil {
		t.end()
		t.begin(m)
		return
	}
	if _, stamped := stamp([]byte(line)); stamped {
		return
	}
	fields := strings.Fields(line)
	switch {
	case len(fields) == 0 || t.frames == 0:
	case strings.Contains(fields[0]+fields[1%len(fields)], "Mem"):
		t.mem(line)
	case strings.HasPrefix(line, "Tasks:"), strings.HasPrefix(line, "%Cpu"), strings.HasPrefix(line, "Cpu(s)"),
		strings.HasPrefix(line, "Threads:"), strings.Contains(line, "Swap"):
	case fields[0] == "PID":
		t.columns = map[string]int{}
		for i, name := range fields {
			t.columns[name] = i
		}
	case t.columns == nil:
	default:
		t.process(fields)
	}
}

// begin starts a frame: at the time of its header on the first day it can be after the one before.
func (t *topReader) begin(m []string) {
	t.frames++
	t.cpu, t.memory = map[string]float64{}, map[string]float64{}
	if t.day.IsZero() {
		return
	}
	h, _ := strconv.Atoi(m[1])
	min, _ := strconv.Atoi(m[2])
	s, _ := strconv.Atoi(m[3])
	at := time.Date(t.day.Year(), t.day.Month(), t.day.Day(), h, min, s, 0, time.UTC)
	switch first := t.at == collectors.NoTime; {
	case first && !t.latest.IsZero():
		if at.After(t.latest) {
			at = at.AddDate(0, 0, -1)
		}
	case first && at.Before(t.day.Add(-time.Minute)), !first && at.Before(t.day):
		at = at.AddDate(0, 0, 1)
	}
	t.at, t.day = at.UnixMicro()-t.opt.Zone, at
}

// process adds one row.
func (t *topReader) process(fields []string) {
	get := func(name string) string {
		if i, ok := t.columns[name]; ok && i < len(fields) {
			return fields[i]
		}
		return ""
	}
	name := get("COMMAND")
	cpu, err := strconv.ParseFloat(strings.ReplaceAll(get("%CPU"), ",", "."), 64)
	if name == "" || err != nil || cpu < 0 {
		t.skip("no process with a command and %CPU")
		return
	}
	t.cpu[name] += cpu * percent
	if b, ok := size(get("RES"), kB); ok {
		t.memory[name] += b
	}
}

// end hands on a frame. The first one of top is of the time since each process began, not of the
// interval.
func (t *topReader) end() {
	if t.frames > 1 {
		// Of hundreds of processes only those that do or hold something are worth a series.
		total := 0.0
		for name, cores := range t.cpu {
			total += cores
			if cores >= 0.01 || databaseProcess(name) {
				t.sample(t.at, "process.cpu", name, cores)
			}
		}
		t.sample(t.at, "process.cpu", "", total)
		for name, b := range t.memory {
			if b >= 64<<20 || databaseProcess(name) {
				t.sample(t.at, "process.memory", name, b)
			}
		}
	}
	t.cpu, t.memory = nil, nil
}

func databaseProcess(name string) bool { return name == "mysqld" || name == "mariadbd" }

// mem reads "MiB Mem :  24105.6 total,  21420.4 free, …".
func (t *topReader) mem(line string) {
	unit := map[string]float64{"KiB": kB, "MiB": kB * kB, "GiB": kB * kB * kB}[line[:min(3, len(line))]]
	if unit == 0 {
		return
	}
	_, rest, _ := strings.Cut(line, ":")
	for part := range strings.SplitSeq(rest, ",") {
		f := strings.Fields(part)
		if len(f) < 2 {
			continue
		}
		v, err := strconv.ParseFloat(f[0], 64)
		if err == nil && f[1] == "total" {
			t.sample(t.at, "mem.total", "", v*unit)
		}
	}
}

// size reads a size as top shortens it: 428728, 8193.4g.
func size(s string, unit float64) (b float64, ok bool) {
	scale := unit
	if n := len(s); n > 0 {
		if i := strings.IndexByte("kmgtp", s[n-1]|0x20); i >= 0 {
			s = s[:n-1]
			for scale = kB; i > 0; i-- {
				scale *= kB
			}
		}
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64)
	return v * scale, err == nil
}

package recorded

import (
	"bytes"
	"strings"

	"dbtriage/collectors"
)

func sniffIostat(head []byte, _ string) bool {
	for line := range bytes.Lines(head) {
		if iostatHeading(strings.Fields(string(line[:min(len(line), 512)]))) {
			return true
		}
	}
	return false
}

// iostatHeading tells iostat -x, which alone has times of requests.
func iostatHeading(words []string) bool {
	if len(words) < 8 || strings.TrimSuffix(words[0], ":") != "Device" {
		return false
	}
	for _, w := range words {
		if w == "%util" {
			return true
		}
	}
	return false
}

// iostatColumns say what a column is of, in all versions of sysstat. A mean of no requests is written
// as 0 and taken so: sar writes the same.
var iostatColumns = map[string]struct {
	metric string
	scale  float64
}{
	"r/s": {"disk.reads", 1}, "w/s": {"disk.writes", 1},
	"rkB/s": {"disk.read_bytes", kB}, "wkB/s": {"disk.write_bytes", kB},
	"rMB/s": {"disk.read_bytes", kB * kB}, "wMB/s": {"disk.write_bytes", kB * kB},
	"rsec/s": {"disk.read_bytes", sector}, "wsec/s": {"disk.write_bytes", sector},
	"r_await": {"disk.read_await", ms}, "w_await": {"disk.write_await", ms}, "await": {"disk.await", ms},
	"aqu-sz": {"disk.queue", 1}, "avgqu-sz": {"disk.queue", 1},
	"%util": {"disk.util", percent},
}

// iostatCPU are the columns of the line below avg-cpu.
var iostatCPU = []string{"%user", "%nice", "%system", "%iowait", "%steal", "%idle"}

// readIostat reads the reports of iostat -x, with -t or without, with processors or without.
func readIostat(r *reader) error {
	s := &rowSeries{reader: r}
	var heading []string
	at := collectors.NoTime
	open := false // a report has begun, and no device of it was seen
	cpu := false
	begin := func() {
		if !open {
			s.begin(at)
		}
		open = true
	}
	err := r.each(func(line []byte) error {
		words := strings.Fields(string(line[:min(len(line), 2048)]))
		if len(words) == 0 || words[0] == "Linux" {
			return nil
		}
		if us, ok := r.rowTime(strings.Join(words, " ")); ok && len(words) <= 3 {
			at, open = us, false
			return nil
		}
		switch {
		case words[0] == "avg-cpu:":
			open = false
			begin()
			cpu = len(words) > len(iostatCPU)
		case iostatHeading(words):
			begin()
			heading, open, cpu = words, false, false
		case cpu:
			cpu = false
			if !s.processors(words) {
				r.skip("no processors of iostat")
			}
		case heading == nil || len(words) != len(heading):
			r.skip("no device of iostat -x")
		default:
			s.device(heading, words)
		}
		return nil
	})
	s.end()
	return err
}

// processors reads the line below avg-cpu.
func (s *rowSeries) processors(words []string) bool {
	var v [6]float64
	if len(words) != len(v) {
		return false
	}
	for i, w := range words {
		var ok bool
		if v[i], ok = decimal(w); !ok {
			return false
		}
	}
	s.put("cpu.user", "", (v[0]+v[1])*percent)
	s.put("cpu.system", "", v[2]*percent)
	s.put("cpu.iowait", "", v[3]*percent)
	s.put("cpu.steal", "", v[4]*percent)
	s.put("cpu.idle", "", v[5]*percent)
	return true
}

// device reads the row of a device. Newer versions have no mean of all requests: it follows from
// those of reads and writes.
func (s *rowSeries) device(heading, words []string) {
	in := map[string]float64{}
	for i, name := range heading[1:] {
		v, ok := decimal(words[i+1])
		if !ok {
			s.skip(name + " of a device is no number")
			return
		}
		in[name] = v
	}
	dev := words[0]
	for name, v := range in {
		if c, ok := iostatColumns[name]; ok {
			s.put(c.metric, dev, v*c.scale)
		}
	}
	_, whole := in["await"]
	if requests := in["r/s"] + in["w/s"]; !whole {
		mean := 0.0
		if requests > 0 {
			mean = (in["r/s"]*in["r_await"] + in["w/s"]*in["w_await"]) / requests
		}
		s.put("disk.await", dev, mean*ms)
	}
}

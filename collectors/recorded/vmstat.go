package recorded

import (
	"bytes"
	"strings"

	"dbtriage/collectors"
)

func sniffVmstat(head []byte, _ string) bool {
	for line := range bytes.Lines(head) {
		if words := strings.Fields(string(line[:min(len(line), 512)])); vmstatHeading(words) {
			return true
		}
	}
	return false
}

func vmstatHeading(words []string) bool {
	return len(words) >= 16 && words[0] == "r" && words[1] == "b" && words[2] == "swpd"
}

// vmstatColumns say what a column is of; vmstat writes KiB and whole percents.
var vmstatColumns = map[string]struct {
	metric string
	scale  float64
}{
	"r": {"cpu.run_queue", 1}, "b": {"cpu.blocked", 1},
	"swpd": {"mem.swap_used", kB}, "free": {"mem.free", kB}, "cache": {"mem.cached", kB},
	"si": {"mem.swap_in", kB}, "so": {"mem.swap_out", kB},
	"in": {"cpu.interrupts", 1}, "cs": {"cpu.context_switches", 1},
	"us": {"cpu.user", percent}, "sy": {"cpu.system", percent}, "id": {"cpu.idle", percent},
	"wa": {"cpu.iowait", percent}, "st": {"cpu.steal", percent},
}

// readVmstat reads the rows of vmstat, with -t or without. What it writes of blocks is of no device
// and left to others.
func readVmstat(r *reader) error {
	s := &rowSeries{reader: r}
	var heading []string
	err := r.each(func(line []byte) error {
		words := strings.Fields(string(line[:min(len(line), 1024)]))
		switch {
		case len(words) == 0 || strings.HasPrefix(words[0], "procs"):
			return nil
		case vmstatHeading(words):
			heading = words
			// With -t the last column is the zone, over two words.
			for i, name := range heading {
				if name == "st" || name == "gu" {
					heading = words[:i+1]
				}
			}
			return nil
		case heading == nil || len(words) < len(heading):
			r.skip("no row of vmstat")
			return nil
		}
		at := collectors.NoTime
		if rest := words[len(heading):]; len(rest) > 0 {
			var ok bool
			if at, ok = r.rowTime(strings.Join(rest, " ")); !ok {
				r.skip("a row with a time that cannot be read")
				return nil
			}
		}
		values := make([]float64, len(heading))
		for i := range heading {
			var ok bool
			if values[i], ok = decimal(words[i]); !ok {
				r.skip("a row with something that is no number")
				return nil
			}
		}
		s.begin(at)
		for i, name := range heading {
			if c, ok := vmstatColumns[name]; ok {
				s.put(c.metric, "", values[i]*c.scale)
			}
		}
		return nil
	})
	s.end()
	return err
}

package recorded

import (
	"bytes"
	"strings"

	"dbtriage/collectors"
	"dbtriage/collectors/innodb"
)

var monitorOpens = []byte(" INNODB MONITOR OUTPUT")

func sniffInnoDB(head []byte, base string) bool {
	return bytes.Contains(head, monitorOpens) || strings.Contains(base, "-innodbstatus") && onlyStamps(head)
}

// readInnoDB reads SHOW ENGINE INNODB STATUS, once or again and again, as pt-stalk keeps it. Each output
// says when it was printed, by the server's local clock.
func readInnoDB(r *reader) error {
	var m innodb.Monitor
	told := map[collectors.Sample]bool{} // deadlocks: the latest is printed until there is another
	tell := func() {
		at := collectors.NoTime
		if m.Whole() && m.At != collectors.NoTime {
			at = m.At - r.opt.Zone
		}
		m.Samples(at, -r.opt.Zone, func(s collectors.Sample) {
			if s.Instance == "" || !told[s] {
				told[s] = s.Instance != ""
				r.sample(s.At, s.Name, s.Instance, s.Value)
			}
		})
	}
	err := r.each(func(line []byte) error {
		if bytes.HasSuffix(line, monitorOpens) && !bytes.HasPrefix(line, []byte("END OF")) {
			tell()
			m = innodb.Monitor{}
		}
		m.Line(line)
		return nil
	})
	tell()
	return err
}

package mysql

import (
	"bytes"
	"strings"
	"time"

	"dbtriage/collectors"
	"dbtriage/collectors/innodb"
)

const (
	// monitorEvery is seldom, for printing the monitor holds locks of InnoDB.
	monitorEvery = 10 * time.Second
	// zoneGrain is what zones differ by: the monitor prints local time and does not say which.
	zoneGrain = 15 * time.Minute
	// oldDeadlock is how long ago a deadlock may be that is met at the first reading.
	oldDeadlock = 10 * time.Minute
)

// takeMonitor samples what only the monitor tells, and each new deadlock once, at its own time.
func takeMonitor(s *Server, a *answer) {
	if len(a.rows) == 0 {
		return
	}
	var m innodb.Monitor
	for line := range bytes.Lines([]byte(a.rows[0]["STATUS"])) {
		m.Line(line)
	}
	shift := int64(0)
	if m.At != collectors.NoTime {
		shift = time.Duration((a.At - m.At) * 1000).Round(zoneGrain).Microseconds()
	}
	before := s.deadlock
	m.Samples(a.At, shift, func(v collectors.Sample) {
		switch {
		case strings.HasPrefix(v.Name, "mysql.status."): // the server's status tells it every second
		case v.Instance == "":
			a.Samples = append(a.Samples, v)
		case v.At > before && v.At > a.At-oldDeadlock.Microseconds():
			a.Samples = append(a.Samples, v)
			s.deadlock = v.At
		}
	})
}

package mysql

import (
	"maps"
	"net"
	"strings"

	"dbtriage/collectors"
)

func askReplica(s *Server) string {
	switch {
	case s.engine.mariaDB:
		return "SHOW ALL SLAVES STATUS"
	case s.engine.atLeast(8, 0, 22):
		return "SHOW REPLICA STATUS"
	}
	return "SHOW SLAVE STATUS"
}

func replicaGrant(e engine) string {
	if e.maria(10, 5, 9) {
		return "REPLICA MONITOR ON *.*"
	}
	return "REPLICATION CLIENT ON *.*"
}

// takeReplica samples a replica's state as recordings do: the lag of several channels is that of the
// worst, and a thread runs when it does on every one.
func takeReplica(s *Server, a *answer) {
	a.sample("replica.configured", "", float64(len(a.rows)))
	s.tellSource(a)
	if len(a.rows) == 0 {
		return
	}
	lag, known, fetches, applies := 0.0, false, true, true
	for _, r := range a.rows {
		fetches = fetches && r.first("SLAVE_IO_RUNNING", "REPLICA_IO_RUNNING") == "Yes"
		applies = applies && r.first("SLAVE_SQL_RUNNING", "REPLICA_SQL_RUNNING") == "Yes"
		for _, name := range []string{"SECONDS_BEHIND_MASTER", "SECONDS_BEHIND_SOURCE"} {
			if v, ok := r.float(name); ok {
				lag, known = max(lag, v), true
			}
		}
	}
	a.sample("replica.io_running", "", yes(fetches))
	a.sample("replica.sql_running", "", yes(applies))
	if known {
		a.sample("replica.lag", "", lag)
	}
}

// tellSource puts the sources of the channels among the settings, when they are others than were told.
func (s *Server) tellSource(a *answer) {
	var all []string
	for _, r := range a.rows {
		port := r.first("MASTER_PORT", "SOURCE_PORT")
		text := net.JoinHostPort(r.first("MASTER_HOST", "SOURCE_HOST"), port)
		if name := r.first("CONNECTION_NAME", "CHANNEL_NAME"); name != "" {
			text = name + " " + text
		}
		if gtid := r["USING_GTID"]; gtid != "" && gtid != "No" || r["AUTO_POSITION"] == "1" {
			text += " by GTID"
		}
		all = append(all, text)
	}
	now := strings.Join(all, ", ")
	if now == s.source || s.settings == nil {
		return
	}
	s.source = now
	if a.Settings == nil { // settings are told all together
		a.Settings = maps.Clone(s.settings)
	}
	a.Settings[collectors.ReplicaSource] = now
	s.settings = a.Settings
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

package mysql

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
func takeReplica(_ *Server, a *answer) {
	a.sample("replica.configured", "", float64(len(a.rows)))
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

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

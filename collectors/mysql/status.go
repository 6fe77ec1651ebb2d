package mysql

import (
	"net"
	"slices"
	"strconv"
	"strings"

	"dbtriage/collectors"
)

// takeStatus samples every status variable that is a number, cumulative as the server counts, without
// what we had it do.
func takeStatus(s *Server, a *answer) {
	before := s.uptime
	for _, p := range a.pairs {
		if v, err := strconv.ParseFloat(p.value, 64); err == nil {
			s.seen.status[p.name] = v
		}
	}
	s.uptime = s.seen.status["Uptime"]
	if s.seen.restarted = s.uptime < before; s.seen.restarted {
		s.own.serverRestarted()
	}
	a.Samples = slices.Grow(a.Samples, len(a.pairs)+64)
	for _, p := range a.pairs {
		if all, ok := s.seen.status[p.name]; ok {
			v, metric := s.own.without(p.name, all)
			s.seen.status[p.name] = v
			a.sample(metric, "", v)
		}
	}
	s.own.showed(s.engine, len(a.pairs))
}

// positions are global variables that the server itself moves with what it writes.
var positions = []string{"gtid_binlog_pos", "gtid_binlog_state", "gtid_current_pos", "gtid_slave_pos", "gtid_executed", "gtid_purged"}

// takeVariables keeps the settings, without those that move by themselves.
func takeVariables(s *Server, a *answer) {
	a.Settings = make(map[string]string, len(a.pairs))
	for _, p := range a.pairs {
		if !slices.Contains(positions, p.name) {
			a.Settings[p.name] = p.value
		}
	}
	if s.source != "" {
		a.Settings[collectors.ReplicaSource] = s.source
	}
	s.settings = a.Settings
	s.extra = ""
	if port := a.Settings["extra_port"]; port != "" && port != "0" { // MariaDB with its thread pool
		s.extra = net.JoinHostPort(s.config.Host, port)
	}
	if address := a.Settings["admin_address"]; address != "" { // MySQL from 8.0.14 on
		s.extra = net.JoinHostPort(address, a.Settings["admin_port"])
	}
}

// on reports whether a setting is on.
func (s *Server) on(name string) bool {
	return strings.EqualFold(s.settings[name], "ON") || s.settings[name] == "1"
}

// innodbMetrics has under the names of MySQL what MariaDB shows in its status.
const innodbMetrics = "SELECT NAME, COUNT FROM information_schema.INNODB_METRICS " + ownAlias + " WHERE NAME IN ('trx_rseg_history_len', 'lock_deadlocks', 'log_lsn_checkpoint_age')"

var statusOfMetric = map[string]string{
	"trx_rseg_history_len":   "mysql.status.Innodb_history_list_length",
	"lock_deadlocks":         "mysql.status.Innodb_deadlocks",
	"log_lsn_checkpoint_age": "mysql.status.Innodb_checkpoint_age",
}

func takeInnoDBMetrics(_ *Server, a *answer) {
	for _, r := range a.rows {
		if v, ok := r.float("COUNT"); ok && statusOfMetric[r["NAME"]] != "" {
			a.sample(statusOfMetric[r["NAME"]], "", v)
		}
	}
}

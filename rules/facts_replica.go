package rules

import (
	"math"
	"slices"
	"strings"

	"dbtriage/analyzers"
)

// minConnectionSwing is by how much the number of connections must have varied before memory can be
// said to follow it.
const minConnectionSwing = 5

// minCorrelation is how well memory must follow the connections.
const minCorrelation = 0.7

// bytesPerConnection is the slope of the memory that the server counts over its connections; ok is
// false when the connections hardly varied or memory does not follow them.
func bytesPerConnection(memory, connected *analyzers.Series) (bytes float64, ok bool) {
	if memory == nil || connected == nil {
		return 0, false
	}
	at := map[int64]float64{}
	for i := range connected.Points {
		at[connected.Points[i].Start] = connected.Points[i].Mean()
	}
	var x, y []float64
	for i := range memory.Points {
		if c, both := at[memory.Points[i].Start]; both {
			x, y = append(x, c), append(y, memory.Points[i].Mean())
		}
	}
	if len(x) < 3 || slices.Max(x)-slices.Min(x) < minConnectionSwing {
		return 0, false
	}
	mx, my := mean(x), mean(y)
	var xx, xy, yy float64
	for i := range x {
		xx, xy, yy = xx+(x[i]-mx)*(x[i]-mx), xy+(x[i]-mx)*(y[i]-my), yy+(y[i]-my)*(y[i]-my)
	}
	if xy <= 0 || xy/math.Sqrt(xx*yy) < minCorrelation {
		return 0, false
	}
	return xy / xx, true
}

func mean(values []float64) float64 {
	var total float64
	for _, v := range values {
		total += v
	}
	return total / float64(len(values))
}

// replicaFacts adds the server's place in a replication: from what it was asked for, else from
// MariaDB's status variables, which tell less.
func replicaFacts(m factMap, settings map[string]string, server *recording) {
	gauge := func(fact string, names ...string) {
		for _, name := range names {
			if a, ok := server.get(name, "").In(server.window); ok {
				m.num(fact, a.Last)
				return
			}
		}
	}
	gauge("replicas_connected", "replica.connected", "mysql.status.Slaves_connected")
	gauge("cluster_size", "mysql.status.wsrep_cluster_size")
	if _, known := m["cluster_size"]; !known && len(settings) >= fullSettings && settings["wsrep_on"] == "" {
		m.num("cluster_size", 0) // a server without Galera
	}
	if a, ok := server.get("replica.configured", "").In(server.window); ok {
		m["is_replica"] = a.Last > 0
	} else if running, ok := server.get("mysql.status.Slaves_running", "").In(server.window); ok {
		// A channel that was set up has a heartbeat even while it is stopped.
		heartbeat, _ := server.get("mysql.status.Slave_heartbeat_period", "").In(server.window)
		m["is_replica"] = running.Last > 0 || heartbeat.Last > 0
	}
	if lag, ok := server.get("replica.lag", "").In(server.window); ok {
		m.num("replica_lag", lag.Last)
		v, enough := server.leastOfLast("replica.lag", lagReadings)
		m.known("replica_lag_least", v, enough)
	}
	for fact, name := range map[string]string{"io_thread": "replica.io_running", "sql_thread": "replica.sql_running"} {
		if a, ok := server.get(name, "").In(server.window); ok {
			m[fact] = a.Last > 0
		}
	}
	if v, ok := settings["read_only"]; ok {
		m["read_only"] = v != "0" && !strings.EqualFold(v, "OFF")
	}
	if workers, ok := parallelWorkers(settings); ok {
		m.num("apply_workers", workers)
	}
	for _, name := range []string{"binlog_expire_logs_seconds", "expire_logs_days"} {
		v, ok := settingValue(settings, name)
		if f, isNumber := v.(float64); ok && isNumber {
			if name == "expire_logs_days" {
				f *= 86400
			}
			before, _ := m["binlog_retention_s"].(float64)
			m.num("binlog_retention_s", max(before, f))
		}
	}
}

// parallelWorkers returns how many threads apply a primary's changes, under the name of any version.
func parallelWorkers(settings map[string]string) (float64, bool) {
	for _, name := range []string{"replica_parallel_workers", "slave_parallel_workers", "slave_parallel_threads"} {
		if v, ok := settingValue(settings, name); ok {
			return v.(float64), true
		}
	}
	return 0, false
}

// lagReadings is how many readings in a row a lag must last: one alone is a large transaction.
const lagReadings = 3

// leastOfLast is the least of the last n readings of the window; ok is false with fewer.
func (r *recording) leastOfLast(name string, n int) (least float64, ok bool) {
	s := r.get(name, "")
	if s == nil {
		return 0, false
	}
	for _, p := range slices.Backward(s.Points) {
		if r.window != noWindow && !r.window.Holds(p.LastAt) {
			continue
		}
		if n--; !ok || p.Last < least {
			least, ok = p.Last, true
		}
		if n == 0 {
			return least, true
		}
	}
	return 0, false
}

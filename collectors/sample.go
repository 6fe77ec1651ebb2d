package collectors

import "slices"

// A Sample is one value of one series at one instant, in base units: seconds, bytes, shares of 1,
// counts, or any of these per second.
type Sample struct {
	At       int64  // µs since the epoch
	Name     string // of the table Metrics, or "mysql.status.<Name>" and "mysql.variable.<name>"
	Instance string // device, network interface, core or mount point; empty for the whole
	Value    float64
}

// A Metric says what the samples of one name mean.
type Metric struct {
	Name string
	Unit string // s, bytes, share, count; with "/s" behind it a rate
	// Of says what Instance names: core, device, interface, mount, process, table; empty when there is none.
	Of      string
	Meaning string
}

// Metrics is the table of what hosts and servers are measured by, live or from recordings. Rates and
// shares are of the time since the sample before. Server status comes beside it under the server's own
// names, cumulative as the server counts.
var Metrics = slices.Concat(hostMetrics, processMetrics, serverMetrics, cacheMetrics, webMetrics, errorMetrics)

// MetricNamed returns the row of a name; ok is false when there is none.
func MetricNamed(name string) (m Metric, ok bool) {
	for _, m := range Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return m, false
}

package collectors

// webMetrics are of a web server that is asked, and of its error log.
var webMetrics = []Metric{
	{"nginx.active", "count", "", "connections, idle ones included"},
	{"nginx.reading", "count", "", "connections whose request head is being read"},
	{"nginx.writing", "count", "", "connections with a request in work, waits for the upstream included"},
	{"nginx.waiting", "count", "", "idle connections kept alive"},
	{"nginx.connections", "count/s", "", "connections accepted"},
	{"nginx.dropped", "count/s", "", "connections accepted and not handled, for want of worker_connections"},
	{"nginx.requests", "count/s", "", "requests"},
	{"nginx.connections_max", "count", "", "worker_processes × worker_connections; a proxied request takes two"},
	{"nginx.connections_used", "share", "", "active connections of these"},
	{"nginx.latency", "s", "", "time from the request for its state to the answer"},
}

package rules

// requestNames are the facts of the requests of the web server as a whole.
var requestNames = []fact{
	{"web_requests", "global", number, "count", accessLog, "requests in the access log", ""},
	{"web_span_s", "global", number, "s", accessLog, "time from the first to the last request", ""},
	{"web_rps", "global", number, "per_s", accessLog, "requests per second", ""},
	{"web_p95_s", "global", number, "s", accessLog, "95th percentile of request time", "upstream"},
	{"web_upstream_p95_s", "global", number, "s", accessLog, "95th percentile of the time the application took", "upstream"},
	{"web_connect_new_share", "global", number, "share", accessLog, "proxied requests that opened a new connection to the application", "upstream"},
	{"web_connect_p50_s", "global", number, "s", accessLog, "median time to connect to the application", "upstream"},
	{"web_connect_p95_s", "global", number, "s", accessLog, "95th percentile of the time to connect to the application", "upstream"},
	{"web_retry_share", "global", number, "share", accessLog, "proxied requests that needed more than one attempt", "upstream"},
	{"web_upstream_logged", "global", number, "share", accessLog, "requests whose record carries upstream times", ""},
	{"web_peers", "global", number, "count", accessLog, "upstream addresses that answered", "upstream"},
	{"static_share", "global", number, "share", accessLog, "requests for files: pictures, styles, scripts, fonts", ""},
	{"static_bytes_share", "global", number, "share", accessLog, "bytes sent for them", ""},
	{"static_upstream_share", "global", number, "share", accessLog, "requests for them that the application answered", "upstream"},
	{"upstream_now_s", "global", number, "s", accessLog, "mean application time of a request in the bad window", "upstream"},
	{"upstream_before_s", "global", number, "s", accessLog, "mean application time of a request before the onset", "baseline"},
	{"upstream_at_a_time", "global", number, "ratio", accessLog, "requests that are with the application at a time, on average in the bad window", "upstream"},
	{"web_request_growth", "global", number, "ratio", accessLog, "requests per second in the bad window over those before", "baseline"},
	{"web_5xx_share", "global", number, "share", accessLog, "requests answered 5xx", ""},
	{"web_499_share", "global", number, "share", accessLog, "requests whose client left before the answer", ""},
}

// routeNames are the facts of one route of the web server.
var routeNames = []fact{
	{"method", "route", text, "", accessLog, "request method", ""},
	{"route", "route", text, "", accessLog, "normalised path", ""},
	{"requests", "route", number, "count", accessLog, "requests", ""},
	{"rate", "route", number, "per_s", accessLog, "requests per second over the log", ""},
	{"share", "route", number, "share", accessLog, "share of all request time", "upstream"},
	{"mean_s", "route", number, "s", accessLog, "mean request time", "upstream"},
	{"p50_s", "route", number, "s", accessLog, "median request time", "upstream"},
	{"p95_s", "route", number, "s", accessLog, "95th percentile of request time", "upstream"},
	{"p99_s", "route", number, "s", accessLog, "99th percentile of request time", "upstream"},
	{"upstream_p95_s", "route", number, "s", accessLog, "95th percentile of application time", "upstream"},
	{"upstream_max_s", "route", number, "s", accessLog, "longest application time", "upstream"},
	{"connect_p95_s", "route", number, "s", accessLog, "95th percentile of connect time", "upstream"},
	{"client_p95_s", "route", number, "s", accessLog, "95th percentile of the time spent on the client and buffering", "upstream"},
	{"client_share", "route", number, "share", accessLog, "share of the route's time spent on the client and buffering", "upstream"},
	{"client_share_of_all", "route", number, "share", accessLog, "that time as a share of all request time", "upstream"},
	{"bytes_mean", "route", number, "count", accessLog, "bytes per response", ""},
	{"retry_share", "route", number, "share", accessLog, "requests with more than one attempt", "upstream"},
	{"share_5xx", "route", number, "share", accessLog, "requests answered 5xx", ""},
	{"share_499", "route", number, "share", accessLog, "requests whose client left before the answer", ""},
	{"share_502", "route", number, "share", accessLog, "requests answered 502", ""},
	{"share_503", "route", number, "share", accessLog, "requests answered 503", ""},
	{"share_504", "route", number, "share", accessLog, "requests answered 504", ""},
	{"cache_miss_share", "route", number, "share", accessLog, "requests that missed the web server's cache, of those it looked up", "cache status"},
	{"upstream_share_of_all", "route", number, "share", accessLog, "application time of the route of all application time", "upstream"},
	{"timeout_s", "route", number, "s", accessLog, "round limit at which the slowest answers stop: the likely proxy_read_timeout", "timeout"},
}

// upstreamNames are the facts of one upstream peer.
var upstreamNames = []fact{
	{"addr", "upstream", text, "", accessLog, "address", ""},
	{"group_name", "upstream", flag, "", accessLog, "it is no address but the name of a group of which no server was live", ""},
	{"attempts", "upstream", number, "count", accessLog, "attempts sent to it", ""},
	{"share", "upstream", number, "share", accessLog, "share of the time of all attempts", "upstream"},
	{"attempt_share", "upstream", number, "share", accessLog, "share of all attempts", ""},
	{"p50_s", "upstream", number, "s", accessLog, "median response time", "upstream"},
	{"p95_s", "upstream", number, "s", accessLog, "95th percentile of response time", "upstream"},
	{"failed_share", "upstream", number, "share", accessLog, "attempts answered 502, 503, 504 or not at all", ""},
	{"connect_p50_s", "upstream", number, "s", accessLog, "median connect time", "upstream"},
	{"connect_p95_s", "upstream", number, "s", accessLog, "95th percentile of connect time", "upstream"},
	{"other_peers", "upstream", number, "count", accessLog, "other peers with enough attempts to compare with", ""},
	{"peers_p95_s", "upstream", number, "s", accessLog, "median of the other peers' 95th percentiles", "peers"},
	{"sure_times", "upstream", number, "ratio", accessLog, "how many times theirs its 95th percentile is at least, as far as chance goes", "peers"},
}

// jointNames are the facts of both logs on one time axis. "Bad" is the window after the onset of trouble, or all of it.
var jointNames = []fact{
	{"bad_upstream_s", "global", number, "s", bothLogs, "application time of the requests in the bad window", ""},
	{"db_share_of_upstream", "global", number, "share", bothLogs, "statement time divided by application time in the bad window, when every statement is logged", "all"},
	{"db_share_at_least", "global", number, "share", bothLogs, "the same as a lower bound from whatever is logged", ""},
	{"bad_db_mean_s", "global", number, "s", bothLogs, "mean statement time in the bad window", ""},
	{"bad_db_load", "global", number, "ratio", bothLogs, "statements running at a time in the bad window, on average", ""},
	{"queries_per_request", "global", number, "ratio", bothLogs, "statements per request in the bad window, when every statement is logged", "all"},
	{"queries_per_request_before", "global", number, "ratio", bothLogs, "statements per request before the onset", "baseline"},
	{"request_growth", "global", number, "ratio", bothLogs, "requests per second in the bad window over those before", "baseline"},
}

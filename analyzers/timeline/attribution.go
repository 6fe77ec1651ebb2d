// Package timeline puts what was measured on one time axis: when things turned bad, and how the
// time of the requests divides between the layers then and before.
package timeline

// A Division says where the request time of one window went. All times are sums in microseconds
// over the requests that ended in the window; they divide totals, never percentiles. A negative
// value is unknown.
type Division struct {
	From, To int64 // seconds since the epoch, half-open

	Requests   int64
	RequestUS  int64 // as the web server saw it
	ClientUS   int64 // request − upstream of proxied requests: slow clients, network, buffering
	WebUS      int64 // requests that the web server answered by itself
	UpstreamUS int64 // waiting for the application behind it
	AppUS      int64 // the application's own log of its requests; -1 without one

	Statements int64
	DBUS       int64 // sum of Query_time; a lower bound when the slow log is cut by a threshold
	Errors5xx  int64
	Retried    int64
}

// An Attribution is the division of request time for the whole log, for the bad window and for the
// baseline before it.
type Attribution struct {
	Whole    Division
	Bad      Division // equals Whole when no onset was found
	Baseline Division // zero when there is none
	// Onset is when the bad window began, in seconds since the epoch; 0 when nothing changed.
	Onset int64
	// Change says what the onset was found in: "request time", "errors", "database time" …
	Change string
	// Ratio is the measure after the onset over the one before.
	Ratio float64
}

package collectors

// webMetrics are of a web server that is asked, and of its error log.
var webMetrics = []Metric{}

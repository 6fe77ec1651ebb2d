package collectors

// cacheMetrics are of Redis and memcached.
var cacheMetrics = []Metric{}

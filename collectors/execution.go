package collectors

// OwnComment stands before each statement that we send to a server, in its logs and its process list too.
const OwnComment = "/* dbtriage */"

// Executions are statements as a server's own books tell of them: one, or many alike.
type Executions struct {
	// Statement is what a slow log would say of one. Of several its SQL may have ? for literals, End is
	// when they were counted, and times and numbers are sums over them; plan notes are in the counts below.
	Statement
	Count int64
	// Since is when the several were counted before; they ended after it.
	Since int64
	// How many of the several were executed so.
	FullScans, FullJoins, Filesorts int64
	// Times are how long the several took, from the shortest, where the server counts it: by and by to a few per
	// cent. Their counts need not add up to Count, for they are asked for a moment later.
	Times []TimeCount
}

// A TimeCount is how many statements took about a time in µs.
type TimeCount struct{ US, Count int64 }

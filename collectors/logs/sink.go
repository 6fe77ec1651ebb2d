// Package logs reads log files of any size: it finds out their format, cuts them into chunks, and
// hands every event of a chunk to a sink, in file order within the chunk.
package logs

import "dbtriage/collectors"

// A Sink takes the events of one part of a log. A nil function means nobody listens.
type Sink struct {
	Statement func(*collectors.Statement)
	Request   func(*collectors.Request)
}

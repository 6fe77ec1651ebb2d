package session

import (
	"dbtriage/analyzers"
	"dbtriage/collectors"
)

// A tick is all that was new at one instant. Live collection makes ticks, a recording keeps them, and
// replay hands out the same ones.
type tick struct {
	At       int64 // µs since the epoch
	Readings []collectors.Reading
	Parts    []logPart
	Sources  []SourceState // of which something changed; of logs with all that was read so far
	Events   []Event       // that the readings do not tell, such as the rotation of a log

	Recording string // the file it was written to; empty when it was not
	Recorded  int64  // bytes of that file
}

// A logPart is what was read of one log in one slice of time.
type logPart struct {
	Path   string
	Slice  int64 // seconds since the epoch, or analyzers.Timeless
	Digest *analyzers.Digest
}

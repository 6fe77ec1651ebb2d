package logs

import "dbtriage/collectors"

// A header that users wrote into a literal was mostly copied from an older log or from another
// server. The servers of the last twenty years stamp every record with "SET timestamp=N;", write
// records in the order in which statements end, and write the same lines for each.

// A likeness says whether a header is one that the server of the record before would write next.
type likeness uint8

const (
	unlike likeness = iota
	alike
	undecided    // the bytes that decide lie behind the piece
	incomparable // the record before has no stamp
)

// slack is how far two stamps of whole seconds may lie out of order, in µs.
const slack = 2_000_000

// likeness compares the header at c with the one read last, whose body is at body.
func (r *slowReader) likeness(buf []byte, body, c int) likeness {
	before, ok, _ := stampAt(buf, body)
	if !ok {
		return incomparable
	}
	if r.head.mariaDB {
		before += r.st.QueryTime
	}
	var h header
	st := collectors.Statement{ThreadID: collectors.Unknown}
	inner := h.read(buf, c, &st)
	stamp, ok, cut := stampAt(buf, inner)
	switch {
	case inner == len(buf) || cut:
		return undecided
	case !ok || !h.hasQueryTime || h.bad || h.users != 1:
		return unlike
	case h.mariaDB != r.head.mariaDB || h.zoned != r.head.zoned || (st.ThreadID < 0) != (r.st.ThreadID < 0):
		return unlike
	case stamp+st.QueryTime+slack < before:
		return unlike
	}
	return alike
}

// stampAt returns the time of "SET timestamp=N;" behind the header that ends at pos; cut is true
// when the lines of the server reach the end of buf.
func stampAt(buf []byte, pos int) (us int64, ok, cut bool) {
	for pos < len(buf) {
		next := nextLine(buf, pos)
		if next == len(buf) && buf[next-1] != '\n' {
			return 0, false, true
		}
		line := trimBlank(lineFrom(buf, pos))
		if us, ok := timestampLine(line); ok {
			return us, true, false
		}
		if _, ok := useLine(line); !ok {
			return 0, false, false
		}
		pos = next
	}
	return 0, false, true
}

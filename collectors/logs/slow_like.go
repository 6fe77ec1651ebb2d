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
	incomparable // the record before has no stamp, or is damaged
)

// slack is how far two stamps of whole seconds may lie out of order, in µs.
const slack = 2_000_000

// A comparison is what a header says beside the one before.
type comparison struct {
	like likeness
	// whole says that it has all that today's servers write.
	whole bool
	// past says that its record ended before the one before: it may be a copy of an older one.
	past bool
	body int // where its statement begins
}

// likeness compares the header at c with the one read last, whose body is at body.
func (r *slowReader) likeness(buf []byte, body, c int, p piece) comparison {
	var h header
	st := collectors.Statement{ThreadID: collectors.Unknown}
	l := comparison{body: h.read(&lineEnds{buf: buf}, c, &st)}
	stamp, stamped, cut := stampAt(buf, l.body)
	if (l.body == len(buf) || cut) && !p.endsRecord() {
		l.like = undecided
		return l
	}
	begun := begins(buf[c:], keyUserHost) || begins(buf[c:], keyTime)
	l.whole = begun && stamped && h.hasQueryTime && !h.bad && h.users == 1
	if text := cutBanner(buf[body:c]); len(text) < c-body && terminated(text) && begun && h.hasQueryTime {
		l.like = alike // another server may have been started
		return l
	}
	before, comparable, _ := stampAt(buf, body)
	if !comparable || !r.head.hasQueryTime || r.head.users != 1 {
		// The record before is from an old server, or damaged: then it had no such neighbour.
		if l.like = incomparable; l.whole && terminated(buf[body:c]) {
			l.like = alike
		}
		return l
	}
	if r.head.mariaDB {
		before += r.st.QueryTime
		stamp += st.QueryTime
	}
	if h.zoned && r.head.zoned { // to the microsecond
		stamp, before = h.time, r.head.time
	}
	l.past = stamped && stamp < before
	switch {
	case !l.whole || stamp+slack < before:
	case h.mariaDB != r.head.mariaDB || h.zoned != r.head.zoned || (st.ThreadID < 0) != (r.st.ThreadID < 0):
	default:
		l.like = alike
	}
	return l
}

// maxServerLines is how many lines a server may write between a header and the statement: "use db;" and
// "SET timestamp=N;", and room for more.
const maxServerLines = 8

// stampAt returns the time of "SET timestamp=N;" behind the header that ends at pos; cut is true
// when the lines of the server reach the end of buf.
func stampAt(buf []byte, pos int) (us int64, ok, cut bool) {
	for range maxServerLines {
		if pos == len(buf) {
			return 0, false, true
		}
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
	return 0, false, false
}

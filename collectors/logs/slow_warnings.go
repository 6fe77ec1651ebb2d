package logs

import "bytes"

// With log_slow_verbosity=warnings MariaDB ends a header with "# Warnings" and one line for each:
// "# Note 1051 Unknown table 'a.b'". The messages quote parts of the statement, line ends included,
// so that one may hold what looks like a header. Behind the last the server always writes
// "SET timestamp=N;", and "use db;" before it when the schema changed.

const keyWarnings = "# Warnings"

// skipWarnings returns where the warnings that begin at pos end. When what decides lies behind buf,
// it notes that the header is unfinished.
func (h *header) skipWarnings(buf []byte, pos int) int {
	for pos < len(buf) {
		line := lineFrom(buf, pos)
		if serverLine(line) {
			return pos
		}
		if startLine(line) {
			real, known := recordFollows(buf, pos)
			if real {
				return pos // the warnings were torn off
			}
			if !known {
				break
			}
		}
		pos = nextLine(buf, pos)
	}
	h.unfinished = true
	return len(buf)
}

// serverLine reports whether the server itself writes line between a header and the statement.
func serverLine(line []byte) bool {
	if len(line) == 0 || line[0]|0x20 != 's' && line[0]|0x20 != 'u' {
		return false
	}
	line = trimBlank(line)
	if _, ok := timestampLine(line); ok {
		return true
	}
	_, ok := useLine(line)
	return ok
}

// recordFollows reports whether the header block at pos has what MariaDB writes in every header and the
// lines that it writes behind one; known is false when the block reaches the end of buf. What a message
// quotes is cut after some hundred bytes, and its end has the quote: "# Query_time: 5.0'".
func recordFollows(buf []byte, pos int) (real, known bool) {
	thread, queryTime, quote := false, false, false
	for n := 0; pos < len(buf); n++ {
		line := lineFrom(buf, pos)
		switch {
		case begins(line, keyQuery):
			queryTime = true
		case begins(line, keyThread) && bytes.Contains(line, []byte("  QC_hit: ")):
			thread = true
		case string(line) == keyWarnings || serverLine(line):
			return thread && queryTime && !quote, true
		case !headerLine(line) || n >= maxHead && !queryTime:
			return false, true
		}
		if !begins(line, keyExplain) && bytes.IndexByte(line, '\'') >= 0 {
			quote = true
		}
		pos = nextLine(buf, pos)
	}
	return false, false
}

// nextLine returns where the line behind the one at pos begins.
func nextLine(buf []byte, pos int) int {
	if i := bytes.IndexByte(buf[pos:], '\n'); i >= 0 {
		return pos + i + 1
	}
	return len(buf)
}

package logs

import "bytes"

var hashLine = []byte("\n# ")

// nextStart returns where the first record begins on a line after from, or -1. A from of -1 looks
// at the first line too.
func nextStart(lines *lineEnds, from int) int {
	buf := lines.buf
	floor := from + 1
	above := from < 0 // a header line that opens no record may stand above
	if from < 0 {
		if startLine(buf) {
			return 0
		}
		from, floor = 0, 0
	}
	for {
		end := lines.hashLine(from)
		if end < 0 {
			return -1
		}
		at := end + 1
		if startLine(buf[at:]) {
			// No line above begins with "# ", so only a lone "#" could be of the same block.
			if i := at - 2; above || i < floor || buf[i] == '#' || isBlank(buf[i]) {
				return blockStart(buf, at, floor)
			}
			return at
		}
		from, above = at, true
	}
}

func startLine(b []byte) bool { return len(b) > 2 && b[0] == '#' && beginsAny(b, startKeys) }

// blockStart walks from the header line at pos back to the first line of its block.
func blockStart(buf []byte, pos, floor int) int {
	for pos > floor {
		prev := bytes.LastIndexByte(buf[:pos-1], '\n') + 1
		if prev < floor || !headerLine(bytes.TrimRight(buf[prev:pos-1], "\r")) {
			break
		}
		pos = prev
	}
	return pos
}

// cutSlow returns where the last record of buf begins, or 0. None begins before from but the first.
func cutSlow(buf []byte, from int) int {
	from = max(0, from-startKeyLength)
	end := len(buf)
	for {
		i := bytes.LastIndex(buf[from:end], hashLine)
		if i < 0 {
			return 0
		}
		i += from
		if startLine(buf[i+1:]) {
			return blockStart(buf, i+1, 0)
		}
		end = i + 1
	}
}

// startKeyLength is more than a line end and any key that opens a record take.
const startKeyLength = 32

func lineFrom(buf []byte, pos int) []byte {
	line := buf[pos:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	return bytes.TrimRight(line, "\r")
}

// blockHasQueryTime reports whether the header block at pos makes a record.
func blockHasQueryTime(buf []byte, pos int) bool {
	for pos < len(buf) {
		line := lineFrom(buf, pos)
		if begins(line, keyQuery) {
			return true
		}
		if !headerLine(line) {
			return false
		}
		next := bytes.IndexByte(buf[pos:], '\n')
		if next < 0 {
			return false
		}
		pos += next + 1
	}
	return false
}

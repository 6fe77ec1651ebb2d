package logs

import "bytes"

var hashLine = []byte("\n# ")

// nextStart returns where the first record begins on a line after from, or -1. A from of -1 looks
// at the first line too. Inside the header block that holds from it is the next line that opens a record.
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
				if start, whole := blockStart(buf, at, floor); whole {
					return start
				}
			}
			return at
		}
		from, above = at, true
	}
}

func startLine(b []byte) bool { return len(b) > 2 && b[0] == '#' && beginsAny(b, startKeys) }

// blockStart walks from the header line at pos back to the first line of its block that begins at floor
// or behind; whole is false when the block began before.
func blockStart(buf []byte, pos, floor int) (start int, whole bool) {
	for pos > 0 {
		prev := bytes.LastIndexByte(buf[:pos-1], '\n') + 1
		if !headerLine(bytes.TrimRight(buf[prev:pos-1], "\r")) {
			break
		}
		if prev < floor {
			return pos, false
		}
		pos = prev
	}
	return pos, true
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
			start, _ := blockStart(buf, i+1, 0)
			return unmasked(buf, 0, start)
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

// queryTimeIn reports whether the header block at pos makes a record, and where it, or what was looked
// at of a block that makes none, ends.
func queryTimeIn(buf []byte, pos int) (made bool, end int) {
	for range maxHead {
		line := lineFrom(buf, pos)
		if begins(line, keyQuery) {
			return true, pos
		}
		if !headerLine(line) {
			break
		}
		if pos = nextLine(buf, pos); pos == len(buf) {
			break
		}
	}
	return false, pos
}

// unmasked returns where in the line before the header at c the first line of that header begins behind a
// byte order mark, or behind NUL bytes, which a crash leaves in a file, and a writer that goes on where it
// was when its file is truncated; c if none does.
func unmasked(buf []byte, body, c int) int {
	if c == body {
		return c
	}
	at := bytes.LastIndexByte(buf[body:c-1], '\n') + 1 + body
	if hole := bytes.LastIndexByte(buf[at:c], 0); hole >= 0 {
		at += hole + 1
	} else if bytes.HasPrefix(buf[at:], byteOrderMark) {
		at += len(byteOrderMark)
	}
	if startLine(buf[at:c]) {
		return at
	}
	return c
}

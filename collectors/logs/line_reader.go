package logs

import (
	"bytes"
	"fmt"

	"dbtriage/collectors"
)

// cutLines returns the end of the last whole line, or 0. There is none before from.
func cutLines(buf []byte, from int) int {
	if i := bytes.LastIndexByte(buf[from:], '\n'); i >= 0 {
		return from + i + 1
	}
	return 0
}

// A lineReader reads pieces of logs in which each line is one request.
type lineReader struct {
	parse LineParser
	req   collectors.Request
}

const whyZeros = "nothing but zeros"

var lineTooLong = fmt.Sprintf("line longer than %d bytes", maxLine)

// read hands every request of the piece to the sink.
func (l *lineReader) read(p piece, sink Sink, t *tally) {
	at := 0
	if p.continued { // the piece that began this line counted it
		at = bytes.IndexByte(p.buf, '\n') + 1
		if at == 0 {
			return
		}
		t.lines++
	}
	for at < len(p.buf) {
		end := bytes.IndexByte(p.buf[at:], '\n')
		next := at + end + 1
		if end < 0 {
			end, next = len(p.buf)-at, len(p.buf)
			if p.torn {
				t.skip(p.base+int64(at), t.lines+1, lineTooLong)
				return
			}
		}
		line := p.buf[at : at+end]
		zeros := false
		if len(line) > 0 && (line[0] == 0 || line[0] == byteOrderMark[0]) {
			if line[0] == byteOrderMark[0] && at == 0 && p.base == 0 {
				line = bytes.TrimPrefix(line, byteOrderMark)
			}
			// A writer that keeps its place when its log is truncated leaves zeros before its next line.
			if zeros = len(line) > 0 && line[0] == 0; zeros && len(line) <= maxLine {
				line = bytes.TrimLeft(line, "\x00")
			}
		}
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		t.lines++
		switch {
		case len(line) == 0 && zeros:
			t.skip(p.base+int64(at), t.lines, whyZeros)
		case len(line) == 0:
		case len(line) > maxLine:
			t.skip(p.base+int64(at), t.lines, lineTooLong)
		default:
			l.req.Offset = p.base + int64(at)
			if why := l.parse(line, &l.req); why != "" {
				t.skip(l.req.Offset, t.lines, why)
				break
			}
			if t.events++; l.req.Odd != "" {
				t.warn(l.req.Odd)
			}
			if sink.Request != nil {
				sink.Request(&l.req)
			}
		}
		at = next
	}
}

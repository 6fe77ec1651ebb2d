package logs

import "bytes"

// indexBlock is how many bytes are searched for line ends at a time: few enough to be read from the
// nearest cache again.
const indexBlock = 8 << 10

// lineEnds finds the line ends of a text. The lines of a slow log are short: to look for all ends of a
// block at once costs a third of a search for each. Without index every end is searched for by itself,
// which suits who wants to know a few.
type lineEnds struct {
	buf []byte

	index    []uint32 // of the line ends in buf[from:to]
	from, to int
	line, at int // where the next line begins, and the place of its end in the index
	passed   int // line ends before from
}

// reset begins a new text, with an index.
func (l *lineEnds) reset(buf []byte) {
	if most := min(len(buf), indexBlock); l.index == nil || cap(l.index) < most {
		l.index = make([]uint32, 0, most)
	}
	*l = lineEnds{buf: buf, index: l.index[:0]}
}

// next returns where the line that holds pos ends: the place of its newline, -1 if there is none.
func (l *lineEnds) next(pos int) int {
	if pos != l.line || l.at >= len(l.index) {
		return l.search(pos)
	}
	end := int(l.index[l.at])
	l.line, l.at = end+1, l.at+1
	return end
}

// search is next for any place.
func (l *lineEnds) search(pos int) int {
	if l.index == nil || pos < l.from {
		if i := bytes.IndexByte(l.buf[pos:], '\n'); i >= 0 {
			return pos + i
		}
		return -1
	}
	for l.at > 0 && int(l.index[l.at-1]) >= pos {
		l.at--
	}
	for l.at < len(l.index) && int(l.index[l.at]) < pos {
		l.at++
	}
	for l.at >= len(l.index) {
		if l.line = pos; l.to >= len(l.buf) {
			return -1
		}
		l.passed += len(l.index)
		if pos > l.to {
			l.passed += bytes.Count(l.buf[l.to:pos], newline)
		}
		l.from = max(l.to, pos)
		l.to = min(l.from+indexBlock, len(l.buf))
		l.fill()
	}
	l.line = pos
	return l.next(pos)
}

// fill makes the index of a block.
func (l *lineEnds) fill() {
	l.at, l.index = 0, l.index[:0]
	pos := l.from
	if whole := (l.to - pos) &^ 63; vectors && whole > 0 {
		n := newlineOffsets(&l.index[:1][0], &l.buf[pos], whole, uint32(pos))
		l.index = l.index[:n]
		pos += whole
	}
	for pos < l.to {
		i := bytes.IndexByte(l.buf[pos:l.to], '\n')
		if i < 0 {
			break
		}
		l.index = append(l.index, uint32(pos+i))
		pos += i + 1
	}
}

// before returns how many line ends lie before pos.
func (l *lineEnds) before(pos int) int {
	switch {
	case l.index == nil || pos < l.from:
		return bytes.Count(l.buf[:pos], newline)
	case pos >= l.to:
		return l.passed + len(l.index) + bytes.Count(l.buf[l.to:pos], newline)
	}
	n := l.passed
	for _, end := range l.index {
		if int(end) >= pos {
			break
		}
		n++
	}
	return n
}

// hashLine returns where the next line end at or behind from is that "# " follows, -1 if there is none.
func (l *lineEnds) hashLine(from int) int {
	if l.index == nil {
		if i := bytes.Index(l.buf[from:], hashLine); i >= 0 {
			return from + i
		}
		return -1
	}
	for from < len(l.buf) {
		end := from
		if l.buf[from] != '\n' {
			end = l.next(from)
		}
		if end < 0 || end+2 >= len(l.buf) {
			return -1
		}
		if l.buf[end+1] == '#' && l.buf[end+2] == ' ' {
			return end
		}
		from = end + 1
	}
	return -1
}

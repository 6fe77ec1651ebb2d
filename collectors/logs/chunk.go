package logs

import (
	"context"
	"io"
	"sync"
)

const (
	// chunkSize is how much a worker reads and parses at a time: large enough that cutting and
	// merging cost nothing, small enough to stay near the core that read it.
	chunkSize = 512 << 10
	// maxRecord bounds one slow log record; the text of a longer statement is cut there.
	maxRecord = 16 << 20
	// maxLine bounds one line of a line-by-line log; a longer line is skipped.
	maxLine = 1 << 20
)

// A piece is a run of whole records, or of whole lines.
type piece struct {
	index int
	base  int64 // offset of buf[0] in the input
	buf   []byte
	last  bool // the input ends here
	// continued says that buf begins inside a record too long to hold, and torn that it ends in one.
	continued, torn bool
	// until, if not 0, is where reading stops; what lies behind may still be looked at.
	until int
	// file is where the bytes of a region come from that are unread yet; nil for a piece of a stream.
	file   io.ReaderAt
	unread int
}

// endsRecord reports whether nothing behind the piece belongs to its last record.
func (p *piece) endsRecord() bool { return p.last || p.torn }

// A chunker hands out the pieces of one input in order. Whoever calls next does the reading, so
// that the bytes are warm in the cache of the core that parses them; of a file it is handed regions
// to read.
type chunker struct {
	mu sync.Mutex
	in io.Reader
	// file is in when it can be read anywhere: what is at base is at base-origin there, and end is
	// where it ends, 0 when that is not known.
	file, look  io.ReaderAt
	origin, end int64
	window      []byte
	// cut returns the end of the last whole record, 0 when there is none. None ends before from.
	cut   func(buf []byte, from int) int
	limit int  // longest record to hold
	size  int  // bytes to read at a time
	grows bool // the input does not end where its bytes end
	carry []byte
	base  int64
	index int
	torn  bool
	done  bool
	err   error
}

// next fills buf with the next piece; ok is false after the last one, which may be empty.
func (c *chunker) next(ctx context.Context, buf []byte) (p piece, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done {
		return piece{}, false
	}
	if c.file != nil {
		if p, ok = c.region(buf); ok {
			return p, true
		}
	}
	buf = append(buf[:0], c.carry...)
	c.carry = c.carry[:0]
	p = piece{index: c.index, base: c.base, continued: c.torn}
	searched := 0 // so far without a cut
	for {
		if ctx.Err() != nil {
			c.err = ctx.Err()
		}
		if c.err == nil {
			buf = c.read(buf)
		}
		if c.err == io.EOF && c.base+int64(len(buf)) < c.end {
			c.err = errShrunk
		}
		if c.err != nil && !c.grows {
			c.done, p.last, c.torn = true, true, false
			break
		}
		c.done = c.err != nil
		if end := c.cut(buf, searched); end > 0 {
			c.carry = append(c.carry, buf[end:]...)
			buf = buf[:end]
			c.torn = false
			break
		}
		if c.done && len(buf) < c.limit {
			c.carry, buf = append(c.carry, buf...), buf[:0]
			break
		}
		if end := cutLines(buf, searched); p.continued && end > 0 { // nobody wants the rest of the long record
			c.carry = append(c.carry, buf[end:]...)
			buf = buf[:end]
			c.torn, p.torn = true, true
			break
		}
		if len(buf) >= c.limit {
			c.torn, p.torn = true, true
			break
		}
		searched = len(buf)
	}
	p.buf = buf
	c.base += int64(len(buf))
	c.index++
	return p, true
}

// read appends up to one chunk to buf.
func (c *chunker) read(buf []byte) []byte {
	need := len(buf) + c.size
	if cap(buf) < need {
		grown := make([]byte, len(buf), max(need, 2*len(buf)))
		copy(grown, buf)
		buf = grown
	}
	// Not io.ReadFull: it would make a truncated gzip look like a plain end of file.
	for at := len(buf); at < need && c.err == nil; {
		n, err := c.in.Read(buf[at:need:need])
		at += n
		buf, c.err = buf[:at], err
	}
	return buf
}

// readError is what stopped the reading, nil for a plain end of input.
func (c *chunker) readError() error {
	if c.err == io.EOF {
		return nil
	}
	return c.err
}

package logs

import (
	"context"
	"errors"
	"io"
)

// The workers of a plain file read side by side: the chunker only looks for where a region ends, and
// the worker that it gives the region to reads it, a chunk at a time, so that the bytes are still
// near when they are parsed. A region makes one part, and the fewer parts the less there is to join.

const (
	// regionChunks is how many chunks a region has. More would make joining cheaper still, but the
	// texts of a region stay in memory until it is joined.
	regionChunks = 4
	// lineChunk is how much of a region of lines is read at a time. Between 32 and 256 KiB are as good.
	lineChunk = 64 << 10
	// endWindow is how much is looked at first, before the place where a region should end.
	endWindow = 8 << 10
)

var errShrunk = errors.New("the file became shorter while it was read")

// A sized input can be read anywhere: a plain file, or a log in memory.
type sized interface {
	io.ReaderAt
	io.Seeker
	Size() int64
}

// useFile makes the chunker hand out regions, if its input can be read anywhere.
func (c *chunker) useFile() {
	in, ok := c.in.(sized)
	if !ok || c.grows {
		return
	}
	at, err := in.Seek(0, io.SeekCurrent)
	if err != nil {
		return
	}
	c.file, c.look, c.origin, c.end = in, in, c.base-at, c.base-at+in.Size()
	if counting, ok := in.(*countingSection); ok {
		c.look = counting.SectionReader // what is looked at is read again
	}
}

// region hands out the next region, not yet read. It is not ok where no record ends for as long as a
// region is; the input then goes on as a stream, which has room for longer ones.
func (c *chunker) region(buf []byte) (p piece, ok bool) {
	n := c.end - c.base
	most := int64(regionChunks * c.size)
	room := min(n, most+int64(c.size))
	if n > room {
		if n = c.regionEnd(most); n == 0 {
			c.in, c.file = io.NewSectionReader(c.file, c.base-c.origin, c.end-c.base), nil
			return piece{}, false
		}
	}
	if int64(cap(buf)) < room {
		buf = make([]byte, 0, room)
	}
	p = piece{index: c.index, base: c.base, buf: buf[:0], continued: c.torn, file: c.file, unread: int(n), last: c.base+n >= c.end}
	c.torn, c.done = false, p.last
	c.base += n
	c.index++
	return p, true
}

// regionEnd returns the length, at most that much, of the next region that ends with a record; 0
// when there is none.
func (c *chunker) regionEnd(most int64) int64 {
	for size := min(endWindow, most); ; size = min(4*size, most) {
		if int64(cap(c.window)) < size {
			c.window = make([]byte, size)
		}
		window := c.window[:size]
		if n, _ := c.look.ReadAt(window, c.base-c.origin+most-size); int64(n) < size {
			return 0 // the stream will meet the error
		}
		if end := c.cut(window, 0); end > 0 {
			return most - size + int64(end)
		}
		if size == most {
			return 0
		}
	}
}

// runs hands out what is in a piece in runs of whole records, in order. A region is read on the way.
// read returns how much of the run it has consumed; the rest begins the next one.
func (c *chunker) runs(ctx context.Context, p *piece, read func(run piece) int) {
	if p.file == nil {
		read(*p)
		return
	}
	run := *p
	for pos, searched := 0, 0; ; {
		c.readOn(ctx, p, chunkSize)
		whole := p.unread == 0
		end := len(p.buf)
		if !whole {
			end = c.cut(p.buf, searched)
		}
		if end > pos || whole {
			run.buf, run.base, run.last = p.buf[pos:end], p.base+int64(pos), p.last && whole
			pos += read(run)
			run.continued = false
		}
		if whole {
			return
		}
		searched = len(p.buf)
	}
}

// lineRuns is runs for a log of lines, of which nothing is looked at again: all of a region is read into
// the same little memory, which stays in the nearest caches and leaves room in them.
func (c *chunker) lineRuns(ctx context.Context, p *piece, read func(run piece)) {
	if p.file == nil {
		read(*p)
		return
	}
	run := *p
	for searched := 0; ; {
		c.readOn(ctx, p, lineChunk)
		whole := p.unread == 0
		end := len(p.buf)
		if !whole {
			end = c.cut(p.buf, searched)
		}
		if end > 0 || whole {
			run.buf, run.base, run.last = p.buf[:end], p.base, p.last && whole
			read(run)
			run.continued = false
			p.buf = p.buf[:copy(p.buf, p.buf[end:])]
			p.base += int64(end)
		}
		if whole {
			return
		}
		searched = len(p.buf)
	}
}

// readOn reads the next chunk of a region, of at most so many bytes. When that fails the region, and the
// reading of the input, end there.
func (c *chunker) readOn(ctx context.Context, p *piece, most int) {
	have := len(p.buf)
	next := p.buf[have : have+min(c.size, most, p.unread)]
	n, err := 0, ctx.Err()
	if err == nil {
		n, err = p.file.ReadAt(next, p.base-c.origin+int64(have))
	}
	p.buf = p.buf[:have+n]
	p.unread -= n
	if n == len(next) {
		return
	}
	if err == io.EOF {
		err = errShrunk
	}
	p.unread, p.last = 0, true
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = true
	if c.err == nil {
		c.err = err
	}
}

package logs

import (
	"context"
	"io"
	"os"
	"time"
)

// pipeBuffer is how much of a pipe is read at a time.
const pipeBuffer = 256 << 10

// lastRead is how long what a read has already taken from a pipe may need to be handed over when ctx ends. A read
// that waits for the pipe's writer takes longer.
const lastRead = 100 * time.Millisecond

// Interruptible makes a reader of a pipe or the like that ends with ctx, also while nothing comes, and then with
// the last byte that was taken from it. It is read in another goroutine, which may be left behind in its last read.
func Interruptible(ctx context.Context, in io.Reader) io.Reader {
	widen(in)
	r := &interruptible{ctx: ctx, got: make(chan block, 2), free: make(chan []byte, 2)}
	r.free <- make([]byte, pipeBuffer)
	r.free <- make([]byte, pipeBuffer)
	go func() {
		defer close(r.got)
		for ctx.Err() == nil {
			var b block
			select {
			case b.buf = <-r.free:
			case <-ctx.Done():
				return
			}
			b.n, b.err = in.Read(b.buf)
			r.got <- b // there is room for all buffers
			if b.err != nil {
				return
			}
		}
	}()
	return r
}

// OpenInterruptible opens a named pipe, for which it waits until somebody writes to it, or ctx ends.
func OpenInterruptible(ctx context.Context, path string) (io.ReadCloser, error) {
	type opened struct {
		file *os.File
		err  error
	}
	got := make(chan opened, 1)
	go func() {
		f, err := os.Open(path)
		got <- opened{f, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case o := <-got:
		if o.err != nil {
			return nil, o.err
		}
		return struct {
			io.Reader
			io.Closer
		}{Interruptible(ctx, o.file), o.file}, nil
	}
}

// A block is what one read has brought.
type block struct {
	buf []byte
	n   int
	err error
}

type interruptible struct {
	ctx  context.Context
	got  chan block
	free chan []byte
	now  block
	at   int
}

func (r *interruptible) Read(p []byte) (int, error) {
	for r.at == r.now.n {
		if r.now.err != nil {
			return 0, r.now.err
		}
		if r.now.buf != nil {
			r.free <- r.now.buf
			r.now, r.at = block{}, 0
		}
		r.now = r.next()
	}
	n := copy(p, r.now.buf[r.at:r.now.n])
	r.at += n
	return n, nil
}

// next waits for what comes next; once ctx has ended, only for what was taken by then.
func (r *interruptible) next() block {
	select {
	case b, ok := <-r.got:
		if ok {
			return b
		}
	case <-r.ctx.Done():
		select {
		case b, ok := <-r.got:
			if ok {
				return b
			}
		case <-time.After(lastRead):
		}
	}
	return block{err: r.ctx.Err()}
}

package logs

import (
	"bytes"
	"context"
	"fmt"
	"io"
)

// RawRecord returns one record of a log as it stands there, by where it begins in the log without its
// compression: a line, or the header and statement of a slow log. Nothing was read of the input
// before. Of a longer record than rereadSize the beginning is returned, and cut is true.
func (in *Input) RawRecord(ctx context.Context, offset int64) (text []byte, cut bool, err error) {
	if in.file != nil {
		in.section(offset, in.Size)
	} else if err := skip(ctx, in, offset); err != nil {
		return nil, false, fmt.Errorf("%s: %w", in.Path, err)
	}
	buf := make([]byte, rereadSize)
	n, err := io.ReadFull(in, buf)
	if buf = buf[:n]; n == 0 {
		return nil, false, fmt.Errorf("%s: nothing stands at byte %d any more", in.Path, offset)
	}
	more := err == nil
	if bytes.HasPrefix(buf, []byte("# ")) {
		var slow slowReader
		_, end := slow.first(piece{buf: buf, torn: more, last: !more})
		return bytes.TrimRight(buf[:end], "\r\n"), end == len(buf) && more, nil
	}
	if end := bytes.IndexByte(buf, '\n'); end >= 0 {
		return bytes.TrimRight(buf[:end], "\r"), false, nil
	}
	return buf, more, nil
}

// skip reads over n bytes.
func skip(ctx context.Context, r io.Reader, n int64) error {
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("it takes too long to come to that place in a compressed log: %w", err)
		}
		got, err := io.CopyN(io.Discard, r, min(n, 1<<20))
		if n -= got; err != nil {
			return fmt.Errorf("the log is shorter than it was: %w", err)
		}
	}
	return nil
}

package logs

import (
	"bytes"
	"io"
	"os"
)

// Of a record its header and the beginning of its statement are read again: most are short.
const (
	rereadFirst = 4 << 10
	rereadSize  = 64 << 10
)

// A Rereader reads statements of slow logs again by where their records begin. It keeps the last
// file open.
type Rereader struct {
	path string
	file *os.File
	buf  []byte
	slow slowReader
}

// Statement returns the text of the statement whose record begins at offset; ok is false when the
// file is compressed, gone or holds no record there.
func (r *Rereader) Statement(path string, offset int64) (sql string, ok bool) {
	if r.file == nil || path != r.path {
		r.Close()
		f, err := os.Open(path)
		if err != nil {
			return "", false
		}
		r.path, r.file = path, f
	}
	if r.buf == nil {
		r.buf = make([]byte, rereadSize)
	}
	for _, size := range []int{rereadFirst, rereadSize} {
		n, err := r.file.ReadAt(r.buf[:size], offset)
		buf := r.buf[:n]
		if err != nil && err != io.EOF || !bytes.HasPrefix(buf, []byte("# ")) {
			return "", false
		}
		body, end := r.slow.first(piece{buf: buf, torn: n == size, last: n < size})
		if end == size && size < rereadSize {
			continue
		}
		text, _, _ := r.slow.stamp.splitBody(buf[body:end])
		text, _ = adminCommand(text)
		return string(text), r.slow.head.hasQueryTime
	}
	return "", false
}

// Close closes the file that was last read.
func (r *Rereader) Close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	return err
}

package logs

import (
	"bytes"
	"io"
	"os"

	"dbtriage/collectors"
)

// rereadSize is how much of a record is read again: its header and the beginning of its statement.
const rereadSize = 64 << 10

// A Rereader reads statements of slow logs again by where their records begin. It keeps the last
// file open.
type Rereader struct {
	path string
	file *os.File
	buf  []byte
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
	n, err := r.file.ReadAt(r.buf, offset)
	buf := r.buf[:n]
	if err != nil && err != io.EOF || !bytes.HasPrefix(buf, []byte("# ")) {
		return "", false
	}
	var h header
	var st collectors.Statement
	body := h.read(buf, 0, &st)
	end, _ := recordEnd(buf, body, piece{buf: buf, torn: n == len(r.buf), last: n < len(r.buf)})
	text, _, _ := splitBody(buf[body:end])
	text, _ = adminCommand(text)
	return string(text), h.hasQueryTime
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
